"""Closing for want of an answer (Order 3, Art. 20 (6)): counted, announced, offered; never done by the desk.

The handler says of an answer that it asks the complainant to take part (`await`). The days run from the day that letter
left. Some days before their end the complainant is told by a letter which names the last day, the ground, and that any
answer stops it. After that day the handler is offered the conclusion by one digit, with the letters as evidence; a
superior approves as always. A conclusion on that ground without a served announcement is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from mail_desk.config import Language
from mail_desk.desk import choices, contact, notify
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.post import Cause, post, to_complainant, to_person
from mail_desk.desk.progressing import FORETOLD, ByItself, plan_once
from mail_desk.desk.verb import simply
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import InactivityContext, LetterKind, NoParticipationContext
from mail_desk.outbound.wording import untagged
from mail_desk.schedule import silence
from mail_desk.schedule.silence import Wait
from mail_desk.store.schema import EventRow, LetterRow, LetterState, Moment, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Ground, Inactivity, Transition
from mail_desk.tickets.ticket import live

ANNOUNCE, OVER = "inactivity-announce", "inactivity-over"
_ASKING = (LetterKind.REPLY.value, LetterKind.PROGRESS.value)


@dataclass(frozen=True)
class Standing:
    """Where the days stand, as far as letters really arrived."""

    rule: Inactivity
    wait: Wait
    asked_on: date
    announce_on: date
    announced_on: date | None  # the day the announcement left, if it did not come back
    last_day: date | None  # on which an answer is in time; None before the announcement


def standing(case: Case) -> Standing | None:
    """Return where the days stand, None where nothing is counted."""
    rule, wait = case.procedure.inactivity, silence.waiting(case.recorded)
    if rule is None or wait is None or not contact.going_on(case) or contact.suspended(case):
        return None
    asked_on = _arrived_on(case, wait.letter)
    if asked_on is None:
        return None
    calendar = case.work.rules.calendar
    announced_on = _arrived_on(case, wait.announced.letter) if wait.announced is not None else None
    last_day = None
    if wait.announced is not None and announced_on is not None:
        told = date.fromisoformat(wait.announced.last_day)
        last_day = max(told, silence.last_day(rule, asked_on, announced_on, calendar))
    return Standing(
        rule, wait, asked_on, silence.announce_on(rule, asked_on, calendar), announced_on, last_day
    )


def _arrived_on(case: Case, letter_id: int) -> date | None:
    """Return the day SMTP accepted a letter, None where it has not, or it came back."""
    letter = case.work.session.get(LetterRow, letter_id)
    if letter is None or letter.sent_at is None or letter.state != LetterState.SENT or _came_back(letter):
        return None
    return case.work.rules.day_of(letter.sent_at)


def _came_back(letter: LetterRow) -> bool:
    return letter.state == LetterState.FAILED or (letter.last_reply or "").startswith("bounced")


# --- the handler ----------------------------------------------------------------------------------


def _last_asking(case: Case) -> LetterRow | None:
    """Return the handler's last answer to the complainant, if nothing has come from it since."""
    query = select(LetterRow).where(
        LetterRow.ticket_id == case.row.id,
        LetterRow.kind.in_(_ASKING),
        LetterRow.state.not_in((LetterState.CANCELLED, LetterState.FAILED)),
    )
    letter = case.work.session.scalars(query.order_by(LetterRow.id.desc()).limit(1)).first()
    heard = case.ticket.last_mail_at
    if letter is None or _came_back(letter) or (heard is not None and heard >= letter.created_at):
        return None
    return letter


