"""Working-day arithmetic over the calendar files of `config/calendar/`.

China moves weekends: a State Council notice, published around November for the year to come, makes
some weekends working days and some weekdays holidays. This module counts with what has been
published, guesses Monday to Friday where nothing has, and says so (`provisional`). It never reads
files, never asks for the date of today and never knows hours: instants are `deadlines`' matter.

Rules followed: Civil Code of the PRC Art. 201 (the start day is not counted) and Art. 203 (an end
on a rest day moves to the next working day). A notice may also move the last days of the *old*
year (2018-12-31 was a holiday by the notice for 2019): until the next year is published, 29 to 31
December are guesses as well.
"""

from __future__ import annotations

import calendar as gregorian
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mail_desk.config import CalendarYear, DayName, Language

ONE_DAY = timedelta(days=1)
SATURDAY = 5
# The first day of December that a notice for the following year has ever moved (2007, 2018).
_UNSETTLED_FROM = (12, 29)
_WEEKEND = {5: ("周六", "Saturday"), 6: ("周日", "Sunday")}
PLAIN_WEEKEND = frozenset(zh for zh, _ in _WEEKEND.values())  # names of rest days that are no holiday


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day named in an explanation: a rest day that was not counted, or a make-up day that was."""

    day: date
    name: str
    name_en: str

    def label(self, language: Language) -> str:
        return self.name_en if language == "en" else self.name


@dataclass(frozen=True, slots=True)
class Count:
    """Where a count of working days ends, and what it passed on its way."""

    date: date
    provisional: bool  # a day that decided the result lies where no notice is published yet
    skipped: tuple[SkippedDay, ...]  # rest days passed over, in order
    made_up: tuple[SkippedDay, ...]  # weekends that counted because they are make-up working days


class Calendar:
    """Which days are worked. A file may also name the last days of the year before its own."""

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        self._published: set[int] = set()
        self._holidays: dict[date, DayName] = {}
        self._working: dict[date, DayName] = {}
        self._by_year: dict[int, list[date]] = {}
        # In order of years: where two notices name one day, the later one holds.
        for year in sorted(years, key=lambda y: y.year):
            self._published.add(year.year)
            for entry in year.holiday:
                self._holidays[entry.day] = entry
                self._working.pop(entry.day, None)
            for entry in year.working:
                self._working[entry.day] = entry  # looked up first, so it needs no removal above

    def published(self, year: int) -> bool:
        """Tell whether the notice for `year` is known."""
        return year in self._published

    def settled(self, day: date) -> bool:
        """Tell whether no notice still to come can change `day`."""
        if day.year not in self._published:
            return False
        return (day.month, day.day) < _UNSETTLED_FROM or day.year + 1 in self._published

    def is_working(self, day: date) -> bool:
        """Tell whether `day` is worked; in a year without a file Monday to Friday is guessed."""
        if day in self._working:
            return True
        return day.weekday() < SATURDAY and day not in self._holidays

    def name_of(self, day: date, language: Language) -> str:
        """Return the name of a holiday or make-up day; "" for a plain working day or weekend."""
        entry = self._working.get(day) or self._holidays.get(day)
        if entry is None:
            return ""
        return entry.name_en or entry.name if language == "en" else entry.name

    def named(self, day: date) -> SkippedDay:
        """Return `day` with a name in both languages: the holiday's, else the weekday's."""
        plain = _WEEKEND.get(day.weekday(), ("", ""))
        return SkippedDay(day, self.name_of(day, "zh") or plain[0], self.name_of(day, "en") or plain[1])

    def add(self, start: date, working_days: int) -> Count:
        """Count `working_days` from `start`, which is itself not counted (Civil Code Art. 201).

        The result is a working day, so Art. 203 never has to move it; for 0 days it is `start`
        rolled to a working day. A negative number is a ValueError: see `back`.
        """
        end = self.forward(start, working_days)
        return self.passing(start if working_days else start - ONE_DAY, end)

    def forward(self, start: date, working_days: int) -> date:
        """Return the date of `add` alone."""
        if working_days < 0:
            msg = f"cannot count {working_days} working days forward"
            raise ValueError(msg)
        if working_days == 0:
            return self.roll(start)
        days = self._worked(start.year)
        index, year = bisect_right(days, start) + working_days - 1, start.year
        while index >= len(days):
            index, year = index - len(days), year + 1
            days = self._worked(year)
        return days[index]

    def back(self, end: date, working_days: int) -> date:
        """Return the working day from which `working_days` remain until `end`; 0 gives `end`."""
        if working_days == 0:
            return end
        days = self._worked(end.year)
        index, year = bisect_left(days, end) - working_days, end.year
        while index < 0:
            year -= 1
            days = self._worked(year)
            index += len(days)
        return days[index]

    def between(self, a: date, b: date) -> int:
        """Return the number of working days in (a, b]; negative when `b` lies before `a`."""
        if b < a:
            return -self.between(b, a)
        whole = sum(len(self._worked(year)) for year in range(a.year, b.year))
        return whole + bisect_right(self._worked(b.year), b) - bisect_right(self._worked(a.year), a)

    def passing(self, after: date, until: date) -> Count:
        """Describe the days in (after, until]: what a count from `after` to `until` passed."""
        rest, made_up = [], []
        day = after
        while day < until:
            day += ONE_DAY
            if not self.is_working(day):
                rest.append(self.named(day))
            elif day in self._working:
                made_up.append(self.named(day))
        return Count(until, self._guessed(after + ONE_DAY, until), tuple(rest), tuple(made_up))

    def next_working(self, day: date, include: bool = True) -> date:
        """Return the first working day on or after `day` (after it, where not `include`)."""
        if not include:
            day += ONE_DAY
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def roll(self, day: date) -> date:
        """Move an end of term from a rest day to the next working day (Civil Code Art. 203)."""
        return self.next_working(day)

    def _worked(self, year: int) -> list[date]:
        """Return the working days of a year in order; worked out once."""
        days = self._by_year.get(year)
        if days is None:
            first = date(year, 1, 1)
            length = (date(year + 1, 1, 1) - first).days
            span = (first + timedelta(days=n) for n in range(length))
            days = self._by_year[year] = [day for day in span if self.is_working(day)]
        return days

    def _guessed(self, first: date, last: date) -> bool:
        """Tell whether any day of [first, last] is not settled."""
        if last < first:
            return False
        return not (self.settled(last) and all(y in self._published for y in range(first.year, last.year)))


def add_months(start: date, months: int) -> date:
    """Return the same day `months` later, or the last day of a shorter month (Civil Code Art. 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))
