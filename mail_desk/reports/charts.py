"""Figures → bars made of table cells: the charts that show in every mail client. Pure.

A bar always carries its number as text, so nothing is lost where colours or widths are. `share` is
the length, 0 to 1: of the longest bar where things are counted, of the whole where it is a rate.
"""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.outbound.letters import Bar
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.periods import LONGEST_IN_WEEKS, Period
from mail_desk.reports.words import Names

MOST = 8  # bars in one chart; the rest is summed up in one


def on_time_by_handler(figures: PeriodFigures, names: Names) -> tuple[Bar, ...]:
    """Show the share of complaints each person concluded in time, of those that ended or are overdue.

    Who has nothing of that kind is left out: a rate of nothing is neither good nor bad. The worst
    comes first; the numbers behind the rate are shown with it.
    """
    rated = [(h, h.on_time_rate) for h in figures.handlers]
    ordered = sorted(((r, h) for h, r in rated if r is not None), key=lambda x: (x[0], -x[1].total, x[1].key))
    return tuple(
        Bar(
            label=names.person(h.key),
            value=f"{percent(r)} ({h.on_time}/{h.on_time + h.late + h.overdue})",
            share=r,
            alert=h.overdue > 0,
        )
        for r, h in ordered
    )


def received_by_week(figures: PeriodFigures, names: Names) -> tuple[Bar, ...]:
    """Show how many complaints came each week, or month; empty where none came in all of them."""
    counts = [week.received for week in figures.weeks]
    return tuple(
        Bar(_step(week.period, names, figures), str(week.received), share)
        for week, share in zip(figures.weeks, _shares(counts), strict=True)
        if any(counts)
    )


def concluded_by_week(figures: PeriodFigures, names: Names) -> tuple[Bar, ...]:
    """Show how many complaints were concluded each week, or month; empty where none was in all of them."""
    counts = [week.concluded for week in figures.weeks]
    return tuple(
        Bar(_step(week.period, names, figures), str(week.concluded), share)
        for week, share in zip(figures.weeks, _shares(counts), strict=True)
        if any(counts)
    )


def by_month(figures: PeriodFigures) -> bool:
    """Say whether the trend is drawn in months: of a year nobody reads its weeks."""
    return figures.period.days > LONGEST_IN_WEEKS


def _step(period: Period, names: Names, figures: PeriodFigures) -> str:
    if not by_month(figures):
        return span(period, names)
    return names.say(f"{period.first.month}月", _MONTHS[period.first.month - 1])


def ageing(figures: PeriodFigures, names: Names) -> tuple[Bar, ...]:
    """Show the open ones by their age in working days; empty where none is open."""
    counts = [c.number for c in figures.ageing]
    return tuple(
        Bar(names.say(f"{c.key.replace('-', '–')} 个工作日", f"{c.key.replace('-', '–')} working days"), str(c.number), share)
        for c, share in zip(figures.ageing, _shares(counts), strict=True)
        if any(counts)
    )  # fmt: skip


def by_category(figures: PeriodFigures, names: Names) -> tuple[Bar, ...]:
    """Show complaints received by category, the most first; an alert where one of them is overdue."""
    groups = [g for g in figures.categories if g.received]
    shown, rest = (groups, []) if len(groups) <= MOST else (groups[: MOST - 1], groups[MOST - 1 :])
    rows = [(names.category(g.key), g.received, g.overdue > 0) for g in shown]
    if rest:
        label = names.say(f"其余 {len(rest)} 类", f"{len(rest)} other categories")
        rows.append((label, sum(g.received for g in rest), any(g.overdue for g in rest)))
    shares = _shares([n for _, n, _ in rows])
    return tuple(
        Bar(label, str(n), share, alert) for (label, n, alert), share in zip(rows, shares, strict=True)
    )


def percent(part: float) -> str:
    """Return a share in whole per cent; 100% and 0% only where nothing, or everything, is lacking."""
    whole = round(part * 100)
    if part < 1:
        whole = min(whole, 99)
    if part > 0:
        whole = max(whole, 1)
    return f"{whole}%"


def span(period: Period, names: Names) -> str:
    """Return days as a label: 9月1日–7日, 1–7 Sep."""
    a, b = period.first, period.last
    month = names.say(f"{a.month}月", f" {_MONTHS[a.month - 1]}")
    if a == b:
        return names.say(f"{month}{a.day}日", f"{a.day}{month}")
    if a.month == b.month:
        return names.say(f"{month}{a.day}日–{b.day}日", f"{a.day}–{b.day}{month}")
    return names.say(
        f"{month}{a.day}日–{b.month}月{b.day}日", f"{a.day}{month} – {b.day} {_MONTHS[b.month - 1]}"
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _shares(counts: Sequence[int]) -> list[float]:
    longest = max(counts, default=0) or 1
    return [n / longest for n in counts]
