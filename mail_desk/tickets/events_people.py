"""Facts about who works on a ticket besides its handler. No limit counts from them.

They stand in the ledger and in `events.Event` like all others. That somebody must not see a ticket is
`events.Hidden`, that it changed hands `events.Assigned`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody helps the handler (协办): sees the ticket, may do what the procedure grants to `team`."""

    person: str


@dataclass(frozen=True, slots=True)
class Parted:
    """Somebody helps no longer."""

    person: str
