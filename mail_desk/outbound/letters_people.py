"""Contexts of letters about people of the house: who is away, who takes over, who joins or leaves.

They are read inside and hold nothing a complainant wrote but subjects; sources: docs/letters.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from mail_desk.outbound.letters_views import Choice, TicketView


@dataclass(frozen=True, slots=True)
class PersonTicket:
    """A ticket in a letter about people, with what is to be said of it and can be chosen."""

    ticket: TicketView
    said: tuple[str, ...]  # sentences: what happened meanwhile, why it stands here
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class AbsenceContext:
    """To a superior: somebody of the staff seems not to be there."""

    reader: str
    why: Literal["automatic", "idle", "unreachable"]
    person: str  # of whom; "" where `tickets` name several handlers
    notes: tuple[str, ...]  # sentences
    quoted: str  # the automatic answer, or why letters come back; "" for none
    tickets: tuple[PersonTicket, ...]
    more: int  # open tickets of that person that are not listed
    first: tuple[Choice, ...] = ()  # what concerns the person, offered above the tickets


@dataclass(frozen=True, slots=True)
class HandoverContext:
    """To whoever is asked to take tickets, or gets them, or comes back to them."""

    reader: str
    occasion: Literal["leave-begins", "back", "moved", "asked-back"]
    person: str  # who is away, was away before, or asks
    by: str  # who moved them; "" for nobody
    first: date | None  # of the leave
    last: date | None
    tickets: tuple[PersonTicket, ...]
    more: int  # that are not listed
    all: tuple[Choice, ...] = ()  # what concerns all of them


@dataclass(frozen=True, slots=True)
class WelcomeContext:
    """To a new colleague: who we are and how it works."""

    reader: str
    by: str
    key: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeopleChangedContext:
    """To the operator and the other superiors: the staff is not what it was."""

    reader: str
    by: str
    headline: str
    changes: tuple[str, ...]  # sentences
    ticket: str = ""  # number; "": it is about the staff itself


@dataclass(frozen=True, slots=True)
class SettingsPart:
    """One part of the settings that changed, an entry a sentence."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsChangedContext:
    """To supervisors and the operator: the files are not what they were."""

    reader: str
    parts: tuple[SettingsPart, ...]


@dataclass(frozen=True, slots=True)
class GivenTicket:
    """A ticket that somebody else handles now."""

    number: str
    subject: str
    taker: str


@dataclass(frozen=True, slots=True)
class RelievedContext:
    """To somebody who no longer handles a ticket; of a recusal no more than that is told."""

    reader: str
    number: str
    by: str = ""  # who gave them to others; "": it was a recusal
    given: tuple[GivenTicket, ...] = ()
