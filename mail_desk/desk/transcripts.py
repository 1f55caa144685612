"""The transcript: the one answer to a command mail, with what each line did, its letters, and what may follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from mail_desk.desk import authority, choices, leader_mail, materials, notices
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.post import Cause, post, preview, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, Preview, TranscriptContext, TranscriptLine
from mail_desk.store.schema import LetterRow, LetterState, LetterTicket, Message

WORDY = 10  # answers an hour to mails of one person that hold no command: more is a machine talking


@dataclass
class Session:
    """What one command mail has done so far."""

    actor: Actor
    lines: list[TranscriptLine] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    offers: list[tuple[str, str, str, bool]] = field(default_factory=list)
    tickets: list[int] = field(default_factory=list)
    about: Case | None = None  # the ticket the transcript is filed under

    def add(self, typed: str, outcome: Outcome) -> None:
        line = TranscriptLine(
            typed, outcome.done, outcome.what, outcome.before, outcome.after, waits=outcome.to_check
        )
        self.lines.append(line)
        self.outcomes.append(outcome)
        self.offers.extend(outcome.offers)


def _talks_like_a_machine(work: Work, session: Session) -> bool:
    """Break a loop with an auto-responder that hides its nature (RFC 3834 §2): file, do not answer."""
    actor = session.actor
    if any(outcome.done for outcome in session.outcomes):
        return False
    query = select(func.count(Message.id)).where(
        Message.from_address.in_(actor.person.addresses),
        Message.filed_as == "note",
        Message.received_at > actor.message.received_at - timedelta(hours=1),
    )
    return (work.session.scalar(query) or 0) > WORDY


def answer(work: Work, session: Session, *, note: str, not_sent: bool) -> None:
    """Answer the mail with one transcript, to its writer; a leader's goes to the supervisor (`leader_mail`)."""
    if _talks_like_a_machine(work, session):
        return
    actor, outcomes = session.actor, session.outcomes
    if not note and len(set(session.tickets)) == 1:  # what was done, not what the letter answered was about
        session.about = Case.by_id(work, session.tickets[0])
    elif session.about is not None:
        session.about = Case(work, session.about.row)  # as it is after all commands
    letters = [letter for outcome in outcomes for letter in outcome.letters]
    previews: tuple[Preview, ...] = tuple(
        preview(letter, work.enclosed.get(letter.id, ())) for letter in letters
    )
    listing = tuple(view for outcome in outcomes for view in outcome.listing)
    context = TranscriptContext(
        reader=actor.person.name,
        lines=tuple(session.lines),
        previews=previews,
        undo_until=_undo_until(work, session, letters),
        note=note,
        not_sent=not_sent,
        listing=listing,
        shown=tuple(row for outcome in outcomes for row in outcome.shown),
        shown_ticket=next((o.shown_ticket for o in outcomes if o.shown_ticket is not None), None),
        explained=tuple(ticket for outcome in outcomes for ticket in outcome.explained),
        dates=next((o.dates for o in outcomes if o.shown_ticket is not None), ()),
        tables=tuple(o.table for o in outcomes if o.table is not None),
        help_card=any(o.help_card for o in outcomes) or not (session.lines or note),
        help_for=actor.person.role.value,
        about=_one_number(session),
        urgent=_due_today(work, session),
    )
    named = _named(work, session)
    route = leader_mail.route(work, actor, outcomes, session.offers, named, note=note)
    if route.silent:
        return
    laid_ready, also = authority.bundled(route.offers, outcomes)
    offered = choices.numbered(laid_ready, actor.language)
    waiting = bool(offered)
    about = session.about
    if not offered and about is not None and actor.letter and about.ticket.handler in actor.acts_for:
        # To the handler only: a supervisor who has just approved is not invited to do the handler's work.
        offered = choices.next_steps(about, actor.person, actor.language)
        if any(outcome.after != outcome.before for outcome in outcomes):  # once, when these steps are new
            context = replace(context, numbered=materials.by_number(about, offered, actor.language))
    away = route.person is not actor.person  # a leader's reply: its supervisor reads what came of it
    if away:
        context = leader_mail.retold(context, actor)
    sent = post(
        work,
        LetterKind.TRANSCRIPT,
        replace(to_person(work, route.person), language=actor.language),
        context,
        Cause(actor.cause),
        case=session.about,
        choices=offered,
        answers=None if away else actor.message,
        dedupe=f"transcript/{actor.message.id}",
        tickets=named,
        files=(*notices.left_over(work), *(file for outcome in outcomes for file in outcome.files)),
    )
    if sent is not None and waiting:
        authority.mark(sent, also)


def _due_today(work: Work, session: Session) -> bool:
    """Say whether a limit of a ticket the mail was about runs out today, and is the office's to meet."""
    ids = set(session.tickets) | ({session.about.row.id} if session.about is not None else set())
    return any(
        due.due_on == work.today and case.procedure.limit(due.limit).owner != "complainant"
        for case in (Case.by_id(work, ticket) for ticket in ids)
        for due in case.running
    )


def _one_number(session: Session) -> str:
    """Return the number of the ticket that everything in the mail was about, "" where there is not one."""
    others = {outcome.shown_ticket for outcome in session.outcomes if outcome.shown_ticket is not None}
    if session.about is None or others or len(set(session.tickets)) > 1:
        return ""
    return session.about.row.number if session.tickets or not session.lines else ""


def _named(work: Work, session: Session) -> list[int]:
    """Return the tickets the transcript's token is good for: those it talks about, and those that the
    letter answered was good for.
    """
    named = list(session.tickets)
    if session.actor.letter is not None:
        inherited = select(LetterTicket.ticket_id).where(LetterTicket.letter_id == session.actor.letter.id)
        named += work.session.scalars(inherited)
    numbers = [view.number for outcome in session.outcomes for view in outcome.listing]
    numbers += [
        row[0] for outcome in session.outcomes if outcome.table is not None for row in outcome.table.rows
    ]
    for number in dict.fromkeys(numbers):
        case = Case.by_number(work, number)
        if case is not None:
            named.append(case.row.id)
    return named


def _undo_until(work: Work, session: Session, letters: list[LetterRow]) -> datetime | None:
    if any(letter.held for letter in letters):
        return min(letter.not_before for letter in letters if letter.held)
    changed = any(o.done and o.before != o.after for o in session.outcomes)
    if not changed or any(letter.state == LetterState.QUEUED for letter in letters):
        return None
    return work.now + timedelta(minutes=work.settings.desk.hold_minutes)
