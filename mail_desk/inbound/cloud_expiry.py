"""Until when a linked file can be had, of the words the mail says it in. Pure.

Providers write a date ("2026年12月20日 17:10"), a number of days from the sending ("30天后过期"), or that it
never ends ("永久有效"). What cannot be read is no date: the desk then reminds of nothing and says nothing.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

LONGEST = 3660  # days: what lies further off is a misreading or as good as for ever

_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_NO_YEAR = re.compile(r"(?<!\d)(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_DAY_MONTH = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH}[ ,-]*(20\d\d)?(?!\d)")
_MONTH_DAY = re.compile(rf"(?<![a-z]){_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? ?(20\d\d))?")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](20\d\d)(?!\d)")
_SPAN = re.compile(
    r"(?<!\d)(\d{1,4}|[一二两三四五六七八九十]{1,3})\s?"
    r"(?:个\s?)?(小时|天|日|周|星期|月|年|hours?|days?|weeks?|months?|years?)(?![a-z])"
)
_NEVER = re.compile(r"永久|永不|无限期|长期|不限期|never|no expir|does not expire|unlimited|permanent")
_DAYS = {
    "天": 1,
    "日": 1,
    "周": 7,
    "星期": 7,
    "月": 30,
    "年": 365,
    "day": 1,
    "week": 7,
    "month": 30,
    "year": 365,
}
_NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九", 1)} | {"两": 2}


def expiry(written: str, arrived: date) -> date | None:
    """Return the last day a link is good for; None: for ever, or not to be read.

    `arrived`: the day the mail came, from which spans count and to which a missing year is the nearest
    following one. 05/06/2026 may be May or June: the earlier reading is the safe one.
    """
    text = unicodedata.normalize("NFKC", written).casefold().strip()[:200]
    if not text or _NEVER.search(text):
        return None
    found = _dated(text, arrived) or _after(text, arrived)
    return found if found is not None and found <= arrived + timedelta(days=LONGEST) else None


def _dated(text: str, arrived: date) -> date | None:
    if m := _YEAR_FIRST.search(text):
        return _day(int(m[1]), int(m[2]), int(m[3]))
    if m := _DAY_MONTH.search(text):
        return _near(m[3], _MONTHS.index(m[2]) + 1, int(m[1]), arrived)
    if m := _MONTH_DAY.search(text):
        return _near(m[3], _MONTHS.index(m[1]) + 1, int(m[2]), arrived)
    if m := _DAY_FIRST.search(text):
        year, one, two = int(m[3]), int(m[1]), int(m[2])
        either = [d for d in (_day(year, one, two), _day(year, two, one)) if d is not None]
        return min((d for d in either if d >= arrived), default=max(either, default=None))
    if m := _NO_YEAR.search(text):
        return _near(None, int(m[1]), int(m[2]), arrived)
    return None


def _near(year: str | None, month: int, day: int, arrived: date) -> date | None:
    """Return the day; without a year the next one, as links are sent before they expire."""
    if year:
        return _day(int(year), month, day)
    this = _day(arrived.year, month, day)
    return this if this is not None and this >= arrived else _day(arrived.year + 1, month, day)


def _after(text: str, arrived: date) -> date | None:
    m = _SPAN.search(text)
    if m is None:
        return None
    amount, unit = _number(m[1]), m[2].rstrip("s")
    days = amount // 24 if unit in ("小时", "hour") else amount * _DAYS[unit]
    return arrived + timedelta(days=days) if days <= LONGEST else None  # "2026年" is no span


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, ten, units = text.partition("十")
    if not ten:
        return _NUMERALS.get(text[-1], 0)
    return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(units, 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
