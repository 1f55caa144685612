"""What a mail is and where it stands: marking, completing, closing, reopening, merging, noting."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select

from mail_desk.desk import closed, completeness
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, date_words, in_words, state_name
from mail_desk.desk.post import kill_tokens
from mail_desk.desk.verb import simply
from mail_desk.store.schema import Message, Participant
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition

TOKENS_LIVE_AFTER_CLOSING = timedelta(days=30)


_KINDS = {
    "enquiry": ("标记为咨询", "Marked as an enquiry"),
    "correspondence": ("标记为公务来函", "Marked as official correspondence"),
    "advert": ("标记为广告或无关来信，已结案", "Marked as advert or not ours, and closed"),
    "other": ("标记为其他来信", "Marked as something else"),
}


def complaint(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    return simply(case, actor, e.Marked("complaint"), "标记为投诉", "Marked as a complaint")


def not_complaint(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    kind = command.argument or "other"
    outcome = simply(case, actor, e.Marked(kind), *_KINDS[kind])
    if kind == "advert" and case.transition("close") is not None:
        case.record(e.Closed(), actor=actor.person.key, cause=actor.cause)
        outcome.after = state_name(case, actor.language)
    return outcome


def complete(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    ticket = case.ticket
    at = completeness.completed_at(case)
    if command.argument:
        day = datetime.fromisoformat(command.argument).date()
        since = ticket.requested_at if ticket.state == "awaiting-materials" else ticket.received_at
        if day > case.work.today or (since is not None and day < case.work.rules.day_of(since)):
            return Outcome(
                False,
                actor.say(
                    "日期须在收件（或者发出补正通知）之后、今天以前。",
                    "The day must lie between the arrival (or the request of materials) and today.",
                ),
            )
        noon = datetime.combine(day, time(12), case.work.settings.desk.zone)
        at = min(max(noon, since) if since is not None else noon, case.work.now)
    outcome = simply(case, actor, e.Completed(), "材料齐备", "Materials complete", at=at)
    by = date_words(case, "decide", actor.language)
    day = case.work.rules.day_of(at)
    outcome.what += actor.say(
        f"（自{in_words(day, 'zh')}起算，{by}前决定是否受理）",
        f" (as of {in_words(day, 'en')}; decide by {by})",
    )
    return outcome


def note(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    noted = e.Noted(case.keep(command.words), actor.message.id)
    return simply(
        case, actor, noted, "已存为内部备注，不会发给来信人", "Filed as an internal note; not sent to anybody"
    )


def close(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    outcome = simply(case, actor, e.Closed(), "结案", "Closed")
    kill_tokens(case.work, case, at=case.work.now + TOKENS_LIVE_AFTER_CLOSING)
    return outcome


def reopen(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    kept = case.keep(command.words) if command.words else None
    back = e.Reopened(kept, transition.to or "examining")
    case.row.merged_into = None
    outcome = simply(case, actor, back, "重新办理", "Reopened")
    closed.revive_tokens(case)
    return outcome


def merge(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """File this ticket's mails on another one; each keeps its own arrival."""
    target = Case.by_number(case.work, command.argument)
    if target is None or target.row.id == case.row.id or actor.person.key in target.ticket.hidden:
        return Outcome(
            False, actor.say(f"没有编号{command.argument}的来信。", f"There is no ticket {command.argument}.")
        )
    before = state_name(case, actor.language)
    messages = list(case.work.session.scalars(select(Message).where(Message.ticket_id == case.row.id)))
    for message in messages:
        same = message.from_address == target.row.complainant_address
        organ = case.work.people.organ_of(message.from_address or "") is not None
        role = "complainant" if same else "organ" if organ else "unknown"
        target.record(
            e.FollowedUp(message.id, role, verified=same),
            actor=actor.person.key,
            cause=actor.cause,
            at=message.received_at,
        )
        message.ticket_id = target.row.id
        message.filed_as = "supplement"
    _participants_too(case, target)
    case.record(e.Merged(target.row.number), actor=actor.person.key, cause=actor.cause)
    case.row.merged_into = target.row.id
    target.settle()
    return Outcome(
        True,
        actor.say(
            f"并入{target.row.number}，来信日期保留",
            f"Merged into {target.row.number}; arrival dates are kept",
        ),
        before,
        state_name(case, actor.language),
    )


def _participants_too(case: Case, target: Case) -> None:
    """Whoever wrote to the merged ticket may go on writing to the other one."""
    session = case.work.session
    for old in session.scalars(select(Participant).where(Participant.ticket_id == case.row.id)):
        if session.get(Participant, (target.row.id, old.address)) is None:
            role = "agent" if old.role == "reply-to" else old.role
            session.add(Participant(ticket_id=target.row.id, address=old.address, name=old.name, role=role))
