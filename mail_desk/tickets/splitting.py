"""`拆分 附件2、附件3 主题` / `split attachments 2, 3 subject`: which files and mails, the subject, the rest. Pure.

Files and mails stand in front, by number or name; the rest of the first line is the subject of the new ticket, the
lines below are for its handler. Nothing is guessed: what is not understood belongs to the subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 80  # characters of a subject: it stands in subjects of letters

_MAIL = re.compile(r"[mMｍＭ] ?[-－]?(\d{1,9})(?: ?[-－_./] ?(\d{1,3}))?(?![0-9A-Za-z])")
_NUMBERED = re.compile(r"(?:附件|文件|attachments?|files?)[ 　]*(?:第)?(\d{1,3})", re.IGNORECASE)
_FURTHER = re.compile(
    r"[ 　]*(?:[、,，]|和|与|及|and\b|&)[ 　]*(\d{1,3})(?![0-9]|(?![和与及])[\u4e00-\u9fff])", re.IGNORECASE
)
_JOINING = re.compile(r"(?:[\s、,，;；:：。]|(?:和|与|及|以及|and\b|&))+", re.IGNORECASE)
_QUOTES = "\"'“”‘’《》「」"


@dataclass(frozen=True, slots=True)
class Splitting:
    """What was written."""

    numbers: tuple[int, ...]  # of files, as the ticket counts them
    mails: tuple[tuple[int, int | None], ...]  # M12 or M12-3
    names: tuple[str, ...]  # of files, as given
    subject: str
    note: str  # the lines below


def read(words: str, names: Iterable[str]) -> Splitting:
    """Return what the words say. `names`: of the ticket's files."""
    first, _, below = words.strip().partition("\n")
    known = sorted({name for name in names if name}, key=len, reverse=True)
    numbers: list[int] = []
    mails: list[tuple[int, int | None]] = []
    found: list[str] = []
    rest = first.strip()
    while rest:
        if match := _NUMBERED.match(rest):
            numbers.append(int(match[1]))
            rest = rest[match.end() :]
            while more := _FURTHER.match(rest):
                numbers.append(int(more[1]))
                rest = rest[more.end() :]
        elif match := _MAIL.match(rest):
            mails.append((int(match[1]), int(match[2]) if match[2] else None))
            rest = rest[match.end() :]
        elif name := _name_at(rest, known):
            found.append(name)
            rest = rest.lstrip(_QUOTES)[len(name) :].lstrip(_QUOTES)
        else:
            break
        if joined := _JOINING.match(rest):
            rest = rest[joined.end() :]
    subject = rest.strip(" 　:：、,，;；。.")
    return Splitting(tuple(numbers), tuple(mails), tuple(found), subject, below.strip())


def _name_at(text: str, known: Iterable[str]) -> str:
    """Return the file name a text begins with, with or without quotation marks; "" for none."""
    plain = text.lstrip(_QUOTES).casefold()
    return next((name for name in known if plain.startswith(name.casefold())), "")
