from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config import CalendarYear, DayName
from mail_desk.schedule.workdays import Calendar, Count, add_months

ONE_DAY = timedelta(days=1)
YEARS = range(2015, 2027)
days = st.dates(date(2015, 1, 1), date(2027, 12, 31))
amounts = st.integers(0, 130)


@pytest.fixture(scope="module")
def guessed() -> Calendar:
    """Return a calendar without a single file."""
    return Calendar([])


def slowly(calendar: Calendar, start: date, amount: int) -> date:
    """Count as a clerk does with a wall calendar."""
    day = start
    for _ in range(amount):
        day += ONE_DAY
        while not calendar.is_working(day):
            day += ONE_DAY
    return day


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_shipped_year_agrees_with_both_published_libraries(
    calendar: Calendar, year: int
) -> None:
    other: Any = holidays.country_holidays("CN", years=year)
    assert calendar.published(year)
    day = date(year, 1, 1)
    while day.year == year:
        assert calendar.is_working(day) == chinese_calendar.is_workday(day), day
        assert calendar.is_working(day) == other.is_working_day(day), day
        day += ONE_DAY


def test_names_are_known_in_both_languages(calendar: Calendar) -> None:
    assert calendar.name_of(date(2026, 2, 17), "zh") == "春节"
    assert calendar.name_of(date(2026, 2, 17), "en") == "Spring Festival"
    assert calendar.name_of(date(2026, 2, 14), "zh") == "春节调休"
    assert calendar.name_of(date(2026, 2, 14), "en") == "make-up day for Spring Festival"
    assert calendar.name_of(date(2026, 11, 23), "zh") == ""
    assert calendar.name_of(date(2026, 11, 22), "en") == ""


def test_every_named_day_has_a_name_in_both_languages(years: tuple[CalendarYear, ...]) -> None:
    for year in years:
        for entry in (*year.holiday, *year.working):
            assert entry.name, entry
            assert entry.name_en, entry


@given(start=days, amount=st.integers(1, 130))
def test_adding_agrees_with_counting_on_the_fingers(calendar: Calendar, start: date, amount: int) -> None:
    assert calendar.add(start, amount).date == slowly(calendar, start, amount)


@given(start=days, amount=amounts)
def test_what_was_added_lies_between(calendar: Calendar, start: date, amount: int) -> None:
    end = calendar.add(start, amount).date
    assert calendar.is_working(end)
    assert calendar.between(start, end) == (amount or (calendar.is_working(end) and end > start))


@given(a=days, b=days)
def test_between_counts_each_working_day_after_the_first_up_to_the_last(
    calendar: Calendar, a: date, b: date
) -> None:
    low, high = min(a, b), max(a, b)
    counted = sum(calendar.is_working(low + timedelta(days=n)) for n in range(1, (high - low).days + 1))
    assert calendar.between(a, b) == (counted if a <= b else -counted)


@given(end=days, amount=st.integers(1, 130))
def test_going_back_leaves_as_many_working_days_as_asked(calendar: Calendar, end: date, amount: int) -> None:
    day = calendar.back(end, amount)
    assert calendar.is_working(day)
    steps, walked = amount, end
    while steps:
        walked -= ONE_DAY
        steps -= calendar.is_working(walked)
    assert day == walked


@given(start=days, amount=amounts)
def test_every_day_passed_is_either_counted_or_named(calendar: Calendar, start: date, amount: int) -> None:
    count = calendar.add(start, amount)
    begin = start if amount else start - ONE_DAY
    assert (count.date - begin).days == calendar.between(begin, count.date) + len(count.skipped)
    assert all(not calendar.is_working(day.day) for day in count.skipped)
    assert all(calendar.is_working(day.day) and day.day.weekday() >= 5 for day in count.made_up)
    assert all(day.name and day.name_en for day in (*count.skipped, *count.made_up))


