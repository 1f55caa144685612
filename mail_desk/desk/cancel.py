"""Taking back: `undo` within the hold time, and a supervisor's release or refusal of a letter."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from mail_desk.config import Person, Role
from mail_desk.desk import kept, notify, participants, releasing
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, many, state_name
from mail_desk.desk.post import preview
from mail_desk.desk.work import Work
from mail_desk.outbound import outbox
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.schema import EventRow, LetterRow, LetterState, Message
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets import events_notices as en
from mail_desk.tickets.events_leaders import SupervisionReminded
from mail_desk.tickets.events_notes import Categorised, EnterpriseSet, Snoozed, Suggested
from mail_desk.tickets.events_participants import ParticipantAdmitted
from mail_desk.tickets.events_reading import Exported, Shown


def _command_to_undo(work: Work, actor: Actor) -> Message | None:
    """Return the command mail meant: of the transcript answered, else the person's latest one."""
    letter = actor.letter
    if letter is None:
        return None
    if letter.kind == LetterKind.TRANSCRIPT.value and letter.cause:
        command = work.session.get(Message, int(letter.cause.removeprefix("message:")))
        own = command is not None and command.from_address in actor.person.addresses
        return command if own else None  # a leader's reply, retold to the supervisor, is not the supervisor's
    query = select(Message).where(
        Message.ticket_id == letter.ticket_id,
        Message.from_address.in_(actor.person.addresses),
        Message.filed_as == "command",
        Message.id != actor.message.id,
    )
    return work.session.scalars(query.order_by(Message.id.desc()).limit(1)).first()


def _caused(work: Work, command: Message) -> list[EventRow]:
    query = select(EventRow).where(EventRow.cause == f"message:{command.id}")
    return list(work.session.scalars(query.order_by(EventRow.ticket_id, EventRow.seq)))


def _already_undone(case: Case, seqs: list[int]) -> bool:
    void = {seq for r in case.recorded if isinstance(r.event, e.Undone) for seq in r.event.events}
    return bool(seqs) and set(seqs) <= void


def undo(work: Work, actor: Actor) -> Outcome:
    """Take a command mail back as long as nothing of it has left."""
    command = _command_to_undo(work, actor)
    if command is None:
        return Outcome(
            False,
            actor.say("请回复要撤销的那封办理回执。", "Answer the transcript of what you want to undo."),
        )
    letters = list(
        work.session.scalars(
            select(LetterRow).where(
                LetterRow.caused_by == command.id,
                LetterRow.audience.in_(("enterprise", "organ")),
                LetterRow.recipient != "",  # one that is printed never left: only its events are taken back
            )
        )
    )
    events = _caused(work, command)
    # The command mail's own clock: its processing, which the transcript answered at once.
    deadline = command_time(events, command) + timedelta(minutes=work.settings.desk.hold_minutes)
    gone = [x for x in letters if x.state in (LetterState.SENT, LetterState.SENDING, LetterState.UNCERTAIN)]
    waits = any(event.type == "NoticeNumbered" and event.data["waits"] for event in events)  # for its scan
    erased = any(event.type == "Erased" for event in events)  # gone for good
    if gone or erased or (not letters and not waits and work.now > deadline):
        return Outcome(
            False,
            actor.say(
                "已来不及撤销：信件已发出或已过撤销时限。可用答复更正。",
                "Too late: the letter has left or the time for undoing is over. A reply can correct it.",
            ),
        )
    if (refusal := kept.refusal(work, actor, command, events)) is not None:
        return refusal
    if not events and not letters:
        return Outcome(False, actor.say("没有可撤销的内容。", "There is nothing to undo."))
    try:
        with work.session.begin_nested():
            return _take_back(work, actor, events, letters)
    except _TooLateError:
        return Outcome(False, actor.say("已来不及撤销：信件正在发出。", "Too late: the letter is leaving."))


def command_time(events: list[EventRow], command: Message) -> datetime:
    """Return when the command was carried out."""
    return events[0].recorded_at if events else command.spooled_at


class _TooLateError(Exception):
    """The sender was faster than the undo: everything of it is rolled back."""


def _stop(work: Work, letters: list[LetterRow]) -> list[LetterRow]:
    waiting = [letter for letter in letters if letter.state != LetterState.CANCELLED]
    for letter in waiting:
        if not outbox.cancel(work.session, letter.id, work.now):
            raise _TooLateError
    return waiting


def _take_back(work: Work, actor: Actor, events: list[EventRow], letters: list[LetterRow]) -> Outcome:
    cases = {event.ticket_id: Case.by_id(work, event.ticket_id) for event in events}
    for ticket_id, case in cases.items():
        seqs = [event.seq for event in events if event.ticket_id == ticket_id]
        if _already_undone(case, seqs):
            return Outcome(False, actor.say("已经撤销过了。", "It has been undone already."))
        if _built_upon(case, seqs):
            return Outcome(
                False,
                actor.say(
                    "其后已有新的办理，不能再撤销。", "Something later builds on it; it cannot be undone."
                ),
            )
    stopped = _stop(work, letters)
    before = after = ""
    for ticket_id, case in cases.items():
        seqs = [event.seq for event in events if event.ticket_id == ticket_id]
        before = state_name(case, actor.language)
        participants.undone(case, seqs)
        case.record(e.Undone(tuple(seqs)), actor=actor.person.key, cause=actor.cause)
        for letter in stopped:
            if letter.ticket_id == ticket_id:
                case.record(e.LetterCancelled(letter.id, "undone"), actor=actor.person.key, cause=actor.cause)
        case.settle()
        after = state_name(case, actor.language)
    what = actor.say(
        f"已撤销，拦下信件{len(stopped)}封" if stopped else "已撤销",
        f"Undone; {many(len(stopped), 'letter')} stopped" if stopped else "Undone",
    )
    return Outcome(True, what, before, after)


