"""Who joined and who left by command, over people.toml: one row of `meta` a person, every change kept.

people.toml stays the base: what stands there of a person holds, whatever a command once said of the same
key. A change is never edited or taken out, only followed by another one. Leaders and supervisors are the
operator's: nothing here makes or unmakes one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.config import People, Person, Role
from mail_desk.store import desk_chain
from mail_desk.store.schema import Meta

PREFIX = "person/"


@dataclass(frozen=True, slots=True)
class Told:
    """Who said so, when, in which mail."""

    by: str  # person key
    at: datetime
    cause: str  # message:12

    @property
    def data(self) -> dict[str, str]:
        return {"by": self.by, "at": self.at.isoformat(), "cause": self.cause}


def applied(configured: People, rows: Mapping[str, str]) -> People:
    """Return everybody with the changes that hold. `rows`: by person key, as they stand in `meta`."""
    if not rows:
        return configured
    changes = {key: json.loads(value) for key, value in rows.items()}
    known = [_changed(p, changes.pop(p.key, [])) for p in configured.person]
    taken = {address for p in known for address in p.addresses}
    for told in changes.values():
        added = _added(told)
        if added is not None and not taken & set(added.addresses):  # config gave the address to somebody
            known.append(_changed(added, told))
    return configured.model_copy(update={"person": tuple(known)})


def _added(told: list[dict[str, Any]]) -> Person | None:
    found = [change for change in told if change["what"] == "added"]
    return Person.model_validate({**found[-1]["person"], "role": Role.HANDLER}) if found else None


def _changed(person: Person, told: list[dict[str, Any]]) -> Person:
    for change in told:
        match change["what"]:
            case "retired":
                substitute = change["substitute"] or person.substitute
                person = person.model_copy(update={"retired": True, "substitute": substitute})
            case "reinstated":
                person = person.model_copy(update={"retired": False})
            case _:
                pass
    return person


def add(session: Session, told: Told, person: Person) -> None:
    """Note a new colleague: a handler, whatever `person` says."""
    data = person.model_dump(mode="json", exclude_defaults=True, exclude={"role", "leave", "retired"})
    _note(session, person.key, {"what": "added", "person": data, **told.data})


def retire(session: Session, told: Told, person: str, *, substitute: str) -> None:
    """Note that somebody works here no more. `substitute`: who takes what would still go there, "" for no change."""
    _note(session, person, {"what": "retired", "substitute": substitute, **told.data})


def reinstate(session: Session, told: Told, person: str) -> None:
    """Note that somebody who had left is back."""
    _note(session, person, {"what": "reinstated", **told.data})


def history(session: Session, person: str) -> list[dict[str, Any]]:
    """Return every change ever noted of a person, oldest first."""
    row = session.get(Meta, f"{PREFIX}{person}")
    found: list[dict[str, Any]] = json.loads(row.value) if row is not None else []
    return found


def caused(session: Session, cause: str) -> bool:
    """Say whether a mail changed the staff."""
    rows = session.scalars(select(Meta.value).where(Meta.name.startswith(PREFIX)))
    return any(change["cause"] == cause for value in rows for change in json.loads(value))


def _note(session: Session, person: str, change: dict[str, Any]) -> None:
    changes = [*history(session, person), change]
    session.merge(Meta(name=f"{PREFIX}{person}", value=json.dumps(changes, ensure_ascii=False)))
    desk_chain.note_change(session, f"{PREFIX}{person}", change)
