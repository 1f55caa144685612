"""Days away: what a person writes of them, and what follows for the configured leave. Pure.

Leave stands in people.toml and in notes that commands add. Notes are read in order, the later one holds:
`away` adds days, `here` takes days away again, also configured ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mail_desk.config import Leave
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.spoken_dates import date_at_start

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=400)  # ahead: more is a slip of the pen
_AHEAD = timedelta(days=300)  # a day without its year is the one to come, not one of last spring
_WITH_YEAR = re.compile(r"[0-9]{4}|[〇零一二三四五六七八九]{4}")
_BETWEEN = re.compile(r"[ ,:、;~–—-]*(?:到|至|起|until|till|to|and)?[ ,:~–—-]*(?:from)?[ ]*")
_BEFORE = re.compile(r"[ ,:、;]*(?:从|自|from)?[ ,:]*$")


@dataclass(frozen=True, slots=True)
class Note:
    """What a command said of a span of days, both included."""

    kind: Literal["away", "here"]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is to be away, and when. `who` is "" for the writer."""

    who: str
    first: date
    last: date


def read(words: str, today: date) -> Asked | None:
    """Return what `[name] first [last]` says; None where no day can be read, or they are out of order."""
    folded = fold(words)
    for position in range(len(folded)):
        found = _day(folded[position:], today)
        if found is not None:
            break
    else:
        return None
    first, length = found
    who = words[:position]
    gap = _BETWEEN.match(folded, position + length)
    second = _day(folded[gap.end() :], first) if gap is not None else None
    last = second[0] if second is not None else first
    if last < first or last < today or last > today + LONGEST:
        return None
    before = _BEFORE.search(fold(who))
    return Asked(who[: before.start()].strip() if before else who.strip(), first, last)


def _day(folded: str, today: date) -> tuple[date, int] | None:
    found = date_at_start(folded, today)
    return None if found is None else ahead(folded, found, today)


def ahead(folded: str, found: tuple[date, int], today: date) -> tuple[date, int]:
    """Return the day that stands at the start, of those without a year the one to come: not last spring's."""
    if found[0] >= today or _WITH_YEAR.match(folded):
        return found
    later = date_at_start(folded, today + _AHEAD)
    same = later is not None and (later[0].month, later[0].day) == (found[0].month, found[0].day)
    return later if same and later is not None else found


def run(leave: Iterable[Leave], day: date, is_working: Callable[[date], bool]) -> tuple[date, date] | None:
    """Return first and last day of the absence that `day` lies in; spans with no working day between are one."""
    spans = sorted((span.first, span.last) for span in leave)
    joined: list[tuple[date, date]] = []
    for first, last in spans:
        if joined and _touch(joined[-1][1], first, is_working):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return next((span for span in joined if span[0] <= day <= span[1]), None)


def _touch(last: date, first: date, is_working: Callable[[date], bool]) -> bool:
    """Say whether nobody could have worked between two absences."""
    gap = (first - last).days
    return gap <= 1 or (gap <= 14 and not any(is_working(last + ONE_DAY * n) for n in range(1, gap)))


def merged(leave: Iterable[Leave], notes: Sequence[Note]) -> tuple[Leave, ...]:
    """Return the spans away that hold after all notes."""
    spans = [(span.first, span.last) for span in leave]
    for note in notes:
        kept = []
        for first, last in spans:
            if note.kind == "away" or last < note.first or first > note.last:
                kept.append((first, last))
                continue
            if first < note.first:
                kept.append((first, note.first - ONE_DAY))
            if last > note.last:
                kept.append((note.last + ONE_DAY, last))
        spans = [*kept, (note.first, note.last)] if note.kind == "away" else kept
    return tuple(Leave(first=first, last=last) for first, last in sorted(spans))


def end_of(leave: Iterable[Leave], today: date) -> Note | None:
    """Return the note that ends the leave of today, or calls the next one off; None where there is none."""
    spans = [span for span in leave if span.last >= today]
    current = [span for span in spans if span.first <= today]
    if current:
        return Note("here", today, max(span.last for span in current))
    following = min(spans, key=lambda span: span.first, default=None)
    return None if following is None else Note("here", following.first, following.last)
