"""What stands behind the figures that count something else than tickets, line by line: mails, ratings, questions to
public bodies, complaints of those who came again; and of tickets, what their row does not say.

The workbook prints these lines and `list` answers with them, so that whoever doubts a figure can count. Read-only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mail_desk.config import FolderRole
from mail_desk.reports import reading, tally
from mail_desk.reports.cases import COMPLAINT, Case
from mail_desk.reports.organs import QuestionLine
from mail_desk.reports.periods import Period
from mail_desk.reports.reading import BY_HAND, Repeat, visible
from mail_desk.reports.satisfaction import DISSATISFIED
from mail_desk.reports.sight import Sight
from mail_desk.store.schema import EventRow, Message, MessageState, TicketRow

MOST = 20_000  # lines of a kind: of more they are counted, and not listed


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail, and what became of it."""

    reference: str  # M12
    day: date
    how: str  # see reading.how_filed
    sender: str
    subject: str
    ticket: int | None
    number: str
    in_period: bool  # False: an earlier one that waits in quarantine now


@dataclass(frozen=True, slots=True)
class RatingLine:
    """A complainant's opinion; of one ticket the latest of the period."""

    ticket: int
    number: str
    day: date
    score: int

    @property
    def dissatisfied(self) -> bool:
        return self.score <= DISSATISFIED


@dataclass(frozen=True, slots=True)
class RepeatLine:
    """A complaint of somebody who came again, of the year that ends with the period."""

    ticket: int
    number: str
    address: str
    name: str  # of the complainant's latest complaint
    day: date
    in_period: bool


@dataclass(frozen=True, slots=True)
class Behind:
    mails: tuple[MailLine, ...] = ()
    too_many_mails: bool = False
    ratings: tuple[RatingLine, ...] = ()
    questions: tuple[QuestionLine, ...] = ()
    repeats: tuple[RepeatLine, ...] = ()
    concluded_late: frozenset[int] = frozenset()  # tickets
    ages: Mapping[int, str] = field(default_factory=dict)  # of open tickets, as in the figure: 16-30


def collect(
    session: Session,
    period: Period,
    end: datetime,
    sight: Sight,
    complaints: Sequence[Case],
    questions: tuple[QuestionLine, ...],
    repeats: Iterable[Repeat],
    hidden_for: str | None,
    year: datetime,
) -> Behind:
    """Return the lines of a period that ends at `end`; `year`: since when a complaint makes another a repeated one."""
    start = period.instants(sight.zone)[0]
    mails = _mails(session, start, end, sight, hidden_for)
    today = min(period.last, sight.day(end))
    return Behind(
        mails=() if len(mails) > MOST else mails,
        too_many_mails=len(mails) > MOST,
        ratings=_ratings(session, start, end, sight, hidden_for),
        questions=questions,
        repeats=_repeats(session, list(repeats), (year, start, end), sight, hidden_for),
        concluded_late=frozenset(
            c.identity.ticket for c in complaints if tally.concluded_late(c, end, sight)
        ),
        ages={
            c.identity.ticket: tally.age(sight.working_days(c.received_on, today))
            for c in complaints
            if c.open
        },
    )


def _mails(
    session: Session, start: datetime, until: datetime, sight: Sight, hidden_for: str | None
) -> tuple[MailLine, ...]:
    how = reading.how_filed()
    m = Message
    query = (
        reading.of_mails(
            select(m.id, m.received_at, how, m.from_address, m.subject, TicketRow.id, TicketRow.number),
            hidden_for,
        )
        .where(
            or_(
                (m.received_at >= start) & (m.received_at < until),
                m.state == MessageState.QUARANTINED,
            ),
            how != FolderRole.SENT.value,
        )
        .order_by(m.received_at, m.id)
        .limit(MOST + 1)
    )
    return tuple(
        MailLine(f"M{id_}", sight.day(at), str(filed), sender or "", subject or "", ticket, number or "", start <= at < until)
        for id_, at, filed, sender, subject, ticket, number in session.execute(query)
    )  # fmt: skip


def _ratings(
    session: Session, start: datetime, until: datetime, sight: Sight, hidden_for: str | None
) -> tuple[RatingLine, ...]:
    query = (
        select(TicketRow.id, TicketRow.number, EventRow.at, EventRow.data)
        .join(TicketRow, TicketRow.id == EventRow.ticket_id)
        .where(EventRow.type == "Rated", EventRow.at >= start, EventRow.at < until, visible(hidden_for))
        .order_by(EventRow.ticket_id, EventRow.seq)
    )
    latest = {
        ticket: RatingLine(ticket, number, sight.day(at), int(data["score"]))
        for ticket, number, at, data in session.execute(query)
    }
    return tuple(latest.values())


def _repeats(
    session: Session,
    repeats: Sequence[Repeat],
    span: tuple[datetime, datetime, datetime],
    sight: Sight,
    hidden_for: str | None,
) -> tuple[RepeatLine, ...]:
    if sum(r.in_year for r in repeats) > MOST:
        return ()
    year, start, until = span
    names = {r.address: r.name for r in repeats}
    if not names:
        return ()
    t, who = TicketRow, func.lower(TicketRow.complainant_address)
    again = reading.coming_again(year, start, until, hidden_for)
    query = (
        select(t.id, t.number, who, t.received_at)
        .where(
            who.in_(again.with_only_columns(who)), t.received_at >= year, t.received_at < until,
            t.kind == COMPLAINT, t.merged_into.is_(None), visible(hidden_for),
        )
        .order_by(t.id)
    )  # fmt: skip
    found = [
        RepeatLine(id_, number, address, names[address], sight.day(at), at >= start)
        for id_, number, address, at in session.execute(query)
    ]
    return tuple(sorted(found, key=lambda line: (line.address, line.ticket)))


def at_hand(mails: Iterable[MailLine]) -> tuple[list[MailLine], list[MailLine], list[MailLine]]:
    """Return the mails received in the period, those answered by hand in it, and those in quarantine now."""
    listed = list(mails)
    inside = [line for line in listed if line.in_period]
    return (
        [line for line in inside if line.how != BY_HAND],
        [line for line in inside if line.how == BY_HAND],
        [line for line in listed if line.how == MessageState.QUARANTINED],
    )
