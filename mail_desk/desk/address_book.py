"""Addresses of staff that were admitted by "was this you?", beside those of people.toml: one row of `meta` a person."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.config import People
from mail_desk.store.schema import Meta

_PREFIX = "address/"
_ALL = select(Meta).where(Meta.name.startswith(_PREFIX))


def people(session: Session, configured: People) -> People:
    """Return everybody with all their addresses; one that people.toml gives to somebody else stays there."""
    admitted = {row.name.removeprefix(_PREFIX): json.loads(row.value) for row in session.scalars(_ALL)}
    if not admitted:
        return configured
    taken = {address for p in configured.person for address in p.addresses}
    person = tuple(
        p.model_copy(
            update={"addresses": (*p.addresses, *(a for a in admitted.get(p.key, ()) if a not in taken))}
        )
        for p in configured.person
    )
    return configured.model_copy(update={"person": person})


def admit(session: Session, person: str, address: str) -> None:
    """Note a further address of somebody. The first one stays the one that is written to."""
    name = f"{_PREFIX}{person}"
    row = session.get(Meta, name)
    known = json.loads(row.value) if row is not None else []
    session.merge(Meta(name=name, value=json.dumps(list(dict.fromkeys([*known, address.lower()])))))
    session.flush()


def staff_addresses(session: Session, configured: People) -> frozenset[str]:
    """Return every address whose mail may command."""
    return frozenset(a for p in people(session, configured).person for a in p.addresses)
