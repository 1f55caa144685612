"""The worklist: each working morning to each handler and supervisor, also when nothing is due."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time

from sqlalchemy import select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import (
    casebook,
    choices,
    coming,
    dossiers,
    erasing,
    explaining,
    exporting,
    notices,
    notify,
    organ_answers,
    organ_reminders,
    pieces,
    reading_rights,
    serving,
    silent,
    waiting,
)
from mail_desk.desk import supervising as supervising_
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.reminding import item, offers
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, ReminderItem, TicketView, WorklistContext
from mail_desk.schedule.deadlines import Due
from mail_desk.store import ledger
from mail_desk.store.schema import LetterRow, LetterState, TicketRow

DUE_SOON = 3  # working days
RINGING = 3  # of the digits of a worklist are for notices to ring about, where there are so many


@dataclass
class _Sorted:
    """Tickets with the limit that is most urgent."""

    overdue: list[tuple[Case, Due]] = field(default_factory=list)
    due_soon: list[tuple[Case, Due]] = field(default_factory=list)
    unmarked: list[tuple[Case, Due | None]] = field(default_factory=list)
    other: list[Case] = field(default_factory=list)
    snoozed: list[Case] = field(default_factory=list)


def _rows(work: Work, person: Person) -> list[TicketRow]:
    rows = casebook.open_rows(work, hidden_from=person.key)
    if person.role is Role.HANDLER:
        keys = work.acts_for(person)
        rows = [row for row in rows if row.handler in keys]
    return rows


def _sort(work: Work, cases: list[Case], *, supervising: bool) -> _Sorted:
    found = _Sorted()
    for case in cases:
        running = [d for d in case.running if case.procedure.limit(d.limit).owner != "complainant"]
        first = running[0] if running else None
        left = work.rules.calendar.between(work.today, first.due_on) if first is not None else DUE_SOON + 1
        if first is not None and left < 0:
            found.overdue.append((case, first))
        elif left and case.snoozed is not None and not supervising:
            found.snoozed.append(case)
        elif not case.ticket.kind:
            found.unmarked.append((case, first))
        elif first is not None and left <= _soon(case, first):
            found.due_soon.append((case, first))
        else:
            found.other.append(case)
    found.overdue.sort(key=lambda pair: pair[1].due_at)
    found.due_soon.sort(key=lambda pair: pair[1].due_at)
    return found


def _soon(case: Case, due: Due) -> int:
    """Return how many working days before its date a ticket is listed: before it has to be put forward."""
    if case.ticket.proposal is not None:
        return DUE_SOON
    return max(DUE_SOON, case.procedure.limit(due.limit).prepare + 1)


def _letters_in_review(work: Work, person: Person) -> tuple[tuple[str, str], ...]:
    if person.role is Role.HANDLER:
        return ()
    query = (
        select(TicketRow.number, LetterRow.subject, LetterRow.tag, TicketRow.hidden_from)
        .join(TicketRow, TicketRow.id == LetterRow.ticket_id)
        .where(LetterRow.state == LetterState.REVIEW)
        .order_by(LetterRow.id)
    )
    return tuple(
        (number, subject.removeprefix(f"[{tag}]").strip())
        for number, subject, tag, hidden in work.session.execute(query)
        if person.key not in hidden
    )


def _unserved(
    work: Work, person: Person, cases: list[Case], language: Language
) -> tuple[serving.UnservedRow, ...]:
    """Return the notices that did not arrive, also of tickets that are finished."""
    known = {case.row.id: case for case in cases}
    for ticket in serving.failed_cases(work):
        if ticket in known:
            continue
        case = Case.by_id(work, ticket)
        mine = person.role is not Role.HANDLER or case.ticket.handler in work.acts_for(person)
        if mine and person.key not in case.ticket.hidden:
            known[case.row.id] = case
    return tuple(row for _, case in sorted(known.items()) for row in serving.unserved(case, language))


def _given(work: Work, person: Person) -> tuple[tuple[str, str, str], ...]:
    """Return the whole files given out since the worklist of the working day before."""
    before = work.rules.calendar.back(work.today, 1)
    since = datetime.combine(before, _clock(work.settings.digests.worklist_at), work.settings.desk.zone)
    return (
        *dossiers.given_since(work, since, person),
        *exporting.exported_since(work, since, person),
        *reading_rights.shown_since(work, since, person),
    )


def _clock(text: str) -> time:
    return time.fromisoformat(text.zfill(5))


def compose(work: Work, person: Person) -> None:
    """Queue one person's worklist of today."""
    to = to_person(work, person)
    rows = _rows(work, person)
    recorded = ledger.load_many(work.session, [row.id for row in rows])
    cases = [Case(work, row, recorded[row.id]) for row in rows]
    supervising = person.role is Role.SUPERVISOR
    helping = [] if supervising else casebook.assisted(work, person.key)
    found = _sort(work, cases, supervising=supervising)
    # A supervisor is offered steps for what is late only: the rest is the handlers' work.
    urgent = [*found.overdue, *([] if supervising else [*found.due_soon, *found.unmarked])]
    to_ring = serving.to_telephone(work, person)
    ringing = serving.telephone_steps(to_ring[:RINGING], to.language)
    given, offered = offers(
        [case for case, _ in urgent], person, to.language, most=choices.MOST_DIGITS - len(ringing)
    )
    ringing = tuple(replace(step, number=n) for n, step in enumerate(ringing, len(offered) + 1))

    def shown(case: Case, due: Due | None) -> ReminderItem | TicketView:
        return case.view(to.language) if due is None else dated(case, due)

    def dated(case: Case, due: Due) -> ReminderItem:
        return item(case, due, to.language, given.get(case.row.id, ()))

    mails = [notify.waiting_mail(work, m) for m in waiting.quarantined_messages(work)] if supervising else []
    context = WorklistContext(
        reader=to.name,
        day=work.today,
        supervising=supervising,
        overdue=tuple(dated(case, due) for case, due in found.overdue),
        due_soon=tuple(dated(case, due) for case, due in found.due_soon),
        unmarked=tuple(shown(case, due) for case, due in found.unmarked),
        other=tuple(case.view(to.language) for case in found.other),
        waiting_mails=tuple(mails),
        letters_in_review=_letters_in_review(work, person),
        operator=work.people.operator[0],
        unserved=_unserved(work, person, cases, to.language),
        unsealed=tuple(row for case in cases for row in notices.unsealed(case, to.language)),
        erasable=tuple(erasing.erasable(work, to.language))
        if supervising and erasing.first_working_day_of_year(work)
        else (),
        dossiers=_given(work, person) if supervising else (),
        seal_soon=any(notices.urgent(case) for case in cases),
        undecided=() if supervising else pieces.undecided(work, cases, to.language),
        coming=coming.dates(work, cases, to.language) if supervising else (),
        by_itself=() if supervising else silent.by_itself(work, cases, to.language),
        organs=organ_reminders.rows(work, person, to.language),
        answers=organ_answers.undecided(work, person, to.language),
        snoozed=tuple(case.view(to.language) for case in found.snoozed),
        counted=explaining.calendars(work, cases),
        supervised=supervising_.items(work, person, cases, to.language),
        trains=supervising_.trains(cases, to.language),
        assisting=tuple(case.view(to.language) for case in helping),
        to_telephone=serving.telephone_rows(to_ring, to.language),
        telephoned=ringing,
    )
    post(
        work,
        LetterKind.WORKLIST,
        to,
        context,
        Cause("moment"),
        choices=(*offered, *ringing),
        dedupe=f"worklist/{person.key}/{work.today}",
        tickets=list(
            dict.fromkeys(case.row.id for case in (*cases, *helping, *(case for case, _ in to_ring)))
        ),
    )
