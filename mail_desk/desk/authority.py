"""May this mail do that? Grades of authority (invariant 9), beside the key of the letter and the address.

A verb that speaks outward, decides or changes people needs an authenticated author: by DKIM or by the
provider's word, as `[authority]` says for the sender's domain. Where neither is had, the desk lays the
very commands ready in a letter to the known address; one digit there runs all of them, once, for a
limited time. A forger who knows address and key never sees that letter. Automatic mail does not get
here (`arrivals`), and a digit inside a quotation is none (`tickets/commands.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from mail_desk.config import Person
from mail_desk.desk import learned, suspicion
from mail_desk.desk.outcome import Actor, Outcome, Standing
from mail_desk.desk.work import Work
from mail_desk.inbound import authenticity
from mail_desk.inbound.proofs import Proof
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.schema import LetterRow, Message
from mail_desk.tickets.commands import Command, Problem, as_line, read
from mail_desk.tickets.grades import Grade, grade
from mail_desk.tickets.refusals import refusal

log = structlog.get_logger()


def weigh(
    work: Work, message: Message, person: Person, letter: LetterRow | None, proof: Proof, *, subject: str
) -> Standing:
    """Say what a command mail proves, and keep it with the message."""
    way = work.settings.authority.way_of(message.from_address or "")
    ways = _ways(work, message, letter, proof, subject)
    holds = {"dkim": "dkim" in ways, "provider": "provider" in ways, "either": bool(ways), "token": True}
    clear = proof.author.clear
    proven = clear and holds.get(way, False)
    again = way == "token" or (letter is not None and letter.kind == LetterKind.STAFF_TEST.value)
    usual = () if again else learned.usual(work, message.from_address or "")
    barred = ""
    if not clear or (not proven and way not in ("token", "never") and (proof.failed or usual)):
        barred = _why_barred(work, person, usual)
        suspicion.note(work, person, message)
    message.proof = {**proof.as_data(), "ways": list(ways), "proven": proven, "barred": bool(barred)}
    if not proven:
        log.info("author not proven", action="authority", message=message.id, reasons=proof.reasons)
    return Standing(proven, barred, _confirmed(work, letter))


def _ways(
    work: Work, message: Message, letter: LetterRow | None, proof: Proof, subject: str
) -> tuple[str, ...]:
    """Return the proofs that count: a signature only once, and only where it covers the key."""
    ways = list(proof.ways)
    if "dkim" in ways:
        keyed = letter is None or letter.tag in authenticity.tags_in(subject)
        covered = keyed or bool({"in-reply-to", "references"} & proof.signed and letter is not None)
        if not covered or _used(work, message, proof):
            ways.remove("dkim")
    return tuple(ways)


def _used(work: Work, message: Message, proof: Proof) -> bool:
    """Say whether another mail came with the same signed content: then this one is a replay of it."""
    query = select(Message.proof).where(
        Message.message_id == message.message_id, Message.id != message.id, Message.proof.is_not(None)
    )
    seen: Iterable[dict[str, Any] | None] = work.session.scalars(query)
    return any(p and p.get("domain") == proof.dkim and p.get("bh") == proof.bh for p in seen)


def _why_barred(work: Work, person: Person, usual: tuple[str, ...]) -> str:
    zh = work.rules.language_of(person) == "zh"
    return refusal("proof-missing" if usual else "check-failed", zh=zh)


def short_of(actor: Actor, command: Command, work: Work) -> Outcome | None:
    """Return what stands in the way of a command whose key is good, None where nothing does."""
    asked = work.settings.authority
    needed = grade(command.verb, default=asked.default, exceptions=asked.verbs)
    standing = actor.standing
    if needed is Grade.READ or _canonical(command) in standing.confirmed:
        return None
    if not standing.barred and (needed is Grade.TOKEN or standing.proven):
        return None
    what = standing.barred or _one_step_more(work, actor)
    return Outcome(False, what, offers=[ready(command)], awaits_confirmation=True)


def _one_step_more(work: Work, actor: Actor) -> str:
    hours = work.settings.authority.confirm_minutes / 60
    return refusal("one-step-more", zh=actor.language == "zh", hours=f"{hours:g}")


def ready(command: Command) -> tuple[str, str, str, bool]:
    """Return a command laid ready for one digit."""
    return (as_line(command), command.typed, command.typed, False)


def _canonical(command: Command) -> str:
    return as_line(replace(command, typed=""))


# --- confirmation by one digit --------------------------------------------------------------------


def bundled(
    offers: list[tuple[str, str, str, bool]], outcomes: list[Outcome]
) -> tuple[list[tuple[str, str, str, bool]], tuple[str, ...]]:
    """Put the commands that wait for confirmation behind one digit: (offers, its further lines)."""
    lines = [o.offers[0] for o in outcomes if o.awaits_confirmation and o.offers]
    waiting = list(dict.fromkeys(lines))
    if len(waiting) < 2:
        return offers, ()
    rest = [o for o in offers if o not in waiting]
    count = len(waiting)
    first = (waiting[0][0], f"确认，执行以上{count}条", f"Confirm: do all {count}", False)
    return [first, *rest], tuple(o[0] for o in waiting[1:])


def mark(letter: LetterRow, also: tuple[str, ...]) -> None:
    """Note in the answer's choices which are commands laid ready: their digit confirms, once."""
    letter.choices = [
        {**c, "confirms": True, **({"also": list(also)} if number == 0 and also else {})}
        if not c["needs_words"]
        else c
        for number, c in enumerate(letter.choices)
    ]


def _live(work: Work, letter: LetterRow | None) -> list[dict[str, Any]]:
    if letter is None or letter.kind != LetterKind.TRANSCRIPT.value:
        return []
    minutes = timedelta(minutes=work.settings.authority.confirm_minutes)
    if work.now > (letter.sent_at or letter.created_at) + minutes:
        return []
    return [c for c in letter.choices if c.get("confirms") and not c.get("used")]


def said_in(work: Work, message: Message, letter: LetterRow | None) -> Message | None:
    """Return the mail whose commands an answer may confirm: its files count, where the answer brings none."""
    if not _live(work, letter) or letter is None or not letter.cause:
        return None
    if any(not a.get("inline") for a in message.attachments or []):
        return None
    return work.session.get(Message, int(letter.cause.removeprefix("message:")))


def _confirmed(work: Work, letter: LetterRow | None) -> frozenset[str]:
    lines = [line for c in _live(work, letter) for line in (c["command"], *c.get("also", ()))]
    return frozenset(line for text in lines if (line := _line_of(text, work.today)))


def _line_of(text: str, today: date) -> str:
    found = [item for item in read(text, today=today).items if isinstance(item, Command)]
    return _canonical(found[0]) if found else ""


def expanded(
    work: Work, letter: LetterRow | None, items: Iterable[Command | Problem]
) -> list[Command | Problem]:
    """Return what a mail says with the further lines its digit confirms; note that the digit was used."""
    said = list(items)
    lines = {_canonical(item) for item in said if isinstance(item, Command)}
    for choice in _live(work, letter):
        if letter is None or _line_of(choice["command"], work.today) not in lines:
            continue
        for line in choice.get("also", ()):
            said += [i for i in read(line, today=work.today).items if isinstance(i, Command)]
        number = choice["number"]
        letter.choices = [{**c, "used": True} if c["number"] == number else c for c in letter.choices]
    return list(dict.fromkeys(said))
