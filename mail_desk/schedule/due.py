"""Due dates: what comes of a procedure, the facts of a ticket and the calendar.

Plain frozen data, shared by `deadlines` (which computes them) and `explanation` (which puts them in
words). Instants are aware and in UTC; days are days of the desk's own zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from mail_desk.schedule.workdays import SkippedDay


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that does not count: the days after `at` up to and with the day of `until`."""

    at: datetime
    until: datetime | None  # None: still going on


class DueState(StrEnum):
    """How an instance of a limit stands. RUNNING does not say whether it is late: see `Due.late`."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met-late"
    VOID = "void"  # moot, or begun anew, before it had run out
    LAPSED = "lapsed"  # moot, or begun anew, after it had run out: neither met nor forgotten


@dataclass(frozen=True, slots=True)
class Due:
    """One instance of one limit."""

    limit: str
    number: int  # 1 for the first instance of this limit on the ticket
    started_at: datetime
    start_fact: str
    amount: int  # of the limit's unit, extensions included
    due_on: date
    due_at: datetime  # the last instant that is still in time
    provisional: bool
    state: DueState
    met_at: datetime | None
    ended_at: datetime | None  # when it stopped running, whatever the reason
    ended_by: str  # the fact that ended it, "" while it runs
    extended_by: int
    missed_at: datetime | None  # an earlier date that had passed when an extension moved it
    skipped: tuple[SkippedDay, ...]
    made_up: tuple[SkippedDay, ...]
    pauses: tuple[Pause, ...]
    zone: ZoneInfo

    @property
    def running(self) -> bool:
        return self.state in (DueState.RUNNING, DueState.PAUSED)

    def late(self, at: datetime) -> bool:
        """Tell whether the limit had been missed by `at`, be it fulfilled later or not.

        Of an instance that has ended only the end counts; a paused one is not late. While it runs, the
        date that holds now decides; once it has ended, a date missed before an extension came counts too.
        """
        if self.state is DueState.PAUSED:
            return False
        if self.ended_at is None:
            return at > self.due_at
        return min(at, self.ended_at) > (self.missed_at or self.due_at)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in the desk's zone."""
    return instant.astimezone(zone).date()


@lru_cache(maxsize=4096)  # reports ask it of the same few hundred days a hundred thousand times
def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last instant of a day in the desk's zone, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(0), zone)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def at_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a time of day in the desk's zone, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)
