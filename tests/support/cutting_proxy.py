"""A TCP proxy that ends the connection after so many bytes in one direction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mail_desk.demo.last_in import stop_listening


@dataclass
class CuttingProxy:
    """`after` bytes of the client's (or the server's) words pass, then both sides are cut."""

    host: str
    upstream: int
    after: int | None = None  # None: never cut
    of: str = "client"
    port: int = 0
    passed: dict[str, int] = field(default_factory=lambda: {"client": 0, "server": 0})
    cuts: int = 0
    open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            up_reader, up_writer = await asyncio.open_connection(self.host, self.upstream)
            try:
                await asyncio.wait(
                    [
                        asyncio.create_task(self._pass("client", reader, up_writer)),
                        asyncio.create_task(self._pass("server", up_reader, writer)),
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                up_writer.close()
        finally:
            writer.close()
            self.open -= 1

    async def _pass(self, side: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                left = self._left(side)
                piece = data if left is None else data[:left]
                self.passed[side] += len(piece)
                if piece:
                    writer.write(piece)
                    await writer.drain()
                if left is not None and len(data) >= left:
                    self.cuts += 1
                    return
        except ConnectionError:
            return

    def _left(self, side: str) -> int | None:
        return None if self.after is None or side != self.of else self.after - self.passed[side]


@asynccontextmanager
async def cutting_proxy(host: str, upstream: int) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(host, upstream)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await proxy.serve(reader, writer)
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        await stop_listening(server)
        while tasks:
            await asyncio.gather(*list(tasks), return_exceptions=True)
        await server.wait_closed()