_HARMLESS = (
    e.LetterQueued,
    e.Noted,
    e.Read,
    e.FollowedUp,
    e.AnswerSeen,
    Shown,
    Exported,
    ParticipantAdmitted,
    e.Reminded,
    e.Escalated,
    SupervisionReminded,
    e.LetterCancelled,
    e.NoticeServed,
    ec.ContactTold,
    ec.StatusAsked,
    ec.LanguageChosen,
    e.Linked,
    Snoozed,
    Categorised,
    EnterpriseSet,
    Suggested,
    en.NoticeNumbered,
    en.Enclosed,
    en.DossierGiven,
)


def _built_upon(case: Case, seqs: list[int]) -> bool:
    """Say whether a later decision rests on what is to be taken back."""
    later = [r for r in case.recorded if r.seq > seqs[-1]]
    return any(not isinstance(r.event, _HARMLESS) for r in later)


def review(case: Case, actor: Actor, *, release: bool, words: str) -> Outcome:
    """Release or send back the outward letter this review request was about."""
    # Whether one waits or not: it is not theirs to say.
    if actor.person.role is not Role.SUPERVISOR and not case.supervises(actor.person):
        return Outcome(False, actor.say("须由负责人放行。", "A supervisor has to release it."))
    letter = _reviewed(case, actor)
    if letter is None:
        return _ask_which(case, actor, releasing.waiting(case))
    if letter.state != LetterState.REVIEW:
        return Outcome(False, actor.say("没有待放行的信件。", "No letter waits for release here."))
    before = state_name(case, actor.language)
    if release:
        hold = timedelta(minutes=case.work.settings.desk.hold_minutes)
        outbox.release(case.work.session, letter.id, case.work.now, case.work.now + hold)
        letter.caused_by = actor.message.id
        case.work.session.refresh(letter)
        return Outcome(True, actor.say("已放行", "Released"), before, before, letters=[letter])
    outbox.cancel(case.work.session, letter.id, case.work.now)
    case.record(e.LetterCancelled(letter.id, "sent back"), actor=actor.person.key, cause=actor.cause)
    taken_back = _of_command(case, letter)
    if taken_back and not _built_upon(case, taken_back):
        case.record(e.Undone(tuple(taken_back)), actor=actor.person.key, cause=actor.cause)
    case.settle()
    notify.approval_answer(
        case,
        actor.why,
        decision=_VERB_OF.get(letter.kind, "reply"),
        approved=False,
        by=actor.person,
        words=words,
        shown=preview(letter),
    )
    return Outcome(
        True, actor.say("已退回经办人", "Sent back to the handler"), before, state_name(case, actor.language)
    )


# What a letter sent back by the supervisor was to do, as the labels of decisions name it.
_VERB_OF = {
    LetterKind.MATERIALS_REQUEST.value: "request",
    LetterKind.ACCEPTANCE.value: "accept",
    LetterKind.REFUSAL.value: "decline",
    LetterKind.EXTENSION.value: "extend",
    LetterKind.RESULT.value: "conclude",
    LetterKind.TRANSFER.value: "transfer",
    LetterKind.ORGAN_QUESTION.value: "ask",
    LetterKind.ORGAN_STATEMENT.value: "statement",
}


def _reviewed(case: Case, actor: Actor) -> LetterRow | None:
    """Return the letter meant: that of the request answered, else the only one of the ticket that waits."""
    answered = actor.letter
    if answered is not None and (answered.cause or "").startswith("letter:"):
        letter = case.work.session.get(LetterRow, int((answered.cause or "").removeprefix("letter:")))
        if letter is not None and letter.ticket_id == case.row.id:
            return letter
    letters = releasing.waiting(case)
    return letters[0] if len(letters) == 1 else None


def _ask_which(case: Case, actor: Actor, letters: list[LetterRow]) -> Outcome:
    """Have each of several letters released where it can be read: their requests are sent anew."""
    if not letters:
        return Outcome(False, actor.say("没有待放行的信件。", "No letter waits for release here."))
    for letter in letters:
        notify.review_request(case, letter, actor.why, by=_asked_by(case, letter) or actor.person)
    titles = "；".join(releasing.title(letter) for letter in letters)
    return Outcome(
        False,
        actor.say(
            f"有{len(letters)}封信待放行（{titles}），不知指哪一封。审签信已重新发给您，请逐封回复。",
            f"{len(letters)} letters wait ({titles}): which one? Their requests come to you again; answer each.",
        ),
    )


def _asked_by(case: Case, letter: LetterRow) -> Person | None:
    """Return who wrote the command that queued a letter."""
    command = case.work.session.get(Message, letter.caused_by) if letter.caused_by else None
    return case.work.people.by_address(command.from_address or "") if command is not None else None


def _of_command(case: Case, letter: LetterRow) -> list[int]:
    """Return the events of the command that queued a letter."""
    query = select(EventRow.seq).where(
        EventRow.ticket_id == case.row.id, EventRow.cause == f"message:{letter.caused_by}"
    )
    return sorted(case.work.session.scalars(query))
