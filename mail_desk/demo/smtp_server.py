"""The embedded SMTP server: takes mail for everybody and puts it into the local mailboxes.

For the demo and for quick tests. Local recipients get the mail in their INBOX, all others are kept as
strays; nothing ever leaves the machine. A `script` answers in its place, to play a provider that
refuses. Standards: RFC 5321 (trace headers in §4.4), RFC 4954 (AUTH).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mail_desk.demo.last_in import stop_listening
from mail_desk.demo.mail_store import MailStore

_SIZE_LIMIT = 100 << 20  # octets, announced by SIZE
_NAME = "demo.invalid"
_END = b"\r\n.\r\n"
_PIECE = 1 << 20  # octets read at once: more than the stream holds, so that it is empty afterwards
_LONG_LINE = re.compile(rb"[^\n]{1000}")  # RFC 5321 §4.5.3.1.6, with its CR

Script = Callable[[Envelope], str | None]  # the answer in place of ours, e.g. "451 4.7.1 later"


@dataclass(frozen=True, slots=True)
class Stray:
    """A mail for somebody who has no mailbox here."""

    recipient: str
    sender: str  # of the envelope
    raw: bytes
    when: datetime


class SmtpServer:
    """Listens; `start` and `stop` run in the event loop that serves."""

    def __init__(self, store: MailStore, now: Callable[[], datetime], *, host: str = "127.0.0.1") -> None:
        """`now` gives the INTERNALDATE of what is delivered."""
        self._store = store
        self._now = now
        self._host = host
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self.port = 0
        self.script: Script | None = None
        self.strays: list[Stray] = []
        self.accepted = 0  # messages, however many recipients each had

    async def start(self, port: int = 0) -> None:
        """Listen on `port`, 0 for a free one; afterwards `port` tells which."""
        # It warns of its own deprecated attribute at each log-in, into the terminal of the demo.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self, loop), self._host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is None:
            return
        await stop_listening(self._server)
        for connection in list(self._connections):
            await connection.hang_up()
        await self._server.wait_closed()

    def joined(self, connection: _Connection) -> None:
        self._connections.add(connection)

    def left(self, connection: _Connection) -> None:
        self._connections.discard(connection)

    def authenticate(self, *arguments: object) -> AuthResult:
        """Check AUTH PLAIN and LOGIN against the mailboxes' passwords (aiosmtpd's authenticator)."""
        data = arguments[-1]  # after server, session, envelope and mechanism
        known = isinstance(data, LoginPassword) and self._store.check(
            data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        )
        return AuthResult(success=bool(known), handled=False)

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str | bytes:  # noqa: N802 - aiosmtpd's name
        """Answer a complete message (aiosmtpd's hook)."""
        if self.script is not None and (answer := self.script(envelope)) is not None:
            return answer
        when = self._now()
        sender = str(envelope.mail_from or "").strip("<>")  # aiosmtpd leaves the null path as it is
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        trace = (
            f"Return-Path: <{sender}>\r\n"
            f"Received: from {session.host_name} ([{_peer(session)}])\r\n"
            f"\tby {_NAME} with ESMTP; {format_datetime(when)}\r\n"
        )
        raw = trace.encode("utf-8", "replace") + content
        for recipient in dict.fromkeys(str(r) for r in envelope.rcpt_tos):
            if self._store.user(recipient) is None:
                self.strays.append(Stray(recipient, sender, raw, when))
            else:
                self._store.deliver(recipient, raw, when)
        self.accepted += 1
        return "250 2.0.0 OK delivered"


def _peer(session: Session) -> str:
    peer: object = session.peer
    return str(peer[0]) if isinstance(peer, tuple) else "local"


class _Connection(SMTP):
    """One client; the server keeps the list, so that `stop` leaves nothing open."""

    def __init__(self, owner: SmtpServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            owner,
            hostname=_NAME,
            ident="mail_desk demo",
            loop=loop,
            enable_SMTPUTF8=True,
            data_size_limit=_SIZE_LIMIT,
            auth_require_tls=False,  # loopback only
            authenticator=owner.authenticate,
        )
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner.joined(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.left(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take a message in large pieces: aiosmtpd reads it line by line, ten times as slow."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope, session = self.envelope, self.session
        if arg or envelope is None or session is None or not envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA takes no words" if arg else "503 5.5.1 RCPT first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._message()
        if content is None:
            status: str | bytes = "552 5.3.4 the message is too large"
        elif _LONG_LINE.search(content):
            status = "500 5.5.2 a line is longer than 998 octets"
        else:
            # RFC 5321 §4.5.2: a line's first dot was put before another one.
            envelope.content = content.replace(b"\r\n.", b"\r\n").removeprefix(b".")
            status = await self._owner.handle_DATA(self, session, envelope)
        self._set_post_data_state()  # type: ignore[no-untyped-call] # aiosmtpd's, as its own DATA does
        await self.push(status.encode() if isinstance(status, str) else status)

    async def _message(self) -> bytes | None:
        """Read up to the lone dot; None where the message is too large. The dot's line is not returned."""
        collected = bytearray(b"\r\n")  # so that a dot in the first line is found like any other
        too_large = False
        while True:
            piece = await self._reader.read(_PIECE)
            if not piece:
                raise asyncio.CancelledError  # the client has gone; aiosmtpd ends so as well
            searched = max(0, len(collected) - len(_END))
            collected += piece
            end = collected.find(_END, searched)
            if end >= 0:
                break
            if len(collected) > _SIZE_LIMIT:
                too_large = True
                del collected[: -len(_END)]
        if rest := bytes(collected[end + len(_END) :]):  # commands that were sent without waiting
            self._reader.feed_data(rest)
        return None if too_large else bytes(collected[2 : end + 2])

    async def hang_up(self) -> None:
        task: asyncio.Task[Any] | None = self._handler_coroutine
        if self.transport is not None:
            self.transport.close()
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
