"""An SMTP server that does what a test tells it at each stage, to the byte.

`on[stage]` holds what happens the next times that stage is reached, in order; then, and where
nothing is said, it behaves. A string is the reply, CUT ends the connection, SILENCE never answers.
Stages: CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, BODY (before the final dot), END, RSET, NOOP.
Everything it has *taken* (a message whose end it saw and did not refuse) is in `taken`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mail_desk.demo.last_in import stop_listening


@dataclass(frozen=True)
class Fault:
    """Something else than a reply."""

    name: str
    reply: bytes = b""  # said before


CUT = Fault("cut")
SILENCE = Fault("silence")

Happening = str | bytes | Fault


@dataclass
class Taken:
    sender: str
    recipient: str
    raw: bytes


@dataclass
class ScriptedSmtp:
    on: dict[str, list[Happening | None]] = field(default_factory=lambda: defaultdict(list))
    features: list[str] = field(default_factory=lambda: ["SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN"])
    commands: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    busy: int = 0  # connections being served
    port: int = 0

    pauses: dict[str, tuple[asyncio.Event, asyncio.Event]] = field(default_factory=dict)

    def pause_at(self, stage: str) -> tuple[asyncio.Event, asyncio.Event]:
        """Have the next answer of a stage wait: gives what is set when it waits, and what lets it go on."""
        self.pauses[stage] = asyncio.Event(), asyncio.Event()
        return self.pauses[stage]

    def verbs(self) -> list[str]:
        return [command.split(" ")[0] for command in self.commands]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.busy += 1
        try:
            await self._converse(reader, writer)
        except (_ScriptEndError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.busy -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer("CONNECT", "220 scripted ESMTP", writer)
        sender = recipient = ""
        while line := await reader.readline():
            command = line.decode("utf-8").strip()
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            if verb == "EHLO":
                lines = ["scripted", *self.features]
                rest = [f"250{'-' if n < len(lines) - 1 else ' '}{text}" for n, text in enumerate(lines)]
                await self._answer("EHLO", "\r\n".join(rest), writer)
            elif verb == "AUTH":
                await self._answer("AUTH", "235 2.7.0 welcome", writer)
            elif verb == "MAIL":
                sender = command.partition("<")[2].partition(">")[0]
                await self._answer("MAIL", "250 2.1.0 ok", writer)
            elif verb == "RCPT":
                recipient = command.partition("<")[2].partition(">")[0]
                await self._answer("RCPT", "250 2.1.5 ok", writer)
            elif verb == "DATA":
                if (await self._answer("DATA", "354 go ahead", writer)).startswith("354"):
                    await self._body(sender, recipient, reader, writer)
            elif verb == "QUIT":
                await self._say(b"221 bye", writer)
                return
            else:
                await self._answer(verb, "250 2.0.0 ok", writer)

    async def _body(
        self, sender: str, recipient: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        raw = bytearray()
        if self.on["BODY"]:
            await reader.readline()
            await self._answer("BODY", "", writer)
        while (line := await reader.readline()) not in (b".\r\n", b""):
            raw += line[1:] if line.startswith(b".") else line
        if line == b"":
            raise _ScriptEndError
        refused = self.on["END"] and str(self.on["END"][0])[:1] in ("4", "5")
        if not refused:  # also where the reply is then lost: just that is the test
            self.taken.append(Taken(sender, recipient, bytes(raw)))
        await self._answer("END", "250 2.0.0 queued as 1", writer)

    async def _answer(self, stage: str, usual: str, writer: asyncio.StreamWriter) -> str:
        happening = self.on[stage].pop(0) if self.on[stage] else None
        if paused := self.pauses.pop(stage, None):
            paused[0].set()
            await paused[1].wait()
        if isinstance(happening, Fault):
            if happening.reply:
                await self._say(happening.reply, writer)
            if happening.name == "silence":
                await asyncio.Event().wait()
            raise _ScriptEndError
        reply = usual if happening is None else happening
        if reply:
            await self._say(reply if isinstance(reply, bytes) else reply.encode(), writer)
        return reply if isinstance(reply, str) else ""

    async def _say(self, reply: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply + b"\r\n")
        await writer.drain()


class _ScriptEndError(Exception):
    """The script ends the connection here."""


@asynccontextmanager
async def scripted_smtp(tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedSmtp]:
    script = ScriptedSmtp()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await script.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=2**24)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        await stop_listening(server)
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
