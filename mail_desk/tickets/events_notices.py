"""Facts about formal notices and files: numbered, dispatched, named to leave, given out, erased.

They stand in the ledger and in `events.Event` like all others; like these they hold no personal text. A file
is named by the row of its mail, its place in it and its SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass

FileRef = tuple[int, int, str]  # message row, part index, SHA-256


@dataclass(frozen=True, slots=True)
class NoticeNumbered:
    """A formal notice got its number in the register. An undone one stays there as void."""

    notice: str
    form: str  # which Word template
    series: str  # acceptance/2026
    n: int
    number: str  # 洛高外诉受〔2026〕12号
    letter: int  # 0: none is queued before the signed and sealed scan is there
    waits: str  # "": it left at once; required, optional: as the procedure has it
    verb: str  # verb, ground, body and words are what the letter is made of
    ground: str
    body: str
    words: int | None


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A notice that waited was sent: with its scan, or alone where the procedure permits."""

    notice: str
    number: str
    letter: int
    sealed: bool  # with a scan


@dataclass(frozen=True, slots=True)
class Attached:
    """Somebody named files that may leave with the next outward letter."""

    files: tuple[FileRef, ...]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """These files went into a letter: what was named before is used up."""

    letter: int
    files: tuple[FileRef, ...]


@dataclass(frozen=True, slots=True)
class DossierGiven:
    """Somebody was sent the whole file of the ticket."""

    to: str  # person key
    parts: int  # mails


@dataclass(frozen=True, slots=True)
class Erased:
    """Personal data of the ticket was erased; the chain and what is counted stay."""

    texts: int
    mails: int
    letters: int
