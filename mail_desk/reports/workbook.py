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
from io import BytesIO

from xlsxwriter.workbook import Workbook

from mail_desk.config import Language, Settings
from mail_desk.config_scopes import WHOLE, Scope
from mail_desk.reports import charts, collector, workbook_behind, workbook_ledger
from mail_desk.reports.directions import Directions
from mail_desk.reports.directions_words import sheet_rows
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.sheet import FONT, Cell, Column, Formats, Sheet, new_workbook
from mail_desk.reports.tally import GroupFigures
from mail_desk.reports.words import Names
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.policy import Procedure

SUMMARY, LEDGER, LIMITS, HANDLERS, OVERDUE, GROUPS = "概况", "台账", "时限", "承办人", "逾期", "分类"
ORGANS, EXTENSIONS, ENTERPRISES = "征询", "延期", "企业"
SUGGESTIONS, DIRECTIONS = "建议", "批示督办"
_GREEN, _AMBER, _RED, _GREY = "#2E7D32", "#B26A00", "#C62828", "#5B6675"  # white figures are read on each


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
    scope: Scope = WHOLE,
) -> bytes:
    """Return the workbook of a period, of figures redacted for the scope; the same figures give the same bytes.

    `suggestions`: ticket number, day, whose, words; their sheet is there only where there are some,
    and so is that of `directions`, what leaders wanted.
    """
    shows = scope.shows
    names = Names(
        settings, procedures, language or settings.desk.staff_language, handlers=shows("handler-names")
    )
    office = names.say(settings.desk.office.name_zh, settings.desk.office.name_en)
    title = title or names.say("投诉工作检查情况", "Inspection of complaints")
    full = f"{title} {figures.period.first} – {figures.period.last}"
    made = BytesIO()
    with tempfile.TemporaryDirectory(prefix="mail-desk-") as folder:  # mode 700: rows hold names
        book = new_workbook(made, folder, title=full, author=office, made=figures.now)
        formats = Formats(book)

        def sheet(name: str) -> Sheet:
            return Sheet(book, formats, name, running_title=f"{office} {full}")

        _summary(sheet(SUMMARY), figures, names, full, office, scope)
        if shows("ticket-numbers"):
            workbook_ledger.ledger(sheet(LEDGER), figures, names, calendar, scope)
        _limits(book, sheet(LIMITS), figures, names)
        if shows("handler-names"):
            _handlers(book, sheet(HANDLERS), figures, names)
        if shows("ticket-numbers"):
            _overdue(sheet(OVERDUE), figures, names)
            workbook_ledger.extensions(sheet(EXTENSIONS), figures, names)
        _groups(sheet(GROUPS), figures, names, scope)
        if shows("enterprises"):
            _enterprises(sheet(ENTERPRISES), figures, names)
        if shows("organs"):
            _organs(sheet(ORGANS), figures, names)
        if suggestions:
            _suggestions(sheet(SUGGESTIONS), suggestions)
        if directions.lines or directions.trains:
            _directions(sheet(DIRECTIONS), directions, names)
        workbook_behind.write(sheet, figures, names, scope)
        book.close()
    return made.getvalue()


# --- sheets ---------------------------------------------------------------------------------------


