"""Every date of a ticket, explained: for the command `explain`, for `show`, for letters that state one.

Read-only. The sentences are `schedule.explanation`'s; here stands which dates a ticket has, which come
first, and how each stands today.
"""

from __future__ import annotations

from collections.abc import Iterable

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, state_name
from mail_desk.desk.work import Work
from mail_desk.outbound.letters_dates import Calendars, DateView, ExplainedTicket
from mail_desk.schedule import counting, explanation
from mail_desk.schedule.deadlines import Due


def explain(case: Case, actor: Actor) -> Outcome:
    """Answer with every date of a ticket and why it is what it is."""
    found = dates(case, actor.language)
    ticket = ExplainedTicket(case.row.number, case.row.subject, found)
    return Outcome(True, state_name(case, actor.language), explained=(ticket,))


def dates(case: Case, language: Language) -> tuple[DateView, ...]:
    """Return every instance of every limit: what runs by urgency, then what has ended, the latest first."""
    running = sorted((d for d in case.dues if d.running), key=lambda d: d.due_at)
    ended = sorted((d for d in case.dues if not d.running), key=lambda d: d.started_at, reverse=True)
    return tuple(_view(case, due, language) for due in (*running, *ended))


def _view(case: Case, due: Due, language: Language) -> DateView:
    again = sum(d.limit == due.limit for d in case.dues) > 1
    return DateView(
        limit=case.limit_view(due, language),
        day=explanation.day_in_words(due.due_on, language),
        times=due.number if again else 0,
        state=due.state.value,
        late=due.late(case.work.now),
        stands=explanation.state_in_words(due, case.procedure, language),
        parts=explanation.parts(due, case.procedure, language),
    )


def counted(case: Case, limit: str, language: Language) -> str:
    """Return in one sentence how the running date of a limit is counted, "" where it does not run."""
    due = case.due(limit)
    return counting.of_due(due, case.procedure, language) if due is not None else ""


def calendars(work: Work, cases: Iterable[Case]) -> Calendars | None:
    """Say by which years' calendars the dates of a list are counted; None where it states none."""
    last = max((due.due_on for case in cases for due in case.running), default=None)
    if last is None:
        return None
    published = work.rules.calendar.published
    years = range(work.today.year, max(last, work.today).year + 1)
    return Calendars(tuple(y for y in years if published(y)), tuple(y for y in years if not published(y)))
