"""Figures → the tables of a mail, in the order circulars have (通报): what came, what was done, how long, by whom. Pure.

Each table stands in the workbook too, whole; here the first rows. A table with nothing to say is left out.
What a scope does not show was taken out of the figures before (`redaction`); the scope is asked again for
what is listed ticket by ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mail_desk.config_scopes import Scope
from mail_desk.outbound.letters_reports import ReportTable
from mail_desk.reports.cases import Case
from mail_desk.reports.charts import percent
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.tally import GroupFigures, Totals
from mail_desk.reports.words import Names

MOST = 12  # rows in a mail
Rows = Sequence[tuple[str, ...]]


def all_tables(
    figures: PeriodFigures, names: Names, scope: Scope, *, brief: bool = False
) -> tuple[ReportTable, ...]:
    """Return every table that has rows. `brief`: only those a leader reads each week; the workbook has all."""
    if brief:
        made = [
            compared(figures, names),
            limits(figures, names),
            _handlers(figures, names),
            _organs(figures, names),
        ]
        if scope.shows("closed-cases"):
            made.append(closed_cases(figures, names, scope))
        return tuple(table for table in made if table.rows)
    say = names.say
    counted = [say("件数", "Number")]
    came = sum(c.number for c in figures.received_by_kind)
    made = [
        compared(figures, names),
        _table(say("来件性质（全部来件）", "What came (all tickets)"), [say("性质", "Kind"), *counted, say("占比", "Share")],
               [(names.kind(c.key), str(c.number), percent(c.number / came)) for c in figures.received_by_kind], names),
        _grouped(say("来件渠道", "By channel"), say("渠道", "Channel"), figures.channels, names.channel, names),
        _table(say("不予受理理由", "Grounds of refusal"), [say("理由", "Ground"), *counted],
               [(names.ground(c.key) or "–", str(c.number)) for c in figures.declined_by_ground], names),
        _table(say("办结理由", "Grounds of conclusion"), [say("理由", "Ground"), *counted],
               [(names.ground(c.key) or "–", str(c.number)) for c in figures.concluded_by_ground], names),
        limits(figures, names),
        durations(figures, names),
        _handlers(figures, names),
        _organs(figures, names),
        _grouped(say("各类别办理情况", "By category"), say("类别", "Category"), figures.categories, names.category, names),
        _grouped(say("企业", "By enterprise"), say("企业", "Enterprise"), figures.enterprises, names.enterprise, names),
        _grouped(say("国别", "By country"), say("国别", "Country"), figures.countries, names.country, names),
        _table(say("热点问题（主题相近）", "Common problems (similar subjects)"), [say("主题", "Subject"), *counted],
               [(p.subject, str(p.number)) for p in figures.problems], names),
        _table(say("再次投诉", "Repeat complainants"),
               [say("投诉人", "Complainant"), say("本期", "Period"), say("一年内", "In a year")],
               [(r.name or r.address, str(r.in_period), str(r.in_year)) for r in figures.repeats if r.address],
               names),
    ]  # fmt: skip
    if scope.shows("closed-cases"):
        made.append(closed_cases(figures, names, scope))
    return tuple(table for table in made if table.rows)


def compared(figures: PeriodFigures, names: Names) -> ReportTable:
    """Set the period beside the one before and the same of the year before."""
    others = [
        (zh, en, totals)
        for zh, en, totals in (
            ("上期", "Previous", figures.totals_before),
            ("去年同期", "Year ago", figures.totals_year_ago),
        )
        if totals is not None
    ]

    def row(zh: str, en: str, value: str) -> tuple[str, ...]:
        columns = [figures.totals, *(t for _, _, t in others)]
        return (names.say(zh, en), *(_value(t, value) for t in columns))

    rows = [
        row("收到投诉", "Received", "received"), row("受理", "Accepted", "accepted"),
        row("不予受理", "Refused", "declined"), row("办结", "Concluded", "concluded"),
        row("期末未办结", "Open at the end", "open_at_end"), row("法定时限按时", "Limits kept", "met"),
        row("逾期完成", "Met late", "late"), row("逾期未完成", "Overdue at the end", "overdue"),
        row("按时率", "Rate of limits kept", "on_time_rate"),
    ]  # fmt: skip
    extra = [
        ("移送", "Transferred", figures.transferred), ("重新办理", "Reopened", figures.reopened),
        ("延期", "Extensions", figures.extensions), ("尚未认定性质", "Not yet marked", figures.unmarked),
        ("再次投诉者", "Repeat complainants", len(figures.repeats)),
        ("未送达的文书", "Notices not served", len(figures.unserved)),
    ]  # fmt: skip
    blank = ("",) * len(others)
    rows += [(names.say(zh, en), str(n), *blank) for zh, en, n in extra if n]
    head = [
        names.say("项目", "Item"),
        names.say("本期", "Period"),
        *(names.say(zh, en) for zh, en, _ in others),
    ]
    return ReportTable(
        names.say("基本情况", "In figures"), tuple(head), tuple(rows), tuple(range(1, len(head)))
    )


def _value(totals: Totals, name: str) -> str:
    found = getattr(totals, name)
    return "–" if found is None else percent(found) if isinstance(found, float) else str(found)


def limits(figures: PeriodFigures, names: Names) -> ReportTable:
    """Return how each limit of the law was kept."""
    head = [
        names.say("时限", "Limit"), names.say("按时", "On time"), names.say("逾期完成", "Late"),
        names.say("逾期未完成", "Overdue"), names.say("未到期", "Running"), names.say("按时率", "Rate"),
    ]  # fmt: skip
    rows = [
        (names.limit(x.key), str(x.met), str(x.late), str(x.overdue), str(x.running), _rate(x.on_time_rate))
        for x in figures.limits
        if x.met or x.late or x.overdue or x.running
    ]
    return _table(names.say("法定时限", "Limits of the law"), head, rows, names)


def durations(figures: PeriodFigures, names: Names) -> ReportTable:
    """Return how long things took, in working days."""
    head = [
        names.say("用时（工作日）", "Working days"), names.say("件数", "Cases"), names.say("中位数", "Median"),
        names.say("九成不超过", "9 of 10 within"),
    ]  # fmt: skip
    rows = [
        (names.spread(s.key), str(s.cases), _days(s.median), _days(s.ninth_decile))
        for s in figures.spreads
        if s.cases
    ]
    return _table(names.say("办理用时", "How long it took"), head, rows, names)


def _handlers(figures: PeriodFigures, names: Names) -> ReportTable:
    head = [
        names.say("承办人", "Handler"), names.say("总数", "Total"), names.say("按时办结", "On time"),
        names.say("超时办结", "Late"), names.say("未办结", "Open"), names.say("已逾期", "Overdue"),
        names.say("按时率", "Rate"),
    ]  # fmt: skip
    rows = [
        (names.person(h.key), str(h.total), str(h.on_time), str(h.late), str(h.open), str(h.overdue),
         _rate(h.on_time_rate))
        for h in figures.handlers
    ]  # fmt: skip
    return _table(names.say("各承办人", "By handler"), head, rows, names)


def _organs(figures: PeriodFigures, names: Names) -> ReportTable:
    head = [
        names.say("单位", "Public body"), names.say("征询", "Asked"), names.say("已答复", "Replied"),
        names.say("迟复", "Late"), names.say("逾期未复", "Overdue"), names.say("中位工作日", "Median"),
    ]  # fmt: skip
    rows = [
        (names.organ(o.key), str(o.asked), str(o.answered), str(o.late), str(o.overdue), _days(o.median))
        for o in figures.organs
    ]
    return _table(names.say("有关部门答复", "Answers of public bodies"), head, rows, names)


def _grouped(
    title: str, what: str, groups: Iterable[GroupFigures], name: Callable[[str], str], names: Names
) -> ReportTable:
    head = [
        what, names.say("收到", "Received"), names.say("办结", "Concluded"), names.say("未办结", "Open"),
        names.say("已逾期", "Overdue"),
    ]  # fmt: skip
    rows = [(name(g.key), str(g.received), str(g.concluded), str(g.open), str(g.overdue)) for g in groups]
    return _table(title, head, rows, names)


def closed_cases(figures: PeriodFigures, names: Names, scope: Scope) -> ReportTable:
    """List what was concluded in the period, case by case, with as much as the scope shows (Order 3 of 2020, Art. 25)."""
    shows = scope.shows
    done = [c for c in figures.cases if c.complaint and c.concluded_on in figures.period]
    columns: list[tuple[str, Callable[[Case], str]]] = []
    if shows("ticket-numbers"):
        columns.append((names.say("编号", "Ticket"), lambda c: c.identity.number))
    if shows("enterprises"):
        columns.append((names.say("企业", "Enterprise"), lambda c: names.enterprise(c.identity.enterprise)))
    if shows("subjects"):
        columns.append((names.say("主题", "Subject"), lambda c: _short(c.identity.subject)))
    columns += [
        (names.say("类别", "Category"), lambda c: names.category(c.identity.category)),
        (names.say("收到", "Received"), lambda c: c.received_on.isoformat()),
        (
            names.say("办结", "Concluded"),
            lambda c: "" if c.concluded_on is None else c.concluded_on.isoformat(),
        ),
        (names.say("结果", "Ground"), lambda c: names.ground(c.ground)),
    ]
    rows = [tuple(value(case) for _, value in columns) for case in done]
    return _table(names.say("办结件", "Concluded"), [head for head, _ in columns], rows, names, numeric=False)


def _table(title: str, head: Sequence[str], rows: Rows, names: Names, *, numeric: bool = True) -> ReportTable:
    """Return a table of the first rows, and how many more there are."""
    kept = list(rows[:MOST])
    if more := len(rows) - len(kept):
        kept.append((names.say(f"其余 {more} 项", f"{more} more"), *("",) * (len(head) - 1)))
    return ReportTable(title, tuple(head), tuple(kept), tuple(range(1, len(head))) if numeric else ())


def _rate(found: float | None) -> str:
    return "–" if found is None else percent(found)


def _days(found: float | None) -> str:
    return "–" if found is None else f"{found:g}"


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
