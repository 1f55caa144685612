"""What each verb asks of the mail that brings it (invariant 9). Pure; docs/commands.md is checked against it.

    read    a known address; the answer goes to that address only
    token   and the key of a letter written to this person about this ticket
    strong  and an authenticated sender, or one digit in answer to the confirmation the desk sends

A verb not named here is strong: whoever adds one has to say that it may have less.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mail_desk.tickets.commands_verbs import VERBS, Verb


class Grade(StrEnum):
    READ = "read"
    TOKEN = "token"  # noqa: S105 - the name of a grade
    STRONG = "strong"


_READ = frozenset({"list", "show", "help", "search", "explain", "dossier", "export"})
# They stay inside, decide nothing, and can be taken back or only take back.
_TOKEN = frozenset(
    {
        "note",
        "read",
        "undo",
        "complaint",
        "link",
        "category",
        "suggest",
        "snooze",
        "back",
        "confirm",
        "deny",
        "instruct",
        "supervise",
        "report-back",
        "call-off",
        "escalate",
        "attribute",
    }
)


def grade(verb: Verb, *, default: str = "strong", exceptions: Mapping[str, str] | None = None) -> Grade:
    """Return what a verb asks for. `default`, `exceptions`: of `[authority]`; they never touch reading."""
    name = verb.value
    if name in _READ:
        return Grade.READ
    if exceptions and name in exceptions:
        return Grade(exceptions[name])
    return Grade.TOKEN if name in _TOKEN else Grade(default)


def unknown(exceptions: Mapping[str, str]) -> list[str]:
    """Return the names in `[authority] verbs` that are no verb, or one that only reads."""
    return [name for name in exceptions if name not in {v.value for v in VERBS} or name in _READ]
