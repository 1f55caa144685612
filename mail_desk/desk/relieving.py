"""A superior gave somebody's tickets to others: who had them hears which, who has them now, and that nothing is left to do.

Not whoever did it, nobody from whom the ticket is hidden, and nobody who works here no more. A recusal says less:
`recusal.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.config import Person
from mail_desk.desk import people_letters
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor
from mail_desk.desk.post import post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import GivenTicket, LetterKind, RelievedContext


def tell(work: Work, person: Person, given: Sequence[tuple[Case, Person]], actor: Actor) -> None:
    """Queue one letter about all of them. `given`: each ticket with who has it now."""
    to = to_person(work, person)
    told = tuple(
        GivenTicket(case.row.number, case.row.subject, people_letters.name(taker, to.language))
        for case, taker in given
        if person.key not in case.ticket.hidden
    )
    there = work.people.by_key(person.key)
    if not told or there is None or there.retired or person.key == actor.person.key:
        return
    by = people_letters.name(actor.person, to.language)
    context = RelievedContext(to.name, told[0].number, by, told)
    post(work, LetterKind.RELIEVED, to, context, actor.why)
