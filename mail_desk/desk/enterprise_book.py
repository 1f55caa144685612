"""What commands have changed in the ledger of enterprises, over enterprises.csv: one row of `meta` an enterprise.

The file stays the base; every change is kept with who, when and by which mail, and never edited or taken out,
only followed by another one. A row that was ended keeps its name, for the tickets that have it, and matches no
further mail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.config import Enterprise, Settings
from mail_desk.desk.people_book import Told
from mail_desk.store import desk_chain
from mail_desk.store.schema import Meta

log = structlog.get_logger()

PREFIX = "enterprise/"
_ALL = select(Meta).where(Meta.name.startswith(PREFIX))


def settings(session: Session, configured: Settings) -> Settings:
    """Return the settings with the ledger as it holds now."""
    with session.no_autoflush:
        rows = {row.name.removeprefix(PREFIX): row.value for row in session.scalars(_ALL)}
    if not rows:
        return configured
    return configured.model_copy(update={"enterprises": applied(configured.enterprises, rows)})


def applied(configured: tuple[Enterprise, ...], rows: Mapping[str, str]) -> tuple[Enterprise, ...]:
    """Return every row with the changes that hold. `rows`: by key, as they stand in `meta`."""
    changes = {key: json.loads(value) for key, value in sorted(rows.items())}
    known = [_changed(row.key, row.model_dump(mode="json"), changes.pop(row.key, [])) for row in configured]
    known += [_changed(key, {}, told) for key, told in changes.items()]
    return tuple(row for row in known if row is not None)


def _changed(key: str, data: dict[str, Any], told: list[dict[str, Any]]) -> Enterprise | None:
    ended = False
    for change in told:
        match change["what"]:
            case "added" | "changed":
                data = {**{k: v for k, v in data.items() if k != "officer"}, **change["fields"]}
            case what:
                ended = what == "ended"
    if not data:
        return None
    data = {**data, "key": key}
    if ended:
        data = {**data, "domains": [], "contacts": [], "officers": [], "project_leader": None}
        data.pop("officer", None)
    try:
        return Enterprise.model_validate(data)
    except (
        ValidationError
    ) as error:  # a version that allowed more wrote it: the row is shown as the file has it
        log.warning("row of the ledger not understood", action="ledger", key=key, reason=str(error))
        return None


def note(session: Session, told: Told, key: str, what: str, fields: Mapping[str, Any] | None = None) -> None:
    """Note a change: added, changed, ended or restored."""
    change = {"what": what, **({"fields": dict(fields)} if fields is not None else {}), **told.data}
    changes = [*history(session, key), change]
    session.merge(Meta(name=f"{PREFIX}{key}", value=json.dumps(changes, ensure_ascii=False)))
    desk_chain.note_change(session, f"{PREFIX}{key}", change)


def history(session: Session, key: str) -> list[dict[str, Any]]:
    """Return every change ever noted of an enterprise, oldest first."""
    row = session.get(Meta, f"{PREFIX}{key}")
    found: list[dict[str, Any]] = json.loads(row.value) if row is not None else []
    return found


def ended(session: Session) -> frozenset[str]:
    """Return the keys of the rows that were ended and not restored."""
    states = {}
    for row in session.scalars(_ALL):
        said = [c["what"] for c in json.loads(row.value) if c["what"] in ("ended", "restored")]
        states[row.name.removeprefix(PREFIX)] = bool(said) and said[-1] == "ended"
    return frozenset(key for key, is_ended in states.items() if is_ended)


def caused(session: Session, cause: str) -> bool:
    """Say whether a mail changed the ledger."""
    return any(change["cause"] == cause for row in session.scalars(_ALL) for change in json.loads(row.value))
