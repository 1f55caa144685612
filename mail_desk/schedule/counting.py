"""How a date is counted, in one sentence: for letters that leave, and for the foot of a worklist.

The whole explanation, with every skipped day, is `explanation`'s. Text only; it computes nothing.
"""

from __future__ import annotations

from datetime import date

from mail_desk.config import Language
from mail_desk.schedule.due import Due, local_day
from mail_desk.schedule.explanation import amount_in_words, fact_in_words
from mail_desk.tickets.policy import Limit, Procedure

# What follows how long: the units of a procedure, as `explanation` counts them (Civil Code Art. 201 to 203).
_RULES_ZH = {
    "working-days": "；周末和法定节假日不计，调休上班日计入",
    "calendar-days": "，末日逢休息日的，顺延至下一个工作日",
    "calendar-months": "，末日逢休息日的，顺延至下一个工作日",
    "working-hours": "，只计办公时间",
}
_RULES_EN = {
    "working-days": "; weekends and public holidays are not counted, make-up working days are",
    "calendar-days": "; an end on a rest day moves to the next working day",
    "calendar-months": "; an end on a rest day moves to the next working day",
    "working-hours": "; office hours only",
}


def of_due(due: Due, procedure: Procedure, language: Language) -> str:
    """Return from when and how a running date is counted, with its extension and its pauses."""
    limit = procedure.limit(due.limit)
    what = fact_in_words(due.start_fact, procedure, language)
    day = local_day(due.started_at, due.zone)
    amount = amount_in_words(due.amount, limit.unit, language)
    if language == "zh":
        first = f"自{_day(day, 'zh')}{what}{_from_zh(limit)}"
        more = f"（含延长的{amount_in_words(due.extended_by, limit.unit, 'zh')}）" if due.extended_by else ""
        still = "，中止期间不计" if due.pauses else ""
        return f"{first}计算{amount}{more}{_RULES_ZH[limit.unit]}{still}。"
    more = f" ({due.extended_by} of them by extension)" if due.extended_by else ""
    still = "; the time of the suspension is not counted" if due.pauses else ""
    return (
        f"Counted {_from_en(limit)} {_day(day, 'en')} ({what}): {amount}{more}{_RULES_EN[limit.unit]}{still}."
    )


def from_arrival(limit: Limit, language: Language) -> str:
    """Return how a limit will be counted that begins when the letter saying so arrives."""
    amount = amount_in_words(limit.amount, limit.unit, language)
    if language == "zh":
        return f"自本通知送达{_from_zh(limit)}计算{amount}{_RULES_ZH[limit.unit]}。"
    return f"Counted {_from_en(limit)} the arrival of this notice: {amount}{_RULES_EN[limit.unit]}."


def _from_zh(limit: Limit) -> str:
    return {"working-hours": "之时起", "calendar-months": "之日起"}.get(limit.unit, "的次日起")


def _from_en(limit: Limit) -> str:
    return {"working-hours": "from the instant of", "calendar-months": "from"}.get(
        limit.unit, "from the day after"
    )


def _day(day: date, language: Language) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"
