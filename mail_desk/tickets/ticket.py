"""A ticket as its events make it, and what deadlines and authority know of it. Pure.

`fold` is the truth, the `ticket` row only its projection. States and moves between them are the
procedure's (`policy.py`); here stands which event follows from which verb.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from operator import attrgetter

from mail_desk.config import Person, Role
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.events import Fact, Recorded
from mail_desk.tickets.events_notes import Categorised, Snoozed
from mail_desk.tickets.events_notices import NoticeNumbered
from mail_desk.tickets.events_people import Joined, Parted
from mail_desk.tickets.policy import Procedure, Transition

# The verb whose transition an event completes.
VERB_OF: dict[type[e.Event], str] = {
    e.MaterialsRequested: "request",
    e.Completed: "complete",
    e.Accepted: "accept",
    e.Declined: "decline",
    e.Concluded: "conclude",
    e.Transferred: "transfer",
    e.Withdrawn: "withdraw",
    e.Suspended: "suspend",
    e.Resumed: "resume",
    e.Closed: "close",
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What holds now."""

    state: str
    kind: str = ""
    handler: str = ""
    hidden: frozenset[str] = frozenset()
    received_at: datetime | None = None
    closed_at: datetime | None = None
    proposal: e.Proposed | None = None
    proposed_by: str = ""
    ground: str = ""
    merged_into: str = ""
    accepted: bool = False
    requested: int = 0  # how often materials were requested
    requested_at: datetime | None = None  # the latest time
    supplemented_at: datetime | None = None  # the latest supplement after a request
    last_mail_at: datetime | None = None  # of the complainant
    served: frozenset[str] = field(default_factory=frozenset)  # notices
    delivered: frozenset[str] = field(default_factory=frozenset)  # of these, by post, hand or telephone
    category: str = ""  # as staff said; "" where only the routing did
    snoozed_until: date | None = None
    snoozed_why: int | None = None  # words
    waiting: frozenset[str] = field(default_factory=frozenset)  # notices that wait for their sealed scan
    team: frozenset[str] = frozenset()  # persons who help the handler
    former: frozenset[str] = frozenset()  # who handled it before


_TAKES_BACK = frozenset({e.Undone, e.Separated})


def live(events: Iterable[Recorded]) -> list[Recorded]:
    """Return the events that still hold: those an `Undone` names are left out, itself too.

    A mail that was separated no longer follows up anything here, unless it was filed here again.
    """
    events = list(events)
    if _TAKES_BACK.isdisjoint({type(r.event) for r in events}):
        return events
    void = {seq for r in events if isinstance(r.event, e.Undone) for seq in r.event.events}
    holding = [r for r in events if r.seq not in void and not isinstance(r.event, e.Undone)]
    left = {r.event.message: r.seq for r in holding if isinstance(r.event, e.Separated)}
    if not left:
        return holding
    return [
        r for r in holding if not isinstance(r.event, e.FollowedUp) or r.seq > left.get(r.event.message, 0)
    ]


def _moved(ticket: Ticket, verb: str, procedure: Procedure) -> Ticket:
    transition = procedure.transition(verb, ticket.state, ticket.kind or None)
    if transition is None or transition.to is None:
        return ticket
    return replace(ticket, state=transition.to)


def _owing(ticket: Ticket, notice: str) -> Ticket:
    """Return the ticket as one that owes another notice of a kind: it is not served by the first."""
    return replace(ticket, served=ticket.served - {notice}, delivered=ticket.delivered - {notice})


