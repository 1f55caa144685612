"""Files that leave with a question to an organ: only those named in it, by name or by number.

The list is that of the ticket, oldest first, behind the files of the command mail itself. What was not
named leaves nothing behind: no bytes, no name.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mail_desk.desk.case import Case
from mail_desk.desk.files import harmful
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.inbound.parse import part_bytes
from mail_desk.outbound import traces
from mail_desk.outbound.letters import File
from mail_desk.store import raw
from mail_desk.store.schema import Message
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.organ_questions import Asking

LISTED = 30


@dataclass(frozen=True)
class _Held:
    """A file of the ticket."""

    message: Message
    attachment: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.attachment["filename"] or "—")


@dataclass(frozen=True)
class Chosen:
    """A file that leaves."""

    file: File
    from_complainant: bool


def held(case: Case, command: Message) -> list[_Held]:
    """Return the ticket's files, those of the command mail first, each content once."""
    query = select(Message).where(Message.ticket_id == case.row.id, Message.raw_sha256.is_not(None))
    messages = [
        command,
        *(m for m in case.work.session.scalars(query.order_by(Message.id)) if m.id != command.id),
    ]
    found: dict[tuple[str, str], _Held] = {}
    for message in messages:
        for attachment in message.attachments or []:
            if not attachment.get("inline") and message.raw_sha256 is not None:
                key = (str(attachment["filename"]), str(attachment["sha256"]))
                found.setdefault(key, _Held(message, attachment))
    return list(found.values())


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _matching(files: list[_Held], wanted: str) -> list[_Held]:
    """Return the files a name means: by number, by whole name, else by the name without its ending."""
    folded = fold(wanted).strip()
    if folded.isdecimal() and 1 <= int(folded) <= len(files):
        return [files[int(folded) - 1]]
    whole = [f for f in files if fold(f.name).strip() == folded]
    return whole or [f for f in files if fold(_stem(f.name)).strip() == folded]


def chosen(case: Case, actor: Actor, asking: Asking, line: Callable[[str], str]) -> list[Chosen] | Outcome:
    """Return the files named, or the refusal with the list. `line`: the command with other words."""
    files = held(case, actor.brought) if asking.files else []
    found: list[_Held] = []
    for wanted in asking.files:
        hits = _matching(files, wanted)
        if len(hits) != 1:
            return _refusal(actor, asking, files, wanted, line, several=bool(hits))
        found += [hit for hit in hits if hit not in found]
    if stays := [f.name for f in found if harmful(f.name)]:
        names = "；".join(stays)
        return Outcome(
            False,
            actor.say(
                f"未发出：{names} 是可执行类文件，不随信发送，原件已保存。",
                f"Not sent: {names} can run when opened and travels in no letter; the original is kept.",
            ),
        )
    total = sum(f.attachment["size"] for f in found)
    most = case.work.settings.desk.attach_up_to_mb
    if total > most * 2**20:
        return Outcome(
            False,
            actor.say(
                f"附件共{total / 2**20:.1f} MB，超过{most} MB，未发出。",
                f"Not sent: the files have {total / 2**20:.1f} MB, more than {most} MB.",
            ),
        )
    return [_loaded(case, f) for f in found]


def _loaded(case: Case, file: _Held) -> Chosen:
    content = raw.load(case.work.session, case.work.rules.spool_dir, file.message.raw_sha256 or "")
    data = part_bytes(content, file.attachment["index"])
    staff = case.work.people.by_address(file.message.from_address or "") is not None
    organ = case.work.people.organ_of(file.message.from_address or "") is not None
    cleaned = traces.clean(file.name, data)
    made = File(file.name, file.attachment["content_type"], cleaned.data, cleaned.kept)
    return Chosen(made, not staff and not organ)


def _refusal(
    actor: Actor,
    asking: Asking,
    files: list[_Held],
    wanted: str,
    line: Callable[[str], str],
    *,
    several: bool,
) -> Outcome:
    listed = [f"{n}. {f.name}" for n, f in enumerate(files[:LISTED], start=1)]
    zh = f"有不止一个文件叫“{wanted}”，请写编号" if several else f"没有名为“{wanted}”的附件"
    en = (
        f"Several files are called “{wanted}”: give the number" if several else f"There is no file “{wanted}”"
    )
    what = actor.say(
        f"未发出：{zh}。此件的文件：{'；'.join(listed) if listed else '无'}",
        f"Not sent: {en}. Files of this ticket: {'; '.join(listed) if listed else 'none'}",
    )
    offers: list[tuple[str, str, str, bool]] = []
    for n in _likely(files, wanted, several=several):
        names = [str(n) if name == wanted else name for name in asking.files]
        shown = files[n - 1].name
        days = _time(asking)
        offers.append((
            line(f"{days}{asking.words}\n附件：{'、'.join(names)}"),
            f"附上 {n}. {shown}，发出",
            f"Send it with {n}. {shown}",
            False,
        ))  # fmt: skip
    if asking.words:
        offers.append(
            (line(f"{_time(asking)}{asking.words}"), "不带附件发出", "Send it without files", False)
        )
    return Outcome(False, what, offers=offers)


def _time(asking: Asking) -> str:
    return f"{asking.days}个工作日内，" if asking.days else ""


def _likely(files: list[_Held], wanted: str, *, several: bool) -> list[int]:
    """Return the numbers of the files that were probably meant, at most three."""
    if several:
        return [n for n, f in enumerate(files, 1) if fold(wanted) in (fold(f.name), fold(_stem(f.name)))][:3]
    names = [fold(f.name) for f in files]
    near = difflib.get_close_matches(fold(wanted), names, n=3, cutoff=0.6)
    near += [n for n in names if fold(_stem(wanted)) and fold(_stem(wanted)) in n and n not in near]
    return [names.index(n) + 1 for n in dict.fromkeys(near)][:3]
