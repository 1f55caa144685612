"""Who may read what, where a command is carried out; and the record of who read what.

Who a ticket is hidden from is never told that there is one. Everybody else hears who may.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import select

from mail_desk.config import Person
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.store.schema import EventRow, TicketRow
from mail_desk.tickets import roles
from mail_desk.tickets.commands import Verb
from mail_desk.tickets.events_reading import Shown
from mail_desk.tickets.policy import Transition
from mail_desk.tickets.refusals import refusal


def only_reads(actor: Actor, verb: Verb) -> Outcome | None:
    """Refuse what changes anything to who only reads."""
    if roles.reads(actor.person, verb):
        return None
    zh = actor.language == "zh"
    role = roles.in_words([actor.person.role.value], zh=zh)
    return Outcome(False, refusal("only-reads", zh=zh, role=role))


def not_yours(case: Case, actor: Actor) -> Outcome | None:
    """Refuse reading somebody else's ticket, saying who may; None where the person may."""
    if roles.may_see(case.ticket, actor.person, acts_for=actor.acts_for):
        return None
    zh = actor.language == "zh"
    return Outcome(False, refusal("not-yours", zh=zh, handler=_handler(case, zh=zh)))


def may_not(case: Case, actor: Actor, transition: Transition) -> Outcome:
    """Say who may use a verb on this ticket now."""
    zh = actor.language == "zh"
    who = roles.in_words(transition.by, zh=zh)
    return Outcome(False, refusal("may-not", zh=zh, handler=_handler(case, zh=zh), who=who))


def _handler(case: Case, *, zh: bool) -> str:
    handler = case.handler
    if handler is None:
        return "—"
    return handler.name if zh else handler.name_en or handler.name


def record(case: Case, actor: Actor) -> None:
    """Note that somebody was shown the ticket. The cause is none that `undo` takes back."""
    case.record(Shown(actor.person.key), actor="desk", cause=f"shown:{actor.message.id}")


def called(work: Work, key: str, reader: Person) -> str:
    """Return a person's name as letters to this reader write it; the key of who is known no more."""
    person = work.people.by_key(key)
    if person is None:
        return key
    return person.name if work.rules.language_of(reader) == "zh" else person.name_en or person.name


def shown_since(work: Work, since: datetime, reader: Person) -> list[tuple[str, str, str]]:
    """Return who was shown which ticket since an instant, for the supervisor's worklist: ticket, who, when.

    What a handler looks up about the own ticket is recorded as well, but not told: it is the work.
    """
    query = (
        select(TicketRow.number, TicketRow.hidden_from, TicketRow.handler, EventRow.data, EventRow.at)
        .join(EventRow, EventRow.ticket_id == TicketRow.id)
        .where(EventRow.type == Shown.__name__, EventRow.at >= since)
        .order_by(EventRow.at)
    )
    times: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], datetime] = {}
    for number, hidden, handler, data, at in work.session.execute(query):
        key = data["to"]
        if reader.key not in hidden and key not in (reader.key, handler):
            times[number, key] += 1
            last[number, key] = at
    rows = []
    for (number, key), count in times.items():
        when = last[number, key].astimezone(work.settings.desk.zone).strftime("%m-%d %H:%M")
        rows.append((number, called(work, key, reader), f"{when} ×{count}" if count > 1 else when))
    return rows
