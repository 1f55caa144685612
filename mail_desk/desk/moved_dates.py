"""A calendar file arrived or changed: count open tickets anew and tell handlers of each date that moved.

The files that dates were last counted with are kept in `meta`, so that what moved is known exactly and
not guessed. Each handler gets one letter about all of them, as a moment: it leaves by day, within the
budget. Nothing here moves a date that both calendars count alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime

import structlog

from mail_desk.config import CalendarYear
from mail_desk.desk import casebook, isolation, notify
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import DatesMovedContext, LetterKind, MovedDate
from mail_desk.schedule import deadlines
from mail_desk.schedule.workdays import Calendar
from mail_desk.store.schema import Meta, Moment
from mail_desk.tickets import ticket as tickets

log = structlog.get_logger()

ACTION = "dates-moved"  # of the moment
FILES = "calendar-files"  # in Meta: what the dates were last counted with


def follow(work: Work) -> None:
    """Bring every open ticket's dates in line with the calendar files, if these are not the last ones."""
    text = json.dumps([year.model_dump(mode="json") for year in work.settings.calendar], ensure_ascii=False)
    known = work.session.get(Meta, FILES)
    if known is not None and known.value == text:
        return
    before = _calendar(known.value) if known is not None else None
    moved: dict[str, list[dict[str, str | int]]] = {}
    for row in casebook.open_rows(work):
        error = isolation.attempt(work, _follow_one, row.id, before, moved)
        if error is not None:  # its dates are counted anew with whatever happens to it next
            isolation.report(work, f"dates-{row.id}", f"calendar, {row.number}", error)
    files = hashlib.sha256(f"{text}{work.now.isoformat()}".encode()).hexdigest()[:16]
    for reader_key, entries in moved.items():
        key = f"{ACTION}/{files}/{reader_key}"
        data = {"person": reader_key, "moved": entries}
        work.session.add(Moment(key=key, due_at=work.now, action=ACTION, data=data, state="pending"))
    work.session.merge(Meta(name=FILES, value=text))
    log.info("calendar files changed", action="calendar", moved=sum(map(len, moved.values())))


def _follow_one(
    work: Work, ticket: int, before: Calendar | None, moved: dict[str, list[dict[str, str | int]]]
) -> None:
    case = Case.by_id(work, ticket)
    case.settle()
    found = _moved(case, before) if before is not None else []
    for reader in notify.watchers(case) if found else ():
        moved.setdefault(reader.key, []).extend(found)


def _calendar(text: str) -> Calendar:
    return Calendar(CalendarYear.model_validate(year) for year in json.loads(text))


def _moved(case: Case, before: Calendar) -> list[dict[str, str | int]]:
    """Return the running limits whose last day another calendar saw elsewhere."""
    zone = case.work.settings.desk.zone
    was = deadlines.dues(case.procedure, tickets.facts(case.recorded), before, zone)
    then = {(due.limit, due.number): due.due_on for due in was}
    return [
        {"ticket": case.row.id, "limit": due.limit, "was": then[due.limit, due.number].isoformat()}
        for due in case.running
        if then[due.limit, due.number] != due.due_on
    ]


def tell(work: Work, moment: Moment) -> None:
    """Queue one handler's letter about the dates that moved and still count."""
    person = work.people.by_key(moment.data["person"])
    if person is None:
        return
    readers: dict[str, list[tuple[Case, str, date]]] = {}
    for entry in moment.data["moved"]:
        case = Case.by_id(work, entry["ticket"])
        for reader in notify.watchers(case):
            readers.setdefault(reader.key, []).append(
                (case, entry["limit"], datetime.fromisoformat(entry["was"]).date())
            )
    for key, entries in readers.items():
        _write(work, key, entries)


def _write(work: Work, reader: str, entries: Sequence[tuple[Case, str, date]]) -> None:
    person = work.people.by_key(reader)
    if person is None:
        return
    to = to_person(work, person)
    dates = []
    for case, limit, was in entries:
        due = case.due(limit)
        if due is not None and due.due_on != was:
            dates.append(MovedDate(case.view(to.language), case.limit_view(due, to.language), was))
    if dates:
        post(
            work,
            LetterKind.DATES_MOVED,
            to,
            DatesMovedContext(to.name, tuple(dates)),
            Cause("moment"),
            tickets=[case.row.id for case, _, _ in entries],
        )
