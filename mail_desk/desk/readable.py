"""Which tickets somebody may read, as one condition: for what looks at many tickets at once (search, export).

It says the same as `roles.may_see` says of one: handlers their own and those they help with, all others every
ticket that is not hidden from them.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, or_, select

from mail_desk.config import Role
from mail_desk.desk.outcome import Actor
from mail_desk.desk.work import Work
from mail_desk.reports.reading import visible
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, TicketRow
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.events_people import Joined


def by(work: Work, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a ticket may be read by who asks."""
    seen = visible(actor.person.key)
    if actor.person.role is not Role.HANDLER:
        return seen
    own = TicketRow.handler.in_(actor.acts_for)
    return and_(seen, or_(own, TicketRow.id.in_(_helped(work, actor))))


def _helped(work: Work, actor: Actor) -> list[int]:
    """Return the tickets somebody, or who the person stands in for, helps with (协办)."""
    named = or_(
        *(cast(EventRow.data, String).contains(f'"{key}"', autoescape=True) for key in actor.acts_for)
    )
    ids = set(work.session.scalars(select(EventRow.ticket_id).where(EventRow.type == Joined.__name__, named)))
    recorded = ledger.load_many(work.session, sorted(ids))
    rows = work.session.scalars(select(TicketRow).where(TicketRow.id.in_(ids)))
    return [
        row.id
        for row in rows
        if tickets.fold(recorded[row.id], work.rules.procedures[row.procedure]).team & actor.acts_for
    ]
