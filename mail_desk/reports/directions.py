"""What leaders wanted in a period, and what became of it: through-trains, instructions, supervisions.

Given in the period, or still owed at `now`, or reported back in the period. How it stands is as of `now`, like
what is overdue. A supervision is late once the day it was set for is over; it is no limit of the law and
counts in no rate. Reads only; composes no letter.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from mail_desk.reports.periods import Period
from mail_desk.reports.reading import visible
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, TicketRow
from mail_desk.tickets import supervisions
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.supervisions import Supervision

State = Literal["passed-on", "open", "overdue", "reported", "reported-late", "called-off"]
_GIVEN = ("ThroughTrain", "Instructed", "InstructionRecorded", "Supervised")
_CHUNK = 300  # tickets read at a time


@dataclass(frozen=True, slots=True)
class Direction:
    """One instruction, or one supervision (then `name` and `due` are set)."""

    number: str  # of the ticket
    name: str  # S1; "" for an instruction
    leader: str  # person key
    by: str  # who put it on record
    owes: str  # person key
    on: date
    words: str
    due: date | None
    state: State
    reported_on: date | None = None


@dataclass(frozen=True, slots=True)
class TrainLine:
    """One through-train."""

    number: str
    leader: str
    by: str
    on: date
    words: str
    answered: bool
    open: bool  # the ticket is not finished


@dataclass(frozen=True, slots=True)
class Directions:
    """All of them, oldest first, with the numbers a summary says."""

    trains: tuple[TrainLine, ...] = ()
    lines: tuple[Direction, ...] = ()

    @property
    def trains_open(self) -> int:
        return sum(t.open for t in self.trains)

    def count(self, *states: State) -> int:
        """Return how many stand so."""
        return sum(line.state in states for line in self.lines)

    @property
    def supervised(self) -> int:
        return sum(bool(line.name) for line in self.lines)


def collect(
    session: Session,
    period: Period,
    *,
    zone: ZoneInfo,
    now: datetime,
    final: Collection[str],
    leader: str | None = None,
    hidden_for: str | None = None,
) -> Directions:
    """Return what was wanted in a period as it stands at `now`.

    `final`: the states of a finished ticket. `leader`: only this person's. `hidden_for`: the reader, who is told
    of no ticket that is hidden from that person.
    """
    start, end = period.instants(zone)
    given = and_(EventRow.type.in_(_GIVEN), EventRow.at >= start, EventRow.at < end)
    touched = select(EventRow.ticket_id).where(or_(given, EventRow.type == "Supervised"))
    query = select(TicketRow).where(TicketRow.id.in_(touched), visible(hidden_for)).order_by(TicketRow.id)
    rows = list(session.scalars(query))
    trains: list[TrainLine] = []
    lines: list[Direction] = []
    for begin in range(0, len(rows), _CHUNK):
        chunk = rows[begin : begin + _CHUNK]
        recorded = ledger.load_many(session, [row.id for row in chunk])
        for row in chunk:
            one = _Ticket(session, row, recorded[row.id], zone, now, period)
            trains += one.trains(row.state not in final)
            lines += [*one.instructions(), *one.supervisions()]
    return Directions(
        tuple(sorted((t for t in trains if leader in (None, t.leader)), key=lambda t: (t.on, t.number))),
        tuple(
            sorted((x for x in lines if leader in (None, x.leader)), key=lambda x: (x.on, x.number, x.name))
        ),
    )


@dataclass(frozen=True)
class _Ticket:
    """One ticket's part of it."""

    session: Session
    row: TicketRow
    recorded: list[Recorded]
    zone: ZoneInfo
    now: datetime
    period: Period

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _words(self, words: int) -> str:
        return " ".join(ledger.words_of(self.session, words).split())

    def trains(self, open_: bool) -> list[TrainLine]:
        return [
            TrainLine(
                self.row.number, t.leader, t.by, self._day(t.at), self._words(t.words),
                t.answered_at is not None, open_,
            )
            for t in supervisions.trains(self.recorded)
            if self._day(t.at) in self.period
        ]  # fmt: skip

    def instructions(self) -> list[Direction]:
        return [
            Direction(
                self.row.number, "", i.leader, i.by, self.row.handler or "", self._day(i.at),
                self._words(i.words), None, "passed-on",
            )
            for i in supervisions.instructions(self.recorded)
            if self._day(i.at) in self.period
        ]  # fmt: skip

    def supervisions(self) -> list[Direction]:
        found = []
        for s in supervisions.supervisions(self.recorded):
            reported = self._day(s.reported_at) if s.reported_at is not None else None
            told = reported is not None and reported in self.period
            if not (s.open or told or self._day(s.set_at) in self.period):
                continue
            found.append(
                Direction(
                    self.row.number, s.name, s.leader, s.by, s.owes or self.row.handler or "",
                    self._day(s.set_at), self._words(s.words), s.due, self._state(s, reported), reported,
                )
            )  # fmt: skip
        return found

    def _state(self, s: Supervision, reported: date | None) -> State:
        if reported is not None:
            return "reported" if reported <= s.due else "reported-late"
        if not s.open:
            return "called-off"
        return "overdue" if self._day(self.now) > s.due else "open"
