"""Leave that commands have noted, beside that of people.toml: one row of `meta` a person.

Who joined and who left by command is in `people_book`; both are read with one statement.
"""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mail_desk.config import People
from mail_desk.desk import people_book
from mail_desk.store.schema import Meta
from mail_desk.tickets.absences import Note, merged

_PREFIX = "leave/"
_ALL = select(Meta).where(or_(Meta.name.startswith(_PREFIX), Meta.name.startswith(people_book.PREFIX)))


def people(session: Session, configured: People) -> People:
    """Return everybody, also who joined by command, with the leave that holds."""
    rows = {row.name: row.value for row in session.scalars(_ALL)}
    configured = people_book.applied(configured, _of(people_book.PREFIX, rows))
    notes = {person: _notes(value) for person, value in _of(_PREFIX, rows).items()}
    if not notes:
        return configured
    person = tuple(
        p.model_copy(update={"leave": merged(p.leave, notes[p.key])}) if p.key in notes else p
        for p in configured.person
    )
    return configured.model_copy(update={"person": person})


def _of(prefix: str, rows: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in rows.items() if name.startswith(prefix)}


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
