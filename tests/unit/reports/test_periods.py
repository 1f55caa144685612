from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.reports import periods
from mail_desk.reports.periods import Period

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def weekday(day: date) -> bool:
    return day.weekday() < 5


def test_the_week_before_a_day_is_the_last_whole_one() -> None:
    last = Period(date(2026, 9, 14), date(2026, 9, 20))
    assert periods.before("week", date(2026, 9, 21)) == last
    assert periods.before("week", date(2026, 9, 27)) == last


def test_the_month_before_a_day_is_the_last_whole_one() -> None:
    assert periods.before("month", date(2026, 3, 31)) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert periods.before("month", date(2026, 1, 1)) == Period(date(2025, 12, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (Period(date(2026, 3, 1), date(2026, 3, 31)), Period(date(2026, 2, 1), date(2026, 2, 28))),
        (Period(date(2026, 1, 1), date(2026, 3, 31)), Period(date(2025, 10, 1), date(2025, 12, 31))),
        (Period(date(2026, 1, 1), date(2026, 12, 31)), Period(date(2025, 1, 1), date(2025, 12, 31))),
        (Period(date(2026, 9, 14), date(2026, 9, 20)), Period(date(2026, 9, 7), date(2026, 9, 13))),
        (Period(date(2026, 9, 10), date(2026, 9, 10)), Period(date(2026, 9, 9), date(2026, 9, 9))),
    ],
)
def test_a_period_is_compared_with_as_much_before_it(period: Period, before: Period) -> None:
    assert periods.previous(period) == before


def test_a_digest_is_sent_on_the_first_working_day_after_its_period() -> None:
    holidays = {date(2026, 10, n) for n in range(1, 9)}

    def working(day: date) -> bool:
        return weekday(day) and day not in holidays

    september = periods.month_of(date(2026, 9, 1))
    assert periods.sent_on(september, working) == date(2026, 10, 9)
    assert periods.first_working_day(periods.month_of(date(2026, 10, 1)), working) == date(2026, 10, 9)
    assert periods.first_working_day(Period(date(2026, 10, 1), date(2026, 10, 7)), working) is None


def test_the_newest_due_period_waits_for_its_day_of_sending() -> None:
    august, september = (periods.month_of(date(2026, n, 1)) for n in (8, 9))
    assert periods.sent_on(august, weekday) == date(2026, 9, 1)
    assert periods.latest_due("month", date(2026, 9, 30), weekday) == august
    assert periods.latest_due("month", date(2026, 10, 1), weekday) == september
    assert periods.latest_due("month", date(2026, 11, 1), weekday) == september  # a Sunday


def test_after_a_week_of_holidays_two_digests_leave_together() -> None:
    def working(day: date) -> bool:  # the Spring Festival of 2026
        return weekday(day) and not date(2026, 2, 15) <= day <= date(2026, 2, 23)

    two = (Period(date(2026, 2, 9), date(2026, 2, 15)), Period(date(2026, 2, 16), date(2026, 2, 22)))
    assert periods.due_on("week", date(2026, 2, 24), working) == two
    assert periods.due_on("week", date(2026, 2, 16), working) == ()
    assert periods.due_on("week", date(2026, 2, 25), working) == ()
    assert periods.due_on("month", date(2026, 3, 2), working) == (periods.month_of(date(2026, 2, 1)),)


def test_weeks_reach_back_until_there_are_enough() -> None:
    found = periods.weeks(Period(date(2026, 9, 1), date(2026, 9, 30)), 8)
    assert len(found) == 8
    assert found[-1] == Period(date(2026, 9, 28), date(2026, 9, 30))
    assert found[0] == Period(date(2026, 8, 10), date(2026, 8, 16))
    assert len(periods.weeks(Period(date(2026, 7, 1), date(2026, 9, 30)), 8)) == 14


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Period(date(2026, 9, 2), date(2026, 9, 1))


@given(DAYS, DAYS, st.integers(1, 60))
def test_the_period_before_ends_where_the_period_begins(day: date, other: date, weeks: int) -> None:
    period = Period(min(day, other), max(day, other))
    assert periods.previous(period).last == period.first - timedelta(days=1)
    found = periods.weeks(period, weeks)
    assert len(found) >= weeks
    assert found[0].first <= period.first
    assert found[-1].last == period.last
    assert all(b.first - a.last == timedelta(days=1) for a, b in pairwise(found))
    assert all(w.first.weekday() == 0 for w in found)


@given(DAYS, st.sampled_from(["week", "month"]))
def test_a_due_period_is_over_and_its_sending_day_come(day: date, kind: periods.Kind) -> None:
    found = periods.latest_due(kind, day, weekday)
    assert found.last < day
    assert periods.sent_on(found, weekday) <= day
    after = periods.of(kind, found.last + timedelta(days=1))
    assert periods.sent_on(after, weekday) > day


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Asia/Shanghai",
        "America/New_York",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Beirut",
        "Pacific/Apia",
    ],
)
def test_every_instant_lies_in_the_period_of_its_day(zone: str) -> None:
    """Through years with clocks put forward at midnight, and a day that Samoa left out altogether."""
    where = ZoneInfo(zone)
    at = datetime(2011, 1, 1, tzinfo=UTC)
    while at < datetime(2019, 1, 1, tzinfo=UTC):
        day = at.astimezone(where).date()
        start, end = Period(day, day).instants(where)
        assert start <= at < end, (zone, at)
        at += timedelta(minutes=30 * 7)
