"""Tickets nobody has touched since they were assigned: the superior is told, once for each assignment.

Nothing follows by itself. A ticket counts as touched by whatever anybody of the staff did about it since,
and by any mail of the handler about it, even one that asks. It is not looked for where the complainant's
time runs or a decision waits for a superior. An escalation that told the superior already is not repeated.
How many working days: `idle_days` of desk.toml.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select

from mail_desk.config import Language, Person
from mail_desk.desk import people_letters
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import in_words
from mail_desk.desk.people_letters import Step
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import AbsenceContext, LetterKind
from mail_desk.store.schema import EventRow, Message, Meta, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.ticket import live

ACTION = "idle"
_LOOKED = "idle-looked"  # meta: assignments before this instant have been looked at
_MACHINES = ("desk", "complainant")


def assignment(case: Case) -> Recorded | None:
    """Return the assignment that holds."""
    found = [r for r in live(case.recorded) if isinstance(r.event, e.Assigned)]
    return found[-1] if found else None


def untouched(case: Case) -> bool:
    """Say whether somebody owes work on the ticket and nothing has happened since it was assigned."""
    given = assignment(case)
    if given is None or case.ticket.closed_at is not None or case.ticket.proposal is not None:
        return False
    owed = any(case.procedure.limit(d.limit).owner == "handler" for d in case.counting)
    if case.ticket.kind and not owed:
        return False
    since = [r for r in live(case.recorded) if r.seq > given.seq and r.cause != given.cause]
    if any(r.actor not in _MACHINES or isinstance(r.event, e.AnsweredByHand) for r in since):
        return False
    return not _written(case, given.recorded_at)


def _written(case: Case, since: datetime) -> bool:
    """Say whether the handler, or who stands in, has written anything about the ticket."""
    people = {p.key: p for p in (case.handler, case.reader()) if p is not None}
    addresses = [address for p in people.values() for address in p.addresses]
    query = select(Message.id).where(
        Message.ticket_id == case.row.id,
        Message.from_address.in_(addresses),
        Message.filed_as.in_(("command", "note")),
        Message.received_at > since,
    )
    return case.work.session.scalar(query.limit(1)) is not None


def steps(case: Case, reader: Person) -> tuple[Step, ...]:
    """Return what a superior can do about such a ticket: somebody else, a nudge, or nothing yet."""
    number = case.row.number
    found: list[Step] = []
    other = people_letters.substitute(case)
    if other is not None:
        mine = other.key == reader.key
        command, to_zh, to_en, _ = people_letters.giving(case, other)
        found.append((command, "转由我办理" if mine else to_zh, "I take it" if mine else to_en, False))
    found.append((f"#{number} urge", "催办", "Urge the handler", False))
    zh = case.work.rules.language_of(reader) == "zh"
    seen = "负责人已知悉，暂不调整" if zh else "Seen by the supervisor; left as it is for now."
    found.append((f"#{number} note {seen}", "知道了，暂不调整", "Leave it for now", False))
    return tuple(found)


def look(work: Work) -> None:
    """Tell each superior, in one letter, of the assignments whose time without a sign is over."""
    days = work.settings.desk.idle_days
    if not days:
        return
    until = _until(work, days)
    row = work.session.get(Meta, _LOOKED)
    since = datetime.fromisoformat(row.value) if row is not None else until - timedelta(days=14)
    work.session.merge(Meta(name=_LOOKED, value=max(until, since).isoformat()))
    if until <= since:
        return
    told: dict[str, list[Case]] = {}
    for ticket, seq in _assigned(work, since, until):
        case = Case.by_id(work, ticket)
        given = assignment(case)
        superior = case.supervisor()
        if given is None or case.row.id != ticket or given.seq != seq or superior is None:
            continue
        if untouched(case) and not _escalated(case, given.seq, superior):
            told.setdefault(superior.key, []).append(case)
    for key, cases in told.items():
        _write(work, key, cases)


def _until(work: Work, days: int) -> datetime:
    """Return the end of the last day after which as many whole working days have passed."""
    day = work.today - timedelta(days=1)
    while work.rules.calendar.forward(day, days) >= work.today:
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(0), work.settings.desk.zone)


def _assigned(work: Work, since: datetime, until: datetime) -> list[tuple[int, int]]:
    query = (
        select(EventRow.ticket_id, EventRow.seq)
        .join(TicketRow, TicketRow.id == EventRow.ticket_id)
        .where(
            EventRow.type == e.Assigned.__name__,
            EventRow.at >= since,
            EventRow.at < until,
            TicketRow.closed_at.is_(None),
        )
        .order_by(EventRow.ticket_id, EventRow.seq)
    )
    return [(ticket, seq) for ticket, seq in work.session.execute(query)]


def _escalated(case: Case, since: int, superior: Person) -> bool:
    return any(
        isinstance(r.event, e.Escalated) and r.event.to == superior.key and r.seq > since
        for r in case.recorded
    )


def _write(work: Work, key: str, cases: list[Case]) -> None:
    superior = work.people.by_key(key)
    if superior is None:
        return
    to = to_person(work, superior)
    cases.sort(key=lambda case: case.running[0].due_at if case.running else work.now)
    _, items, offered = people_letters.listed(
        cases,
        to.language,
        steps={case.row.id: steps(case, superior) for case in cases},
        said={case.row.id: (_said(case, to.language),) for case in cases},
    )
    context = AbsenceContext(to.name, "idle", "", (), "", items, len(cases) - len(items))
    post(
        work,
        LetterKind.ABSENCE,
        to,
        context,
        Cause("moment"),
        case=cases[0] if len(cases) == 1 else None,
        choices=offered,
        dedupe=f"idle/{key}/{work.today}",
        tickets=[case.row.id for case in cases],
    )


def _said(case: Case, language: Language) -> str:
    """Say to whom it was given and when, and who stands in for that one."""
    given, handler, reader = assignment(case), case.handler, case.reader()
    day = in_words(case.work.rules.day_of(given.at), language) if given is not None else ""
    who = people_letters.name(handler, language) if handler is not None else case.ticket.handler
    stands_in = ""
    if reader is not None and (handler is None or reader.key != handler.key):
        other = people_letters.name(reader, language)
        stands_in = f"（不在岗，由{other}代办）" if language == "zh" else f" (away; {other} stands in)"
    if language == "zh":
        return f"{day}分给{who}{stands_in}，至今没有动静"
    return f"given to {who}{stands_in} on {day}, no sign since"
