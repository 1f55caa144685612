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
from mail_desk.reports.cases import Case
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.periods import Period
from mail_desk.reports.words import CHANNELS, Names

MEASURES: dict[str, tuple[str, ...]] = {
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
    "late": ("期末逾期", "overdue at the end"),
    "overdue": ("目前逾期", "逾期", "超期", "overdue", "late"),
    "all": ("全部", "all"),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "category": ("问题类别", "类别", "分类", "category"),
    "handler": ("承办人", "承办", "经办", "handler"),
    "enterprise": ("企业", "公司", "enterprise", "company"),
    "country": ("国别", "国家", "country"),
    "channel": ("渠道", "来源", "channel"),
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
    text, period = _period(text, today)
    group, value = "", ""
    for key, spellings in GROUPS.items():
        found = re.search(rf"(?:{'|'.join(spellings)})[ :]+(.+)|(?:{'|'.join(spellings)})(.+)", text)
        if found:
            group, value = key, (found[1] or found[2]).strip()
            text = text[: found.start()]
            break
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


def _period(text: str, today: date) -> tuple[str, Period | None]:
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
    period = figures.period
    if asked.measure == "overdue":
        late = {o.identity.ticket: o.identity for o in figures.overdue}
        return tuple(
            it.number
            for _, it in sorted(late.items())
            if keys is None or _key(asked.group, it, names) in keys
        )
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
        "in hand": lambda c: c.complaint and (c.open or c.settled_on in period),
        "all": lambda _: True,
    }
    if not asked.measure and asked.group == "handler":  # what stands in the handler's row as its total
        holds = conditions["in hand"]
    else:
        holds = conditions[asked.measure or "received"]
    return tuple(
        c.identity.number
        for c in figures.cases
        if holds(c) and (keys is None or _key(asked.group, c.identity, names) in keys)
    )


def _key(group: str, identity: object, names: Names) -> str:
    if group == "country":
        return names.country_of(getattr(identity, "enterprise", ""))
    return str(getattr(identity, group))


def _keys(asked: Asked, names: Names, figures: PeriodFigures) -> set[str]:
    """Return the keys of what is called so, by key, whole name, or else by a part of it."""
    name: Callable[[str], str] = {
        "category": names.category, "handler": names.person, "enterprise": names.enterprise,
        "country": names.country, "channel": names.channel,
    }[asked.group]  # fmt: skip
    known = {_key(asked.group, c.identity, names) for c in figures.cases}
    known |= {_key(asked.group, o.identity, names) for o in figures.overdue}
    known |= names.keys(asked.group)
    spelled = {
        key: {
            key.casefold(),
            *(n.casefold() for n in names.all_names(asked.group, key)),
            name(key).casefold(),
        }
        for key in known
    }
    if asked.group == "channel":
        spelled = {
            key: {*words, *(w.casefold() for w in CHANNELS.get(key, ()))} for key, words in spelled.items()
        }
    exact = {key for key, words in spelled.items() if asked.value in words}
    return exact or {key for key, words in spelled.items() if key and any(asked.value in w for w in words)}
