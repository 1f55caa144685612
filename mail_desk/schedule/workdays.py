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
        # In order of years: where two notices name one day, the later one holds.
        for year in sorted(years, key=lambda y: y.year):
            self._published.add(year.year)
            for entry in year.holiday:
                self._holidays[entry.day] = entry
                self._working.pop(entry.day, None)
            for entry in year.working:
                self._working[entry.day] = entry
                self._holidays.pop(entry.day, None)

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
        rolled to a working day. Negative numbers are a ValueError: see `back`.
        """
        if working_days < 0:
            msg = f"cannot count {working_days} working days forward"
            raise ValueError(msg)
        if working_days == 0:
            return self.passing(start - ONE_DAY, self.roll(start))
        day, left = start, working_days
        while left:
            day += ONE_DAY
            left -= self.is_working(day)
        return self.passing(start, day)

    def passing(self, after: date, until: date) -> Count:
        """Describe the days in (after, until]: what a count from `after` to `until` passed."""
        days = [after + timedelta(days=n) for n in range(1, (until - after).days + 1)]
        return Count(
            date=until,
            provisional=any(not self.settled(day) for day in days),
            skipped=tuple(self.named(day) for day in days if not self.is_working(day)),
            made_up=tuple(self.named(day) for day in days if day in self._working),
        )

    def back(self, end: date, working_days: int) -> date:
        """Return the working day from which `working_days` remain until `end`; 0 gives `end`."""
        day, left = end, working_days
        while left > 0:
            day -= ONE_DAY
            left -= self.is_working(day)
        return day

    def between(self, a: date, b: date) -> int:
        """Return the number of working days in (a, b]; negative when `b` lies before `a`."""
        if b < a:
            return -self.between(b, a)
        return sum(self.is_working(a + timedelta(days=n)) for n in range(1, (b - a).days + 1))

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


def add_months(start: date, months: int) -> date:
    """Return the same day `months` later, or the last day of a shorter month (Civil Code Art. 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))
