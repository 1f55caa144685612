"""A decision that rests on the complainant's own mail names it (Art. 20: agreement, written withdrawal).

Only verified mails of the complainant count, and never the complaint itself. Left out, the only one
since acceptance is taken and shown; otherwise the handler chooses, and nothing is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.outbound.wording import shorten
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets.commands_arguments import mails_at
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.ticket import live

MOST = 8  # mails offered: one digit each


@dataclass(frozen=True)
class Evidence:
    """The mail a decision rests on, and the words without its name."""

    message: Message
    words: str

    def said(self, case: Case, language: Language) -> str:
        return cited_mail(case, self.message, language)


def cited_mail(case: Case, message: Message, language: Language) -> str:
    """Name a mail by its number and day."""
    day = in_words(case.work.rules.day_of(message.received_at), language)
    return (
        f"投诉人{day}来信M{message.id}"
        if language == "zh"
        else f"the complainant's mail M{message.id} of {day}"
    )


def mails(case: Case, *, since_acceptance: bool = False) -> list[Message]:
    """Return the complainant's verified mails after the complaint, oldest first."""
    accepted = max((r.at for r in live(case.recorded) if isinstance(r.event, e.Accepted)), default=None)
    found = []
    for r in live(case.recorded):
        if not (isinstance(r.event, e.FollowedUp) and r.event.role == "complainant" and r.event.verified):
            continue
        if since_acceptance and accepted is not None and r.at < accepted:
            continue
        found.append(case.work.session.get_one(Message, r.event.message))
    return found


def reference(words: str) -> tuple[str, str]:
    """Return the mail that words begin with (M12, "" without one), and the rest of them."""
    named, end = mails_at(fold(words), 0)
    return (named[0], words[end:].strip(" \n:：,，、;；")) if named else ("", words)


def find(
    case: Case, actor: Actor, named: str, words: str, *, command: Callable[[str], str]
) -> Evidence | Outcome:
    """Return the mail a decision rests on, or the refusal that lists what can be named.

    `command`: the line that would decide it by a mail (M12).
    """
    if named:
        found = next((m for m in mails(case) if f"M{m.id}" == named), None)
    else:
        recent = mails(case, since_acceptance=True)
        found = recent[0] if len(recent) == 1 else None
    if found is not None:
        return Evidence(found, words)
    listed = mails(case)[-MOST:]
    if not listed:
        return Outcome(
            False,
            actor.say(
                "未办理：此件没有投诉人本人的后续来信。须以投诉人的书面来信为据；可先答复，请其来信说明。",
                "Not done: there is no further mail of the complainant. This has to rest on its own written words; "
                "a reply can ask for them.",
            ),
        )
    what = actor.say("未办理：请选择以哪一封来信为据：", "Not done: choose the mail it rests on:")
    if named:
        what = actor.say(
            f"{named}不是投诉人就此件发来的、经核实的来信。请选择：",
            f"{named} is no verified mail of the complainant on this ticket. Choose:",
        )
    return Outcome(False, what, offers=[_offer(case, m, command) for m in listed])


def _offer(case: Case, message: Message, command: Callable[[str], str]) -> tuple[str, str, str, bool]:
    gist = shorten(message.new_text or message.subject or "", 40)
    day = case.work.rules.day_of(message.received_at)
    reference_ = f"M{message.id}"
    return (
        command(reference_),
        f"{reference_}，{in_words(day, 'zh')}：{gist}",
        f"{reference_}, {in_words(day, 'en')}: {gist}",
        False,
    )


def cited(case: Case, ground: str) -> Message | None:
    """Return the mail cited last for a ground."""
    found = [
        r.event for r in live(case.recorded) if isinstance(r.event, e.Cited) and r.event.ground == ground
    ]
    return case.work.session.get(Message, found[-1].message) if found else None
