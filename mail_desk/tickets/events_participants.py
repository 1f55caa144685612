"""Facts about who may write on a ticket from outside. They stand in `events.Event` like all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParticipantAdmitted:
    """A further address may write on the ticket, and why it may."""

    address: int  # words
    role: str  # complainant: another address of the same; agent: acts for it
    by: str  # handler, known-address: whose word it rests on
    message: int  # the mail that came from the address
    proof: int = 0  # of an agent: the mail that holds the power of attorney


@dataclass(frozen=True, slots=True)
class ParticipantRemoved:
    """The address may write no longer; what it wrote stays."""

    address: int  # words
