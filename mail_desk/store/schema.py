"""The tables. Rows only; who may change what is decided above.

Instants are stored in UTC and come back aware (`Instant`). Nothing here is specific to SQLite or
PostgreSQL. Every table that grows has the index its loop asks by.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

Id = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware instant: `timestamptz` on PostgreSQL, UTC text on SQLite. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy fixes the signature
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "refusing to store a naive instant"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy fixes the signature
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads an instant: on SQLite at once from its text, in a quarter of the time of three steps."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept + "+00:00")


class Data(TypeDecorator[Any]):
    """JSON, read by the scanner of the standard library alone: on SQLite in a third of the time of `json.loads`."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)  # nothing is NULL, never JSON's own null

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads a value; PostgreSQL's driver has its own way."""
        return _from_json if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined] # the C scanner; typeshed leaves it out


def _from_json(kept: object) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(kept, str):
        return kept  # nothing, or a number, which SQLite keeps as one
    try:
        value, end = _scan(kept, 0)
    except StopIteration:  # of text that is no JSON; raised on, it would say that no more rows come
        end = -1
    return value if end == len(kept) else json.loads(kept)


class Row(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any] | type[TypeEngine[Any]]]] = {
        datetime: Instant(),
        dict[str, Any]: Data(),
        list[Any]: Data(),
        str: Text(),
    }


# --- what came in ---------------------------------------------------------------------------------


class Cursor(Row):
    """How far a folder has been read."""

    __tablename__ = "cursor"
    account: Mapped[str] = mapped_column(String(80), primary_key=True)
    folder: Mapped[str] = mapped_column(String(400), primary_key=True)  # decoded name
    uidvalidity: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last_uid: Mapped[int] = mapped_column(BigInteger)
    role: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime]  # when the desk first saw this folder
    seen_at: Mapped[datetime]


class Raw(Row):
    """The bytes of a message as fetched. Small ones lie here, large ones in a file of `data/raw`."""

    __tablename__ = "raw"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # None: in the file named by sha256


class Message(Row):
    """One delivery and, once processed, what it was. `state`: see MessageState."""

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(String(80))
    folder: Mapped[str] = mapped_column(String(400))
    role: Mapped[str] = mapped_column(String(40))
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    raw_sha256: Mapped[str | None] = mapped_column(ForeignKey("raw.sha256"))  # None: not fetched yet
    received_at: Mapped[datetime]  # INTERNALDATE: the instant limits count from
    spooled_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]  # why quarantined

    # filled by process
    content_digest: Mapped[str | None] = mapped_column(String(64))
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None]
    filed_as: Mapped[str | None] = mapped_column(String(40))  # opened, follow-up, command, supplement …
    from_address: Mapped[str | None]
    from_name: Mapped[str | None]
    subject: Mapped[str | None]
    message_id: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(8))
    new_text: Mapped[str | None]
    verified: Mapped[bool] = mapped_column(Boolean, default=False)  # came with a valid token
    letter_id: Mapped[int | None] = mapped_column(  # the letter it answers
        ForeignKey("letter.id", name="fk_message_letter", use_alter=True)  # letters point back: a cycle
    )
    attachments: Mapped[list[Any]] = mapped_column(default=list)  # [{filename, content_type, size, sha256}]
    linked: Mapped[list[Any] | None]  # files it only links to, not held: [{filename, size, expires, until}]
    defects: Mapped[list[Any]] = mapped_column(default=list)
    proof: Mapped[dict[str, Any] | None]  # of staff mail: what it proves of its author (inbound.proofs)

    __table_args__ = (
        UniqueConstraint("account", "folder", "uidvalidity", "uid", "raw_sha256", name="uq_delivery"),
        Index("ix_message_state", "state", "id"),
        Index("ix_message_content", "content_digest"),
        Index("ix_message_ticket", "ticket_id"),
        Index("ix_message_from", "from_address"),
        Index("ix_message_id_header", "message_id"),
    )


class Enclosure(Row):
    """A file that came with a mail on a ticket, to be found again by its content."""

    __tablename__ = "enclosure"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)


SPLIT = "split"  # folder and role of the copy of a mail's row for a ticket that was split off (`desk/splitting.py`)


class MessageState:
    """`spooled` → `done` | `quarantined` → `spooled` | `rejected`; `before-desk` → `wanted` → `spooled`."""

    WANTED = "wanted"  # adopted, its body is still to be fetched
    REJECTED = "rejected"  # a person looked at the quarantined mail and put it aside

    SPOOLED = "spooled"
    DONE = "done"
    QUARANTINED = "quarantined"
    BEFORE_DESK = "before-desk"


# --- tickets --------------------------------------------------------------------------------------


class TicketRow(Row):
    """A ticket as its events make it (a projection: `tickets.ticket.fold` is the truth)."""

    __tablename__ = "ticket"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)  # 2026-0123
    state: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(40))  # None until somebody says
    procedure: Mapped[str] = mapped_column(String(80))
    procedure_version: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    handler: Mapped[str | None] = mapped_column(String(80))
    enterprise: Mapped[str | None] = mapped_column(String(80))
    category: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(20), default="mail")
    complainant_name: Mapped[str]
    complainant_address: Mapped[str]
    subject: Mapped[str]
    hidden_from: Mapped[list[Any]] = mapped_column(default=list)  # persons recused or accused
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    last_seq: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")
    sealed_seq: Mapped[int] = mapped_column(default=0)  # the last event that a day's seal covers

    __table_args__ = (
        Index("ix_ticket_state", "state", "handler"),
        Index("ix_ticket_complainant", "complainant_address"),
        Index("ix_ticket_open", "closed_at", "handler"),
        Index("ix_ticket_enterprise", "enterprise", "received_at"),
    )


