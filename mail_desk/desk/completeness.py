"""From when the decision on acceptance is counted, while completeness is not recorded (Art. 13, 15).

Until somebody says the materials are complete, the earliest supplement counts: the safe reading. Each
further supplement shows the handler both dates: as it stands, and if completeness is recorded now.
"""

from __future__ import annotations

from datetime import datetime

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import in_words
from mail_desk.schedule.deadlines import Due
from mail_desk.tickets.events import Fact

COMPLETE = "complete"


def completed_at(case: Case) -> datetime:
    """Return from when the materials are complete, if somebody says so now.

    The arrival of the mail that completed them: the latest supplement, the complaint where nothing was
    asked for. Where something was asked for and nothing came, only today's judgement makes them complete.
    """
    ticket = case.ticket
    if ticket.supplemented_at is not None:
        return ticket.supplemented_at
    if ticket.state == "awaiting-materials":
        return case.work.now
    return ticket.received_at or case.work.now


def both_dates(case: Case, language: Language) -> tuple[str, ...]:
    """Return the sentences a supplement is shown with; none where the clock knows one date only."""
    supplemented = case.ticket.supplemented_at
    if supplemented is None:
        return ()
    now = next((d for d in case.running if d.start_fact == "supplement"), None)
    if now is None:
        return ()
    then = case.due_with(now.limit, Fact(COMPLETE, supplemented))
    if then is None:
        return ()
    return (_as_it_stands(case, now, language), _if_complete(case, then, language))


def _as_it_stands(case: Case, due: Due, language: Language) -> str:
    start = in_words(case.work.rules.day_of(due.started_at), language)
    by = in_words(due.due_on, language)
    if language == "zh":
        return f"尚未登记齐备：受理审查按最早的补正（{start}）起算，{by}前决定或答复。"
    return f"Not recorded as complete: counted from the earliest supplement ({start}), decide by {by}."


def _if_complete(case: Case, due: Due, language: Language) -> str:
    start = in_words(case.work.rules.day_of(due.started_at), language)
    by = in_words(due.due_on, language)
    if language == "zh":
        return f"今天登记齐备：按最近的补正（{start}）起算，{by}前决定是否受理。"
    return (
        f"If you record it as complete today: counted from the latest supplement ({start}), decide by {by}."
    )
