"""Measures and suggestions that staff wrote (建议): what a digest and its workbook list of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.reports.periods import Period
from mail_desk.store.schema import EventRow
from mail_desk.tickets.events_notes import Suggested
from mail_desk.tickets.ticket import live

MOST = 12  # rows in a mail


@dataclass(frozen=True, slots=True)
class Suggestion:
    number: str
    day: date
    by: str  # name
    words: str


def in_mail(found: Sequence[Suggestion], *, zh: bool) -> tuple[tuple[str, str], ...]:
    """Return number and words of the first ones, and how many more the workbook has."""
    rows = tuple((s.number, s.words) for s in found[:MOST])
    if more := len(found) - len(rows):
        rows += ((f"其余 {more} 条" if zh else f"{more} more", ""),)
    return rows


def of_period(work: Work, period: Period, *, hidden_from: str, zh: bool) -> tuple[Suggestion, ...]:
    """Return what was suggested in a period, oldest first, without tickets hidden from this person."""
    zone = work.settings.desk.zone
    start = datetime.combine(period.first, time(0), zone)
    until = datetime.combine(period.last + timedelta(days=1), time(0), zone)
    query = (
        select(EventRow.ticket_id)
        .where(EventRow.type == Suggested.__name__, EventRow.at >= start, EventRow.at < until)
        .distinct()
    )
    found = []
    for ticket in work.session.scalars(query):
        case = Case.by_id(work, ticket)
        if hidden_from in case.ticket.hidden:
            continue
        for r in live(case.recorded):
            if isinstance(r.event, Suggested) and start <= r.at < until:
                person = work.people.by_key(r.actor)
                name = "" if person is None else person.name if zh else person.name_en or person.name
                words = case.words(r.event.words)
                found.append((r.at, Suggestion(case.row.number, work.rules.day_of(r.at), name, words)))
    return tuple(suggestion for _, suggestion in sorted(found, key=lambda pair: (pair[0], pair[1].number)))
