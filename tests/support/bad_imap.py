"""Faults between the desk and an IMAP server: a proxy that rewrites, delays, floods or stops.

`fault(line)` is asked for each line of the server (CRLF included) and returns what the client gets instead;
it may raise `Cut` to end the connection, or `Silence` to say nothing more while the connection stays open.
Literals pass untouched, unless they are cut. `drip`: seconds between two bytes to the client.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Callable
from typing import IO

from threaded_proxy import ThreadedProxy

_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


class Cut(Exception):  # noqa: N818 - an event
    """End the connection."""


class Silence(Exception):  # noqa: N818 - an event
    """Say nothing more and keep the connection."""


class BadImap(ThreadedProxy):
    """Listens on `port` of the loopback; speaks to the server at `upstream`."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        super().__init__(upstream)
        self.fault: Callable[[bytes], bytes] = lambda line: line
        self.drip = 0.0
        self.struck = 0  # connections that a fault ended, or lines it changed

    def mend(self) -> None:
        """Behave from now on."""
        self.fault, self.drip = lambda line: line, 0.0
        self.drop_everybody()

    def converse(self, client: socket.socket, server: socket.socket) -> None:
        self.begin(self._commands, client, server)
        with server.makefile("rb") as answers:
            try:
                self._answers(client, answers)
            except Cut:
                self.struck += 1
            except Silence:
                self.struck += 1
                self.stopping.wait(30)

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