def _apply(ticket: Ticket, r: Recorded, procedure: Procedure) -> Ticket:
    event = r.event
    verb = VERB_OF.get(type(event))
    if verb is not None:
        ticket = _moved(ticket, verb, procedure)
    match event:
        case e.Received():
            return replace(ticket, received_at=r.at, last_mail_at=r.at)
        case e.Marked(kind):
            ticket = _moved(ticket, "complaint" if kind == "complaint" else "not-complaint", procedure)
            return replace(ticket, kind=kind)
        case e.Assigned(handler):
            former = (ticket.former | {ticket.handler}) - {handler, ""}
            return replace(ticket, handler=handler, former=former, team=ticket.team - {handler})
        case e.FollowedUp(_, "complainant", verified):
            ticket = replace(ticket, last_mail_at=r.at)
            asked = ticket.requested_at is not None and r.at >= ticket.requested_at
            if verified and asked and ticket.state == "awaiting-materials":
                return replace(ticket, supplemented_at=r.at)
            return ticket
        case e.MaterialsRequested():
            return replace(ticket, requested=ticket.requested + 1, requested_at=r.at, supplemented_at=None)
        case e.Accepted():
            return replace(ticket, accepted=True, kind="complaint")
        case e.Proposed():
            return replace(ticket, proposal=event, proposed_by=r.actor)
        case e.ProposalApproved() | e.ProposalRefused() | e.ProposalLapsed():
            return replace(ticket, proposal=None, proposed_by="")
        case e.Declined(ground) | e.Concluded(ground):
            return replace(ticket, ground=ground, closed_at=None)
        case e.LetterQueued(_, _, notice) if notice:  # another one of a kind is not served by the first
            return _owing(replace(ticket, waiting=ticket.waiting - {notice}), notice)
        case NoticeNumbered(notice, waits=waits) if waits:
            return _owing(replace(ticket, waiting=ticket.waiting | {notice}), notice)
        case e.NoticeServed(notice):
            return replace(ticket, served=ticket.served | {notice})
        case e.Delivered(notice):
            ticket = replace(ticket, waiting=ticket.waiting - {notice})
            return replace(ticket, served=ticket.served | {notice}, delivered=ticket.delivered | {notice})
        case e.NoticeFailed(notice):
            return ticket if notice in ticket.delivered else replace(ticket, served=ticket.served - {notice})
        case e.Confirmed() | ec.StatusAsked() | ec.LanguageChosen() | ec.Rated():
            return replace(ticket, last_mail_at=r.at)
        case e.Reopened(_, to):
            return replace(ticket, state=to, closed_at=None, ground="", merged_into="", waiting=frozenset())
        case e.Merged(into):
            return replace(ticket, state="closed", merged_into=into, closed_at=r.at)
        case _:
            return _noted(ticket, event)


def _noted(ticket: Ticket, event: e.Event) -> Ticket:
    """Apply what no limit counts from: who may see it, who helps, what staff note."""
    match event:
        case e.Hidden(person):
            return replace(ticket, hidden=ticket.hidden | {person}, team=ticket.team - {person})
        case Joined(person):
            return replace(ticket, team=ticket.team | {person})
        case Parted(person):
            return replace(ticket, team=ticket.team - {person})
        case Categorised(category):
            return replace(ticket, category=category)
        case Snoozed(until, words):
            return replace(ticket, snoozed_until=date.fromisoformat(until), snoozed_why=words)
        case _:
            return ticket


# Steps that end a snooze although the state may stay.
_WAKING = (e.Marked, e.Assigned, e.Proposed, e.ProposalRefused, e.Extended, *VERB_OF)


def _wakes(before: Ticket, ticket: Ticket, event: e.Event) -> bool:
    """Say whether something was done about it or somebody outside wrote: it is put off no longer."""
    if ticket.state != before.state or ticket.last_mail_at != before.last_mail_at:
        return True
    return isinstance(event, _WAKING) or (isinstance(event, e.FollowedUp) and event.role != "staff")


def fold(events: Iterable[Recorded], procedure: Procedure) -> Ticket:
    """Return the ticket that these events make."""
    ticket = Ticket(state=procedure.states[0].key)
    for r in live(events):
        before, ticket = ticket, _apply(ticket, r, procedure)
        if ticket.snoozed_until is not None and _wakes(before, ticket, r.event):
            ticket = replace(ticket, snoozed_until=None, snoozed_why=None)
        final = next((s.final for s in procedure.states if s.key == ticket.state), False)
        if final and ticket.closed_at is None:
            ticket = replace(ticket, closed_at=r.at)
    return ticket


