"""Answers that are due or late: the organ is reminded, the handler told, and lists show how it stands.

An organ is reminded politely on the working day after its date and then every few working days, three times
at most; never while a mail that may be its answer waits for the handler's word, nor after the ticket is
finished. The handler hears of it alone on the day itself; afterwards the worklist says it every morning, and
the leaders' summary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import organs
from mail_desk.desk.case import Case
from mail_desk.desk.organs import DUE, REMIND, Standing
from mail_desk.desk.outcome import in_words
from mail_desk.desk.post import Cause, To, post
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import (
    Audience,
    Choice,
    LetterKind,
    LimitView,
    OrganReminderContext,
    ReminderItem,
)
from mail_desk.store.schema import LetterRow, LetterState, Moment
from mail_desk.tickets.organ_questions import Reference

MOST = 3  # reminders of one question
Item = Callable[[Language, tuple[Choice, ...]], ReminderItem]


def _standing(work: Work, moment: Moment) -> Standing | None:
    """Return the question of a moment if it still waits for its answer; None also once the ticket is finished."""
    found = organs.by_reference(work, Reference(moment.data["ticket"], moment.data["nth"]))
    if found is None or not found.question.open or found.case.ticket.closed_at is not None:
        return None
    return found


def remind_organ(work: Work, moment: Moment) -> None:
    """Remind the organ, and foresee the next time; where the mail has not left yet, look again tomorrow."""
    standing = _standing(work, moment)
    organ = standing.organ if standing is not None else None
    if standing is None or organ is None or not organ.addresses or standing.reached() is False:
        return
    question, calendar = standing.question, work.rules.calendar
    letter = standing.letter()
    waits = bool(question.seen) or standing.reached() is None
    sent = _reminders(work, question.letter)
    if letter is None or question.answer_by is None or len(sent) >= MOST:
        return
    if not waits:
        _write(work, standing, letter, nth=len(sent) + 1)
        if len(sent) + 1 >= MOST:
            return
    next_day = calendar.forward(work.today, 1 if waits else organ.remind_every)
    organs.plan(work, question.letter, question.reference, REMIND, next_day)


def _reminders(work: Work, letter: int) -> list[LetterRow]:
    query = select(LetterRow).where(
        LetterRow.kind == LetterKind.ORGAN_REMINDER.value,
        LetterRow.dedupe.startswith(f"{REMIND}/{letter}/"),
        LetterRow.state != LetterState.CANCELLED,
    )
    return list(work.session.scalars(query))


def _write(work: Work, standing: Standing, letter: LetterRow, *, nth: int) -> None:
    question, case = standing.question, standing.case
    language: Language = "en" if letter.language == "en" else "zh"
    name = standing.organ_name(language)
    context = OrganReminderContext(
        reference=standing.spoken(language),
        organ=name,
        words=case.words(question.words),
        asked_on=work.rules.day_of(letter.sent_at or question.asked_at),
        answer_by=question.answer_by or work.today,
        respondent=question.respondent,
    )
    to = To(letter.recipient, name, language, Audience.ORGAN)
    post(
        work,
        LetterKind.ORGAN_REMINDER,
        to,
        context,
        Cause(f"letter:{letter.id}"),
        case=case,
        dedupe=f"{REMIND}/{letter.id}/{nth}",
    )


# --- what people of the house are told --------------------------------------------------------------


def due_today(work: Work, moments: Sequence[Moment]) -> list[tuple[Case, Item]]:
    """Return what handlers are told on the day an answer is due, to go into the reminder of that morning."""
    found = []
    for moment in moments:
        standing = _standing(work, moment) if moment.action == DUE else None
        if standing is not None and not standing.question.seen and standing.reached():
            found.append((standing.case, _item_of(standing)))
    return found


def _item_of(standing: Standing) -> Item:
    return lambda language, steps: item(standing, language, steps)


def item(standing: Standing, language: Language, steps: tuple[Choice, ...]) -> ReminderItem:
    """Show a question as reminders and summaries show limits: whose answer, which reference, by when."""
    work, question = standing.case.work, standing.question
    by = question.answer_by or work.today
    name, spoken = standing.organ_name(language), standing.spoken(language)
    late = standing.days_late(work.today)
    limit = LimitView(
        key="organ-answer",
        label=f"{name}答复{spoken}" if language == "zh" else f"answer of the {name} to {spoken}",
        due_on=by,
        days_left=-late if late else work.rules.calendar.between(work.today, by),
        provisional=False,
        basis="",
    )
    return ReminderItem(standing.case.view(language), limit, name, steps)


def items(
    late: Sequence[Standing], language: Language, steps: Mapping[str, tuple[Choice, ...]], said: set[str]
) -> tuple[ReminderItem, ...]:
    """Show questions in a summary. `steps` by ticket number; `said`: tickets whose steps stand there already."""
    found = []
    for standing in late:
        number = standing.case.row.number
        found.append(item(standing, language, () if number in said else steps.get(number, ())))
        said.add(number)
    return tuple(found)


def overdue(work: Work, *, hidden_from: str | None = None) -> list[Standing]:
    """Return the questions whose day has passed, the longest first."""
    return [s for s in organs.open_now(work, hidden_from=hidden_from) if s.days_late(work.today)]


Row = tuple[str, str, str, str]


def rows(work: Work, person: Person, language: Language) -> tuple[Row, ...]:
    """Return what a worklist shows: a handler's open questions, to superiors the late ones of all."""
    if person.role is Role.HANDLER:
        keys = work.acts_for(person)
        mine = organs.open_now(work, hidden_from=person.key)
        return tuple(_row(s, work.today, language) for s in mine if s.case.ticket.handler in keys)
    return tuple(_row(s, work.today, language) for s in overdue(work, hidden_from=person.key))


def _row(standing: Standing, today: date, language: Language) -> Row:
    zh, late = language == "zh", standing.days_late(today)
    by = standing.question.answer_by
    if standing.question.seen:
        how = "来信待确认" if zh else "a mail waits for your word"
    elif standing.reached() is None:
        how = "函还没有发出" if zh else "the letter has not left yet"
    elif late:
        how = f"逾期{late}个工作日" if zh else f"{late} working day{'s' if late > 1 else ''} late"
    elif by == today:
        how = "今天到期" if zh else "due today"
    else:
        how = "等待答复" if zh else "waiting"
    day = in_words(by, language) if by is not None else "—"
    return standing.spoken(language), standing.organ_name(language), day, how
