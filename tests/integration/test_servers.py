"""The throw-away servers keep what tests rely on."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from sqlalchemy import create_engine, text

import servers
from dovecot import NETEASE_FOLDERS, Dovecot, trusting
from postfix import Postfix
from postgres import Postgres

BEIJING = timezone(timedelta(hours=8))


def test_dovecot_keeps_bytes_and_arrival_date_as_appended(dovecot: Dovecot) -> None:
    dovecot.add_user("keeps@example.cn")
    raw = b"Subject: \xb2\xe2\xca\xd4\r\n\r\n\xcd\xb6\xcb\xdf\r\n"
    when = datetime(2026, 2, 16, 23, 59, 58, tzinfo=BEIJING)
    dovecot.append("keeps@example.cn", raw, when=when)
    assert dovecot.messages("keeps@example.cn") == [(raw, when)]


def test_dovecot_refuses_a_naive_arrival_date(dovecot: Dovecot) -> None:
    dovecot.add_user("naive@example.cn")
    with pytest.raises(ValueError, match="aware"):
        dovecot.append("naive@example.cn", b"\r\n", when=datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_dovecot_offers_the_folders_of_netease_with_their_special_uses(dovecot: Dovecot) -> None:
    dovecot.add_user("netease@example.cn", folders=NETEASE_FOLDERS)
    with dovecot.client("netease@example.cn") as client:
        uses = {name: flags for flags, _, name in client.list_folders()}
    assert set(uses) == {"INBOX", *NETEASE_FOLDERS}
    assert b"\\Sent" in uses["已发送"]
    assert b"\\Junk" in uses["垃圾邮件"]


def test_dovecot_speaks_tls_to_who_trusts_its_authority(dovecot: Dovecot) -> None:
    dovecot.add_user("tls@example.cn", "a word")
    context = trusting(dovecot.ca_file)
    with IMAPClient("localhost", port=dovecot.imaps_port, ssl_context=context) as client:
        client.login("tls@example.cn", "a word")
        assert client.folder_exists("Sent")


def test_dovecot_takes_a_changed_password_and_refuses_the_old(dovecot: Dovecot) -> None:
    dovecot.add_user("changed@example.cn", "old")
    dovecot.add_user("changed@example.cn", "new")
    with IMAPClient("127.0.0.1", port=dovecot.imap_port, ssl=False) as client, pytest.raises(LoginError):
        client.login("changed@example.cn", "old")


def test_dovecot_comes_back_with_its_mail_after_being_lost(dovecot: Dovecot) -> None:
    dovecot.add_user("lost@example.cn")
    dovecot.append("lost@example.cn", b"Subject: here\r\n\r\n", when=datetime(2026, 1, 1, tzinfo=UTC))
    dovecot.stop()
    assert not servers.answers(dovecot.imap_port)
    dovecot.start()
    assert len(dovecot.messages("lost@example.cn")) == 1


def test_postfix_delivers_to_any_domain_that_has_a_user_and_bounces_the_rest(
    dovecot: Dovecot, postfix: Postfix
) -> None:
    dovecot.add_user("sender@desk.example")
    dovecot.add_user("reader@firm.example")
    mail = b"From: sender@desk.example\r\nMessage-ID: <one@desk.example>\r\n\r\nwords\r\n"
    with smtplib.SMTP(postfix.host, postfix.smtp_port) as client:
        client.starttls(context=trusting(postfix.ca_file))
        client.sendmail("sender@desk.example", ["reader@firm.example", "nobody@firm.example"], mail)
    postfix.wait_delivered()
    ((delivered, _),) = dovecot.messages("reader@firm.example")
    assert b"Message-ID: <one@desk.example>" in delivered
    ((bounce, _),) = dovecot.messages("sender@desk.example")
    assert b"multipart/report" in bounce
    assert b"nobody@firm.example" in bounce


def test_postfix_checks_a_login_with_dovecot(dovecot: Dovecot, postfix: Postfix) -> None:
    dovecot.add_user("login@desk.example", "right")
    with smtplib.SMTP_SSL("localhost", postfix.smtps_port, context=trusting(postfix.ca_file)) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("login@desk.example", "wrong")
        assert client.login("login@desk.example", "right")[0] == 235


def test_postfix_says_why_mail_waits_while_dovecot_is_lost(dovecot: Dovecot, postfix: Postfix) -> None:
    dovecot.add_user("waits@firm.example")
    dovecot.stop()
    try:
        with smtplib.SMTP(postfix.host, postfix.smtp_port) as client:
            client.sendmail("waits@firm.example", ["waits@firm.example"], b"Subject: later\r\n\r\n")
        with pytest.raises(TimeoutError, match="refused"):
            postfix.wait_delivered(seconds=0.5)
    finally:
        dovecot.start()
    postfix.wait_delivered()
    assert len(dovecot.messages("waits@firm.example")) == 1


def _prepare(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE prepared (n integer)"))
    engine.dispose()


def test_postgres_gives_every_asker_an_empty_database(postgres: Postgres) -> None:
    first, second = postgres.url(), postgres.url()
    assert first != second
    _prepare(first)
    _prepare(second)
    postgres.drop(first)
    postgres.drop(second)


def test_postgres_copies_a_prepared_database(postgres: Postgres) -> None:
    urls = [postgres.url(prepare=_prepare) for _ in range(2)]
    for url in urls:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO prepared VALUES (1)"))
            assert connection.execute(text("SELECT count(*) FROM prepared")).scalar_one() == 1
        engine.dispose()
        postgres.drop(url)


def test_a_store_url_opens_an_empty_database(store_url: str) -> None:
    _prepare(store_url)


@pytest.mark.servers
def test_servers_die_with_the_process_that_started_them_however_it_dies(dovecot: Dovecot) -> None:
    assert dovecot.running  # else there is nothing to learn here
    program = """
import os, sys
import dovecot
with dovecot.running_dovecot() as server:
    print(server.imap_port, flush=True)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(servers.__file__).parent)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -9
    port = int(done.stdout)
    servers.wait_until(lambda: not servers.answers(port), "orphaned Dovecot to die", seconds=10)
