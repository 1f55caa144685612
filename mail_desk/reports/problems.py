"""Common problems (热点问题): complaints whose subjects say much the same. Pure.

Wordings are compared by the pairs of characters they hold, without numbers and without "Re:", so that
"退税迟迟未到账（3月）" and "回复：退税迟迟未到账" are one problem. The first wording of a group stands for it. Bounded:
only the most frequent wordings are compared with each other, the same words always count together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from mail_desk.reports.cases import Case
from mail_desk.reports.periods import Period
from mail_desk.tickets.similarity import pairs, share

ALIKE = 0.6  # of the pairs of characters; subjects are short
COMPARED = 300  # wordings
SHOWN = 8  # problems
_LEAD = re.compile(r"^(?:(?:re|fw|fwd|回复|答复|转发)\s*:\s*)+")
_NO_LETTER = re.compile(r"[\W\d_]+")
_SAYS_NOTHING = frozenset(
    {
        "",
        "投诉",
        "投诉书",
        "投诉信",
        "投诉材料",
        "关于投诉",
        "我要投诉",
        "complaint",
        "complaintletter",
        "acomplaint",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Complaints of a period about the same thing, as far as their subjects tell."""

    subject: str  # of the first of them
    tickets: tuple[int, ...]  # ids, in order

    @property
    def number(self) -> int:
        return len(self.tickets)


@cache
def _bare(subject: str) -> str:
    folded = unicodedata.normalize("NFKC", subject).casefold()
    return _NO_LETTER.sub("", _LEAD.sub("", folded) if ":" in folded else folded)


def common_problems(complaints: Iterable[Case], period: Period) -> tuple[Problem, ...]:
    """Return what at least two complaints received in the period were about, the most frequent first."""
    same: dict[str, list[Case]] = {}
    for case in complaints:
        if case.received_on in period and (bare := _bare(case.identity.subject)) not in _SAYS_NOTHING:
            same.setdefault(bare, []).append(case)
    _bare.cache_clear()
    wordings = sorted(same.items(), key=lambda item: (-len(item[1]), item[1][0].identity.ticket))
    groups: list[tuple[frozenset[str], list[Case]]] = []
    for bare, cases in wordings[:COMPARED]:
        mine = pairs(bare)
        group = next((kept for known, kept in groups if share(known, mine) >= ALIKE), None)
        if group is None:
            groups.append((mine, list(cases)))
        else:
            group.extend(cases)
    found = [
        Problem(min(cases, key=_order).identity.subject, tuple(sorted(c.identity.ticket for c in cases)))
        for _, cases in groups
        if len(cases) > 1
    ]
    return tuple(sorted(found, key=lambda x: (-x.number, x.tickets))[:SHOWN])


def _order(case: Case) -> int:
    return case.identity.ticket
