"""The embedded servers over their sockets."""

from __future__ import annotations

import gc
import imaplib
import smtplib
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from mail_desk.demo.servers import EmbeddedServers

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LI = "li@example.cn"
LETTER = b"From: a@example.com\r\nSubject: x\r\n\r\nwords\r\n.dotted\r\n"


@pytest.fixture
def servers() -> Iterator[EmbeddedServers]:
    with EmbeddedServers(lambda: NOON) as running:
        running.add_user(LI, "secret")
        yield running


def test_a_connection_let_in_while_the_servers_stop_leaves_no_socket_open() -> None:
    left: list[str] = []
    heard, sys.unraisablehook = sys.unraisablehook, lambda it: left.append(str(it.exc_value))
    try:
        for _ in range(20):
            with EmbeddedServers(lambda: NOON) as running:
                ports = (running.imap_port, running.smtp_port)
                clients = [socket.create_connection(("127.0.0.1", port)) for port in ports]
            for client in clients:
                client.close()
            del running
            gc.collect()
    finally:
        sys.unraisablehook = heard
    assert left == []


def smtp(servers: EmbeddedServers) -> smtplib.SMTP:
    return smtplib.SMTP(servers.host, servers.smtp_port, timeout=20)


def test_mail_goes_to_local_inboxes_and_the_rest_is_kept_as_strays(servers: EmbeddedServers) -> None:
    with smtp(servers) as client:
        client.sendmail("a@example.com", [LI, "X@elsewhere.example", "LI@example.cn"], LETTER)
    first, second = servers.mailbox(LI)
    assert first.raw == second.raw
    assert first.raw.startswith(b"Return-Path: <a@example.com>\r\nReceived: from ")
    assert first.raw.endswith(b"\r\n" + LETTER)
    assert first.when == NOON
    (stray,) = servers.strays
    assert (stray.recipient, stray.sender, stray.raw) == ("X@elsewhere.example", "a@example.com", first.raw)


def conversation(servers: EmbeddedServers, *pieces: bytes) -> list[bytes]:
    """Send octets as they are, each piece after an answer; return the answers, the greeting first."""
    with socket.create_connection((servers.host, servers.smtp_port), timeout=20) as connection:
        file = connection.makefile("rb")
        answers = [file.readline()]
        for piece in pieces:
            connection.sendall(piece)
            answers.append(file.readline())
        connection.sendall(b"QUIT\r\n")
        answers += file.readlines()
        file.close()
    return [answer[:3] for answer in answers]


OPENING = (b"HELO x\r\n", b"MAIL FROM:<a@example.com>\r\n", b"RCPT TO:<li@example.cn>\r\n", b"DATA\r\n")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([b".\r\n"], b""),
        ([b"\r\n.\r\n"], b"\r\n"),
        ([b"..\r\n.\r\n"], b".\r\n"),
        ([b"a\r\n..b\r\n...\r\n.c\r\n.\r\n"], b"a\r\n.b\r\n..\r\nc\r\n"),
        ([b"a\n.\nb\r\n.\r\n"], b"a\r\n.\r\nb\r\n"),
        ([b"x" * 998 + b"\r\n.\r\n"], b"x" * 998 + b"\r\n"),
    ],
)
def test_dots_and_line_ends_are_kept_as_they_were_meant(
    sent: list[bytes], kept: bytes, servers: EmbeddedServers
) -> None:
    assert conversation(servers, *OPENING, *sent)[-2:] == [b"250", b"221"]
    assert servers.mailbox(LI)[0].raw.split(b"+0000\r\n", 1)[1] == kept


