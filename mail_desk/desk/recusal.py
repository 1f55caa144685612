"""Stepping back from a ticket (回避), by oneself or by order of a superior: from then on it is not there.

The person is hidden from the ticket at once, also where letters were written before: their keys die, those
that wait are stopped, bundles no longer vouch for it. The ticket goes to somebody else with the reason; what
waits for the person's approval goes to the next one. Who steps back is told nothing more than that.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import or_, select

from mail_desk.config import Person
from mail_desk.desk import notify, people_letters, serving
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.post import Cause, kill_tokens, post, to_person
from mail_desk.desk.reminding import again
from mail_desk.desk.verbs_people import opening
from mail_desk.desk.work import Work
from mail_desk.outbound import outbox
from mail_desk.outbound.letters import LetterKind, PeopleChangedContext, RelievedContext
from mail_desk.store.schema import LetterRow, LetterState, LetterTicket
from mail_desk.tickets import assignment
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.people_changes import names_of
from mail_desk.tickets.policy import Transition

_MYSELF = ("本人", "我自己", "我", "myself", "me")
_GAP = " ，,：:；;。.\n"


def recuse(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Hide the ticket from somebody for good and see to it that somebody else has it."""
    found = _meant(case, actor, command.words.strip())
    if isinstance(found, Outcome):
        return found
    person, reason = found
    mine = person.key == actor.person.key
    if not reason:
        example = "与投诉人有亲属关系" if actor.language == "zh" else "the complainant is a relative of mine"
        who = "" if mine else f"{person.key} "
        verb = actor.say("回避", "recuse")
        return Outcome(
            False,
            actor.say("请写明回避的原因，例：", "Say why, e.g.: ")
            + f"#{case.row.number} {verb} {who}{example}",
        )
    if person.key in case.ticket.hidden:
        return Outcome(False, actor.say("已经回避了。", "That was done already."))
    chosen = _successor(case, person)
    if chosen is None:
        return Outcome(
            False,
            actor.say(
                "回避之后没有人可以办理，未执行。请系统管理员先增加人员。",
                "Nobody would be left to handle it, so it was not done. Ask the operator to add somebody.",
            ),
        )
    involved = person.key == case.ticket.handler or person.key in case.ticket.team
    successor = _hide(case, person, chosen, actor, reason)
    _tell(case, person, successor, actor, reason, involved=involved)
    if mine:
        return Outcome(
            True,
            actor.say(
                "您已回避，此件不再由您办理，以后的信件和清单中不再出现",
                "You have stepped back: the ticket is no longer yours and will not be shown to you again",
            ),
        )
    said = people_letters.name(person, actor.language)
    after = people_letters.name(successor, actor.language) if successor is not None else ""
    return Outcome(
        True, actor.say(f"{said}已回避，看不到此件", f"{said} no longer sees the ticket"), "", after
    )


def _meant(case: Case, actor: Actor, words: str) -> tuple[Person, str] | Outcome:
    """Return who is to step back and why. Only a superior names somebody else."""
    own = next((lead for lead in _MYSELF if fold(words).startswith(lead)), "")
    named, rest = (None, words) if own else _leading_name(case, words)
    if named is None or named.key == actor.person.key:
        reason = words[len(own) :] if own else rest if named is not None else words
        return actor.person, reason.strip(_GAP)
    if actor.superior:
        return named, rest.strip(_GAP)
    who = people_letters.name(named, actor.language)
    number = case.row.number
    return Outcome(
        False,
        actor.say(
            f"您只能为自己回避，{who}是否回避由负责人决定。为自己回避的，请写：#{number} 回避 本人：原因",
            f"You may step back yourself; about {who} a superior decides. For yourself write: "
            f"#{number} recuse me: why",
        ),
    )


def _leading_name(case: Case, words: str) -> tuple[Person | None, str]:
    """Return the person whose name the words begin with, and the rest."""
    folded = fold(words)
    names = names_of(p for p in case.work.people.person if not p.retired)
    for name in sorted(names, key=len, reverse=True):
        behind = folded[len(name) : len(name) + 1]
        if folded.startswith(name) and not (name.isascii() and behind.isascii() and behind.isalnum()):
            return case.work.people.by_key(names[name]), words[len(name) :]
    return None, words


def _successor(case: Case, person: Person) -> assignment.Assignment | None:
    """Return who would handle the ticket without `person`; the one who does where it is somebody else."""
    hidden = case.ticket.hidden | {person.key}
    if case.ticket.handler not in ("", person.key):
        return assignment.Assignment(case.ticket.handler, "", "")
    first = opening(case)
    complaint = assignment.Complaint(
        language="en" if case.row.language == "en" else "zh",
        sender=case.row.complainant_address,
        subject=case.row.subject,
        text=(first.new_text or "") if first is not None else "",
        file_names=(),
    )
    work = case.work
    try:
        return assignment.choose(
            complaint,
            people=work.people,
            routing=work.settings.routing,
            enterprise=work.settings.enterprise_of(case.row.complainant_address),
            category=case.row.category,
            load=lambda: work.load,
            day=work.today,
            hidden=hidden,
        )
    except LookupError:
        return None


