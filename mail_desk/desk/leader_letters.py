"""Letters between leaders and who works for them: instruction, supervision, report back, through-train."""

from __future__ import annotations

from sqlalchemy import select

from mail_desk.config import Language, Person
from mail_desk.desk import casebook, choices, notify, supervising
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, in_words
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.outbound.letters import (
    Choice,
    InstructionContext,
    LetterKind,
    ReportBackContext,
    ThroughTrainContext,
)
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets import events_leaders as el
from mail_desk.tickets.supervisions import Supervision
from mail_desk.tickets.ticket import live

_SHORT = 600  # characters of the complaint that a leader is shown
_DONE = 8  # latest steps that a leader is shown

# What a leader may want to know of what was done: steps towards the complainant and decisions.
_STEPS = (
    e.Marked, e.MaterialsRequested, e.Completed, e.Accepted, e.Declined, e.Extended, e.Suspended, e.Resumed,
    e.Concluded, e.Transferred, e.Replied, e.Noted, e.Asked, e.Proposed, el.Supervised, el.ReportedBack,
)  # fmt: skip


def _readers(case: Case, *, but: set[str], and_: Person | None = None) -> list[Person]:
    """Return who has to act and who supervises, without those who know already."""
    told = {p.key: p for p in notify.watchers(case)}
    for person in (case.supervisor(), and_):
        if person is not None:
            told.setdefault(person.key, person)
    return [p for p in told.values() if p.key not in but and p.key not in case.ticket.hidden]


def direction(
    case: Case,
    why: Cause,
    *,
    leader: Person,
    by: Person,
    words: str,
    supervision: Supervision | None = None,
) -> None:
    """Pass a leader's words on to who has to act, and to the supervisor. `by`: who put them on record."""
    owing = supervising.owing(case, supervision) if supervision is not None else None
    for person in _readers(case, but={leader.key, by.key}, and_=owing):
        to = to_person(case.work, person)
        context = InstructionContext(
            ticket=case.view(to.language),
            reader=to.name,
            by=supervising.named(leader, to.language),
            words=words,
            supervision=supervising.view(case, supervision, to.language) if supervision is not None else None,
            owes=supervising.named(owing, to.language),
            recorded_by="" if by.key == leader.key else supervising.named(by, to.language),
        )
        first = [supervising.report_step(case, supervision)] if supervision is not None else []
        steps = choices.with_first(case, person, to.language, first)
        post(case.work, LetterKind.INSTRUCTION, to, context, why, case=case, choices=steps)


def called_off(case: Case, why: Cause, supervision: Supervision, *, by: Person, words: str) -> None:
    """Tell who owed a report that none is owed any more."""
    leader = case.work.people.by_key(supervision.leader) or by
    for person in _readers(case, but={by.key}, and_=supervising.owing(case, supervision)):
        to = to_person(case.work, person)
        context = InstructionContext(
            ticket=case.view(to.language),
            reader=to.name,
            by=supervising.named(leader, to.language),
            words=words or case.words(supervision.words),
            supervision=supervising.view(case, supervision, to.language),
            ended=True,
        )
        steps = choices.next_steps(case, person, to.language)
        post(case.work, LetterKind.INSTRUCTION, to, context, why, case=case, choices=steps)


def report_back(case: Case, actor: Actor, supervision: Supervision, *, words: str) -> None:
    """Report to the leader who set a date: asked for by that day, so it does not wait for the weekly letter."""
    leader = case.work.people.by_key(supervision.leader)
    if leader is None:
        return
    to = to_person(case.work, leader)
    number = case.row.number
    offered = choices.numbered(
        [
            (f"#{number} read", "阅", "Read", False),
            (f"#{number} instruct", "继续批示（写下意见）", "Instruct further (write it)", True),
            (
                f"#{number} supervise",
                "继续督办（写要求和期限，例如“周五前报我”）",
                "Supervise further (what, and by when, e.g. “by Friday”)",
                True,
            ),
        ],
        to.language,
    )
    context = ReportBackContext(
        ticket=case.view(to.language),
        reader=to.name,
        by=supervising.named(actor.person, to.language),
        words=words,
        asked=case.words(supervision.words),
        asked_on=case.work.rules.day_of(supervision.set_at),
        due_on=supervising.shown_day(case.work, supervision.due),
        late=supervision.due < case.work.today,
    )
    post(case.work, LetterKind.REPORT_BACK, to, context, actor.why, case=case, choices=offered)


# --- through-train ----------------------------------------------------------------------------------


def through_train(case: Case, actor: Actor, leader: Person, *, summary: str) -> None:
    """Put a difficulty to its leader, with a copy to the supervisor; it never waits for the weekly letter."""
    supervisor = case.supervisor()
    readers = [leader]
    if supervisor is not None and supervisor.key not in (actor.person.key, leader.key):
        readers.append(supervisor)
    for person in readers:
        to = to_person(case.work, person)
        context = ThroughTrainContext(
            ticket=case.view(to.language),
            reader=to.name,
            by=supervising.named(actor.person, to.language),
            leader=supervising.named(leader, to.language),
            summary=summary,
            words=_complaint(case),
            done=_done(case, to.language),
            copy=person.key != leader.key,
        )
        steps = (
            _leader_steps(case, to.language)
            if person is leader
            else choices.next_steps(case, person, to.language)
        )
        post(case.work, LetterKind.THROUGH_TRAIN, to, context, actor.why, case=case, choices=steps)


def _leader_steps(case: Case, language: Language) -> tuple[Choice, ...]:
    number = case.row.number
    return choices.numbered(
        [
            (f"#{number} read", "阅", "Read", False),
            (f"#{number} instruct", "批示（写下意见）", "Instruct (write it)", True),
            (
                f"#{number} supervise",
                "督办（写要求和期限，例如“月底前报我”）",
                "Supervise (what, and by when, e.g. “by 30 Nov”)",
                True,
            ),
            (
                f"#{number} instruct {'请补充说明有关情况' if language == 'zh' else 'Please tell me more about this'}",
                "请经办人补充情况",
                "Ask the handler for more",
                False,
            ),
        ],
        language,
    )


def _complaint(case: Case) -> str:
    """Return the beginning of the mail that opened the ticket."""
    query = select(Message).where(Message.ticket_id == case.row.id).order_by(Message.received_at, Message.id)
    opening = case.work.session.scalars(query.limit(1)).first()
    words = (opening.new_text or "").strip() if opening is not None else ""
    return words if len(words) <= _SHORT else words[: _SHORT - 1].rstrip() + "…"


def _done(case: Case, language: Language) -> tuple[str, ...]:
    """Say what was done, the latest steps."""
    found = []
    for r in live(case.recorded):
        if not isinstance(r.event, _STEPS):
            continue
        words = " ".join(case.words(getattr(r.event, "words", None)).split())
        short = words if len(words) <= 80 else words[:79] + "…"
        day, name = (
            in_words(case.work.rules.day_of(r.at), language),
            casebook.name_of(r.event, zh=language == "zh"),
        )
        mark = "：" if language == "zh" else ": "
        found.append(f"{day} {name}{mark + short if short else ''}")
    return tuple(found[-_DONE:])
