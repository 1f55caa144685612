"""参与人: who may write on a ticket. By the handler's digit under an unverified mail, or by address to end it."""

from __future__ import annotations

import re

from sqlalchemy import select

from mail_desk.desk import participants
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.store.schema import Message
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition

_REMOVE = re.compile(r"^\s*(?:撤销|取消|移除|删除|remove|end)[\s:：]*(\S+@\S+)\s*$", re.IGNORECASE)
_AGENT = re.compile(r"代理|律师|委托|agent|lawyer|attorney|counsel", re.IGNORECASE)
_MAIL = re.compile(r"(?<![A-Za-z])M(\d{1,9})(?!\d)", re.IGNORECASE)


def participant(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Admit who sent a mail, or end it for an address."""
    ending = _REMOVE.match(command.words)
    if ending is not None:
        return _end(case, actor, ending[1].strip("<>，。,."))
    message = _meant(case, command.argument)
    if message is None or not message.from_address:
        return Outcome(
            False,
            actor.say(
                f"这一件里没有来信{command.argument}，或其发件人已可来信。",
                f"There is no mail {command.argument} on this ticket whose sender is not known yet.",
            ),
        )
    role = "agent" if _AGENT.search(command.words) else "complainant"
    proof = _proof(case, command.words)
    if role == "agent" and proof is None:
        return Outcome(
            False,
            actor.say(
                f"代理人须有授权委托书：请写明在哪封来信里，例：#{case.row.number} 参与人 M{message.id} 代理人，授权委托书见 M12",
                "An agent needs a power of attorney: say which mail holds it, "
                f"e.g. #{case.row.number} participant M{message.id} agent, power of attorney in M12",
            ),
        )
    participants.admit(
        case,
        message,
        role=role,
        by="handler",
        actor=actor.person.key,
        cause=actor.cause,
        proof=proof.id if proof is not None else 0,
    )
    sender = message.from_address
    if role == "agent" and proof is not None:
        return Outcome(
            True,
            actor.say(
                f"{sender} 作为代理人可就此件来信（授权委托书见 M{proof.id}）",
                f"{sender} may write on the ticket as an agent (power of attorney in M{proof.id})",
            ),
        )
    return Outcome(
        True,
        actor.say(
            f"{sender} 可就此件来信（投诉人的另一地址）",
            f"{sender} may write on the ticket, as the complainant",
        ),
    )


def _meant(case: Case, argument: str) -> Message | None:
    """Return the mail named (M12), without a name the newest from an address that may not write yet."""
    known = set(participants.of(case.work, case.row.id))
    query = select(Message).where(Message.ticket_id == case.row.id).order_by(Message.id.desc())
    digits = argument.upper().removeprefix("M")
    if digits.isdecimal():
        query = query.where(Message.id == int(digits))
    people = case.work.people
    for message in case.work.session.scalars(query):
        sender = (message.from_address or "").lower()
        if (
            sender
            and sender not in known
            and people.by_address(sender) is None
            and people.organ_of(sender) is None
        ):
            return message
    return None


def _proof(case: Case, words: str) -> Message | None:
    """Return the mail on this ticket that the words name as holding the power of attorney."""
    for digits in _MAIL.findall(words):
        found = case.work.session.get(Message, int(digits))
        if found is not None and found.ticket_id == case.row.id:
            return found
    return None


def _end(case: Case, actor: Actor, address: str) -> Outcome:
    if participants.remove(case, address, actor=actor.person.key, cause=actor.cause):
        return Outcome(
            True,
            actor.say(f"{address} 不能再就此件来信", f"{address} may write on the ticket no longer"),
        )
    return Outcome(
        False,
        actor.say(
            f"{address} 不在参与人中，或是投诉人登记的地址。",
            f"{address} is no participant, or the complainant's own.",
        ),
    )
