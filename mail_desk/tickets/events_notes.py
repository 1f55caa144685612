"""Facts that staff note on a ticket and that no limit counts from: put off, put in a class, suggested.

They stand in the ledger and in `events.Event` like all others; like these they hold no personal text.
"""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.tickets.events_notices import FileRef


@dataclass(frozen=True, slots=True)
class Snoozed:
    """What the desk says of the ticket to its handler alone waits until a day. Moves no limit."""

    until: str  # ISO date: on that day it is said again
    words: int  # why


@dataclass(frozen=True, slots=True)
class Categorised:
    """Somebody said to which category of the routing it belongs."""

    category: str  # key
    before: str  # key, "" for none: what `undo` goes back to


@dataclass(frozen=True, slots=True)
class EnterpriseSet:
    """Somebody said which enterprise of the ledger it belongs to; "" for none of it."""

    enterprise: str  # key
    before: str  # key, "" for none: what `undo` goes back to


@dataclass(frozen=True, slots=True)
class Suggested:
    """A measure or a suggestion, for those who read the digest."""

    words: int


@dataclass(frozen=True, slots=True)
class SplitOff:
    """A matter of a mail became a ticket of its own; the mail and its files stay here too."""

    message: int
    into: str  # number of the new ticket
    files: tuple[FileRef, ...]  # that went along
