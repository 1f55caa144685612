"""Days to come as people write them: the next one, never one that is over unless it is named so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.coming_days import coming_at_start

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11月27日", date(2026, 11, 27)),
        ("11-27", date(2026, 11, 27)),
        ("27日", date(2026, 11, 27)),
        ("20日", date(2026, 12, 20)),
        ("1月5日", date(2027, 1, 5)),
        ("2月29日", date(2028, 2, 29)),
        ("周五", date(2026, 11, 27)),
        ("下周五", date(2026, 12, 4)),
        ("明天", date(2026, 11, 24)),
        ("三天后", date(2026, 11, 26)),
        ("两周后", date(2026, 12, 7)),
        ("27 nov", date(2026, 11, 27)),
        ("jan 5", date(2027, 1, 5)),
        ("next friday", date(2026, 12, 4)),
        ("friday", date(2026, 11, 27)),
        ("in 2 weeks", date(2026, 12, 7)),
        ("in a week", date(2026, 11, 30)),
        ("2026-12-01", date(2026, 12, 1)),
    ],
)
def test_a_day_is_the_next_one(text: str, day: date) -> None:
    assert coming_at_start(text, TODAY) == (day, len(text))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2025年1月5日", date(2025, 1, 5)),
        ("昨天", date(2026, 11, 22)),
        ("上周五", date(2026, 11, 20)),
        ("last friday", date(2026, 11, 20)),
        ("今天", TODAY),
        ("11月23日", TODAY),
        ("周一", TODAY),
    ],
)
def test_what_names_a_day_gone_by_or_today_is_not_moved(text: str, day: date) -> None:
    assert coming_at_start(text, TODAY) == (day, len(text))


@pytest.mark.parametrize("text", ["等答复", "", "5", "soon", "99日", "13月1日"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert coming_at_start(text, TODAY) is None


@given(today=st.dates(date(2015, 1, 1), date(2027, 12, 31)), ahead=st.integers(1, 365))
def test_every_day_of_the_next_year_is_found_by_its_month_and_day(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    if (day.month, day.day) == (today.month, today.day):
        return  # the same day a year later is said with its year
    found = coming_at_start(f"{day.month}月{day.day}日", today)
    assert found is not None
    assert found[0] == day


@given(today=st.dates(date(2015, 1, 1), date(2027, 12, 31)), ahead=st.integers(1, 27))
def test_every_day_of_the_next_weeks_is_found_by_its_number_alone(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    found = coming_at_start(f"{day.day}日", today)
    assert found is not None
    assert found[0] == day
