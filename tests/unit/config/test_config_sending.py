"""When a report leaves: the words of digests.toml, and the day they come to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config_digests import Digest
from mail_desk.config_sending import EXPECTED, MOST, Sending, parse
from mail_desk.reports import periods
from mail_desk.reports.periods import Kind, Period

KINDS: tuple[Kind, ...] = ("week", "month", "two-months", "quarter", "year")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("first working day", Sending(1)),
        ("first-working-day", Sending(1)),
        ("first working day of the month 09:00", Sending(1, "09:00")),
        ("First working day at 9:05", Sending(1, "09:05")),
        ("on the 5th working day 14:30", Sending(5, "14:30")),
        ("third working day after the period", Sending(3)),
        ("last working day before the end 16:00", Sending(-1, "16:00")),
        ("last working day of the month", Sending(-1)),
        ("第一个工作日", Sending(1)),
        ("每月第一个工作日 9:00", Sending(1, "09:00")),
        ("次月第5个工作日 14：30", Sending(5, "14:30")),
        ("每季度第三个工作日 下午2:30", Sending(3, "14:30")),
        ("首个工作日上午9点", Sending(1, "09:00")),
        ("期末最后一个工作日 16:00", Sending(-1, "16:00")),
        ("月底最后一个工作日", Sending(-1)),
    ],
)
def test_a_working_day_is_understood_as_it_is_said(said: str, meant: Sending) -> None:
    assert parse(said) == meant


@pytest.mark.parametrize(
    "said",
    ["", "0 9 1 * *", "monday", "first day", "0th working day", "99th working day", "first working day 25:00", "每月1日",
     "last working day after the month", "第一个工作日前", "月底第三个工作日"],
)  # fmt: skip
def test_what_is_no_working_day_is_refused_with_an_example(said: str) -> None:
    with pytest.raises(ValueError, match="expected") as told:
        parse(said)
    assert str(told.value) == EXPECTED or str(MOST) in str(told.value)


def test_one_time_of_day_is_said() -> None:
    digest = {"key": "a", "title_zh": "甲", "title_en": "a", "period": "month"}
    assert Digest(**digest, when="first working day 10:00").sending == Sending(1, "10:00")
    assert Digest(**digest, when="first working day", at="10:30").sending == Sending(1, "10:30")
    assert Digest(**digest).sending == Sending(1, "09:00")
    with pytest.raises(ValueError, match="expected one time of day"):
        Digest(**digest, when="first working day 10:00", at="10:30")


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("two-months", date(2026, 9, 1), date(2026, 10, 31)),
        ("quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ("month", date(2026, 9, 1), date(2026, 9, 30)),
    ],
)
def test_a_period_is_that_of_the_calendar(kind: Kind, first: date, last: date) -> None:
    assert periods.of(kind, date(2026, 9, 15)) == Period(first, last)


def test_the_year_before_has_the_same_months() -> None:
    assert periods.year_ago(Period(date(2024, 2, 1), date(2024, 2, 29))) == Period(
        date(2023, 2, 1), date(2023, 2, 28)
    )
    assert periods.year_ago(periods.week_of(date(2026, 9, 15))) is None


@given(
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.sampled_from(KINDS),
    st.sampled_from([-1, 1, 2, 5, 20]),
    st.randoms(),
)
def test_the_sending_day_is_the_nth_working_day_counted_one_by_one(
    day: date, kind: Kind, nth: int, rng: object
) -> None:
    free = {date(2024, 1, 1) + timedelta(days=rng.randrange(2300)) for _ in range(200)}  # type: ignore[attr-defined]

    def working(at: date) -> bool:
        return at.weekday() < 5 and at not in free

    period = periods.of(kind, day)
    assert day in period
    found = periods.sent_on(period, working, nth)
    assert working(found)
    within = [period.first + timedelta(days=n) for n in range(period.days)]
    worked = [at for at in within if working(at)]
    if nth == -1 and worked:
        assert found == worked[-1]
    else:
        after = [period.last + timedelta(days=n + 1) for n in range((found - period.last).days)]
        assert sum(map(working, after)) == max(nth, 1)
