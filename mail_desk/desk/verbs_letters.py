"""Verbs that write to the outside, and what a letter written by hand fulfilled."""

from __future__ import annotations

from sqlalchemy import select

from mail_desk.desk import choices, decisions, materials, outward, serving
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, state_name
from mail_desk.desk.post import to_complainant
from mail_desk.desk.verb import simply
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets import spoken_ways
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition


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
    words = materials.spelled_out(case, command.words, to_complainant(case).language)
    if not isinstance(words, str):
        return _no_such_material(case, actor, words)
    before = state_name(case, actor.language)
    case.record(e.MaterialsRequested(case.keep(words)), actor=actor.person.key, cause=actor.cause)
    letter = outward.to_sender(case, "request", actor.why, words=words, notice=transition.notice)
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


def _no_such_material(case: Case, actor: Actor, numbers: tuple[int, ...]) -> Outcome:
    """Refuse numbers the list does not have, with the list."""
    listed = "\n".join(f"{n} = {text}" for n, text in materials.checklist(case, actor.language))
    wrong = "、".join(map(str, numbers)) if actor.language == "zh" else ", ".join(map(str, numbers))
    return Outcome(
        False,
        actor.say(
            f"没有第{wrong}项，未发出。可写的编号，例：#补正 1、4\n{listed}",
            f"There is no item {wrong}, so nothing was sent. The numbers, e.g. #request 1, 4:\n{listed}",
        ),
    )


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


_BY_HAND = {
    "acceptance": "accept",
    "materials-request": "request",
    "refusal": "decline",
    "result": "conclude",
}


def served(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Record what a letter written in the webmail fulfilled, or delivery by other means. Sends nothing."""
    said = spoken_ways.delivery(command.words, case.work.today)
    if said is not None and command.argument != "reply":
        if said.day > case.work.today:
            return Outcome(False, actor.say("日期还没有到。", "That day has not come yet."))
        at = serving.noon(case, said.day)
        return serving.delivered(case, actor, command.argument, said.way, (at, said.words))
    if command.words.strip():
        return Outcome(
            False,
            actor.say(
                "看不懂送达方式，请写邮寄、当面或者电话，再写日期，例：#送达 受理通知 邮寄 11月20日",
                "Say how: post, hand or phone, then the day, e.g.: #served acceptance post 20 Nov",
            ),
        )
    by_hand = _hand_letter(case, actor)
    if by_hand is None:
        return Outcome(
            False,
            actor.say(
                "没有找到对应的人工回信。邮寄、当面或者电话送达的，请写明，例：#送达 受理通知 邮寄 11月20日",
                "There is no letter written by hand to refer to. If it was served by post, by hand or by telephone, "
                "say so, e.g.: #served acceptance post 20 Nov",
            ),
            offers=[] if command.argument == "reply" else choices.delivery(case, command.argument),
        )
    if command.argument == "reply":
        replied = e.Replied(case.keep(by_hand.new_text or ""))
        return simply(
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
