"""Who else works on a ticket: co-handlers (协办), urging the handler (催办), asking for a ticket back (要回)."""

from __future__ import annotations

from mail_desk.config import Person
from mail_desk.desk import choices, notify, people_letters
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.post import kill_tokens, post, to_person
from mail_desk.desk.verbs_people import opening, person_named
from mail_desk.outbound.letters import InstructionContext, LetterKind
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.events_people import Joined, Parted
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.policy import Transition

_REMOVE = ("不再协办", "移除", "取消", "减少", "去掉", "remove", "without", "no longer", "-")
_ADD = ("增加", "添加", "加上", "请", "add", "with", "+")


def team(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Add somebody who helps the handler, or take one away again."""
    words = command.words.strip()
    removing, rest = _led_by(words, _REMOVE)
    if not removing:
        _, rest = _led_by(words, _ADD)
    person = person_named(case, rest.strip(" ，,。.：:"))
    if person is None or person.key in case.ticket.hidden:
        return _nobody(case, actor, rest)
    said = people_letters.name(person, actor.language)
    before = _team_names(case, actor)
    if removing:
        if person.key not in case.ticket.team:
            return Outcome(
                False, actor.say(f"{said}没有协办此件。", f"{said} does not help with this ticket.")
            )
        case.record(Parted(person.key), actor=actor.person.key, cause=actor.cause)
        kill_tokens(case.work, case, at=case.work.now, person=person.key)
        return Outcome(
            True,
            actor.say(f"{said}不再协办", f"{said} helps no longer"),
            before,
            _team_names(case, actor),
        )
    if person.key == case.ticket.handler or person.key in case.ticket.team:
        return Outcome(False, actor.say(f"{said}已在办理此件。", f"{said} works on it already."))
    case.record(Joined(person.key), actor=actor.person.key, cause=actor.cause)
    _tell(case, person, actor)
    return Outcome(
        True,
        actor.say(
            f"{said}协办：可看全部内容，可备注、征询，不作决定", f"{said} helps: sees all, may note and ask"
        ),
        before,
        _team_names(case, actor),
    )


def _led_by(words: str, leads: tuple[str, ...]) -> tuple[bool, str]:
    """Say whether the words begin or end with one of these, and return the rest."""
    folded = fold(words)
    for lead in leads:
        if folded.startswith(lead):
            return True, words[len(lead) :].strip()
        if folded.endswith(lead) and len(lead) > 1:
            return True, words[: -len(lead)].strip()
    return False, words


def _nobody(case: Case, actor: Actor, wanted: str) -> Outcome:
    others = [
        p
        for p in case.work.people.person
        if p.key not in case.ticket.hidden and p.key != case.ticket.handler and not p.retired
    ]
    names = "、".join(f"{p.name}({p.key})" for p in others)
    return Outcome(
        False,
        actor.say(
            f"不能请“{wanted}”协办。可以请：{names}；不再协办的写：#协办 移除 姓名",
            f"“{wanted}” cannot help with it. Possible: {names}. To end it: #team remove NAME",
        ),
    )


def _team_names(case: Case, actor: Actor) -> str:
    found = [p for p in (case.work.people.by_key(key) for key in sorted(case.ticket.team)) if p is not None]
    return "、".join(people_letters.name(p, actor.language) for p in found)


def _tell(case: Case, person: Person, actor: Actor) -> None:
    first = opening(case)
    if first is None:
        return
    zh = case.work.rules.language_of(person) == "zh"
    handler = case.handler
    whose = people_letters.name(handler, "zh" if zh else "en") if handler is not None else ""
    notify.new_ticket(
        case,
        person,
        actor.why,
        message=first,
        mail=None,
        words=first.new_text or "",
        because=f"请您协办，由{whose}承办" if zh else f"you help {whose}, who handles it",
        by=actor.person.name if zh else actor.person.name_en or actor.person.name,
    )


def urge(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Remind whoever handles the ticket, in a superior's name."""
    reader = case.reader()
    if reader is None or reader.key == actor.person.key:
        return Outcome(False, actor.say("此件现由您本人办理。", "You handle this ticket yourself."))
    to = to_person(case.work, reader)
    steps = choices.next_steps(case, reader, to.language)
    zh = to.language == "zh"
    words = command.words or (
        "请抓紧办理，并回复办理情况。" if zh else "Please act on it, and say how it stands."
    )
    by = people_letters.name(actor.person, to.language)
    context = InstructionContext(case.view(to.language), to.name, by, words, urged=True)
    post(case.work, LetterKind.INSTRUCTION, to, context, actor.why, case=case, choices=steps)
    case.record(
        e.Noted(case.keep(actor.say(f"催办：{words}", f"Urged: {words}")), actor.message.id),
        actor=actor.person.key,
        cause=actor.cause,
    )
    said = people_letters.name(reader, actor.language)
    return Outcome(True, actor.say(f"已催{said}办理", f"{said} has been urged"))


def reclaim(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Ask whoever has the ticket now to hand it back: that one, or a superior, decides."""
    if case.ticket.handler == actor.person.key:
        return Outcome(False, actor.say("此件已由您办理。", "You handle this ticket already."))
    reader = case.reader()
    if reader is None or reader.key == actor.person.key:
        reader = case.supervisor()
    if reader is None or reader.key == actor.person.key:
        return Outcome(False, actor.say("没有可以决定的人。", "There is nobody who could decide it."))
    number, zh = case.row.number, case.work.rules.language_of(reader) == "zh"
    kept = "暂不移回" if zh else "Kept for now."
    steps = {
        case.row.id: (
            (f"#{number} assign {actor.person.key}", "移回", "Hand it back", False),
            (f"#{number} note {kept}", "暂不移回", "Keep it for now", False),
        )
    }
    people_letters.handover(
        case.work,
        reader,
        "asked-back",
        actor.person,
        [case],
        actor.why,
        steps=steps,
        dedupe=f"asked-back/{case.row.id}/{actor.person.key}/{case.work.today}",
    )
    said = people_letters.name(reader, actor.language)
    return Outcome(
        True,
        actor.say(f"已请{said}移回，由其决定", f"{said} has been asked to hand it back and decides"),
    )
