"""The sheets of what figures count that is no row of the ledger: limits, ratings, questions, repeated complaints, mails.

One row is one of what the figure counts. Each sheet is there only where the scope shows what it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mail_desk.config_scopes import Scope
from mail_desk.reports import tally
from mail_desk.reports.cases import Case, LimitLine, Outcome
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.sheet import Column, Sheet
from mail_desk.reports.words import Names

LIMIT_LINES, RATINGS, QUESTIONS, REPEATS, MAILS = "时限明细", "满意度", "征询明细", "再次投诉", "邮件"

MOST_TICKETS = 20_000  # of more, the limits stand in the ledger's columns alone: a reader opens no such sheet


def limit_lines(figures: PeriodFigures) -> Iterator[tuple[Case, LimitLine, Outcome]]:
    """Yield every run of a limit of the law that the period counts, and how it counts."""
    known = {x.key for x in figures.limits}
    for case in figures.cases:
        for line in case.limits if case.counts_down else ():
            standing = tally.standing(line, figures.period, figures.at)
            if standing and line.key in known:
                yield case, line, Outcome(standing)


def write(sheet: Callable[[str], Sheet], figures: PeriodFigures, names: Names, scope: Scope) -> None:
    """Write the sheets the scope shows."""
    shows, found = scope.shows, figures.behind
    if shows("ticket-numbers"):
        runs = list(limit_lines(figures)) if len(figures.cases) <= MOST_TICKETS else []
        if runs:
            _limits(sheet(LIMIT_LINES), runs, names)
        if found.ratings:
            _ratings(sheet(RATINGS), figures, names)
        if shows("organs") and found.questions:
            _questions(sheet(QUESTIONS), figures, names)
        if shows("complainants") and found.repeats:
            _repeats(sheet(REPEATS), figures, names)
    if shows("record") and found.mails:
        _mails(sheet(MAILS), figures, names, scope)


def _limits(sheet: Sheet, runs: list[tuple[Case, LimitLine, Outcome]], names: Names) -> None:
    columns = [
        Column("编号", "number", 12), Column("时限", "limit", 36), Column("期限", "due", 12, "day"),
        Column("完成", "met", 12, "day"), Column("结果", "outcome", 16),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = (
        (case.identity.number, names.limit(line.key), line.due_on, line.met_on, names.outcome(outcome))
        for case, line, outcome in runs
    )
    sheet.table(columns, rows, main=True)


def _ratings(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("编号", "number", 12), Column("评价日期", "rated on", 12, "day"),
        Column("分数（满分5分）", "score, of 5", 12, "number"), Column("不满意", "dissatisfied", 12),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = (
        (r.number, r.day, r.score, names.say("是", "yes") if r.dissatisfied else None)
        for r in figures.behind.ratings
    )
    sheet.table(columns, rows, main=True)


def _questions(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    def yes(said: bool) -> str | None:
        return names.say("是", "yes") if said else None

    columns = [
        Column("函号", "reference", 16), Column("编号", "number", 12), Column("单位", "public body", 34),
        Column("发出", "asked on", 12, "day"), Column("最迟答复", "answer by", 12, "day"),
        Column("答复", "answered on", 12, "day"), Column("本期发函", "asked in the period", 11),
        Column("本期答复", "answered in it", 11), Column("迟复", "late", 11), Column("逾期未复", "overdue", 11),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = (
        (q.reference, q.number, names.organ(q.organ), q.asked_on, q.answer_by, q.answered_on,
         yes(q.asked), yes(q.answered), yes(q.late), yes(q.overdue))
        for q in figures.behind.questions
    )  # fmt: skip
    sheet.table(columns, rows, main=True)


def _repeats(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("投诉人", "complainant", 30), Column("邮箱", "address", 30), Column("编号", "number", 12),
        Column("收到日期", "received", 12, "day"), Column("本期收到", "in the period", 12),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = (
        (r.name or None, r.address, r.number, r.day, names.say("是", "yes") if r.in_period else None)
        for r in figures.behind.repeats
    )
    sheet.table(columns, rows, main=True)


def _mails(sheet: Sheet, figures: PeriodFigures, names: Names, scope: Scope) -> None:
    columns = [
        Column("邮件", "mail", 10), Column("收到日期", "received", 12, "day"), Column("去向", "what became of it", 24),
        Column("本期", "in the period", 10), Column("编号", "ticket", 12),
    ]  # fmt: skip
    if scope.shows("complainants"):
        columns.append(Column("发件人", "sender", 30))
    if scope.shows("subjects"):
        columns.append(Column("主题", "subject", 50))
    sheet.widths(columns)
    rows = (
        (
            line.reference, line.day, names.mail(line.how), names.say("是", "yes") if line.in_period else None,
            line.number or None,
            *((line.sender or None,) if scope.shows("complainants") else ()),
            *((line.subject or None,) if scope.shows("subjects") else ()),
        )
        for line in figures.behind.mails
    )  # fmt: skip
    sheet.table(columns, rows, main=True)
