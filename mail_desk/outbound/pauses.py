"""Pauses of a sending account, kept in the store so that `run --once` from cron honours them too.

Without this, a wrong password would be tried again each minute by a fresh process, and the provider
would lock the account.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mail_desk.store.schema import Meta


@dataclass(frozen=True, slots=True)
class Pause:
    """An account is left alone until an instant, after so many failures in a row."""

    until: datetime
    failures: int
    why: str  # key of the reason, see refusals.Why


def _name(account: str) -> str:
    return f"pause:{account}"[:80]


def keep(session: Session, account: str, pause: Pause) -> None:
    """Remember a pause, in place of an earlier one."""
    value = json.dumps(asdict(pause) | {"until": pause.until.isoformat()})
    session.merge(Meta(name=_name(account), value=value))


def kept(session: Session, account: str) -> Pause | None:
    """Return the remembered pause, which may be over."""
    row = session.get(Meta, _name(account))
    if row is None:
        return None
    data = json.loads(row.value)
    return Pause(datetime.fromisoformat(data["until"]), int(data["failures"]), str(data["why"]))


def forget(session: Session, account: str) -> None:
    """Let the account be tried at once: it has worked, or the operator says so."""
    session.execute(delete(Meta).where(Meta.name == _name(account)))
