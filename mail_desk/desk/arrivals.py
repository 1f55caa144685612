"""A mail has arrived: decide what it is to the desk and file it.

`arrive` is called once for each spooled message, in a savepoint of its own. The order of questions is
the order of the functions: the same mail again? written by us or by hand from our mailbox? a report
about one of our letters? from staff? an organ's answer? an answer to one of our letters? about a ticket by its number?
Else it opens a ticket. Every path files the message with a reason; none drops it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mail_desk.config import FolderRole, Language
from mail_desk.desk import (
    acknowledging,
    authority,
    closed,
    complainants,
    consequences,
    doubts,
    hand_letters,
    linked,
    near,
    noticing,
    notify,
    opening,
    organ_answers,
    participants,
    pieces,
    serving,
    staff,
    strangers,
    suspicion,
    withdrawing,
)
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause
from mail_desk.desk.work import Work
from mail_desk.inbound import authenticity
from mail_desk.inbound.classify import Kind, Verdict
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.proofs import UNREAD, Proof
from mail_desk.inbound.reply_text import Split
from mail_desk.store.schema import Cursor, LetterRow, Message, MessageState, Participant
from mail_desk.tickets.confirmations import confirms
from mail_desk.tickets.events import AnsweredByHand, FollowedUp

log = structlog.get_logger()

RELEASED = ("released", "adopted")  # a person has looked at the mail and let it in
AUTOMATIC = frozenset({Kind.AUTO_REPLY, Kind.OUT_OF_OFFICE, Kind.RECEIPT, Kind.FEEDBACK})


@dataclass(frozen=True)
class Arrival:
    """A message as it is filed."""

    message: Message
    mail: Mail
    verdict: Verdict
    split: Split
    language: Language | None  # of the new words, None where it cannot be told
    proof: Proof = UNREAD  # of its author

    @property
    def sender(self) -> str:
        return self.mail.author.address.lower()

    @property
    def sole(self) -> bool:
        """Say whether the mail names one author, whoever reads it."""
        return self.proof.author.address == self.sender and authenticity.sole_author(self.mail)

    @property
    def cause(self) -> Cause:
        return Cause(f"message:{self.message.id}")


def opened_at(session: Session, account: str) -> datetime | None:
    """Return when the desk first opened this account; None: never yet."""
    return session.scalar(select(func.min(Cursor.opened_at)).where(Cursor.account == account))


def describe(arrival: Arrival) -> None:
    """Write what was read of the mail into its row."""
    row, mail = arrival.message, arrival.mail
    row.content_digest = mail.content_digest
    row.kind, row.reason = arrival.verdict.kind.value, arrival.verdict.reason
    row.from_address, row.from_name = arrival.sender, mail.author.name
    row.subject, row.message_id = mail.subject, mail.message_id
    row.language = arrival.language
    row.new_text = arrival.split.new.strip() or mail.text.strip()
    row.attachments = [
        {
            "filename": a.filename,
            "content_type": a.content_type,
            "size": a.size,
            "sha256": a.sha256,
            "index": a.index,
            "inline": a.inline,
        }
        for a in mail.attachments
    ]
    row.linked = linked.read(mail, arrived=row.received_at) or None
    row.defects = list(mail.defects)


def arrive(work: Work, arrival: Arrival) -> None:
    """File one message. Runs once for each; the caller commits."""
    released = arrival.message.filed_as in RELEASED
    describe(arrival)
    file = _same_again if not released else _pass
    filed = (
        file(work, arrival)
        or _sent_folder(work, arrival)
        or _report(work, arrival)
        or _staff(work, arrival)
        or _organ(work, arrival)
        or _answer(work, arrival)
        or _by_number(work, arrival)
        or _piece(work, arrival)
        or _opens(work, arrival)
    )
    work.new.discard(arrival.mail.content_digest)
    arrival.message.filed_as = filed
    arrival.message.state = MessageState.DONE
    if filed == suspicion.STRANGER:
        strangers.ask(work, arrival.message)
    if filed in near.OF_COMPLAINANTS:
        linked.plan(work, arrival.message)
        near.keep(work, arrival.message)
    log.info(
        "message filed",
        action="filed",
        message=arrival.message.id,
        filed_as=filed,
        kind=arrival.verdict.kind.value,
        ticket=arrival.message.ticket_id,
        folder=arrival.message.folder,
        uid=arrival.message.uid,
    )


def _pass(_work: Work, _arrival: Arrival) -> str:
    return ""


def _same_again(work: Work, arrival: Arrival) -> str:
    """Invariant 2: the same content in another folder or to another address is one mail."""
    query = select(Message).where(
        Message.content_digest == arrival.mail.content_digest,
        Message.id != arrival.message.id,
        Message.state == MessageState.DONE,
    )
    if arrival.mail.content_digest in work.new:
        return ""
    first = work.session.scalars(query.order_by(Message.id).limit(1)).first()
    if first is None:
        return ""
    if first.filed_as == "own" and arrival.message.role == FolderRole.SENT.value:
        return ""  # a copy to ourselves came first; the one in Sent is what shows that it left
    arrival.message.duplicate_of = first.duplicate_of or first.id
    arrival.message.ticket_id = first.ticket_id
    arrival.message.reason = f"the same mail as M{arrival.message.duplicate_of}"
    return "duplicate"


def _letters_named(work: Work, arrival: Arrival) -> list[str]:
    """Return our Message-IDs among those the mail refers to."""
    mail = arrival.mail
    return _ours(work, (*mail.in_reply_to, *reversed(mail.references)))


def _ours(work: Work, identifiers: Iterable[str]) -> list[str]:
    """Return our ids among these, in order; those under a former key only where the letter is in the store."""
    named = [i.lower() for i in identifiers]
    found = authenticity.keyed_ids(work.key, named)
    for key in work.former_keys if len(found) < len(named) else ():
        former = authenticity.keyed_ids(key, named)
        found += work.session.scalars(select(LetterRow.message_id).where(LetterRow.message_id.in_(former)))
    return sorted(set(found), key=named.index)


def _sent_folder(work: Work, arrival: Arrival) -> str:
    """Our own letters come back; what a person wrote in the webmail belongs to a ticket."""
    if _ours(work, [arrival.mail.message_id]):
        return "own"
    if arrival.message.role != FolderRole.SENT.value:
        # Anybody can write our address into From, so only the Sent folder shows what left from here.
        return "own" if arrival.verdict.kind is Kind.OWN and not _only_to_ourselves(work, arrival) else ""
    case = hand_letters.case_of(work, arrival.mail)
    if case is None:
        arrival.message.reason = "written by hand in the webmail, about no ticket"
        return "by-hand-unrelated"
    arrival.message.ticket_id = case.row.id
    case.record(
        AnsweredByHand(arrival.message.id),
        actor="desk",
        cause=arrival.cause.cause,
        at=arrival.message.received_at,
    )
    case.settle()
    notify.sent_by_hand(case, arrival.message, arrival.message.new_text or "")
    return "by-hand"


def _only_to_ourselves(work: Work, arrival: Arrival) -> bool:
    """Say whether somebody wrote from the mailbox to itself, as one does to put something on record."""
    recipients = {a.address.lower() for a in (*arrival.mail.to, *arrival.mail.cc)}
    return recipients <= work.settings.own_addresses()


def _report(work: Work, arrival: Arrival) -> str:
    """Delivery reports and automatic answers change a ticket only if they show a letter's key."""
    kind = arrival.verdict.kind
    if kind is not Kind.BOUNCE and kind not in AUTOMATIC:
        return ""
    named = _ours(work, arrival.verdict.about) or _letters_named(work, arrival)
    letter = (
        work.session.scalars(select(LetterRow).where(LetterRow.message_id.in_(named)).limit(1)).first()
        if named
        else None
    )
    if kind in (Kind.AUTO_REPLY, Kind.OUT_OF_OFFICE):
        noticing.automatic(work, arrival.message, proven=letter is not None)
    if letter is None:
        if kind in (Kind.AUTO_REPLY, Kind.OUT_OF_OFFICE) and not _known(work, arrival.sender):
            return ""  # perhaps a complaint sent by a machine: a ticket, without an answer
        arrival.message.reason = f"{arrival.verdict.reason}; about no letter of this desk"
        if kind is Kind.BOUNCE and consequences.reported_by_nobody_known(work, arrival.verdict.failed):
            return "bounce-unproven"
        return "automatic"
    arrival.message.letter_id, arrival.message.ticket_id = letter.id, letter.ticket_id
    if kind is Kind.BOUNCE:
        consequences.bounced(work, letter, arrival.verdict.failed, arrival.message.received_at)
        return "bounce"
    return "automatic"


