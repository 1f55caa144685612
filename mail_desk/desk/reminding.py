"""Reminders and escalations: due moments become one letter a reader (invariants 4 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from mail_desk.config import Language, Person, Role
from mail_desk.desk import choices, extensions, idle, notify, releasing, supervising
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, LetterKind, ReminderContext, ReminderItem
from mail_desk.schedule.deadlines import Due
from mail_desk.store.schema import Moment
from mail_desk.tickets.events import Escalated, Reminded

Also = Callable[[Language, tuple[Choice, ...]], ReminderItem]


@dataclass
class _Told:
    """What one reader is to be told in this tick."""

    person: Person
    escalated: bool
    items: list[tuple[Case, Due]] = field(default_factory=list)
    also: list[tuple[Case, Also]] = field(default_factory=list)  # what is no limit of the procedure


def _reader(case: Case, to: str, limit: str) -> Person | None:
    if to == "leader":
        return notify.leader_of(case) or case.supervisor()  # every leader has to step back: never nobody
    if to == "supervisor" or case.procedure.limit(limit).owner == "supervisor":
        return case.supervisor()
    return next(iter(notify.watchers(case)), None)


def _latest(moments: Sequence[Moment]) -> list[Moment]:
    """After downtime several steps of one limit are due at once: only the last one speaks."""
    last: dict[tuple[int | None, str, str], Moment] = {}
    for moment in sorted(moments, key=lambda m: (m.due_at, m.id)):
        last[moment.ticket_id, moment.data["limit"], moment.data["to"]] = moment
    return list(last.values())


def remind(
    work: Work,
    moments: Sequence[Moment],
    also: Sequence[tuple[Case, Also]] = (),
    supervised: Sequence[supervising.Due] = (),
) -> None:
    """Tell each reader once of all that is due now. The moments are claimed by the caller.

    `also`: what else their handlers are told today, in the same letter; `supervised`: whom a leader's date concerns.
    """
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
    for case, make in also:
        for person in notify.watchers(case):
            told.setdefault((person.key, False), _Told(person, escalated=False)).also.append((case, make))
    for one in supervised:
        key = (one.person.key, one.escalated)
        entry = told.setdefault(key, _Told(one.person, one.escalated))
        entry.also.append((one.case, partial(supervising.item, one.case, one.supervision)))
    for entry in told.values():
        _write(work, entry)
    for case in cases.values():
        extensions.lapse(case)
        case.settle()


def again(work: Work, person: Person, cases: Sequence[Case]) -> None:
    """Write to somebody anew of these tickets: a letter about them and another one was stopped."""
    items = [(case, case.running[0]) for case in cases if case.running]
    if items:
        _write(work, _Told(person, escalated=False, items=items))


def owner_name(case: Case, due: Due, *, zh: bool) -> str:
    """Return whose step it is, by name."""
    if case.procedure.limit(due.limit).owner == "complainant":
        return "来信人" if zh else "the complainant"
    person = case.handler
    if person is None:
        return ""
    return person.name if zh else person.name_en or person.name


def offers(
    cases: Sequence[Case],
    person: Person,
    language: Language,
    *,
    escalated: bool = False,
    most: int = choices.MOST_DIGITS,
) -> tuple[dict[int, tuple[Choice, ...]], tuple[Choice, ...]]:
    """Return the numbered steps of a letter about several tickets: by ticket id, and all of them.

    About one ticket, everything that may come next; about several, what needs no words — but to a
    leader, for whom instructing is the point. `most`: steps altogether.
    """
    distinct = {case.row.id: case for case in cases}
    found = []
    for case in distinct.values():
        steps = choices.next_steps(case, person, language)
        if escalated and idle.untouched(case):  # told here already, so not in a letter of its own as well
            said = {step.command for step in steps}
            idle_steps = choices.numbered(list(idle.steps(case, person)), language)
            steps = (*steps, *(step for step in idle_steps if step.command not in said))
        if len(distinct) > 1 and person.role is not Role.LEADER:
            steps = tuple(s for s in steps if not s.needs_words)
        found.append((case, steps))
    return choices.together(found, most=most)


def item(case: Case, due: Due, language: str, steps: tuple[Choice, ...]) -> ReminderItem:
    """Build one entry of a reminder or worklist."""
    zh = language == "zh"
    return ReminderItem(
        ticket=case.view("zh" if zh else "en"),
        limit=case.limit_view(due, "zh" if zh else "en"),
        owner=owner_name(case, due, zh=zh),
        choices=steps,
        said=releasing.said(case, "zh" if zh else "en"),
    )


def _write(work: Work, entry: _Told) -> None:
    to = to_person(work, entry.person)
    entry.items.sort(key=lambda pair: pair[1].due_at)
    cases = [case for case, _ in (*entry.items, *entry.also)]
    single = len({case.row.id for case in cases}) == 1
    given, offered = offers(cases, entry.person, to.language, escalated=entry.escalated)
    items = [item(case, due, to.language, given[case.row.id]) for case, due in entry.items]
    shown = {case.row.id for case, _ in entry.items}
    for case, make in entry.also:  # the steps of a ticket stand there once
        items.append(make(to.language, () if case.row.id in shown else given[case.row.id]))
        shown.add(case.row.id)
    post(
        work,
        LetterKind.REMINDER,
        to,
        ReminderContext(to.name, entry.escalated, tuple(items)),
        Cause("moment"),
        case=cases[0] if single else None,
        choices=offered,
        tickets=[case.row.id for case in cases],
    )
