"""A TCP proxy with threads: it listens, connects each client to the server behind it, and lets nobody hang.

Who derives from it says in `converse` what passes between the two. Everything ends with the `with` block.
"""

from __future__ import annotations

import abc
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

LOOPBACK = "127.0.0.1"


class ThreadedProxy(abc.ABC):
    """Listens on `port` of the loopback; speaks to the server at `upstream`."""

    host = LOOPBACK

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._sockets: set[socket.socket] = set()
        self.stopping = threading.Event()

    @abc.abstractmethod
    def converse(self, client: socket.socket, server: socket.socket) -> None:
        """Carry one connection until one side has ended it. OSError and EOFError end it as well."""

    def __enter__(self) -> Self:
        self.begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):  # wake accept()
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        self._threads[0].join(10)  # from here on nobody is let in
        self._listener.close()
        self.drop_everybody()
        for thread in self._threads:
            thread.join(10)

    def drop_everybody(self) -> None:
        """Break every connection, as a server does that goes down."""
        for one in list(self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def begin(self, target: Callable[..., None], *given: object) -> None:
        """Run something beside, until the end of the proxy at the latest."""
        thread = threading.Thread(target=target, args=given, name=type(self).__name__, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                client.close()
                return
            self.begin(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            server = socket.create_connection(self._upstream, timeout=60)
            with server:
                for one in (client, server):  # answers go out in pieces; do not wait for the other's ACK
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets |= {client, server}
                try:
                    if not self.stopping.is_set():  # else nobody would shut these two down
                        self._carry(client, server)
                finally:
                    self._sockets -= {client, server}
                    for one in (client, server):
                        with contextlib.suppress(OSError):
                            one.shutdown(socket.SHUT_RDWR)

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            self.converse(client, server)
