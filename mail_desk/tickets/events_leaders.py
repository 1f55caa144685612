"""Facts of what is put to a leader, and of what a leader wants by when. Part of `events`, see there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThroughTrain:
    """A major difficulty was put straight to a leader, with a summary (直通车)."""

    leader: str  # person key
    words: int


@dataclass(frozen=True, slots=True)
class InstructionRecorded:
    """A supervisor said to which ticket a leader's words belong (代为登记的批示)."""

    leader: str  # person key: whose words
    words: int
    message: int  # the leader's mail


@dataclass(frozen=True, slots=True)
class Supervised:
    """A leader wants something by a day (督办). It is owed until it is reported back or called off."""

    number: int  # from 1 on each ticket: S1, S2 …
    leader: str  # person key: who set it; the actor, unless a supervisor put the words down
    due: str  # the day as it was said, ISO
    owes: str  # person key; "": the handler, whoever that is
    words: int
    message: int  # the mail that holds the words


@dataclass(frozen=True, slots=True)
class ReportedBack:
    """What was done on a supervision was reported to its leader: nothing is owed any more."""

    number: int
    words: int


@dataclass(frozen=True, slots=True)
class SupervisionEnded:
    """The leader called a supervision off."""

    number: int
    words: int | None


@dataclass(frozen=True, slots=True)
class SupervisionReminded:
    """Somebody was reminded of a supervision: who owes it, or who supervises that person."""

    number: int
    step: str  # due, late+1 …
    to: str  # person key
