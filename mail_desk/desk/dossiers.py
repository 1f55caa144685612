"""The dossier (卷宗) of a ticket: gathered from its events, mails and letters, and sent to who may have it.

Who may read the ticket may have it (`reading_rights.py`); each one given stands in the ledger and in the
supervisors' next worklist. What is undone stays in it, marked. Changes no ticket.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import undefer

from mail_desk.config import Language, Person
from mail_desk.desk import casebook, enclosing, reading_rights, register
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, many, state_name
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.inbound.parse import part_bytes
from mail_desk.outbound.components import MARK
from mail_desk.outbound.letters import DossierContext, File, LetterKind
from mail_desk.outbound.wording import one_line
from mail_desk.reports.dossier import Dossier, Entry, page
from mail_desk.reports.dossier_pdf import pdf
from mail_desk.schedule import explanation
from mail_desk.store import raw
from mail_desk.store.schema import EventRow, LetterRow, LetterState, Message, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import events_notices as en
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.ticket import live

_TAG = re.compile(r"\[[A-Z2-7]{10}\] ?")  # keys of letters are nobody else's
STAFF_MAIL = ("command", "note")  # how their mails are filed: what they did stands among the events
# Told by the mail or the letter itself, or of no interest on paper.
_NOT_LISTED = (e.Received, e.FollowedUp, e.AnsweredByHand, e.LetterQueued, e.Reminded, e.Escalated, e.Undone)
# What was decided, reached the complainant, or came from it: the rest is internal.
_OUTWARD = (
    e.MaterialsRequested,
    e.Accepted,
    e.Declined,
    e.Extended,
    e.Concluded,
    e.Transferred,
    e.Withdrawn,
    e.Suspended,
    e.Resumed,
    e.Replied,
    e.Closed,
    e.NoticeServed,
    e.NoticeFailed,
    e.Delivered,
    e.Confirmed,
    en.NoticeNumbered,
    en.Dispatched,
    en.Enclosed,
)
_BY_MAIL = (e.ProposalApproved, e.ProposalRefused, e.ApprovalRecorded, e.Delivered, e.Instructed)


@dataclass(frozen=True, slots=True)
class Original:
    """A file of the archive of originals."""

    name: str
    data: bytes


def gather(case: Case, reader: Actor) -> tuple[Dossier, list[Original]]:
    """Return a ticket's dossier in the reader's language, and the originals it names."""
    gathering = _Gathering(case, reader)
    row, work = case.row, case.work
    zh = reader.language == "zh"
    made = f"{_moment(case, work.now)} {reader.person.name}"
    view = case.view(reader.language)
    facts = (
        ("投诉人" if zh else "Complainant", _complainant(case)),
        ("企业" if zh else "Enterprise", view.enterprise),
        ("收件日期" if zh else "Received", _moment(case, row.received_at)),
        ("状态" if zh else "State", state_name(case, reader.language)),
        ("经办人" if zh else "Handler", view.handler),
        ("分类" if zh else "Category", view.category),
        ("结案日期" if zh else "Closed", _moment(case, row.closed_at) if row.closed_at else ""),
        (
            "办理程序" if zh else "Procedure",
            f"{case.procedure.name(reader.language)} {row.procedure_version}",
        ),
    )
    dossier = Dossier(
        language=reader.language,
        number=row.number,
        title=row.subject,
        office=work.settings.desk.office.name_zh if zh else work.settings.desk.office.name_en,
        made=made,
        head=row.last_hash,
        facts=facts,
        dates=tuple(explanation.explain(due, case.procedure, reader.language) for due in case.dues),
        notices=_notices(case, reader.language),
        entries=gathering.entries(),
    )
    return dossier, gathering.originals


def _complainant(case: Case) -> str:
    name, address = case.row.complainant_name, case.row.complainant_address
    return f"{name} <{address}>".strip() if address else name


def _moment(case: Case, at: datetime) -> str:
    return at.astimezone(case.work.settings.desk.zone).strftime("%Y-%m-%d %H:%M")


def _notices(case: Case, language: Language) -> tuple[tuple[str, str, str, str], ...]:
    names = {form.key: form.name(language) for form in case.procedure.forms}
    return tuple(
        (
            entry.number,
            names.get(entry.form, entry.form),
            case.work.rules.day_of(entry.at).isoformat(),
            register.STATES[entry.state][0 if language == "zh" else 1],
        )
        for entry in register.entries_of(case.work.session, case.row, case.recorded)
    )


class _Gathering:
    """Puts mails, letters and events in their order, and their originals beside them."""

    def __init__(self, case: Case, reader: Actor) -> None:
        self._case = case
        self._reader = reader
        self._zh = reader.language == "zh"
        self._holding = {r.seq for r in live(case.recorded)}
        self.originals: list[Original] = []

    def entries(self) -> tuple[Entry, ...]:
        found = [*self._mails(), *self._letters(), *self._events()]
        found.sort(key=lambda pair: pair[0])
        return tuple(_nth(entry, n) for n, (_, entry) in enumerate(found, start=1))

    def _say(self, zh: str, en: str) -> str:
        return zh if self._zh else en

    def _mails(self) -> Iterable[tuple[datetime, Entry]]:
        case = self._case
        proofs = {
            int(r.cause.removeprefix("message:"))
            for r in case.recorded
            if isinstance(r.event, _BY_MAIL) and r.cause is not None and r.cause.startswith("message:")
        }
        query = select(Message).where(Message.ticket_id == case.row.id).order_by(Message.id)
        for message in case.work.session.scalars(query):
            if message.filed_as in STAFF_MAIL and message.id not in proofs:
                continue
            names = self._keep_mail(message)
            inside = message.filed_as in STAFF_MAIL
            title = self._say("内部来信", "Mail of staff") if inside else self._say("来信", "Mail")
            yield (
                message.received_at,
                Entry(
                    nth=0,
                    at=_moment(case, message.received_at),
                    title=f"{title} M{message.id}：{_TAG.sub('', message.subject or '')}",
                    who=f"{message.from_name or ''} <{message.from_address or ''}>".strip(),
                    inside=inside,
                    facts=(
                        (
                            self._say("身份", "Sender"),
                            self._say("已核实", "verified") if message.verified else "",
                        ),
                        (
                            self._say("附件", "Files"),
                            "、".join(f.filename for f in enclosing.files_in(message)),
                        ),
                    ),
                    words=message.new_text or "",
                    originals=names,
                ),
            )

    def _keep_mail(self, message: Message) -> tuple[str, ...]:
        work = self._case.work
        if message.raw_sha256 is None:
            return ()
        try:
            content = raw.load(work.session, work.rules.spool_dir, message.raw_sha256)
        except FileNotFoundError:
            return (self._say("（原件缺失）", "(the original is lost)"),)
        if not len(content):
            return (self._say("（已依法删除）", "(erased)"),)
        kept = [Original(f"originals/M{message.id}.eml", bytes(content))]
        kept += [
            Original(f"attachments/{file.name} {_safe(file.filename)}", part_bytes(content, file.ref[1]))
            for file in enclosing.files_in(message)
        ]
        self.originals += kept
        return tuple(original.name for original in kept)

    def _letters(self) -> Iterable[tuple[datetime, Entry]]:
        case = self._case
        query = (
            select(LetterRow)
            .where(LetterRow.ticket_id == case.row.id, LetterRow.audience.in_(("enterprise", "organ")))
            .options(undefer(LetterRow.raw), undefer(LetterRow.text))
            .order_by(LetterRow.id)
        )
        for letter in case.work.session.scalars(query):
            name = f"originals/L{letter.id}.eml"
            if letter.raw:
                self.originals.append(Original(name, letter.raw))
            at = letter.sent_at or letter.created_at
            yield (
                at,
                Entry(
                    nth=0,
                    at=_moment(case, at),
                    title=self._say("去信", "Letter")
                    + f"：{letter.subject.removeprefix(f'[{letter.tag}]').strip()}",
                    who=letter.recipient,
                    inside=False,
                    undone=letter.state == LetterState.CANCELLED,
                    facts=(
                        (self._say("送出", "Sent"), self._served(letter)),
                        (self._say("服务器回执", "Server's reply"), letter.last_reply or ""),
                        ("Message-ID", letter.message_id),
                    ),
                    words=_without_mark(letter.text),
                    originals=(name,) if letter.raw else (),
                ),
            )

    def _served(self, letter: LetterRow) -> str:
        if letter.state == LetterState.SENT and letter.sent_at is not None:
            return self._say("对方服务器已接收：", "accepted by the server: ") + _moment(
                self._case, letter.sent_at
            )
        if not letter.recipient:
            return self._say("没有电子邮箱，打印后另行送达", "no e-mail address: printed, served otherwise")
        names = {
            LetterState.CANCELLED: ("没有发出", "not sent"),
            LetterState.FAILED: ("被拒收", "refused"),
            LetterState.REVIEW: ("待放行", "waits for release"),
        }
        return self._say(*names.get(letter.state, ("待发", "queued")))

    def _events(self) -> Iterable[tuple[datetime, Entry]]:
        case = self._case
        for r in case.recorded:
            if isinstance(r.event, _NOT_LISTED):
                continue
            who, what = casebook.told(case, r, self._reader)
            title, _, words = what.partition("\n")
            yield (
                r.at,
                Entry(
                    nth=0,
                    at=_moment(case, r.at),
                    title=title,
                    who=who,
                    inside=not isinstance(r.event, _OUTWARD),
                    undone=r.seq not in self._holding,
                    facts=self._cause(r),
                    words=words,
                ),
            )

    def _cause(self, r: Recorded) -> tuple[tuple[str, str], ...]:
        rows = []
        if r.recorded_at - r.at > timedelta(minutes=1):
            rows.append((self._say("登记时间", "Recorded"), _moment(self._case, r.recorded_at)))
        if r.cause and r.cause.startswith("message:"):
            rows.append((self._say("依据", "By mail"), f"M{r.cause.removeprefix('message:')}"))
        return tuple(rows)


def _nth(entry: Entry, n: int) -> Entry:
    return Entry(
        n,
        entry.at,
        entry.title,
        entry.who,
        entry.inside,
        entry.undone,
        tuple(row for row in entry.facts if row[1]),
        entry.words,
        entry.originals,
    )


def _without_mark(text: str) -> str:
    """Return a letter's text without the line that says where to reply."""
    first, _, rest = text.partition("\n")
    return rest.lstrip("\n") if MARK in first else text


