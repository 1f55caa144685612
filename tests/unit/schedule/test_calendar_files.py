from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from mail_desk.config import CalendarYear, DayName
from mail_desk.schedule import calendar_files
from mail_desk.schedule.workdays import Calendar

FILES = Path(__file__).resolve().parents[3] / "config" / "calendar"


@pytest.mark.parametrize("year", range(2015, 2027))
def test_a_shipped_year_is_what_import_writes_but_for_its_source(year: int) -> None:
    text = (FILES / f"cn-{year}.toml").read_text(encoding="utf-8")
    source = tomllib.loads(text)["source"]
    imported = calendar_files.import_year(year, source)
    assert imported.text == text
    assert source.startswith("国办发明电〔")


def test_what_is_imported_reads_back_as_the_same_year() -> None:
    imported = calendar_files.import_year(2020, 'a "quoted" \\ source')
    assert CalendarYear.model_validate(tomllib.loads(imported.text)) == imported.year


def test_days_of_december_that_the_next_notice_moved_stand_in_its_own_file() -> None:
    year = calendar_files.import_year(2019).year
    assert year is not None
    assert next(d.day for d in year.working) == date(2018, 12, 29)
    assert calendar_files.import_year(2018).year != year
    assert "2018-12-31" not in calendar_files.import_year(2018).text


def test_a_year_the_libraries_do_not_know_is_refused_and_not_guessed() -> None:
    imported = calendar_files.import_year(2027)
    assert imported.year is None
    assert "does not know 2027" in imported.text


def test_libraries_that_disagree_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    import chinese_calendar

    holiday = dict(chinese_calendar.constants.holidays)
    del holiday[date(2026, 2, 16)]
    monkeypatch.setattr(chinese_calendar.constants, "holidays", holiday)
    imported = calendar_files.import_year(2026)
    assert imported.year is None
    assert "disagree about 2026-02-16" in imported.text


def test_without_the_libraries_import_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "chinese_calendar", None)
    assert "needs the packages chinesecalendar and holidays" in calendar_files.import_year(2026).text


def test_the_shipped_files_are_in_order(years: tuple[CalendarYear, ...]) -> None:
    assert calendar_files.check(years, date(2026, 9, 30)) == ()


def test_the_missing_next_year_is_announced_from_october(years: tuple[CalendarYear, ...]) -> None:
    (said,) = calendar_files.check(years, date(2026, 10, 1))
    assert said.startswith("cn-2027.toml is missing: dates from 2026-12-29 on are provisional")


def test_a_missing_present_year_and_a_gap_are_told(years: tuple[CalendarYear, ...]) -> None:
    assert calendar_files.check(years, date(2027, 1, 4)) == (
        "cn-2027.toml is missing: every date of this year is provisional",
    )
    holed = [year for year in years if year.year != 2020]
    assert calendar_files.check(holed, date(2026, 3, 1)) == (
        "cn-2020.toml is missing between years that are there",
    )
    assert calendar_files.check([], date(2026, 3, 1)) == (
        "cn-2026.toml is missing: every date of this year is provisional",
    )


def test_odd_entries_are_told_by_file_and_day() -> None:
    entry = DayName(day=date(2026, 3, 3), name="怪")
    year = CalendarYear(
        year=2026,
        source="x",
        holiday=(entry, DayName(day=date(2025, 12, 28), name="早"), DayName(day=date(2027, 1, 1), name="晚")),
        working=(entry,),
    )
    assert calendar_files.check([year], date(2026, 3, 1)) == (
        "cn-2026.toml: 2025-12-28 (早) does not belong to 2026",
        "cn-2026.toml: 2027-01-01 (晚) does not belong to 2026",
        "cn-2026.toml: 2026-03-03 (怪) is named twice",
        "cn-2026.toml: 2026-03-03 (怪) is named a make-up day but is no weekend",
    )
    assert calendar_files.check([CalendarYear(year=2026, source="x")], date(2026, 3, 1)) == (
        "cn-2026.toml: names no holiday at all",
    )
    only = CalendarYear(year=2026, source="x", holiday=(entry,))
    assert "no make-up working day" in calendar_files.check([only], date(2026, 3, 1))[0]


def test_due_explains_start_skipped_days_by_name_and_result(calendar: Calendar) -> None:
    text = calendar_files.due(calendar, date(2026, 9, 21), "7wd", explained=True)
    assert text.splitlines() == [
        "2026年10月8日（周四）",
        "起算：2026年9月21日（周一），当日不计入；7个工作日",
        "不计入：2026-09-25至09-27 中秋节、2026-10-01至10-07 国庆节",
    ]


def test_due_in_english_tells_make_up_days_and_what_is_not_settled(calendar: Calendar) -> None:
    text = calendar_files.due(calendar, date(2026, 10, 8), "62 WD", language="en", explained=True)
    assert text.splitlines() == [
        "Fri 1 January 2027 (provisional)",
        "Starts: Thu 8 October 2026, not counted; 62 working days",
        "Not counted: 23 plain weekend days from 2026-10-11 to 2026-12-27",
        "Make-up working days, counted: 2026-10-10 make-up day for National Day",
        "Provisional: days of 2027 are not settled by a published notice; Monday to Friday is assumed",
    ]


@pytest.mark.parametrize(
    ("limit", "end"),
    [
        ("60wd", "2026年4月7日（周二）"),
        ("60个工作日", "2026年4月7日（周二）"),
        ("3工作日", "2026年1月9日（周五）"),
        ("30d", "2026年2月5日（周四）"),
        ("15日", "2026年1月21日（周三）"),
        ("40天", "2026年2月24日（周二）"),  # ends on Sunday 15 February: rolls over Spring Festival
        ("3m", "2026年4月7日（周二）"),
        ("3个月", "2026年4月7日（周二）"),
    ],
)
def test_due_understands_limits_as_people_write_them(calendar: Calendar, limit: str, end: str) -> None:
    assert calendar_files.due(calendar, date(2026, 1, 6), limit) == end


def test_due_refuses_what_is_no_limit(calendar: Calendar) -> None:
    assert calendar_files.due(calendar, date(2026, 1, 6), "soon") == (
        '"soon" is no limit; expected a number with wd (working days), d (days) or m (months)'
    )


def test_only_the_end_of_plain_days_is_explained_as_rolled(calendar: Calendar) -> None:
    text = calendar_files.due(calendar, date(2026, 1, 6), "40d", explained=True)
    assert text.splitlines()[-1] == "不计入：2026-02-15至02-23 春节"
