"""Figures and ledger (台账) as an .xlsx workbook: what an inspector opens, filters, prints and files.

One row a ticket, with the dates of every step and of every limit the law sets, so that each figure of
the summary is the number of rows a filter leaves. Headers are in Chinese and English, contents in the
language asked for. Complainants' names and addresses are in it: it goes to whom the digest goes, and
to nobody else. Never computes a figure: they come from `figures.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from io import BytesIO

from xlsxwriter.workbook import Workbook

from mail_desk.config import Language, Settings
from mail_desk.reports import collector
from mail_desk.reports.cases import Case
from mail_desk.reports.directions import Directions
from mail_desk.reports.directions_words import sheet_rows
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.sheet import Cell, Column, Formats, Sheet, new_workbook
from mail_desk.reports.tally import GroupFigures
from mail_desk.reports.words import Names
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.policy import Procedure

SUMMARY, LEDGER, LIMITS, HANDLERS, OVERDUE, GROUPS = "概况", "台账", "时限", "承办人", "逾期", "分类"
ORGANS = "征询"
SUGGESTIONS, DIRECTIONS = "建议", "批示督办"


def filename(figures: PeriodFigures) -> str:
    """Return an ASCII file name that sorts by period."""
    return f"complaints-{figures.period.first:%Y%m%d}-{figures.period.last:%Y%m%d}.xlsx"


@collector.paused()
def ledger(
    figures: PeriodFigures,
    *,
    settings: Settings,
    procedures: Mapping[str, Procedure],
    calendar: Calendar,
    title: str = "",
    language: Language | None = None,
    suggestions: Sequence[tuple[str, date, str, str]] = (),
    directions: Directions = Directions(),  # noqa: B008 - frozen, and empty
) -> bytes:
    """Return the workbook of a period; the same figures give the same bytes.

    `suggestions`: ticket number, day, whose, words; their sheet is there only where there are some,
    and so is that of `directions`, what leaders wanted.
    """
    names = Names(settings, procedures, language or settings.desk.staff_language)
    office = names.say(settings.desk.office.name_zh, settings.desk.office.name_en)
    title = title or names.say("投诉工作检查情况", "Inspection of complaints")
    full = f"{title} {figures.period.first} – {figures.period.last}"
    made = BytesIO()
    with tempfile.TemporaryDirectory(prefix="mail-desk-") as folder:  # mode 700: rows hold names
        book = new_workbook(made, folder, title=full, author=office, made=figures.now)
        formats = Formats(book)

        def sheet(name: str) -> Sheet:
            return Sheet(book, formats, name, running_title=f"{office} {full}")

        _summary(sheet(SUMMARY), figures, names, full, office)
        _ledger(sheet(LEDGER), figures, names, calendar)
        _limits(book, sheet(LIMITS), figures, names)
        _handlers(book, sheet(HANDLERS), figures, names)
        _overdue(sheet(OVERDUE), figures, names)
        _groups(sheet(GROUPS), figures, names)
        _organs(sheet(ORGANS), figures, names)
        if suggestions:
            _suggestions(sheet(SUGGESTIONS), suggestions)
        if directions.lines:
            _directions(sheet(DIRECTIONS), directions, names)
        book.close()
    return made.getvalue()


# --- sheets ---------------------------------------------------------------------------------------


def _summary(sheet: Sheet, figures: PeriodFigures, names: Names, title: str, office: str) -> None:
    sheet.widths([Column("", "", 44), *[Column("", "", 14)] * 3])
    sheet.title(
        title,
        office,
        names.say(
            "除另有说明外，各数均为投诉件；状态以期末为准；按时率只计已到期的法定时限。",
            "Complaints only, where nothing else is said; states are those at the end of the period; "
            "rates count only limits of the law that have run out or were met.",
        ),
    )
    now, before = figures.totals, figures.totals_before
    lines: list[tuple[str, Cell, Cell]] = [
        (
            names.say("收到投诉", "complaints received"),
            now.received,
            None if before is None else before.received,
        ),
        (names.say("受理", "accepted"), now.accepted, None if before is None else before.accepted),
        (names.say("不予受理", "declined"), now.declined, None if before is None else before.declined),
        (names.say("办结", "concluded"), now.concluded, None if before is None else before.concluded),
        (names.say("归档", "closed"), now.closed, None if before is None else before.closed),
        (
            names.say("期末未办结", "open at the end"),
            now.open_at_end,
            None if before is None else before.open_at_end,
        ),
        (names.say("法定时限按时", "limits met on time"), now.met, None if before is None else before.met),
        (names.say("法定时限逾期完成", "limits met late"), now.late, None if before is None else before.late),
        (
            names.say("法定时限逾期未完成", "limits overdue"),
            now.overdue,
            None if before is None else before.overdue,
        ),
        (names.say("移送", "transferred"), figures.transferred, None),
        (names.say("重新办理", "reopened"), figures.reopened, None),
        (names.say("延期", "extensions"), figures.extensions, None),
        (names.say("期末尚未认定性质（件）", "tickets not yet marked at the end"), figures.unmarked, None),
        (names.say("未送达的文书", "notices not served"), len(figures.unserved), None),
        (names.say("现在隔离待查的邮件", "mails in quarantine now"), figures.quarantined, None),
    ]
    sheet.table(
        [
            Column("项目", "item"),
            Column("本期", "this period", look="number"),
            Column("上期", "before", look="number"),
        ],
        lines,
    )
    for zh, en, rows in (
        ("来件性质（全部来件）", "kind (all tickets)", [(names.kind(c.key), c.number) for c in figures.received_by_kind]),
        ("来件渠道", "channel", [(names.channel(c.key), c.number) for c in figures.received_by_channel]),
        ("不予受理理由", "ground of refusal", [(names.ground(c.key), c.number) for c in figures.declined_by_ground]),
        ("办结理由", "ground of conclusion", [(names.ground(c.key), c.number) for c in figures.concluded_by_ground]),
        ("未办结件已收到（工作日）", "age of open ones (working days)", [(c.key, c.number) for c in figures.ageing]),
        ("邮件去向", "what became of the mails", [(names.mail(how), n) for how, n in figures.mails.filed]),
        ("每周收到", "received per week", [(f"{w.period.first} – {w.period.last}", w.received) for w in figures.weeks]),
    ):  # fmt: skip
        sheet.table([Column(zh, en), Column("件数", "number", look="number")], rows)
    sheet.table(
        [Column("再次投诉者", "repeat complainants"), Column("本期", "period", look="number"),
         Column("一年内", "in a year", look="number")],
        [(f"{r.name} <{r.address}>", r.in_period, r.in_year) for r in figures.repeats],
    )  # fmt: skip


def _ledger(sheet: Sheet, figures: PeriodFigures, names: Names, calendar: Calendar) -> None:
    columns = [
        Column("编号", "number", 12), Column("收到日期", "received", 11, "day"), Column("渠道", "channel", 9),
        Column("性质", "kind", 10), Column("企业", "enterprise", 24), Column("国别", "country", 9),
        Column("投诉人", "complainant", 20), Column("邮箱", "address", 26), Column("主题", "subject", 40),
        Column("类别", "category", 14), Column("承办人", "handler", 10), Column("当前状态", "state now", 14),
        Column("首次答复", "first answer", 11, "day"), Column("受理", "accepted", 11, "day"),
        Column("不予受理", "declined", 11, "day"), Column("移送", "transferred", 11, "day"),
        Column("办结", "concluded", 11, "day"), Column("理由", "ground", 24),
        Column("办理用时（工作日）", "working days used", 10, "number"),
        Column("延期次数", "extensions", 9, "number"), Column("延长天数", "days added", 9, "number"),
        Column("重新办理", "reopened", 11, "day"), Column("归档", "closed", 11, "day"),
        Column("未送达文书", "notices not served", 18),
    ]  # fmt: skip
    for limit in figures.limits:
        name = names.limit(limit.key)
        columns += [
            Column(f"{name}：期限", "due", 11, "day"),
            Column(f"{name}：完成", "met", 11, "day"),
            Column(f"{name}：结果", "outcome", 12),
        ]
    sheet.widths(columns)
    days = cache(calendar.between)
    sheet.table(columns, (_row(case, figures, names, days) for case in figures.cases), main=True)


def _row(case: Case, figures: PeriodFigures, names: Names, days: Callable[[date, date], int]) -> list[Cell]:
    it = case.identity
    used = None
    if case.accepted_on is not None and case.concluded_on is not None:
        used = days(case.accepted_on, case.concluded_on)
    cells: list[Cell] = [
        it.number, case.received_on, names.channel(it.channel), names.kind_of(it),
        names.enterprise(it.enterprise) if it.enterprise else None, names.country_of(it.enterprise) or None,
        it.complainant, it.address, it.subject, names.category(it.category) if it.category else None,
        names.person(it.handler), names.state(it.state), case.answered_on, case.accepted_on,
        case.declined_on, case.transferred_on, case.concluded_on, names.ground(case.ground) or None, used,
        len(case.extensions) or None, sum(added for _, added in case.extensions) or None, case.reopened_on,
        case.closed_on, "、".join(f"{names.notice(notice)} {since}" for since, notice in case.unserved) or None,
    ]  # fmt: skip
    for limit in figures.limits:
        line = case.limit(limit.key)
        if line is None or not case.counts_down:
            cells += [None, None, None]
            continue
        mark = names.say("（暂定）", " (provisional)") if line.provisional and line.ended_on is None else ""
        cells += [line.due_on, line.met_on, names.outcome(line.outcome(figures.at)) + mark]
    return cells


def _limits(book: Workbook, sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("时限", "limit", 40), Column("按时", "on time", 11, "number"), Column("逾期完成", "late", 11, "number"),
        Column("逾期未完成", "overdue", 11, "number"), Column("未到期", "running", 11, "number"),
        Column("按时率", "on-time rate", 11, "percent"),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = [(names.limit(x.key), x.met, x.late, x.overdue, x.running, x.on_time_rate) for x in figures.limits]
    header = sheet.table(columns, rows, main=True)
    _stacked(book, sheet, header, len(rows), (1, 2, 3), names.say("法定时限", "Limits of the law"))
    sheet.table(
        [
            Column("用时（工作日）", "duration (working days)"), Column("件数", "cases", look="number"),
            Column("中位数", "median", look="number"), Column("九成不超过", "9 of 10 within", look="number"),
        ],
        [(names.spread(s.key), s.cases, s.median, s.ninth_decile) for s in figures.spreads],
    )  # fmt: skip


def _handlers(book: Workbook, sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("承办人", "handler", 18), Column("总数", "total", 9, "number"),
        Column("不予受理等", "declined etc.", 11, "number"), Column("按时办结", "concluded on time", 11, "number"),
        Column("超时办结", "concluded late", 11, "number"), Column("未办结", "open", 9, "number"),
        Column("其中已逾期", "of these overdue", 11, "number"), Column("办结率", "conclusion rate", 11, "percent"),
        Column("按时率", "on-time rate", 11, "percent"),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = [
        (names.person(h.key), h.total, h.refused, h.on_time, h.late, h.open, h.overdue, h.conclusion_rate, h.on_time_rate)
        for h in figures.handlers
    ]  # fmt: skip
    header = sheet.table(columns, rows, main=True)
    _stacked(
        book, sheet, header, len(rows), (3, 4, 5), names.say("各承办人办理情况", "Complaints by handler")
    )


def _overdue(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("编号", "number", 12), Column("时限", "limit", 30), Column("到期日", "due", 12, "day"),
        Column("逾期工作日", "working days late", 11, "number"), Column("责任人", "owner", 12),
        Column("主题", "subject", 50), Column("依据", "basis", 40),
    ]  # fmt: skip
    sheet.widths(columns)
    sheet.table(
        columns,
        (
            (
                x.identity.number, names.limit(x.limit.key), x.limit.due_on, x.days_late, names.person(x.owner),
                x.identity.subject, names.basis(x.identity, x.limit.key),
            )
            for x in figures.overdue
        ),
        main=True,
    )  # fmt: skip


def _directions(sheet: Sheet, directions: Directions, names: Names) -> None:
    columns = [
        Column("编号", "number", 12), Column("种类", "kind", 14), Column("提出日期", "given on", 12, "day"),
        Column("领导", "leader", 12), Column("内容", "words", 60), Column("回报期限", "report due", 12, "day"),
        Column("状态", "how it stands", 18), Column("责任人", "owner", 12), Column("回报日期", "reported on", 12, "day"),
    ]  # fmt: skip
    sheet.widths(columns)
    sheet.table(columns, sheet_rows(directions, names), main=True)


def _groups(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    counts = [
        Column("收到", "received", 11, "number"), Column("办结", "concluded", 11, "number"),
        Column("未办结", "open", 11, "number"), Column("其中已逾期", "of these overdue", 11, "number"),
    ]  # fmt: skip
    sheet.widths([Column("", "", 40), *counts])

    def rows(groups: tuple[GroupFigures, ...], name: dict[str, str]) -> Iterator[list[Cell]]:
        for g in groups:
            yield [name[g.key], g.received, g.concluded, g.open, g.overdue]

    for zh, en, groups, name in (
        ("类别", "category", figures.categories, names.category),
        ("企业", "enterprise", figures.enterprises, names.enterprise),
        ("国别", "country", figures.countries, names.country),
    ):
        sheet.table([Column(zh, en), *counts], rows(groups, {g.key: name(g.key) for g in groups}))


def _suggestions(sheet: Sheet, suggestions: Sequence[tuple[str, date, str, str]]) -> None:
    columns = [
        Column("编号", "number", 12), Column("日期", "day", 12, "day"), Column("提出人", "by", 12),
        Column("措施和建议", "measure or suggestion", 80),
    ]  # fmt: skip
    sheet.widths(columns)
    sheet.table(columns, suggestions, main=True)


def _organs(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("单位", "public body", 34), Column("发函征询", "asked", 11, "number"),
        Column("已答复", "answered", 11, "number"), Column("其中迟复", "of these late", 11, "number"),
        Column("逾期未复", "overdue", 11, "number"), Column("答复用时中位数（工作日）", "median working days", 14, "number"),
        Column("九成不超过（工作日）", "9 of 10 within", 14, "number"),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = (
        (names.organ(x.key), x.asked, x.answered, x.late, x.overdue, x.median, x.ninth_decile)
        for x in figures.organs
    )
    sheet.table(columns, rows, main=True)


def _stacked(
    book: Workbook, sheet: Sheet, header: int, rows: int, columns: tuple[int, ...], title: str
) -> None:
    """Draw a native stacked bar chart of some columns of the table under `header`."""
    if not rows:
        return
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    colours = ("#2E7D32", "#F9A825", "#C62828")
    for column, colour in zip(columns, colours, strict=True):
        chart.add_series(
            {
                "name": [sheet.name, header, column],
                "categories": [sheet.name, header + 1, 0, header + rows, 0],
                "values": [sheet.name, header + 1, column, header + rows, column],
                "fill": {"color": colour},
                "data_labels": {"value": True, "num_format": "0;;"},
                "gap": 60,
            }
        )
    chart.set_title({"name": title, "overlay": False})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0", "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    sheet.chart(chart, column=10, height=140 + 44 * min(rows, 30))
