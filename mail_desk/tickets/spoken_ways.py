"""How something was done outside the mailbox, and when: 邮寄 11月20日 EMS123, 口头 昨天, by hand 20 Nov.

Pure: reads the words behind a verb. The day may stand before or behind the way; left out it is today.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mail_desk.tickets.commands_verbs import Names
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.spoken_dates import date_at_start

_GAP = re.compile(r"[ \n:,;、.~-]*(?:(?:于|on|by|in) ?(?=[^a-z]|[a-z]+ ?))?")


def _names(table: Mapping[str, tuple[str, ...]]) -> Names:
    return Names({name: key for key, names in table.items() for name in names})


DELIVERY: dict[str, tuple[str, ...]] = {
    "post": ("邮寄", "邮政", "快递", "寄送", "挂号", "挂号信", "ems", "post", "mail", "courier"),
    "hand": ("当面", "当面送达", "直接送达", "面交", "签收", "留置", "hand", "person", "in-person"),
    "phone": ("电话", "电话告知", "phone", "telephone", "call"),
}
APPROVAL: dict[str, tuple[str, ...]] = {
    "oral": ("口头", "电话", "当面", "口头同意", "oral", "orally", "phone", "telephone", "call"),
    "paper": ("书面", "纸质", "签批", "批签", "签字", "paper", "written", "writing", "signed", "sign"),
}
_DELIVERY, _APPROVAL = _names(DELIVERY), _names(APPROVAL)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the words say; `day` None: a day was given that is none."""

    way: str
    day: date
    words: str


def delivery(words: str, today: date) -> Spoken | None:
    """Return how and when a notice was handed over; None where the words do not begin with a way."""
    return _read(words, today, _DELIVERY)


def approval(words: str, today: date) -> Spoken | None:
    """Return how and when a superior approved; None where the words do not begin with a way."""
    return _read(words, today, _APPROVAL)


def _read(words: str, today: date, names: Names) -> Spoken | None:
    folded = fold(words)
    position, way, day = 0, "", None
    for _ in range(2):  # way and day, in either order
        position = _skip(folded, position)
        found = names.value_at(folded, position) if not way else None
        if found is not None:
            way, position = found
            continue
        said = date_at_start(folded[position:], today) if day is None else None
        if said is not None:
            day, position = said[0], position + said[1]
    if not way:
        return None
    return Spoken(way, day or today, words[_skip(folded, position) :].strip())


def _skip(folded: str, position: int) -> int:
    gap = _GAP.match(folded, position)
    return gap.end() if gap else position
