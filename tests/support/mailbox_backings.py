"""The IMAP servers that the mailbox must work with, behind one face.

The same tests run against the embedded server, a real Dovecot, and each of them seen through the
proxy that behaves like NetEase.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from dovecot import NETEASE_FOLDERS, Dovecot
from mail_desk.clock import ManualClock
from mail_desk.config import Account, ImapServer, Provider, Secret
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.inbound.mailbox import FolderState, Mailbox
from netease_imap import NetEaseImap

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Beijing
PASSWORD = "XKQWEASDZXCRTYUI"  # authorisation codes look like this


class Backing:
    """One user on one server. `port` is the desk's way in; what people do goes past the proxy."""

    host = "127.0.0.1"

    def __init__(self, real: tuple[str, int], proxy: NetEaseImap | None, address: str) -> None:
        self._real = real
        self.proxy = proxy
        self.port = proxy.port if proxy else real[1]
        self.address = address

    def account(self, *, provider: Provider = Provider.GENERIC, max_message_mb: int = 100) -> Account:
        return Account(
            name="desk",
            address=self.address,
            provider=provider,
            secret=Secret(env="UNUSED"),
            imap=ImapServer(host=self.host, port=self.port, security="plain"),
            max_message_mb=max_message_mb,
            poll_seconds=2,
        )

    def mailbox(
        self,
        spool: Path,
        *,
        password: str = PASSWORD,
        max_message_mb: int = 100,
        inline_limit: int = 256 * 1024,
    ) -> Mailbox:
        return Mailbox(
            self.account(max_message_mb=max_message_mb),
            password,
            spool_dir=spool,
            clock=ManualClock(NOON),
            timeout=20,
            inline_limit=inline_limit,
        )

    @contextmanager
    def person(self) -> Iterator[IMAPClient]:
        """Give what somebody at the webmail does: a second connection, not through the proxy."""
        with IMAPClient(self._real[0], port=self._real[1], ssl=False, timeout=20) as client:
            client.normalise_times = False
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(self.address, PASSWORD)
            yield client

    def arrive(self, *mails: bytes, folder: str = "INBOX", when: datetime = NOON) -> None:
        with self.person() as client:
            for raw in mails:
                client.append(folder, raw, (), when)

    def expunge(self, *positions: int, folder: str = "INBOX") -> None:
        """Delete by position, 1 the oldest, as a person does who tidies up."""
        with self.person() as client:
            client.select_folder(folder)
            uids = client.search()
            client.delete_messages([uids[n - 1] for n in positions])
            client.expunge()


KINDS = [
    "embedded",
    "netease before embedded",
    pytest.param("dovecot", marks=pytest.mark.servers),
    pytest.param("netease before dovecot", marks=pytest.mark.servers),
]
NETEASE = [
    "netease before embedded",
    pytest.param("netease before dovecot", marks=pytest.mark.servers),
]


@contextmanager
def backing_of(kind: str, request: pytest.FixtureRequest) -> Iterator[Backing]:
    """Give a user of its own on the kind of server that `KINDS` names."""
    address = f"desk-{uuid.uuid4().hex[:12]}@example.cn"
    with ExitStack() as stack:
        if kind.endswith("dovecot"):
            server: Dovecot = request.getfixturevalue("dovecot")
            server.add_user(address, PASSWORD, folders=NETEASE_FOLDERS)
            real = (server.host, server.imap_port)
        else:
            embedded = stack.enter_context(EmbeddedServers(lambda: NOON))
            embedded.add_user(address, PASSWORD)
            real = (embedded.host, embedded.imap_port)
        proxy = stack.enter_context(NetEaseImap(real)) if kind.startswith("netease") else None
        yield Backing(real, proxy, address)


def inbox_of(mailbox: Mailbox) -> FolderState:
    return mailbox.folders()[0]


def mail(number: int = 1, *, size: int = 0) -> bytes:
    """Make a small mail, or one of about `size` bytes."""
    head = f"From: a@example.com\r\nSubject: complaint {number}\r\nMessage-ID: <{number}@example.com>\r\n\r\n"
    line = b"0123456789" * 7 + b"\r\n"
    return head.encode() + b"words\r\n" + line * (size // len(line))