def _known(work: Work, address: str) -> bool:
    people = work.people
    if people.by_address(address) is not None or people.organ_of(address) is not None:
        return True
    return (
        work.session.scalar(select(Participant.address).where(Participant.address == address).limit(1))
        is not None
    )


def _staff(work: Work, arrival: Arrival) -> str:
    """Mail of staff and leaders is a conversation with the desk."""
    person = work.people.by_address(arrival.sender)
    if person is None and (stolen := _of_somebody_else(work, arrival)) is not None:
        return strangers.hold(arrival.message, stolen)
    if person is None or arrival.verdict.kind is Kind.LIST:
        return ""
    letter = None
    if arrival.sole:
        letter = staff.find_letter(
            work, person, _letters_named(work, arrival), authenticity.tags_in(arrival.mail.subject)
        )
    if letter is None and not _speaks_to_the_desk(arrival):
        return ""  # a member of staff forwards or reports something: nothing is lost, a ticket opens
    arrival.message.verified = letter is not None
    arrival.message.letter_id = letter.id if letter is not None else None
    subject = arrival.mail.subject
    standing = authority.weigh(work, arrival.message, person, letter, arrival.proof, subject=subject)
    staff.command_mail(work, arrival.message, person, letter, split=arrival.split, standing=standing)
    return arrival.message.filed_as or "command"


