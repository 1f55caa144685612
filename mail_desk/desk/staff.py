"""A mail of staff or a leader: read its commands, run each once, answer with one transcript.

Authority (invariant 9): a command changes something only where the mail shows the key of a letter
written to this person about that ticket. Without it, `list`, `show` and `help` are answered to the
known address, and whatever else was asked for is laid ready in the answer: replying `1` to *that*
letter runs it, as only its reader can.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from mail_desk.config import Person, Role
from mail_desk.desk import (
    authority,
    cancel,
    casebook,
    choices,
    dossiers,
    explaining,
    leader_mail,
    no_address,
    notices,
    notify,
    of_the_office,
    organ_answers,
    reading_rights,
    renumbered,
    repeated_words,
    serving,
    supervising,
    traced,
    transcripts,
    translations,
    verbs,
)
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, Standing
from mail_desk.desk.post import Cause
from mail_desk.desk.transcripts import Session
from mail_desk.desk.work import Work
from mail_desk.inbound.reply_text import Split
from mail_desk.store.schema import LetterRow, LetterState, LetterTicket, Message, TicketRow
from mail_desk.tickets import roles
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.commands import VERBS, Command, Offer, Problem, Reading, Verb, as_line
from mail_desk.tickets.commands import read as read_commands
from mail_desk.tickets.commands_answers import shortened
from mail_desk.tickets.events import Noted
from mail_desk.tickets.refusals import refusal

READ_ONLY = frozenset({Verb.LIST, Verb.SHOW, Verb.EXPLAIN, Verb.HELP, Verb.DOSSIER})
OWN_TICKET_LESS = frozenset({Verb.ADOPT, Verb.RELEASE, Verb.REJECT, Verb.UNDO}) | READ_ONLY


def command_mail(
    work: Work,
    message: Message,
    person: Person,
    letter: LetterRow | None,
    *,
    split: Split,
    standing: Standing = Standing(),  # noqa: B008 - frozen, and proves nothing
) -> None:
    """Work through a mail from staff or a leader. `letter`: what it answers, with a living token.

    Commands count only above the quotation. What stands below it may be a line of the quotation whose
    mark was lost when a client wrapped it, so it is never run: it is offered, by one digit.
    """
    language = work.rules.language_of(person)
    said_in = authority.said_in(work, message, letter)
    actor = Actor(person, language, work.acts_for(person), message, letter, standing, said_in)
    offers = [Offer(c["number"], c["command"], c["needs_words"]) for c in letter.choices] if letter else []
    reading = read_commands(
        split.above or ("" if split.quoted else split.new),
        quoted_text=split.quoted,
        offers=offers,
        today=work.today,
        leader=person.role is Role.LEADER and _one_ticket(work, letter) is not None,
    )
    session = Session(actor)
    about = _one_ticket(work, letter)
    if about is not None:
        session.about = Case.by_id(work, about)
        _look_away(work, session)
    for item in notices.files_first(authority.expanded(work, letter, reading.items)):
        if isinstance(item, Problem):
            _problem(session, item)
        else:
            _run(work, session, item)
    if not reading.items and not reading.words and split.new:
        reading = _offer_from_below(session, split.new, offers, work)
    _look_away(work, session)
    note = _note(work, session, reading)
    if session.about is not None:
        message.ticket_id = session.about.row.id
    message.filed_as = "command" if reading.items else "note"
    transcripts.answer(work, session, note=note, not_sent=bool(note) and reading.looks_outward)


def _look_away(work: Work, session: Session) -> None:
    """Drop what this person may not see, or no longer: who has stepped back is not answered about the ticket."""
    key = session.actor.person.key
    if session.about is not None and key in Case(work, session.about.row).ticket.hidden:
        session.about = None
    session.tickets = [t for t in session.tickets if key not in Case.by_id(work, t).ticket.hidden]


def _offer_from_below(session: Session, text: str, offers: list[Offer], work: Work) -> Reading:
    """Lay ready what was written below the quotation; its words are filed as a note."""
    reading = read_commands(text, offers=offers, today=work.today)
    for item in reading.items:
        command = as_line(item) if isinstance(item, Command) else item.suggestion
        what = session.actor.say(
            "未执行：命令要写在引文上方。要执行，请回复数字。",
            "Not done: commands count only above the quotation. To run it, answer with the digit.",
        )
        offered = [(command, item.typed, item.typed, False)] if command else []
        session.add(item.typed, Outcome(False, what, offers=offered))
    return replace(reading, items=())


def _one_ticket(work: Work, letter: LetterRow | None) -> int | None:
    """Return the ticket a letter is about, also of a bundle that names just one."""
    if letter is None or letter.ticket_id is not None:
        return letter.ticket_id if letter is not None else None
    named = select(LetterTicket.ticket_id).where(LetterTicket.letter_id == letter.id).limit(2)
    found = work.session.scalars(named).all()
    return found[0] if len(found) == 1 else None


def _problem(session: Session, problem: Problem) -> None:
    what = session.actor.say(problem.message_zh, problem.message_en)
    outcome = Outcome(False, what, by_supervisor=not problem.suggestion)
    if problem.suggestion:
        label = problem.suggestion
        outcome.offers.append((problem.suggestion, label, label, False))
    session.add(problem.typed, outcome)


def _run(work: Work, session: Session, command: Command) -> None:
    """Run one command in a savepoint: one that fails takes nothing of the others with it."""
    try:
        with work.session.begin_nested():
            outcome = _dispatch(work, session, command)
    except serving.NoNoticeError as error:  # nothing of the command stays
        outcome = serving.not_taken(session.actor, error)
    session.add(command.typed, outcome)


def _dispatch(work: Work, session: Session, command: Command) -> Outcome:
    actor = session.actor
    outcome = renumbered.refused(work, actor, command) or reading_rights.only_reads(actor, command.verb)
    outcome = outcome or of_the_office.carry_out(work, actor, command)
    if outcome is not None:
        return outcome
    command = organ_answers.with_ticket(work, command, actor, about=session.about)
    case = _case(work, session, command)
    if case is None:
        wanted = command.ticket or actor.say("（未写编号）", "(no number given)")
        return Outcome(False, refusal("no-ticket", zh=actor.language == "zh", ticket=wanted))
    if session.about is None or session.about.row.id == case.row.id:
        session.about = case
    session.tickets.append(case.row.id)
    if command.verb.value in roles.READING and (other := reading_rights.not_yours(case, actor)) is not None:
        return other
    if command.verb is Verb.DOSSIER:
        return dossiers.give(case, actor)
    if command.verb is Verb.SHOW:
        reading_rights.record(case, actor)
        return casebook.show(case, actor)
    if command.verb is Verb.EXPLAIN:
        return explaining.explain(case, actor)
    refused = _refused(case, session, command)
    if refused is not None:
        return refused
    if command.verb in (Verb.RELEASE, Verb.REJECT):
        return cancel.review(case, actor, release=command.verb is Verb.RELEASE, words=command.words)
    if command.verb is Verb.SEND:
        command = replace(command, verb=Verb.REPLY, words=command.words or _last_note(case, actor))
    return _act(case, actor, command)


def _last_note(case: Case, actor: Actor) -> str:
    """Return the words this person noted last on the ticket, "" without any."""
    notes = [r.event for r in case.recorded if r.actor == actor.person.key and isinstance(r.event, Noted)]
    return case.words(notes[-1].words) if notes else ""


def _case(work: Work, session: Session, command: Command) -> Case | None:
    named = Case.by_number(work, command.ticket) if command.ticket else None
    about = session.about
    if about is not None and (not command.ticket or (named is not None and named.row.id == about.row.id)):
        # Read anew: an earlier command of this mail may have worked on it.
        case: Case | None = Case(work, about.row)
    else:
        case = named
    if case is None or session.actor.person.key in case.ticket.hidden:
        return None  # who may not see a ticket is not told that there is one
    return case


def _covers(work: Work, letter: LetterRow | None, case: Case) -> bool:
    """Say whether the answered letter's token is good for this ticket."""
    if letter is None:
        return False
    if letter.ticket_id is not None and Case.by_id(work, letter.ticket_id).row.id == case.row.id:
        return True
    return work.session.get(LetterTicket, (letter.id, case.row.id)) is not None


