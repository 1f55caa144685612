"""Who may write on a ticket from outside: the complainant, an agent; Cc is never written to and proves nothing.

An answer to a complainant's letter from an address nobody knows is filed as unverified: its sender gets
a receipt without contents, the known address is told and may admit the other one by one word, and so may
the handler by one digit. The rows of `participant` are the projection of these events.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from mail_desk.desk import acknowledging, notify
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, To, post, to_complainant
from mail_desk.desk.work import Work
from mail_desk.inbound.classify import Verdict
from mail_desk.inbound.mail import Mail
from mail_desk.outbound.letters import Audience, LetterKind, SenderQuestionContext, SenderUnknownContext
from mail_desk.store.schema import LetterRow, Message, Participant
from mail_desk.tickets.assents import says_yes
from mail_desk.tickets.events import FollowedUp
from mail_desk.tickets.events_participants import ParticipantAdmitted, ParticipantRemoved

QUESTIONS_A_DAY = 3  # to one complainant about one ticket: more would be somebody trying


def of(work: Work, ticket_id: int) -> dict[str, Participant]:
    """Return who may write on the ticket, by address."""
    rows = work.session.scalars(select(Participant).where(Participant.ticket_id == ticket_id))
    return {row.address: row for row in rows}


def unknown_answered(case: Case, message: Message, mail: Mail, verdict: Verdict) -> None:
    """Tell the sender that the mail arrived, and the known address that it came."""
    work, sender = case.work, message.from_address or ""
    if acknowledging.why_not(work, message, mail, verdict):
        return  # a machine, junk, or too many: nobody is written to, the handler sees the mail
    language = case.row.language if case.row.language in ("zh", "en") else work.settings.desk.default_language
    post(
        work,
        LetterKind.SENDER_UNKNOWN,
        To(sender, "", "en" if language == "en" else "zh", Audience.ENTERPRISE),
        SenderUnknownContext(),
        Cause(f"message:{message.id}"),
        answers=message,  # and no ticket: its key must open nothing
        dedupe=f"sender-unknown/{case.row.id}/{sender}/{work.today}",
    )
    asked = select(func.count(LetterRow.id)).where(
        LetterRow.ticket_id == case.row.id,
        LetterRow.kind == LetterKind.SENDER_QUESTION.value,
        LetterRow.created_at > work.now - timedelta(days=1),
    )
    if (work.session.scalar(asked) or 0) >= QUESTIONS_A_DAY:
        return
    to = to_complainant(case)
    post(
        work,
        LetterKind.SENDER_QUESTION,
        to,
        SenderQuestionContext(case.view(to.language), sender, work.rules.day_of(message.received_at)),
        Cause(f"message:{message.id}"),
        case=case,
        dedupe=f"sender-question/{case.row.id}/{sender}",
    )


def asked_about(work: Work, letter: LetterRow) -> Message | None:
    """Return the mail that a question to the known address was about, None for any other letter."""
    if letter.kind != LetterKind.SENDER_QUESTION.value or not letter.cause:
        return None
    return work.session.get(Message, int(letter.cause.removeprefix("message:")))


def answered(case: Case, letter: LetterRow, message: Message, mail: Mail, words: str) -> bool:
    """Admit the other address that the desk asked about, where its known address says yes and nothing else."""
    asked = asked_about(case.work, letter)
    if asked is None or not says_yes(words, mail.author.name):
        return False
    message.ticket_id, message.letter_id, message.verified = case.row.id, letter.id, True
    if (asked.from_address or "") in of(case.work, case.row.id):
        return True
    why = Cause(f"message:{message.id}")
    admit(case, asked, role="complainant", by="known-address", actor="complainant", cause=why.cause)
    case.settle()
    zh = case.work.settings.desk.staff_language == "zh"
    told = (
        f"投诉人已确认：{asked.from_address} 可就此件来信；其来信 M{asked.id} 自到达之日起算。"
        if zh
        else f"The complainant confirmed: {asked.from_address} may write on the ticket; M{asked.id} counts from its arrival."
    )
    notify.follow_up(case, why, message=message, mail=mail, role="complainant", words=words, warnings=[told])
    return True


def admit(
    case: Case, message: Message, *, role: str, by: str, actor: str, cause: str, proof: int = 0
) -> None:
    """Let the sender of a mail write on the ticket; that mail counts from its own day of arrival."""
    address = (message.from_address or "").lower()
    if case.work.session.get(Participant, (case.row.id, address)) is None:
        case.work.session.add(
            Participant(ticket_id=case.row.id, address=address, name=message.from_name or "", role=role)
        )
    case.record(
        ParticipantAdmitted(case.keep(address), role, by, message.id, proof), actor=actor, cause=cause
    )
    if message.ticket_id == case.row.id:
        case.record(
            FollowedUp(message.id, "complainant", verified=True),
            actor=actor,
            cause=cause,
            at=message.received_at,
        )
    case.work.session.flush()


def remove(case: Case, address: str, *, actor: str, cause: str) -> bool:
    """Let an admitted address write no longer; False where it was none. The complainant's own first address stays."""
    row = case.work.session.get(Participant, (case.row.id, address.lower()))
    if row is None or address.lower() == case.row.complainant_address.lower():
        return False
    case.work.session.delete(row)
    case.record(ParticipantRemoved(case.keep(address.lower())), actor=actor, cause=cause)
    case.work.session.flush()
    return True


def undone(case: Case, seqs: list[int]) -> None:
    """Make the rows again what the events say, after some were taken back."""
    for recorded in case.recorded:
        if recorded.seq not in seqs or not isinstance(
            recorded.event, ParticipantAdmitted | ParticipantRemoved
        ):
            continue
        address = case.words(recorded.event.address)
        row = case.work.session.get(Participant, (case.row.id, address))
        if isinstance(recorded.event, ParticipantAdmitted) and row is not None:
            case.work.session.delete(row)
        elif isinstance(recorded.event, ParticipantRemoved) and row is None:
            case.work.session.add(
                Participant(ticket_id=case.row.id, address=address, name="", role="complainant")
            )