def _of_somebody_else(work: Work, arrival: Arrival) -> LetterRow | None:
    """Return the letter to staff whose key this mail from outside shows, unless somebody has released it."""
    if arrival.message.filed_as in RELEASED or work.people.organ_of(arrival.sender) is not None:
        return None
    tags = authenticity.tags_in(arrival.mail.subject)
    return strangers.letter_of_somebody(work, _letters_named(work, arrival), tags)


def _speaks_to_the_desk(arrival: Arrival) -> bool:
    """Without a token: only a mail that begins with a command, or answers a letter of ours."""
    first = next((line.strip() for line in arrival.split.new.splitlines() if line.strip()), "")
    tagged = bool(authenticity.tags_in(arrival.mail.subject))
    return first.startswith(("#", "＃")) or tagged or first.casefold() in ("help", "帮助")


def _organ(work: Work, arrival: Arrival) -> str:
    """Offer what may be an organ's answer to who asked; it is no complaint."""
    ordinary = arrival.verdict.kind is Kind.MESSAGE
    return organ_answers.file(
        work, arrival.message, arrival.mail, _letters_named(work, arrival), ordinary=ordinary
    )


def _answer(work: Work, arrival: Arrival) -> str:
    """File an answer to an outward letter: by its keyed Message-ID, else by its tag in the subject."""
    named = _letters_named(work, arrival)
    tags = authenticity.tags_in(arrival.mail.subject)
    query = select(LetterRow).where(
        LetterRow.audience.in_(("enterprise", "organ")), LetterRow.ticket_id.is_not(None)
    )
    letter = None
    for column, values in ((LetterRow.message_id, named), (LetterRow.tag, tags)):
        if letter is None and values:
            found = query.where(column.in_(values)).order_by(LetterRow.id.desc()).limit(1)
            letter = work.session.scalars(found).first()
    if letter is None or letter.ticket_id is None:
        return ""
    case = Case.by_id(work, letter.ticket_id)
    readers = (
        {letter.recipient, *hand_letters.participants(work, case.row.id)}
        if letter.audience == "enterprise"
        else {letter.recipient}
    )
    organ = work.people.organ_of(arrival.sender)
    if letter.audience == "organ" and organ is not None:
        readers |= {*organ.addresses, arrival.sender}
    sole = arrival.sole
    trust = authenticity.judge(
        arrival.sender, sole=sole, readers=readers, dead_at=letter.tag_dead_at, now=work.now
    )
    if trust.commands and participants.answered(
        case, letter, arrival.message, arrival.mail, arrival.split.new
    ):
        return "admission"
    if letter.audience == "enterprise" and (
        filed := complainants.word(_heard(arrival, case), arrival.verdict, letter, trust)
    ):
        return filed
    if closed.policy(case, organ=letter.audience == "organ") == "new":
        return _opens(work, arrival, continues=case)
    arrival.message.letter_id = letter.id
    role = "organ" if letter.audience == "organ" else "complainant" if trust.known else "unknown"
    if letter.notice and role == "complainant" and trust.commands and _only_confirms(arrival):
        arrival.message.ticket_id, arrival.message.verified = case.row.id, True
        serving.confirm(case, letter, arrival.message, arrival.cause.cause)
        return "confirmation"
    warnings = [] if trust.commands else [_unverified(work, case, arrival, role=role, keyed=True)]
    if role == "unknown" and trust.token and organ is None:
        participants.unknown_answered(case, arrival.message, arrival.mail, arrival.verdict)
    return _follow(arrival, case, role=role, verified=trust.commands, warnings=warnings)