def _refused(case: Case, session: Session, command: Command) -> Outcome | None:
    """Check the token; a command without one is laid ready for one digit instead."""
    actor = session.actor
    command = replace(command, ticket=case.row.number)
    if _covers(case.work, actor.letter, case):
        return authority.short_of(actor, command, case.work)
    return Outcome(
        False,
        refusal("keyless", zh=actor.language == "zh"),
        offers=[authority.ready(command)],
        awaits_confirmation=True,
    )


def _act(case: Case, actor: Actor, command: Command) -> Outcome:
    act = verbs.TABLE.get(command.verb)
    transition = case.transition(command.verb.value)
    if act is None or transition is None:
        state = next(s for s in case.procedure.states if s.key == case.ticket.state)
        possible = choices.next_steps(case, actor.person, actor.language)
        zh = actor.language == "zh"
        return Outcome(
            False,
            refusal("not-now", zh=zh, state=state.name_zh if zh else state.name_en),
            offers=[(c.command, c.label, c.label, c.needs_words) for c in possible],
        )
    approving = command.verb in (Verb.APPROVE, Verb.REFUSE)
    if command.verb is Verb.REPORT_BACK:  # also whoever else a leader named for it
        approving = supervising.owes_one(case, actor.acts_for)
    if not approving and not tickets.may(
        case.ticket,
        actor.person,
        transition,
        acts_for=case.acts_for(actor.person),
        supervises=case.supervises(actor.person),
    ):
        return reading_rights.may_not(case, actor, transition)
    if transition.needs_words and not command.words and command.verb not in (Verb.DECLINE, Verb.CONCLUDE):
        return Outcome(
            False,
            actor.say("请在命令后面写上内容，例：", "Write the words behind the command, e.g.: ")
            + f"#{case.row.number} {command.verb.value} …",
        )
    known = len(case.recorded)
    outcome = serving.refusal(case, actor, transition) or act(case, command, actor, transition)
    if outcome.done and VERBS[command.verb].outward:
        outcome.what += repeated_words.of_organs(case, actor, command.words)
        outcome.what += translations.missing(case, actor, command.words)
        outcome.what += traced.of_letters(case.work, actor, outcome.letters)
    serving.demand_notice(case, [r.event for r in case.recorded[known:]])
    outcome.what = notices.tell(case, actor, outcome.what)
    no_address.tell(case, actor, outcome)
    case.settle()
    _ask_for_release(case, actor, outcome)
    return outcome


