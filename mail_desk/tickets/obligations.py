"""Which written notices a ticket owes: what was decided, and has not reached the complainant. Pure.

A decision queues its notice in the same transaction; the notice is owed from then on until SMTP accepts
it or somebody records its delivery, and again when it comes back. Generic over procedures: whatever was
queued as a notice counts, whichever verb owed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notices import NoticeNumbered
from mail_desk.tickets.ticket import live


@dataclass(frozen=True, slots=True)
class Owed:
    """One notice that has not been served."""

    notice: str
    letter: int
    since: datetime  # the decision
    failed_at: datetime | None = None  # when it came back or was stopped; None: it is on its way


def owed(events: Iterable[Recorded]) -> tuple[Owed, ...]:
    """Return the notices that are owed, in the order of their decisions.

    A notice that was handed over by other means stays served, whatever becomes of its mail. Reopening
    makes what was decided before moot.
    """
    found: dict[str, Owed] = {}
    delivered: set[str] = set()
    for r in live(events):
        match r.event:
            case e.LetterQueued(letter, _, notice) if notice:
                found[notice] = Owed(notice, letter, r.at)
                delivered.discard(notice)
            case NoticeNumbered(notice, waits=waits) if waits:
                found[notice] = Owed(notice, 0, r.at)
                delivered.discard(notice)
            case e.LetterCancelled(letter):
                found |= {o.notice: replace(o, failed_at=r.at) for o in found.values() if o.letter == letter}
            case e.NoticeServed(notice):
                found.pop(notice, None)
            case e.Delivered(notice):
                found.pop(notice, None)
                delivered.add(notice)
            case e.NoticeFailed(notice, letter) if notice not in delivered:
                since = found[notice].since if notice in found else r.at
                found[notice] = Owed(notice, letter, since, r.at)
            case e.Reopened():
                found.clear()
            case _:
                pass
    return tuple(sorted(found.values(), key=lambda o: o.since))
