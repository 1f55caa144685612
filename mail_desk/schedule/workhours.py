"""Arithmetic in working hours: only the open hours of working days count.

A term in hours counts from its very instant (Civil Code of the PRC Art. 201, second paragraph), so
nothing is excluded and nothing rolled; outside open hours the clock stands still. It never knows
why it counts. Instants are aware; results are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mail_desk.schedule.due import at_clock, local_day
from mail_desk.schedule.workdays import ONE_DAY, Calendar
from mail_desk.tickets.policy import Hours

NOTHING = timedelta(0)


def _stretches(
    day: date, step: timedelta, calendar: Calendar, hours: Sequence[Hours], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Yield open stretches from `day` on, forwards or backwards, without end."""
    ordered = sorted(hours, key=lambda h: h.opens, reverse=step < NOTHING)
    while True:
        if calendar.is_working(day):
            for span in ordered:
                yield at_clock(day, span.opens, zone), at_clock(day, span.closes, zone)
        day += step


def advance(
    start: datetime, span: timedelta, calendar: Calendar, hours: Sequence[Hours], zone: ZoneInfo
) -> datetime:
    """Return the instant at which `span` of open time has passed since `start`."""
    left = span
    for opens, closes in _stretches(local_day(start, zone), ONE_DAY, calendar, hours, zone):
        begin = max(opens, start.astimezone(UTC))
        if closes <= begin:
            continue
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    raise AssertionError  # pragma: no cover - the stretches never end


def back(
    end: datetime, span: timedelta, calendar: Calendar, hours: Sequence[Hours], zone: ZoneInfo
) -> datetime:
    """Return the instant from which `span` of open time remains until `end`."""
    left = span
    for opens, closes in _stretches(local_day(end, zone), -ONE_DAY, calendar, hours, zone):
        finish = min(closes, end.astimezone(UTC))
        if finish <= opens:
            continue
        if finish - opens >= left:
            return finish - left
        left -= finish - opens
    raise AssertionError  # pragma: no cover - the stretches never end


def elapsed(
    start: datetime, end: datetime, calendar: Calendar, hours: Sequence[Hours], zone: ZoneInfo
) -> timedelta:
    """Return the open time between two instants; nothing when `end` is not after `start`."""
    total = NOTHING
    for opens, closes in _stretches(local_day(start, zone), ONE_DAY, calendar, hours, zone):
        if opens >= end:
            return total
        total += max(NOTHING, min(closes, end) - max(opens, start))
    raise AssertionError  # pragma: no cover - the stretches never end
