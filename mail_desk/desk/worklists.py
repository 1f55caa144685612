"""The worklist: each working morning to each handler and supervisor, also when nothing is due."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from mail_desk.config import Person, Role
from mail_desk.desk import casebook, notify, waiting
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.reminding import item
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, ReminderItem, TicketView, WorklistContext
from mail_desk.store import ledger
from mail_desk.store.schema import LetterRow, LetterState, TicketRow

DUE_SOON = 3  # working days


@dataclass
class _Sorted:
    overdue: list[ReminderItem] = field(default_factory=list)
    due_soon: list[ReminderItem] = field(default_factory=list)
    unmarked: list[TicketView] = field(default_factory=list)
    other: list[TicketView] = field(default_factory=list)


def _rows(work: Work, person: Person) -> list[TicketRow]:
    rows = casebook.open_rows(work, hidden_from=person.key)
    if person.role is Role.HANDLER:
        keys = work.acts_for(person)
        rows = [row for row in rows if row.handler in keys]
    return rows


def _sort(cases: list[Case], language: str) -> _Sorted:
    found = _Sorted()
    for case in cases:
        zh = language == "zh"
        running = [d for d in case.running if case.procedure.limit(d.limit).owner != "complainant"]
        first = running[0] if running else None
        if first is not None:
            entry = item(case, first, language, ())
            if entry.limit.days_left < 0:
                found.overdue.append(entry)
                continue
            if entry.limit.days_left <= DUE_SOON and case.ticket.kind:
                found.due_soon.append(entry)
                continue
        view = case.view("zh" if zh else "en")
        (found.unmarked if not case.ticket.kind else found.other).append(view)
    found.overdue.sort(key=lambda e: e.limit.due_on)
    found.due_soon.sort(key=lambda e: e.limit.due_on)
    return found


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


def compose(work: Work, person: Person) -> None:
    """Queue one person's worklist of today."""
    to = to_person(work, person)
    rows = _rows(work, person)
    recorded = ledger.load_many(work.session, [row.id for row in rows])
    cases = [Case(work, row, recorded[row.id]) for row in rows]
    found = _sort(cases, to.language)
    supervising = person.role is Role.SUPERVISOR
    mails = [notify.waiting_mail(work, m) for m in waiting.quarantined_messages(work)] if supervising else []
    context = WorklistContext(
        reader=to.name,
        day=work.today,
        supervising=supervising,
        overdue=tuple(found.overdue),
        due_soon=tuple(found.due_soon),
        unmarked=tuple(found.unmarked),
        other=tuple(found.other),
        waiting_mails=tuple(mails),
        letters_in_review=_letters_in_review(work, person),
        operator=work.people.operator[0],
    )
    post(
        work,
        LetterKind.WORKLIST,
        to,
        context,
        Cause("moment"),
        dedupe=f"worklist/{person.key}/{work.today}",
        tickets=[row.id for row in rows],
    )
