"""Getting the bytes of many messages: small ones in batches, large ones through files.

Sits on a narrow view of a mailbox (`Source`) and knows no library. Memory holds one batch of small
messages, or one piece of a large one. Standard: RFC 3501 §6.4.5 (FETCH, partial BODY[]).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import structlog

from mail_desk.clock import Clock
from mail_desk.config import FolderRole
from mail_desk.inbound.spool_file import SpoolFile, spool

log = structlog.get_logger(__name__)

_CHUNK = 1 << 20  # bytes of a partial fetch
_BATCH_BYTES = 4 << 20  # declared bytes of one FETCH of whole messages
_BATCH_MESSAGES = 200
_NAMING = "BODY.PEEK[HEADER.FIELDS (FROM SENDER SUBJECT DATE MESSAGE-ID)]"


@dataclass(frozen=True, slots=True)
class FolderState:
    """One folder that concerns the desk, as it was when it was last listed."""

    name: str  # decoded
    role: FolderRole
    uidvalidity: int
    exists: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message: its bytes in `body` or in the file `path`.

    Neither is set where the message is larger than the account's `max_message_mb`, or where the
    server lists the message and will not hand it out; then `size` is what the server declares and
    `sha256` is empty.
    """

    account: str
    folder: str
    role: FolderRole
    uidvalidity: int
    uid: int
    received_at: datetime  # INTERNALDATE, aware, UTC
    size: int  # bytes
    sha256: str  # hex, of the raw bytes
    body: bytes | None
    path: Path | None


@dataclass(frozen=True, slots=True)
class HeaderOnly:
    """One message of which only the header was fetched."""

    uid: int
    received_at: datetime  # INTERNALDATE, aware, UTC
    size: int  # bytes of the whole message, as declared
    header: bytes


