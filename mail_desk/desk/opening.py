"""Opening a ticket: number, accused, handler, receipt, first letter: in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mail_desk.config import Language
from mail_desk.desk import closed, files, leader_pace, linked, near, notify, outward
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause
from mail_desk.desk.work import Work
from mail_desk.inbound.mail import Mail
from mail_desk.store.schema import Message, Participant, TicketRow
from mail_desk.tickets import assignment
from mail_desk.tickets import events as e


@dataclass(frozen=True, slots=True)
class Registered:
    """What a person says of a complaint that did not come by mail (`registering.py`)."""

    by: str  # person key
    received_at: datetime  # the true one: limits count from it
    channel: str
    enterprise: str | None  # key in the ledger
    said: str  # to the handler: who put it down, and how it came


@dataclass(frozen=True, slots=True)
class SplitFrom:
    """Of a ticket that was one matter of several (`splitting.py`)."""

    hidden: tuple[str, ...]  # persons who must not see it, whatever its own words say
    note: str  # to its handler
    by: str  # person key
    kind: str  # what the first ticket was said to be, "" where nobody has said


def open_ticket(
    work: Work,
    *,
    message: Message,
    mail: Mail,
    language: Language | None,
    no_receipt: str,
    related: Sequence[TicketRow],
    continues: Case | None = None,
    registered: Registered | None = None,
    split: SplitFrom | None = None,
) -> Case:
    """Make a ticket of a mail. `no_receipt`: why no acknowledgement goes out, "" if one does.

    `related`: open tickets of the same sender. `continues`: the ticket this mail was sent to.
    `registered`: somebody of the office put it down; `message` is that person's mail, `mail` what was put down.
    `split`: it is one matter of those in `continues`; `message` is a copy of that ticket's mail.
    """
    known = (mail.author.address or message.from_address or "") not in work.new
    case = _row(work, message, mail, language or work.settings.desk.default_language)
    cause = f"message:{message.id}" if registered is None else f"registered:{message.id}"
    channel = "adopted" if message.filed_as == "adopted" else "mail"
    actor, at = "complainant", message.received_at
    if registered is not None:
        channel, actor, at = registered.channel, registered.by, registered.received_at
        case.row.received_at, case.row.enterprise = at, registered.enterprise or case.row.enterprise
    case.row.channel = channel
    case.record(e.Received(message.id, channel), actor=actor, cause=cause, at=at)
    if continues is not None:
        case.record(e.Linked(continues.row.number), actor="desk", cause=cause)
    for person in split.hidden if split is not None else ():
        case.record(e.Hidden(person, "原件已回避 / hidden from the first ticket"), actor="desk", cause=cause)
    because = _assign(work, case, mail, cause)
    if split is not None and split.kind:
        case.record(e.Marked(split.kind), actor=split.by, cause=cause)
    case.settle()
    if not no_receipt:
        seen = files.file_views(message, attached=False) if registered is None else ()
        of = continues.row.number if split is not None and continues is not None else ""
        outward.receipt(case, message, seen, files.cloud_views(mail), split_from=of)
    readers = {person.key for person in notify.watchers(case)}
    related = [row for row in related if not set(row.hidden_from) & readers]
    twins = near.find(work, case, message, readers=readers, known=known) if split is None else []
    said = {twin.row.id for twin in twins}
    warnings = _warnings(work, case, no_receipt, [row for row in related if row.id not in said], mail)
    warnings[:0] = [twin.sentence(zh=work.settings.desk.staff_language == "zh") for twin in twins]
    if continues is not None and not continues.ticket.hidden & readers:
        warnings.insert(0, closed.continues(continues) if split is None else closed.split_off(continues))
    if split is not None and split.note:
        warnings.insert(1, split.note)
    if registered is not None:
        warnings.insert(0, registered.said)
    warnings += linked.warning(work, message, asked=not no_receipt)
    first = linked.asking_at_once(case, message) if no_receipt else []
    first += near.merges(case, [twin.row for twin in twins] + related)
    _tell_handler(case, message, mail, because, warnings, first)
    message.ticket_id = case.row.id  # last: one more UPDATE of the message, not two
    return case


def _row(work: Work, message: Message, mail: Mail, language: Language) -> Case:
    year = work.today.year
    author = mail.author
    enterprise = work.settings.enterprise_of(author.address)
    row = TicketRow(
        number=f"{year}-{work.next_number(f'ticket/{year}'):04d}",
        state=work.rules.procedure.states[0].key,
        procedure=work.rules.procedure.key,
        procedure_version=work.rules.procedure.version,
        received_at=message.received_at,
        enterprise=enterprise.key if enterprise is not None else None,
        language=language,
        complainant_name=author.name,
        complainant_address=author.address.lower(),
        subject=mail.subject,
    )
    work.session.add(row)
    work.session.flush()
    if row.complainant_address:
        work.session.add(
            Participant(
                ticket_id=row.id, address=row.complainant_address, name=author.name, role="complainant"
            )
        )
    if (wished := answers_to(work, mail)) != row.complainant_address:
        work.session.add(Participant(ticket_id=row.id, address=wished, name=author.name, role="reply-to"))
    work.new -= {row.complainant_address, wished}
    case = Case(work, row, [])
    case.answers_to = wished
    return case


def answers_to(work: Work, mail: Mail) -> str:
    """Return where answers to this mail go (RFC 5322 §3.6.2): Reply-To, where it names one address outside.

    It is a destination and never an identity: ledger, organs and quotas of the *sender* go by From.
    """
    author = mail.author.address.lower()
    if len(mail.reply_to) != 1:
        return author
    wished = mail.reply_to[0].address.lower()
    inside = wished in work.settings.own_addresses() or work.people.by_address(wished) is not None
    return author if inside or "@" not in wished or work.people.organ_of(wished) is not None else wished


def _assign(work: Work, case: Case, mail: Mail, cause: str) -> str:
    """Look for accused persons before anyone is told, then choose the handler."""
    zh = work.settings.desk.staff_language == "zh"
    complaint = assignment.Complaint(
        language="en" if case.row.language == "en" else "zh",
        sender=case.row.complainant_address,
        subject=mail.subject,
        text=mail.text,
        file_names=tuple(a.filename for a in mail.attachments),
    )
    named = assignment.named_persons(complaint, work.people)
    if len(named) == len(work.people.person):
        named = ()  # a mail that names everybody accuses nobody, and somebody has to read it
    for person in named:
        if person.key in case.ticket.hidden:
            continue  # of a split: said already
        reason = "来信中提到此人" if zh else "named in the complaint"
        case.record(e.Hidden(person.key, reason), actor="desk", cause=cause)
    category = assignment.category_of(complaint, work.settings.routing)
    case.row.category = category
    chosen = assignment.choose(
        complaint,
        people=work.people,
        routing=work.settings.routing,
        enterprise=next((x for x in work.settings.enterprises if x.key == case.row.enterprise), None),
        category=category,
        load=lambda: work.load,
        day=work.today,
        hidden=case.ticket.hidden,
    )
    reason = chosen.reason(work.settings.desk.staff_language)
    case.record(e.Assigned(chosen.handler, reason), actor="desk", cause=cause)
    return reason


def _warnings(work: Work, case: Case, no_receipt: str, related: Sequence[TicketRow], mail: Mail) -> list[str]:
    zh = work.settings.desk.staff_language == "zh"
    found: list[str] = []
    if no_receipt:
        found.append(
            f"未发自动回执：{no_receipt}。" if zh else f"No automatic receipt was sent: {no_receipt}."
        )
    if case.ticket.hidden:
        found.append(
            "来信提到本部门人员，已对其回避。"
            if zh
            else "The mail names somebody of this house; the ticket is hidden from that person."
        )
    for row in related:
        text = (
            f"同一来信人还有在办来信 {row.number}（{row.subject}），可能是其补充材料。"
            if zh
            else f"The same sender has the open ticket {row.number} ({row.subject}): perhaps a supplement."
        )
        found.append(text)
    if (wished := answers_to(work, mail)) != case.row.complainant_address:
        found.append(
            f"来信要求回复到另一地址，信件将寄往：{wished}"
            if zh
            else f"The sender wishes answers at another address; letters go to {wished}"
        )
    own = work.settings.own_addresses()
    others = [_named(work, a.address, zh=zh) for a in (*mail.to, *mail.cc) if a.address.lower() not in own]
    if others:
        named = ", ".join(others[:8])
        found.append(f"同时发送给：{named}" if zh else f"Also sent to: {named}")
    return found


def _named(work: Work, address: str, *, zh: bool) -> str:
    """Return an address with the organ it belongs to: whoever else was written to may be acting already."""
    organ = work.people.organ_of(address)
    if organ is None:
        return address
    return f"{organ.name}（{address}）" if zh else f"{organ.name_en or organ.name} ({address})"


def _tell_handler(
    case: Case,
    message: Message,
    mail: Mail,
    because: str,
    warnings: list[str],
    more: Sequence[tuple[str, str, str, bool]],
) -> None:
    for person in notify.watchers(case):
        notify.new_ticket(
            case,
            person,
            Cause(f"message:{message.id}"),
            message=message,
            mail=mail,
            words=message.new_text or "",
            because=because,
            warnings=warnings,
            more_choices=more,
        )
    _tell_project_leader(case, message)


def _tell_project_leader(case: Case, message: Message) -> None:
    """“Five ones”: a key project's complaint is shown to its leader."""
    enterprise = next((x for x in case.work.settings.enterprises if x.key == case.row.enterprise), None)
    if enterprise is None or not enterprise.key_project or enterprise.project_leader is None:
        return
    leader = case.work.people.by_key(enterprise.project_leader)
    if leader is None or leader.key in case.ticket.hidden or leader_pace.weekly(case.work, leader):
        return  # the weekly mail names it
    zh = case.work.rules.language_of(leader) == "zh"
    notify.copy_to_leader(
        case,
        leader,
        message,
        f"重点项目“{enterprise.key_project}”" if zh else f"key project “{enterprise.key_project}”",
    )
