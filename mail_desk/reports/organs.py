"""How public bodies answered what they were asked: counted by organ for a period. Read-only.

Asked: the letter left in the period (where it is not known when, the question was recorded in it). Answered:
the answer arrived in it; late: after the day the letter named. Overdue: at the end of the period, not
answered and past that day, on tickets that were not finished then. Durations are working days after the day the letter left
(Civil Code Art. 201), the 90th percentile by nearest rank. A question taken back, or whose letter never
arrived, was none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.reports.periods import Period
from mail_desk.reports.reading import visible
from mail_desk.reports.sight import Sight
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, LetterRow, LetterState, TicketRow
from mail_desk.tickets import organ_questions
from mail_desk.tickets.events import Asked
from mail_desk.tickets.organ_questions import Question

CHUNK = 500


@dataclass(frozen=True, slots=True)
class OrganFigures:
    """How one organ answered."""

    key: str
    asked: int
    answered: int
    late: int  # of these
    overdue: int  # at the end of the period
    median: float | None  # working days
    ninth_decile: int | None


@dataclass(slots=True)
class _Tally:
    asked: int = 0
    answered: int = 0
    late: int = 0
    overdue: int = 0
    days: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, on which ticket, when its letter left, and when that ticket was finished."""

    ticket: int
    question: Question
    left_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question as the figures of a period count it."""

    ticket: int
    number: str  # of the ticket
    reference: str  # 2026-0003-2
    organ: str  # key
    asked_on: date
    answer_by: date | None
    answered_on: date | None
    asked: bool  # in the period
    answered: bool  # in the period
    late: bool  # answered in the period, after the day the letter named
    overdue: bool  # not answered at the end of the period, and past that day
    days: int | None  # working days, where answered in the period


def lines(
    session: Session, period: Period, at: datetime, sight: Sight, hidden_for: str | None
) -> tuple[QuestionLine, ...]:
    """Return the questions that a period that ends at `at` counts, in the order they were asked.

    `hidden_for`: the reader's person key; tickets hidden from that person are left out.
    """
    found = []
    for asked in _questions(session, at, hidden_for):
        q = asked.question
        left = sight.day(asked.left_at)
        answered_on = None if q.answered_at is None or q.answered_at >= at else sight.day(q.answered_at)
        answered = answered_on is not None and answered_on in period
        overdue = answered_on is None and _overdue(asked, at, sight.day(at))
        if not (left in period or answered or overdue):
            continue
        late = answered and q.answer_by is not None and answered_on is not None and answered_on > q.answer_by
        days = max(0, sight.working_days(left, answered_on)) if answered and answered_on else None
        found.append(
            QuestionLine(
                asked.ticket, q.reference.ticket, q.reference.key, q.organ, left, q.answer_by, answered_on,
                left in period, answered, late, overdue, days,
            )
        )  # fmt: skip
    return tuple(found)


def figures(found: Iterable[QuestionLine]) -> tuple[OrganFigures, ...]:
    """Count what each organ was asked and answered, the most asked first."""
    tallies: dict[str, _Tally] = {}
    for line in found:
        tally = tallies.setdefault(line.organ, _Tally())
        tally.asked += line.asked
        tally.answered += line.answered
        tally.late += line.late
        tally.overdue += line.overdue
        if line.days is not None:
            tally.days.append(line.days)
    shown = [_line(key, tally) for key, tally in tallies.items()]
    return tuple(sorted(shown, key=lambda f: (-f.asked, -f.overdue, f.key)))


def _overdue(asked: _Asked, at: datetime, today: date) -> bool:
    by = asked.question.answer_by
    return by is not None and today > by and (asked.closed_at is None or asked.closed_at >= at)


def _line(key: str, tally: _Tally) -> OrganFigures:
    days = sorted(tally.days)
    return OrganFigures(
        key,
        tally.asked,
        tally.answered,
        tally.late,
        tally.overdue,
        median(days) if days else None,
        days[-(-len(days) * 9 // 10) - 1] if days else None,
    )


def _questions(session: Session, at: datetime, hidden_for: str | None) -> Iterator[_Asked]:
    """Yield every question whose letter had left by `at`."""
    asking = select(EventRow.ticket_id).where(EventRow.type == Asked.__name__, EventRow.at < at)
    query = (
        select(TicketRow.id, TicketRow.number, TicketRow.closed_at, TicketRow.merged_into)
        .where(TicketRow.id.in_(asking), visible(hidden_for))
        .order_by(TicketRow.id)
    )
    rows = [(id_, number, closed, merged) for id_, number, closed, merged in session.execute(query)]
    for begin in range(0, len(rows), CHUNK):
        yield from _of_tickets(session, rows[begin : begin + CHUNK], at)


def _of_tickets(
    session: Session, rows: Sequence[tuple[int, str, datetime | None, int | None]], at: datetime
) -> Iterator[_Asked]:
    recorded = ledger.load_many(session, [row[0] for row in rows])
    found: list[tuple[int, Question, datetime | None]] = []
    for ticket, number, closed_at, merged_into in rows:
        final = merged_into
        while final is not None and (row := session.get_one(TicketRow, final)).merged_into is not None:
            final = row.merged_into
        later = () if final is None else ledger.events_of(session, final)
        closed = closed_at if final is None else session.get_one(TicketRow, final).closed_at
        found += [(ticket, q, closed) for q in organ_questions.questions(recorded[ticket], number, later)]
    letters = {
        id_: (state, sent_at, reply)
        for id_, state, sent_at, reply in session.execute(
            select(LetterRow.id, LetterRow.state, LetterRow.sent_at, LetterRow.last_reply).where(
                LetterRow.id.in_({q.letter for _, q, _ in found if q.letter})
            )
        )
    }
    for ticket, question, closed in found:
        state, sent_at, reply = letters.get(question.letter, (LetterState.SENT, None, None))
        left_at = sent_at or question.asked_at
        if state == LetterState.SENT and not (reply or "").startswith("bounced") and left_at < at:
            yield _Asked(ticket, question, left_at, closed)