def _ask_for_release(case: Case, actor: Actor, outcome: Outcome) -> None:
    for letter in outcome.letters:
        if letter.state == LetterState.REVIEW:
            notify.review_request(case, letter, Cause(actor.cause, actor.message.id), by=actor.person)


def _about_nothing(work: Work, actor: Actor, words: str) -> Outcome:
    """Answer words whose ticket cannot be told: nothing is filed, and each possible one is a digit."""
    if actor.person.role is Role.LEADER and actor.letter is not None and not actor.standing.barred:
        return leader_mail.unclear(work, actor, _numbers_of(work, actor.letter))
    verb = "instruct" if actor.person.role is Role.LEADER else "note"
    numbers = _numbers_of(work, actor.letter)
    offers = [(f"#{n} {verb} {words}", f"对 {n}", f"about {n}", False) for n in numbers]
    return Outcome(
        False,
        actor.say(
            "未办理：看不出这段话是关于哪一件来信的。"
            + (
                "请回复数字：" if offers else "请回复与该来信有关的邮件，或写上编号，例：#2026-0001 备注 内容"
            ),
            "Not done: it is not clear which ticket these words are about. "
            + (
                "Answer with a digit:"
                if offers
                else "Answer a letter about it, or name it: #2026-0001 note words"
            ),
        ),
        offers=offers,
    )


def _numbers_of(work: Work, letter: LetterRow | None) -> list[str]:
    """Return the tickets a bundle names, the most recent first; at most nine, for one digit each."""
    if letter is None:
        return []
    query = (
        select(TicketRow.number)
        .join(LetterTicket, LetterTicket.ticket_id == TicketRow.id)
        .where(LetterTicket.letter_id == letter.id)
        .order_by(TicketRow.id.desc())
        .limit(9)
    )
    return list(work.session.scalars(query))


def _note(work: Work, session: Session, reading: Reading) -> str:
    """File words without a command as an internal note; offer to send what looks meant for outside."""
    words, case, actor = reading.words.strip(), session.about, session.actor
    if not words:
        return ""
    if case is None or not _covers(case.work, actor.letter, case):
        if not reading.items:
            session.add(shortened(words), _about_nothing(work, actor, words))
        return ""
    if (read_only := reading_rights.only_reads(actor, Verb.NOTE)) is not None:
        session.add(shortened(words), read_only)
        return ""
    if actor.standing.barred:
        note = Command(Verb.NOTE, case.row.number, "", words, shortened(words))
        session.add(note.typed, Outcome(False, actor.standing.barred, offers=[authority.ready(note)]))
        return ""
    case.record(Noted(case.keep(words), actor.message.id), actor=actor.person.key, cause=actor.cause)
    if reading.looks_outward and case.transition("reply") is not None:
        number = case.row.number
        session.offers.insert(
            0,
            (
                f"#{number} reply {words}",
                "把这段话作为答复发给来信人",
                "Send these words to the complainant",
                False,
            ),
        )
    return words


def find_letter(work: Work, person: Person, identifiers: list[str], tags: list[str]) -> LetterRow | None:
    """Return the latest letter to this person whose key the mail shows, if its token lives."""
    query = select(LetterRow).where(LetterRow.person == person.key)
    found = None
    if identifiers:
        found = work.session.scalars(
            query.where(LetterRow.message_id.in_(identifiers)).order_by(LetterRow.id.desc()).limit(1)
        ).first()
    if found is None and tags:
        found = work.session.scalars(
            query.where(LetterRow.tag.in_(tags)).order_by(LetterRow.id.desc()).limit(1)
        ).first()
    if found is None or (found.tag_dead_at is not None and found.tag_dead_at <= work.now):
        return None
    return found
