"""Supervisions (督办) under way: how they are shown, when who is reminded, who owes them.

On the day, and on each working day after, whoever owes it is reminded; on the first working day after, the
supervisor too. A day that is not worked is shown, and reminded of, on the working day before it. This goes on
until it is reported back or called off, whatever becomes of the ticket. Decides nothing about the ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case as sql_case
from sqlalchemy import func, select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import notify
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.outcome import in_words
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, LimitView, ReminderItem
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, Moment, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import events_leaders as el
from mail_desk.tickets import supervisions
from mail_desk.tickets.assignment import present
from mail_desk.tickets.supervisions import Supervision, Train

ACTION = "supervision"
_SHORT = 40  # characters of the words that name a supervision
_Step = tuple[str, str, str, bool]


def shown_day(work: Work, due: date) -> date:
    """Return the day that letters show: the day itself, or the working day before it that is still to come."""
    calendar = work.rules.calendar
    if calendar.is_working(due):
        return due
    before = calendar.back(calendar.next_working(due), 1)
    return before if before >= work.today else calendar.next_working(due)


def owed(case: Case) -> tuple[Supervision, ...]:
    """Return the supervisions of a ticket that nobody has reported back on, earliest day first."""
    running = [s for s in supervisions.supervisions(case.recorded) if s.open]
    return tuple(sorted(running, key=lambda s: (s.due, s.number)))


def owing(case: Case, supervision: Supervision) -> Person | None:
    """Return who has to act on it now: the person named, or the handler, or who stands in."""
    named = case.work.people.by_key(supervision.owes) if supervision.owes else None
    if named is not None:
        return present(case.work.people, named, case.work.today, case.ticket.hidden)
    return next(iter(notify.watchers(case)), None)


def owes_one(case: Case, acts_for: Iterable[str]) -> bool:
    """Say whether an open supervision names one of these persons."""
    keys = set(acts_for)
    return any(s.owes in keys for s in owed(case) if s.owes)


def named(person: Person | None, language: Language) -> str:
    """Return a person's name in a language, "" for nobody."""
    if person is None:
        return ""
    return person.name if language == "zh" else person.name_en or person.name


def view(case: Case, supervision: Supervision, language: Language) -> LimitView:
    """Return a supervision as letters show a date: what is wanted, by when, how many working days are left."""
    work = case.work
    day = shown_day(work, supervision.due)
    words = " ".join(case.words(supervision.words).split()).rstrip("。.；;，,")  # a colon follows
    short = words if len(words) <= _SHORT else words[: _SHORT - 1] + "…"
    leader = named(work.people.by_key(supervision.leader), language)
    left = work.rules.calendar.between(work.today, day)
    if supervision.due < work.today:  # on a rest day after the last day it is late already
        left = min(left, -1)
    label = (
        f"{leader}督办 {supervision.name}：{short}"
        if language == "zh"
        else f"{supervision.name} for {leader}: {short}"
    )
    return LimitView(
        key=f"supervision/{supervision.number}",
        label=label,
        due_on=day,
        days_left=left,
        provisional=False,
        basis="",
    )


def report_step(case: Case, supervision: Supervision) -> _Step:
    """Return the step that reports back on a supervision; see choices.numbered."""
    several = len(owed(case)) > 1
    mark = f" {supervision.name}" if several else ""
    return (
        f"#{case.row.number} report-back {supervision.name}",
        f"回报督办{mark}（写下办理情况）",
        f"Report back{mark and f' on{mark}'} (write what was done)",
        True,
    )


def item(
    case: Case, supervision: Supervision, language: Language, steps: tuple[Choice, ...] = ()
) -> ReminderItem:
    """Build one entry of a reminder or worklist."""
    return ReminderItem(
        case.view(language),
        view(case, supervision, language),
        named(owing(case, supervision), language),
        steps,
    )


# --- moments ----------------------------------------------------------------------------------------


def plan(case: Case, supervision: Supervision) -> None:
    """Put the next reminder among the moments: one at a time, each plans the next one."""
    work = case.work
    day = shown_day(work, supervision.due)
    at = datetime.combine(day, REMINDERS_AT, work.settings.desk.zone)
    if at <= work.now:
        day = work.rules.calendar.next_working(work.today, include=False)
        at = datetime.combine(day, REMINDERS_AT, work.settings.desk.zone)
    key = f"supervision/{case.row.id}/{supervision.number}/{day}"
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
        # Not hung on the ticket: its moments are those of the procedure's limits, see Case.settle.
        data = {"ticket": case.row.id, "number": supervision.number}
        work.session.add(Moment(key=key, due_at=at, action=ACTION, data=data, state="pending"))


@dataclass(frozen=True)
class Due:
    """Somebody is to be told of a supervision now."""

    person: Person
    escalated: bool
    case: Case
    supervision: Supervision