def wait_for(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Record that the last answer asks the complainant to take part: from its service the days count."""
    rule, letter = case.procedure.inactivity, _last_asking(case)
    if rule is None:
        return Outcome(
            False, actor.say("本程序没有这一办结理由。", "This procedure knows no such ground of conclusion.")
        )
    if letter is None:
        number = case.row.number
        return Outcome(
            False,
            actor.say(
                "未办理：没有可以等候回音的去信。请先答复投诉人，请其说明情况。",
                "Not done: there is no letter to wait for an answer to. Write to the complainant first and ask.",
            ),
            offers=[(f"#{number} reply", "答复来信人（写下问题）", "Write to the complainant (ask)", True)],
        )
    wait = silence.waiting(case.recorded)
    if wait is not None and wait.letter == letter.id and standing(case) is not None:
        return Outcome(
            False, actor.say("已在等候这封信的回音。", "An answer to that letter is waited for already.")
        )
    return simply(
        case,
        actor,
        ec.Awaited(letter.id),
        f"等候回音：自这封信送出起{rule.days}日，期满前{rule.announce}日系统书面告知投诉人；任何来信即停止计算",
        f"Waiting for an answer: {rule.days} days from the day that letter leaves; the complainant is told "
        f"{rule.announce} days before the end, and any mail of it stops the count",
    )


def refusal(case: Case, actor: Actor, ground: Ground) -> Outcome | None:
    """Refuse a conclusion on this ground that was not announced in time; say how to announce it."""
    rule = case.procedure.inactivity
    if rule is None or ground.key != rule.ground:
        return None
    found = standing(case)
    if found is not None and found.last_day is not None and case.work.today > found.last_day:
        return None
    number = case.row.number
    if found is None:
        stopped = silence.stopped(case.recorded)
        zh = "投诉人已经来信，期间停止计算。" if stopped else "还没有请投诉人回音的去信。"
        en = "the complainant has written since. " if stopped else "no letter has asked it for an answer. "
        offers = []
        if _last_asking(case) is not None:
            offers = [
                (f"#{number} await", "上一封答复即请对方回音", "The last answer asked for a reply", False)
            ]
        return Outcome(
            False,
            actor.say(
                f"未办理：{zh}这一理由须先答复投诉人请其回音，再写“#{number} 待答复”；满{rule.days}日、"
                f"并在期满{rule.announce}日以前书面告知后才能使用。",
                f"Not done: {en}This ground needs a letter that asks for an answer, then “#{number} await”; it holds "
                f"after {rule.days} days, announced in writing at least {rule.announce} days before.",
            ),
            offers=offers,
        )
    if found.last_day is None:
        day = max(found.announce_on, case.work.today)
        return Outcome(
            False,
            actor.say(
                f"未办理：尚未书面告知投诉人逾期的后果，或者告知没有送达。系统定于{in_words(day, 'zh')}自动告知，"
                f"告知送达{rule.announce}日以后才能使用这一理由；退信的，请重新答复并写“#{number} 待答复”。",
                f"Not done: the complainant has not been told yet what follows, or that letter did not arrive. The desk "
                f"writes it on {in_words(day, 'en')}; the ground holds {rule.announce} days after. If a letter came "
                f"back, write again, then “#{number} await”.",
            ),
        )
    return Outcome(
        False,
        actor.say(
            f"未办理：已告知投诉人{in_words(found.last_day, 'zh')}以前回音，过了这一天才能使用这一理由。",
            f"Not done: the complainant was told that an answer until {in_words(found.last_day, 'en')} is in time. "
            "The ground holds from the day after.",
        ),
    )


def refusal_of_proposal(case: Case, actor: Actor) -> Outcome | None:
    """Refuse to approve a conclusion on this ground where the complainant has written since it was proposed."""
    proposal = case.ticket.proposal
    ground = case.procedure.ground(proposal.ground, "conclude") if proposal and proposal.ground else None
    if proposal is None or proposal.verb != "conclude" or ground is None:
        return None
    return refusal(case, actor, ground)


# --- by itself ------------------------------------------------------------------------------------


def _waited_for(work: Work) -> list[Case]:
    named = select(EventRow.ticket_id).where(EventRow.type == ec.Awaited.__name__)
    query = select(TicketRow).where(TicketRow.id.in_(named), TicketRow.closed_at.is_(None))
    return [Case(work, row) for row in work.session.scalars(query.order_by(TicketRow.id))]


def plan(work: Work) -> None:
    """Plan what is to be announced, or offered, this morning; idempotent."""
    if not work.rules.calendar.is_working(work.today):
        return
    for case in _waited_for(work):
        found = standing(case)
        if found is None:
            continue
        key = f"{case.row.id}/{found.wait.seq}"
        if found.wait.announced is None and found.announce_on <= work.today:
            plan_once(work, f"{ANNOUNCE}/{key}", ANNOUNCE, {"ticket": case.row.id})
        elif found.last_day is not None and found.last_day < work.today:
            plan_once(work, f"{OVER}/{key}", OVER, {"ticket": case.row.id})


def coming(work: Work, cases: Collection[Case], language: Language) -> list[ByItself]:
    """Return what will be announced within the next working days, for the handler's worklist."""
    until = work.rules.calendar.forward(work.today, FORETOLD)
    what = "逾期没有回音可能终结的告知" if language == "zh" else "closing for want of an answer is announced"
    rows = []
    for case in cases:
        found = standing(case)
        if found is not None and found.wait.announced is None and found.announce_on <= until:
            rows.append((max(found.announce_on, work.today), case.row.number, what))
    return rows


def announce(work: Work, moment: Moment) -> None:
    """Tell the complainant until when an answer is in time, if one is still waited for."""
    case = Case.by_id(work, moment.data["ticket"])
    found = standing(case)
    ground = case.procedure.ground(found.rule.ground, "conclude") if found is not None else None
    if found is None or ground is None or found.wait.announced is not None:
        return
    to = to_complainant(case)
    calendar = work.rules.calendar
    last_day = silence.last_day(found.rule, found.asked_on, work.today, calendar)
    context = InactivityContext(
        ticket=case.view(to.language),
        asked_on=found.asked_on,
        days=found.rule.days,
        last_day=last_day,
        provisional=not calendar.settled(last_day),
        ground=ground.text(to.language),
        basis=ground.basis(to.language),
        contact=contact.view(case, to.language),
    )
    why = Cause(f"moment:{moment.id}")
    letter = post(work, LetterKind.INACTIVITY, to, context, why, case=case)
    if letter is not None:
        announced = ec.InactivityAnnounced(letter.id, last_day.isoformat())
        case.record(announced, actor="desk", cause=why.cause)


def offer(work: Work, moment: Moment) -> None:
    """Offer the handler to conclude, with the letters that show why it may; nothing happens by itself."""
    case = Case.by_id(work, moment.data["ticket"])
    found = standing(case)
    ground = case.procedure.ground(found.rule.ground, "conclude") if found is not None else None
    if found is None or ground is None or found.last_day is None or found.announced_on is None:
        return
    number = case.row.number
    steps = [
        (
            f"#{number} conclude {ground.number} {_result(case, found)}",
            "按“不参加处理”办结（报批）",
            "Conclude on that ground (needs approval)",
            False,
        ),
        (f"#{number} reply", "再联系一次投诉人（写下内容）", "Write to the complainant once more", True),
        (f"#{number} note", "其他情况（写下来）", "Something else (write it)", True),
    ]
    for person in notify.watchers(case):
        to = to_person(work, person)
        context = NoParticipationContext(
            case.view(to.language), to.name, found.last_day, _evidence(case, to.language)
        )
        post(
            work,
            LetterKind.NO_PARTICIPATION,
            to,
            context,
            Cause(f"moment:{moment.id}"),
            case=case,
            choices=choices.numbered(steps, to.language),
            dedupe=f"{OVER}/{case.row.id}/{found.wait.seq}/{person.key}",
        )


def _result(case: Case, found: Standing) -> str:
    """Return the words of the result in the complainant's language: what was written when, and that nothing came."""
    announced, last_day = found.announced_on or found.asked_on, found.last_day or found.asked_on
    if case.row.language == "en":
        return (
            f"On {in_words(found.asked_on, 'en')} we asked you for an answer, and on {in_words(announced, 'en')} we told "
            f"you in writing what follows without one. Until {in_words(last_day, 'en')} we heard nothing."
        )
    return (
        f"我们于{in_words(found.asked_on, 'zh')}发信请您参加投诉处理，于{in_words(announced, 'zh')}书面告知逾期的后果，"
        f"截至{in_words(last_day, 'zh')}没有收到您的回音。"
    )


def _evidence(case: Case, language: Language) -> tuple[tuple[str, str, str], ...]:
    """Return the letters to the complainant since acceptance: when, which, to whom, whether they came back."""
    zh = language == "zh"
    query = select(LetterRow).where(
        LetterRow.ticket_id == case.row.id,
        LetterRow.audience == "enterprise",
        LetterRow.state.in_((LetterState.SENT, LetterState.FAILED)),
    )
    since = max((r.at for r in live(case.recorded) if isinstance(r.event, e.Accepted)), default=None)
    rows = []
    for letter in case.work.session.scalars(query.order_by(LetterRow.id)):
        if since is not None and letter.created_at < since:
            continue
        day = in_words(case.work.rules.day_of(letter.sent_at or letter.created_at), language)
        failed, good = ("退回：", "已送出：") if zh else ("came back from ", "accepted for ")
        served = (failed if _came_back(letter) else good) + letter.recipient
        rows.append((day, untagged(letter.subject), served))
    return tuple(rows)
