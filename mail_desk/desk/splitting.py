"""拆分: one mail holds several matters, and some of them become a ticket of their own.

Nothing is taken from the ticket: its mails and files stay, and the new one gets a copy of the row of each mail
concerned, with the files named and the true day of arrival, from which its limits count, and is what the first one
was said to be (a complaint). Who may not see the first
ticket may not see the second one. A further mail that is something new as a whole is moved: that is `separate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from mail_desk.desk import enclosing, opening, verbs_mails
from mail_desk.desk.case import Case
from mail_desk.desk.enclosing import TicketFile
from mail_desk.desk.outcome import Actor, Outcome, date_words, in_words, state_name
from mail_desk.inbound.classify import Kind
from mail_desk.inbound.parse import parse
from mail_desk.store import raw
from mail_desk.store.schema import SPLIT, Message, MessageState
from mail_desk.tickets import assignment, splitting
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.events_notes import SplitOff
from mail_desk.tickets.policy import Transition
from mail_desk.tickets.splitting import LONGEST, Splitting


@dataclass(frozen=True, slots=True)
class _Part:
    """A mail of the ticket, and which of its files go along; None: all of them."""

    message: Message
    files: list[TicketFile] | None


def split(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    """Make a ticket of what was named. It cannot be undone, only merged back: the sender is told its number."""
    files = enclosing.files_of(case)
    asked = splitting.read(command.words, [f.filename for f in files])
    if not asked.subject:
        moved = _one_further_mail(case, asked)
        if moved:
            return verbs_mails.separate(case, replace(command, argument=moved, words=""), actor, transition)
        return _refused(
            actor,
            "未拆分：请写明新件的主题，例：#拆分 附件2、附件3 增值税退税迟延",
            "Not split: say what the new ticket is about, e.g. #split attachments 2, 3 Delay of VAT refund",
        )
    if len(asked.subject) > LONGEST:
        return _refused(
            actor,
            f"未拆分：主题最多{LONGEST}个字，其余的话请另起一行。",
            f"Not split: a subject has at most {LONGEST} characters; put the rest on a line of its own.",
        )
    parts = _parts(case, asked, files)
    if isinstance(parts, str):
        listed = "；".join(f"{n} {f.filename}" for n, f in enumerate(files, start=1)) or "—"
        return _refused(
            actor,
            f"未拆分：此件没有“{parts}”。此件的文件：{listed}",
            f"Not split: there is no “{parts}” on this ticket. Its files: {listed}",
        )
    made = _open(case, actor, asked, parts)
    return _done(case, actor, made, parts)


def _refused(actor: Actor, zh: str, en: str) -> Outcome:
    return Outcome(False, actor.say(zh, en))


def _mails(case: Case) -> dict[int, Message]:
    """Return the complainant's mails of the ticket that hold something, by id; the opening one first."""
    query = select(Message).where(Message.ticket_id == case.row.id, Message.raw_sha256.is_not(None))
    return {row.id: row for row in case.work.session.scalars(query.order_by(Message.received_at, Message.id))}


def _one_further_mail(case: Case, asked: Splitting) -> str:
    """Return the mail where one further mail is all that was named: then it is moved; "" otherwise."""
    if asked.numbers or asked.names or len(asked.mails) != 1 or asked.mails[0][1] is not None:
        return ""
    number = asked.mails[0][0]
    opened = next(iter(_mails(case)), None)
    return "" if number == opened else f"M{number}"


def _parts(case: Case, asked: Splitting, files: Sequence[TicketFile]) -> list[_Part] | str:
    """Return the mails concerned with their files, or what is not there."""
    mails = _mails(case)
    chosen: dict[int, list[TicketFile] | None] = {}

    def take(file: TicketFile) -> None:
        held = chosen.setdefault(file.ref[0], [])
        if held is not None and file not in held:
            held.append(file)

    for number in asked.numbers:
        if not 1 <= number <= len(files):
            return f"附件{number}"
        take(files[number - 1])
    for name in asked.names:
        take(next(f for f in reversed(files) if f.filename == name))
    for mail, nth in asked.mails:
        if mail not in mails:
            return f"M{mail}"
        if nth is None:
            chosen[mail] = None
            continue
        wanted = next((f for f in files if f.name == f"M{mail}-{nth}"), None)
        if wanted is None:
            return f"M{mail}-{nth}"
        take(wanted)
    if not chosen:
        chosen[next(iter(mails))] = None
    return [_Part(mails[mail], chosen[mail]) for mail in mails if mail in chosen]


