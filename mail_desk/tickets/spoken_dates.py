"""Days as people write them in a mail: 2026-11-20, 11月20日, 昨天, 上周五, last Friday, 20 Nov.

Pure: the day of writing is an argument. A day without its year, month or week is the latest one that
is not after that day, because what is reported in these mails has happened; words that point forward
(明天, 下周五, next Friday) do point forward. What is no day is None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from mail_desk.tickets.numerals import numeral

_N = "([0-9]{1,2}|[〇零一二三四五六七八九十]{1,3})"
_YEAR = "([0-9]{4}|[〇零一二三四五六七八九]{4})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH_NAME = "(" + "|".join(_MONTHS) + r")[a-z]{0,6}\.?"
_DAY_NAME = "(" + "|".join(_DAYS) + r")[a-z]{0,6}(?![a-z])"
_NEAR = {
    "今天": 0, "今日": 0, "当天": 0, "today": 0, "昨天": -1, "昨日": -1, "昨": -1, "yesterday": -1,
    "前天": -2, "前日": -2, "大前天": -3, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2,
}  # fmt: skip
_WEEK_ZH = {"上上": -14, "上": -7, "本": 0, "这": 0, "下": 7, "下下": 14}

Found = tuple[date, int]  # the day, and how many characters it took


def date_at_start(text: str, today: date) -> Found | None:
    """Return the day that folded `text` begins with, and its length; None where it begins with none."""
    return next((found for rule in _RULES for found in rule(text, today)), None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _latest(today: date, month: int, day: int) -> date | None:
    """Return that day of the year, this year or the last ones (29 February needs some)."""
    years = (today.year - back for back in range(9) if today.year - back >= 1)
    return next((d for y in years if (d := _made(y, month, day)) is not None and d <= today), None)


def _shifted(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None


def _full(text: str, _today: date) -> Iterator[Found]:
    for pattern in (
        rf"{_YEAR} ?年 ?{_N} ?月 ?{_N} ?[日号]?",
        r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])",
        r"([0-9]{4})([0-9]{2})([0-9]{2})(?![0-9])",
    ):
        if (m := re.match(pattern, text)) and (d := _from_words(m[1], m[2], m[3])):
            yield d, m.end()


def _from_words(year: str, month: str, day: str) -> date | None:
    y, m, d = numeral(year), numeral(month), numeral(day)
    return None if y is None or m is None or d is None else _made(y, m, d)


def _month_day(text: str, today: date) -> Iterator[Found]:
    for pattern in (rf"{_N} ?月 ?{_N} ?[日号]?", r"([0-9]{1,2})[-/]([0-9]{1,2})(?![-/0-9])"):
        if m := re.match(pattern, text):
            month, day = numeral(m[1]), numeral(m[2])
            found = _latest(today, month, day) if month and day else None
            if found:
                yield found, m.end()


def _english(text: str, today: date) -> Iterator[Found]:
    year = r"(?:,? ?([0-9]{4}))?(?![0-9])"
    day = r"([0-9]{1,2})(?:st|nd|rd|th)?"
    for pattern, month_at, day_at in (
        (rf"{_MONTH_NAME} {day}{year}", 1, 2),
        (rf"{day}(?: of)? {_MONTH_NAME}{year}", 2, 1),
    ):
        if m := re.match(pattern, text):
            month = _MONTHS.index(m[month_at]) + 1
            number = int(m[day_at])
            found = _made(int(m[3]), month, number) if m[3] else _latest(today, month, number)
            if found:
                yield found, m.end()


def _near(text: str, today: date) -> Iterator[Found]:
    for word in sorted(_NEAR, key=len, reverse=True):
        if text.startswith(word) and (found := _shifted(today, _NEAR[word])):
            yield found, len(word)


def _weekday(text: str, today: date) -> Iterator[Found]:
    monday = today - timedelta(days=min(today.weekday(), today.toordinal() - 1))
    if m := re.match(r"(上上|下下|上|本|这|下)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天1-7])", text):
        index = "一二三四五六日".find(m[2].replace("天", "日").replace("7", "日"))
        index = int(m[2]) - 1 if m[2] in "123456" else index
        found = _shifted(monday, index + _WEEK_ZH[m[1]]) if m[1] else _back_to(today, index)
        if found:
            yield found, m.end()
    if m := re.match(rf"(last |this |next )?{_DAY_NAME}", text):
        index = _DAYS.index(m[2])
        weeks = {"last ": -7, "this ": 0, "next ": 7}
        found = _shifted(monday, index + weeks[m[1]]) if m[1] else _back_to(today, index)
        if found:
            yield found, m.end()


def _back_to(today: date, weekday: int) -> date | None:
    return _shifted(today, -((today.weekday() - weekday) % 7))


def _day_of_month(text: str, today: date) -> Iterator[Found]:
    if (m := re.match(rf"{_N} ?[日号]", text)) and (number := numeral(m[1])):
        for back in range(62):
            found = _shifted(today, -back)
            if found and found.day == number:
                yield found, m.end()
                return


_RULES: tuple[Callable[[str, date], Iterator[Found]], ...] = (
    _full, _month_day, _english, _near, _weekday, _day_of_month,
)  # fmt: skip
