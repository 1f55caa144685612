"""What each verb does to one ticket: events and letters, inside the command's savepoint.

Authority is checked before (`staff.py`), grammar long before (`tickets.commands`). A refusal is an
`Outcome` that says why and what would work; where it can, it offers the corrected command as a digit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy import select

from mail_desk.config import Person
from mail_desk.desk import decisions, notify, outward
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, date_words, in_words, state_name
from mail_desk.desk.post import kill_tokens
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.schema import LetterRow, Message, Participant
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command, Verb
from mail_desk.tickets.policy import Transition

TOKENS_LIVE_AFTER_CLOSING = timedelta(days=30)

Act = Callable[[Case, Command, Actor, Transition], Outcome]


def _simple(
    case: Case, actor: Actor, event: e.Event, zh: str, en: str, at: datetime | None = None
) -> Outcome:
    before = state_name(case, actor.language)
    case.record(event, actor=actor.person.key, cause=actor.cause, at=at)
    return Outcome(True, actor.say(zh, en), before, state_name(case, actor.language))


def complaint(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    return _simple(case, actor, e.Marked("complaint"), "标记为投诉", "Marked as a complaint")


_KINDS = {
    "enquiry": ("标记为咨询", "Marked as an enquiry"),
    "correspondence": ("标记为公务来函", "Marked as official correspondence"),
    "advert": ("标记为广告或无关来信，已结案", "Marked as advert or not ours, and closed"),
    "other": ("标记为其他来信", "Marked as something else"),
}


def not_complaint(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    kind = command.argument or "other"
    outcome = _simple(case, actor, e.Marked(kind), *_KINDS[kind])
    if kind == "advert" and case.transition("close") is not None:
        case.record(e.Closed(), actor=actor.person.key, cause=actor.cause)
        outcome.after = state_name(case, actor.language)
    return outcome


def accept(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    before = state_name(case, actor.language)
    if case.ticket.kind != "complaint":
        case.record(e.Marked("complaint"), actor=actor.person.key, cause=actor.cause)
    case.record(e.Accepted(), actor=actor.person.key, cause=actor.cause)
    letter = outward.to_sender(case, "accept", actor.why, words=command.words, notice=transition.notice)
    return Outcome(
        True,
        actor.say("予以受理", "Accepted"),
        before,
        state_name(case, actor.language),
        letters=outward.previews([letter]),
    )


def request(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    if case.ticket.requested and "materials-request" in case.ticket.served:
        number = case.row.number
        return Outcome(
            False,
            actor.say(
                "补正通知依法只发一次（第十三条），已经发过。如需再联系，可用答复。",
                "The law allows one request of materials (Art. 13) and it has been sent. A reply is possible.",
            ),
            offers=[
                (
                    f"#{number} reply {command.words}",
                    "作为一般答复发出",
                    "Send it as an ordinary reply",
                    False,
                )
            ],
        )
    before = state_name(case, actor.language)
    case.record(e.MaterialsRequested(case.keep(command.words)), actor=actor.person.key, cause=actor.cause)
    letter = outward.to_sender(case, "request", actor.why, words=command.words, notice=transition.notice)
    return Outcome(
        True,
        actor.say(
            "要求补正（依法只发一次，请确认所缺材料已全部列明）",
            "Materials requested (the law allows this once: be sure the list is whole)",
        ),
        before,
        state_name(case, actor.language),
        letters=outward.previews([letter]),
    )


def complete(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    ticket = case.ticket
    at = ticket.supplemented_at or ticket.received_at or case.work.now
    if command.argument:
        day = datetime.fromisoformat(command.argument).date()
        if day > case.work.today or (ticket.received_at and day < case.work.rules.day_of(ticket.received_at)):
            return Outcome(
                False,
                actor.say("日期须在收件之后、今天以前。", "The day must lie between the arrival and today."),
            )
        noon = datetime.combine(day, time(12), case.work.settings.desk.zone)
        at = min(noon, case.work.now)
    outcome = _simple(case, actor, e.Completed(), "材料齐备", "Materials complete", at=at)
    by = date_words(case, "decide", actor.language)
    day = case.work.rules.day_of(at)
    outcome.what += actor.say(
        f"（自{in_words(day, 'zh')}起算，{by}前决定是否受理）",
        f" (as of {in_words(day, 'en')}; decide by {by})",
    )
    return outcome


def reply(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    before = state_name(case, actor.language)
    case.record(e.Replied(case.keep(command.words)), actor=actor.person.key, cause=actor.cause)
    letter = outward.to_sender(case, "reply", actor.why, words=command.words)
    return Outcome(
        True,
        actor.say("答复来信人", "Answer to the sender"),
        before,
        state_name(case, actor.language),
        letters=outward.previews([letter]),
    )


def note(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    noted = e.Noted(case.keep(command.words), actor.message.id)
    return _simple(
        case, actor, noted, "已存为内部备注，不会发给来信人", "Filed as an internal note; not sent to anybody"
    )


def _person(case: Case, wanted: str) -> Person | None:
    folded = wanted.strip().casefold()
    for person in case.work.people.person:
        names = (person.key, person.name, person.name_en, *person.aliases, *person.addresses)
        if folded and folded in {n.casefold() for n in names if n}:
            return person
    return None


def assign(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    person = _person(case, command.argument)
    if person is None or person.key in case.ticket.hidden:
        others = [p for p in case.work.people.person if p.key not in case.ticket.hidden]
        names = "、".join(f"{p.name}({p.key})" for p in others)
        return Outcome(
            False,
            actor.say(
                f"不能转给“{command.argument}”。可转给：{names}",
                f"Cannot assign to “{command.argument}”. Possible: {names}",
            ),
        )
    if person.key == case.ticket.handler:
        return Outcome(False, actor.say("已由其办理。", "That person handles it already."))
    before = case.handler.name if case.handler is not None else ""
    old = case.ticket.handler
    case.record(
        e.Assigned(person.key, actor.say("转办", "assigned")), actor=actor.person.key, cause=actor.cause
    )
    if old and old != actor.person.key:
        kill_tokens(case.work, case, at=case.work.now, person=old)
    opening = _opening(case)
    if opening is not None:
        notify.new_ticket(
            case,
            person,
            actor.why,
            message=opening,
            mail=None,
            words=opening.new_text or "",
            because=actor.say("转办", "assigned"),
            by=actor.person.name,
            warnings=[command.words] if command.words else [],
        )
    return Outcome(
        True,
        actor.say(f"转办给{person.name}", f"Assigned to {person.name_en or person.name}"),
        before,
        person.name,
    )


def _opening(case: Case) -> Message | None:
    query = select(Message).where(Message.ticket_id == case.row.id).order_by(Message.received_at, Message.id)
    return case.work.session.scalars(query.limit(1)).first()


def extend(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    days = int(command.argument or 0)
    limit = case.procedure.limit("conclude")
    if days < 1 or (limit.extension_cap and days > limit.extension_cap):
        return Outcome(
            False,
            actor.say(
                f"延期天数须为1至{limit.extension_cap or 365}个工作日。例：#延期 20 需多部门会商",
                f"Give 1 to {limit.extension_cap or 365} working days, e.g.: #extend 20 several organs involved",
            ),
        )
    return decisions.decide(case, actor, transition, words=command.words, days=days)


def _with_ground(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    """Decline and conclude name one of the procedure's grounds."""
    ground = case.procedure.ground(command.argument, transition.verb) if command.argument else None
    if ground is None:
        grounds = [g for g in case.procedure.grounds if g.verb == transition.verb]
        number, words = case.row.number, command.words
        return Outcome(
            False,
            actor.say(
                "请选择理由（回复数字即可，您写的内容已保留）：",
                "Choose the ground (a digit is enough, your words are kept):",
            ),
            offers=[
                (f"#{number} {transition.verb} {g.number} {words}", g.text_zh, g.text_en, not words)
                for g in grounds
            ],
        )
    if transition.needs_words and not command.words.strip():
        return Outcome(
            False,
            actor.say("请在理由之后写明说明，例：", "Add the explanation behind the ground, e.g.: ")
            + f"#{transition.verb} {ground.number} …",
        )
    return decisions.decide(case, actor, transition, words=command.words, ground=ground.key)