def _copy(case: Case, command: Message, part: _Part, nth: int, subject: str) -> Message:
    """Return a row of the same mail for the other ticket: its bytes, its day, the files that go along."""
    source = part.message
    kept = None if part.files is None else {f.ref[1] for f in part.files}
    row = Message(
        account=source.account,
        folder=SPLIT,
        role=SPLIT,
        uidvalidity=command.id,
        uid=nth,
        raw_sha256=source.raw_sha256,
        received_at=source.received_at,
        spooled_at=case.work.now,
        state=MessageState.DONE,
        kind=source.kind,
        filed_as="opened" if nth == 1 else "follow-up",
        from_address=source.from_address,
        from_name=source.from_name,
        subject=subject,
        language=source.language,
        new_text=source.new_text,
        verified=source.verified,
        attachments=[a for a in source.attachments or [] if kept is None or a["index"] in kept],
        linked=source.linked,
        defects=source.defects,
    )
    case.work.session.add(row)
    case.work.session.flush()
    return row


def _open(case: Case, actor: Actor, asked: Splitting, parts: Sequence[_Part]) -> Case:
    work = case.work
    rows = [_copy(case, actor.message, part, nth, asked.subject) for nth, part in enumerate(parts, start=1)]
    first = rows[0]
    mails = [parse(raw.load(work.session, work.rules.spool_dir, row.raw_sha256 or "")) for row in rows]
    text = f"{asked.subject}\n{asked.note}".strip()
    made = opening.open_ticket(
        work,
        message=first,
        mail=replace(mails[0], subject=asked.subject, text=text),
        language="en" if case.row.language == "en" else "zh",
        no_receipt=""
        if first.kind == Kind.MESSAGE.value
        else actor.say("自动或群发邮件", "automatic or bulk mail"),
        related=(),
        continues=case,
        split=opening.SplitFrom(
            hidden=tuple(_hidden(case, text, parts, [mail.text for mail in mails])),
            note=asked.note,
            by=actor.person.key,
            kind=case.ticket.kind or "",
        ),
    )
    for row in rows[1:]:
        row.ticket_id = made.row.id
        made.record(
            e.FollowedUp(row.id, "complainant", row.verified),
            actor="desk",
            cause=f"message:{row.id}",
            at=row.received_at,
        )
    for part, row in zip(parts, rows, strict=True):
        refs = tuple(f.ref for f in part.files or enclosing.files_in(part.message))
        case.record(
            SplitOff(part.message.id, made.row.number, refs),
            actor=actor.person.key,
            cause=f"message:{row.id}",  # not of the command: `undo` does not reach it
        )
    return made


def _hidden(case: Case, text: str, parts: Sequence[_Part], texts: Sequence[str]) -> list[str]:
    """Return who must not see the new ticket: who does not see this one, or is named in what goes along."""
    found = set(case.ticket.hidden)
    for part, mail in zip(parts, texts, strict=True):
        complaint = assignment.Complaint(
            language="en" if case.row.language == "en" else "zh",
            sender=case.row.complainant_address,
            subject=part.message.subject or "",
            text=f"{text}\n{mail}",
            file_names=tuple(f.filename for f in enclosing.files_in(part.message)),
        )
        named = assignment.named_persons(complaint, case.work.people)
        if len(named) < len(case.work.people.person):
            found |= {person.key for person in named}
    return sorted(found)


def _done(case: Case, actor: Actor, made: Case, parts: Sequence[_Part]) -> Outcome:
    hidden = actor.person.key in made.ticket.hidden
    number = "" if hidden else f" {made.row.number}"
    names = [f.filename for part in parts for f in part.files or enclosing.files_in(part.message)]
    handler = made.handler
    who_zh = "" if hidden or handler is None else f"，由{handler.name}办理"
    who_en = "" if hidden or handler is None else f", handled by {handler.name_en or handler.name}"
    day = case.work.rules.day_of(made.row.received_at)
    by = "" if hidden else date_words(made, "decide", actor.language)
    outcome = Outcome(
        True,
        actor.say(
            f"已拆分为{number}：{made.row.subject}，收到日期{in_words(day, 'zh')}{who_zh}"
            + (f"（{by}前决定是否受理）" if by else ""),
            f"Split off as{number}: {made.row.subject}, received {in_words(day, 'en')}{who_en}"
            + (f" (decide by {by})" if by else ""),
        ),
        after=state_name(case, actor.language),
    )
    if names:
        outcome.what += actor.say(f"；随去文件：{'、'.join(names)}", f"; files along: {', '.join(names)}")
    outcome.what += actor.say(
        "。本件的来信和文件不变。", ". Mails and files of this ticket stay as they are."
    )
    return outcome
