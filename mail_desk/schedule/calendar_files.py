"""Behind `mail-desk calendar check|import|due`: calendar files as text, and dates on request.

Pure but for reading the data of two published libraries, which are no dependency of the desk: they
are used where installed. Nothing here writes a file, prints, or asks what day it is.

A year is imported only where `chinesecalendar` has its notice and `holidays` agrees on every day:
`holidays` alone fills years it does not know with a guess.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import ModuleType

from mail_desk.config import CalendarYear, DayName, Language
from mail_desk.schedule.explanation import amount_in_words, day_in_words, days_in_words
from mail_desk.schedule.workdays import ONE_DAY, SATURDAY, Calendar, add_months

_NAMES = {  # as chinesecalendar names them → as letters do
    "元旦": ("元旦", "New Year's Day"),
    "春节": ("春节", "Spring Festival"),
    "清明": ("清明节", "Qingming Festival"),
    "劳动节": ("劳动节", "Labour Day"),
    "端午": ("端午节", "Dragon Boat Festival"),
    "中秋": ("中秋节", "Mid-Autumn Festival"),
    "国庆节": ("国庆节", "National Day"),
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": (
        "抗战胜利70周年纪念日",
        "70th anniversary of victory in the war of resistance",
    ),
}
_NEW_YEAR = "元旦"
_WEEKDAYS = "一二三四五六日"
_OCTOBER = 10  # the notice for the next year appears from late October on


# --- import ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Imported:
    """A year from the libraries' data, or the sentence why there is none."""

    year: CalendarYear | None
    text: str  # the file's text, or the reason


def import_year(year: int, source: str = "") -> Imported:
    """Return the calendar file of a year from the data of the two libraries, where both know it."""
    try:
        known = importlib.import_module("chinese_calendar")
        check_with = importlib.import_module("holidays")
    except ModuleNotFoundError as missing:
        return Imported(None, f"needs the packages chinesecalendar and holidays: {missing}")
    off: Mapping[date, str] = known.constants.holidays
    made_up: Mapping[date, str] = known.constants.workdays
    if not any(day.year == year for day in off):
        return Imported(
            None,
            f"the installed chinesecalendar does not know {year}: its notice is not published yet, "
            "or the package is older than it",
        )
    found = CalendarYear(
        year=year,
        source=source or f"data of chinesecalendar and holidays for {year}",
        holiday=_entries(off, known, year, "", ""),
        working=_entries(made_up, known, year, "调休", "make-up day for "),
    )
    against = _disagreements(found, check_with)
    if against:
        days = ", ".join(str(day) for day in against)
        return Imported(None, f"chinesecalendar and holidays disagree about {days}: enter the notice by hand")
    return Imported(found, as_toml(found))


def _entries(
    days: Mapping[date, str], known: ModuleType, year: int, suffix_zh: str, prefix_en: str
) -> tuple[DayName, ...]:
    """Return the days that the notice for `year` names: December's of a new year's day included."""
    entries = []
    for day, english in sorted(days.items()):
        chinese = known.Holiday(english).chinese
        if _notice_of(day, chinese) == year:
            name, name_en = _NAMES.get(chinese, (chinese, english))
            entries.append(DayName(day=day, name=name + suffix_zh, name_en=prefix_en + name_en))
    return tuple(entries)


def _notice_of(day: date, name: str) -> int:
    return day.year + 1 if name == _NEW_YEAR and day.month == 12 else day.year


def _disagreements(found: CalendarYear, check_with: ModuleType) -> list[date]:
    """Return the days of the file's own year that `holidays` sees otherwise."""
    last = date(found.year, 12, 28)  # what follows may be moved by the next notice
    named = [entry.day for entry in (*found.holiday, *found.working)]
    first = min([date(found.year, 1, 1), *named])
    calendar = Calendar([found])
    other = check_with.country_holidays("CN", years=(found.year - 1, found.year))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_working(day) != other.is_working_day(day)]


def as_toml(year: CalendarYear) -> str:
    """Return a calendar file as people keep it: one day a line, with its weekday."""
    lines = [
        f"# {year.year}年节假日安排：与周一至周五不同的日子",
        f"# What differs from Monday to Friday in {year.year}. Kept by `mail-desk calendar import {year.year}`.",
        "",
        f"year = {year.year}",
        f"source = {_quoted(year.source)}",
        "",
        *_table("holiday", year.holiday),
        "",
        "# weekends that are worked instead",
        *_table("working", year.working),
    ]
    return "\n".join(lines) + "\n"


def _table(name: str, entries: Sequence[DayName]) -> Iterator[str]:
    yield f"{name} = ["
    for e in entries:
        weekday = _WEEKDAYS[e.day.weekday()]
        yield f"  {{ day = {e.day}, name = {_quoted(e.name)}, name_en = {_quoted(e.name_en)} }}, # 周{weekday}"
    yield "]"


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# --- check ----------------------------------------------------------------------------------------


