"""A ticket as it stood at one instant: the line that figures count and the workbook prints.

Pure. A case is made of the ticket's row, its standing events up to the instant, and the due moments
that follow from those, so the figures of a period do not change when something happens after it.
What a ticket *is* (kind, category, handler, enterprise, merged or not) is taken as it is known now:
a complaint recognised on the second day of the month was received in the month before all the same.

A case never decides what a limit is; it only reads what `schedule.deadlines` found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from mail_desk.schedule.due import DueState
from mail_desk.tickets.events import (
    Accepted,
    AnsweredByHand,
    Closed,
    Concluded,
    Declined,
    Delivered,
    Extended,
    Merged,
    NoticeFailed,
    NoticeServed,
    Recorded,
    Reopened,
    Replied,
    Transferred,
    Withdrawn,
)

COMPLAINT = "complaint"
UNMARKED = ""  # nobody has said yet what it is: its clock runs from arrival like a complaint's

FIGURE_EVENTS = frozenset({
    "Received", "Marked", "FollowedUp", "MaterialsRequested", "Completed", "Accepted", "Declined",
    "Extended", "Concluded", "Transferred", "Withdrawn", "Suspended", "Resumed", "Reported", "Delivered",
    "Replied", "Closed", "Merged", "Separated", "Reopened", "NoticeServed",
    "NoticeFailed", "AnsweredByHand", "Undone",
})  # fmt: skip
"""Types of events that a figure or a limit may depend on; the rest is not even loaded."""

AFTERMATH_EVENTS = frozenset({
    "Closed", "Reopened", "Replied", "NoticeServed", "Delivered", "NoticeFailed", "AnsweredByHand",
})  # fmt: skip
"""What a figure may count of a ticket that had already left the desk."""


class Outcome(StrEnum):
    """How a limit counts at an instant."""

    MET = "met"  # in time
    LATE = "late"  # met, or moot, only after it had run out
    OVERDUE = "overdue"  # neither met nor moot, and run out
    RUNNING = "running"
    VOID = "void"  # moot before it ran out (withdrawn, not a complaint)


_SETTLED = {
    DueState.RUNNING: None,
    DueState.MET: Outcome.MET,
    DueState.MET_LATE: Outcome.LATE,
    DueState.LAPSED: Outcome.LATE,
    DueState.VOID: Outcome.VOID,
    DueState.PAUSED: Outcome.RUNNING,
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One run of one time limit of a case. Days are those of the desk's zone."""

    key: str
    started_on: date
    due_on: date
    due_at: datetime  # the last instant in time
    ended_on: date | None  # met or moot; None while it runs
    state: DueState
    provisional: bool  # counted through a year whose calendar is not yet published
    settled: Outcome | None = field(init=False, repr=False, compare=False)  # None: time will tell

    def __post_init__(self) -> None:
        object.__setattr__(self, "settled", _SETTLED[self.state])

    @property
    def met_on(self) -> date | None:
        return self.ended_on if self.state is DueState.MET or self.state is DueState.MET_LATE else None

    def overdue(self, at: datetime) -> bool:
        return self.settled is None and at > self.due_at

    def outcome(self, at: datetime) -> Outcome:
        """Return how the limit counts at an instant not before the case's own."""
        return self.settled or (Outcome.OVERDUE if self.overdue(at) else Outcome.RUNNING)


class Identity(NamedTuple):
    """What the ticket's row says of it, as known now; a tuple, as a report makes a hundred thousand of them."""

    ticket: int
    number: str
    kind: str  # UNMARKED until somebody says
    state: str  # as it is now, not at the instant of the case
    channel: str
    language: str
    procedure: str
    procedure_version: str
    received_at: datetime
    handler: str  # person key, "" while nobody
    enterprise: str  # ledger key, "" where it is in no ledger
    category: str
    complainant: str
    address: str
    subject: str
    merged: bool  # belongs to another ticket: no complaint of its own


