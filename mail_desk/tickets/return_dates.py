"""The last day away that an out-of-office answer names, in Chinese or English. Pure.

It is only ever offered to a person: what stands there in more than one way is read as the shorter absence,
and what names no day to come is None, never a guess.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mail_desk.tickets import absences
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.spoken_dates import date_at_start

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=200)  # ahead: more is a year misread
_READ = 3000  # characters: an automatic answer that is longer says when in its first lines
_STARTS = re.compile(
    r"(?<![0-9a-z])(?=[0-9〇零一二三四五六七八九十]|明|后天|本|这|下|周|星期|礼拜|jan|feb|mar|apr|may|jun|jul|aug|sep|oct"
    r"|nov|dec|mon|tue|wed|thu|fri|sat|sun|next|this|tomorrow|today)|(?<=[\u3000-\u9fff])(?=[0-9])"
)
_LAST = re.compile(r"(?:至|到|截至|截止|直到|until|till|through|thru|to|by the end of|-|~)[ :]*(?:the )?$")
_BACK = re.compile(
    r"(?:return(?:ing)?|back|resume|rejoin|reachable|available)[a-z ,]*(?:on|by|from)?[ :]*(?:the )?$"
    r"|(?:返岗|返回|回来|回到|恢复|上班)[^0-9。;]{0,6}$"
)
_BACK_BEHIND = re.compile(r"[^。;.!\n0-9]{0,8}(?:返岗|返回|回来|回到|上班|恢复办公|恢复上班|回单位|回公司)")


def last_day_away(text: str, today: date) -> date | None:
    """Return the last day of the absence an automatic answer speaks of; None where it names none to come."""
    folded = fold(text[:_READ])
    found: list[date] = []
    position = 0
    while match := _STARTS.search(folded, position):
        at = match.start()
        day = _day(folded[at:], today)
        if day is None:
            position = at + 1
            continue
        begin, end, position = folded[:at], folded[at + day[1] :], at + max(day[1], 1)
        if _BACK.search(begin) or _BACK_BEHIND.match(end):
            found.append(day[0] - ONE_DAY)
        elif _LAST.search(begin):
            found.append(day[0])
    usable = [day for day in found if today <= day <= today + LONGEST]
    return min(usable) if usable else None


def _day(folded: str, today: date) -> tuple[date, int] | None:
    """Return the day that stands here, read as one to come where it has no year."""
    if re.match(r"[0-9]{5,}(?![0-9])|[0-9]{3,4}-[0-9]{5,}", folded):
        return None  # a telephone number
    found = date_at_start(folded, today)
    return None if found is None else absences.ahead(folded, found, today)
