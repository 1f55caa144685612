"""Telling the complainant how the matter stands: by the handler (`progress`), by itself after long silence, and who
handles it now.

An accepted complaint whose complainant has had no letter for `progress_every` working days gets one: the handler's
last line where its letter failed, else stage and date. Each letter to the complainant begins the count anew. Never
while suspended, never after the conclusion, never before the notice of acceptance has arrived. What the desk writes
by itself holds nobody's words and needs no release; a line of the handler's does. Planned day by day from the letters
that really left, so nothing has to be kept in step.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from mail_desk.config import Language
from mail_desk.desk import contact
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.outcome import Actor, Outcome, in_words, state_name
from mail_desk.desk.post import Cause, post, to_complainant
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import (
    LetterKind,
    NewContactContext,
    ProgressContext,
    StageContext,
)
from mail_desk.store.schema import LetterRow, LetterState, Message, Moment, TicketRow
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets import obligations
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition
from mail_desk.tickets.ticket import live

ACTION = "progress"
FORETOLD = 2  # working days before, in the handler's worklist
_LEAVING = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN)

ByItself = tuple[date, str, str]  # day, ticket number, what the desk will write


def progress(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Send the handler's line on how the matter stands."""
    before = state_name(case, actor.language)
    progressed = ec.Progressed(case.keep(command.words))
    case.record(progressed, actor=actor.person.key, cause=actor.cause)
    letter = _letter(case, command.words, actor.why, held=True)
    return Outcome(
        True,
        actor.say("告知投诉人办理进展", "Progress told to the complainant"),
        before,
        state_name(case, actor.language),
        letters=[letter] if letter is not None else [],
    )


def _letter(case: Case, words: str, why: Cause, *, held: bool = False) -> LetterRow | None:
    to = to_complainant(case)
    dates = contact.dates(case, to.language)
    context = ProgressContext(case.view(to.language), words, dates)
    return post(case.work, LetterKind.PROGRESS, to, context, why, case=case, held=held)


# --- by itself ------------------------------------------------------------------------------------


def plan_once(work: Work, key: str, action: str, data: dict[str, object]) -> None:
    """Put something of this morning among the moments, unless it is or was there."""
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
        at = datetime.combine(work.today, REMINDERS_AT, work.settings.desk.zone)
        work.session.add(Moment(key=key, due_at=at, action=action, data=data, state="pending"))


def arrived() -> tuple[ColumnElement[bool], ...]:
    """Return what makes a letter one that the complainant has: sent to it, and not come back."""
    return (
        LetterRow.audience == "enterprise",
        LetterRow.state == LetterState.SENT,
        or_(LetterRow.last_reply.is_(None), ~LetterRow.last_reply.like("bounced%")),
    )


def heard(work: Work, tickets: Collection[int]) -> dict[int, datetime]:
    """Return when the complainant of each ticket last had a letter about it, also one written in the webmail."""
    sent = (
        select(LetterRow.ticket_id, func.max(LetterRow.sent_at))
        .where(*arrived(), LetterRow.ticket_id.in_(tickets))
        .group_by(LetterRow.ticket_id)
    )
    by_hand = (
        select(Message.ticket_id, func.max(Message.received_at))
        .where(Message.filed_as == "by-hand", Message.ticket_id.in_(tickets))
        .group_by(Message.ticket_id)
    )
    found: dict[int, datetime] = {}
    for query in (sent, by_hand):
        for ticket, at in work.session.execute(query):
            if ticket is not None and at is not None:
                found[ticket] = max(at, found.get(ticket, at))
    return found


def _due(work: Work, rows: Collection[TicketRow]) -> list[tuple[TicketRow, date, datetime]]:
    """Return the tickets whose complainant is owed a letter, the day it will be, since when it heard nothing."""
    wanted = []
    for row in rows:
        procedure = work.rules.procedures[row.procedure]
        going_on = row.closed_at is None and procedure.transition("conclude", row.state, row.kind) is not None
        stands_still = procedure.transition("resume", row.state, row.kind) is not None
        if procedure.progress_every and row.kind == "complaint" and going_on and not stands_still:
            wanted.append((row, procedure.progress_every))
    since = heard(work, [row.id for row, _ in wanted])
    found = []
    for row, every in wanted:
        at = since.get(row.id)
        if at is not None:
            found.append((row, work.rules.calendar.forward(work.rules.day_of(at), every), at))
    return found


