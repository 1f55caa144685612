"""Facts about reading: who was shown a ticket. They stand in `events.Event` like all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody was sent the story of the ticket, by `show`. No work on it, and nothing builds on it."""

    to: str  # person key


@dataclass(frozen=True, slots=True)
class Exported:
    """The ticket was among those somebody took out as a workbook, by `export`. No work on it either."""

    to: str  # person key
