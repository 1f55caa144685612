"""Two procedures of another shape keep the mechanism honest: plain days, and working hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.schedule.deadlines import dues
from mail_desk.schedule.workdays import Calendar
from mail_desk.schedule.workhours import advance, back, elapsed
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Procedure

Beijing = Callable[[str], datetime]
ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def test_a_petition_is_answered_within_15_plain_days(
    petition: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    (due,) = dues(petition, [Fact("received", beijing("2026-11-02 09:00"))], calendar, zone)
    assert due.due_on == date(2026, 11, 17)
    assert due.skipped == ()


def test_a_petition_is_concluded_within_60_plain_days_and_30_more_at_most(
    petition: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    accepted = Fact("accepted", beijing("2026-06-01 09:00"))
    (plain,) = dues(petition, [accepted], calendar, zone)
    (longer,) = dues(petition, [accepted, Fact("extended", beijing("2026-07-20 09:00"), 45)], calendar, zone)
    assert plain.due_on == date(2026, 7, 31)
    assert (longer.due_on, longer.extended_by) == (date(2026, 8, 31), 30)  # the 30th is a Sunday


@pytest.mark.parametrize(
    ("received", "due_at"),
    [
        ("2026-11-02 09:00", "2026-11-02 15:00"),  # three hours, the lunch break, one more
        ("2026-11-02 07:10", "2026-11-02 15:00"),  # before the office opens
        ("2026-11-02 12:30", "2026-11-02 18:00"),  # in the lunch break; ends as the office closes
        ("2026-11-02 17:00", "2026-11-03 12:00"),  # over the night
        ("2026-11-06 17:30", "2026-11-09 14:30"),  # over the weekend
        ("2026-11-06 20:00", "2026-11-09 15:00"),  # after hours on a Friday
        ("2026-09-30 17:00", "2026-10-08 12:00"),  # over National Day
        ("2026-10-10 14:00", "2026-10-10 18:00"),  # a Saturday that is worked
    ],
)
def test_a_first_answer_is_owed_within_four_working_hours(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing, received: str, due_at: str
) -> None:
    (due,) = dues(first_answer, [Fact("received", beijing(received))], calendar, zone)
    assert due.due_at == beijing(due_at)
    assert due.due_on == beijing(due_at).date()


def test_hours_are_in_time_at_the_very_instant_and_late_after_it(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    received = Fact("received", beijing("2026-11-02 09:00"))
    for answered, state in (("2026-11-02 15:00", "met"), ("2026-11-02 15:00:01", "met-late")):
        (due,) = dues(first_answer, [received, Fact("served:answer", beijing(answered))], calendar, zone)
        assert due.state == state


def test_a_pause_in_hours_costs_exactly_its_open_time(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("suspended", beijing("2026-11-02 11:00")),
        Fact("resumed", beijing("2026-11-03 08:00")),
        Fact("suspended", beijing("2026-11-03 09:30")),
        Fact("resumed", beijing("2026-11-03 10:00")),
    ]
    (due,) = dues(first_answer, facts, calendar, zone)
    # Two hours run on Monday, half an hour on Tuesday before the second pause, the rest after it.
    assert due.due_at == beijing("2026-11-03 11:30")


def test_a_pause_in_hours_after_the_end_changes_nothing(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("suspended", beijing("2026-11-02 15:00")),
        Fact("resumed", beijing("2026-11-03 10:00")),
    ]
    assert dues(first_answer, facts, calendar, zone)[0].due_at == beijing("2026-11-02 15:00")
    assert dues(first_answer, facts[:2], calendar, zone)[0].state == "running"


def test_hours_that_run_into_unsettled_days_are_provisional(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    (due,) = dues(first_answer, [Fact("received", beijing("2026-12-28 17:00"))], calendar, zone)
    assert due.provisional


def test_reopening_begins_the_hours_again_even_on_the_same_day(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("reopened:new", beijing("2026-11-02 10:00")),
    ]
    first, second = dues(first_answer, facts, calendar, zone)
    assert (first.state, second.due_at) == ("void", beijing("2026-11-02 16:00"))


def test_a_restart_at_the_very_instant_changes_nothing(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    moment = beijing("2026-11-02 09:00")
    (due,) = dues(first_answer, [Fact("received", moment), Fact("reopened:new", moment)], calendar, zone)
    assert due.start_fact == "received"


def test_going_back_in_hours_stops_at_the_opening_and_not_at_the_closing_before(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    end = beijing("2026-11-03 11:00")
    assert back(end, timedelta(hours=2), calendar, first_answer.hours, zone) == beijing("2026-11-03 09:00")


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(  # noqa: DTZ001 - made aware below
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=ZONE)
)


@given(start=instants, minutes=st.integers(1, 3000))
def test_open_time_is_what_a_minute_by_minute_count_finds(
    first_answer: Procedure, calendar: Calendar, start: datetime, minutes: int
) -> None:
    hours = first_answer.hours
    span = timedelta(minutes=minutes)
    end = advance(start, span, calendar, hours, ZONE)
    assert elapsed(start, end, calendar, hours, ZONE) == span
    again = back(end, span, calendar, hours, ZONE)
    assert elapsed(again, end, calendar, hours, ZONE) == span
    left, now = minutes, start
    while left:
        clock = now.astimezone(ZONE).time()
        left -= calendar.is_working(now.date()) and any(h.opens <= clock < h.closes for h in hours)
        now += MINUTE
    assert now == end


@given(a=instants, b=instants)
def test_no_open_time_lies_between_an_instant_and_an_earlier_one(
    first_answer: Procedure, calendar: Calendar, a: datetime, b: datetime
) -> None:
    low, high = min(a, b), max(a, b)
    assert elapsed(high, low, calendar, first_answer.hours, ZONE) == timedelta(0)
