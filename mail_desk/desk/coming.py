"""The dates of the next weeks, as a supervisor's worklist shows them: one line a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import in_words
from mail_desk.desk.work import Work
from mail_desk.schedule.deadlines import Due

AHEAD = 15  # working days
NAMED = 6  # tickets named a day; the rest are counted


def dates(work: Work, cases: Iterable[Case], language: Language) -> tuple[tuple[str, str, str], ...]:
    """Return (day, how many, which) for each day to come on which something of the office falls due."""
    last = work.rules.calendar.forward(work.today, AHEAD)
    by_day: dict[date, list[tuple[Case, Due]]] = {}
    for case in cases:
        for due in case.running:
            ours = case.procedure.limit(due.limit).owner != "complainant"
            if ours and work.today < due.due_on <= last:
                by_day.setdefault(due.due_on, []).append((case, due))
    return tuple(_line(day, found, language) for day, found in sorted(by_day.items()))


def _line(day: date, found: list[tuple[Case, Due]], language: Language) -> tuple[str, str, str]:
    zh = language == "zh"
    mark = ("（暂定）" if zh else " (provisional)") if any(due.provisional for _, due in found) else ""
    named = [f"{case.row.number} {case.limit_view(due, language).label}" for case, due in found[:NAMED]]
    more = len(found) - NAMED
    if more > 0:
        named.append(f"另{more}件" if zh else f"{more} more")
    return in_words(day, language) + mark, str(len(found)), ("、" if zh else ", ").join(named)
