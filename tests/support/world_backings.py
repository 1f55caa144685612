"""The servers that a story can be played on: embedded, real, and real behind NetEase's habits."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from dovecot import NETEASE_FOLDERS, Dovecot
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers
from netease_imap import NetEaseImap
from netease_smtp import NetEaseSmtp
from postfix import Postfix

LOOPBACK = "127.0.0.1"


class EmbeddedBacking:
    """The demo's servers, in this process."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self._servers = servers

    @property
    def servers(self) -> office.Servers:
        return office.Servers(LOOPBACK, self._servers.imap_port, LOOPBACK, self._servers.smtp_port)

    def add_user(self, address: str, password: str) -> None:
        self._servers.add_user(address, password)

    def deliver(self, address: str, raw: bytes, *, folder: str, when: datetime) -> None:
        self._servers.deliver(address, raw, folder=folder, when=when)

    def messages(self, address: str, folder: str) -> Sequence[bytes]:
        return [mail.raw for mail in self._servers.mailbox(address, folder)]


class RealBacking:
    """Dovecot and Postfix. Mail is put in by APPEND with the story's date."""

    def __init__(self, dovecot: Dovecot, postfix: Postfix) -> None:
        self.dovecot = dovecot
        self.postfix = postfix

    @property
    def servers(self) -> office.Servers:
        return office.Servers(
            LOOPBACK,
            self.dovecot.imaps_port,
            LOOPBACK,
            self.postfix.smtps_port,
            imap_security="tls",
            smtp_security="tls",
            ca_file=str(self.dovecot.ca_file),
        )

    def add_user(self, address: str, password: str) -> None:
        self.dovecot.add_user(address, password)

    def deliver(self, address: str, raw: bytes, *, folder: str, when: datetime) -> None:
        self.dovecot.append(address, raw, folder=folder, when=when.replace(microsecond=0))

    def messages(self, address: str, folder: str) -> Sequence[bytes]:
        self.postfix.wait_delivered()
        return [_without_trace(raw) for raw, _ in self.dovecot.messages(address, folder)]


def without_mail(dovecot: Dovecot, postfix: Postfix) -> None:
    """Empty the real servers for a story.

    Postfix is stopped meanwhile, lest it deliver something of the test before.
    """
    postfix.stop()
    dovecot.forget_mail()
    postfix.start()


class CrowdBacking(RealBacking):
    """Dovecot and Postfix with thousands of senders, who only receive: see `settle`."""

    def __init__(self, dovecot: Dovecot, postfix: Postfix, residents: Sequence[str]) -> None:
        """`residents` get a mailbox with all folders."""
        super().__init__(dovecot, postfix)
        self._residents = set(residents)

    def add_user(self, address: str, password: str) -> None:
        if address in self._residents:
            self.dovecot.add_user(address, password, NETEASE_FOLDERS)
        else:
            self.dovecot.add_recipient(address, password)

    def settle(self) -> None:
        """Wait until all mail has been delivered. To be called before looking at the senders' mailboxes."""
        self.postfix.wait_delivered(seconds=120)

    def messages(self, address: str, folder: str) -> Sequence[bytes]:
        if address in self._residents:
            self.settle()
        return [_without_trace(raw) for raw, _ in self.dovecot.messages(address, folder)]


class NetEaseBacking(RealBacking):
    """Dovecot behind a proxy with NetEase's habits, and an SMTP server with NetEase's refusals."""

    def __init__(self, dovecot: Dovecot, postfix: Postfix, imap: NetEaseImap, smtp: NetEaseSmtp) -> None:
        super().__init__(dovecot, postfix)
        self.imap = imap
        self.smtp = smtp

    @property
    def servers(self) -> office.Servers:
        return office.Servers(LOOPBACK, self.imap.port, LOOPBACK, self.smtp.port)

    def add_user(self, address: str, password: str) -> None:
        self.dovecot.add_user(address, password, NETEASE_FOLDERS)


def _without_trace(raw: bytes) -> bytes:
    """Drop what delivery put in front, so that the mail is what the desk sent."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    kept: list[bytes] = []
    dropping = False
    for line in lines:
        if line[:1] not in (b" ", b"\t"):
            name = line.partition(b":")[0].lower()
            dropping = name in (b"return-path", b"delivered-to", b"received")
        if not dropping:
            kept.append(line)
    return b"\r\n".join(kept) + blank + body


@contextmanager
def embedded(now: object) -> Iterator[EmbeddedBacking]:
    """Start the embedded servers; `now` is asked for the time of what arrives by SMTP."""
    with EmbeddedServers(now) as servers:  # type: ignore[arg-type]
        yield EmbeddedBacking(servers)


@contextmanager
def netease(
    dovecot: Dovecot, postfix: Postfix, *, keeps_sent: str = "late", address: str = office.DESK
) -> Iterator[NetEaseBacking]:
    """Start both proxies in front of the real servers."""

    def relay(sender: str, recipients: list[str], raw: bytes) -> None:
        with smtplib.SMTP(LOOPBACK, postfix.smtp_port, timeout=30) as client:
            client.sendmail(sender, recipients, raw)

    def keep(login: str, raw: bytes) -> None:
        dovecot.append(login, raw, folder="已发送", when=datetime(2026, 1, 1, tzinfo=UTC))

    with ExitStack() as stack:
        imap = stack.enter_context(NetEaseImap((LOOPBACK, dovecot.imap_port)))
        smtp = stack.enter_context(
            NetEaseSmtp(
                relay,
                accounts={address: office.PASSWORD},
                store_sent=keep,
                keeps_sent=keeps_sent,  # type: ignore[arg-type]
            )
        )
        yield NetEaseBacking(dovecot, postfix, imap, smtp)
