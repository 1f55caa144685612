"""By when something is wanted, as leaders write it: 请11月30日前办结, 下周五前报我, 三天内, by 30 Nov.

Pure: the day of writing and the count of working days are arguments. Unlike `spoken_dates`, which reads what
has happened, a day without its year or month is here the nearest one. A day is a deadline where the words
make it one (前, 底, 内, by, before, or a verb of reporting behind it). What can be read in two ways, or is
only mentioned, is never guessed: it comes back among the possible days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mail_desk.schedule.workdays import add_months
from mail_desk.tickets.numerals import fold, numeral

Forward = Callable[[date, int], date]  # the day so many working days later

_N = "([0-9]{1,2}|[一二三四五六七八九十两]{1,3})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = rf"({'|'.join(_MONTHS)})(?:[a-z]{{0,6}})\.?"
_CLOSE = r"(?: ?(?:下班|中午|上午|下午|晚上?|[0-9]{1,2}[点时:][0-9]{0,2}分?))?"
_BEHIND = re.compile(rf" ?(?:\([^)]{{0,8}}\))?{_CLOSE} ?(?:之前|以前|前|为止|止|截止|之内|以内|内)")
_AHEAD = re.compile(
    r"(?:\b(?:by|before|until|till|no later than|not later than|on or before|due(?: on)?|deadline:?)"
    r"(?: the| close of business(?: on)?| cob| eod)? ?|(?:截至|截止|至迟|最迟|不迟于|不晚于|限于?|期限)[: ]?)$"
)
_REPORTS = re.compile(
    r"[^,.;!?\n]{0,8}?(?:报(?!纸|道|名|销|价|关|告会)|汇报|回报|反馈|办结|办完|完成|答复|回复|了结|结案|解决|给我|交)"
)
_REPORTED = re.compile(
    r"\b(?:report|finish|complete|conclude|answer|reply|resolve|settle|close|done|tell me|let me know)\b[^.,;!?\n]{0,30}$"
)
_NOT = re.compile(r"(?:\bnot|n't|\bnever)\b[^.;\n]{0,40}$|(?:不必|无需|不用|不要|别|勿)[^,.;!\n]{0,6}$")
_NOT_BEHIND = re.compile(r" ?(?:先|都)?(?:不|别|勿|暂)")
_QUESTION = re.compile(r"[^.;!\n]{0,30}(?:[?]|吗|么(?![\u4e00-\u9fff]))")
_WEEKDAY_NAMED = re.compile(r" ?\((?:周|星期|礼拜)?[一二三四五六日天a-z]{1,9}\)")
_MOST = 4  # possible days that are offered


@dataclass(frozen=True, slots=True)
class Deadline:
    """What the words say: one certain day, or days that may be meant, or a day that is over."""

    day: date | None = None
    possible: tuple[date, ...] = ()  # not before the day of writing, earliest first
    past: date | None = None


@dataclass(frozen=True, slots=True)
class _Hit:
    """A day in the words. `days`: what it may mean. `firm`: it says itself that it is a deadline."""

    start: int
    end: int
    days: tuple[date, ...]
    firm: bool = False
    weak: bool = False  # counts only where 前, by … make it a deadline: 11-30 may be anything


def spoken(words: str, today: date, forward: Forward) -> Deadline:
    """Return by when `words`, written on `today`, want something. `forward` counts working days."""
    folded = fold(words)
    strong: list[_Hit] = []
    mentioned: list[_Hit] = []
    for hit in _hits(folded, today, forward):
        marked, doubted = _marked(folded, hit), _doubted(folded, hit)
        if hit.weak and not marked:
            continue
        (strong if marked and not doubted else mentioned).append(hit)
    days = sorted({day for hit in strong for day in hit.days})
    if len(days) == 1:
        return Deadline(day=days[0]) if days[0] >= today else Deadline(past=days[0])
    if not days:
        days = sorted({day for hit in mentioned for day in hit.days})
    coming = tuple(day for day in days if day >= today)[:_MOST]
    past = strong[0].days[0] if strong and not coming else None
    return Deadline(possible=coming, past=past)


def _marked(folded: str, hit: _Hit) -> bool:
    """Tell whether the words around a day make it a deadline."""
    if hit.firm or _BEHIND.match(folded, hit.end) or _AHEAD.search(folded[: hit.start]):
        return True
    return not hit.weak and bool(_REPORTS.match(folded, hit.end) or _REPORTED.search(folded[: hit.start]))


def _doubted(folded: str, hit: _Hit) -> bool:
    """Tell whether a question or a negation takes the deadline back: 月底前能办结吗, 月底前不要答复."""
    behind = _BEHIND.match(folded, hit.end)
    end = behind.end() if behind else hit.end
    return bool(
        _NOT.search(folded[: hit.start]) or _NOT_BEHIND.match(folded, end) or _QUESTION.match(folded, end)
    )


def _hits(folded: str, today: date, forward: Forward) -> Iterator[_Hit]:
    """Yield the days in the text; what a longer rule took is not read again by a shorter one."""
    taken: list[tuple[int, int]] = []
    for rule in _RULES:
        for hit in rule(folded, today, forward):
            named = _WEEKDAY_NAMED.match(folded, hit.end)  # 12月4日（周五）
            end = named.end() if named else hit.end
            if hit.days and all(end <= a or hit.start >= b for a, b in taken):
                taken.append((hit.start, end))
                yield replace(hit, end=end)


# --- how a day may be written -----------------------------------------------------------------------


def _made(year: int | None, month: int | None, day: int | None) -> date | None:
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


def _nearest(today: date, month: int | None, day: int | None) -> tuple[date, ...]:
    """Return that day of this year, or of the year before or after, whichever is nearest; ties lie ahead."""
    years = (today.year + n for n in (1, 0, -1))
    found = [made for y in years if (made := _made(y, month, day)) is not None]
    return (min(found, key=lambda d: abs((d - today).days)),) if found else ()


def _month_end(year: int, month: int) -> date:
    return add_months(date(year, month, 1), 1) - timedelta(days=1)


def _full(text: str, _today: date, _forward: Forward) -> Iterator[_Hit]:
    pattern = r"(?<![0-9])(20[0-9]{2}) ?[-年/.] ?([0-9]{1,2}) ?[-月/.] ?([0-9]{1,2})(?![0-9])(?: ?[日号])?"
    for m in re.finditer(pattern, text):
        found = _made(int(m[1]), int(m[2]), int(m[3]))
        yield _Hit(m.start(), m.end(), (found,) if found else ())


def _english(text: str, today: date, _forward: Forward) -> Iterator[_Hit]:
    year = r"(?:,? ?(20[0-9]{2}))?(?![0-9])"
    day = r"(?<![0-9])([0-9]{1,2})(?:st|nd|rd|th)?(?![0-9])"
    for pattern, month_at, day_at in (
        (rf"{day}(?: of)? ?\b{_MONTH}(?![a-z]){year}", 2, 1),
        (rf"\b{_MONTH}(?![a-z]) ?{day}{year}", 1, 2),
    ):
        for m in re.finditer(pattern, text):
            month, number = _MONTHS.index(m[month_at]) + 1, int(m[day_at])
            given = _made(int(m[3]), month, number) if m[3] else None
            yield _Hit(m.start(), m.end(), (given,) if given else _nearest(today, month, number))


def _durations(text: str, today: date, forward: Forward) -> Iterator[_Hit]:
    inside = r"(?:之|以)?内"
    for m in re.finditer(rf"{_N} ?个?(工作日|天|日|周|星期|小时)(?:时间)?{inside}", text):
        yield _Hit(m.start(), m.end(), _later(today, forward, numeral(m[1]), m[2]), firm=True)
    for m in re.finditer(rf"{_N}个月{inside}", text):
        number = numeral(m[1])
        yield _Hit(m.start(), m.end(), (add_months(today, number),) if number else (), firm=True)
    english = r"\b(?:with)?in (?:the next )?([0-9]{1,2}|a|one|two|three) ((?:working|business) )?(day|week|hour)s?\b"
    for m in re.finditer(english, text):
        number = {"a": 1, "one": 1, "two": 2, "three": 3}.get(m[1]) or numeral(m[1])
        unit = "工作日" if m[2] else {"day": "天", "week": "周", "hour": "小时"}[m[3]]
        yield _Hit(m.start(), m.end(), _later(today, forward, number, unit), firm=True)


def _later(today: date, forward: Forward, number: int | None, unit: str) -> tuple[date, ...]:
    if not number:
        return ()
    if unit == "工作日":
        return (forward(today, number),)
    days = {"天": number, "日": number, "小时": -(-number // 24)}.get(unit, 7 * number)
    return (today + timedelta(days=days),)


def _ends(text: str, today: date, _forward: Forward) -> Iterator[_Hit]:
    """Yield ends of months, weeks and years: 月底, 11月底, 下月底, 年底, 本周内, the end of the month."""
    this, following = _month_end(today.year, today.month), add_months(date(today.year, today.month, 1), 1)
    later = _month_end(following.year, following.month)
    sunday = today + timedelta(days=6 - today.weekday())
    for m in re.finditer(rf"{_N} ?月 ?(?:份)?(?:底|末|内)", text):
        month = numeral(m[1])
        near = _nearest(today, month, 15) if month else ()
        ends = tuple(_month_end(d.year, d.month) for d in near)
        yield _Hit(m.start(), m.end(), ends, firm=True)
    for pattern, found in (
        (r"下个?月(?:底|末|内)", later),
        (r"(?:这个?|本)?月(?:底|末)|(?:这个?|本)月内", this),
        (r"(?:今)?年(?:底|末|内)", date(today.year, 12, 31)),
        (r"下(?:周|星期|礼拜)(?:内|末)", sunday + timedelta(days=7)),
        (r"(?:这|本)(?:周|星期|礼拜)(?:内|末)|(?<![下一二三四五六七八九十两个0-9])周(?:内|末)", sunday),
        (r"\b(?:the )?end of (?:the )?next month\b", later),
        (r"\b(?:the )?end of (?:the |this )?month\b|\bmonth[- ]?end\b", this),
        (r"\b(?:the )?end of (?:the |this )?year\b", date(today.year, 12, 31)),
        (r"\b(?:the )?end of (?:the )?next week\b", sunday + timedelta(days=5)),
        (r"\b(?:the )?end of (?:the |this )?week\b", sunday - timedelta(days=2)),
    ):
        for m in re.finditer(pattern, text):
            yield _Hit(m.start(), m.end(), (found,), firm=True)


def _month_day(text: str, today: date, _forward: Forward) -> Iterator[_Hit]:
    for m in re.finditer(rf"(下个?|本|这个?)月 ?{_N} ?[日号]", text):
        first = date(today.year, today.month, 1)
        month = add_months(first, 1) if m[1].startswith("下") else first
        found = _made(month.year, month.month, numeral(m[2]))
        yield _Hit(m.start(), m.end(), (found,) if found else ())
    for m in re.finditer(rf"(?<![0-9一二三四五六七八九十]){_N} ?月 ?{_N}(?![0-9天个]) ?[日号]?", text):
        yield _Hit(m.start(), m.end(), _nearest(today, numeral(m[1]), numeral(m[2])))
    for m in re.finditer(r"(?<![0-9/.-])([0-9]{1,2})([-/.])([0-9]{1,2})(?![0-9/.-])", text):
        a, b = int(m[1]), int(m[3])
        days = _nearest(today, a, b)
        if m[2] == "/" and a != b:
            days += _nearest(today, b, a)  # 3/4: the fourth of March or the third of April
        yield _Hit(m.start(), m.end(), days, weak=True)


def _near(text: str, today: date, _forward: Forward) -> Iterator[_Hit]:
    words = (
        ("大后天", 3),
        ("后天", 2),
        ("明天|明日|\\btomorrow\\b", 1),
        ("今天|今日|当天|\\btoday\\b|\\btonight\\b", 0),
    )
    for pattern, days in words:
        for m in re.finditer(pattern, text):
            yield _Hit(m.start(), m.end(), (today + timedelta(days=days),))


def _weekday(text: str, today: date, _forward: Forward) -> Iterator[_Hit]:
    monday = today - timedelta(days=today.weekday())
    weeks = {"下下": 14, "下": 7, "本": 0, "这": 0, "上": -7}
    for m in re.finditer(r"(下下|下|本|这|上)?个?(?:周|星期|礼拜)([一二三四五六日天])", text):
        index = "一二三四五六日".find(m[2].replace("天", "日"))
        days = (monday + timedelta(days=index + weeks[m[1]]),) if m[1] else _coming(today, index)
        yield _Hit(m.start(), m.end(), days)
    for m in re.finditer(
        rf"\b(this |next |coming |last )?({'|'.join(_DAYS)})(?:[a-z]{{0,6}}day)?s?(?![a-z])", text
    ):
        index = _DAYS.index(m[2])
        this = monday + timedelta(days=index)
        days = _coming(today, index)
        if m[1] == "this ":
            days = (this,)
        elif m[1] == "last ":
            days = (this - timedelta(days=7),)
        elif (
            m[1] == "next "
        ):  # on a Wednesday, “next Friday” is the day after tomorrow or the one of next week
            days = tuple(dict.fromkeys((*(d for d in days if d > today), this + timedelta(days=7))))
        yield _Hit(m.start(), m.end(), days)


def _coming(today: date, weekday: int) -> tuple[date, ...]:
    """Return the next such day; on that very day, today and the one in a week."""
    found = today + timedelta(days=(weekday - today.weekday()) % 7)
    return (found,) if found > today else (found, found + timedelta(days=7))


def _day_of_month(text: str, today: date, _forward: Forward) -> Iterator[_Hit]:
    """`30日前`. A day of this month that is over may be next month's, or, with 日, a count of days."""
    for m in re.finditer(rf"(?<![0-9一二三四五六七八九十月]){_N} ?([日号])", text):
        number = numeral(m[1])
        first = date(today.year, today.month, 1)
        months = (add_months(first, n) for n in range(3))
        found = next((d for x in months if (d := _made(x.year, x.month, number)) and d >= today), None)
        days: tuple[date, ...] = (found,) if found else ()
        if found and found.month != today.month and m[2] == "日" and number and number <= 10:
            days = (today + timedelta(days=number), found)  # 5日前: the fifth, or within five days
        yield _Hit(m.start(), m.end(), days)


_RULES: tuple[Callable[[str, date, Forward], Iterator[_Hit]], ...] = (
    _full, _english, _durations, _ends, _month_day, _near, _weekday, _day_of_month,
)  # fmt: skip
