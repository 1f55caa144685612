"""Moving one person's open tickets to others at once: each is an assignment of its own, each taker gets one letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mail_desk.config import Person, Role
from mail_desk.desk import casebook, people_letters, relieving
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor
from mail_desk.desk.post import kill_tokens
from mail_desk.desk.work import Work
from mail_desk.tickets import events as e
from mail_desk.tickets.people_changes import SPREAD


@dataclass
class Moved:
    """What became of the tickets."""

    taken: dict[str, list[Case]] = field(default_factory=dict)  # by person key
    left: list[Case] = field(default_factory=list)  # nobody could take them

    @property
    def count(self) -> int:
        return sum(len(cases) for cases in self.taken.values())


def open_of(work: Work, person: Person) -> list[Case]:
    """Return the open tickets somebody handles, oldest first."""
    return [Case(work, row) for row in casebook.open_rows(work, handler=person.key)]


def takers(work: Work, person: Person) -> list[Person]:
    """Return who could take somebody's tickets: the substitute first, then handlers by load."""
    there = [
        p
        for p in (*work.people.with_role(Role.HANDLER), *work.people.with_role(Role.SUPERVISOR))
        if p.key != person.key and not p.away_on(work.today)
    ]
    return sorted(
        there,
        key=lambda p: (p.key != person.substitute, p.role is not Role.HANDLER, work.load.get(p.key, 0)),
    )


def _taker(case: Case, wanted: Person | None, able: Sequence[Person]) -> Person | None:
    """Return who takes one ticket: whom the superior named, if that one may see it; else the least loaded."""
    if wanted is not None and wanted.key not in case.ticket.hidden:
        return wanted
    fitting = [p for p in able if p.key not in case.ticket.hidden]
    language = "en" if case.row.language == "en" else "zh"
    return min(
        fitting,
        key=lambda p: (
            p.role is not Role.HANDLER,
            language not in p.languages,
            case.work.load.get(p.key, 0),
        ),
        default=None,
    )


def move(work: Work, person: Person, to: str, actor: Actor) -> Moved:
    """Give every open ticket of somebody to `to` (a person key), or spread them by load (SPREAD)."""
    wanted = None if to == SPREAD else work.people.by_key(to)
    able = takers(work, person)
    moved = Moved()
    zh = work.settings.desk.staff_language == "zh"
    reason = f"由{person.name}移交" if zh else f"handed over by {person.name_en or person.name}"
    for case in open_of(work, person):
        taker = _taker(case, wanted, able)
        if taker is None:
            moved.left.append(case)
            continue
        case.record(e.Assigned(taker.key, reason), actor=actor.person.key, cause=actor.cause)
        kill_tokens(work, case, at=work.now, person=person.key)
        case.settle()
        moved.taken.setdefault(taker.key, []).append(case)
    for key, cases in moved.taken.items():
        _tell(work, key, person, cases, actor)
    given = [(case, work.people.by_key(key)) for key, cases in moved.taken.items() for case in cases]
    relieving.tell(work, person, [(case, taker) for case, taker in given if taker is not None], actor)
    return moved


def _tell(work: Work, key: str, person: Person, cases: list[Case], actor: Actor) -> None:
    taker = work.people.by_key(key)
    if taker is None:
        return
    language = work.rules.language_of(taker)
    steps = {case.row.id: people_letters.plain_steps(case, taker, language) for case in cases}
    people_letters.handover(work, taker, "moved", person, cases, actor.why, by=actor.person, steps=steps)
