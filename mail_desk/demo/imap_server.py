"""The embedded IMAP server: sockets on loopback around `imap_session.py`.

For the demo and for quick tests: it serves the desk and an ordinary mail client alike, keeps all mail
in memory and knows no TLS, so it must never listen anywhere but on this machine. Standards: RFC 3501
§7.5 and RFC 7888 (literals), RFC 2177 (IDLE), RFC 4616 and RFC 4959 (AUTHENTICATE PLAIN).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from collections.abc import Callable
from datetime import datetime

from mail_desk.demo.imap_session import CAPABILITIES, Session
from mail_desk.demo.last_in import stop_listening
from mail_desk.demo.mail_store import MailStore

_LINE_LIMIT = 1 << 20  # octets of one line: clients name thousands of UIDs in one
_LITERAL_LIMIT = 200 << 20  # octets of one literal
_LITERAL = re.compile(rb"\{(\d{1,10})(\+?)\}\Z")
_FLUSH = 256 << 10  # octets collected before they are written


class ImapServer:
    """Listens; `start` and `stop` run in the event loop that serves."""

    def __init__(self, store: MailStore, now: Callable[[], datetime], *, host: str = "127.0.0.1") -> None:
        """`now` gives the INTERNALDATE of what a client appends without a date."""
        self._store = store
        self._now = now
        self._host = host
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen on `port`, 0 for a free one; afterwards `port` tells which."""
        self._server = await asyncio.start_server(self._serve, self._host, port, limit=_LINE_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is not None:
            await stop_listening(self._server)
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def wake(self) -> None:
        """Tell idling sessions that mail changed. Call it in the event loop."""
        for connection in self._connections.values():
            connection.changed.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connection = _Connection(reader, writer, Session(self._store, self._now))
        self._connections[task] = connection
        try:
            await connection.run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went, or we stop: in both cases there is nobody left to tell
        finally:
            del self._connections[task]
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: Session) -> None:
        self._reader = reader
        self._writer = writer
        self._session = session
        self.changed = asyncio.Event()

    async def run(self) -> None:
        await self._say(b"* OK [CAPABILITY %b] mail_desk demo" % CAPABILITIES.encode())
        while not self._session.ended:
            try:
                command = await self._command()
            except ValueError as error:  # longer than the limits
                await self._say(b"* BYE " + str(error).encode("ascii", "replace"))
                return
            if command is None:
                return
            tag, _, rest = command.partition(b" ")
            name = rest.partition(b" ")[0].upper()
            if name == b"IDLE" and self._session.selected:
                await self._idle(tag)
            elif name == b"AUTHENTICATE" and not self._session.authenticated:
                await self._authenticate(tag, rest.split())
            else:
                await self._answer(command)

    async def _answer(self, command: bytes) -> None:
        waiting = bytearray()
        for line in self._session.respond(command):
            waiting += line
            waiting += b"\r\n"
            if len(waiting) > _FLUSH:
                self._writer.write(bytes(waiting))
                waiting.clear()
                await self._writer.drain()
        self._writer.write(bytes(waiting))
        await self._writer.drain()

    async def _say(self, *lines: bytes) -> None:
        self._writer.write(b"".join(line + b"\r\n" for line in lines))
        await self._writer.drain()

    async def _line(self) -> bytes | None:
        """Return the next line without its end, None where the client has gone."""
        line = await self._reader.readline()
        return line.rstrip(b"\r\n") if line.endswith(b"\n") else None

    async def _command(self) -> bytes | None:
        """Read one command with its literals. Raises ValueError where it is too long."""
        collected = bytearray()
        while True:
            line = await self._line()
            if line is None:
                return None
            collected += line
            announced = _LITERAL.search(line)
            if announced is None:
                return bytes(collected)
            size = int(announced.group(1))
            if size > _LITERAL_LIMIT:
                raise ValueError("the literal is too large")
            if not announced.group(2):  # LITERAL+ needs no leave
                await self._say(b"+ go on")
            collected += b"\r\n"
            collected += await self._reader.readexactly(size)

    async def _idle(self, tag: bytes) -> None:
        await self._say(b"+ idling")
        done = asyncio.create_task(self._line())
        try:
            while not done.done():
                self.changed.clear()
                news = list(self._session.news(expunged=True))
                if news:
                    await self._say(*news)
                change = asyncio.create_task(self.changed.wait())
                try:
                    await asyncio.wait({done, change}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    change.cancel()
        finally:
            done.cancel()
        line = done.result()
        if line is None:
            self._session.ended = True
        elif line.upper() == b"DONE":
            await self._say(*self._session.news(expunged=True), tag + b" OK idled")
        else:
            await self._say(tag + b" BAD expected DONE")

    async def _authenticate(self, tag: bytes, words: list[bytes]) -> None:
        if len(words) < 2 or words[1].upper() != b"PLAIN":
            await self._say(tag + b" NO only PLAIN is known here")
            return
        if len(words) > 2:
            response: bytes | None = words[2]
        else:
            await self._say(b"+ ")
            response = await self._line()
        try:
            _, name, password = base64.b64decode(response or b"", validate=True).split(b"\0")
        except (binascii.Error, ValueError):
            await self._say(tag + b" BAD that is not PLAIN")
            return
        if self._session.login(name, password):
            await self._say(b"%b OK [CAPABILITY %b] logged in" % (tag, CAPABILITIES.encode()))
        else:
            await self._say(tag + b" NO [AUTHENTICATIONFAILED] wrong address or password")
