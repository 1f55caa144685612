"""What the handler says of a mail that may be an organ's answer (回函): it is, or it is not.

An answer on paper or by telephone is put on record in the same way, by the mail that says so. Whatever is
said, nothing goes back to the organ and nothing to the complainant.
"""

from __future__ import annotations

from mail_desk.desk import organs
from mail_desk.desk.case import Case
from mail_desk.desk.organ_answers import offers, open_own_ticket, waits_elsewhere
from mail_desk.desk.organs import Standing
from mail_desk.desk.outcome import Actor, Outcome, in_words, many
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.schema import Message, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.commands import Command
from mail_desk.tickets.organ_questions import references_in, without_references
from mail_desk.tickets.policy import Transition

MOST = 8  # questions offered: one digit each


def answer(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Record that a mail answers a question; its limit ends."""
    standing = organs.of_case(case)
    named = references_in(command.words)
    words = without_references(command.words)
    meant = next((s for s in standing if s.question.reference in named), None)
    if named and meant is None:
        return _choose(case, actor, standing, f"{named[0].key}", command)
    message = _message(case, command, actor, meant, standing)
    if message is None:
        return _no_mail(case, actor, command, standing, words)
    if meant is None:
        offered = [s for s in standing if message.id in s.question.seen] or [
            s for s in standing if s.question.open
        ]
        if len(offered) != 1:
            return _choose(case, actor, offered or standing, "", command)
        meant = offered[0]
    if (
        refusal := _not_this_mail(case, actor, message, offered=message.id in meant.question.seen)
    ) is not None:
        return refusal
    own = message.id == actor.message.id
    if not own:
        _file_here(case, actor, message)
    at = case.work.now if own else message.received_at
    late = _days_late(meant, case, at)
    case.record(
        e.OrganAnswered(meant.question.reference.key, message.id),
        actor=actor.person.key,
        cause=actor.cause,
        at=at,
    )
    _end_elsewhere(case, actor, message)
    if words:
        case.record(e.Noted(case.keep(words), actor.message.id), actor=actor.person.key, cause=actor.cause)
    day = case.work.rules.day_of(at)
    said = actor.say(
        f"{meant.organ_name('zh')}对{meant.spoken('zh')}的回函，{in_words(day, 'zh')}收到",
        f"Answer of the {meant.organ_name('en')} to {meant.spoken('en')}, received {in_words(day, 'en')}",
    )
    if late:
        said += actor.say(f"，迟{late}个工作日", f", {many(late, 'working day')} late")
    return Outcome(True, said)


def not_answer(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Record that a mail answers no question; what was only taken for one becomes what it is otherwise."""
    standing = organs.of_case(case)
    message = _message(case, command, actor, None, standing)
    seen = [s for s in standing if message is not None and message.id in s.question.seen]
    if message is None or not seen:
        return Outcome(
            False,
            actor.say(
                f"没有待确认的回函{command.argument}。",
                f"No mail {command.argument} waits to be called an answer.",
            ),
        )
    case.record(e.NotAnswer(message.id), actor=actor.person.key, cause=actor.cause)
    what = actor.say(f"M{message.id} 不是回函", f"M{message.id} answers no question")
    if message.ticket_id not in (None, case.row.id) or _named_it(case, message):
        return Outcome(True, what)
    if waits_elsewhere(case.work, message, case):
        return Outcome(True, what)
    made = open_own_ticket(case, message, actor)
    if actor.person.key in made.ticket.hidden:
        return Outcome(True, what)
    return Outcome(
        True,
        what
        + actor.say(f"，另立为 {made.row.number}", f"; it is a ticket of its own now, {made.row.number}"),
    )


def _named_it(case: Case, message: Message) -> bool:
    """Say whether a mail was filed here because it answers our letter or names the question itself."""
    return any(
        isinstance(r.event, e.AnswerSeen)
        and r.event.message == message.id
        and r.event.why in ("token", "reference")
        for r in tickets.live(case.recorded)
    )


def _message(
    case: Case, command: Command, actor: Actor, meant: Standing | None, standing: list[Standing]
) -> Message | None:
    """Return the mail that is meant: named, of the letter answered, the one that waits, or this one itself."""
    session = case.work.session
    digits = command.argument.upper().removeprefix("M")
    if digits:
        return session.get(Message, int(digits)) if digits.isdecimal() else None
    letter = actor.letter
    about = letter is not None and letter.kind == LetterKind.ORGAN_ANSWER.value and letter.cause
    if letter is not None and about:
        return session.get(Message, int((letter.cause or "").removeprefix("message:")))
    waiting = {m for s in standing if meant is None or s is meant for m in s.question.seen}
    if len(waiting) == 1:
        return session.get(Message, waiting.pop())
    said = without_references(command.words)
    brought = any(not a.get("inline") for a in actor.message.attachments or [])
    return actor.message if meant is not None and not waiting and (said or brought) else None


def _not_this_mail(case: Case, actor: Actor, message: Message, *, offered: bool) -> Outcome | None:
    """Refuse a mail of the complainant, and one of a ticket this person does not work on."""
    sender = message.from_address or ""
    if sender == case.row.complainant_address and case.work.people.organ_of(sender) is None:
        return Outcome(
            False,
            actor.say(f"M{message.id} 是投诉人的来信。", f"M{message.id} is a mail of the complainant."),
        )
    if message.id == actor.message.id or message.ticket_id in (None, case.row.id):
        known = (
            message.id == actor.message.id
            or message.ticket_id is not None
            or message.filed_as == "organ-mail"
        )
        return None if known else _unknown(actor, message)
    other = Case(case.work, case.work.session.get_one(TicketRow, message.ticket_id))
    alone = [r for r in tickets.live(other.recorded) if isinstance(r.event, e.Received | e.FollowedUp)]
    mine = offered or other.ticket.handler in actor.acts_for or actor.superior
    untouched = (
        other.ticket.kind in ("", "correspondence") and len(alone) == 1 and not other.ticket.merged_into
    )
    if not mine or actor.person.key in other.ticket.hidden or not untouched:
        return _unknown(actor, message)
    return None


def _unknown(actor: Actor, message: Message) -> Outcome:
    return Outcome(
        False,
        actor.say(
            f"M{message.id} 不在此件，也不是待确认的回函。",
            f"M{message.id} is not on this ticket and does not wait to be called an answer.",
        ),
    )


def _file_here(case: Case, actor: Actor, message: Message) -> None:
    """Put the mail on this ticket; a ticket that it had opened by mistake ends in this one."""
    work = case.work
    if message.ticket_id == case.row.id:
        return
    if message.ticket_id is not None:
        row = work.session.get_one(TicketRow, message.ticket_id)
        other = Case(work, row)
        other.record(e.Merged(case.row.number), actor=actor.person.key, cause=actor.cause)
        row.merged_into = case.row.id
        other.settle()
    case.record(
        e.FollowedUp(message.id, "organ", verified=message.verified),
        actor=actor.person.key,
        cause=actor.cause,
        at=message.received_at,
    )
    message.ticket_id, message.filed_as = case.row.id, "follow-up"


def _end_elsewhere(case: Case, actor: Actor, message: Message) -> None:
    """Ask nobody any more whether this mail answers a question of another ticket."""
    for other in waits_elsewhere(case.work, message, case):
        other.record(e.NotAnswer(message.id), actor=actor.person.key, cause=actor.cause)
        other.settle()


def _days_late(meant: Standing, case: Case, at: object) -> int:
    by = meant.question.answer_by
    day = case.work.rules.day_of(at) if by is not None else None  # type: ignore[arg-type]
    return max(0, case.work.rules.calendar.between(by, day)) if by is not None and day is not None else 0


def _choose(case: Case, actor: Actor, standing: list[Standing], named: str, command: Command) -> Outcome:
    """Offer the questions there are; nothing is guessed."""
    if not standing:
        return Outcome(False, actor.say("此件没有发出过征询。", "No organ was asked about this ticket."))
    wrong = actor.say(f"此件没有函号{named}。", f"There is no question {named} here. ") if named else ""
    which = actor.say("请选择是哪一件征询的回函：", "Choose the question it answers:")
    rest = without_references(command.words)
    argument = f"{command.argument} " if command.argument else ""
    return Outcome(
        False,
        wrong + which,
        offers=[
            (
                f"#{case.row.number} answer {argument}{s.spoken('en')} {rest}".rstrip(),
                f"{s.organ_name('zh')}，{s.spoken('zh')}",
                f"{s.organ_name('en')}, {s.spoken('en')}",
                False,
            )
            for s in standing[-MOST:]
        ],
    )


def _no_mail(case: Case, actor: Actor, command: Command, standing: list[Standing], words: str) -> Outcome:
    """Ask which mail it is, or whether the words behind `answer` were meant for the complainant."""
    number = case.row.number
    waiting = [(s, m) for s in standing for m in s.question.seen]
    possible = [step for s, m in waiting[:MOST] for step in offers(s, m, number)[:1]]
    if not waiting:
        possible = [
            (
                f"#{number} answer {s.spoken('en')} {words}".rstrip(),
                f"记为{s.organ_name('zh')}对{s.spoken('zh')}的答复",
                f"Record it as the answer of the {s.organ_name('en')} to {s.spoken('en')}",
                not words,
            )
            for s in standing
            if s.question.open
        ][:MOST]
    if words and case.transition("reply") is not None and not references_in(command.words):
        possible.append(
            (f"#{number} reply {words}", "作为答复发给投诉人", "Send it to the complainant", False)
        )
    return Outcome(
        False,
        actor.say(
            "未办理：没有写明哪封来信是回函。" + ("请选择：" if possible else "例：#回函 M12 征2026-0003-2"),
            "Not done: it does not say which mail is the answer. "
            + ("Choose:" if possible else "e.g.: #answer M12 Q2026-0003-2"),
        ),
        offers=possible,
    )
