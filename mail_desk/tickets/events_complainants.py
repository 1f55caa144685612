"""Facts between the desk and a complainant: what it was told of the matter, and what it asked by one word.

They stand in the ledger and in `events.Event` like all others; like these they hold no personal text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progressed:
    """The handler told the complainant how the matter stands."""

    words: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """A letter asked the complainant to take part: thirty days without an answer may end the case (Art. 20 (6))."""

    letter: int


@dataclass(frozen=True, slots=True)
class InactivityAnnounced:
    """The complainant was told by a letter when the case may be closed for want of an answer."""

    letter: int
    last_day: str  # ISO date: an answer on it is still in time


@dataclass(frozen=True, slots=True)
class ContactTold:
    """A letter named the new contact, after the handler had changed for good."""

    letter: int
    handler: str


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """The complainant asked by one word how the matter stands, and was answered."""

    message: int


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The complainant chose the language of its letters."""

    language: str  # zh, en
    message: int


@dataclass(frozen=True, slots=True)
class WithdrawalAsked:
    """The complainant wrote that it withdraws; it is asked to confirm."""

    message: int


@dataclass(frozen=True, slots=True)
class WithdrawalConfirmed:
    """The complainant confirmed it in answer to our question. `at`: the arrival of that mail."""

    message: int


@dataclass(frozen=True, slots=True)
class WithdrawalRevoked:
    """The original complainant took its withdrawal back in time."""

    message: int


@dataclass(frozen=True, slots=True)
class Rated:
    """The complainant's opinion of how it was handled; the latest counts."""

    score: int  # 1 to 5, 5 the best
    message: int
