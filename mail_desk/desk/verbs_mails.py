"""What a further mail is: a supplement from its own day of arrival, or something new."""

from __future__ import annotations

from mail_desk.desk import opening
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, date_words, in_words, state_name
from mail_desk.desk.verb import simply
from mail_desk.inbound.classify import Kind
from mail_desk.inbound.parse import parse
from mail_desk.store import raw
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition


def _filed(case: Case) -> dict[int, list[e.FollowedUp]]:
    """Return the further mails from outside that lie on this ticket, the newest last."""
    found: dict[int, list[e.FollowedUp]] = {}
    for r in tickets.live(case.recorded):
        if isinstance(r.event, e.FollowedUp) and r.event.role in ("complainant", "unknown"):
            found.setdefault(r.event.message, []).append(r.event)
    return found


def _meant(case: Case, command: Command, possible: list[int]) -> Message | None:
    """Return the mail named (M12), without a name the newest possible one."""
    digits = command.argument.upper().removeprefix("M")
    wanted = int(digits) if digits.isdecimal() else max(possible, default=0)
    return case.work.session.get(Message, wanted) if wanted in possible else None


def supplement(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Count a mail as the complainant's supplement, from the day it arrived."""
    open_ones = [m for m, filed in _filed(case).items() if not any(f.verified for f in filed)]
    message = _meant(case, command, open_ones)
    if message is None:
        return Outcome(
            False,
            actor.say(
                f"没有待认定的来信{command.argument}。",
                f"No mail {command.argument} waits to be called a supplement.",
            ),
        )
    day = case.work.rules.day_of(message.received_at)
    outcome = simply(
        case,
        actor,
        e.FollowedUp(message.id, "complainant", verified=True),
        f"M{message.id} 是补充材料，{in_words(day, 'zh')}收到",
        f"M{message.id} is a supplement, received {in_words(day, 'en')}",
        at=message.received_at,
    )
    message.filed_as = "supplement"
    if by := date_words(case, "decide", actor.language):
        outcome.what += actor.say(f"（{by}前决定是否受理）", f" (decide by {by})")
    return outcome


def separate(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Make a mail that was filed here a ticket of its own, with its true day of arrival.

    It cannot be undone, only merged back: the sender has been told the new number.
    """
    message = _meant(case, command, list(_filed(case)))
    if message is None or message.raw_sha256 is None:
        return Outcome(
            False,
            actor.say(
                f"这一件里没有后续来信{command.argument}。",
                f"There is no further mail {command.argument} on this ticket.",
            ),
        )
    work = case.work
    mail = parse(raw.load(work.session, work.rules.spool_dir, message.raw_sha256))
    answerable = message.kind == Kind.MESSAGE.value
    made = opening.open_ticket(
        work,
        message=message,
        mail=mail,
        language="en" if message.language == "en" else "zh" if message.language else None,
        no_receipt="" if answerable else actor.say("自动或群发邮件", "automatic or bulk mail"),
        related=(),
        continues=case,
    )
    message.filed_as = "opened"
    case.record(
        e.Separated(message.id, made.row.number), actor=actor.person.key, cause=f"message:{message.id}"
    )
    number = "" if actor.person.key in made.ticket.hidden else made.row.number
    day = work.rules.day_of(message.received_at)
    return Outcome(
        True,
        actor.say(
            f"M{message.id} 另立为 {number}，收到日期{in_words(day, 'zh')}",
            f"M{message.id} is now a ticket of its own, {number}, received {in_words(day, 'en')}",
        ),
        after=state_name(case, actor.language),
    )
