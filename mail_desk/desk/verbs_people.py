"""Who works on a ticket, and what leaders say of it."""

from __future__ import annotations

from sqlalchemy import select

from mail_desk.config import Person
from mail_desk.desk import notify, people_letters, relieving
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.post import kill_tokens
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition


def person_named(case: Case, wanted: str) -> Person | None:
    """Return whom staff mean by a key, a name or an address."""
    folded = wanted.strip().casefold()
    for person in case.work.people.person:
        names = (person.key, person.name, person.name_en, *person.aliases, *person.addresses)
        if folded and not person.retired and folded in {n.casefold() for n in names if n}:
            return person
    return None


def assign(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    person = person_named(case, command.argument)
    if person is None or person.key in case.ticket.hidden:
        others = [p for p in case.work.people.person if p.key not in case.ticket.hidden and not p.retired]
        names = actor.say(
            "、".join(f"{p.name}({p.key})" for p in others),
            ", ".join(f"{p.name_en or p.name} ({p.key})" for p in others),
        )
        return Outcome(
            False,
            actor.say(
                f"不能转给“{command.argument}”。可转给：{names}",
                f"Cannot assign to “{command.argument}”. Possible: {names}",
            ),
        )
    if person.key == case.ticket.handler:
        return Outcome(False, actor.say("已由其办理。", "That person handles it already."))
    was = case.handler
    before = "" if was is None else actor.say(was.name, was.name_en or was.name)
    old = case.ticket.handler
    case.record(
        e.Assigned(person.key, actor.say("转办", "assigned")), actor=actor.person.key, cause=actor.cause
    )
    if old and old != actor.person.key:
        kill_tokens(case.work, case, at=case.work.now, person=old)
    if was is not None:
        relieving.tell(case.work, was, [(case, person)], actor)
    first = opening(case)
    if first is not None:
        notify.new_ticket(
            case,
            person,
            actor.why,
            message=first,
            mail=None,
            words=first.new_text or "",
            because=actor.say("转办", "assigned"),
            by=people_letters.name(actor.person, case.work.rules.language_of(person)),
            warnings=[command.words] if command.words else [],
        )
    return Outcome(
        True,
        actor.say(f"转办给{person.name}", f"Assigned to {person.name_en or person.name}"),
        before,
        actor.say(person.name, person.name_en or person.name),
    )


def opening(case: Case) -> Message | None:
    """Return the mail that opened the ticket."""
    query = select(Message).where(Message.ticket_id == case.row.id).order_by(Message.received_at, Message.id)
    return case.work.session.scalars(query.limit(1)).first()


def instruct(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    case.record(e.Instructed(case.keep(command.words)), actor=actor.person.key, cause=actor.cause)
    notify.instruction(case, actor.why, by=actor.person, words=command.words)
    return Outcome(
        True, actor.say("批示已转经办人和负责人", "Your instruction went to the handler and the supervisor")
    )


def read(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    case.record(e.Read(), actor=actor.person.key, cause=actor.cause)
    return Outcome(True, actor.say("已阅", "Marked as read"))