class Participant(Row):
    """Who may write to a ticket from outside."""

    __tablename__ = "participant"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))  # complainant, agent, organ
    __table_args__ = (Index("ix_participant_address", "address"),)


class EventRow(Row):
    """One append-only fact. Holds no personal text, only salted digests of `words` rows."""

    __tablename__ = "event"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]  # when it was so (a limit counts from here)
    recorded_at: Mapped[datetime]  # when the desk learnt it
    actor: Mapped[str] = mapped_column(String(80))  # person key, "desk" or "complainant"
    cause: Mapped[str | None] = mapped_column(String(80))  # message:12, moment:7, letter:3
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("ix_event_type", "type", "at"),)


class DeskEvent(Row):
    """One append-only fact about the desk itself and no ticket: settings, people, the ledger (`store/desk_chain.py`)."""

    __tablename__ = "desk_event"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))  # person key, or "operator" for what stands in files
    cause: Mapped[str] = mapped_column(String(80))  # message:12, or "start"
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Words(Row):
    """Personal text that events refer to by salted digest; may be erased."""

    __tablename__ = "words"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    salt: Mapped[str] = mapped_column(String(32))
    text: Mapped[str]
    __table_args__ = (Index("ix_words_ticket", "ticket_id"),)


class Counter(Row):
    """Gapless numbers: one row a series."""

    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int]


# --- what goes out --------------------------------------------------------------------------------


class LetterState:
    """States of a letter; `outbound/outbox.py` has the table of transitions."""

    REVIEW = "review"  # waits for a supervisor's release
    QUEUED = "queued"  # to be sent at or after not_before
    SENDING = "sending"  # leased; SMTP may have begun
    SENT = "sent"  # SMTP accepted it
    UNCERTAIN = "uncertain"  # a lease ended without a record
    FAILED = "failed"  # permanently refused, or given up
    CANCELLED = "cancelled"  # undone or superseded before it left


class LetterRow(Row):
    """One letter to one recipient: final bytes, fixed Message-ID."""

    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    pacing: Mapped[str] = mapped_column(String(20))  # outbound.letters.Pacing
    audience: Mapped[str] = mapped_column(String(20))  # enterprise, organ, staff, leader, operator
    account: Mapped[str] = mapped_column(String(80))  # which account sends it
    recipient: Mapped[str] = mapped_column(String(320))  # envelope recipient
    person: Mapped[str | None] = mapped_column(String(80))  # staff or leader key
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))  # None: bundles
    notice: Mapped[str | None] = mapped_column(String(60))  # statutory notice it is, see policy
    language: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str]
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    tag: Mapped[str] = mapped_column(String(10), unique=True)
    tag_dead_at: Mapped[datetime | None]
    choices: Mapped[list[Any]] = mapped_column(default=list)  # [{number, verb, ticket, command, label}]
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    text: Mapped[str] = mapped_column(deferred=True)  # the text part, for previews
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)  # queued at most once
    cause: Mapped[str | None] = mapped_column(String(80))
    caused_by: Mapped[int | None] = mapped_column(ForeignKey("message.id"))  # the command mail
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    held: Mapped[bool] = mapped_column(default=False)  # undo can still stop it until not_before

    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    searches: Mapped[int] = mapped_column(default=0)  # of the Sent folder, while uncertain
    last_reply: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    reported: Mapped[bool] = mapped_column(default=False)  # the desk has drawn the consequences

    __table_args__ = (
        Index("ix_letter_due", "state", "not_before"),
        Index("ix_letter_lease", "account", "state", "pacing", "not_before"),
        Index("ix_letter_reported", "reported", "state"),
        Index("ix_letter_ticket", "ticket_id"),
        Index("ix_letter_sent", "account", "sent_at"),
        Index("ix_letter_recipient", "recipient", "created_at"),
        Index("ix_letter_caused_by", "caused_by"),
    )


class LetterTicket(Row):
    """Tickets a bundled letter names (its tag is good for these)."""

    __tablename__ = "letter_ticket"
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)


# --- time -----------------------------------------------------------------------------------------


class Moment(Row):
    """Something to do at an instant, once. The key makes it unique."""

    __tablename__ = "moment"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    due_at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(40))  # remind, escalate, worklist, digest …
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20))  # pending, done, cancelled; waiting: for a worklist
    done_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_moment_due", "state", "due_at"),
        Index("ix_moment_ticket", "ticket_id", "state"),
    )


class Lease(Row):
    """Who works a mailbox or a loop, on stores shared by several daemons."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    owner: Mapped[str] = mapped_column(String(120))
    fence: Mapped[int]
    until: Mapped[datetime]


class Seal(Row):
    """One day's head over all chains: a chain of its own, printed in digests (`store/seals.py`)."""

    __tablename__ = "seal"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(String(10), unique=True)  # 2026-11-23, in the desk's zone
    at: Mapped[datetime]
    chains: Mapped[str]  # a line a ticket that has new events: number, last event, its hash
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Meta(Row):
    """Small facts about the store itself: the key of tokens, the day it was opened."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str]
