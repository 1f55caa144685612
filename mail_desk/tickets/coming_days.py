"""Days to come as people write them in a mail: 下周五, 11月27日, 27 Nov, tomorrow, 三天后, in 2 weeks.

`spoken_dates` reads what has happened: there a day without its year is the latest one that is over. Here
it is the next one. Pure; what is no day is None, never a guess.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mail_desk.tickets.numerals import NUMERAL, numeral
from mail_desk.tickets.spoken_dates import Found, date_at_start

_SPANS = (
    re.compile(rf"({NUMERAL}) ?(?:个)?(天|日|周|星期|礼拜)(?:之?后|以后)"),
    re.compile(rf"in ({NUMERAL}|a) ?(day|week)s?(?![a-z])"),
)
_WEEKS = ("周", "星期", "礼拜", "week")
_BEHIND = ("昨", "前", "大前", "上", "本", "这", "last ", "this ", "yesterday")  # these do mean days gone by
_LONG_AGO = timedelta(days=12 * 366)  # a day that names its year is the same from there, any other is not
_AHEAD = tuple(timedelta(days=n) for n in (7, 31, 62, 366, 4 * 366, 8 * 366))


def coming_at_start(text: str, today: date) -> Found | None:
    """Return the day that folded `text` begins with, and its length; None where it begins with none.

    A day may be over all the same (昨天, 上周五, 2020-01-01): the caller says what that means.
    """
    if found := _span(text, today):
        return found
    found = date_at_start(text, today)
    if found is None or found[0] >= today or text.startswith(_BEHIND):
        return found
    if date_at_start(text, today - _LONG_AGO) == found:
        return found
    return next((later for ahead in _AHEAD if (later := _after(text, today, ahead))), found)


def _after(text: str, today: date, ahead: timedelta) -> Found | None:
    """Return the latest such day until `ahead` days from now, if it is still to come."""
    found = date_at_start(text, today + ahead)
    return found if found is not None and found[0] > today else None


def _span(text: str, today: date) -> Found | None:
    for pattern in _SPANS:
        if m := pattern.match(text):
            count = 1 if m[1] == "a" else numeral(m[1])
            if count is not None:
                return today + timedelta(days=count * (7 if m[2] in _WEEKS else 1)), m.end()
    return None
