"""The connection cut after every single byte of an IMAP session: whole mails, or a clear word, never half of one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from cutting_proxy import cutting_proxy
from long_form import LONG
from mail_desk.clock import ManualClock
from mail_desk.config import Account, ImapServer, Secret
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.inbound.mailbox import Mailbox
from mail_desk.inbound.refusals import MailboxUnavailable
from mailbox_backings import NOON, PASSWORD, mail

USER = "cut@example.cn"
STRIDE = 1 if LONG else 61  # bytes between two cuts


def session(port: int, spool: Path) -> list[bytes | None]:
    """Open the mailbox and fetch everything; raises MailboxUnavailable."""
    server = ImapServer(host="127.0.0.1", port=port, security="plain")
    account = Account(name="desk", address=USER, secret=Secret(env="UNUSED"), imap=server)
    mailbox = Mailbox(account, PASSWORD, spool_dir=spool, clock=ManualClock(NOON), timeout=10)
    try:
        mailbox.open()
        inbox = mailbox.folders()[0]
        return [found.body for found in mailbox.fetch(inbox, mailbox.all_uids(inbox))]
    finally:
        mailbox.close()


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_mailbox_session_cut_after_any_byte_gives_whole_mails_or_says_so(
    tmp_path: Path, side: str, record_property: Callable[[str, object], None]
) -> None:
    async def played() -> int:
        said = 0
        with EmbeddedServers(lambda: NOON) as servers:
            servers.add_user(USER, PASSWORD)
            mails = [mail(n) for n in range(3)]
            for raw in mails:
                servers.deliver(USER, raw, when=NOON)
            async with cutting_proxy("127.0.0.1", servers.imap_port) as proxy:
                assert await asyncio.to_thread(session, proxy.port, tmp_path) == mails
                whole, proxy.of = proxy.passed[side], side
                for after in range(0, whole, STRIDE):
                    proxy.after = proxy.passed[side] + after
                    came: object = mails
                    try:
                        came = await asyncio.to_thread(session, proxy.port, tmp_path)
                    except (
                        MailboxUnavailable
                    ):  # and never RefusedCredentials, which would stop for half an hour
                        said += 1
                    assert came == mails
                    while proxy.open:  # noqa: ASYNC110 - until both sides are gone
                        await asyncio.sleep(0.0005)
        return said

    said = asyncio.run(played())
    record_property("cuts", said)
    assert said > (200 if LONG else 4)