def _safe(filename: str) -> str:
    """Return a name no archive tool stumbles over."""
    plain = "".join("_" if char in '/\\:*?"<>|' else char for char in one_line(filename))
    return plain.strip(". ")[-120:] or "file"


# --- giving it out --------------------------------------------------------------------------------


def packed(originals: Sequence[Original], largest: int) -> tuple[list[bytes], list[str]]:
    """Return archives of at most `largest` bytes of files each, and the names of files too large for any."""
    archives: list[list[Original]] = []
    size, left_out = 0, []
    for original in originals:
        if len(original.data) > largest:
            left_out.append(original.name)
            continue
        if not archives or size + len(original.data) > largest:
            archives.append([])
            size = 0
        archives[-1].append(original)
        size += len(original.data)
    return [zipped(files) for files in archives], left_out


def zipped(files: Iterable[Original]) -> bytes:
    """Return files as one archive; the same files give the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.data)
    return written.getvalue()


def give(case: Case, actor: Actor) -> Outcome:
    """Send the dossier to who asked for it and may read it, in as many mails as it takes, and put that on record."""
    dossier, originals = gather(case, actor)
    printed = pdf(dossier)
    largest = int(case.work.settings.desk.letter_up_to_mb * 2**20)
    archives, left_out = packed(originals, largest)
    name = actor.say("卷宗", "case-file")
    first = [File(f"{case.row.number} {name}.html", "text/html", page(dossier).encode())]
    if printed is not None:
        first.append(File(f"{case.row.number} {name}.pdf", "application/pdf", printed))
    zips = [
        File(f"{case.row.number} {actor.say('原件', 'originals')}{n}.zip", "application/zip", data)
        for n, data in enumerate(archives, start=1)
    ]
    parts = _parts(first, zips, largest)
    to = to_person(case.work, actor.person)
    for n, files in enumerate(parts, start=1):
        context = DossierContext(
            ticket=case.view(to.language),
            reader=to.name,
            part=n,
            parts=len(parts),
            entries=len(dossier.entries),
            printed=printed is not None,
            left_out=tuple(left_out),
        )
        post(case.work, LetterKind.DOSSIER, to, context, Cause(actor.cause), case=case, files=files)
    given = en.DossierGiven(actor.person.key, len(parts))
    case.record(given, actor=actor.person.key, cause=f"shown:{actor.message.id}")  # `undo` takes nothing back
    return Outcome(
        True,
        actor.say(
            f"卷宗共{len(dossier.entries)}项，分{len(parts)}封信寄给您（调阅已登记）",
            f"The file has {len(dossier.entries)} documents and comes in {many(len(parts), 'mail')}; this is on record",
        ),
    )


def _parts(first: list[File], zips: list[File], largest: int) -> list[list[File]]:
    """Put the page and the first archive into one mail where they fit, each further archive into its own."""
    parts = [first]
    for file in zips:
        if sum(len(f.data) for f in parts[-1]) + len(file.data) <= largest:
            parts[-1].append(file)
        else:
            parts.append([file])
    return parts


def given_since(work: Work, since: datetime, reader: Person) -> list[tuple[str, str, str]]:
    """Return which files were given out since an instant, for the supervisor's worklist: ticket, who, when."""
    query = (
        select(TicketRow.number, TicketRow.hidden_from, EventRow.data, EventRow.at)
        .join(EventRow, EventRow.ticket_id == TicketRow.id)
        .where(EventRow.type == "DossierGiven", EventRow.at >= since)
        .order_by(EventRow.at)
    )
    rows = []
    for number, hidden, data, at in work.session.execute(query):
        if reader.key not in hidden and data["to"] != reader.key:
            when = at.astimezone(work.settings.desk.zone).strftime("%m-%d %H:%M")
            rows.append((number, reading_rights.called(work, data["to"], reader), when))
    return rows