def plan(work: Work) -> None:
    """Plan the letters that are owed this morning; idempotent."""
    if not work.rules.calendar.is_working(work.today):
        return
    query = select(TicketRow).where(
        TicketRow.closed_at.is_(None), TicketRow.kind == "complaint", TicketRow.merged_into.is_(None)
    )
    for row, day, since in _due(work, work.session.scalars(query).all()):
        if day <= work.today:
            key = f"{ACTION}/{row.id}/{work.rules.day_of(since)}"
            plan_once(work, key, ACTION, {"ticket": row.id})


def write(work: Work, moment: Moment) -> None:
    """Write the letter that is owed, if it still is. The moment is claimed by the caller."""
    case = Case.by_id(work, moment.data["ticket"])
    owed = [day for row, day, _ in _due(work, [case.row]) if day <= work.today]
    if not owed or not case.ticket.accepted or _leaving(case) or _unannounced(case):
        return
    words = _unsent(case)
    why = Cause(f"moment:{moment.id}")
    if words:
        _letter(case, words, why)
        return
    to = to_complainant(case)
    context = StageContext(
        case.view(to.language),
        contact.stage(case),
        contact.dates(case, to.language),
        contact.view(case, to.language),
    )
    post(work, LetterKind.STAGE, to, context, why, case=case)


def _leaving(case: Case) -> bool:
    """Say whether a letter to the complainant is on its way."""
    query = select(LetterRow.id).where(
        LetterRow.ticket_id == case.row.id, LetterRow.audience == "enterprise", LetterRow.state.in_(_LEAVING)
    )
    return case.work.session.scalars(query.limit(1)).first() is not None


def _unannounced(case: Case) -> bool:
    """Say whether the notice of acceptance has not arrived: nobody is told of a stage before being told it began."""
    notices = {row.notice for row in case.procedure.transitions if row.verb == "accept" and row.notice}
    return any(o.notice in notices for o in obligations.owed(case.recorded))


def _unsent(case: Case) -> str:
    """Return the handler's last line on progress, if the letter that carried it could not be sent."""
    query = select(LetterRow).where(LetterRow.ticket_id == case.row.id, LetterRow.kind == LetterKind.PROGRESS)
    last = case.work.session.scalars(query.order_by(LetterRow.id.desc()).limit(1)).first()
    lines = [r.event for r in live(case.recorded) if isinstance(r.event, ec.Progressed)]
    if last is None or not lines or last.state != LetterState.FAILED:
        return ""
    return case.words(lines[-1].words)


def coming(work: Work, cases: Collection[Case], language: Language) -> list[ByItself]:
    """Return what will be written by itself within the next working days, for the handler's worklist."""
    until = work.rules.calendar.forward(work.today, FORETOLD)
    what = "进度告知" if language == "zh" else "stage and date"
    found = [
        (max(day, work.today), row.number, what)
        for row, day, _ in _due(work, [case.row for case in cases if not _unannounced(case)])
        if day <= until
    ]
    return sorted(found)


def shown(rows: Collection[ByItself], language: Language) -> tuple[tuple[str, str, str], ...]:
    """Return rows as a worklist shows them, soonest first."""
    return tuple((in_words(day, language), number, what) for day, number, what in sorted(rows))


# --- a new contact --------------------------------------------------------------------------------


def tell_contact(work: Work, moment: Moment) -> None:
    """Tell the complainant who handles it now, unless a letter of today has said so or nothing has changed."""
    case = Case.by_id(work, moment.data["ticket"])
    if not contact.going_on(case) or not (contact.changed(case) or _stuck(case)):
        return
    to = to_complainant(case)
    context = NewContactContext(case.view(to.language), contact.view(case, to.language))
    letter = post(work, LetterKind.NEW_CONTACT, to, context, Cause(f"moment:{moment.id}"), case=case)
    if letter is not None:
        case.record(ec.ContactTold(letter.id, case.ticket.handler), actor="desk", cause=f"moment:{moment.id}")


def _stuck(case: Case) -> bool:
    """Say whether the letter that names the new contact still waits for its release."""
    told = [r.event.letter for r in live(case.recorded) if isinstance(r.event, ec.ContactTold)]
    letter = case.work.session.get(LetterRow, told[-1]) if told else None
    return letter is not None and letter.state == LetterState.REVIEW
