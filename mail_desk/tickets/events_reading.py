"""Facts about reading: who was shown a ticket. They stand in `events.Event` like all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody was sent the story of the ticket, by `show`. No work on it, and nothing builds on it."""

    to: str  # person key
