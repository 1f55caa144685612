"""What leaders wanted of a ticket, as its events make it: through-trains, instructions, supervisions. Pure.

A supervision (督办) is owed until it is reported back or called off, whatever becomes of the ticket; it is no
limit of the procedure. Several may run at once, each with its number: S1, S2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from mail_desk.tickets import events as e
from mail_desk.tickets import events_leaders as el
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.ticket import live


@dataclass(frozen=True, slots=True)
class Supervision:
    """Something a leader wants by a day."""

    number: int
    leader: str  # person key
    due: date  # as it was said; perhaps no working day
    owes: str  # person key; "": the handler
    words: int
    message: int
    set_at: datetime
    by: str  # who put it on record: the leader, or a supervisor
    reported_at: datetime | None = None
    report: int | None = None  # words
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.reported_at is None and self.ended_at is None

    @property
    def name(self) -> str:
        return f"S{self.number}"


@dataclass(frozen=True, slots=True)
class Instruction:
    """Words of a leader without a day."""

    leader: str
    words: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Train:
    """A difficulty that was put straight to a leader."""

    leader: str
    words: int
    at: datetime
    by: str
    answered_at: datetime | None = None  # since when the leader has said something, if only 阅


def supervisions(recorded: Iterable[Recorded]) -> tuple[Supervision, ...]:
    """Return all supervisions of a ticket, open or not, in order of their numbers."""
    found: dict[int, Supervision] = {}
    for r in live(recorded):
        match r.event:
            case el.Supervised(number, leader, due, owes, words, message):
                found[number] = Supervision(
                    number, leader, date.fromisoformat(due), owes, words, message, r.at, r.actor
                )
            case el.ReportedBack(number, words) if number in found:
                found[number] = replace(found[number], reported_at=r.at, report=words)
            case el.SupervisionEnded(number) if number in found:
                found[number] = replace(found[number], ended_at=r.at)
            case _:
                pass
    return tuple(found.values())


def next_number(recorded: Iterable[Recorded]) -> int:
    """Return the number of the next supervision; that of one taken back is not used again."""
    return max((r.event.number for r in recorded if isinstance(r.event, el.Supervised)), default=0) + 1


def instructions(recorded: Iterable[Recorded]) -> tuple[Instruction, ...]:
    """Return the instructions given on a ticket."""
    found = []
    for r in live(recorded):
        match r.event:
            case e.Instructed(words):
                found.append(Instruction(r.actor, words, r.at, r.actor))
            case el.InstructionRecorded(leader, words):
                found.append(Instruction(leader, words, r.at, r.actor))
            case _:
                pass
    return tuple(found)


def trains(recorded: Iterable[Recorded]) -> tuple[Train, ...]:
    """Return the through-trains of a ticket, each with when its leader first answered."""
    found: list[Train] = []
    for r in live(recorded):
        if isinstance(r.event, el.ThroughTrain):
            found.append(Train(r.event.leader, r.event.words, r.at, r.actor))
            continue
        speaker = _speaker(r)
        if speaker:
            found = [
                replace(t, answered_at=r.at) if t.leader == speaker and t.answered_at is None else t
                for t in found
            ]
    return tuple(found)


def _speaker(r: Recorded) -> str:
    """Return which leader spoke by an event, "" for none."""
    match r.event:
        case e.Instructed() | e.Read() | e.ProposalApproved() | e.ProposalRefused():
            return r.actor
        case el.InstructionRecorded(leader) | el.Supervised(_, leader):
            return leader
        case _:
            return ""
