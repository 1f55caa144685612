"""The queries behind the figures: what the store holds of a span of time.

Read-only. Tickets come with the events that figures depend on, in chunks, so that a quarter of
100,000 tickets never lies in memory as rows; everything that needs no history is counted by the
database. Where a reader is named (`hidden_for`), tickets hidden from that person are left out of
every query here, with their mails: a difference between two counts must not tell of them either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from mail_desk.config import FolderRole
from mail_desk.reports.cases import AFTERMATH_EVENTS, COMPLAINT, FIGURE_EVENTS, Identity
from mail_desk.store.schema import SPLIT, EventRow, Message, MessageState, TicketRow
from mail_desk.tickets.events import (
    Accepted,
    AnsweredByHand,
    Closed,
    Completed,
    Concluded,
    Declined,
    Event,
    MaterialsRequested,
    NoticeFailed,
    NoticeServed,
    Received,
    Recorded,
    Replied,
    Transferred,
    from_data,
)

CHUNK = 500  # tickets whose events are in memory at once; far below any limit of bound parameters

DUPLICATE, UNPROCESSED, UNFILED, BY_HAND = "duplicate", "unprocessed", "unfiled", "by-hand"


@dataclass(frozen=True, slots=True)
class MailFigures:
    """Where the mails of a period went; those in the Sent folder are none that were received."""

    received: int
    filed: tuple[tuple[str, int], ...]  # (opened, follow-up, command, duplicate, quarantined …; number)
    by_hand: int  # answers written outside the desk

    @property
    def unaccounted(self) -> int:
        """Mails fetched that are not yet, or not in any way, dealt with: to be looked into."""
        return sum(n for how, n in self.filed if how in (UNPROCESSED, UNFILED))

    @property
    def accounted(self) -> int:
        return self.received - self.unaccounted


@dataclass(frozen=True, slots=True)
class Repeat:
    """A complainant who came again."""

    address: str
    name: str  # of the latest complaint
    in_period: int
    in_year: int  # in the year that ends with the period


def visible(hidden_for: str | None) -> ColumnElement[bool]:
    """Return the condition that a ticket may be shown to this person."""
    if hidden_for is None:
        return true()
    return ~cast(TicketRow.hidden_from, String).contains(f'"{hidden_for}"', autoescape=True)


def any_ticket(session: Session, until: datetime, hidden_for: str | None) -> bool:
    """Say whether a ticket came before `until`."""
    query = select(exists().where(TicketRow.received_at < until, visible(hidden_for)))
    return bool(session.scalar(query))


def tickets_touching(
    session: Session, start: datetime, until: datetime, hidden_for: str | None
) -> Sequence[int]:
    """Return the ids of tickets that were open, or to which something happened, in [start, until).

    A superset: what a ticket was at an instant only its events say.
    """
    ticket = TicketRow
    came = and_(ticket.received_at < until, visible(hidden_for))
    unfinished = or_(ticket.closed_at.is_(None), ticket.closed_at >= start)
    finished = and_(ticket.closed_at < start, or_(_stirred(start, until), _owes_a_notice()))
    rows = session.connection()
    ids = [*rows.scalars(select(ticket.id).where(came, unfinished))]
    ids += rows.scalars(select(ticket.id).where(came, finished))
    return sorted(ids)


def _type(row: type[EventRow]) -> ColumnElement[str]:
    """Return the type of an event as an expression, so that no database prefers the index on it.

    The events of a ticket lie together under the primary key, and that is how they are asked for here.
    """
    return func.coalesce(row.type, "")


def _stirred(start: datetime, until: datetime) -> ColumnElement[bool]:
    """Return whether something happened to a ticket in [start, until) that counts after its end."""
    return exists().where(
        EventRow.ticket_id == TicketRow.id,
        _type(EventRow).in_(sorted(AFTERMATH_EVENTS)),
        EventRow.at >= start,
        EventRow.at < until,
    )


def _owes_a_notice() -> ColumnElement[bool]:
    """Return whether no notice was served on a ticket since its decision, or one failed."""
    served = aliased(EventRow)
    told = exists().where(
        served.ticket_id == EventRow.ticket_id,
        _type(served) == NoticeServed.__name__,
        served.at >= EventRow.at,
    )
    decided = and_(_type(EventRow).in_([x.__name__ for x in (Declined, Transferred, Concluded)]), ~told)
    failed = _type(EventRow) == NoticeFailed.__name__
    return exists().where(EventRow.ticket_id == TicketRow.id, or_(decided, failed))


def histories(session: Session, ids: Sequence[int]) -> Iterator[tuple[Identity, list[Recorded]]]:
    """Yield each ticket with its recorded events (of the types figures need), in order of id."""
    for begin in range(0, len(ids), CHUNK):
        chunk = ids[begin : begin + CHUNK]
        events = _events(session, chunk)
        for identity in _identities(session, chunk):
            yield identity, events.get(identity.ticket, [])


def _identities(session: Session, ids: Sequence[int]) -> list[Identity]:
    t = TicketRow

    def said(column: InstrumentedAttribute[str | None]) -> ColumnElement[str]:
        return func.coalesce(column, "")

    query = (
        select(  # in the order of Identity
            t.id, t.number, said(t.kind), t.state, t.channel, t.language, t.procedure, t.procedure_version,
            t.received_at, said(t.handler), said(t.enterprise), said(t.category), t.complainant_name,
            t.complainant_address, t.subject, t.merged_into.is_not(None),
        )
        .where(t.id.in_(ids))
        .order_by(t.id)
    )  # fmt: skip
    return [Identity._make(row) for row in session.connection().execute(query)]


BARE: dict[str, Event] = {
    "Received": Received(None, ""),
    "MaterialsRequested": MaterialsRequested(0),
    "Completed": Completed(),
    "Accepted": Accepted(),
    "Replied": Replied(0),
    "AnsweredByHand": AnsweredByHand(0),
    "Closed": Closed(),
}
"""Events of which a figure asks only whether and when they happened: what they carry is not read."""


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[Recorded]]:
    # No figure asks who recorded a thing, or when it was recorded.
    type_ = _type(EventRow)
    carried = case((type_.not_in(sorted(BARE)), EventRow.data))
    query = (
        select(EventRow.ticket_id, EventRow.seq, EventRow.at, EventRow.type, carried)
        .where(EventRow.ticket_id.in_(ids), type_.in_(sorted(FIGURE_EVENTS)))
        .order_by(EventRow.ticket_id, EventRow.seq)
    )
    return {
        ticket: [
            Recorded(seq, at, _NEVER, "", BARE[name] if data is None else from_data(name, data))
            for _, seq, at, name, data in rows
        ]
        for ticket, rows in groupby(session.connection().execute(query), key=itemgetter(0))
    }


_NEVER = datetime.min.replace(tzinfo=UTC)


def how_filed() -> ColumnElement[str]:
    """Return what became of a mail, as an expression."""
    return case(
        (and_(Message.role == FolderRole.SENT, Message.filed_as.startswith(BY_HAND)), BY_HAND),
        (Message.role == FolderRole.SENT, FolderRole.SENT),
        (Message.state == MessageState.QUARANTINED, MessageState.QUARANTINED),
        (Message.state == MessageState.REJECTED, MessageState.REJECTED),
        (Message.state == MessageState.BEFORE_DESK, MessageState.BEFORE_DESK),
        (Message.state != MessageState.DONE, UNPROCESSED),
        (Message.duplicate_of.is_not(None), DUPLICATE),
        else_=func.coalesce(Message.filed_as, UNFILED),
    )


def of_mails(query: Select[*tuple[Any, ...]], hidden_for: str | None) -> Select[*tuple[Any, ...]]:
    """Return a query of mails with the ticket of each, without those on tickets hidden from this person."""
    original = aliased(Message)
    return (
        query.select_from(Message)
        .outerjoin(original, original.id == Message.duplicate_of)
        .outerjoin(TicketRow, TicketRow.id == func.coalesce(Message.ticket_id, original.ticket_id))
        .where(
            Message.role != SPLIT,  # the same mail, counted once
            or_(TicketRow.id.is_(None), visible(hidden_for)),
        )
    )


def mails(session: Session, start: datetime, until: datetime, hidden_for: str | None) -> MailFigures:
    """Count the mails that arrived in [start, until) by what became of each."""
    how = how_filed()
    query = (
        of_mails(select(how, func.count()), hidden_for)
        .where(Message.received_at >= start, Message.received_at < until)
        .group_by(how)
    )
    found = {str(name): int(n) for name, n in session.execute(query)}
    by_hand = found.pop(BY_HAND, 0)
    found.pop(FolderRole.SENT, None)  # copies of the desk's own letters
    filed = tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))
    return MailFigures(sum(found.values()), filed, by_hand)


def quarantined(session: Session) -> int:
    """Return how many mails wait in quarantine now, whenever they came."""
    query = select(func.count()).where(Message.state == MessageState.QUARANTINED)
    return session.scalar(query) or 0


def complaints_in(
    session: Session, spans: Sequence[tuple[datetime, datetime]], hidden_for: str | None
) -> tuple[int, ...]:
    """Return how many complaints arrived in each [start, end), in one pass over the tickets."""
    counts = [func.coalesce(func.sum(case((_arrived(a, b), 1), else_=0)), 0) for a, b in spans]
    query = _complaints(select(*counts), hidden_for).where(
        _arrived(min(a for a, _ in spans), max(b for _, b in spans))
    )
    return tuple(int(n) for n in session.execute(query).one())


def coming_again(year: datetime, start: datetime, until: datetime, hidden_for: str | None) -> Select[Any]:
    """Return who complained in [start, until) and had complained before since `year`: the address in small
    letters, complaints in [start, until) and since `year`, the latest ticket.
    """
    who = func.lower(TicketRow.complainant_address)
    in_period = func.sum(case((TicketRow.received_at >= start, 1), else_=0))
    return (
        _complaints(select(who, in_period, func.count(), func.max(TicketRow.id)), hidden_for)
        .where(_arrived(year, until), TicketRow.complainant_address != "")
        .group_by(who)
        .having(and_(func.count() > 1, in_period > 0))
    )


def repeats(
    session: Session, year: datetime, start: datetime, until: datetime, hidden_for: str | None
) -> tuple[Repeat, ...]:
    """Return who complained in [start, until) and had complained before since `year`; most first."""
    query = coming_again(year, start, until, hidden_for)
    rows = session.execute(query).all()
    names: dict[int, str] = {}
    latest = [row[3] for row in rows]
    for begin in range(0, len(latest), CHUNK):
        chunk = latest[begin : begin + CHUNK]
        found = session.execute(
            select(TicketRow.id, TicketRow.complainant_name).where(TicketRow.id.in_(chunk))
        )
        names.update((id_, name) for id_, name in found)
    listed = [Repeat(address, names[id_], int(now), int(year_)) for address, now, year_, id_ in rows]
    return tuple(sorted(listed, key=lambda r: (-r.in_period, -r.in_year, r.address)))


def _arrived(start: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(TicketRow.received_at >= start, TicketRow.received_at < until)


def _complaints(query: Select[Any], hidden_for: str | None) -> Select[Any]:
    return query.where(TicketRow.kind == COMPLAINT, TicketRow.merged_into.is_(None), visible(hidden_for))
