"""A seal a day: one hash over all chains, printed in digests, that later proves the record without the database.

A seal names every ticket that has new events since the last one, with its last event and that event's hash, and
is chained to the seal before. Whoever kept one printed hash can have the whole record up to that day checked:
changing an old event changes its chain, the seal's lines would have to change with it, and so every later hash.
Nothing here updates or deletes a seal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from mail_desk.store import desk_chain
from mail_desk.store.schema import DeskEvent, EventRow, Seal, TicketRow

SHORTEST = 12  # hex digits by which a printed head is found again
_CHUNK = 5000  # tickets sealed at a time


@dataclass(frozen=True, slots=True)
class Line:
    """What a seal says of one chain."""

    number: str  # of the ticket; `desk` for the chain that belongs to none
    seq: int  # its last event
    hash: str

    def __str__(self) -> str:
        return f"{self.number} {self.seq} {self.hash}"


def lines_of(seal: Seal) -> Iterator[Line]:
    """Yield what a seal says; raise ValueError for a line that none of ours could be."""
    for text in seal.chains.splitlines():
        number, seq, digest = text.split(" ")
        yield Line(number, int(seq), digest)


def hash_of(previous: str, day: str, chains: str) -> str:
    """Return what a seal's hash has to be, hex."""
    return hashlib.sha256(f"{previous}\n{day}\n{chains}".encode()).hexdigest()


def latest(session: Session) -> Seal | None:
    """Return the last seal made, None before the first day."""
    return session.scalars(select(Seal).order_by(Seal.number.desc()).limit(1)).first()


def head(session: Session) -> str:
    """Return the hash to print: of the last seal, "" before the first one."""
    seal = latest(session)
    return seal.hash if seal is not None else ""


def seal_day(session: Session, day: date, now: datetime) -> Seal | None:
    """Seal what was recorded since the last seal; None where this day, or a later one, is sealed already.

    Call it inside a transaction that decides: no event may be appended beside it.
    """
    last = latest(session)
    if last is not None and last.day >= day.isoformat():
        return None
    changed = session.execute(
        select(TicketRow.id, TicketRow.number, TicketRow.last_seq, TicketRow.last_hash)
        .where(TicketRow.last_seq > TicketRow.sealed_seq)
        .order_by(TicketRow.number)
    ).all()
    lines = [Line(number, seq, digest) for _, number, seq, digest in changed]
    own = desk_chain.unsealed(session)
    if own is not None:
        lines.append(Line(desk_chain.NAME, own.seq, own.hash))
    chains = "\n".join(map(str, lines))
    previous = last.hash if last is not None else ""
    seal = Seal(
        number=(last.number if last is not None else 0) + 1,
        day=day.isoformat(),
        at=now,
        chains=chains,
        previous=previous,
        hash=hash_of(previous, day.isoformat(), chains),
    )
    session.add(seal)
    _mark(session, [(ticket, seq) for ticket, _, seq, _ in changed])
    return seal


def _mark(session: Session, sealed: Sequence[tuple[int, int]]) -> None:
    statement = (
        update(TicketRow.__table__)  # type: ignore[arg-type]  # Core, so that many rows are one statement
        .where(TicketRow.id == bindparam("ticket"))
        .values(sealed_seq=bindparam("seq"))
    )
    for start in range(0, len(sealed), _CHUNK):
        part = [{"ticket": ticket, "seq": seq} for ticket, seq in sealed[start : start + _CHUNK]]
        session.connection().execute(statement, part)


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of checking the seals."""

    broken: tuple[str, ...]  # sentences
    head: str  # of the last seal
    day: str  # of the seal that has the head asked for; "" where there is none


def check(session: Session, wanted: str = "") -> Checked:
    """Check every seal against the chains it covers, and find the one whose hash begins with `wanted`.

    The chains themselves are `verification`'s. A printed head that no seal has is said as broken.
    """
    broken: list[str] = []
    previous, found = "", ""
    for number, seal in enumerate(session.scalars(select(Seal).order_by(Seal.number)), start=1):
        if seal.number != number:
            broken.append(f"the seal before that of {seal.day} is missing")
        if seal.previous != previous or seal.hash != hash_of(seal.previous, seal.day, seal.chains):
            broken.append(f"the seal of {seal.day} does not fit the one before it")
        broken += [f"seal of {seal.day}: {said}" for said in _mismatches(session, seal)]
        previous = seal.hash
        if wanted and seal.hash.startswith(wanted.lower()):
            found = seal.day
    if wanted and not found:
        broken.append(
            f"no day of this store has the head {wanted}: the record was written anew, or it is another desk's"
        )
    return Checked(tuple(broken), previous, found)


def _mismatches(session: Session, seal: Seal) -> Iterator[str]:
    """Say which chains are no longer as they were when they were sealed."""
    try:
        lines = list(lines_of(seal))
    except ValueError:
        yield "its lines cannot be read"
        return
    for line in lines:
        if line.number == desk_chain.NAME:
            event = session.get(DeskEvent, line.seq)
            if event is None or event.hash != line.hash:
                yield f"the record of settings and people: event {line.seq} is not what it was, or gone"
    for start in range(0, len(lines), 500):
        part = {line.number: line for line in lines[start : start + 500] if line.number != desk_chain.NAME}
        query = (
            select(TicketRow.number, EventRow.seq, EventRow.hash)
            .join(EventRow, EventRow.ticket_id == TicketRow.id)
            .where(TicketRow.number.in_(list(part)), EventRow.seq.in_({line.seq for line in part.values()}))
        )
        there = {(number, seq): digest for number, seq, digest in session.execute(query)}
        for line in part.values():
            now = there.get((line.number, line.seq))
            if now is None:
                yield f"ticket {line.number}: event {line.seq} is no longer there"
            elif now != line.hash:
                yield f"ticket {line.number}: an event up to {line.seq} is not what it was"
