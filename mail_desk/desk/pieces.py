"""Materials that come in pieces: which fresh mail is probably a supplement, and what its handler may say.

A probable supplement is filed on the ticket unverified: it is seen and moves no clock. The handler says
with one digit that it is one, from its own day of arrival, or that it is something new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound.parse import normalise_subject
from mail_desk.outbound.letters import WaitingMail
from mail_desk.store.schema import Message, Participant, TicketRow
from mail_desk.tickets import pieces
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.events import FollowedUp

OFFERED_TO = ("complainant", "unknown")  # roles of a mail whose meaning a person may decide
WITHIN = timedelta(days=7)  # of the last mail; while materials are awaited, as long as they are


def open_tickets_of(work: Work, address: str) -> list[TicketRow]:
    """Return the open tickets this address takes part in, the newest first; three say that there are several."""
    if address in work.new:
        return []
    query = (
        select(TicketRow)
        .join(Participant, Participant.ticket_id == TicketRow.id)
        .where(Participant.address == address, TicketRow.closed_at.is_(None), TicketRow.merged_into.is_(None))
        .order_by(TicketRow.id.desc())
    )
    return list(work.session.scalars(query.limit(3)))


def ticket_of(
    work: Work, message: Message, subject: str, candidates: Sequence[TicketRow]
) -> tuple[Case, str] | None:
    """Return the ticket this mail probably supplements and why, None where it opens one of its own.

    `candidates`: the open tickets of the sender; with more than one, only a person can tell.
    """
    files = [a for a in message.attachments if not a["inline"]]
    if len(candidates) != 1 or not (files or message.linked):
        return None
    case = Case(work, candidates[0])
    last = case.ticket.last_mail_at or case.row.received_at
    if not _of_its_side(work, case, message) or not _takes_materials(case):
        return None
    if not awaited(case) and not _soon(message.received_at, last):
        return None
    by = pieces.looks(normalise_subject(subject), message.new_text or "", normalise_subject(case.row.subject))
    if not by or _nothing_new(work, case, files, message):
        return None
    return case, _why(work, by)


def awaited(case: Case) -> bool:
    """Say whether the complainant owes materials now."""
    return any(case.procedure.limit(due.limit).owner == "complainant" for due in case.running)


def _soon(arrived: datetime, last: datetime) -> bool:
    return last <= arrived <= last + WITHIN


def _of_its_side(work: Work, case: Case, message: Message) -> bool:
    participant = work.session.get(Participant, (case.row.id, message.from_address))
    return participant is not None and participant.role != "organ"


def _takes_materials(case: Case) -> bool:
    """Say whether materials are awaited or examined: whether they may be called complete, or nobody has looked yet."""
    first = case.procedure.states[0].key
    return case.ticket.state == first or case.transition("complete") is not None


def _nothing_new(work: Work, case: Case, files: Sequence[dict[str, str]], message: Message) -> bool:
    """Say whether the ticket holds all these files: then the mail was sent again, and adds nothing."""
    if not files or message.linked:
        return False
    held = work.session.scalars(select(Message).where(Message.ticket_id == case.row.id))
    known = {a["sha256"] for m in held for a in m.attachments}
    return {f["sha256"] for f in files} <= known


def undecided(work: Work, cases: Sequence[Case], language: Language) -> tuple[WaitingMail, ...]:
    """Return mails with files that may be supplements of these tickets, as long as nobody has said so or not.

    Only where materials are still awaited or examined; `reason` is the number of the ticket.
    """
    waiting: dict[int, Case] = {}
    for case in cases:
        if _takes_materials(case):
            filed = [r.event for r in tickets.live(case.recorded) if isinstance(r.event, FollowedUp)]
            said = {f.message for f in filed if f.verified}
            open_ones = [f.message for f in filed if f.role in OFFERED_TO and f.message not in said]
            waiting.update(dict.fromkeys(open_ones, case))
    if not waiting:
        return ()
    rows = work.session.scalars(select(Message).where(Message.id.in_(waiting)).order_by(Message.id))
    nameless = "（无主题）" if language == "zh" else "(no subject)"
    return tuple(
        WaitingMail(
            reference=f"M{row.id}",
            received_on=work.rules.day_of(row.received_at),
            sender=f"{row.from_name or ''} <{row.from_address or '?'}>".strip(),
            subject=row.subject or nameless,
            reason=waiting[row.id].row.number,
        )
        for row in rows
        if row.linked or any(not a["inline"] for a in row.attachments)
    )


def _why(work: Work, by: pieces.Looks) -> str:
    zh = {
        "series": "主题像是材料的续件",
        "same-subject": "主题与原信相同，只多了序号",
        "bare": "几乎只有附件",
    }
    en = {
        "series": "its subject reads like a further part",
        "same-subject": "it has the subject of the first mail with a number",
        "bare": "it is hardly more than its files",
    }
    if work.settings.desk.staff_language == "zh":
        return f"可能是补充材料：来信人只有这一件在办，{zh[by]}；但它是新写的邮件，没有回复我们的信件。"
    return f"Probably a supplement: the sender has this open ticket only and {en[by]}; but it answers no letter of ours."


def offers(case: Case, message: Message, *, role: str, verified: bool) -> list[tuple[str, str, str, bool]]:
    """Return what the handler may say of a further mail from outside that does not speak for itself."""
    if role not in OFFERED_TO:
        return []
    number, mail, closed = case.row.number, f"M{message.id}", case.ticket.closed_at is not None
    possible = [
        (
            role == "unknown" and not verified,
            "participant",
            f"#{number} participant {mail}",
            "是投诉人的另一地址，今后可就此件来信",
            "It is another address of the complainant, who may write from it",
        ),
        (closed, "reopen", f"#{number} reopen", "重新办理", "Reopen it"),
        (
            not closed and not verified,
            "supplement",
            f"#{number} supplement {mail}",
            "是补充材料，自到达之日起算",
            "It is a supplement, from its day of arrival",
        ),
        (
            closed or not verified,
            "separate",
            f"#{number} separate {mail}",
            "是新的事项，另立一件",
            "It is something new: make it a ticket of its own",
        ),
    ]
    return [
        (command, zh, en, False)
        for holds, verb, command, zh, en in possible
        if holds and case.transition(verb) is not None
    ]
