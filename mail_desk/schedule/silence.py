"""How long a complainant may be silent: when it hears from us by itself, and when a case may end (Order 3, Art. 20 (6)).

Pure. The thirty days are plain days from the day after the letter that asks for an answer (Civil Code Art. 201), and
end on a working day (Art. 203). Any mail of the complainant stops them, also one that nobody could verify; so does
whatever makes an answer pointless: a suspension, a decision. Nothing here closes anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.policy import Inactivity
from mail_desk.tickets.ticket import live


@dataclass(frozen=True, slots=True)
class Wait:
    """An answer that is waited for, as the record shows it."""

    seq: int  # of the event that says so
    letter: int  # the one that asks for it
    announced: ec.InactivityAnnounced | None


_STOPS = (
    e.Confirmed
    | ec.StatusAsked
    | ec.LanguageChosen
    | ec.WithdrawalAsked
    | ec.WithdrawalConfirmed
    | ec.WithdrawalRevoked
    | e.Suspended
    | e.Declined
    | e.Concluded
    | e.Transferred
    | e.Withdrawn
    | e.Closed
    | e.Merged
    | e.Reopened
)


def _stops(event: e.Event) -> bool:
    if isinstance(event, e.FollowedUp):
        return event.role in ("complainant", "unknown")
    return isinstance(event, _STOPS)


def waiting(events: Iterable[Recorded]) -> Wait | None:
    """Return the answer that is still waited for, None where nothing asks for one or something came."""
    found: Wait | None = None
    for r in live(events):
        if _stops(r.event):
            found = None
        elif isinstance(r.event, ec.Awaited):
            found = Wait(r.seq, r.event.letter, None)
        elif isinstance(r.event, ec.InactivityAnnounced) and found is not None:
            found = Wait(found.seq, found.letter, r.event)
    return found


def stopped(events: Iterable[Recorded]) -> bool:
    """Say whether an answer was waited for and something came."""
    return waiting(events) is None and any(isinstance(r.event, ec.Awaited) for r in live(events))


def last_day(rule: Inactivity, asked_on: date, announced_on: date, calendar: Calendar) -> date:
    """Return the last day on which an answer is in time: of the whole period, never soon after the announcement."""
    whole = asked_on + timedelta(days=rule.days)
    return calendar.roll(max(whole, announced_on + timedelta(days=rule.announce)))


def announce_on(rule: Inactivity, asked_on: date, calendar: Calendar) -> date:
    """Return the working day on which the end is announced: late enough to be true, and in time."""
    day = calendar.roll(asked_on + timedelta(days=rule.days)) - timedelta(days=rule.announce)
    return day if calendar.is_working(day) else calendar.back(day, 1)
