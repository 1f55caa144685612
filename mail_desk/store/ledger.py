"""The ledger: append-only events, hash-chained per ticket, and the words they refer to.

An event row holds no personal text. Where an event has words, they lie in `words` with a salt, and
the event's data carries their salted digest: erasing words and salt leaves the chain verifiable.
Nothing here updates or deletes an event.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.store.schema import Counter, EventRow, LetterRow, Message, Meta, TicketRow, Words
from mail_desk.tickets.events import Event, LetterQueued, Recorded, from_data, to_data

_KEY = "token-key"  # in `meta`; a former one has the instant of its renewal behind it


def put_words(session: Session, ticket_id: int, text: str) -> Words:
    """Keep a text that an event will refer to."""
    row = Words(ticket_id=ticket_id, salt=secrets.token_hex(16), text=text)
    session.add(row)
    session.flush()
    return row


def words_of(session: Session, words_id: int | None) -> str:
    """Return a kept text, "" where it was erased or never given."""
    row = session.get(Words, words_id) if words_id is not None else None
    return row.text if row is not None else ""


def link_of(previous: str, row: EventRow) -> str:
    """Return what the hash of an event has to be, hex, given that of the one before it."""
    content = {
        "ticket": row.ticket_id,
        "seq": row.seq,
        "type": row.type,
        "at": row.at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "actor": row.actor,
        "cause": row.cause,
        "data": row.data,
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def append(
    session: Session,
    ticket: TicketRow,
    event: Event,
    *,
    at: datetime,
    now: datetime,
    actor: str,
    cause: str | None = None,
) -> Recorded:
    """Add one event to a ticket's chain and return it as recorded."""
    data = to_data(event)
    words_id = data.get("words")
    if words_id is not None:
        words = session.get_one(Words, words_id)
        data["digest"] = digest_of(words)
    data.update(_bytes_behind(session, event))
    row = EventRow(
        ticket_id=ticket.id,
        seq=ticket.last_seq + 1,
        type=type(event).__name__,
        at=at,
        recorded_at=now,
        actor=actor,
        cause=cause,
        data=data,
        previous=ticket.last_hash,
    )
    row.hash = link_of(ticket.last_hash, row)
    session.add(row)
    ticket.last_seq, ticket.last_hash = row.seq, row.hash
    return Recorded(row.seq, row.at, row.recorded_at, row.actor, event, row.cause)


def digest_of(words: Words) -> str:
    """Return the salted digest of a text, hex: what the chain holds instead of it."""
    return hashlib.sha256(f"{words.salt}{words.text}".encode()).hexdigest()


def _bytes_behind(session: Session, event: Event) -> dict[str, str]:
    """Return the SHA-256 of the mail or the letter an event names, so that neither can be exchanged later."""
    if isinstance(event, LetterQueued):
        letter = session.get(LetterRow, event.letter)
        return {} if letter is None else {"sha256": hashlib.sha256(letter.raw).hexdigest()}
    message_id = getattr(event, "message", None)
    message = session.get(Message, message_id) if message_id else None
    return {} if message is None or message.raw_sha256 is None else {"sha256": message.raw_sha256}


def _recorded(row: EventRow) -> Recorded:
    return Recorded(row.seq, row.at, row.recorded_at, row.actor, from_data(row.type, row.data), row.cause)


def events_of(session: Session, ticket_id: int) -> list[Recorded]:
    """Return a ticket's events in order."""
    rows = session.scalars(select(EventRow).where(EventRow.ticket_id == ticket_id).order_by(EventRow.seq))
    return [_recorded(row) for row in rows]


def load_many(session: Session, ticket_ids: Iterable[int]) -> dict[int, list[Recorded]]:
    """Return the events of several tickets, each in order; at most some hundred ids a call."""
    ids = list(ticket_ids)
    found: dict[int, list[Recorded]] = {ticket_id: [] for ticket_id in ids}
    query = (
        select(
            EventRow.ticket_id, EventRow.seq, EventRow.at, EventRow.recorded_at,
            EventRow.actor, EventRow.type, EventRow.data, EventRow.cause,
        )
        .where(EventRow.ticket_id.in_(ids))
        .order_by(EventRow.ticket_id, EventRow.seq)
    )  # fmt: skip
    for ticket_id, seq, at, recorded_at, actor, type_name, data, cause in session.execute(query):
        found[ticket_id].append(Recorded(seq, at, recorded_at, actor, from_data(type_name, data), cause))
    return found


def broken_link(session: Session, ticket: TicketRow) -> int | None:
    """Return the sequence number of the first event that does not fit its chain, None if all do.

    A missing tail is reported as the number after the last one found.
    """
    previous, seq = "", 0
    rows = session.scalars(select(EventRow).where(EventRow.ticket_id == ticket.id).order_by(EventRow.seq))
    for row in rows:
        seq += 1
        if row.seq != seq or row.previous != previous or row.hash != link_of(previous, row):
            return seq
        previous = row.hash
    return None if (seq, previous) == (ticket.last_seq, ticket.last_hash) else seq + 1


def missing(session: Session) -> list[str]:
    """Return the numbers of tickets that were given and are no longer there: nothing deletes a ticket."""
    there = set(session.scalars(select(TicketRow.number)))
    series = session.execute(select(Counter.series, Counter.value).where(Counter.series.like("ticket/%")))
    given = [
        f"{name.removeprefix('ticket/')}-{n:04d}"
        for name, value in sorted((s, v) for s, v in series)
        for n in range(1, value + 1)
    ]
    return [number for number in given if number not in there]


def head(session: Session) -> str:
    """Return one hash over all chains as they are now, hex: equal records have equal ones."""
    digest = hashlib.sha256()
    rows = session.execute(select(TicketRow.number, TicketRow.last_hash).order_by(TicketRow.number))
    for number, last_hash in rows:
        digest.update(f"{number} {last_hash}\n".encode())
    return digest.hexdigest()


def token_key(session: Session) -> bytes:
    """Return the store's secret for tags and keyed Message-IDs; made at first use."""
    row = session.get(Meta, _KEY)
    if row is None:
        row = Meta(name=_KEY, value=secrets.token_hex(32))
        session.add(row)
        session.flush()
    return bytes.fromhex(row.value)


def former_token_keys(session: Session) -> list[bytes]:
    """Return the secrets that letters still in circulation were written under, in no order."""
    rows = session.scalars(select(Meta.value).where(Meta.name.like(f"{_KEY}/%")))
    return [bytes.fromhex(value) for value in rows]


def renew_token_key(session: Session, now: datetime) -> None:
    """Make a new secret: what is written from now on nobody can work out who had read the old one."""
    former = token_key(session)
    session.add(Meta(name=f"{_KEY}/{now.isoformat()}", value=former.hex()))
    session.get_one(Meta, _KEY).value = secrets.token_hex(32)
