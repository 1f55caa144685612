"""Whether this store was lately brought back from a backup: then its letters may have left already.

The mails that came after the backup are read again, and what follows from them is written again. Each letter
keeps the Message-ID it had (`desk.identity`), so that its copy in the Sent folder can be told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mail_desk.store.schema import Meta

_NAME = "restored-at"
LATELY = timedelta(days=3)  # until then the mails since the backup have been read again


def note(session: Session, now: datetime) -> None:
    """Note that the store was brought back at this instant."""
    session.merge(Meta(name=_NAME, value=now.isoformat()))


def lately(session: Session, now: datetime) -> bool:
    """Say whether the store was brought back so lately that what it writes may have been written before."""
    row = session.get(Meta, _NAME)
    return row is not None and now < datetime.fromisoformat(row.value) + LATELY
