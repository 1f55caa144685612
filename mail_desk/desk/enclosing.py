"""Files that leave with an outward letter: only those that somebody named (invariant 8).

A file is called M12-1: the first one of mail M12. What was named waits for the next letter to the complainant,
and is used up by it. What goes to organs is for `organ_files.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound.parse import part_bytes
from mail_desk.outbound import traces
from mail_desk.outbound.letters import File
from mail_desk.store import raw
from mail_desk.store.schema import LetterRow, Message
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notices import Attached, Enclosed, FileRef
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.ticket import live

PHOTO = 40_000  # bytes: smaller pictures inside a mail's text are logos, larger ones a phone's scan
_REFERENCE = re.compile(r"m ?-?([0-9]{1,9})(?: ?[-_./] ?([0-9]{1,3}))?(?![0-9a-z])")
_BETWEEN = re.compile(r"[、,，;；\n]+")
_QUOTES = " \t\r\n\"'“”‘’《》「」<>"


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file that came with a mail."""

    name: str  # M12-1
    filename: str
    content_type: str
    size: int
    sender: str
    ref: FileRef


def files_in(message: Message, *, photos: bool = False) -> list[TicketFile]:
    """Return the files of a mail. `photos`: where there are none, large pictures inside its text."""
    found = [a for a in message.attachments or [] if not a["inline"]]
    if not found and photos:
        found = [a for a in message.attachments or [] if a["inline"] and _is_photo(a)]
    return [
        TicketFile(
            name=f"M{message.id}-{nth}",
            filename=a["filename"] or f"attachment-{a['index'] + 1}",
            content_type=a["content_type"],
            size=a["size"],
            sender=message.from_name or message.from_address or "",
            ref=(message.id, a["index"], a["sha256"]),
        )
        for nth, a in enumerate(found, start=1)
    ]


def _is_photo(attachment: dict[str, Any]) -> bool:
    return str(attachment["content_type"]).startswith("image/") and int(attachment["size"]) >= PHOTO


def files_of(case: Case) -> list[TicketFile]:
    """Return every file of a ticket's mails, in the order of their arrival."""
    query = select(Message).where(Message.ticket_id == case.row.id).order_by(Message.id)
    return [file for message in case.work.session.scalars(query) for file in files_in(message)]


def named_in(words: str, known: Sequence[TicketFile]) -> tuple[list[TicketFile], list[str]]:
    """Return the files that words name, and what of the words names none, or more than one."""
    folded = fold(words)
    found: list[TicketFile] = []
    lost: list[str] = []
    for match in _REFERENCE.finditer(folded):
        wanted = [f for f in known if _is(f, int(match[1]), int(match[2]) if match[2] else None)]
        found += wanted
        lost += [] if wanted else [words[match.start() : match.end()]]
    rest = _REFERENCE.sub("\n", folded) if len(folded) == len(words) else _REFERENCE.sub("\n", words)
    for piece in _BETWEEN.split(rest):
        name = piece.strip(_QUOTES)
        if not name:
            continue
        matching = _by_name(name, known) or [f for word in name.split() for f in _by_name(word, known)]
        if matching:
            found += matching
        else:
            lost.append(name)
    return list(dict.fromkeys(found)), lost


def _is(file: TicketFile, message: int, nth: int | None) -> bool:
    return file.ref[0] == message and (nth is None or file.name == f"M{message}-{nth}")


def _by_name(name: str, known: Sequence[TicketFile]) -> list[TicketFile]:
    """Return the one file of that name: whole, without its ending, or the only one that holds it."""
    wanted = fold(name).strip()
    exact = [
        f for f in known if fold(f.filename) in (wanted, f"{wanted}.{fold(f.filename).rpartition('.')[2]}")
    ]
    if exact:
        return exact[-1:]  # sent again under one name: the latest
    holding = [f for f in known if len(wanted) > 1 and wanted in fold(f.filename)]
    return holding if len(holding) == 1 else []


def pending(recorded: Iterable[Recorded]) -> tuple[FileRef, ...]:
    """Return what was named and has not left."""
    refs: list[FileRef] = []
    for r in live(recorded):
        if isinstance(r.event, Attached):
            refs += r.event.files
        elif isinstance(r.event, Enclosed):
            refs = [ref for ref in refs if ref not in r.event.files]
    return tuple(dict.fromkeys(refs))


def load(work: Work, refs: Iterable[FileRef]) -> tuple[File, ...]:
    """Return named files as they may leave (`outbound/traces.py`); FileNotFoundError where a raw mail is lost."""
    loaded: list[File] = []
    for message_id, index, _sha256 in refs:
        message = work.session.get_one(Message, message_id)
        a = next(a for a in message.attachments if a["index"] == index)
        content = raw.load(work.session, work.rules.spool_dir, message.raw_sha256 or "")
        name = a["filename"] or f"attachment-{index + 1}"
        cleaned = traces.clean(name, part_bytes(content, index))
        loaded.append(File(name, a["content_type"], cleaned.data, cleaned.kept))
    return tuple(loaded)


def fits(work: Work, files: Iterable[TicketFile]) -> bool:
    """Say whether files are small enough for one letter."""
    return sum(f.size for f in files) <= work.settings.desk.letter_up_to_mb * 2**20


def of_letter(case: Case, letter: LetterRow) -> tuple[File, ...]:
    """Return the files a letter carries, also one that an earlier command queued; none where an original is lost."""
    if letter.id in case.work.enclosed:
        return case.work.enclosed[letter.id]
    refs = [
        r.event.files for r in case.recorded if isinstance(r.event, Enclosed) and r.event.letter == letter.id
    ]
    try:
        return load(case.work, (ref for files in refs for ref in files))
    except FileNotFoundError:  # the letter itself holds them: it can be released all the same
        return ()


def enclose(
    case: Case, letter: LetterRow, refs: tuple[FileRef, ...], files: tuple[File, ...], cause: str
) -> None:
    """Put on record which files a letter carries."""
    if refs:
        case.record(Enclosed(letter.id, refs), actor="desk", cause=cause)
        case.work.enclosed[letter.id] = files
