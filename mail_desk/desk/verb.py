"""What all verbs share: the type of one, and the plainest way to carry one out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, state_name
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition

Act = Callable[[Case, Command, Actor, Transition], Outcome]


def simply(case: Case, actor: Actor, event: e.Event, zh: str, en: str, at: datetime | None = None) -> Outcome:
    """Record one event and say so; `at` is since when it holds, if not now."""
    before = state_name(case, actor.language)
    case.record(event, actor=actor.person.key, cause=actor.cause, at=at)
    return Outcome(True, actor.say(zh, en), before, state_name(case, actor.language))
