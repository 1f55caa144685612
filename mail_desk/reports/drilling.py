"""Behind a figure: which tickets it counts, asked for in a few words (`#列表 逾期`, `#list concluded last month`). Pure.

A figure and its tickets come from the same cases by the same condition, so the list is as long as the figure is
high, and as the filter of the ledger leaves rows. What is asked is one measure (received, open, overdue …), and
perhaps a group (a category, handler, enterprise, country, channel) and a period; what is not understood is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mail_desk.reports import periods
from mail_desk.reports.cases import Case, Identity
from mail_desk.reports.figures import MERGED, PeriodFigures
from mail_desk.reports.periods import Period
from mail_desk.reports.words import Names

MEASURES: dict[str, tuple[str, ...]] = {
    "on-time": ("按时办结", "concluded on time"),
    "concluded-late": ("超时办结", "concluded late"),
    "answered": ("收到至首次答复", "首次答复", "first answer"),
    "decided": ("收到至受理与否的决定", "决定", "decided"),
    "handled": ("受理至办结", "acceptance to conclusion"),
    "declined": ("不予受理", "未受理的", "refused", "declined"),
    "received": ("收到", "来件", "received"),
    "accepted": ("受理", "accepted"),
    "open": ("未办结", "在办", "未结", "open", "not concluded"),
    "concluded": ("办结", "结论", "concluded"),
    "closed": ("归档", "结案", "closed"),
    "transferred": ("移送", "转办", "transferred"),
    "reopened": ("重新办理", "重办", "reopened"),
    "extended": ("延期", "extended", "extensions"),
    "unmarked": ("未认定", "尚未认定", "未标记", "unmarked", "not marked"),
    "unserved": ("未送达", "unserved", "not served"),
    "late": ("期末逾期", "已逾期", "overdue at the end"),
    "overdue": ("目前逾期", "逾期", "超期", "overdue", "late"),
    "all": ("全部", "all"),
}
BY_DAY = frozenset({"received", "accepted", "declined", "concluded", "closed", "transferred", "reopened"})
"""Measures of what happened on a day: a part of a digest's period is counted as the digest counted it."""
GROUPS: dict[str, tuple[str, ...]] = {
    "category": ("问题类别", "类别", "分类", "category"),
    "handler": ("承办人", "承办", "经办", "handler"),
    "enterprise": ("企业", "公司", "enterprise", "company"),
    "country": ("国别", "国家", "country"),
    "channel": ("渠道", "来源", "channel"),
    "ground": ("理由", "ground"),
    "kind": ("性质", "kind"),
    "age": ("已收到", "age"),
    "subject": ("热点问题", "主题", "subject"),
}
_GROUPS = {
    key: re.compile(
        "(?:{0})[ :]+(.+)|(?:{0})(.+)".format("|".join(rf"\b{w}\b" if w.isascii() else w for w in words))
    )
    for key, words in GROUPS.items()
}
_KINDS: dict[str, periods.Kind] = {
    "周": "week", "星期": "week", "week": "week", "月": "month", "个月": "month", "month": "month",
    "季度": "quarter", "季": "quarter", "quarter": "quarter", "年": "year", "年度": "year", "year": "year",
}  # fmt: skip
_RELATIVE = re.compile(
    r"(上个?|本|这个?|去|今)(周|星期|月|季度|年度?)|(last|previous|this) (week|month|quarter|year)"
)
_MONTH = re.compile(r"(20\d\d)(?:-|年)(1[0-2]|0?[1-9])(?:月|(?![\d-]))")
_YEAR = re.compile(r"(20\d\d)年(?:度)?(?!\d)")
_SPAN = re.compile(r"(20\d\d-\d\d-\d\d) ?(?:至|到|[-~]|to|\.\.) ?(20\d\d-\d\d-\d\d)")
_EMPTY = re.compile(r"[\s,，、:：的件in]*|(?:in|of|the|for|由)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: tickets of a measure, perhaps of a group, perhaps of a period."""

    measure: str  # "" where only a group was named
    group: str = ""
    value: str = ""  # as written
    period: Period | None = None


def read(words: str, today: date) -> Asked | None:
    """Return what some words ask for; None where they are not understood."""
    text = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    text, period = period_in(text, today)
    group, value = "", ""
    named = [
        (found.start(), key, (found[1] or found[2]).strip())
        for key, pattern in _GROUPS.items()
        if (found := pattern.search(text))
    ]
    if named:  # the first one: what follows is a name, whatever words it holds
        start, group, value = min(named)
        text = text[:start]
    measure, text = _measure(text)
    if group and not measure:  # the measure may stand behind the name
        measure, value = _trailing(value)
    if not (measure or group) or not _EMPTY.fullmatch(text) or (group and not value):
        return None
    return Asked(measure, group, value, period)


def _measure(text: str) -> tuple[str, str]:
    for key, spellings in MEASURES.items():
        for spelling in spellings:
            if re.search(rf"\b{spelling}\b" if spelling.isascii() else spelling, text):
                return key, text.replace(spelling, "", 1).strip()
    return "", text


def _trailing(value: str) -> tuple[str, str]:
    for key, spellings in MEASURES.items():
        for spelling in spellings:
            if value.endswith(f" {spelling}"):
                return key, value.removesuffix(f" {spelling}").strip()
    return "", value


def period_in(text: str, today: date) -> tuple[str, Period | None]:
    """Return a text without the period it names, and that period."""
    if found := _SPAN.search(text):
        try:
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
        except ValueError:
            return text, None
        return _without(text, found), Period(first, last) if first <= last else None
    if found := _RELATIVE.search(text):
        kind = _KINDS[found[2] or found[4]]
        past = (found[1] or found[3]).removesuffix("个") in ("上", "去", "last", "previous")
        return _without(text, found), periods.before(kind, today) if past else periods.of(kind, today)
    if found := _MONTH.search(text):
        return _without(text, found), periods.month_of(date(int(found[1]), int(found[2]), 1))
    if found := _YEAR.search(text):
        return _without(text, found), periods.of("year", date(int(found[1]), 1, 1))
    return text, None


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()].strip()} {text[found.end() :].strip()}".strip()


