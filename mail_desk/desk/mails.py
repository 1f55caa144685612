"""Mails that wait for a person: quarantined, or in the mailbox from before the desk."""

from __future__ import annotations

from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.store.schema import Message, MessageState
from mail_desk.tickets.commands import Command, Verb


def _named(work: Work, command: Command) -> Message | None:
    digits = command.argument.upper().removeprefix("M")
    return work.session.get(Message, int(digits)) if digits.isdecimal() else None


def waiting(work: Work, actor: Actor, command: Command) -> Outcome:
    """Adopt, release or reject a waiting mail (M12)."""
    message = _named(work, command)
    if message is None:
        zh, en = ("拒收", "reject") if command.verb is Verb.REJECT else ("放行", "release")
        return Outcome(
            False,
            actor.say(
                f"请写明哪一封来信或者哪一件，例：#{zh} M12；#2026-0003 {zh}",
                f"Say which mail or which ticket, e.g.: #{en} M12; #2026-0003 {en}",
            )
            if command.verb is not Verb.ADOPT
            else actor.say("请写明邮件编号，例：#收录 M12", "Name the mail, e.g.: #adopt M12"),
        )
    if actor.letter is None or not actor.superior:
        return Outcome(
            False,
            actor.say(
                "须由负责人回复列出该邮件的那封信来办理。",
                "A supervisor has to do this, in answer to the letter that lists the mail.",
            ),
        )
    reference, sender = f"M{message.id}", message.from_address or "?"
    match command.verb, message.state:
        case ((Verb.ADOPT | Verb.RELEASE), MessageState.BEFORE_DESK):
            message.state, message.attempts = MessageState.WANTED, 0
            message.filed_as = "adopted"
            what = actor.say(
                f"{reference}（{sender}）将立为来信，按原到达日期计算",
                f"{reference} ({sender}) becomes a ticket with its true date of arrival",
            )
        case ((Verb.RELEASE | Verb.ADOPT), MessageState.QUARANTINED):
            # One that was too large to be fetched has no bytes yet: the account's limit may have been raised.
            message.state = MessageState.SPOOLED if message.raw_sha256 else MessageState.WANTED
            message.attempts = 0
            message.filed_as = "released"
            what = actor.say(
                f"{reference}（{sender}）已放行，重新处理", f"{reference} ({sender}) is processed again"
            )
        case Verb.REJECT, MessageState.QUARANTINED | MessageState.BEFORE_DESK:
            message.state = MessageState.REJECTED
            what = actor.say(
                f"{reference}已搁置，原件保留", f"{reference} is put aside; the original is kept"
            )
        case _:
            return Outcome(
                False, actor.say(f"{reference}不在等待处理。", f"{reference} does not wait for anything.")
            )
    return Outcome(True, what)
