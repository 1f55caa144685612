"""What letters about people have in common: tickets in them with numbered steps, and who may be asked.

The steps of the person come first, then those of each ticket in turn, as many as there are digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from mail_desk.config import Language, Person, Role
from mail_desk.desk import choices
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, replaced, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, HandoverContext, LetterKind, PersonTicket
from mail_desk.tickets.assignment import present

Step = tuple[str, str, str, bool]  # command, Chinese and English label, whether words follow
LISTED = 12  # tickets shown in a letter about people; the rest are counted


def name(person: Person, language: Language) -> str:
    """Return what a letter in that language calls somebody."""
    return person.name if language == "zh" else person.name_en or person.name


def substitute(case: Case, *, but: Person | None = None) -> Person | None:
    """Return who could take the ticket over: down the handler's chain, else the least loaded colleague.

    Somebody who is there, may see it, and is neither its handler nor `but`.
    """
    people, today = case.work.people, case.work.today
    handler = case.handler
    away = {*case.ticket.hidden, *([but.key] if but is not None else [])}
    if handler is not None:
        found = present(people, handler, today, {*away, handler.key})
        if found is not None:
            return found
        away.add(handler.key)
    able = [p for p in people.with_role(Role.HANDLER) if p.key not in away and not p.away_on(today)]
    language = "en" if case.row.language == "en" else "zh"
    load = case.work.load
    return min(able, key=lambda p: (language not in p.languages, load.get(p.key, 0)), default=None)


def giving(case: Case, to: Person) -> Step:
    """Return the step that gives a ticket to somebody for good."""
    return (
        f"#{case.row.number} assign {to.key}",
        f"转给{name(to, 'zh')}",
        f"Give it to {name(to, 'en')}",
        False,
    )


def listed(
    cases: Sequence[Case],
    language: Language,
    *,
    first: Sequence[Step] = (),
    steps: Mapping[int, Sequence[Step]],
    said: Mapping[int, Sequence[str]],
) -> tuple[tuple[Choice, ...], tuple[PersonTicket, ...], tuple[Choice, ...]]:
    """Return the steps of the person, the tickets to be shown, and all steps as they are numbered."""
    shown = cases[:LISTED]
    ahead = choices.numbered(list(first), language)
    wanted = [(case, choices.numbered(list(steps.get(case.row.id, ())), language)) for case in shown]
    given, offered = choices.together(wanted, most=max(choices.MOST_DIGITS - len(ahead), 0))
    start = len(ahead) + 1
    items = []
    for case in shown:
        mine = given.get(case.row.id, ())
        own = replaced(mine, start + (mine[0].number - 1 if mine else 0))
        items.append(PersonTicket(case.view(language), tuple(said.get(case.row.id, ())), own))
    return ahead, tuple(items), ahead + replaced(offered, start)


def handover(
    work: Work,
    reader: Person,
    occasion: Literal["leave-begins", "back", "moved", "asked-back"],
    about: Person,
    cases: Sequence[Case],
    why: Cause,
    *,
    by: Person | None = None,
    span: tuple[date | None, date | None] = (None, None),
    steps: Mapping[int, Sequence[Step]],
    said: Mapping[int, Sequence[str]] | None = None,
    dedupe: str | None = None,
) -> None:
    """Queue a letter about tickets that change hands, or may."""
    to = to_person(work, reader)
    _, items, offered = listed(cases, to.language, steps=steps, said=said or {})
    context = HandoverContext(
        reader=to.name,
        occasion=occasion,
        person=name(about, to.language),
        by=name(by, to.language) if by is not None else "",
        first=span[0],
        last=span[1],
        tickets=items,
        more=len(cases) - len(items),
    )
    single = cases[0] if len(cases) == 1 else None
    post(
        work,
        LetterKind.HANDOVER,
        to,
        context,
        why,
        case=single,
        choices=offered,
        dedupe=dedupe,
        tickets=[case.row.id for case in cases],
    )


def plain_steps(case: Case, person: Person, language: Language) -> tuple[Step, ...]:
    """Return what this person may do next about a ticket without writing words."""
    found = choices.next_steps(case, person, language)
    return tuple((c.command, c.label, c.label, False) for c in found if not c.needs_words)