_PLAIN_FACTS: dict[type[e.Event], str] = {
    e.Received: "received",
    e.Completed: "complete",
    e.Accepted: "accepted",
    e.Declined: "declined",
    e.Concluded: "concluded",
    e.Transferred: "transferred",
    e.Withdrawn: "withdrawn",
    e.Suspended: "suspended",
    e.Resumed: "resumed",
    e.Reported: "reported",
    e.Closed: "closed",
    e.Merged: "closed",
}


def facts(events: Sequence[Recorded]) -> tuple[Fact, ...]:
    """Return what deadlines count from, in order of the instants (not of recording).

    A notice that later failed was never served; of several marks only the latest counts. What arrived
    before materials were asked for supplements nothing, whenever somebody says what it is.
    """
    return facts_of(live(events))


def facts_of(holding: Sequence[Recorded]) -> tuple[Fact, ...]:
    """Return the facts of events that hold, as `live` gives them (see `facts`)."""
    failed = {r.event.letter for r in holding if isinstance(r.event, e.NoticeFailed)}
    found: list[Fact] = []
    mark: int | None = None  # where the latest mark stands
    awaiting: datetime | None = None  # since when
    for r in holding:
        kind = type(r.event)
        name = _PLAIN_FACTS.get(kind)
        if name is not None:
            found.append(Fact(name, r.at))
            if kind in _END_AWAITING:
                awaiting = None
            continue
        if kind not in _SAY_MORE:
            continue
        match r.event:
            case e.NoticeServed(notice, letter):
                if letter not in failed:
                    found.append(Fact(f"served:{notice}", r.at))
            case e.Marked(marked):
                if mark is not None:  # it says nothing of the kind any more, but that somebody had looked
                    found[mark] = Fact("marked:superseded", found[mark].at)
                mark = len(found)
                found.append(Fact(f"marked:{marked}", r.at))
            case e.MaterialsRequested():
                awaiting = r.at
            case e.FollowedUp(_, "complainant", True):
                if awaiting is not None and r.at >= awaiting:
                    found.append(Fact("supplement", r.at))
            case e.Extended(days):
                found.append(Fact("extended", r.at, days))
            case e.Delivered(notice):
                found.append(Fact(f"served:{notice}", r.at))
            case e.Reopened(_, to):
                found.append(Fact(f"reopened:{to}", r.at))
            case _:
                pass
    found.sort(key=attrgetter("at"))
    return tuple(found)


_SAY_MORE = frozenset(
    {e.NoticeServed, e.Marked, e.MaterialsRequested, e.FollowedUp, e.Extended, e.Delivered, e.Reopened}
)
_END_AWAITING = frozenset({e.Completed, e.Accepted, e.Declined, e.Transferred, e.Withdrawn, e.Closed})


def may(
    ticket: Ticket,
    person: Person,
    transition: Transition,
    *,
    acts_for: Collection[str],
    supervises: bool = False,
) -> bool:
    """Say whether a person's role on this ticket allows a transition.

    `acts_for`: keys of the persons this one stands in for today, itself included. `supervises`: it is a leader and
    in a supervisor's place here, as none is there; else a leader has only what the procedure gives to leaders.
    """
    if person.key in ticket.hidden:
        return False
    roles = {person.role.value}
    if ticket.handler in acts_for:
        roles.add(Role.HANDLER.value)
    elif person.role is Role.HANDLER:
        roles.discard(Role.HANDLER.value)  # a handler, but not of this ticket
    if person.role is Role.LEADER and supervises:
        roles.add(Role.SUPERVISOR.value)
    if ticket.team & set(acts_for):
        roles.add("team")
    if person.key in ticket.former:
        roles.add("former")
    return bool(roles & set(transition.by))
