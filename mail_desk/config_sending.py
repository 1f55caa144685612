"""On which working day, and when, a report leaves: `when` of digests.toml, as a person would write it. Pure.

    first working day 09:00                 of the following week, month, quarter …
    5th working day of the month 14:30      the fifth after the period has ended
    last working day before the end         within the period itself
    每月第一个工作日 09:00 · 次月第5个工作日 · 季末最后一个工作日 16:00

Days are always working days of the desk's calendar, so no rule is needed for what falls on a holiday. A cron
line cannot say that, and is refused with an example of what can.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

EXPECTED = (
    'expected a working day and perhaps a time, such as "first working day 09:00", "5th working day", '
    '"last working day before the end 16:00", "第一个工作日 09:00", "期末最后一个工作日"'
)
_ENGLISH = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
_CHINESE = {
    "首": 1,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
MOST = 20  # working days after the period: later, the next one is nearly over

_TIME = r"(?:[ ,]*(?:at )?(?P<half>上午|下午)?(?P<hour>[01]?\d|2[0-3])[:点](?P<minute>[0-5]\d)?)?"
_UNIT = r"(?:week|month|two months|quarter|half-year|year|period)"
_EN = re.compile(
    rf"(?:on )?(?:the )?(?P<nth>{'|'.join(_ENGLISH)}|last|\d{{1,2}}(?:st|nd|rd|th)?)[ -]working[ -]day"
    rf"(?P<where> (?:of|in|after|before)(?: the end)?(?: of)?(?: the| each| every)?(?: next| following)?(?: {_UNIT})?)?"
    rf"{_TIME}"
)
_ZH = re.compile(
    r"(?P<where>(?:每|次|下个?|期|本期|周|月|季|季度|年)(?:两个)?(?:周|月|季度?|年|期)?(?:末|底|满|后|结束前|结束后|前|内)?的?)?"
    rf"(?:第?(?P<nth>最后|[{''.join(_CHINESE)}]|\d{{1,2}})一?个?)工作日{_TIME}"
)


@dataclass(frozen=True, slots=True)
class Sending:
    """The `nth` working day after the period, -1: the last one within it; `at`: HH:MM, "" where not said."""

    nth: int
    at: str = ""


def parse(text: str) -> Sending:
    """Return the rule a text says. ValueError: it says none, with what was expected."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    found = _EN.fullmatch(folded) or _ZH.fullmatch(folded)
    if found is None:
        raise ValueError(EXPECTED)
    nth = _number(found["nth"])
    if nth == -1 and re.search("after|次|下|后", found["where"] or ""):
        raise ValueError(EXPECTED)  # "the last one after" has no end
    if nth != -1 and re.search("before|末|底|满|前", found["where"] or ""):
        raise ValueError(EXPECTED)  # within the period there is only the last one
    if nth == 0 or nth > MOST:
        msg = f"expected one of the first {MOST} working days, or the last"
        raise ValueError(msg)
    return Sending(nth, _clock(found))


def _number(word: str) -> int:
    if word in ("last", "最后"):
        return -1
    return _ENGLISH.get(word) or _CHINESE.get(word) or int(re.sub(r"\D", "", word))


def _clock(found: re.Match[str]) -> str:
    if found["hour"] is None:
        return ""
    hour = int(found["hour"]) + (12 if found["half"] == "下午" and int(found["hour"]) < 12 else 0)
    return f"{hour:02d}:{found['minute'] or '00'}"
