"""The played smtp.126.com says what the real one says, so that the sender may be tested against it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mail_desk.demo.servers import EmbeddedServers
from mailbox_backings import NOON, PASSWORD
from netease_smtp import SAYINGS, NetEaseSmtp, relay_to

DESK = "desk@126.example"
GUEST = "guest@example.com"
LETTER = f"From: desk <{DESK}>\r\nTo: {GUEST}\r\nSubject: receipt\r\n\r\nwords\r\n".encode()


@pytest.fixture
def servers() -> Iterator[EmbeddedServers]:
    with EmbeddedServers(lambda: NOON) as running:
        running.add_user(DESK, PASSWORD)
        running.add_user(GUEST, PASSWORD)
        yield running


@pytest.fixture
def netease(servers: EmbeddedServers) -> Iterator[NetEaseSmtp]:
    with NetEaseSmtp(relay_to(servers.host, servers.smtp_port), accounts={DESK: PASSWORD}) as running:
        yield running


@contextmanager
def logged_in(netease: NetEaseSmtp) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(netease.host, netease.port, timeout=20) as client:
        client.login(DESK, PASSWORD)
        yield client


def test_a_letter_of_the_account_itself_is_delivered(servers: EmbeddedServers, netease: NetEaseSmtp) -> None:
    with logged_in(netease) as client:
        assert client.sendmail(DESK, [GUEST], LETTER) == {}
    (arrived,) = servers.mailbox(GUEST)
    assert arrived.raw.endswith(LETTER)
    assert arrived.when == NOON


def test_mail_without_a_login_is_530_and_a_wrong_code_535(netease: NetEaseSmtp) -> None:
    with smtplib.SMTP(netease.host, netease.port, timeout=20) as client:
        with pytest.raises(smtplib.SMTPSenderRefused, match="530") as early:
            client.sendmail(DESK, [GUEST], LETTER)
        assert early.value.smtp_code == 530
        with pytest.raises(smtplib.SMTPAuthenticationError) as wrong:
            client.login(DESK, "WRONG")
        assert wrong.value.smtp_code == 535


def test_a_foreign_sender_or_from_header_is_553(netease: NetEaseSmtp) -> None:
    with logged_in(netease) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as envelope:
            client.sendmail("other@126.example", [GUEST], LETTER)
        assert envelope.value.smtp_code == 553
        with pytest.raises(smtplib.SMTPDataError) as header:
            client.sendmail(DESK, [GUEST], LETTER.replace(b"<desk@", b"<other@"))
        assert header.value.smtp_code == 553
    assert netease.accepted == []


@pytest.mark.parametrize("saying", SAYINGS.values(), ids=SAYINGS.keys())
def test_refusals_come_by_script_in_the_provider_s_own_octets(saying: bytes, netease: NetEaseSmtp) -> None:
    netease.script = lambda _: saying
    # A 421 ends the connection, and smtplib's QUIT with it.
    client = smtplib.SMTP(netease.host, netease.port, timeout=20)
    try:
        client.login(DESK, PASSWORD)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(DESK, [GUEST], LETTER)
    finally:
        client.close()
    assert (refused.value.smtp_code, refused.value.smtp_error) == (int(saying[:3]), saying[4:])
    assert netease.accepted == []


@pytest.mark.parametrize("when", ["at once", "late", "never"])
def test_the_provider_keeps_its_own_copy_in_sent_at_once_late_or_never(
    when: str, servers: EmbeddedServers
) -> None:
    def keep(login: str, raw: bytes) -> None:
        servers.deliver(login, raw, folder="已发送", when=NOON)

    deliver = relay_to(servers.host, servers.smtp_port)
    with NetEaseSmtp(deliver, accounts={DESK: PASSWORD}, store_sent=keep, keeps_sent=when) as netease:  # type: ignore[arg-type] # a parameter is a str to mypy
        with logged_in(netease) as client:
            client.sendmail(DESK, [GUEST], LETTER)
        assert len(servers.mailbox(DESK, "已发送")) == (when == "at once")
        netease.store_late_copies()
        assert len(servers.mailbox(DESK, "已发送")) == (when != "never")