def due_now(work: Work, moments: Sequence[Moment]) -> list[Due]:
    """Return who is to be told of what among these moments, record it, and plan the next reminders.

    After downtime several moments of one supervision may be due: they speak once.
    """
    found: list[Due] = []
    cases: dict[int, Case] = {}
    seen: set[tuple[int, int]] = set()
    for moment in (m for m in moments if m.action == ACTION):
        ticket, number = moment.data["ticket"], moment.data["number"]
        if (ticket, number) in seen:
            continue
        seen.add((ticket, number))
        case = cases.get(ticket) or Case(work, work.session.get_one(TicketRow, ticket))
        cases[ticket] = case
        supervision = next((s for s in owed(case) if s.number == number), None)
        if supervision is None:
            continue
        late = work.rules.calendar.between(shown_day(work, supervision.due), work.today)
        step = f"late+{late}" if late > 0 else "due"
        for person, escalated in _told(case, supervision, late=late > 0):
            reminded = el.SupervisionReminded(number, step, person.key)
            case.record(reminded, actor="desk", cause=f"moment:{moment.id}")
            found.append(Due(person, escalated, case, supervision))
        plan(case, supervision)
    return found


def _told(case: Case, supervision: Supervision, *, late: bool) -> list[tuple[Person, bool]]:
    """Return who is told: who owes it; once it is late, once, the supervisor too."""
    person, supervisor = owing(case, supervision), case.supervisor()
    told = [(person, False)] if person is not None else []
    before = [
        r.event
        for r in case.recorded
        if isinstance(r.event, el.SupervisionReminded) and r.event.number == supervision.number
    ]
    known = supervisor is None or any(x.to == supervisor.key and x.step != "due" for x in before)
    if late and supervisor is not None and not known and (person is None or supervisor.key != person.key):
        told.append((supervisor, True))
    return told


# --- lists ------------------------------------------------------------------------------------------


def open_cases(work: Work, known: Iterable[Case]) -> list[Case]:
    """Return every ticket on which a supervision is owed, finished ones too. `known`: those already read."""
    read = {case.row.id: case for case in known}
    set_, gone = el.Supervised.__name__, (el.ReportedBack.__name__, el.SupervisionEnded.__name__)
    # What was undone counts as open: a few too many are read, none is missed.
    more = func.sum(
        sql_case((EventRow.type == set_, 1), (EventRow.type == e.Undone.__name__, 1), else_=0)
    ) > func.sum(sql_case((EventRow.type.in_(gone), 1), else_=0))
    supervised = select(EventRow.ticket_id).where(EventRow.type == set_)
    query = (
        select(EventRow.ticket_id)
        .where(EventRow.ticket_id.in_(supervised), EventRow.type.in_((set_, *gone, e.Undone.__name__)))
        .group_by(EventRow.ticket_id)
        .having(more)
        .order_by(EventRow.ticket_id)
    )
    ids = list(work.session.scalars(query))
    missing = [ticket for ticket in ids if ticket not in read]
    recorded = ledger.load_many(work.session, missing)
    for ticket in missing:
        read[ticket] = Case(work, work.session.get_one(TicketRow, ticket), recorded[ticket])
    return [read[ticket] for ticket in ids if owed(read[ticket])]


def of_reader(work: Work, person: Person, known: Iterable[Case]) -> list[tuple[Case, Supervision]]:
    """Return the open supervisions this person owes, or supervises; earliest day first."""
    keys = work.acts_for(person)
    found = []
    for case in open_cases(work, known):
        if person.key in case.ticket.hidden:
            continue
        for supervision in owed(case):
            who = owing(case, supervision)
            if person.role is not Role.HANDLER or (who is not None and who.key in keys):
                found.append((case, supervision))
    return sorted(found, key=lambda pair: (pair[1].due, pair[0].row.id, pair[1].number))


def train_sentence(case: Case, train: Train, language: Language) -> str:
    """Say of a through-train when it was put to whom, and whether an answer came."""
    people, day = case.work.people, in_words(case.work.rules.day_of(train.at), language)
    leader, by = named(people.by_key(train.leader), language), named(people.by_key(train.by), language)
    words = " ".join(case.words(train.words).split())
    short = words if len(words) <= 2 * _SHORT else words[: 2 * _SHORT - 1] + "…"
    if language == "zh":
        answer = "已有批复" if train.answered_at is not None else "尚无批复"
        return f"{case.row.number} {day}{by}报{leader}：{short}（{answer}）"
    answer = "answered" if train.answered_at is not None else "no answer yet"
    return f"{case.row.number}, {day}, {by} to {leader}: {short} ({answer})"


def items(work: Work, person: Person, known: Iterable[Case], language: Language) -> tuple[ReminderItem, ...]:
    """Return what a worklist shows of supervisions."""
    return tuple(item(case, s, language) for case, s in of_reader(work, person, known))


def trains(cases: Iterable[Case], language: Language) -> tuple[str, ...]:
    """Return what a worklist shows of through-trains: those of tickets still open."""
    return tuple(
        train_sentence(case, train, language)
        for case in cases
        for train in supervisions.trains(case.recorded)
    )
