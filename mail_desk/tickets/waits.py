"""Whether the last word of a ticket was an answer of ours that may be one to wait for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.ticket import live

_SAID = (e.Replied, e.FollowedUp, e.Confirmed, ec.Awaited, e.Accepted, ec.Progressed)


def asks_now(events: Sequence[Recorded]) -> bool:
    """Say whether our answer was the last word: nothing has come, and nobody has said that it is waited for."""
    last = next((r.event for r in reversed(live(events)) if isinstance(r.event, _SAID)), None)
    return isinstance(last, e.Replied)
