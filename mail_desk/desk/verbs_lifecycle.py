"""Withdrawing, suspending and resuming, and the report after a year (Order 3 of 2020, Art. 20 and 21)."""

from __future__ import annotations

from mail_desk.desk import decisions, evidence, outward, withdrawing
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words, state_name
from mail_desk.desk.verb import simply
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition

WITHDRAWN = "withdrawn"  # the ground of a conclusion


def withdraw(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    """End a complaint its complainant took back in writing: it cites the mail that says so."""
    number = case.row.number
    found = evidence.find(
        case,
        actor,
        command.argument,
        command.words,
        command=lambda mail: f"#{number} withdraw {mail} {command.words}".strip(),
    )
    if isinstance(found, Outcome):
        return found
    unconfirmed = withdrawing.refusal(case, actor, found.message)
    if unconfirmed is not None:
        return unconfirmed
    ground = case.procedure.ground(WITHDRAWN, "conclude")
    conclude = case.transition("conclude")
    if ground is not None and conclude is not None:
        return _concluded(case, actor, found, conclude)
    before = state_name(case, actor.language)
    if not case.ticket.kind:
        case.record(e.Marked("complaint"), actor=actor.person.key, cause=actor.cause)
    case.record(e.Cited(found.message.id, ""), actor=actor.person.key, cause=actor.cause)
    withdrawn = e.Withdrawn(case.keep(found.words))
    case.record(withdrawn, actor=actor.person.key, cause=actor.cause)
    letter = outward.to_sender(case, "withdraw", actor.why, words=found.words, notice=transition.notice)
    said = found.said(case, actor.language)
    return Outcome(
        True,
        actor.say(f"撤诉（依据{said}）", f"Withdrawn, by {said}"),
        before,
        state_name(case, actor.language),
        letters=outward.previews([letter]),
    )


def _concluded(case: Case, actor: Actor, found: evidence.Evidence, conclude: Transition) -> Outcome:
    """After acceptance a withdrawal is a ground of conclusion: approved and notified like any other."""
    day = case.work.rules.day_of(found.message.received_at)
    words = found.words or (
        f"我们于{in_words(day, 'zh')}收到您书面撤回投诉的来信，该投诉据此办结。"
        if case.row.language != "en"
        else f"On {in_words(day, 'en')} we received your letter withdrawing the complaint; it is concluded for that reason."
    )
    case.record(e.Cited(found.message.id, WITHDRAWN), actor=actor.person.key, cause=actor.cause)
    outcome = decisions.decide(case, actor, conclude, words=words, ground=WITHDRAWN)
    said = found.said(case, actor.language)
    outcome.what += actor.say(f"（依据{said}）", f" (by {said})")
    return outcome


def suspend(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    return decisions.decide(case, actor, transition, words=command.words)


def resume(case: Case, command: Command, actor: Actor, transition: Transition) -> Outcome:
    before = state_name(case, actor.language)
    resumed = e.Resumed(case.keep(command.words))
    case.record(resumed, actor=actor.person.key, cause=actor.cause)
    letter = outward.to_sender(case, "resume", actor.why, words=command.words, notice=transition.notice)
    return Outcome(
        True,
        actor.say("恢复办理，期限继续计算", "Resumed; the clock runs again"),
        before,
        state_name(case, actor.language),
        letters=outward.previews([letter]),
    )


def report(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    reported = e.Reported(case.keep(command.words))
    return simply(
        case, actor, reported, "已登记：已向本级人民政府报告", "Recorded: reported to the government"
    )
