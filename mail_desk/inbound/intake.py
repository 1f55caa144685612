"""Spool first, then process: two commits (invariant 1).

*Spool*: raw bytes, identity and cursor in one transaction; nothing is told to the server, ever.
*Process*: the attempt is counted and committed before the work; reading happens outside any
transaction; then a batch is filed in one transaction with a savepoint a message. A message that failed
before is worked alone, so that one which kills the process is alone when it does, and is quarantined
after `desk.max_attempts`. Identity is (account, folder, UIDVALIDITY, UID) with the SHA-256 of the bytes.
"""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from mail_desk import faults
from mail_desk.clock import Clock
from mail_desk.config import FolderRole, Provider
from mail_desk.desk import address_book, arrivals, waiting
from mail_desk.desk import batch as batches
from mail_desk.desk.arrivals import Arrival, opened_at
from mail_desk.desk.work import Rules, Work
from mail_desk.inbound import language as languages
from mail_desk.inbound import patience, proofs
from mail_desk.inbound.classify import classify
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.mailbox import Fetched, FolderState, HeaderOnly
from mail_desk.inbound.parse import parse
from mail_desk.inbound.proofs import Proof
from mail_desk.inbound.reply_text import split
from mail_desk.inbound.signatures import DnsKeys, Keys
from mail_desk.store import raw
from mail_desk.store.schema import Cursor, Message, MessageState
from mail_desk.store.session import Store

log = structlog.get_logger()

BATCH = 64  # messages filed in one transaction
GONE = (OperationalError, InterfaceError)  # the database itself, never a message's fault


@dataclass(frozen=True)
class Claimed:
    """A message whose attempt is counted, with its bytes."""

    id: int
    attempts: int
    raw: bytes | mmap.mmap | None  # None: the bytes are lost
    account: str
    arrived: datetime


@dataclass(frozen=True)
class ReadMail:
    """What came of reading one message: an arrival's parts, or why not."""

    claimed: Claimed
    parts: tuple[object, ...] | None
    failure: str