def _hide(
    case: Case, person: Person, chosen: assignment.Assignment, actor: Actor, reason: str
) -> Person | None:
    """Record it, and end whatever letters of the person still could do. Return the new handler, if there is one."""
    work = case.work
    zh = work.settings.desk.staff_language == "zh"
    who, cause = actor.person.key, actor.cause
    proposal, proposed_by = case.ticket.proposal, case.ticket.proposed_by
    case.record(e.Hidden(person.key, "回避" if zh else "recused"), actor=who, cause=cause)
    case.record(e.Noted(case.keep(reason), actor.message.id), actor=who, cause=cause)
    changed = chosen.handler != case.ticket.handler
    if changed:
        said = chosen.reason(work.settings.desk.staff_language)
        case.record(
            e.Assigned(
                chosen.handler, f"原经办人回避；{said}" if zh else f"the former handler stepped back; {said}"
            ),
            actor=who,
            cause=cause,
        )
    _end_letters(case, person)
    if proposal is not None and proposal.approver == person.key:
        _ask_the_next(case, proposal, proposed_by, actor)
    case.settle()
    return work.people.by_key(chosen.handler) if changed else None


def _ask_the_next(case: Case, proposal: e.Proposed, proposed_by: str, actor: Actor) -> None:
    """Put what waits for the person's approval to whoever is next."""
    wanted = case.work.people.by_key(proposal.approver)
    leader = wanted is not None and wanted.role.value == "leader"
    approver = notify.leader_of(case) if leader else case.supervisor()
    by = case.work.people.by_key(proposed_by)
    if approver is None or by is None or approver.key == proposed_by:
        case.record(e.ProposalLapsed(), actor="desk", cause=actor.cause)
        return
    case.record(replace(proposal, approver=approver.key), actor=proposed_by, cause=actor.cause)
    notify.approval_request(case, approver, Cause(actor.cause), by=by, shown=None)


def _end_letters(case: Case, person: Person) -> None:
    """End the keys of the person's letters about the ticket, also of tickets merged into it; stop what waits."""
    work, now = case.work, case.work.now
    kill_tokens(work, case, at=now, person=person.key)
    bundles = select(LetterTicket.letter_id).where(LetterTicket.ticket_id == case.row.id)
    waiting = select(LetterRow).where(
        LetterRow.person == person.key,
        LetterRow.state.in_((LetterState.QUEUED, LetterState.REVIEW)),
        or_(LetterRow.ticket_id == case.row.id, LetterRow.id.in_(bundles)),
    )
    for letter in list(work.session.scalars(waiting)):
        others = _others(work, letter, case)
        if outbox.cancel(work.session, letter.id, now) and letter.kind in (
            LetterKind.REMINDER.value,
            LetterKind.WORKLIST.value,
        ):
            again(work, person, others)
            serving.ask_again(work, others)
    own = select(LetterRow.id).where(LetterRow.person == person.key)
    vouching = select(LetterTicket).where(
        LetterTicket.ticket_id == case.row.id, LetterTicket.letter_id.in_(own)
    )
    for row in list(work.session.scalars(vouching)):
        work.session.delete(row)
    work.session.flush()


def _others(work: Work, letter: LetterRow, case: Case) -> list[Case]:
    query = select(LetterTicket.ticket_id).where(
        LetterTicket.letter_id == letter.id, LetterTicket.ticket_id != case.row.id
    )
    return [Case.by_id(work, ticket) for ticket in work.session.scalars(query)]


def _tell(
    case: Case, person: Person, successor: Person | None, actor: Actor, reason: str, *, involved: bool
) -> None:
    """Tell the new handler, the superior, and the person itself where somebody else said so."""
    work = case.work
    mine = person.key == actor.person.key
    if involved and not mine:
        to = to_person(work, person)
        post(work, LetterKind.RELIEVED, to, RelievedContext(to.name, case.row.number), Cause("recusal"))
    first = opening(case)
    if successor is not None and first is not None:
        zh = work.rules.language_of(successor) == "zh"
        reader = case.reader() or successor
        notify.new_ticket(
            case,
            reader,
            actor.why,
            message=first,
            mail=None,
            words=first.new_text or "",
            because="原经办人回避" if zh else "the former handler stepped back",
            by="" if mine else people_letters.name(actor.person, "zh" if zh else "en"),
        )
    superior = case.supervisor()
    told = {actor.person.key, person.key, successor.key if successor is not None else ""}
    if superior is None or superior.key in told:
        return
    to = to_person(work, superior)
    who, number = people_letters.name(person, to.language), case.row.number
    if to.language == "zh":
        headline = f"{number} {who}回避"
        changes = [f"原因：{reason}"]
        if successor is not None:
            changes.append(f"改由{successor.name}承办；另有安排的，回复 #{number} 转办 姓名")
    else:
        headline = f"{number}: {who} stepped back"
        changes = [f"Why: {reason}"]
        if successor is not None:
            new = people_letters.name(successor, "en")
            changes.append(f"{new} handles it now; to change that, reply #{number} assign NAME")
    by = people_letters.name(actor.person, to.language)
    context = PeopleChangedContext(to.name, by, headline, tuple(changes), ticket=number)
    post(work, LetterKind.PEOPLE_CHANGED, to, context, Cause(actor.cause), case=case)
