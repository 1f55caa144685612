"""Decisions that may need a superior: declining, extending, concluding, transferring."""

from __future__ import annotations

from mail_desk.desk import decisions, evidence, extensions, inactivity
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition


def extend(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    days = int(command.argument or 0)
    refusal = extensions.refusal(case, actor, days)
    if refusal is not None:
        return refusal
    return decisions.decide(case, actor, transition, words=command.words, days=days)


def with_ground(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
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
    too_early = inactivity.refusal(case, actor, ground) if transition.verb == "conclude" else None
    if too_early is not None:
        return too_early
    named, words = evidence.reference(command.words) if ground.cites else ("", command.words)
    if transition.needs_words and not words.strip():
        return Outcome(
            False,
            actor.say("请在理由之后写明说明，例：", "Add the explanation behind the ground, e.g.: ")
            + f"#{transition.verb} {ground.number} …",
        )
    said = ""
    if ground.cites:
        number = case.row.number
        found = evidence.find(
            case,
            actor,
            named,
            words,
            command=lambda mail: f"#{number} {transition.verb} {ground.number} {mail} {words}",
        )
        if isinstance(found, Outcome):
            return found
        case.record(e.Cited(found.message.id, ground.key), actor=actor.person.key, cause=actor.cause)
        mail = found.said(case, actor.language)
        said = actor.say(f"（依据{mail}）", f" (by {mail})")
    outcome = decisions.decide(case, actor, transition, words=words, ground=ground.key)
    outcome.what += said
    return outcome


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
    if extensions.lapse(case):
        return extensions.lapsed_answer(actor)
    stopped = inactivity.refusal_of_proposal(case, actor)
    if stopped is not None:
        return stopped
    return decisions.answer(case, actor, approved=True, words=command.words)


def refuse(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    return decisions.answer(case, actor, approved=False, words=command.words)
