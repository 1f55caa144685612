"""Contexts of letters about who wrote a mail: to the person in whose name it came, never to a forger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail_desk.outbound.letters_views import TicketView


@dataclass(frozen=True, slots=True)
class StaffTestContext:
    """A round trip that shows how the reader's mail proves where it comes from."""

    reader: str
    address: str


@dataclass(frozen=True, slots=True)
class WasThisYouContext:
    """To staff at the known address: an answer to the reader's letter came from somewhere else."""

    reader: str
    sender: str  # the other address
    received_on: date
    subject: str
    words: str  # the first lines of what was written


@dataclass(frozen=True, slots=True)
class SuspicionContext:
    """To a supervisor: mail in somebody's name failed its check again and again."""

    reader: str
    person: str
    count: int
    sender: str


@dataclass(frozen=True, slots=True)
class SenderUnknownContext:
    """To who answered a complainant's letter from an unknown address: that it arrived, and nothing else."""


@dataclass(frozen=True, slots=True)
class SenderQuestionContext:
    """Ask the complainant's known address whether this other one may write on the ticket."""

    ticket: TicketView
    sender: str
    received_on: date