@given(day=days)
def test_rolling_stays_on_a_working_day_and_leaves_a_rest_day(calendar: Calendar, day: date) -> None:
    rolled = calendar.roll(day)
    assert calendar.is_working(rolled)
    assert (rolled == day) == calendar.is_working(day)
    assert calendar.between(day, rolled) == (0 if rolled == day else 1)


def test_the_next_working_day_may_leave_out_the_day_itself(calendar: Calendar) -> None:
    assert calendar.next_working(date(2026, 9, 30)) == date(2026, 9, 30)
    assert calendar.next_working(date(2026, 9, 30), include=False) == date(2026, 10, 8)


def test_a_year_without_a_file_is_guessed_and_said_so(calendar: Calendar, guessed: Calendar) -> None:
    assert not calendar.published(2027)
    assert calendar.is_working(date(2027, 1, 1))  # a Friday: nobody has said yet that it is off
    assert calendar.add(date(2026, 11, 23), 60).provisional
    assert not calendar.add(date(2026, 11, 23), 25).provisional  # ends 2026-12-28
    assert guessed.add(date(2026, 3, 2), 1) == Count(date(2026, 3, 3), True, (), ())


def test_the_last_days_of_december_wait_for_the_notice_of_the_next_year(calendar: Calendar) -> None:
    assert calendar.settled(date(2026, 12, 28))
    assert not calendar.settled(date(2026, 12, 29))
    assert calendar.settled(date(2025, 12, 31))


def test_a_notice_may_move_the_last_days_of_the_year_before(years: tuple[CalendarYear, ...]) -> None:
    without = Calendar(year for year in years if year.year <= 2018)
    assert without.is_working(date(2018, 12, 31))
    assert not Calendar(years).is_working(date(2018, 12, 31))
    assert Calendar(years).is_working(date(2018, 12, 29))  # a Saturday


def test_the_later_notice_holds_where_two_name_one_day() -> None:
    day = date(2026, 12, 31)
    off = CalendarYear(year=2027, source="x", holiday=(DayName(day=day, name="元旦"),))
    worked = CalendarYear(year=2026, source="x", working=(DayName(day=day, name="上班"),))
    for order in ((off, worked), (worked, off)):
        assert not Calendar(order).is_working(day)
        assert Calendar(order).name_of(day, "zh") == "元旦"


def test_a_year_missing_between_two_files_makes_what_runs_through_it_provisional() -> None:
    calendar = Calendar(CalendarYear(year=year, source="x") for year in (2015, 2017))
    assert calendar.add(date(2015, 12, 1), 320).date.year == 2017
    assert calendar.add(date(2015, 12, 1), 320).provisional
    assert not calendar.add(date(2017, 1, 2), 5).provisional


def test_passing_no_day_at_all_is_not_provisional(guessed: Calendar) -> None:
    assert guessed.passing(date(2026, 3, 2), date(2026, 3, 2)) == Count(date(2026, 3, 2), False, (), ())


def test_a_name_missing_in_english_falls_back_to_the_chinese_one() -> None:
    day = date(2026, 6, 1)
    calendar = Calendar([CalendarYear(year=2026, source="x", holiday=(DayName(day=day, name="停电"),))])
    assert calendar.name_of(day, "en") == "停电"


def test_counting_forward_by_a_negative_number_is_refused(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="-1 working days"):
        calendar.add(date(2026, 3, 2), -1)


def test_an_empty_count_ends_on_the_day_itself_or_the_next_worked(calendar: Calendar) -> None:
    assert calendar.add(date(2026, 10, 1), 0).date == date(2026, 10, 8)
    assert [d.name for d in calendar.add(date(2026, 10, 1), 0).skipped] == ["国庆节"] * 7
    assert calendar.add(date(2026, 10, 8), 0) == Count(date(2026, 10, 8), False, (), ())


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_civil_code_202_a_month_ends_on_its_own_day_or_its_last(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end