def test_a_message_may_come_octet_by_octet_and_commands_right_behind_it(servers: EmbeddedServers) -> None:
    with socket.create_connection((servers.host, servers.smtp_port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = connection.makefile("rb")
        for command in (b"", *OPENING):
            connection.sendall(command)
            file.readline()
        for octet in b"Subject: x\r\n\r\nwords\r\n.\r\nNOOP\r\nQUIT\r\n":
            connection.sendall(bytes([octet]))
        assert [line[:3] for line in file.readlines()] == [b"250", b"250", b"221"]
        file.close()
    assert servers.mailbox(LI)[0].raw.endswith(b"\r\nwords\r\n")


def test_a_line_longer_than_the_standard_allows_is_refused(servers: EmbeddedServers) -> None:
    assert conversation(servers, *OPENING, b"x" * 999 + b"\r\n.\r\n")[-2] == b"500"
    assert conversation(servers, b"HELO x\r\n", b"DATA\r\n")[-2] == b"503"
    assert servers.mailbox(LI) == []


def test_a_client_that_goes_in_the_middle_of_a_message_leaves_none(servers: EmbeddedServers) -> None:
    with socket.create_connection((servers.host, servers.smtp_port), timeout=20) as connection:
        file = connection.makefile("rb")
        for command in (b"", *OPENING):
            connection.sendall(command)
            file.readline()
        connection.sendall(b"half a mess")
        file.close()
    with smtp(servers) as client:
        client.sendmail("a@example.com", [LI], LETTER)
    assert len(servers.mailbox(LI)) == 1


def test_a_bounce_has_an_empty_return_path(servers: EmbeddedServers) -> None:
    with smtp(servers) as client:
        client.sendmail("", [LI], LETTER)
    assert servers.mailbox(LI)[0].raw.startswith(b"Return-Path: <>\r\n")


def test_a_login_is_checked(servers: EmbeddedServers) -> None:
    with smtp(servers) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(LI, "wrong")
        client.login(LI, "secret")
        client.sendmail(LI, [LI], LETTER)
    assert len(servers.mailbox(LI)) == 1


def test_a_script_answers_in_place_of_the_server(servers: EmbeddedServers) -> None:
    servers.smtp.script = lambda envelope: "451 4.7.1 later" if LI in envelope.rcpt_tos else None
    with smtp(servers) as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@example.com", [LI], LETTER)
        assert (refused.value.smtp_code, refused.value.smtp_error) == (451, b"4.7.1 later")
        client.sendmail("a@example.com", ["b@example.com"], LETTER)
    assert servers.mailbox(LI) == []
    assert len(servers.strays) == 1


def test_mail_of_many_clients_at_once_is_all_there(servers: EmbeddedServers) -> None:
    def send(number: int) -> None:
        with smtp(servers) as client:
            for n in range(5):
                client.sendmail("a@example.com", [LI], b"Subject: %d-%d\r\n\r\n" % (number, n))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(6)))
    mails = servers.mailbox(LI)
    assert [m.uid for m in mails] == list(range(1, 31))
    assert len({m.raw for m in mails}) == 30


def test_idle_is_woken_by_mail_that_comes_by_smtp(servers: EmbeddedServers) -> None:
    with socket.create_connection((servers.host, servers.imap_port), timeout=20) as connection:
        file = connection.makefile("rb")
        connection.sendall(b"a LOGIN li@example.cn secret\r\nb SELECT INBOX\r\nc IDLE\r\n")
        while not file.readline().startswith(b"+ "):
            pass
        with smtp(servers) as client:
            client.sendmail("a@example.com", [LI], LETTER)
        assert file.readline() == b"* 1 EXISTS\r\n"
        connection.sendall(b"DONE\r\n")
        assert file.readline() == b"c OK idled\r\n"
        connection.sendall(b"d IDLE\r\nnonsense\r\n")
        assert [file.readline()[:6] for _ in range(2)] == [b"+ idli", b"d BAD "]
        file.close()


@pytest.mark.parametrize("first", [b"a AUTHENTICATE PLAIN\r\n", b"a AUTHENTICATE PLAIN "])
def test_authenticate_plain_works_with_and_without_an_initial_response(
    first: bytes, servers: EmbeddedServers
) -> None:
    with socket.create_connection((servers.host, servers.imap_port), timeout=20) as connection:
        file = connection.makefile("rb")
        file.readline()
        connection.sendall(first)
        if first.endswith(b"\n"):
            assert file.readline() == b"+ \r\n"
        connection.sendall(b"AGxpQGV4YW1wbGUuY24Ac2VjcmV0\r\n")
        assert file.readline().startswith(b"a OK ")
        file.close()


def test_stopping_hangs_up_on_everybody_and_leaves_the_mail_to_look_at() -> None:
    servers = EmbeddedServers(lambda: NOON)
    servers.start()
    servers.add_user(LI, "secret")
    servers.deliver(LI, LETTER, when=NOON)
    client = imaplib.IMAP4(servers.host, servers.imap_port, timeout=20)
    client.login(LI, "secret")
    sender = smtp(servers)
    servers.stop()
    servers.stop()
    with pytest.raises(imaplib.IMAP4.abort):
        client.noop()
    client.shutdown()
    sender.close()
    assert len(servers.mailbox(LI)) == 1
    assert "embedded-servers" not in [t.name for t in threading.enumerate()]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((servers.host, servers.imap_port), timeout=5)


def test_a_taken_port_is_reported_and_leaves_nothing_behind(servers: EmbeddedServers) -> None:
    other = EmbeddedServers(lambda: NOON, smtp_port=servers.smtp_port)
    with pytest.raises(OSError, match="address already in use"):
        other.start()
    assert [t.name for t in threading.enumerate()].count("embedded-servers") == 1


def test_unknown_people_and_folders_are_errors_of_the_caller(servers: EmbeddedServers) -> None:
    with pytest.raises(KeyError):
        servers.deliver("nobody@example.cn", LETTER, when=NOON)
    with pytest.raises(KeyError):
        servers.mailbox(LI, "nowhere")
