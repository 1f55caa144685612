"""Inspection summaries: when they are owed, and the letters they become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from sqlalchemy import func, select, true

from mail_desk.config import Digest, Language, Person, Role
from mail_desk.desk import (
    circulars,
    isolation,
    late_reports,
    leader_week,
    organ_reminders,
    report_choices,
    suggestions,
)
from mail_desk.desk.case import Case
from mail_desk.desk.circulars import XLSX
from mail_desk.desk.outcome import in_words
from mail_desk.desk.post import Cause, To, draft, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, Context, DigestContext, File, LetterKind
from mail_desk.reports import digest as digests
from mail_desk.reports import directions, directions_words, periods, workbook
from mail_desk.reports.periods import Period
from mail_desk.reports.words import Names
from mail_desk.schedule.workdays import Calendar
from mail_desk.store import seals
from mail_desk.store.schema import EventRow, LetterRow, Moment, TicketRow
from mail_desk.tickets.events import ApprovalRecorded
from mail_desk.tickets.ticket import live

AGAIN = timedelta(hours=1)  # until what could not be written is tried again


def owed(digest: Digest, opened: date, today: date, calendar: Calendar) -> Iterator[tuple[Period, date]]:
    """Yield every period the desk has worked in and whose sending day has come, with that day.

    Two may leave on one day: a week that was all holidays, and the one after it.
    """
    period = periods.of(digest.period, opened)
    while (day := periods.sent_on(period, calendar.is_working, digest.sending.nth)) <= today:
        yield period, day
        period = periods.of(digest.period, period.last + periods.DAY)


@dataclass(frozen=True)
class _Copy:
    """One reader's digest."""

    to: To
    context: DigestContext
    files: tuple[File, ...]
    choices: tuple[Choice, ...]
    tickets: tuple[int, ...]


def _copy(work: Work, digest: Digest, period: Period, person: Person) -> _Copy:
    to = to_person(work, person)
    rules = work.rules
    settings = work.settings.model_copy(update={"people": work.people})  # also who joined by command
    scope = settings.digests.scope_of(digest)
    found = circulars.figures_for(work, period, scope, person.key)
    title = digest.title_zh if to.language == "zh" else digest.title_en
    suggested = suggestions.of_period(work, period, hidden_from=person.key, zh=to.language == "zh")
    if not scope.shows("suggestions"):
        suggested = ()
    wanted = directions.collect(
        work.session,
        period,
        zone=settings.desk.zone,
        now=work.now,
        final={s.key for p in rules.procedures.values() for s in p.states if s.final},
        leader=person.key if person.role is Role.LEADER else None,
        hidden_for=person.key,
    )
    if not scope.shows("words"):
        wanted = directions.Directions()
    files: tuple[File, ...] = ()
    if digest.workbook:
        content = workbook.ledger(
            found,
            settings=settings,
            procedures=rules.procedures,
            calendar=rules.calendar,
            title=title,
            language=to.language,
            suggestions=[(s.number, s.day, s.by, s.words) for s in suggested],
            directions=wanted,
            scope=scope,
        )
        files = (File(workbook.filename(found), XLSX, content),)
    whole = scope.shows("complainants") and scope.shows("organs") and scope.shows("subjects")
    organs = organ_reminders.overdue(work, hidden_from=person.key) if whole else []
    late = [late.identity.number for late in found.overdue if late.identity.number]
    numbers = list(dict.fromkeys((*late, *(s.case.row.number for s in organs))))
    week = (
        leader_week.asked(work, person, to.language)
        if leader_week.in_digest(work, digest, person)
        else leader_week.Asked()
    )
    steps = report_choices.about(work, person, numbers, to.language, first=len(week.choices) + 1)
    offered = tuple(choice for choices in steps.values() for choice in choices)
    context = digests.compose(
        found,
        title=title,
        reader=to.name,
        settings=settings,
        procedures=rules.procedures,
        language=to.language,
        chain_head=seals.head(work.session),
        workbook=files[0].filename if files else "",
        choices=steps,
        scope=scope,
    )
    said = set(late)  # the digit of a ticket stands there once
    context = replace(context, organs=organ_reminders.items(organs, to.language, steps, said))
    context = replace(context, suggestions=suggestions.in_mail(suggested, zh=to.language == "zh"))
    spoken = Names(settings, rules.procedures, to.language)
    put_down = directions_words.recorded(wanted, person.key, spoken)
    context = replace(
        context,
        recorded=(*_recorded(work, person, zh=to.language == "zh"), *put_down)
        if scope.shows("words")
        else (),
        trains=directions_words.trains(wanted, spoken),
        trained=directions_words.trains_summary(wanted, spoken),
        directions=directions_words.rows(wanted, spoken),
        directed=directions_words.summary(wanted, spoken),
        asked=week.items,
        asked_choices=week.choices,
    )
    rows = work.session.query(TicketRow.id).where(TicketRow.number.in_(numbers)) if numbers else ()
    tickets = (*week.tickets, *(row[0] for row in rows))
    return _Copy(to, context, files, (*week.choices, *offered), tickets)


def _recorded(work: Work, person: Person, *, zh: bool) -> tuple[str, ...]:
    """Say what was put on record as this person's oral or paper approval since the last digest (代录)."""
    since = work.session.scalar(
        select(func.max(LetterRow.created_at)).where(
            LetterRow.kind == LetterKind.DIGEST.value, LetterRow.person == person.key
        )
    )
    query = (
        select(EventRow.ticket_id)
        .where(EventRow.type == ApprovalRecorded.__name__, EventRow.recorded_at > since if since else true())
        .distinct()
        .order_by(EventRow.ticket_id)
    )
    found = []
    for ticket in work.session.scalars(query):
        case = Case.by_id(work, ticket)
        for r in live(case.recorded):
            event = r.event
            if not isinstance(event, ApprovalRecorded) or event.approver != person.key:
                continue
            if person.key in case.ticket.hidden:
                continue
            if since is None or r.recorded_at > since:
                by = work.people.by_key(r.actor)
                found.append(
                    _sentence(case, event, in_words(work.rules.day_of(r.at), "zh" if zh else "en"), by, zh=zh)
                )
    return tuple(found)


