"""By when a leader wants something: what is certain, what may be meant, what is over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.spoken_deadlines import spoken

MONDAY = date(2026, 11, 23)


def forward(day: date, count: int) -> date:
    """Count Monday to Friday."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def by(words: str, today: date = MONDAY) -> str:
    found = spoken(words, today, forward)
    if found.day is not None:
        return found.day.isoformat()
    if found.past is not None:
        return f"past {found.past}"
    return " ".join(f"{d.isoformat()}?" for d in found.possible)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("请11月30日前办结并报告", "2026-11-30"),
        ("请于12月4日（周五）前办结", "2026-12-04"),
        ("下周五前报我", "2026-12-04"),
        ("周五前报", "2026-11-27"),
        ("请月底前报我", "2026-11-30"),
        ("下月底前", "2026-12-31"),
        ("年底前办结", "2026-12-31"),
        ("30日前报结果", "2026-11-30"),
        ("十二月五日前", "2026-12-05"),
        ("１２月５日前", "2026-12-05"),
        ("三天内报我", "2026-11-26"),
        ("5个工作日内办结", "2026-11-30"),
        ("两周内", "2026-12-07"),
        ("一个月内", "2026-12-23"),
        ("24小时内", "2026-11-24"),
        ("明天下班前报", "2026-11-24"),
        ("1月5日前办结", "2027-01-05"),
        ("2026年12月1日前报", "2026-12-01"),
        ("截止12月1日报结果", "2026-12-01"),
        ("请就11月3日来信于11月30日前办结", "2026-11-30"),
        ("by 30 Nov", "2026-11-30"),
        ("Please report by Friday.", "2026-11-27"),
        ("report back no later than December 4th", "2026-12-04"),
        ("within 5 working days", "2026-11-30"),
        ("finish this by the end of the month", "2026-11-30"),
        ("before 2026-12-01, please", "2026-12-01"),
        ("11/30前", "2026-11-30"),
    ],
)
def test_words_that_say_by_when_are_a_deadline(words: str, day: str) -> None:
    assert by(words) == day


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("report to me by next Friday", "2026-11-27? 2026-12-04?"),
        ("5日前报", "2026-11-28? 2026-12-05?"),
        ("by 3/4", "2027-03-04? 2027-04-03?"),
        ("请11月30日或12月4日前办结", "2026-11-30? 2026-12-04?"),
        ("周一前报", "2026-11-23? 2026-11-30?"),
        ("月底前能办结吗？", "2026-11-30?"),
        ("月底前不要答复", "2026-11-30?"),
        ("not before 30 November", "2026-11-30?"),
    ],
)
def test_what_can_be_read_in_two_ways_is_never_guessed(words: str, days: str) -> None:
    assert by(words) == days


@pytest.mark.parametrize(
    "words",
    [
        "请抓紧办理",
        "请核实11月3日的来信",
        "下周开会研究",
        "涉及3家企业",
        "12月",
        "阅",
        "Please speed this up",
        "",
    ],
)
def test_words_without_a_coming_day_say_none(words: str) -> None:
    assert by(words) == ""


def test_a_deadline_that_is_over_is_told_and_not_moved_to_next_year() -> None:
    assert by("11月3日前办结") == "past 2026-11-03"
    assert by("by 3 November") == "past 2026-11-03"


@given(
    st.text(alphabet="年月日号周前内底下本五三十日0123456789/-. 报请byFridayNov", max_size=40),
    st.dates(date(2015, 2, 1), date(2027, 11, 30)),
)
def test_any_words_are_read_and_no_certain_or_possible_day_is_over(words: str, today: date) -> None:
    found = spoken(words, today, forward)
    assert found.day is None or found.day >= today
    assert all(day >= today for day in found.possible)
    assert found.past is None or found.past < today


@given(st.dates(date(2015, 2, 1), date(2027, 11, 30)), st.integers(0, 180))
def test_a_written_date_reads_back_as_itself(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert spoken(f"请{day.year}年{day.month}月{day.day}日前报", today, forward).day == day
    assert spoken(f"please report by {day:%d %b %Y}", today, forward).day == day
    if ahead < 170 and (day.month, day.day) != (2, 29):
        assert spoken(f"请{day.month}月{day.day}日前报", today, forward).day == day
