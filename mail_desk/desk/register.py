"""The register of formal notices: every number of every series, with what became of it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.store import ledger
from mail_desk.store.schema import Counter, EventRow, LetterRow, LetterState, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notices import Dispatched, NoticeNumbered
from mail_desk.tickets.ticket import live

# How an entry stands: Chinese and English.
STATES: dict[str, tuple[str, str]] = {
    "void": ("作废", "void"),
    "waiting": ("待盖章", "waits for its seal"),
    "queued": ("待发", "queued"),
    "sent": ("已发出", "sent"),
    "failed": ("未送达", "not delivered"),
    "handed": ("其他方式送达", "served by other means"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of the register."""

    series: str  # acceptance/2026
    n: int
    number: str
    ticket: str
    at: datetime  # when it was taken
    form: str
    state: str  # key of STATES


def entries_of(session: Session, ticket: TicketRow, recorded: list[Recorded] | None = None) -> list[Entry]:
    """Return the numbers a ticket took, in their order."""
    events = ledger.events_of(session, ticket.id) if recorded is None else recorded
    holding = {r.seq for r in live(events)}
    return [
        Entry(
            r.event.series,
            r.event.n,
            r.event.number,
            ticket.number,
            r.at,
            r.event.form,
            _state(session, r.event, events, holding) if r.seq in holding else "void",
        )
        for r in events
        if isinstance(r.event, NoticeNumbered)
    ]


def _state(session: Session, event: NoticeNumbered, events: Iterable[Recorded], holding: set[int]) -> str:
    letter = event.letter
    for r in events:
        if r.seq not in holding:
            continue
        if isinstance(r.event, Dispatched) and r.event.number == event.number:
            letter = r.event.letter
        if isinstance(r.event, e.Delivered) and r.event.notice == event.notice:
            return "handed"
    if not letter:
        return "waiting"
    state = session.scalar(select(LetterRow.state).where(LetterRow.id == letter))
    if state == LetterState.CANCELLED:
        return "void"
    if state in (LetterState.SENT, LetterState.FAILED):
        return "sent" if state == LetterState.SENT else "failed"
    return "queued"


def entries(session: Session, year: int | None = None) -> list[Entry]:
    """Return the whole register, or that of one year, by series and number."""
    query = select(TicketRow).where(
        TicketRow.id.in_(select(EventRow.ticket_id).where(EventRow.type == "NoticeNumbered"))
    )
    found = [entry for ticket in session.scalars(query) for entry in entries_of(session, ticket)]
    chosen = [x for x in found if year is None or x.series.endswith(f"/{year}")]
    return sorted(chosen, key=lambda x: (x.series, x.n))


def gaps(session: Session) -> list[str]:
    """Return the numbers that a series counted and no ticket has: there must be none."""
    counted = session.execute(select(Counter.series, Counter.value).where(Counter.series.like("notice/%")))
    there = {(x.series, x.n) for x in entries(session)}
    return [
        f"{name.removeprefix('notice/')} no. {n}"
        for name, value in sorted((s, v) for s, v in counted)
        for n in range(1, value + 1)
        if (name.removeprefix("notice/"), n) not in there
    ]
