"""Procedure + facts + calendar → due dates, and the moments to remind and to escalate.

Pure: the same facts give the same dates, and nothing here knows what time it is. It never sends,
stores or decides anything; `reminders` claims the moments, the desk says who hears of them.

The meaning of every list of facts in a limit (start, restart, stop, void, final, pause, resume) is
defined in docs/time.md and held by tests/unit/schedule/. Rules of counting: Civil Code of the PRC
Art. 201 (start day not counted; hours count at once), 202 (months end on the same day of the month,
else on its last), 203 (an end on a rest day rolls).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from mail_desk.schedule import workhours
from mail_desk.schedule.due import Due, DueState, Pause, at_clock, end_of_day, local_day
from mail_desk.schedule.explanation import explain
from mail_desk.schedule.workdays import ONE_DAY, Calendar, Count, add_months
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Limit, Procedure, matches

__all__ = ["Due", "DueState", "Fact", "Pause", "Planned", "dues", "explain", "plan"]

# How many working days after a missed limit `plan` foresees daily reminders, where a limit asks for
# them. The worklist shows an overdue ticket every day in any case.
LATE_DAYS = 10


@dataclass
class _Run:
    """An instance of a limit while its facts are read."""

    started: Fact
    pauses: list[Pause] = field(default_factory=list)
    extended: int = 0
    extensions: list[tuple[datetime, int]] = field(default_factory=list)  # when, and by how much before it
    ended: Fact | None = None
    how: Literal["", "met", "moot"] = ""

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until is None

    def resume(self, at: datetime) -> None:
        self.pauses[-1] = Pause(self.pauses[-1].at, at)

    def end(self, fact: Fact, how: Literal["met", "moot"]) -> None:
        self.ended, self.how = fact, how
        if self.paused:
            self.resume(fact.at)


def dues(procedure: Procedure, facts: Sequence[Fact], calendar: Calendar, zone: ZoneInfo) -> tuple[Due, ...]:
    """Return every instance of every limit, in the order they started.

    `facts` may come in any order; of facts of one instant the order given holds.
    """
    ordered = sorted(facts, key=lambda fact: fact.at)
    found = [
        _due(limit, number, run, procedure, calendar, zone)
        for limit in procedure.limits
        for number, run in enumerate(_runs(limit, ordered, zone), start=1)
    ]
    return tuple(sorted(found, key=lambda due: due.started_at))


def _any(patterns: tuple[str, ...], fact: Fact) -> bool:
    return _named(patterns, fact.name)


@lru_cache(maxsize=4096)  # a procedure has a few lists of names, and a report asks them a million times
def _named(patterns: tuple[str, ...], name: str) -> bool:
    return any(matches(pattern, name) for pattern in patterns)


def _runs(limit: Limit, facts: Iterable[Fact], zone: ZoneInfo) -> list[_Run]:
    """Read the facts in order: which instances of the limit they begin, move and end."""
    runs: list[_Run] = []
    current: _Run | None = None
    for_good = False
    for fact in facts:
        if current is not None:
            _move(limit, current, fact)
            if current.ended is None and _any(limit.restart, fact) and _changes(limit, current, fact, zone):
                current.end(fact, "moot")
            if current.ended is not None:
                current = None
        if _any(limit.final, fact):
            for_good = True
        elif (
            current is None
            and (not for_good or fact.name.startswith("reopened:"))
            and _any((*limit.start, *limit.restart), fact)
        ):
            current, for_good = _Run(fact), False
            runs.append(current)
    return runs


def _move(limit: Limit, run: _Run, fact: Fact) -> None:
    """Apply a fact to a running instance."""
    if _any(limit.stop, fact):
        run.end(fact, "met")
    elif _any(limit.void, fact):
        run.end(fact, "moot")
    elif limit.extended_by and matches(limit.extended_by, fact.name):
        run.extensions.append((fact.at, run.extended))
        run.extended += max(0, fact.amount)
        if limit.extension_cap:
            run.extended = min(run.extended, limit.extension_cap)
    elif run.paused and _any(limit.resume, fact):
        run.resume(fact.at)
    elif not run.paused and _any(limit.pause, fact):
        run.pauses.append(Pause(fact.at, None))


def _changes(limit: Limit, run: _Run, fact: Fact, zone: ZoneInfo) -> bool:
    """Tell whether beginning anew at `fact` could change a date: days count from days."""
    if limit.unit == "working-hours":
        return fact.at != run.started.at
    return local_day(fact.at, zone) != local_day(run.started.at, zone)


# --- one instance → its date ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _End:
    """The last instant in time, and what the count passed."""

    last_pause: datetime  # a pause begun after this comes too late to move the end
    due_on: date
    due_at: datetime
    count: Count


def _due(
    limit: Limit, number: int, run: _Run, procedure: Procedure, calendar: Calendar, zone: ZoneInfo
) -> Due:
    end = _end(limit, run, procedure, calendar, zone)
    missed_at = _missed(limit, run, procedure, calendar, zone)
    return Due(
        limit=limit.key,
        number=number,
        started_at=run.started.at,
        start_fact=run.started.name,
        amount=limit.amount + run.extended,
        due_on=end.due_on,
        due_at=end.due_at,
        provisional=end.count.provisional,
        state=_state(run, end, missed=missed_at is not None),
        met_at=run.ended.at if run.ended and run.how == "met" else None,
        ended_at=run.ended.at if run.ended else None,
        ended_by=run.ended.name if run.ended else "",
        extended_by=run.extended,
        missed_at=missed_at,
        skipped=end.count.skipped,
        made_up=end.count.made_up,
        pauses=tuple(run.pauses),
        zone=zone,
    )


def _state(run: _Run, end: _End, *, missed: bool) -> DueState:
    if run.ended is None:
        return DueState.PAUSED if _stands_still(run, end) else DueState.RUNNING
    late = missed or run.ended.at > end.due_at
    if run.how == "met":
        return DueState.MET_LATE if late else DueState.MET
    return DueState.LAPSED if late else DueState.VOID


def _stands_still(run: _Run, end: _End) -> bool:
    return run.paused and run.pauses[-1].at <= end.last_pause


def _missed(
    limit: Limit, run: _Run, procedure: Procedure, calendar: Calendar, zone: ZoneInfo
) -> datetime | None:
    """Return the date that had passed before an extension came: it moves, the miss stays on record."""
    for instant, extended in run.extensions:
        # Pauses begun after that instant could not have moved a date that had passed by then.
        then = _Run(run.started, run.pauses, extended)
        end = _end(limit, then, procedure, calendar, zone)
        if instant > end.due_at and not _stands_still(then, end):
            return end.due_at
    return None


def _end(limit: Limit, run: _Run, procedure: Procedure, calendar: Calendar, zone: ZoneInfo) -> _End:
    """Count to the end; each pause begun before it moves the end by exactly what it took."""
    if limit.unit == "working-hours":
        return _end_in_hours(limit, run, procedure, calendar, zone)
    start = local_day(run.started.at, zone)
    total = limit.amount + run.extended
    lost = 0
    reached = _count_days(limit, start, total, 0, calendar)
    for pause in run.pauses:
        first = local_day(pause.at, zone)
        if pause.until is None or first >= reached:
            break  # one that still goes on takes nothing yet: the end is the earliest possible
        lost += _days_of_pause(limit, first, local_day(pause.until, zone), calendar)
        reached = _count_days(limit, start, total, lost, calendar)
    due_on = calendar.roll(reached)
    count = calendar.passing(start if limit.unit == "working-days" else reached - ONE_DAY, due_on)
    return _End(end_of_day(reached - ONE_DAY, zone), due_on, end_of_day(due_on, zone), count)


def _count_days(limit: Limit, start: date, total: int, lost: int, calendar: Calendar) -> date:
    if limit.unit == "working-days":
        return calendar.forward(start, total + lost)
    if limit.unit == "calendar-months":
        return add_months(start, total) + timedelta(days=lost)
    return start + timedelta(days=total + lost)


def _days_of_pause(limit: Limit, first: date, last: date, calendar: Calendar) -> int:
    """Return how many days that would have counted lie in a pause: in (first, last]."""
    return calendar.between(first, last) if limit.unit == "working-days" else (last - first).days


def _end_in_hours(limit: Limit, run: _Run, procedure: Procedure, calendar: Calendar, zone: ZoneInfo) -> _End:
    span = timedelta(hours=limit.amount + run.extended)
    started = run.started.at
    due_at = workhours.advance(started, span, calendar, procedure.hours, zone)
    for pause in run.pauses:
        if pause.until is None or pause.at >= due_at:
            break
        span += workhours.elapsed(pause.at, pause.until, calendar, procedure.hours, zone)
        due_at = workhours.advance(started, span, calendar, procedure.hours, zone)
    due_on = local_day(due_at, zone)
    count = calendar.passing(local_day(started, zone) - ONE_DAY, due_on)
    return _End(due_at - timedelta(microseconds=1), due_on, due_at, count)


# --- dates → moments ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planned:
    """A moment at which somebody is to hear of a limit."""

    key: str  # unique within a ticket; the same as long as the date stays
    at: datetime
    action: Literal["remind", "escalate"]
    limit: str
    step: str  # due-2, due, late+1; hours: due-2h
    to: Literal["owner", "supervisor", "leader"]


def plan(
    procedure: Procedure,
    dues: Sequence[Due],
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    at: time,
    late_days: int = LATE_DAYS,
    today: date | None = None,
) -> tuple[Planned, ...]:
    """Return when to remind and whom to tell, for every running limit, in order of time.

    All moments lie on working days at `at` of the desk's zone, but those of a limit in working
    hours, which lie at their instant. A reminder that would lie before the limit started is left
    out. A paused limit has no moments until it resumes. Daily reminders after a missed limit are
    foreseen for `late_days` working days beyond the date, or beyond `today` where that is later: planning
    again whenever one has fired keeps them coming. What was planned before keeps its keys.
    """
    planned: list[Planned] = []
    for due in dues:
        if due.state is DueState.RUNNING:
            limit = procedure.limit(due.limit)
            planned += _reminders(limit, due, procedure, calendar, zone, at)
            gone_by = max(0, calendar.between(due.due_on, today)) if today else 0
            planned += _overdue(limit, due, calendar, zone, at, late_days + gone_by)
    return tuple(sorted(planned, key=lambda p: (p.at, p.key)))


def _planned(due: Due, limit: Limit, moment: datetime, step: str) -> Planned:
    return Planned(_key(due, limit, step), moment, "remind", due.limit, step, "owner")


def _key(due: Due, limit: Limit, step: str) -> str:
    when = (
        due.due_at.isoformat(timespec="minutes") if limit.unit == "working-hours" else due.due_on.isoformat()
    )
    return f"{due.limit}/{due.number}/{step}@{when}"


def _reminders(
    limit: Limit, due: Due, procedure: Procedure, calendar: Calendar, zone: ZoneInfo, at: time
) -> Iterator[Planned]:
    for before in limit.remind:
        if limit.unit == "working-hours":
            span = timedelta(hours=before)
            moment = (
                workhours.back(due.due_at, span, calendar, procedure.hours, zone) if before else due.due_at
            )
            step = f"due-{before}h" if before else "due"
        else:
            moment = at_clock(calendar.back(due.due_on, before), at, zone)
            step = f"due-{before}" if before else "due"
        if moment > due.started_at:
            yield _planned(due, limit, moment, step)


def _overdue(
    limit: Limit, due: Due, calendar: Calendar, zone: ZoneInfo, at: time, late_days: int
) -> Iterator[Planned]:
    """Daily reminders of the owner, and the ladder, both counted in working days after the date."""
    if limit.remind_after_daily:
        day = due.due_on
        for late in range(1, late_days + 1):
            day = calendar.next_working(day, include=False)
            yield _planned(due, limit, at_clock(day, at, zone), f"late+{late}")
    for rung in limit.escalate:
        # `after` whole working days have passed on the morning of the one that follows.
        late = rung.after + 1
        moment = at_clock(calendar.forward(due.due_on, late), at, zone)
        if limit.unit == "working-hours" and rung.after == 0:
            moment = due.due_at
        step = f"late+{late}"
        key = _key(due, limit, f"{step}-{rung.to}")
        yield Planned(key, moment, "escalate", due.limit, step, rung.to)
