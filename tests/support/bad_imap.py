"""Faults between the desk and an IMAP server: a proxy that rewrites, delays, floods or stops.

`fault(line)` is asked for each line of the server (CRLF included) and returns what the client gets instead;
it may raise `Cut` to end the connection, or `Silence` to say nothing more while the connection stays open.
Literals pass untouched, unless they are cut. `drip`: seconds between two bytes to the client.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import IO, Self

LOOPBACK = "127.0.0.1"
_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


class Cut(Exception):  # noqa: N818 - an event
    """End the connection."""


class Silence(Exception):  # noqa: N818 - an event
    """Say nothing more and keep the connection."""


class BadImap:
    """Listens on `port` of the loopback; speaks to the server at `upstream`."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._sockets: set[socket.socket] = set()
        self._stop = threading.Event()
        self.fault: Callable[[bytes], bytes] = lambda line: line
        self.drip = 0.0
        self.struck = 0  # connections that a fault ended, or lines it changed

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._listener.close()
        with contextlib.suppress(OSError):  # wake accept()
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        self.drop_everybody()
        for thread in self._threads:
            thread.join(10)

    def drop_everybody(self) -> None:
        for one in list(self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Behave from now on."""
        self.fault, self.drip = lambda line: line, 0.0
        self.drop_everybody()

    def _begin(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._stop.is_set():
                client.close()
                return
            self._begin(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            server = socket.create_connection(self._upstream, timeout=60)
            with server, server.makefile("rb") as answers:
                self._sockets |= {client, server}
                self._begin(self._commands, client, server)
                try:
                    self._answers(client, answers)
                except Cut:
                    self.struck += 1
                except Silence:
                    self.struck += 1
                    self._stop.wait(30)
                finally:
                    self._sockets -= {client, server}
                    for one in (client, server):
                        with contextlib.suppress(OSError):
                            one.shutdown(socket.SHUT_RDWR)

    def _commands(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)

    def _answers(self, client: socket.socket, answers: IO[bytes]) -> None:
        while line := answers.readline():
            changed = self.fault(line)
            self.struck += changed != line
            self._say(client, changed)
            if (found := _LITERAL.search(line)) is not None:
                self._say(client, answers.read(int(found[1])))

    def _say(self, client: socket.socket, data: bytes) -> None:
        if not self.drip:
            client.sendall(data)
            return
        for byte in data:
            client.sendall(bytes([byte]))
            time.sleep(self.drip)
