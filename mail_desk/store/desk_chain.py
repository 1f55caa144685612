"""The chain of what belongs to no ticket: what changed in settings, people and the ledger of enterprises.

Append-only and hash-chained like a ticket's events, and sealed each day beside them under the name `desk`. An
event says which part changed, whose entry, and the digest of what it became; the words themselves (names,
addresses) stay in `meta` and in the letter about it. Nothing here updates or deletes an event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.store.schema import DeskEvent, Meta

NAME = "desk"  # of this chain, in seals: where a ticket has its number
BOOK_CHANGED = "BookChanged"  # a change by mail: of a person, an address, a row of the ledger
_SEALED = "desk-sealed"  # in Meta: the last event that a day's seal covers


def append(
    session: Session, kind: str, data: dict[str, Any], *, at: datetime, actor: str, cause: str
) -> DeskEvent:
    """Add one event. Call it inside a transaction that decides: the numbers have no gaps."""
    last = latest(session)
    row = DeskEvent(
        seq=last.seq + 1 if last is not None else 1,
        type=kind,
        at=at.astimezone(UTC),
        actor=actor,
        cause=cause,
        data=data,
        previous=last.hash if last is not None else "",
    )
    row.hash = link_of(row.previous, row)
    session.add(row)
    session.flush()
    return row


def note_change(session: Session, book: str, change: dict[str, Any]) -> None:
    """Record that a row of `meta` was given a further change by mail. `change`: with by, at (ISO 8601) and cause."""
    data = {"book": book, "what": change["what"], "digest": digest_of(change)}
    at = datetime.fromisoformat(change["at"])
    append(session, BOOK_CHANGED, data, at=at, actor=change["by"], cause=change["cause"])


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON, hex."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def link_of(previous: str, row: DeskEvent) -> str:
    """Return what the hash of an event has to be, hex, given that of the one before it."""
    content = {
        "seq": row.seq,
        "type": row.type,
        "at": row.at.isoformat(),
        "actor": row.actor,
        "cause": row.cause,
        "data": row.data,
    }
    return hashlib.sha256(f"{previous}\n{digest_of(content)}".encode()).hexdigest()


def latest(session: Session) -> DeskEvent | None:
    """Return the last event, None before the first one."""
    return session.scalars(select(DeskEvent).order_by(DeskEvent.seq.desc()).limit(1)).first()


def events(session: Session) -> Sequence[DeskEvent]:
    """Return all of them, oldest first."""
    return session.scalars(select(DeskEvent).order_by(DeskEvent.seq)).all()


def unsealed(session: Session) -> DeskEvent | None:
    """Return the last event where no seal covers it yet, and take it for sealed from now on."""
    last, sealed = latest(session), session.get(Meta, _SEALED)
    if last is None or (sealed is not None and int(sealed.value) >= last.seq):
        return None
    session.merge(Meta(name=_SEALED, value=str(last.seq)))
    return last


def broken(session: Session) -> Iterator[str]:
    """Say where the chain breaks, and which changes by mail are not what was recorded."""
    previous = ""
    for seq, row in enumerate(events(session), start=1):
        if row.seq != seq or row.previous != previous or row.hash != link_of(previous, row):
            yield f"the record of settings and people: the chain breaks at event {seq}"
            return
        previous = row.hash
        if row.type == BOOK_CHANGED and not _holds(session, row):
            yield f"the record of settings and people: the change of event {seq} is not what was recorded"


def _holds(session: Session, row: DeskEvent) -> bool:
    book = session.get(Meta, row.data["book"])
    changes = json.loads(book.value) if book is not None else []
    return any(digest_of(change) == row.data["digest"] for change in changes)
