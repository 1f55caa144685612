"""Reminders and escalations: due moments become one letter a reader (invariants 4 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mail_desk.config import Language, Person, Role
from mail_desk.desk import choices, extensions, notify
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, LetterKind, ReminderContext, ReminderItem
from mail_desk.schedule.deadlines import Due
from mail_desk.store.schema import Moment
from mail_desk.tickets.events import Escalated, Reminded


@dataclass
class _Told:
    """What one reader is to be told in this tick."""

    person: Person
    escalated: bool
    items: list[tuple[Case, Due]] = field(default_factory=list)


def _reader(case: Case, to: str, limit: str) -> Person | None:
    if to == "leader":
        return notify.leader_of(case)
    if to == "supervisor" or case.procedure.limit(limit).owner == "supervisor":
        return case.supervisor()
    return next(iter(notify.watchers(case)), None)


def _latest(moments: Sequence[Moment]) -> list[Moment]:
    """After downtime several steps of one limit are due at once: only the last one speaks."""
    last: dict[tuple[int | None, str, str], Moment] = {}
    for moment in sorted(moments, key=lambda m: (m.due_at, m.id)):
        last[moment.ticket_id, moment.data["limit"], moment.data["to"]] = moment
    return list(last.values())


def remind(work: Work, moments: Sequence[Moment]) -> None:
    """Tell each reader once of all that is due now. The moments are claimed by the caller."""
    told: dict[tuple[str, bool], _Told] = {}
    cases: dict[int, Case] = {}
    for moment in _latest(moments):
        if moment.ticket_id is None:
            continue
        case = cases.setdefault(moment.ticket_id, Case.by_id(work, moment.ticket_id))
        limit, to = moment.data["limit"], moment.data["to"]
        due = case.due(limit)
        person = _reader(case, to, limit) if due is not None else None
        if due is None or person is None:
            continue
        escalated = to != "owner"
        entry = told.setdefault((person.key, escalated), _Told(person, escalated))
        if all(c.row.id != case.row.id or d.limit != limit for c, d in entry.items):
            entry.items.append((case, due))
        event = (
            Escalated(limit, person.key) if escalated else Reminded(limit, moment.data["step"], person.key)
        )
        case.record(event, actor="desk", cause=f"moment:{moment.id}")
    for entry in told.values():
        _write(work, entry)
    for case in cases.values():
        extensions.lapse(case)
        case.settle()


def owner_name(case: Case, due: Due, *, zh: bool) -> str:
    """Return whose step it is, by name."""
    if case.procedure.limit(due.limit).owner == "complainant":
        return "来信人" if zh else "the complainant"
    person = case.handler
    if person is None:
        return ""
    return person.name if zh else person.name_en or person.name


def offers(
    cases: Sequence[Case], person: Person, language: Language
) -> tuple[dict[int, tuple[Choice, ...]], tuple[Choice, ...]]:
    """Return the numbered steps of a letter about several tickets: by ticket id, and all of them.

    About one ticket, everything that may come next; about several, what needs no words — but to a
    leader, for whom instructing is the point.
    """
    distinct = {case.row.id: case for case in cases}
    found = []
    for case in distinct.values():
        steps = choices.next_steps(case, person, language)
        if len(distinct) > 1 and person.role is not Role.LEADER:
            steps = tuple(s for s in steps if not s.needs_words)
        found.append((case, steps))
    return choices.together(found)


def item(case: Case, due: Due, language: str, steps: tuple[Choice, ...]) -> ReminderItem:
    """Build one entry of a reminder or worklist."""
    zh = language == "zh"
    return ReminderItem(
        ticket=case.view("zh" if zh else "en"),
        limit=case.limit_view(due, "zh" if zh else "en"),
        owner=owner_name(case, due, zh=zh),
        choices=steps,
    )


def _write(work: Work, entry: _Told) -> None:
    to = to_person(work, entry.person)
    entry.items.sort(key=lambda pair: pair[1].due_at)
    single = len({case.row.id for case, _ in entry.items}) == 1
    given, offered = offers([case for case, _ in entry.items], entry.person, to.language)
    items = [item(case, due, to.language, given[case.row.id]) for case, due in entry.items]
    post(
        work,
        LetterKind.REMINDER,
        to,
        ReminderContext(to.name, entry.escalated, tuple(items)),
        Cause("moment"),
        case=entry.items[0][0] if single else None,
        choices=offered,
        tickets=[case.row.id for case, _ in entry.items],
    )