class Intake:
    """Cursors, spooling and processing of every account."""

    def __init__(self, store: Store, rules: Rules, clock: Clock, *, keys: Keys | None = None) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._keys = keys or DnsKeys(clock, seconds=rules.settings.authority.dns_seconds)
        self._staff: frozenset[str] = frozenset()  # whose mail is asked what it proves
        self._netease = {a.name for a in rules.settings.account if a.provider is Provider.NETEASE}

    # --- spool ------------------------------------------------------------------------------------

    def cursor(self, account: str, folder: FolderState) -> tuple[int, datetime]:
        """Return the last UID spooled (-1: never looked) and when the desk first opened this account.

        A folder seen for the first time, or under a new UIDVALIDITY, begins at -1: what lies in it
        is told apart by its date and its content.
        """
        now = self._clock.now()
        with self._store.decide() as session:
            opened = opened_at(session, account)
            row = session.get(Cursor, (account, folder.name, folder.uidvalidity))
            if row is None:
                row = Cursor(
                    account=account,
                    folder=folder.name,
                    uidvalidity=folder.uidvalidity,
                    last_uid=-1,
                    role=folder.role.value,
                    opened_at=now,
                    seen_at=now,
                )
                session.add(row)
                log.info("folder opened", action="cursor", account=account, folder=folder.name)
            return row.last_uid, opened or now

    def spool(self, folder: FolderState, batch: Sequence[Fetched], *, through: int) -> int:
        """Commit fetched messages and the cursor together; return how many are new."""
        now = self._clock.now()
        with self._store.decide() as session:
            new = self._spool_all(session, folder, batch, now) if batch else 0
            self._advance(session, batch[0].account if batch else None, folder, through, now)
            faults.point("before-spool-commit")
        faults.point("after-spool-commit")
        return new

    def advance(self, account: str, folder: FolderState, through: int) -> None:
        """Move the cursor over UIDs that hold nothing for the desk."""
        with self._store.decide() as session:
            self._advance(session, account, folder, through, self._clock.now())

    def _advance(
        self, session: Session, account: str | None, folder: FolderState, through: int, now: datetime
    ) -> None:
        if account is None:
            return
        row = session.get(Cursor, (account, folder.name, folder.uidvalidity))
        if row is not None:
            row.last_uid, row.seen_at = max(row.last_uid, through), now

    def _spool_all(
        self, session: Session, folder: FolderState, batch: Sequence[Fetched], now: datetime
    ) -> int:
        """Register what is new of a batch of one folder, in a few statements for all of it."""
        asked = select(Message.uid, Message.raw_sha256).where(
            Message.account == batch[0].account,
            Message.folder == folder.name,
            Message.uidvalidity == folder.uidvalidity,
            Message.uid.in_([item.uid for item in batch]),
        )
        known = {(uid, sha256) for uid, sha256 in session.execute(asked)}
        fresh = {(i.uid, i.sha256 or None): i for i in batch if (i.uid, i.sha256 or None) not in known}
        raw.keep_all(session, {i.sha256: (i.size, i.body) for i in fresh.values() if i.sha256})
        rows = [
            Message(
                account=item.account,
                folder=item.folder,
                role=item.role.value,
                uidvalidity=item.uidvalidity,
                uid=item.uid,
                raw_sha256=item.sha256 or None,
                received_at=item.received_at,
                spooled_at=now,
                state=MessageState.SPOOLED,
            )
            for item in fresh.values()
        ]
        _set_aside_before(session, rows)
        session.add_all(rows)
        session.flush()
        for row, item in zip(rows, fresh.values(), strict=True):
            if not item.sha256:
                waiting.quarantine(Work(session, self._rules, now), row, _withheld(item))
        return len(rows)

    def register_before_desk(self, account: str, folder: FolderState, headers: Iterable[HeaderOnly]) -> int:
        """Register mail from before the desk: no body, no answer, no ticket until it is adopted.

        What is registered already, under this UID or under an older UIDVALIDITY, only gets its new
        numbers: the count of the server's messages knows it by these. The cursor stays where it is
        until the whole folder has been told apart, so that an interrupted first look begins anew.
        """
        now = self._clock.now()
        count = 0
        with self._store.decide() as session:
            for item in headers:
                mail = parse(item.header)
                again = select(Message).where(  # adopted meanwhile or not
                    Message.account == account,
                    Message.folder == folder.name,
                    Message.message_id == mail.message_id,
                    Message.subject == mail.subject,
                    Message.received_at == item.received_at,
                    or_(Message.uidvalidity != folder.uidvalidity, Message.uid == item.uid),
                )
                known = session.scalars(again.order_by(Message.id).limit(1)).first()
                if known is not None:
                    known.uidvalidity, known.uid = folder.uidvalidity, item.uid
                    continue
                session.add(
                    Message(
                        account=account,
                        folder=folder.name,
                        role=folder.role.value,
                        uidvalidity=folder.uidvalidity,
                        uid=item.uid,
                        received_at=item.received_at,
                        spooled_at=now,
                        state=MessageState.BEFORE_DESK,
                        from_address=mail.author.address.lower(),
                        from_name=mail.author.name,
                        subject=mail.subject,
                        message_id=mail.message_id,
                        reason="from before the desk",
                    )
                )
                count += 1
        return count

    def list_before_desk(self, account: str, *, anew: bool) -> None:
        """Tell the supervisors once what lay in the mailbox before the desk; `anew`: more was found."""
        with self._store.decide() as session:
            waiting.list_before_desk(Work(session, self._rules, self._clock.now()), account, anew=anew)

    def known_uids(self, account: str, folder: FolderState) -> set[int]:
        """Return every UID of a folder that has a row: what the server holds beyond these is missing."""
        query = select(Message.uid).where(
            Message.account == account,
            Message.folder == folder.name,
            Message.uidvalidity == folder.uidvalidity,
        )
        with self._store.read() as session:
            return set(session.scalars(query))

    def wanted(self, account: str) -> list[tuple[int, str, int, int]]:
        """Return adopted mails whose bodies are to be fetched: (message, folder, UIDVALIDITY, UID)."""
        query = select(Message.id, Message.folder, Message.uidvalidity, Message.uid).where(
            Message.account == account, Message.state == MessageState.WANTED
        )
        with self._store.read() as session:
            return list(session.execute(query))

    def fill(self, message_id: int, item: Fetched | None) -> None:
        """Give an adopted mail its bytes, or say that it is no longer there."""
        now = self._clock.now()
        with self._store.decide() as session:
            message = session.get_one(Message, message_id)
            if item is None or not item.sha256:
                reason = "no longer in the mailbox" if item is None else _withheld(item)
                waiting.quarantine(Work(session, self._rules, now), message, reason)
                return
            raw.keep(session, item.sha256, item.size, item.body)
            message.raw_sha256, message.state = item.sha256, MessageState.SPOOLED

    # --- process ----------------------------------------------------------------------------------

    async def process(self) -> int:
        """File everything spooled; return how many messages were worked."""
        total = 0
        while batch := await self._store.run(self._claim):
            total += len(batch)
            read = await asyncio.get_running_loop().run_in_executor(None, self._read_all, batch)
            await self._store.run(self._file, read)
        return total

    def _claim(self) -> list[Claimed]:
        """Count an attempt for a batch of fresh messages, or for one that failed before."""
        with self._store.decide() as session:
            spooled = select(Message).where(Message.state == MessageState.SPOOLED).order_by(Message.id)
            rows = list(session.scalars(spooled.where(Message.attempts == 0).limit(BATCH)))
            if not rows:
                tried = session.scalars(spooled)
                rows = list(islice((row for row in tried if not self._given_up(session, row)), 1))
            for row in rows:
                row.attempts += 1
            claimed = [(row.id, row.attempts, row.raw_sha256, row.account, row.received_at) for row in rows]
        faults.point("attempt-counted")
        with self._store.read() as session:
            found = raw.load_all(session, self._rules.spool_dir, {sha for _, _, sha, *_ in claimed if sha})
            self._staff = address_book.staff_addresses(session, self._rules.people)
        return [Claimed(i, tries, found.get(sha or ""), of, at) for i, tries, sha, of, at in claimed]

    def _given_up(self, session: Session, row: Message) -> bool:
        """Quarantine what ended the process each time it was tried."""
        if row.attempts < self._rules.settings.desk.max_attempts:
            return False
        work = Work(session, self._rules, self._clock.now())
        waiting.quarantine(work, row, row.failure or "the process ended each time this mail was read")
        return True

    def _read_all(self, batch: Sequence[Claimed]) -> list[ReadMail]:
        read = []
        for claimed in batch:
            with patience.limited():
                read.append(self._read(claimed))
        faults.point("parsed")
        return read

    def _read(self, claimed: Claimed) -> ReadMail:
        if claimed.raw is None:
            return ReadMail(claimed, None, "the raw bytes are no longer in the store")
        faults.reading(claimed.raw)
        try:
            mail = parse(claimed.raw)
            verdict = classify(mail, own=self._rules.settings.own_addresses())
            parts = split(mail.text)
            language = languages.detect(f"{mail.subject}\n{parts.new or mail.text}")
            proof = self._prove(claimed, mail)
        except Exception as error:
            # A bug in reading one mail must not stop the next: the mail is kept and shown.
            log.exception("mail cannot be read", action="read", message=claimed.id)
            return ReadMail(claimed, None, f"reading failed: {type(error).__name__}: {error}")
        return ReadMail(claimed, (mail, verdict, parts, language, proof), "")

    def _prove(self, claimed: Claimed, mail: Mail) -> Proof:
        """Read what a mail proves of its author; that of staff only may take looking up a key."""
        body = claimed.raw if claimed.raw is not None else b""
        if mail.author.address.lower() not in self._staff:
            return proofs.of_author(body)
        netease = claimed.account in self._netease
        return proofs.read(body, mail, keys=self._keys, netease=netease, arrived=claimed.arrived)

    def _file(self, batch: Sequence[ReadMail]) -> None:
        """File a batch in one transaction, each message in a savepoint of its own."""
        now = self._clock.now()
        with self._store.decide() as session:
            work = Work(session, self._rules, now)
            rows = batches.lock(work, [item.claimed.id for item in batch])
            batches.prepare(work, [item.parts[0] for item in batch if item.parts])  # type: ignore[misc]
            for item in batch:
                failure = item.failure or self._file_one(work, item, rows[item.claimed.id])
                if failure:
                    self._failed(work, item.claimed, failure)
            faults.point("before-process-commit")
        faults.point("after-process-commit")

    def _file_one(self, work: Work, item: ReadMail, message: Message) -> str:
        mail, verdict, parts, language, proof = item.parts or (None,) * 5
        work.origin = getattr(mail, "content_digest", message.raw_sha256) or ""
        try:
            with patience.limited(), work.session.begin_nested():
                if message.state == MessageState.SPOOLED:
                    arrivals.arrive(work, Arrival(message, mail, verdict, parts, language, proof))  # type: ignore[arg-type]
        except GONE:
            raise
        except Exception as error:
            work.forget()
            log.exception("mail cannot be filed", action="file", message=item.claimed.id)
            return f"filing failed: {type(error).__name__}: {error}"
        return ""

    def _failed(self, work: Work, claimed: Claimed, failure: str) -> None:
        message = work.session.get_one(Message, claimed.id)
        if message.state != MessageState.SPOOLED:
            return  # another daemon has filed it meanwhile
        message.failure = failure[:2000]
        if claimed.attempts >= self._rules.settings.desk.max_attempts:
            waiting.quarantine(work, message, failure)


def _set_aside_before(session: Session, rows: Sequence[Message]) -> None:
    """File bytes that are quarantined or rejected already, as under a new UIDVALIDITY: they wait once."""
    query = select(Message.raw_sha256, func.min(Message.id)).where(
        Message.raw_sha256.in_([row.raw_sha256 for row in rows if row.raw_sha256]),
        Message.state.in_((MessageState.QUARANTINED, MessageState.REJECTED)),
    )
    first = {row[0]: row[1] for row in session.execute(query.group_by(Message.raw_sha256))}
    for row in rows:
        if row.raw_sha256 in first:
            row.state, row.filed_as = MessageState.DONE, "duplicate"
            row.duplicate_of = first[row.raw_sha256]
            row.reason = f"the same mail as M{row.duplicate_of}"


def _withheld(item: Fetched) -> str:
    return f"not fetched: {item.size} bytes, or not handed out by the server"


def incoming(folders: Iterable[FolderState]) -> list[FolderState]:
    """Return folders in the order they are read: the inbox first, Sent last."""
    order = list(FolderRole)
    return sorted(folders, key=lambda f: order.index(f.role))