def _summary(
    sheet: Sheet, figures: PeriodFigures, names: Names, title: str, office: str, scope: Scope
) -> None:
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
    columns = [figures.totals, figures.totals_before, figures.totals_year_ago]
    lines: list[tuple[Cell, ...]] = [
        (names.say(zh, en), *(None if t is None else getattr(t, name) for t in columns))
        for zh, en, name in (
            ("收到投诉", "complaints received", "received"), ("受理", "accepted", "accepted"),
            ("不予受理", "declined", "declined"), ("办结", "concluded", "concluded"), ("归档", "closed", "closed"),
            ("期末未办结", "open at the end", "open_at_end"), ("法定时限按时", "limits met on time", "met"),
            ("法定时限逾期完成", "limits met late", "late"), ("法定时限逾期未完成", "limits overdue", "overdue"),
        )
    ]  # fmt: skip
    lines += [
        (names.say(zh, en), n)
        for zh, en, n in (
            ("目前逾期（件）", "tickets overdue now", len({o.identity.ticket for o in figures.overdue})),
            ("移送", "transferred", figures.transferred), ("重新办理", "reopened", figures.reopened),
            ("延期", "extensions", figures.extensions),
            ("期末尚未认定性质（件）", "tickets not yet marked at the end", figures.unmarked),
            ("再次投诉者", "repeat complainants", len(figures.repeats)),
            ("满意度评价（件）", "ratings", figures.satisfaction.rated),
            ("不满意（件）", "dissatisfied", figures.satisfaction.dissatisfied),
        )
    ]  # fmt: skip
    if scope.shows("record"):
        lines += [
            (names.say(zh, en), n)
            for zh, en, n in (
                ("未送达的文书", "notices not served", len(figures.unserved)),
                ("收到的邮件", "mails received", figures.mails.received),
                ("去向清楚的邮件", "mails accounted for", figures.mails.accounted),
                ("邮箱直接发出的答复", "answers given by hand", figures.mails.by_hand),
                ("现在隔离待查的邮件", "mails in quarantine now", figures.quarantined),
            )
        ]  # fmt: skip
    sheet.table(
        [
            Column("项目", "item"),
            Column("本期", "this period", look="number"),
            Column("上期", "before", look="number"),
            Column("去年同期", "year ago", look="number"),
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
        (*_per_step(figures, "收到", "received"), [(f"{w.period.first} – {w.period.last}", w.received) for w in figures.weeks]),
        (*_per_step(figures, "办结", "concluded"), [(f"{w.period.first} – {w.period.last}", w.concluded) for w in figures.weeks]),
        ("热点问题（主题相近）", "common problems (similar subjects)", [(p.subject, p.number) for p in figures.problems]),
    ):  # fmt: skip
        if rows:
            sheet.table([Column(zh, en), Column("件数", "number", look="number")], rows)
    if not scope.shows("complainants"):
        return
    sheet.table(
        [Column("再次投诉者", "repeat complainants"), Column("本期", "period", look="number"),
         Column("一年内", "in a year", look="number")],
        [(f"{r.name} <{r.address}>", r.in_period, r.in_year) for r in figures.repeats],
    )  # fmt: skip


def _per_step(figures: PeriodFigures, zh: str, en: str) -> tuple[str, str]:
    return (f"每月{zh}", f"{en} per month") if charts.by_month(figures) else (f"每周{zh}", f"{en} per week")


def _limits(book: Workbook, sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [
        Column("时限", "limit", 40), Column("按时", "on time", 11, "number"), Column("逾期完成", "late", 11, "number"),
        Column("逾期未完成", "overdue", 11, "number"), Column("未到期", "running", 11, "number"),
        Column("按时率", "on-time rate", 11, "percent"),
    ]  # fmt: skip
    sheet.widths(columns)
    rows = [(names.limit(x.key), x.met, x.late, x.overdue, x.running, x.on_time_rate) for x in figures.limits]
    header = sheet.table(columns, rows, main=True)
    sheet.table(
        [
            Column("用时（工作日）", "duration (working days)"), Column("件数", "cases", look="number"),
            Column("中位数", "median", look="number"), Column("九成不超过", "9 of 10 within", look="number"),
        ],
        [(names.spread(s.key), s.cases, s.median, s.ninth_decile) for s in figures.spreads],
    )  # fmt: skip
    _stacked(
        book,
        sheet,
        header,
        len(rows),
        (1, 2, 3),
        names.say("法定时限", "Limits of the law"),
        (_GREEN, _AMBER, _RED),
    )


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
        book, sheet, header, len(rows), (3, 4, 5), names.say("各承办人办理情况", "Complaints by handler"),
        (_GREEN, _RED, _GREY),
    )  # fmt: skip


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
                x.identity.number, names.limit(x.limit.key), x.limit.due_on, x.days_late, names.owner(x.owner) or None,
                x.identity.subject or None, names.basis(x.identity, x.limit.key),
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


_COUNTS = [
    Column("收到", "received", 11, "number"), Column("办结", "concluded", 11, "number"),
    Column("未办结", "open", 11, "number"), Column("其中已逾期", "of these overdue", 11, "number"),
]  # fmt: skip


def _group_rows(groups: tuple[GroupFigures, ...], name: Callable[[str], str]) -> Iterator[list[Cell]]:
    for g in groups:
        yield [name(g.key), g.received, g.concluded, g.open, g.overdue]


def _groups(sheet: Sheet, figures: PeriodFigures, names: Names, scope: Scope) -> None:
    sheet.widths([Column("", "", 40), *_COUNTS])
    sheet.table([Column("类别", "category"), *_COUNTS], _group_rows(figures.categories, names.category))
    sheet.table([Column("渠道", "channel"), *_COUNTS], _group_rows(figures.channels, names.channel))
    if scope.shows("enterprises"):
        sheet.table([Column("国别", "country"), *_COUNTS], _group_rows(figures.countries, names.country))


def _enterprises(sheet: Sheet, figures: PeriodFigures, names: Names) -> None:
    columns = [Column("企业", "enterprise", 40), Column("国别", "country", 12), *_COUNTS]
    sheet.widths(columns)
    rows = (
        [name, names.country_named(g.key) or None, *counts]
        for g, (name, *counts) in zip(
            figures.enterprises, _group_rows(figures.enterprises, names.enterprise), strict=True
        )
    )
    sheet.table(columns, rows, main=True)


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
    book: Workbook,
    sheet: Sheet,
    header: int,
    rows: int,
    columns: tuple[int, ...],
    title: str,
    colours: tuple[str, ...],
) -> None:
    """Draw a native stacked bar chart of some columns of the table under `header`."""
    if not rows:
        return
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    for column, colour in zip(columns, colours, strict=True):
        chart.add_series(
            {
                "name": [sheet.name, header, column],
                "categories": [sheet.name, header + 1, 0, header + rows, 0],
                "values": [sheet.name, header + 1, column, header + rows, column],
                "fill": {"color": colour},
                "data_labels": {
                    "value": True,
                    "num_format": "0;;",
                    "font": {"name": FONT, "size": 9, "color": "#FFFFFF"},
                },
                "gap": 60,
            }
        )
    type_ = {"name": FONT, "size": 9, "bold": False}
    chart.set_title({"name": title, "overlay": False, "name_font": {"name": FONT, "size": 12}})
    chart.set_y_axis({"reverse": True, "num_font": type_})
    chart.set_x_axis({"num_format": "0", "major_gridlines": {"visible": False}, "num_font": type_})
    chart.set_legend({"position": "bottom", "font": type_})
    sheet.chart(chart, height=150 + 44 * min(rows, 30))