def _sentence(case: Case, event: ApprovalRecorded, day: str, by: Person | None, *, zh: bool) -> str:
    words = case.words(event.words)
    if zh:
        way = "口头" if event.way == "oral" else "书面"
        said = f"：{words}" if words else ""
        return f"{case.row.number} {day}{way}同意{said}（{by.name if by else '—'}代录，M{event.message}）"
    way = "orally" if event.way == "oral" else "on paper"
    said = f": {words}" if words else ""
    who = (by.name_en or by.name) if by else "—"
    return f"{case.row.number}: approved {way} on {day}{said} (put on record by {who}, M{event.message})"


def _readers(work: Work, digest: Digest) -> list[Person]:
    found = (work.people.by_key(key) for key in digest.to)
    return [p for p in found if p is not None and not p.retired]


def compose(work: Work, key: str, first: date) -> int:
    """Queue the digest of the period that began on `first` to each reader; return how many.

    Who cannot be written to now is written to within the hour, and people are told (`late_reports`): one reader's
    broken template is not the others'.
    """
    digest = next((d for d in work.settings.digests.digest if d.key == key), None)
    if digest is None:
        return 0  # taken out of the configuration since it was planned
    count, failed = _queue(work, digest, periods.of(digest.period, first), f"{key}/{first}")
    for reader, error in failed.items():
        late_reports.not_made(work, f"digest/{key}/{first}", key, reader, error)
    if failed:
        again = f"digest/{key}/{first}/again/{work.now.isoformat()}"
        data = {"digest": key, "first": first.isoformat()}
        work.session.add(
            Moment(key=again, due_at=work.now + AGAIN, action="digest", data=data, state="pending")
        )
    return count


def _queue(work: Work, digest: Digest, period: Period, dedupe: str) -> tuple[int, dict[str, Exception]]:
    """Queue it to each reader by itself; return how many letters, and for whom it failed of what."""
    scope = work.settings.digests.scope_of(digest)
    steps = (_steps_outside if scope.outside else _steps_inside)(work, digest, period, dedupe)
    failed: dict[str, Exception] = {}
    queued: list[LetterRow] = []
    for reader, step in steps:
        error = isolation.attempt(work, step, queued)
        if error is not None:
            failed[reader] = error
    return len(queued), failed


_Step = Callable[[Work, list[LetterRow]], None]


def _steps_inside(work: Work, digest: Digest, period: Period, dedupe: str) -> Iterator[tuple[str, _Step]]:
    def write(person: Person, work: Work, queued: list[LetterRow]) -> None:
        copy = _copy(work, digest, period, person)
        row = post(
            work,
            LetterKind.DIGEST,
            copy.to,
            copy.context,
            Cause(f"digest:{digest.key}"),
            choices=copy.choices,
            files=copy.files,
            dedupe=f"digest/{dedupe}/{person.key}",
            tickets=copy.tickets,
        )
        queued.extend([row] if row is not None else [])

    for person in _readers(work, digest):
        yield person.addresses[0], partial(write, person)


def _steps_outside(work: Work, digest: Digest, period: Period, dedupe: str) -> Iterator[tuple[str, _Step]]:
    made: dict[Language, circulars.Circular] = {}

    def write(to: To, work: Work, queued: list[LetterRow]) -> None:
        if to.language not in made:
            scope = work.settings.digests.scope_of(digest)
            found = circulars.figures_for(work, period, scope, None)
            made[to.language] = circulars.compose(work, digest, found, to.language)
        row = post(
            work,
            LetterKind.CIRCULAR,
            to,
            made[to.language].context,
            Cause(f"digest:{digest.key}"),
            files=made[to.language].files,
            dedupe=f"digest/{dedupe}/{to.address}",
        )
        queued.extend([row] if row is not None else [])

    for to in circulars.readers(work, digest):
        yield to.address, partial(write, to)


def send_now(work: Work, digest: Digest) -> int:
    """Queue the digest of the last full period now, whatever was sent before. What it fails of is raised."""
    period = periods.before(digest.period, work.today)
    count, failed = _queue(work, digest, period, f"{digest.key}/by-hand/{work.now.isoformat()}")
    for error in failed.values():
        raise error
    return count


def texts(work: Work, digest: Digest) -> list[str]:
    """Return the text of the digest of the last full period, one a language, without queueing it."""
    period = periods.before(digest.period, work.today)
    scope = work.settings.digests.scope_of(digest)
    seen: dict[str, str] = {}

    def show(kind: LetterKind, to: To, context: Context) -> None:
        shown = draft(work, kind, to, context)
        seen[to.language] = f"{shown.subject}\n\n{shown.text}"

    if scope.outside:
        found = circulars.figures_for(work, period, scope, None)
        for to in circulars.readers(work, digest):
            if to.language not in seen:
                show(LetterKind.CIRCULAR, to, circulars.compose(work, digest, found, to.language).context)
        return list(seen.values())
    for person in _readers(work, digest):
        if work.rules.language_of(person) not in seen:
            copy = _copy(work, digest, period, person)
            show(LetterKind.DIGEST, copy.to, copy.context)
    return list(seen.values())
