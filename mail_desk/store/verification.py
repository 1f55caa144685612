"""Is the record what was recorded? Every chain, every text, mail and letter behind it, every seal. Reads only.

`mail-desk verify` prints what this finds. Each finding is a sentence that names the row. Erased texts are no
finding where the chain says that they were erased; everything else that is gone or different is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from mail_desk.store import desk_chain, ledger, seals
from mail_desk.store.raw import raw_path
from mail_desk.store.schema import EventRow, LetterRow, Message, Raw, TicketRow, Words

ERASED = "Erased"  # the event: texts and mails of its ticket are gone by right
_AT_ONCE = 50  # rows with bodies in memory
_BLOCK = 1 << 20  # bytes of a file read at a time


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what is wrong."""

    broken: tuple[str, ...]
    tickets: int
    events: int
    head: str  # of the last seal
    head_day: str  # of the seal whose head was asked for, "" without


def verify(session: Session, spool_dir: Path, *, wanted: str = "") -> Verified:
    """Check everything. `wanted`: a head as a digest printed it, whole or its first digits."""
    broken = [f"ticket {number} is missing: numbers have no gaps" for number in ledger.missing(session)]
    for row in session.scalars(select(TicketRow).order_by(TicketRow.number)).all():
        seq = ledger.broken_link(session, row)
        if seq is not None:
            broken.append(f"ticket {row.number}: the chain breaks at event {seq}")
        broken += [f"ticket {row.number}: {said}" for said in _behind(session, row)]
        session.expunge_all()  # of a large record, one ticket in memory
    broken += desk_chain.broken(session)
    broken += _raws(session, spool_dir)
    sealed = seals.check(session, wanted)
    return Verified(
        (*broken, *sealed.broken),
        session.scalar(select(func.count(TicketRow.id))) or 0,
        session.scalar(select(func.count()).select_from(EventRow)) or 0,
        sealed.head,
        sealed.day,
    )


def _behind(session: Session, ticket: TicketRow) -> Iterator[str]:
    """Compare the texts, mails and letters that events name with what the chain says of them."""
    query = select(EventRow).where(EventRow.ticket_id == ticket.id).order_by(EventRow.seq)
    events = session.scalars(query).all()
    erased = any(event.type == ERASED for event in events)
    for event in events:
        if "digest" in event.data:
            yield from _words(session, event, erased=erased)
        if "sha256" in event.data:
            yield from _bytes(session, event)


def _words(session: Session, event: EventRow, *, erased: bool) -> Iterator[str]:
    words = session.get(Words, event.data["words"])
    if words is None or not (words.salt or erased):
        yield f"the text of event {event.seq} is gone"
    elif words.salt and ledger.digest_of(words) != event.data["digest"]:
        yield f"the text of event {event.seq} is not what was recorded"


def _bytes(session: Session, event: EventRow) -> Iterator[str]:
    if "letter" in event.data:
        query = select(LetterRow).where(LetterRow.id == event.data["letter"]).options(undefer(LetterRow.raw))
        letter = session.scalars(query).one_or_none()
        if letter is None:
            yield f"the letter of event {event.seq} is gone"
        elif letter.raw and hashlib.sha256(letter.raw).hexdigest() != event.data["sha256"]:
            yield f"the letter of event {event.seq} is not what was queued"
        return
    message = session.get(Message, event.data["message"])
    if message is None:
        yield f"the mail of event {event.seq} is gone"
    elif message.raw_sha256 != event.data["sha256"]:
        yield f"the mail of event {event.seq} is not the one that came"


def _raws(session: Session, spool_dir: Path) -> Iterator[str]:
    """Compute the hash of every raw message anew."""
    erasures = session.scalar(select(func.count()).where(EventRow.type == ERASED)) or 0
    query = select(Raw.sha256, Raw.body).execution_options(yield_per=_AT_ONCE)
    for sha256, body in session.execute(query):
        found = hashlib.sha256(body).hexdigest() if body is not None else _file_hash(spool_dir, sha256)
        if found is None:
            yield f"the raw message {sha256[:12]}… is gone"
        elif found != sha256 and not (body == b"" and erasures):
            yield f"the raw message {sha256[:12]}… is not what came"


def _file_hash(spool_dir: Path, sha256: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with raw_path(spool_dir, sha256).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