def check(years: Iterable[CalendarYear], today: date) -> tuple[str, ...]:
    """Return what is missing or odd, as sentences; nothing where all is well."""
    by_year = {year.year: year for year in years}
    return (*_missing(by_year, today), *(said for year in by_year.values() for said in _odd(year)))


def _missing(by_year: Mapping[int, CalendarYear], today: date) -> Iterator[str]:
    if today.year not in by_year:
        yield f"cn-{today.year}.toml is missing: every date of this year is provisional"
    if today.month >= _OCTOBER and today.year + 1 not in by_year:
        yield (
            f"cn-{today.year + 1}.toml is missing: dates from {today.year}-12-29 on are provisional; the "
            "notice appears around November: `mail-desk calendar import` or enter it by hand"
        )
    for year in range(min(by_year, default=today.year), max(by_year, default=today.year)):
        if year not in by_year and year != today.year:
            yield f"cn-{year}.toml is missing between years that are there"


def _odd(year: CalendarYear) -> Iterator[str]:
    file = f"cn-{year.year}.toml"
    first, last = date(year.year - 1, 12, 29), date(year.year, 12, 31)
    seen: set[date] = set()
    for entry in (*year.holiday, *year.working):
        if not first <= entry.day <= last:
            yield f"{file}: {entry.day} ({entry.name}) does not belong to {year.year}"
        if entry.day in seen:
            yield f"{file}: {entry.day} ({entry.name}) is named twice"
        seen.add(entry.day)
    for entry in year.working:
        if entry.day.weekday() < SATURDAY:
            yield f"{file}: {entry.day} ({entry.name}) is named a make-up day but is no weekend"
    if not year.holiday:
        yield f"{file}: names no holiday at all"
    elif not year.working:
        yield f"{file}: names no make-up working day; every notice since 2015 has had some"


# --- due ------------------------------------------------------------------------------------------

_LIMIT = re.compile(r"\s*(\d{1,4})\s*(wd|d|m|个?工作日|日|天|个?月)\s*", re.IGNORECASE)
_UNIT_OF = {"wd": "working-days", "d": "calendar-days", "m": "calendar-months"}
_UNIT_OF |= {"工作日": "working-days", "日": "calendar-days", "天": "calendar-days", "月": "calendar-months"}


def understands(limit: str) -> bool:
    """Say whether `due` can read a limit."""
    return _LIMIT.fullmatch(limit) is not None


def due(
    calendar: Calendar, start: date, limit: str, *, language: Language = "zh", explained: bool = False
) -> str:
    """Return the day on which a limit such as 60wd, 30d or 12m from `start` ends, in words.

    The start day is not counted (Civil Code Art. 201), an end on a rest day rolls (Art. 203).
    """
    parsed = _LIMIT.fullmatch(limit)
    if parsed is None:
        return f'"{limit}" is no limit; expected a number with wd (working days), d (days) or m (months)'
    amount, unit = int(parsed[1]), _UNIT_OF[parsed[2].lower().removeprefix("个")]
    reached = _reached(calendar, start, amount, unit)
    end = calendar.roll(reached)
    count = calendar.passing(start if unit == "working-days" else reached - ONE_DAY, end)
    zh = language == "zh"
    mark = ("（暂定）" if zh else " (provisional)") if count.provisional else ""
    lines = [f"{day_in_words(end, language)}{mark}"]
    if explained:
        first, span = day_in_words(start, language), amount_in_words(amount, unit, language)
        lines.append(f"起算：{first}，当日不计入；{span}" if zh else f"Starts: {first}, not counted; {span}")
        if count.skipped:
            lines.append(("不计入：" if zh else "Not counted: ") + days_in_words(count.skipped, language))
        if count.made_up:
            label = "调休上班，计入：" if zh else "Make-up working days, counted: "
            lines.append(label + days_in_words(count.made_up, language))
        years = sorted({day.year for day in (start, end) if not calendar.settled(day)})
        if count.provisional:
            lines.append(_why_provisional(years, language))
    return "\n".join(lines)


def _reached(calendar: Calendar, start: date, amount: int, unit: str) -> date:
    if unit == "working-days":
        return calendar.forward(start, amount)
    if unit == "calendar-months":
        return add_months(start, amount)
    return start + timedelta(days=amount)


def _why_provisional(years: Sequence[int], language: Language) -> str:
    listed = "、".join(map(str, years)) if language == "zh" else ", ".join(map(str, years))
    if language == "zh":
        return f"暂定：{listed}年的日子尚无定论（放假安排未公布），按周一至周五推算"
    return f"Provisional: days of {listed} are not settled by a published notice; Monday to Friday is assumed"
