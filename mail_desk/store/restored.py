"""Whether this store was lately brought back from a backup: then its letters may have left already.

The mails that came after the backup are read again, and what follows from them is written again. Each letter
keeps the Message-ID it had (`desk.identity`), so that its copy in the Sent folder can be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mail_desk.store.schema import LetterRow, Message, Meta

_NAME, _MAILS, _LETTERS = "restored-at", "restored-mails", "restored-letters"
LATELY = timedelta(days=3)  # until then the mails since the backup have been read again


def note(session: Session, now: datetime) -> None:
    """Note that the store was brought back at this instant, and up to which numbers it was."""
    mails = session.scalar(select(func.max(Message.id))) or 0
    letters = session.scalar(select(func.max(LetterRow.id))) or 0
    for name, value in ((_NAME, now.isoformat()), (_MAILS, str(mails)), (_LETTERS, str(letters))):
        session.merge(Meta(name=name, value=value))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Up to which numbers mails (M) and letters (L) mean what they meant before the restore."""

    at: datetime
    mails: int
    letters: int


def numbers(session: Session) -> Numbers | None:
    """Return what the last restore brought back; None: there was none."""
    found = [session.get(Meta, name) for name in (_NAME, _MAILS, _LETTERS)]
    at, mails, letters = (row.value if row is not None else "" for row in found)
    return Numbers(datetime.fromisoformat(at), int(mails), int(letters)) if at and mails and letters else None


def ever(session: Session) -> bool:
    """Say whether the store was ever brought back from a backup."""
    return session.get(Meta, _NAME) is not None


def lately(session: Session, now: datetime) -> bool:
    """Say whether the store was brought back so lately that what it writes may have been written before."""
    row = session.get(Meta, _NAME)
    return row is not None and now < datetime.fromisoformat(row.value) + LATELY
