"""The embedded servers as one thing to start and stop: IMAP and SMTP over the same mailboxes.

They live in one background thread with its own event loop, so that synchronous code (the desk's
mailbox thread, a test) can talk to them. Loopback only, free ports unless told otherwise.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from mail_desk.demo.imap_server import ImapServer
from mail_desk.demo.mail_store import DEFAULT_FOLDERS, MailStore, StoredMail
from mail_desk.demo.smtp_server import SmtpServer, Stray

__all__ = ["DEFAULT_FOLDERS", "EmbeddedServers", "StoredMail", "Stray"]


class EmbeddedServers:
    """Start, add users, deliver, look, stop. All methods may be called from any thread."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        host: str = "127.0.0.1",
        imap_port: int = 0,
        smtp_port: int = 0,
    ) -> None:
        """`now` dates what arrives by SMTP: pass a clock's `now`."""
        self.host = host
        self.store = MailStore()
        self.imap = ImapServer(self.store, now, host=host)
        self.smtp = SmtpServer(self.store, now, host=host)
        self._ports = imap_port, smtp_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="embedded-servers", daemon=True)

    @property
    def imap_port(self) -> int:
        return self.imap.port

    @property
    def smtp_port(self) -> int:
        return self.smtp.port

    def start(self) -> None:
        """Listen. Raises OSError where a port is taken."""
        self._thread.start()
        try:
            self._run(self.imap.start(self._ports[0]))
            self._run(self.smtp.start(self._ports[1]))
        except OSError:
            self.stop()
            raise
        self.store.watch(self._changed)

    def stop(self) -> None:
        """Hang up on everybody and end the thread. The mail can still be looked at."""
        if self._loop.is_closed():
            return
        self.store.unwatch(self._changed)
        self._run(self.imap.stop())
        self._run(self.smtp.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add_user(self, address: str, password: str, folders: Mapping[str, str] = DEFAULT_FOLDERS) -> None:
        """Make a mailbox. `folders`: names to SPECIAL-USE attributes ("" for none); INBOX always exists."""
        self.store.add_user(address, password, folders)

    def deliver(self, address: str, raw: bytes, *, folder: str = "INBOX", when: datetime) -> StoredMail:
        """Put a message into a mailbox, as if it had arrived at `when`."""
        return self.store.deliver(address, raw, when, folder=folder)

    def mailbox(self, address: str, folder: str = "INBOX") -> list[StoredMail]:
        """Return what somebody's folder holds, oldest first."""
        return self.store.mailbox(address, folder)

    @property
    def strays(self) -> list[Stray]:
        """Mail that was sent to people without a mailbox here."""
        return list(self.smtp.strays)

    def _changed(self) -> None:
        self._loop.call_soon_threadsafe(self.imap.wake)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
