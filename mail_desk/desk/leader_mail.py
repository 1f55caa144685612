"""Who answers for a leader's reply: leaders read one mail a week, so their supervisor keeps the rest away.

The transcript of a leader's reply goes to the supervisor; where the supervisor has that leader's words already,
as an instruction, nothing goes. What is unclear goes there too, with a digit for each ticket the words may be
about. To the leader goes only what nobody else can settle: an answer that was asked for, a decision that was
not carried out, a confirmation. Nothing here gives anybody authority: that was the key of the letter answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from mail_desk.config import Person, Role
from mail_desk.desk import verbs_leaders
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, TranscriptContext
from mail_desk.store.schema import LetterRow, TicketRow
from mail_desk.tickets.assignment import present
from mail_desk.tickets.commands import Verb

_MOST = 9  # tickets offered: one digit each
_Step = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Route:
    """Where a transcript goes, and what it offers. `silent`: its reader knows all of it already."""

    person: Person
    offers: list[_Step]
    silent: bool = False


def route(
    work: Work,
    actor: Actor,
    outcomes: Sequence[Outcome],
    offers: list[_Step],
    tickets: Sequence[int],
    *,
    note: str,
) -> Route:
    """Return who reads the transcript of a reply. `tickets`: row ids of those it, or its letter, is about."""
    own = Route(actor.person, offers)
    if actor.person.role is not Role.LEADER or actor.letter is None or actor.standing.barred:
        return own
    if any(_only_the_leader(o) for o in outcomes) or not all(_attributes(o) for o in offers):
        return own
    cases = [Case(work, work.session.get_one(TicketRow, ticket)) for ticket in dict.fromkeys(tickets)]
    supervisor = _supervisor(work, actor.person, cases)
    if supervisor is None:
        return own
    if any(not o.done for o in outcomes) and not offers:
        offers = _attributing(actor, [c for c in cases if supervisor.key not in c.ticket.hidden])
    known = all(o.done for o in outcomes) and bool(outcomes) and not offers and not note
    return Route(supervisor, offers, silent=known and _knows(work, supervisor, actor, cases))


def _only_the_leader(outcome: Outcome) -> bool:
    """Say whether what came of a command is for its writer: an answer, or what nobody else can mend."""
    asked = (
        outcome.asked
        or outcome.listing
        or outcome.shown
        or outcome.shown_ticket
        or outcome.help_card
        or outcome.explained
        or outcome.files
    )
    return bool(asked) or (not outcome.done and not outcome.by_supervisor)


def _attributes(step: _Step) -> bool:
    return step[0].partition(" ")[2].startswith(Verb.ATTRIBUTE.value)


def _supervisor(work: Work, leader: Person, cases: Sequence[Case]) -> Person | None:
    """Return a supervisor who may see all of these tickets: theirs, else one who is there."""
    hidden = frozenset(key for case in cases for key in case.ticket.hidden)
    everyone = [
        *(case.supervisor() for case in cases),
        *(present(work.people, p, work.today, hidden) for p in work.people.with_role(Role.SUPERVISOR)),
    ]
    for person in everyone:
        if person is not None and person.role is Role.SUPERVISOR and person.key not in {*hidden, leader.key}:
            return person
    return None


def _attributing(actor: Actor, cases: Sequence[Case]) -> list[_Step]:
    """Return a step for each ticket these words may be about, with the day where they say one."""
    words = (actor.message.new_text or "").strip()
    steps = []
    for case in cases[:_MOST]:
        found = verbs_leaders.deadline(case, words, actor.message)
        days = [found.day] if found.day is not None and found.day >= case.work.today else [*found.possible]
        offered = [*days] if found.day is not None and days else [*days, None]
        steps += [verbs_leaders.attributing(case.row.number, actor.message, day) for day in offered]
    return steps[:_MOST]


def _knows(work: Work, supervisor: Person, actor: Actor, cases: Sequence[Case]) -> bool:
    """Say whether the supervisor was just written to about each ticket because of this very mail."""
    query = select(LetterRow.ticket_id).where(
        LetterRow.person == supervisor.key,
        LetterRow.kind == LetterKind.INSTRUCTION.value,
        LetterRow.caused_by == actor.message.id,
    )
    return {case.row.id for case in cases} <= set(work.session.scalars(query))


def unclear(work: Work, actor: Actor, numbers: Sequence[str]) -> Outcome:
    """Answer a leader's words whose ticket cannot be told: a supervisor says which, by one digit."""
    found = [case for n in numbers if (case := Case.by_number(work, n)) is not None]
    return Outcome(
        False,
        actor.say(
            "看不出这段话是关于哪一件来信的，请核实后选择：",
            "It is not clear which ticket these words are about; please find out and choose:",
        ),
        offers=_attributing(actor, found),
        by_supervisor=True,
    )


def retold(context: TranscriptContext, actor: Actor) -> TranscriptContext:
    """Return a transcript as the supervisor reads it: whose reply it was, in full; only its writer may undo."""
    name = actor.say(actor.person.name, actor.person.name_en or actor.person.name)
    said = (actor.message.new_text or "").strip()
    return replace(context, leader=name, said=said, undo_until=None, help_card=False)