def transfer(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    if not command.argument:
        return Outcome(
            False,
            actor.say(
                "请写明移送给哪个机关，例：#移送 市市场监管局 理由",
                "Name the body, e.g.: #transfer Market Supervision Bureau why",
            ),
        )
    return decisions.decide(case, actor, transition, words=command.words, body=command.argument)


def approve(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    return decisions.answer(case, actor, approved=True, words=command.words)


def refuse(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    return decisions.answer(case, actor, approved=False, words=command.words)


def close(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    owed = next((d for d in case.running if case.procedure.limit(d.limit).key == "result"), None)
    if owed is not None:
        return Outcome(
            False,
            actor.say(
                "处理结果通知书尚未送出，送出后才能结案。",
                "The notice of the result has not left yet; close the ticket after it has.",
            ),
        )
    outcome = _simple(case, actor, e.Closed(), "结案", "Closed")
    kill_tokens(case.work, case, at=case.work.now + TOKENS_LIVE_AFTER_CLOSING)
    return outcome


def reopen(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    kept = case.keep(command.words) if command.words else None
    back = e.Reopened(kept, transition.to or "examining")
    case.row.merged_into = None
    outcome = _simple(case, actor, back, "重新办理", "Reopened")
    for row in case.work.session.scalars(select(LetterRow).where(LetterRow.ticket_id == case.row.id)):
        if row.tag_dead_at is not None and row.tag_dead_at > case.work.now:
            row.tag_dead_at = None
    return outcome


def ask(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    folded = command.argument.strip().casefold()
    organ = next(
        (
            o
            for o in case.work.people.organ
            if folded
            and folded in {o.key.casefold(), o.name.casefold(), o.name_en.casefold()}
            and o.addresses
        ),
        None,
    )
    if organ is None:
        names = "、".join(o.name for o in case.work.people.organ if o.addresses)
        return Outcome(
            False,
            actor.say(
                f"没有名为“{command.argument}”的机关。可征询：{names}",
                f"No organ “{command.argument}”. Known: {names}",
            ),
        )
    row, answer_by = outward.to_organ(case, organ, command.words, actor.why)
    case.record(e.Asked(organ.key, case.keep(command.words)), actor=actor.person.key, cause=actor.cause)
    return Outcome(
        True,
        actor.say(
            f"征询{organ.name}（请其{in_words(answer_by, 'zh')}前答复）",
            f"Asked {organ.name_en or organ.name} (answer wished by {in_words(answer_by, 'en')})",
        ),
        letters=outward.previews([row]),
    )


def instruct(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    case.record(e.Instructed(case.keep(command.words)), actor=actor.person.key, cause=actor.cause)
    notify.instruction(case, actor.why, by=actor.person, words=command.words)
    return Outcome(
        True, actor.say("批示已转经办人和负责人", "Your instruction went to the handler and the supervisor")
    )


def read(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    case.record(e.Read(), actor=actor.person.key, cause=actor.cause)
    return Outcome(True, actor.say("已阅", "Marked as read"))


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
        role = "complainant" if same else "unknown"
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


_BY_HAND = {
    "acceptance": "accept",
    "materials-request": "request",
    "refusal": "decline",
    "result": "conclude",
}


def served(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Record what a letter written in the webmail fulfilled. Sends nothing."""
    by_hand = _hand_letter(case, actor)
    if by_hand is None:
        return Outcome(
            False, actor.say("没有找到对应的人工回信。", "There is no letter written by hand to refer to.")
        )
    if command.argument == "reply":
        replied = e.Replied(case.keep(by_hand.new_text or ""))
        return _simple(
            case, actor, replied, "记为一般答复", "Recorded as an ordinary answer", at=by_hand.received_at
        )
    verb = _BY_HAND.get(command.argument, "")
    before = state_name(case, actor.language)
    transition = case.transition(verb) if verb else None
    if transition is not None:
        if not decisions.approves_itself(actor, transition):
            return Outcome(False, actor.say("该决定须先报批。", "This decision needs approval first."))
        if verb == "accept":
            case.record(e.Marked("complaint"), actor=actor.person.key, cause=actor.cause)
            case.record(e.Accepted(), actor=actor.person.key, cause=actor.cause, at=by_hand.received_at)
        elif verb == "request":
            kept = case.keep(by_hand.new_text or "")
            case.record(
                e.MaterialsRequested(kept), actor=actor.person.key, cause=actor.cause, at=by_hand.received_at
            )
        else:
            return Outcome(
                False,
                actor.say("请先作出决定，再登记送达。", "Take the decision first, then record its service."),
            )
    case.record(
        e.NoticeServed(command.argument, 0), actor=actor.person.key, cause=actor.cause, at=by_hand.received_at
    )
    return Outcome(
        True,
        actor.say("已登记送达（人工回信）", "Recorded as served by the letter written by hand"),
        before,
        state_name(case, actor.language),
    )


def _hand_letter(case: Case, actor: Actor) -> Message | None:
    letter = actor.letter
    if letter is not None and letter.kind == LetterKind.SENT_BY_HAND.value and letter.cause:
        return case.work.session.get(Message, int(letter.cause.removeprefix("message:")))
    query = select(Message).where(Message.ticket_id == case.row.id, Message.filed_as == "by-hand")
    return case.work.session.scalars(query.order_by(Message.id.desc()).limit(1)).first()


TABLE: dict[Verb, Act] = {
    Verb.COMPLAINT: complaint,
    Verb.NOT_COMPLAINT: not_complaint,
    Verb.ACCEPT: accept,
    Verb.DECLINE: _with_ground,
    Verb.REQUEST: request,
    Verb.COMPLETE: complete,
    Verb.REPLY: reply,
    Verb.NOTE: note,
    Verb.ASSIGN: assign,
    Verb.EXTEND: extend,
    Verb.APPROVE: approve,
    Verb.REFUSE: refuse,
    Verb.CONCLUDE: _with_ground,
    Verb.CLOSE: close,
    Verb.REOPEN: reopen,
    Verb.TRANSFER: transfer,
    Verb.ASK: ask,
    Verb.INSTRUCT: instruct,
    Verb.READ: read,
    Verb.MERGE: merge,
    Verb.SERVED: served,
}
