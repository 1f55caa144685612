"""Commands about no ticket: lists, help, people, waiting mails, taking back."""

from __future__ import annotations

from mail_desk.desk import (
    absences,
    authority,
    cancel,
    casebook,
    drilled,
    enterprises,
    exporting,
    mails,
    registering,
    searching,
    staff_test,
    staffing,
    strangers,
)
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.outbound import help_card
from mail_desk.tickets.commands import Command, Verb


def carry_out(work: Work, actor: Actor, command: Command) -> Outcome | None:
    """Carry out what is about no ticket; None: it is about one."""
    match command.verb:
        case Verb.HELP if staff_test.is_answer(actor):
            return staff_test.answer(work, actor)
        case Verb.HELP if told := help_card.about(command.words, actor.language):
            return Outcome(True, told)
        case Verb.HELP:
            return Outcome(True, actor.say("用法如下", "How it works"), help_card=True)
        case Verb.LIST if command.words.strip():
            return drilled.listing(work, actor, command)
        case Verb.LIST:
            return casebook.listing(work, actor)
        case Verb.ENTERPRISE if not command.ticket:
            return enterprises.command(work, actor, command)
        case Verb.SEARCH:
            return searching.search(work, actor, command)
        case Verb.EXPORT:
            return exporting.export(work, actor, command)
        case Verb.REGISTER:
            return registering.command(work, actor, command)
        case Verb.CONFIRM | Verb.DENY:
            return strangers.answered(work, actor, command)
        case Verb.ADOPT | Verb.REJECT | Verb.RELEASE if not command.argument and (
            command.ticket or (actor.letter is not None and actor.letter.ticket_id is not None)
        ):
            return None
        case Verb.LEAVE | Verb.BACK | Verb.PEOPLE | Verb.UNDO | Verb.ADOPT | Verb.REJECT | Verb.RELEASE:
            short = authority.short_of(actor, command, work) if actor.letter is not None else None
            return short or _changing(work, actor, command)
        case _:
            return None


def _changing(work: Work, actor: Actor, command: Command) -> Outcome:
    """Carry out what is about people or waiting mails; each of these asks for its letter itself."""
    match command.verb:
        case Verb.LEAVE | Verb.BACK:
            return absences.command(work, actor, command)
        case Verb.PEOPLE:
            return staffing.command(work, actor, command)
        case Verb.UNDO:
            return cancel.undo(work, actor)
        case _:
            return mails.waiting(work, actor, command)
