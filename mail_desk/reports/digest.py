"""Figures → what the digest's template is shown: one true sentence, five numbers, who owes what. Pure.

The first sentence is what a leader must know, also when nothing happened. Everything in it stands in
the workbook as well. Composes, never sends and never counts.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Mapping, Sequence

from mail_desk.config import Language, Settings
from mail_desk.config_scopes import WHOLE, Scope
from mail_desk.outbound.letters import (
    Choice,
    DigestContext,
    Figure,
    LimitView,
    ReminderItem,
    TicketView,
)
from mail_desk.outbound.letters_reports import CircularContext, ReportChart, ReportTable
from mail_desk.reports import charts, tables
from mail_desk.reports.cases import COMPLAINT
from mail_desk.reports.figures import Overdue, PeriodFigures
from mail_desk.reports.periods import DAY, month_of, of, week_of
from mail_desk.reports.satisfaction import Satisfaction
from mail_desk.reports.words import Names
from mail_desk.tickets.policy import Procedure

NAMED = 3  # overdue tickets named in the headline; all of them stand below it
BRIEF = 7  # days of a period whose mail leaves the smaller tables to the workbook
HEAD_SHOWN = 16  # hex digits of the chain head: enough to compare, short enough to read out


def compose(
    figures: PeriodFigures,
    *,
    title: str,
    reader: str,
    settings: Settings,
    procedures: Mapping[str, Procedure],
    language: Language,
    chain_head: str,
    workbook: str = "",
    choices: Mapping[str, tuple[Choice, ...]] | None = None,
    scope: Scope = WHOLE,
) -> DigestContext:
    """Return the digest of a period for one reader; the figures are those of the scope (`redaction`).

    `chain_head`: of the ledger, hex, whole. `workbook`: name of the file attached, "" for none.
    `choices`: what can be replied, by ticket number.
    """
    names = Names(settings, procedures, language, handlers=scope.shows("handler-names"))
    offered = choices or {}
    return DigestContext(
        title=title,
        reader=reader,
        first=figures.period.first,
        last=figures.period.last,
        headline=headline(figures, names),
        figures=five(figures, names),
        overdue=tuple(
            _item(late, names, settings, offered.get(late[0].identity.number, ()))
            for late in (by_ticket(figures) if scope.shows("ticket-numbers") else ())
        ),
        on_time_by_handler=charts.on_time_by_handler(figures, names),
        received_by_week=charts.received_by_week(figures, names),
        by_category=charts.by_category(figures, names),
        accounted=accounted(figures, names) if scope.shows("record") else "",
        satisfaction=rated(figures.satisfaction, names),
        chain_head=chain_head[:HEAD_SHOWN] if scope.shows("record") else "",
        workbook=workbook,
        extensions=figures.extensions,
        concluded_by_week=charts.concluded_by_week(figures, names),
        ageing=charts.ageing(figures, names),
        tables=tables.all_tables(
            figures, names, scope, brief=bool(workbook) and figures.period.days <= BRIEF
        ),
        late=len(by_ticket(figures)),
        came=came(figures, names),
        by_month=charts.by_month(figures),
    )


def circular(
    figures: PeriodFigures,
    *,
    title: str,
    reader: str,
    names: Names,
    scope: Scope,
    workbook: str = "",
    more: Sequence[ReportTable] = (),
) -> CircularContext:
    """Return what leaves the house of a period; the figures are those of the scope. `more`: further tables."""
    say = names.say
    step_zh, step_en = ("月", "month") if charts.by_month(figures) else ("周", "week")
    drawn = [
        ReportChart(say(f"各{step_zh}收到投诉", f"Received, by {step_en}"), charts.received_by_week(figures, names)),
        ReportChart(say(f"各{step_zh}办结", f"Concluded, by {step_en}"), charts.concluded_by_week(figures, names)),
        ReportChart(say("未办结件已收到（工作日）", "Age of the open ones, in working days"), charts.ageing(figures, names)),
        ReportChart(say("问题类别", "What it was about"), charts.by_category(figures, names)),
    ]  # fmt: skip
    return CircularContext(
        title=title,
        reader=reader,
        first=figures.period.first,
        last=figures.period.last,
        headline=headline(figures, names),
        figures=five(figures, names),
        late=len(by_ticket(figures)),
        charts=tuple(chart for chart in drawn if chart.bars),
        tables=(*tables.all_tables(figures, names, scope), *(table for table in more if table.rows)),
        satisfaction=rated(figures.satisfaction, names),
        workbook=workbook,
        came=came(figures, names),
    )


# --- sentences ------------------------------------------------------------------------------------


def headline(figures: PeriodFigures, names: Names) -> str:
    """Return the sentence: what came, what was done, and by name what is late now."""
    late = [limits[0] for limits in by_ticket(figures)]
    t, unmarked = figures.totals, figures.unmarked
    when = _when(figures, names)
    if names.language == "en":
        parts = f"{when}, {_how_many(t.received, 'complaint was', 'complaints were')} received and {_none(t.concluded)} concluded"
        waiting = f" {_how_many(unmarked, 'mail has', 'mails have')} not been marked yet." if unmarked else ""
        if not late:
            return f"{parts}; nothing is overdue.{waiting}"
        named = ", ".join(f"{x.identity.number} ({_who_english(x, names)})" for x in late[:NAMED])
        lead = "" if len(late) <= NAMED else ", the longest"
        told = f"{lead}: {named}" if late[0].identity.number else ""  # no number: the scope shows none
        return f"{parts}; {len(late)} {'is' if len(late) == 1 else 'are'} overdue{told}.{waiting}"
    received = f"收到投诉 {t.received} 件" if t.received else "没有收到投诉"
    concluded = f"办结 {t.concluded} 件" if t.concluded else "没有办结件"
    waiting = f"另有 {unmarked} 件尚未认定性质。" if unmarked else ""
    if not late:
        return f"{when}{received}，{concluded}，目前没有逾期件。{waiting}"
    named = "、".join(f"{x.identity.number}（{_who_chinese(x, names)}）" for x in late[:NAMED])
    lead = "" if len(late) <= NAMED else "最久的是 "
    told = f"：{lead}{named}" if late[0].identity.number else ""
    return f"{when}{received}，{concluded}，逾期 {len(late)} 件{told}。{waiting}"


def five(figures: PeriodFigures, names: Names) -> tuple[Figure, ...]:
    """Return the five figures with their change against the period before."""
    now, before = figures.totals, figures.totals_before
    overdue = len(by_ticket(figures))

    def change(value: int, old: int | None) -> str:
        return "" if old is None else _signed(value - old, names)

    rate = now.on_time_rate
    return (
        Figure(
            names.say("收到投诉", "Received"),
            str(now.received),
            change(now.received, None if before is None else before.received),
        ),
        Figure(
            names.say("办结", "Concluded"),
            str(now.concluded),
            change(now.concluded, None if before is None else before.concluded),
        ),
        Figure(
            names.say("期末未办结", "Open at the end"),
            str(now.open_at_end),
            change(now.open_at_end, None if before is None else before.open_at_end),
        ),
        Figure(
            names.say("法定时限按时率", "Limits kept"),
            "–" if rate is None else charts.percent(rate),
            _points(rate, None if before is None else before.on_time_rate, names),
        ),
        Figure(names.say("目前逾期", "Overdue now"), str(overdue), ""),
    )


def accounted(figures: PeriodFigures, names: Names) -> str:
    """Return the sentence that every mail is accounted for, or that some are not."""
    m = figures.mails
    if not m.received:
        return names.say("本期没有收到邮件。", "No mail was received.") + _by_hand(m.by_hand, names)
    where = [(names.mail(how), n) for how, n in m.filed]
    if names.language == "en":
        listed = ", ".join(f"{name} {n}" for name, n in where)
        text = f"{_how_many(m.received, 'mail', 'mails')} received, {m.accounted} accounted for: {listed}."
        if m.unaccounted:
            text += f" {_how_many(m.unaccounted, 'mail is', 'mails are')} still to be looked into."
        if figures.quarantined:
            text += f" {_how_many(figures.quarantined, 'mail waits', 'mails wait')} in quarantine now."
    else:
        listed = "、".join(f"{name} {n}" for name, n in where)
        text = f"收到邮件 {m.received} 封，去向清楚 {m.accounted} 封：{listed}。"
        if m.unaccounted:
            text += f"尚有 {m.unaccounted} 封需要查明。"
        if figures.quarantined:
            text += f"现有 {figures.quarantined} 封隔离待查。"
    return text + _by_hand(m.by_hand, names)


def rated(found: Satisfaction, names: Names) -> str:
    """Return the figure in words, "" where nobody has rated."""
    if found.mean is None:
        return ""
    share = charts.percent(found.dissatisfied / found.rated)
    return names.say(
        f"平均 {found.mean:.1f} 分（{found.rated} 件评价，满分 5 分），"
        + (f"不满意 {found.dissatisfied} 件，占 {share}。" if found.dissatisfied else "没有不满意的。"),
        f"{found.mean:.1f} of 5 on average, from {_how_many(found.rated, 'rating', 'ratings')}; "
        + (f"{found.dissatisfied} dissatisfied ({share})." if found.dissatisfied else "nobody dissatisfied."),
    )


def came(figures: PeriodFigures, names: Names) -> str:
    """Say by which channels the complaints came, and what came besides; "" where nothing did."""
    if not figures.received_by_kind:
        return ""
    by = [(names.channel(c.key), c.number) for c in figures.received_by_channel]
    other = [(names.kind(c.key), c.number) for c in figures.received_by_kind if c.key != COMPLAINT]
    total = sum(c.number for c in figures.received_by_kind)
    if names.language == "en":
        said = f"Complaints by channel: {', '.join(f'{name} {n}' for name, n in by)}." if by else ""
        if other:
            said += f" In all, {_how_many(total, 'ticket was', 'tickets were')} opened; of these, "
            said += f"{', '.join(f'{name} {n}' for name, n in other)}."
        return said.strip()
    said = f"投诉渠道：{'、'.join(f'{name} {n} 件' for name, n in by)}。" if by else ""
    if other:
        said += f"全部来件 {total} 件，其中{'、'.join(f'{name} {n} 件' for name, n in other)}。"
    return said


def _by_hand(n: int, names: Names) -> str:
    if not n:
        return ""
    letters = _how_many(n, "letter was", "letters were")
    return names.say(f"另有 {n} 封由人工从邮箱直接发出。", f" {letters} sent by hand from the mailbox.")


# --- parts ----------------------------------------------------------------------------------------


def _when(figures: PeriodFigures, names: Names) -> str:
    """Name the period as a person would; the year only where it is not this one."""
    period = figures.period
    first = period.first
    other_year = first.year != figures.today.year
    if period == month_of(first):
        english = f"In {gregorian.month_name[first.month]}" + (f" {first.year}" if other_year else "")
        return names.say((f"{first.year}年" if other_year else "") + f"{first.month}月", english)
    if period == of("year", first):
        return names.say(f"{first.year}年", f"In {first.year}")
    if period == of("quarter", first):
        number = first.month // 3
        english = f"In the {('first', 'second', 'third', 'fourth')[number]} quarter" + (
            f" of {first.year}" if other_year else ""
        )
        return names.say((f"{first.year}年" if other_year else "") + f"第{'一二三四'[number]}季度", english)
    if period == of("two-months", first):
        english = f"In {gregorian.month_name[first.month]} and {gregorian.month_name[period.last.month]}"
        english += f" {first.year}" if other_year else ""
        return names.say(
            (f"{first.year}年" if other_year else "") + f"{first.month}月至{period.last.month}月", english
        )
    year_zh, year_en = (f"{first.year}年", f" {period.last.year}") if other_year else ("", "")
    days = charts.span(period, names)
    if period == week_of(figures.today - 7 * DAY):
        return names.say(f"上周（{days}）", f"Last week ({days})")
    return names.say(f"{year_zh}{days}", f"{'On' if period.days == 1 else 'In the days'} {days}{year_en}")


def by_ticket(figures: PeriodFigures) -> list[list[Overdue]]:
    """Return what is overdue ticket by ticket, the longest first: one late twice is one late ticket."""
    found: dict[int, list[Overdue]] = {}
    for late in figures.overdue:  # the longest first
        found.setdefault(late.identity.ticket, []).append(late)
    return list(found.values())


def _who_chinese(late: Overdue, names: Names) -> str:
    days = f"已逾期 {late.days_late} 个工作日" if late.days_late else "已逾期不足 1 个工作日"
    return f"{names.owner(late.owner)}，{days}" if names.owner(late.owner) else days


def _who_english(late: Overdue, names: Names) -> str:
    who = f"{names.owner(late.owner)}, " if names.owner(late.owner) else ""
    if late.days_late:
        return f"{who}{_how_many(late.days_late, 'working day', 'working days')} late"
    return f"{who}less than 1 working day late"


def _item(late: list[Overdue], names: Names, settings: Settings, choices: tuple[Choice, ...]) -> ReminderItem:
    it = late[0].identity
    limits = tuple(
        LimitView(
            key=x.limit.key,
            label=names.limit(x.limit.key),
            due_on=x.limit.due_on,
            days_left=-max(1, x.days_late),  # on a rest day after the last day it is late already
            provisional=x.limit.provisional,
            basis=names.basis(it, x.limit.key),
        )
        for x in late
    )
    telephone = next((row.telephone for row in settings.enterprises if row.key == it.enterprise), "")
    ticket = TicketView(
        number=it.number,
        subject=it.subject,
        kind=it.kind,
        state=it.state,
        complainant=it.complainant,
        complainant_address=it.address,
        enterprise=names.enterprise(it.enterprise) if it.enterprise else "",
        telephone=telephone,
        category=names.category(it.category) if it.category else "",
        handler=names.person(it.handler) if it.handler else "",
        received_on=it.received_at.astimezone(settings.desk.zone).date(),
        limits=limits,
    )
    return ReminderItem(ticket, limits[0], names.owner(late[0].owner), choices)


def _how_many(n: int, one: str, many: str) -> str:
    if n == 0:
        return f"no {one}"
    return f"{n} {one if n == 1 else many}"


def _none(n: int) -> str:
    return str(n) if n else "none was"


def _signed(change: int, names: Names) -> str:
    if change == 0:
        return names.say("持平", "unchanged")
    return f"+{change}" if change > 0 else f"\N{MINUS SIGN}{-change}"


def _points(rate: float | None, old: float | None, names: Names) -> str:
    if rate is None or old is None:
        return ""
    change = round((rate - old) * 100)
    if change == 0:
        return names.say("持平", "unchanged")
    unit = names.say(" 个百分点", " points" if abs(change) != 1 else " point")
    return _signed(change, names) + unit
