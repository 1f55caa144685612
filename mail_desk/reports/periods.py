"""Calendar periods of the inspection: weeks, months, quarters, years, in the desk's own time zone.

Pure: days come in, days go out. A period is a pair of calendar days, both included; only
`Period.instants` knows that a day of the desk begins and ends somewhere in UTC. Weeks are those of
ISO 8601 (Monday to Sunday). Nothing here knows what is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Kind = Literal["week", "month", "two-months", "quarter", "year"]
MONTHS: dict[Kind, int] = {"month": 1, "two-months": 2, "quarter": 3, "year": 12}  # each begins in January
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LONGEST_IN_WEEKS = 100  # days


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Calendar days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            msg = f"a period ends before it begins: {self.first} to {self.last}"
            raise ValueError(msg)

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the period as [start, end) in UTC."""
        return start_of(self.first, zone), start_of(self.last + DAY, zone)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC.

    Where clocks are put forward at midnight there is no 00:00; read with the offset before the
    change it is the very instant of the change, which is where that day begins.
    """
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def week_of(day: date) -> Period:
    """Return the ISO week `day` lies in."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + 6 * DAY)


def month_of(day: date) -> Period:
    """Return the calendar month `day` lies in."""
    first = day.replace(day=1)
    return Period(first, _first_of_next_month(first) - DAY)


def of(kind: Kind, day: date) -> Period:
    """Return the calendar week, month, two months, quarter or year `day` lies in."""
    if kind == "week":
        return week_of(day)
    length = MONTHS[kind]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    end = first
    for _ in range(length):
        end = _first_of_next_month(end)
    return Period(first, end - DAY)


def before(kind: Kind, day: date) -> Period:
    """Return the last calendar period of that kind that is over on `day`."""
    return of(kind, of(kind, day).first - DAY)


def previous(period: Period) -> Period:
    """Return the period that `period` is compared with.

    As many whole months before where it is made of whole months (a month, a quarter, a year), else
    as many days before.
    """
    last = period.first - DAY
    months = _whole_months(period)
    if not months:
        return Period(period.first - timedelta(days=period.days), last)
    first = period.first
    for _ in range(months):
        first = (first - DAY).replace(day=1)
    return Period(first, last)


def year_ago(period: Period) -> Period | None:
    """Return the same months of the year before; None where the period is not made of whole months."""
    months = _whole_months(period)
    if not months:
        return None
    first = period.first.replace(year=period.first.year - 1)
    end = period.last + DAY
    return Period(first, end.replace(year=end.year - 1) - DAY)


def weeks(period: Period, at_least: int = 1) -> tuple[Period, ...]:
    """Return the ISO weeks that touch `period`, oldest first.

    Earlier ones are put in front until there are `at_least`. The last one ends with the period: what
    comes after is not counted yet.
    """
    newest = week_of(period.last)
    found = [Period(newest.first, period.last)]
    while found[0].first > period.first or len(found) < at_least:
        found.insert(0, week_of(found[0].first - DAY))
    return tuple(found)


def steps(period: Period, at_least: int = 1) -> tuple[Period, ...]:
    """Return what a trend over `period` is drawn in: weeks, or months where the weeks would be too many to read."""
    if period.days <= LONGEST_IN_WEEKS:
        return weeks(period, at_least)
    found = [month_of(period.first)]
    while found[-1].last < period.last:
        found.append(month_of(found[-1].last + DAY))
    return (*found[:-1], Period(found[-1].first, period.last))


def first_working_day(period: Period, is_working: Callable[[date], bool]) -> date | None:
    """Return the first working day in `period`; None where there is none (a week of holidays)."""
    day = period.first
    while day <= period.last:
        if is_working(day):
            return day
        day += DAY
    return None


def sent_on(period: Period, is_working: Callable[[date], bool], nth: int = 1) -> date:
    """Return the day on which a digest of `period` is sent: the `nth` working day after it, or (-1) its last one.

    A week may be all holidays: then it is a day of a later week, and two digests leave together.
    """
    if nth == -1:
        day = period.last
        while day >= period.first:
            if is_working(day):
                return day
            day -= DAY
        nth = 1
    day = period.last
    while nth:
        day += DAY
        nth -= is_working(day)
    return day


def latest_due(kind: Kind, day: date, is_working: Callable[[date], bool]) -> Period:
    """Return the newest calendar period whose digest is due on or before `day`."""
    period = before(kind, day)
    while sent_on(period, is_working) > day:
        period = before(kind, period.first)
    return period


def due_on(kind: Kind, day: date, is_working: Callable[[date], bool]) -> tuple[Period, ...]:
    """Return every period whose digest is sent on `day`, oldest first.

    Usually one or none; after a week of holidays (the Spring Festival of 2026) two leave together.
    """
    period, found = before(kind, day), list[Period]()
    while sent_on(period, is_working) >= day:
        if sent_on(period, is_working) == day:
            found.insert(0, period)
        period = before(kind, period.first)
    return tuple(found)


def _first_of_next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _whole_months(period: Period) -> int:
    """Return how many whole calendar months the period is made of, 0 where it is not."""
    if period.first.day != 1 or (period.last + DAY).day != 1:
        return 0
    end = period.last + DAY
    return (end.year - period.first.year) * 12 + end.month - period.first.month
