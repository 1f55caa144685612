"""Leave that commands have noted, beside that of people.toml: one row of `meta` a person."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.config import People
from mail_desk.store.schema import Meta
from mail_desk.tickets.absences import Note, merged

_PREFIX = "leave/"
_ALL = select(Meta).where(Meta.name.startswith(_PREFIX))


def people(session: Session, configured: People) -> People:
    """Return everybody with the leave that holds."""
    notes = {row.name.removeprefix(_PREFIX): _notes(row.value) for row in session.scalars(_ALL)}
    if not notes:
        return configured
    person = tuple(
        p.model_copy(update={"leave": merged(p.leave, notes[p.key])}) if p.key in notes else p
        for p in configured.person
    )
    return configured.model_copy(update={"person": person})


def add(session: Session, person: str, note: Note) -> None:
    """Note days away, or days present after all."""
    name = f"{_PREFIX}{person}"
    row = session.get(Meta, name)
    known = _notes(row.value) if row is not None else []
    told = [(n.kind, n.first.isoformat(), n.last.isoformat()) for n in (*known, note)]
    session.merge(Meta(name=name, value=json.dumps(told)))
    session.flush()


def _notes(value: str) -> list[Note]:
    return [
        Note(kind, date.fromisoformat(first), date.fromisoformat(last))
        for kind, first, last in json.loads(value)
    ]