def _heard(arrival: Arrival, case: Case) -> withdrawing.Heard:
    return withdrawing.Heard(case, arrival.message, arrival.mail, arrival.split.new, sole=arrival.sole)


def _only_confirms(arrival: Arrival) -> bool:
    """Say whether a mail only says that our notice has arrived: nothing else, and no file."""
    mail = arrival.mail
    return not any(not a.inline for a in mail.attachments) and confirms(arrival.split.new, mail.author.name)


def _unverified(work: Work, case: Case, arrival: Arrival, *, role: str, keyed: bool) -> str:
    known = hand_letters.participants(work, case.row.id)
    return doubts.unverified(work, arrival.sender, known, role=role, keyed=keyed)


def _by_number(work: Work, arrival: Arrival) -> str:
    """Attach by number and known address, as unverified: seen, but nothing moves, nothing goes back."""
    for number in hand_letters.NUMBER.findall(arrival.mail.subject):
        case = Case.by_number(work, number)
        if case is None:
            continue
        case = Case.by_id(work, case.row.id)
        organ = work.people.organ_of(arrival.sender)
        if arrival.sender in hand_letters.participants(work, case.row.id):
            role = "complainant"
            if filed := complainants.word(_heard(arrival, case), arrival.verdict, None, None):
                return filed
        elif organ is not None and any(
            r.event.organ == organ.key for r in case.recorded if hasattr(r.event, "organ")
        ):
            role = "organ"
        else:
            continue
        if closed.policy(case, organ=role == "organ") == "new":
            return _opens(work, arrival, continues=case)
        warning = _unverified(work, case, arrival, role=role, keyed=False)
        return _follow(arrival, case, role=role, verified=False, warnings=[warning])
    return ""


def _piece(work: Work, arrival: Arrival) -> str:
    """File materials that come in a mail of their own on the ticket they probably belong to, unverified."""
    verdict, sender = arrival.verdict, arrival.sender
    if verdict.kind is not Kind.MESSAGE or not verdict.answerable or work.people.organ_of(sender) is not None:
        return ""
    candidates = pieces.open_tickets_of(work, sender)
    found = pieces.ticket_of(work, arrival.message, arrival.mail.subject, candidates)
    if found is None:
        return ""
    case, why = found
    return _follow(arrival, case, role="complainant", verified=False, warnings=[why])


def _follow(arrival: Arrival, case: Case, *, role: str, verified: bool, warnings: Iterable[str]) -> str:
    message = arrival.message
    message.ticket_id, message.verified = case.row.id, verified
    waited = case.ticket.state == "awaiting-materials"
    actor = "complainant" if role == "complainant" else "desk"
    case.record(
        FollowedUp(message.id, role, verified=verified),
        actor=actor,
        cause=arrival.cause.cause,
        at=message.received_at,
    )
    told = [*warnings, *linked.warning(case.work, message)]
    if role == "complainant" and verified and closed.policy(case) == "reopen":
        told += closed.reopen(case, cause=arrival.cause.cause, at=message.received_at)
    case.settle()
    notify.follow_up(
        case,
        arrival.cause,
        message=message,
        mail=arrival.mail,
        role=role,  # type: ignore[arg-type]
        words=message.new_text or "",
        warnings=told,
        first=pieces.offers(case, message, role=role, verified=verified)
        + (linked.asking_at_once(case, message) if role == "complainant" else []),
    )
    return "supplement" if waited and verified and role == "complainant" else "follow-up"


def _opens(work: Work, arrival: Arrival, continues: Case | None = None) -> str:
    if arrival.split.quoted and continues is None:  # a forwarded mail: the matter is in what it encloses
        arrival.message.new_text = arrival.mail.text.strip()
    opening.open_ticket(
        work,
        message=arrival.message,
        mail=arrival.mail,
        language=arrival.language,
        no_receipt=acknowledging.why_not(work, arrival.message, arrival.mail, arrival.verdict),
        related=pieces.open_tickets_of(work, arrival.sender),
        continues=continues,
    )
    organ_answers.offer_elsewhere(work, arrival.message, arrival.mail)
    return "opened"