def select(figures: PeriodFigures, asked: Asked, names: Names) -> tuple[str, ...] | None:
    """Return the numbers of the tickets that a figure counts, in order; None: no group is called so."""
    keys = _keys(asked, names, figures) if asked.group else None
    if asked.group and not keys:
        return None
    cases = {c.identity.ticket: c for c in figures.cases}

    def inside(it: Identity) -> bool:
        return keys is None or not keys.isdisjoint(
            _key(asked.group, it, cases.get(it.ticket), figures, names)
        )

    if asked.measure == "overdue":
        late = {o.identity.ticket: o.identity for o in figures.overdue}
        return tuple(it.number for _, it in sorted(late.items()) if inside(it))
    holds = _condition(asked, figures)
    return tuple(c.identity.number for c in figures.cases if holds(c) and inside(c.identity))


def _condition(asked: Asked, figures: PeriodFigures) -> Callable[[Case], bool]:
    """Return the plain condition of a figure."""
    period, concluded_late = figures.period, figures.behind.concluded_late
    conditions: Mapping[str, Callable[[Case], bool]] = {
        "received": lambda c: c.complaint and c.received_on in period,
        "accepted": lambda c: c.complaint and c.accepted_on in period,
        "declined": lambda c: c.complaint and c.declined_on in period,
        "concluded": lambda c: c.complaint and c.concluded_on in period,
        "closed": lambda c: c.complaint and c.closed_on in period,
        "transferred": lambda c: c.complaint and c.transferred_on in period,
        "reopened": lambda c: c.complaint and c.reopened_on in period,
        "extended": lambda c: c.complaint and any(on in period for on, _ in c.extensions),
        "open": lambda c: c.complaint and c.open,
        "late": lambda c: c.complaint and c.open and c.overdue(figures.at),
        "unmarked": lambda c: c.open and not c.identity.merged and not c.identity.kind,
        "unserved": lambda c: bool(c.unserved),
        "on-time": lambda c: in_hand(c) and concluded(c) and c.identity.ticket not in concluded_late,
        "concluded-late": lambda c: in_hand(c) and concluded(c) and c.identity.ticket in concluded_late,
        "answered": lambda c: c.complaint and c.answered_on in period,
        "decided": lambda c: c.complaint and c.decided_on in period,
        "handled": lambda c: c.complaint and c.accepted_on is not None and c.concluded_on in period,
        "all": lambda _: True,
    }

    def in_hand(c: Case) -> bool:
        return c.complaint and (c.open or c.settled_on in period)

    def concluded(c: Case) -> bool:
        return c.concluded_on is not None

    if not asked.measure:
        if asked.group == "handler":  # what stands in the handler's row as its total
            return in_hand
        if asked.group == "ground":
            return lambda c: conditions["declined"](c) or conditions["concluded"](c)
        if asked.group == "age":
            return conditions["open"]
    if asked.group == "kind" and asked.measure in ("", "received"):  # not complaints alone
        return lambda c: c.received_on in period
    return conditions[asked.measure or "received"]


def _key(
    group: str, it: Identity, case: Case | None, figures: PeriodFigures, names: Names
) -> tuple[str, ...]:
    """Return the keys of a group that a ticket has."""
    if group == "country":
        return (names.country_of(it.enterprise),)
    if group == "ground":
        return () if case is None else (case.ground,)
    if group == "kind":
        return (MERGED if it.merged else it.kind,)
    if group == "age":
        return (figures.behind.ages.get(it.ticket, ""),)
    if group == "subject":
        return tuple(p.subject for p in figures.problems if it.ticket in p.tickets)
    return (str(getattr(it, group)),)


def _keys(asked: Asked, names: Names, figures: PeriodFigures) -> set[str]:
    """Return the keys of what is called so, by key, whole name, or else by a part of it."""
    name: Callable[[str], str] = {
        "category": names.category, "handler": names.person, "enterprise": names.enterprise,
        "country": names.country, "channel": names.channel, "ground": names.ground, "kind": names.kind,
    }.get(asked.group, str)  # fmt: skip
    every = [(c.identity, c) for c in figures.cases]
    known = {key for it, case in every for key in _key(asked.group, it, case, figures, names)}
    known |= {key for o in figures.overdue for key in _key(asked.group, o.identity, None, figures, names)}
    known |= names.keys(asked.group)
    spelled = {
        key: {_folded(word) for word in (key, *names.all_names(asked.group, key), name(key))} for key in known
    }
    value = _folded(asked.value)
    exact = {key for key, words in spelled.items() if value in words}
    return exact or {key for key, words in spelled.items() if key and any(value in w for w in words)}


def _folded(word: str) -> str:
    """Return a name as it is compared: in one width and case, with one kind of dash."""
    return re.sub(
        "[\N{EN DASH}\N{EM DASH}~]", "-", " ".join(unicodedata.normalize("NFKC", word).casefold().split())
    )
