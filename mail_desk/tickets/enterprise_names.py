"""Which enterprise of the ledger (台账) a text names: by key, by name, by the name without its legal form. Pure.

Never guesses between two: a text that fits several rows returns them all, and a person chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mail_desk.config import Enterprise
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notes import EnterpriseSet
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.ticket import live

_BRACKETS = re.compile(r"\([^)]{0,20}\)")
_FORM = re.compile(
    r"(?:股份)?有限(?:责任)?公司$|集团$|公司$|[ ,]+(?:co\.?,? ?ltd\.?|ltd\.?|limited|inc\.?|gmbh|corp\.?|company)$"
)
_SHORTEST = 3  # characters of a core that may be looked for inside a text


def spellings(row: Enterprise) -> tuple[str, ...]:
    """Return how a row may be written, folded: key, names, and names without place and legal form."""
    names = [fold(n).strip() for n in (row.name, row.name_en) if n]
    return tuple(dict.fromkeys(s for s in (row.key, *names, *map(core, names)) if s))


def core(name: str) -> str:
    """Return a folded name without bracketed place and legal form: 示例轴承(洛阳)有限公司 → 示例轴承."""
    return _FORM.sub("", _BRACKETS.sub("", name).strip()).strip(" .,")


def meant(text: str, rows: Sequence[Enterprise]) -> list[Enterprise]:
    """Return the rows a whole text names; where none is named exactly, those whose name holds it."""
    wanted = fold(text).strip(" .,:;、")
    if not wanted:
        return []
    exact = [row for row in rows if wanted in spellings(row) or core(wanted) in spellings(row)]
    if exact:
        return exact
    return [row for row in rows if len(wanted) > 1 and any(wanted in s for s in spellings(row))]


def said_of(recorded: Iterable[Recorded]) -> str | None:
    """Return the enterprise somebody gave a ticket, "" for none of the ledger; None where nobody ever did.

    What was undone goes back to what stood there before.
    """
    recorded = list(recorded)
    every = [r.event for r in recorded if isinstance(r.event, EnterpriseSet)]
    holding = [r.event for r in live(recorded) if isinstance(r.event, EnterpriseSet)]
    if holding:
        return holding[-1].enterprise
    return every[0].before if every else None


def named_in(text: str, rows: Sequence[Enterprise]) -> tuple[Enterprise, str] | None:
    """Return the one row that a text mentions and the spelling found in it; None where none or several are."""
    folded = fold(text)
    found: dict[str, tuple[Enterprise, str]] = {}
    for row in rows:
        for spelling in sorted(spellings(row), key=len, reverse=True):
            if spelling != row.key and len(spelling) >= _SHORTEST and spelling in folded:
                found[row.key] = (row, spelling)
                break
    return next(iter(found.values())) if len(found) == 1 else None
