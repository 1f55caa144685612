"""Decisions that may need a superior: declining, extending, concluding, transferring."""

from __future__ import annotations

from mail_desk.desk import decisions
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition


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
