"""When a leave begins and ends: the stand-in's letter, and the returning person's.

Meanwhile tickets stay in the name of who is away; the stand-in gets the letters and may act. What somebody
took over for good goes back only by choice: the returning person asks by one digit, and whoever has the
ticket now, or a superior, assigns it. Nobody takes it from a colleague's desk on his own, as a superior may
have wanted it there. One row of `meta` for each person away: since when, and which tickets were open.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select

from mail_desk.config import Language, Person
from mail_desk.desk import casebook, moving, people_letters
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.outcome import in_words, many
from mail_desk.desk.people_letters import Step
from mail_desk.desk.post import Cause
from mail_desk.desk.work import Work
from mail_desk.store.schema import Meta
from mail_desk.tickets import absences
from mail_desk.tickets import events as e
from mail_desk.tickets.ticket import live

BEGINS, RETURNED = "leave-begins", "returned"
_PREFIX = "away/"
_MOST_SAID = 4  # things that happened to one ticket; the rest are counted
_QUIET = (e.Reminded, e.Escalated, e.LetterQueued, e.Received, e.Hidden, e.Undone)

Plan = Callable[[Work, str, datetime, str, dict[str, str]], None]


def plan(work: Work, add: Plan) -> None:
    """Put the leaves that begin or are over today among the moments; idempotent."""
    at = datetime.combine(work.today, REMINDERS_AT, work.settings.desk.zone)
    known = set(work.session.scalars(select(Meta.name).where(Meta.name.startswith(_PREFIX))))
    for person in work.people.person:
        told = f"{_PREFIX}{person.key}" in known
        if person.retired:
            continue
        if told and not person.away_on(work.today):
            add(work, f"returned/{person.key}/{work.today}", at, RETURNED, {"person": person.key})
        elif not told and (span := _span(work, person)) is not None:
            add(work, f"leave/{person.key}/{span[0]}", at, BEGINS, {"person": person.key})


def fire(work: Work, action: str, key: str) -> None:
    """Do what a moment asks for, if it still is so."""
    person = work.people.by_key(key)
    if person is None or person.retired:
        return
    if action == BEGINS:
        begins(work, person)
    else:
        returned(work, person)


def _span(work: Work, person: Person) -> tuple[date, date] | None:
    return absences.run(person.leave, work.today, work.rules.calendar.is_working)


def begins(work: Work, person: Person) -> None:
    """Tell whoever stands in today what there is to do; once for each absence."""
    span = _span(work, person)
    name = f"{_PREFIX}{person.key}"
    if span is None or work.session.get(Meta, name) is not None:
        return
    cases = moving.open_of(work, person)
    value = {
        "first": span[0].isoformat(),
        "since": work.now.isoformat(),  # what the person did before is known to the person
        "tickets": [case.row.id for case in cases],
    }
    work.session.add(Meta(name=name, value=json.dumps(value)))
    by_reader: dict[str, list[Case]] = {}
    for case in cases:
        reader = case.reader()
        if reader is not None and reader.key != person.key:
            by_reader.setdefault(reader.key, []).append(case)
    for key, mine in by_reader.items():
        _tell_stand_in(work, key, person, span, mine)


def _tell_stand_in(work: Work, key: str, person: Person, span: tuple[date, date], cases: list[Case]) -> None:
    reader = work.people.by_key(key)
    if reader is None:
        return
    language = work.rules.language_of(reader)
    cases.sort(key=lambda case: case.running[0].due_at.timestamp() if case.running else float("inf"))
    steps: dict[int, tuple[Step, ...]] = {
        case.row.id: (
            (f"#{case.row.number} assign {reader.key}", "转由我承办", "Take it over for good", False),
        )
        for case in cases
    }
    said = {case.row.id: _due_meanwhile(case, span, language) for case in cases}
    people_letters.handover(
        work, reader, "leave-begins", person, cases, Cause("leave"), span=span, steps=steps, said=said
    )


def _due_meanwhile(case: Case, span: tuple[date, date], language: Language) -> tuple[str, ...]:
    due = [d for d in case.running if case.procedure.limit(d.limit).owner != "complainant"]
    if not due or due[0].due_on > span[1]:
        return ()
    return ("代办期间到期" if language == "zh" else "due while you stand in",)


def returned(work: Work, person: Person) -> None:
    """Tell somebody who is back what became of the tickets; once."""
    row = work.session.get(Meta, f"{_PREFIX}{person.key}")
    if row is None or person.away_on(work.today):
        return
    told = json.loads(row.value)
    work.session.delete(row)
    work.session.flush()
    since, language = datetime.fromisoformat(told["since"]), work.rules.language_of(person)
    ids = dict.fromkeys([*told["tickets"], *(case.row.id for case in moving.open_of(work, person))])
    cases, steps, said = [], {}, {}
    for ticket in ids:
        case = Case.by_id(work, ticket)
        happened = _happened(case, person, since, language)
        if person.key in case.ticket.hidden or not happened or case.row.id in said:
            continue
        cases.append(case)
        said[case.row.id] = happened
        steps[case.row.id] = _asking_back(case, person)
    if not cases:
        return
    first = date.fromisoformat(told["first"])
    last = work.rules.calendar.back(work.today, 1)
    span = (first, last) if first <= last else (None, None)
    people_letters.handover(
        work, person, "back", person, cases, Cause("leave"), span=span, steps=steps, said=said
    )


def _asking_back(case: Case, person: Person) -> tuple[Step, ...]:
    if case.ticket.handler == person.key or case.ticket.closed_at is not None:
        return ()
    return ((f"#{case.row.number} reclaim", "请移回由我办理", "Ask for it back", False),)


def _happened(case: Case, person: Person, since: datetime, language: Language) -> tuple[str, ...]:
    """Say what others did about a ticket since an instant, and how many mails came."""
    found, mails = [], 0
    for r in live(case.recorded):
        if r.recorded_at < since or r.actor == person.key or isinstance(r.event, _QUIET):
            continue
        if isinstance(r.event, e.FollowedUp):
            mails += 1
        elif r.actor not in ("desk", "complainant"):
            actor = case.work.people.by_key(r.actor)
            who = people_letters.name(actor, language) if actor is not None else r.actor
            what = casebook.name_of(r.event, zh=language == "zh")
            day = in_words(case.work.rules.day_of(r.recorded_at), language)
            found.append(f"{day}{who}：{what}" if language == "zh" else f"{day}, {who}: {what}")
    if (more := len(found) - _MOST_SAID) > 0:
        found = [*found[-_MOST_SAID:], f"另有{more}项" if language == "zh" else f"and {more} more"]
    if mails:
        found.append(f"来信{mails}封" if language == "zh" else many(mails, "further mail"))
    return tuple(found)