class Source(Protocol):
    """What fetching asks of a mailbox."""

    def turn_to(self, folder: FolderState) -> object:
        """Have this folder open."""
        ...

    def items(self, uids: Sequence[int], *what: str) -> Mapping[int, Mapping[bytes, Any]]:
        """FETCH `what`. A message that is gone is missing; one that the server refuses has no items."""
        ...

    def still_there(self, uid: int) -> bool:
        """Tell whether the message has not been expunged."""
        ...


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a message before its bytes are fetched."""

    uid: int
    size: int  # as declared
    received_at: datetime


class _Vanished(Exception):  # noqa: N818 - no error: somebody tidied up meanwhile
    """The message was expunged while it was fetched."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """How one account's messages are fetched."""

    source: Source
    account: str
    clock: Clock
    spool_dir: Path
    inline_limit: int  # bytes; larger ones go to a file
    largest: int  # bytes; larger ones are not fetched

    def fetch(self, folder: FolderState, uids: Sequence[int]) -> Iterator[Fetched]:
        """Yield the messages in the given order; one that has vanished meanwhile is not yielded."""
        remaining = iter(uids)
        while batch := list(islice(remaining, _BATCH_MESSAGES)):
            self.source.turn_to(folder)
            outlines = self._outlines(batch)
            for run in runs([outlines[uid] for uid in batch if uid in outlines], self.inline_limit):
                # The caller may have opened another folder since the last yield.
                self.source.turn_to(folder)
                found = self._large(folder, run[0]) if self._is_large(run[0]) else self._small(folder, run)
                yield from found

    def headers(self, folder: FolderState, uids: Sequence[int]) -> Iterator[HeaderOnly]:
        """Yield the headers that name a message; the bodies stay where they are."""
        remaining = iter(uids)
        while batch := list(islice(remaining, _BATCH_MESSAGES)):
            self.source.turn_to(folder)
            found = self.source.items(batch, "RFC822.SIZE", "INTERNALDATE", _NAMING)
            for uid in batch:
                items = found.get(uid)
                if items is None:
                    continue
                header = next((v for k, v in items.items() if k.startswith(b"BODY[HEADER")), b"")
                size = items.get(b"RFC822.SIZE")
                yield HeaderOnly(
                    uid,
                    self._received_at(uid, items.get(b"INTERNALDATE")),
                    size if isinstance(size, int) else 0,
                    header if isinstance(header, bytes) else b"",
                )

    def _is_large(self, outline: Outline) -> bool:
        return outline.size > self.inline_limit

    def _outlines(self, uids: Sequence[int]) -> dict[int, Outline]:
        found = {}
        for uid, items in self.source.items(uids, "RFC822.SIZE", "INTERNALDATE").items():
            size = items.get(b"RFC822.SIZE")
            # Without a size (a refused message, see `Source.items`) it is tried as a small one.
            known = size if isinstance(size, int) else 0
            found[uid] = Outline(uid, known, self._received_at(uid, items.get(b"INTERNALDATE")))
        return found

    def _received_at(self, uid: int, internaldate: object) -> datetime:
        if not isinstance(internaldate, datetime):
            # Limits count from arrival; without the server's word for it the moment of finding is
            # the only fact there is.
            log.warning("no-internaldate", action="no-internaldate", account=self.account, uid=uid)
            return self.clock.now()
        aware = internaldate if internaldate.tzinfo else internaldate.replace(tzinfo=UTC)
        return aware.astimezone(UTC)

    def _small(self, folder: FolderState, run: Sequence[Outline]) -> list[Fetched]:
        found = []
        bodies = self.source.items([o.uid for o in run], "BODY.PEEK[]")
        for outline in run:
            body = bodies.get(outline.uid, {}).get(b"BODY[]")
            if isinstance(body, bytes):
                digest = hashlib.sha256(body).hexdigest()
                found.append(self._fetched(folder, outline, len(body), digest, body=body))
            # Dovecot answers NIL for what was expunged a moment ago, so NIL must be asked about.
            elif self.source.still_there(outline.uid):
                found.append(self._withheld(folder, outline, outline.size))
        return found

    def _large(self, folder: FolderState, outline: Outline) -> Iterator[Fetched]:
        if outline.size > self.largest:
            yield self._withheld(folder, outline, outline.size)
            return
        try:
            spooled = spool(self._chunks(outline), self.spool_dir, self.account, self.largest)
        except _Vanished:
            return
        match spooled:
            case SpoolFile(size=0) | int():  # refused, or larger than it declared itself
                size = spooled if isinstance(spooled, int) else outline.size
                yield self._withheld(folder, outline, size)
            case SpoolFile(path, size, sha256):
                yield self._fetched(folder, outline, size, sha256, path=path)

    def _chunks(self, outline: Outline) -> Iterator[bytes]:
        """Yield a message piece by piece. Raises _Vanished.

        RFC822.SIZE is not trusted to end it, as servers get it wrong by line ends: a piece that comes
        back empty, or short once the declared size is reached, does.
        """
        offset = 0
        while True:
            items = self.source.items([outline.uid], f"BODY.PEEK[]<{offset}.{_CHUNK}>").get(outline.uid, {})
            whole = items.get(b"BODY[]")
            if isinstance(whole, bytes) and not offset:  # a server that knows no partial fetch
                yield whole
                return
            chunk = items.get(f"BODY[]<{offset}>".encode())
            if not isinstance(chunk, bytes) or not chunk:
                if offset < outline.size and not self.source.still_there(outline.uid):
                    raise _Vanished
                return
            yield chunk
            offset += len(chunk)
            if len(chunk) < _CHUNK and offset >= outline.size:
                return

    def _withheld(self, folder: FolderState, outline: Outline, size: int) -> Fetched:
        return self._fetched(folder, outline, size, "")

    def _fetched(
        self,
        folder: FolderState,
        outline: Outline,
        size: int,
        sha256: str,
        *,
        body: bytes | None = None,
        path: Path | None = None,
    ) -> Fetched:
        return Fetched(
            account=self.account,
            folder=folder.name,
            role=folder.role,
            uidvalidity=folder.uidvalidity,
            uid=outline.uid,
            received_at=outline.received_at,
            size=size,
            sha256=sha256,
            body=body,
            path=path,
        )


def runs(outlines: Sequence[Outline], inline_limit: int) -> Iterator[list[Outline]]:
    """Split into runs for one FETCH each: a large message alone, small ones up to the batch's bytes."""
    run: list[Outline] = []
    total = 0
    for outline in outlines:
        large = outline.size > inline_limit
        if run and (large or total + outline.size > _BATCH_BYTES):
            yield run
            run, total = [], 0
        run.append(outline)
        total += outline.size
        if large:
            yield run
            run, total = [], 0
    if run:
        yield run
