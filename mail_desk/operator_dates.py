"""Every date of one ticket explained, for the operator's terminal: `mail-desk show NUMBER --dates`.

Read-only, from the store; it counts with the procedure and the calendar files that are there now.
"""

from __future__ import annotations

from mail_desk.config import Language
from mail_desk.desk import explaining
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.outbound.letters_dates import DateView


def explained(work: Work, number: str) -> str | None:
    """Return all dates of a ticket with what they were counted from; None where there is no such ticket."""
    case = Case.by_number(work, number)
    if case is None:
        return None
    language = work.settings.desk.staff_language
    dates = explaining.dates(case, language)
    if not dates:
        return "没有期限在计算，也没有计算过。" if language == "zh" else "No time limit runs or ever ran."
    return "\n\n".join(_block(date, language) for date in dates)


def _block(date: DateView, language: Language) -> str:
    colon = "：" if language == "zh" else ": "
    mark = ("（暂定）" if language == "zh" else " (provisional)") if date.limit.provisional else ""
    head = f"{date.limit.label}{f' ({date.times})' if date.times else ''}{colon}{date.day}{mark}"
    return "\n".join([head, *(f"  {label}{colon}{text}" for label, text in date.parts)])