class Case(NamedTuple):
    """A ticket at an instant. A later reopening takes decisions and closing back. A tuple, like its identity."""

    identity: Identity
    received_on: date
    accepted_on: date | None
    declined_on: date | None
    transferred_on: date | None
    concluded_on: date | None
    ground: str  # of the refusal or the conclusion that stands
    closed_on: date | None
    reopened_on: date | None
    extensions: tuple[tuple[date, int], ...]  # (on, working days)
    answered_on: date | None  # first words from the desk: reply, notice, or by hand; never the receipt
    limits: tuple[LimitLine, ...]  # those the law sets the department
    unserved: tuple[tuple[date, str], ...]  # statutory notices that failed and were not served since

    @property
    def complaint(self) -> bool:
        return self.identity.kind == COMPLAINT and not self.identity.merged

    @property
    def counts_down(self) -> bool:
        """True where the law's limits run: for complaints, and while nobody has said what it is."""
        return self.identity.kind in (COMPLAINT, UNMARKED) and not self.identity.merged

    @property
    def settled_on(self) -> date | None:
        """The day the work on it ended: decided, concluded, transferred or simply closed."""
        days = (self.declined_on, self.transferred_on, self.concluded_on, self.closed_on)
        return min((day for day in days if day is not None), default=None)

    @property
    def finished_on(self) -> date | None:
        """The day it left the desk; a concluded one is still to be closed."""
        days = (self.declined_on, self.transferred_on, self.closed_on)
        return min((day for day in days if day is not None), default=None)

    @property
    def decided_on(self) -> date | None:
        """The day it was first said whether it is accepted."""
        days = (self.accepted_on, self.declined_on, self.transferred_on)
        return min((day for day in days if day is not None), default=None)

    @property
    def open(self) -> bool:
        return (
            self.concluded_on is None
            and self.declined_on is None
            and self.closed_on is None
            and self.transferred_on is None
        )

    def days(self) -> tuple[date | None, ...]:
        """Return the days on which something happened that a figure counts."""
        return (
            self.received_on, self.accepted_on, self.declined_on, self.transferred_on, self.concluded_on,
            self.closed_on, self.reopened_on, self.answered_on,
            *(on for on, _ in self.extensions),
            *(line.ended_on for line in self.limits),
        )  # fmt: skip

    def overdue(self, at: datetime) -> bool:
        """Say whether one of its limits has run out and is not met."""
        return any(line.overdue(at) for line in self.limits)

    def limit(self, key: str) -> LimitLine | None:
        """Return the limit of that key; where it ran again after a reopening, the last run."""
        return next((line for line in reversed(self.limits) if line.key == key), None)


_STEPS: dict[type, str] = {
    Accepted: "accepted",
    Declined: "declined",
    Transferred: "transferred",
    Concluded: "concluded",
    Closed: "closed",
    Merged: "closed",
    Withdrawn: "closed",
}
_ANSWERS = frozenset({Replied, NoticeServed, Delivered, AnsweredByHand})


@dataclass(frozen=True, slots=True)
class Steps:
    """What a ticket's standing events tell, whatever the days: each day is the number of its event, from 0."""

    reached: Mapping[str, int]  # accepted, declined, transferred, concluded, closed, reopened, answered
    ground: str
    extensions: tuple[tuple[int, int], ...]  # (event, working days)
    unserved: tuple[tuple[int, str], ...]

    def case(
        self, identity: Identity, received_on: date, days: Sequence[date], limits: tuple[LimitLine, ...]
    ) -> Case:
        """Return the case of a ticket whose events fell on these days of the desk."""
        on = {name: days[n] for name, n in self.reached.items()}.get
        return Case(
            identity, received_on, on("accepted"), on("declined"), on("transferred"), on("concluded"),
            self.ground, on("closed"), on("reopened"), tuple([(days[n], more) for n, more in self.extensions]),
            on("answered"), limits, tuple(sorted([(days[n], notice) for n, notice in self.unserved])),
        )  # fmt: skip


def steps_of(events: Sequence[Recorded]) -> Steps:
    """Tell a ticket's story from its standing events.

    A notice that SMTP accepted and that bounced later was never served, nor was it an answer.
    """
    reached: dict[str, int] = {}
    ground = ""
    extensions: list[tuple[int, int]] = []
    unserved: dict[str, int] = {}
    delivered: set[str] = set()
    failed = {r.event.letter for r in events if isinstance(r.event, NoticeFailed)}
    for n in sorted(range(len(events)), key=lambda n: events[n].at):  # stable: of one instant, as recorded
        event = events[n].event
        kind = type(event)
        if isinstance(event, NoticeServed):
            if event.letter in failed:
                continue
            unserved.pop(event.notice, None)
        elif isinstance(event, Delivered):
            unserved.pop(event.notice, None)
            delivered.add(event.notice)
        elif isinstance(event, NoticeFailed) and event.notice not in delivered:
            unserved[event.notice] = n
        elif isinstance(event, Extended):
            extensions.append((n, event.days))
        elif isinstance(event, Reopened):
            reached = {key: then for key, then in reached.items() if key in ("accepted", "answered")}
            reached["reopened"], ground = n, ""
        step = _STEPS.get(kind)
        if step is not None:
            reached[step] = n
            ground = event.ground if isinstance(event, (Declined, Concluded)) else ground
        elif kind in _ANSWERS:
            reached.setdefault("answered", n)
    waiting = tuple((since, notice) for notice, since in unserved.items())
    return Steps(reached, ground, tuple(extensions), waiting)
