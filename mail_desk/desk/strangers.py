"""An answer to somebody's letter from an address nobody knows: a colleague's new address, or a forger.

Nothing is done and nothing goes back to that address. The mail is held, the supervisors see it among the
held ones, and the person the letter was written to is asked at the known address: was this you? One
digit there admits the address and has the mail worked on.
"""

from __future__ import annotations

from sqlalchemy import select

from mail_desk.config import Person
from mail_desk.desk import address_book, suspicion, waiting
from mail_desk.desk.choices import numbered
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, WasThisYouContext
from mail_desk.store import desk_chain
from mail_desk.store.schema import LetterRow, Message, MessageState
from mail_desk.tickets.commands import Command, Verb
from mail_desk.tickets.refusals import refusal

SHOWN = 400  # characters of what was written: enough to know one's own words again


def letter_of_somebody(work: Work, identifiers: list[str], tags: list[str]) -> LetterRow | None:
    """Return the living letter to staff or a leader whose key is shown, None where there is none."""
    for column, values in ((LetterRow.message_id, identifiers), (LetterRow.tag, tags)):
        if values:
            query = select(LetterRow).where(LetterRow.person.is_not(None), column.in_(values))
            found = work.session.scalars(query.order_by(LetterRow.id.desc()).limit(1)).first()
            if found is not None and (found.tag_dead_at is None or found.tag_dead_at > work.now):
                return found
    return None


def hold(message: Message, letter: LetterRow) -> str:
    """File a mail that shows the key of somebody else's letter; `ask` follows when it is filed."""
    message.letter_id, message.verified = letter.id, False
    message.reason = f"answers a letter to {letter.person}, but {message.from_address} is not known"
    return suspicion.STRANGER


def ask(work: Work, message: Message) -> None:
    """Put the mail aside and ask the person at the known address."""
    letter = work.session.get(LetterRow, message.letter_id)
    person = work.people.by_key(letter.person or "") if letter is not None else None
    waiting.quarantine(work, message, message.reason or "from an unknown address")
    if person is None:
        return
    suspicion.note(work, person, message)
    _was_this_you(work, person, message)


def _was_this_you(work: Work, person: Person, message: Message) -> None:
    to = to_person(work, person)
    reference = f"M{message.id}"
    post(
        work,
        LetterKind.WAS_THIS_YOU,
        to,
        WasThisYouContext(
            reader=to.name,
            sender=message.from_address or "?",
            received_on=work.rules.day_of(message.received_at),
            subject=message.subject or "",
            words=(message.new_text or "")[:SHOWN],
        ),
        Cause(f"message:{message.id}"),
        choices=numbered(
            [
                (f"#confirm {reference}", "是我发的，登记这个地址", "It was me; the address is mine", False),
                (f"#deny {reference}", "不是我发的", "It was not me", False),
            ],
            to.language,
        ),
        dedupe=f"was-this-you/{person.key}/{message.from_address}/{work.today}",
    )


def answered(work: Work, actor: Actor, command: Command) -> Outcome:
    """Carry out `confirm` or `deny`: only in answer to the very letter that asked about this mail."""
    digits = command.argument.upper().removeprefix("M")
    message = work.session.get(Message, int(digits)) if digits.isdecimal() else None
    letter = actor.letter
    asked = (
        letter is not None
        and letter.kind == LetterKind.WAS_THIS_YOU.value
        and message is not None
        and letter.cause == f"message:{message.id}"
    )
    if not asked or message is None or actor.standing.barred:
        return Outcome(
            False,
            actor.standing.barred or refusal("not-asked", zh=actor.language == "zh"),
        )
    if message.state != MessageState.QUARANTINED:
        return Outcome(False, actor.say("这封邮件已经处理过。", "That mail has been dealt with."))
    sender = message.from_address or "?"
    if command.verb is Verb.DENY:
        message.state = MessageState.REJECTED
        return Outcome(
            True,
            actor.say(
                f"{sender} 的邮件已搁置，不会执行。写给您的信可能已被他人看到，请修改邮箱密码。",
                f"The mail of {sender} is put aside and will not be carried out. Somebody may have seen letters to "
                "you: please change the password of your mailbox.",
            ),
        )
    address_book.admit(work.session, actor.person.key, sender)
    digest = desk_chain.digest_of(sender.lower())
    desk_chain.append(
        work.session,
        "AddressAdmitted",
        {"person": actor.person.key, "digest": digest},
        at=work.now,
        actor=actor.person.key,
        cause=actor.cause,
    )
    work.people_changed()
    message.state, message.attempts, message.filed_as = MessageState.SPOOLED, 0, "released"
    return Outcome(
        True,
        actor.say(
            f"已登记 {sender} 为您的地址；那封邮件现在处理，结果另行回复。",
            f"{sender} is now one of your addresses; that mail is worked on and answered by itself.",
        ),
    )
