"""Leave by command: 请假 and 销假, by the person or by a superior."""

from __future__ import annotations

from mail_desk.config import Language, Person
from mail_desk.desk import leave_book, leaves
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.work import Work
from mail_desk.tickets import absences
from mail_desk.tickets.absences import Note
from mail_desk.tickets.assignment import present, superior
from mail_desk.tickets.commands import Command, Verb


def command(work: Work, actor: Actor, told: Command) -> Outcome:
    """Note that somebody is away, or back."""
    if actor.letter is None:
        # Whoever only knows the address could send somebody on leave: the reader of the answer decides.
        return Outcome(
            False,
            actor.say(
                "为防冒用，未执行：此邮件不是对本系统来信的回复。要执行，请回复本邮件，写上数字。",
                "Not done, to keep forgers out: this mail answers no letter of the desk. "
                "To run it, answer this mail with the digit.",
            ),
            offers=[(f"#{told.verb.value} {told.words}".strip(), told.typed, told.typed, False)],
        )
    return _back(work, actor, told.words) if told.verb is Verb.BACK else _leave(work, actor, told.words)


def _leave(work: Work, actor: Actor, words: str) -> Outcome:
    asked = absences.read(words, work.today)
    if asked is None:
        return Outcome(
            False,
            actor.say(
                "请写明起止日期，例：#请假 2026-03-09 2026-03-13",
                "Give the first and the last day, e.g.: #leave 2026-03-09 2026-03-13",
            ),
        )
    person = _meant(work, actor, asked.who)
    if isinstance(person, Outcome):
        return person
    leave_book.add(work.session, person.key, Note("away", asked.first, asked.last))
    work.people_changed()
    person = work.people.by_key(person.key) or person
    if person.away_on(work.today):
        leaves.begins(work, person)
    stands_in = present(work.people, person, asked.first) or superior(work.people, person, asked.first)
    first, last = (in_words(day, actor.language) for day in (asked.first, asked.last))
    if stands_in is None:
        return Outcome(
            True,
            actor.say(
                f"{person.name}{first}至{last}不在岗；没有人代理",
                f"{_name(person, 'en')} is away from {first} to {last}; nobody stands in",
            ),
        )
    return Outcome(
        True,
        actor.say(
            f"{person.name}{first}至{last}不在岗；期间提醒和来信发给{stands_in.name}，在办来信由其代办",
            f"{_name(person, 'en')} is away from {first} to {last}; letters go to {_name(stands_in, 'en')}, "
            "who may act on the tickets meanwhile",
        ),
    )


def _back(work: Work, actor: Actor, words: str) -> Outcome:
    person = _meant(work, actor, words.strip())
    if isinstance(person, Outcome):
        return person
    note = absences.end_of(person.leave, work.today)
    if note is None:
        return Outcome(
            False,
            actor.say(f"{person.name}没有登记请假。", f"No leave of {_name(person, 'en')} is known."),
        )
    leave_book.add(work.session, person.key, note)
    work.people_changed()
    leaves.returned(work, work.people.by_key(person.key) or person)
    first, last = (in_words(day, actor.language) for day in (note.first, note.last))
    return Outcome(
        True,
        actor.say(
            f"{person.name}已销假：{first}至{last}在岗",
            f"{_name(person, 'en')} is here after all, from {first} to {last}",
        ),
    )


def _meant(work: Work, actor: Actor, who: str) -> Person | Outcome:
    """Return the person a command is about, or why the writer may not speak for that person."""
    if not who:
        return work.people.by_key(actor.person.key) or actor.person
    folded = who.casefold()
    for person in (p for p in work.people.person if not p.retired):
        names = (person.key, person.name, person.name_en, *person.aliases, *person.addresses)
        if folded in {name.casefold() for name in names if name}:
            if person.key == actor.person.key or actor.superior:
                return person
            return Outcome(
                False,
                actor.say(
                    "只能为自己请假；他人的须由负责人登记。",
                    "You may note your own leave only; a superior, anybody's.",
                ),
            )
    known = "、".join(f"{p.name}({p.key})" for p in work.people.person if not p.retired)
    return Outcome(
        False, actor.say(f"没有“{who}”此人。人员：{known}", f"Nobody is called “{who}”. Known: {known}")
    )


def _name(person: Person, language: Language) -> str:
    return person.name if language == "zh" else person.name_en or person.name
