"""The ledger (台账) of a workbook: one row a ticket, and one a granted extension. Only the columns a scope shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from mail_desk.config_scopes import Scope
from mail_desk.reports.behind import Behind
from mail_desk.reports.cases import Case, Outcome
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.sheet import Cell, Column, Sheet
from mail_desk.reports.words import Names
from mail_desk.schedule.workdays import Calendar


def ledger(sheet: Sheet, figures: PeriodFigures, names: Names, calendar: Calendar, scope: Scope) -> None:
    """Write one row a ticket, with the columns the scope shows."""
    columns, values = zip(*_of_a_ticket(figures, names, calendar, scope), strict=True)
    for limit in figures.limits:
        name = names.limit(limit.key)
        columns += (
            Column(f"{name}：期限", "due", 13, "day"),
            Column(f"{name}：完成", "met", 13, "day"),
            Column(f"{name}：结果", "outcome", 15),
        )
    sheet.widths(columns)
    outcomes = _outcomes(figures, names)
    sheet.table(
        columns,
        ([value(case) for value in values] + outcomes(case) for case in figures.cases),
        main=True,
    )


_Value = Callable[[Case], Cell]


def _of_a_ticket(
    figures: PeriodFigures, names: Names, calendar: Calendar, scope: Scope
) -> Iterator[tuple[Column, _Value]]:
    """Yield the columns of the ledger, each with what stands in it."""
    days = cache(calendar.between)
    enterprise, country = cache(names.enterprise), cache(names.country_named)
    shows = scope.shows
    behind: Behind | None = figures.behind  # an excerpt has none

    def used(c: Case) -> int | None:
        return (
            None if c.accepted_on is None or c.concluded_on is None else days(c.accepted_on, c.concluded_on)
        )

    def first_answer(c: Case) -> int | None:
        return None if c.answered_on is None else days(c.received_on, c.answered_on)

    def in_time(c: Case) -> str | None:
        if not c.complaint or c.concluded_on is None:
            return None
        late = behind is not None and c.identity.ticket in behind.concluded_late
        return names.say("超时", "late") if late else names.say("按时", "on time")

    def unserved(c: Case) -> str | None:
        return "、".join(f"{names.notice(notice)} {since}" for since, notice in c.unserved) or None

    yield Column("编号", "number", 12), lambda c: c.identity.number
    yield Column("收到日期", "received", 11, "day"), lambda c: c.received_on
    yield Column("渠道", "channel", 9), lambda c: names.channel(c.identity.channel)
    yield Column("性质", "kind", 10), lambda c: names.kind_of(c.identity)
    if shows("enterprises"):
        yield (
            Column("企业", "enterprise", 24),
            lambda c: enterprise(c.identity.enterprise) if c.identity.enterprise else None,
        )
        yield Column("国别", "country", 9), lambda c: country(c.identity.enterprise) or None
    if shows("complainants"):
        yield Column("投诉人", "complainant", 26), lambda c: c.identity.complainant
        yield Column("邮箱", "address", 26), lambda c: c.identity.address
    if shows("subjects"):
        yield Column("主题", "subject", 40), lambda c: c.identity.subject
    yield (
        Column("类别", "category", 14),
        lambda c: names.category(c.identity.category) if c.identity.category else None,
    )
    if shows("handler-names"):
        yield Column("承办人", "handler", 10), lambda c: names.person(c.identity.handler)
    yield Column("当前状态", "state now", 14), lambda c: names.state(c.identity.state)
    yield Column("期末未办结", "open at the end", 9), lambda c: names.say("是", "yes") if c.open else None
    if behind is not None:
        yield (
            Column("在办已收到（工作日）", "age if open (working days)", 13),
            lambda c: behind.ages.get(c.identity.ticket),
        )
    yield Column("首次答复", "first answer", 11, "day"), lambda c: c.answered_on
    yield Column("首次答复用时（工作日）", "days to first answer", 13, "number"), first_answer
    yield Column("受理", "accepted", 11, "day"), lambda c: c.accepted_on
    yield Column("不予受理", "declined", 11, "day"), lambda c: c.declined_on
    yield Column("移送", "transferred", 11, "day"), lambda c: c.transferred_on
    yield Column("办结", "concluded", 11, "day"), lambda c: c.concluded_on
    if behind is not None:
        yield Column("办结是否按时", "concluded in time", 9), in_time
    yield Column("理由", "ground", 24), lambda c: names.ground(c.ground) or None
    yield Column("办理用时（工作日）", "working days used", 12, "number"), used
    yield Column("延期次数", "extensions", 9, "number"), lambda c: len(c.extensions) or None
    yield Column("延长天数", "days added", 9, "number"), lambda c: sum(n for _, n in c.extensions) or None
    yield Column("重新办理", "reopened", 11, "day"), lambda c: c.reopened_on
    yield Column("归档", "closed", 11, "day"), lambda c: c.closed_on
    yield Column("未送达文书", "notices not served", 18), unserved
    yield (
        Column("期末逾期", "overdue at the end", 9),
        lambda c: names.say("是", "yes") if c.counts_down and c.overdue(figures.at) else None,
    )


def _outcomes(figures: PeriodFigures, names: Names) -> Callable[[Case], list[Cell]]:
    """Return what gives date, day and outcome of each limit of the law; where one ran again, of its last run."""
    keys = [limit.key for limit in figures.limits]
    words = {outcome: names.outcome(outcome) for outcome in Outcome}
    provisional = names.say("（暂定）", " (provisional)")

    def cells(case: Case) -> list[Cell]:
        last = {line.key: line for line in case.limits} if case.counts_down else {}
        found: list[Cell] = []
        for key in keys:
            line = last.get(key)
            if line is None:
                found += (None, None, None)
                continue
            mark = provisional if line.provisional and line.ended_on is None else ""
            found += (line.due_on, line.met_on, words[line.outcome(figures.at)] + mark)
        return found

    return cells


def extensions(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    """Write one row an extension granted in the period."""
    columns = [
        Column("编号", "number", 12), Column("延期日期", "extended on", 12, "day"),
        Column("延长工作日", "working days added", 11, "number"), Column("承办人", "handler", 12),
        Column("主题", "subject", 50),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = (
        (c.identity.number, on, added, names.owner(c.identity.handler) or None, c.identity.subject or None)
        for c in figures.cases
        if c.complaint
        for on, added in c.extensions
        if on in figures.period
    )
    sheet.table(columns, rows, main=True)
