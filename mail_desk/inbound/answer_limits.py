"""Limits of one answer of an IMAP server: how long it may take, and how much it may say around a message.

A time limit on the socket alone is no limit: a server that sends a byte a minute is never too late, and one
that never stops talking fills the memory. Both end here in TimeoutError, as a lost connection does. Messages
themselves (literals) have limits of their own: `max_message_mb`, and pieces of 1 MiB.
"""

from __future__ import annotations

import imaplib
import io
import socket
import ssl
from collections.abc import Callable
from typing import Any

from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

LONGEST = 600.0  # s for one command: a piece of 1 MiB then needs 1.7 kB/s
LINE = 1_000_000  # bytes, as imaplib has it
MOST = (
    32 * 1024 * 1024
)  # bytes of lines in one answer: 50,000 UIDs, or outlines of 64 messages, are under 1 MiB


class Answer:
    """What is known of the answer being read."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.begin()

    def begin(self) -> None:
        """Count from here: a command is being sent."""
        self._began = self._monotonic()
        self._said = 0

    def check_time(self) -> None:
        if self._monotonic() - self._began > LONGEST:
            raise TimeoutError(f"an answer that is not complete after {LONGEST:g} s")

    def said(self, line: bytes) -> None:
        self._said += len(line)
        if self._said > MOST:
            raise TimeoutError(f"an answer that does not end: over {MOST} bytes of lines")


class _Timed(io.RawIOBase):
    """The bytes of a socket, with a look at the clock at each arrival."""

    def __init__(self, sock: socket.socket, answer: Answer) -> None:
        self._raw = sock.makefile("rb", buffering=0)
        self._answer = answer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - whatever bytes can be written to
        self._answer.check_time()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Limited(imaplib.IMAP4):
    """imaplib reads by `readline` and `read` alone; here they read from the watched socket."""

    def __init__(self, *args: Any, answer: Answer) -> None:  # noqa: ANN401 - passed through
        self._answer = answer
        self._timed: io.BufferedReader | None = None
        self._watched: socket.socket | None = None
        super().__init__(*args)  # which reads the greeting

    def _source(self) -> io.BufferedReader:
        """Return the connection as it is now: STARTTLS puts another socket in its place."""
        if self._timed is None or self._watched is not self.sock:
            if self._timed is not None:
                self._timed.close()
            self._watched = self.sock
            self._timed = io.BufferedReader(_Timed(self.sock, self._answer), buffer_size=65536)
        return self._timed

    def readline(self) -> bytes:
        line = self._source().readline(LINE + 1)
        if len(line) > LINE:
            raise self.error(f"got more than {LINE} bytes in a line")
        self._answer.said(line)
        return line

    def read(self, size: int) -> bytes:
        return self._source().read(size)

    def shutdown(self) -> None:
        if self._timed is not None:
            self._timed.close()
        super().shutdown()


class _Plain(_Limited, IMAP4WithTimeout):  # type: ignore[misc] # imapclient ships no types
    pass


class _Tls(_Limited, IMAP4_TLS):  # type: ignore[misc]
    pass


def connection(
    host: str, port: int, context: ssl.SSLContext | None, timeout: float, answer: Answer
) -> imaplib.IMAP4:
    """Connect as imapclient does (TLS where there is a context), with limits from the greeting on."""
    if context is None:
        return _Plain(host, port, timeout, answer=answer)
    return _Tls(host, port, context, timeout, answer=answer)
