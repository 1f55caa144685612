"""How a mailbox is reached, and what is said where it is not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dovecot import Dovecot
from mail_desk.clock import ManualClock
from mail_desk.config import Account, ImapServer, Secret
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.inbound.mailbox import Mailbox, MailboxUnavailable, RefusedCredentials
from mailbox_backings import NOON
from servers import expired_certificate, free_ports, make_certificates

USER = "connection@example.cn"


def mailbox_at(server: ImapServer, spool: Path, *, password: str = "secret", timeout: float = 10) -> Mailbox:
    account = Account(name="desk", address=USER, secret=Secret(env="UNUSED"), imap=server, poll_seconds=1)
    return Mailbox(account, password, spool_dir=spool, clock=ManualClock(NOON), timeout=timeout)


@contextlib.contextmanager
def listening(
    behave: Callable[[socket.socket], None], host: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Listen for one connection and treat it as told; gives the port."""
    with socket.create_server((host, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                with client:
                    if context is None:
                        behave(client)
                    else:
                        with context.wrap_socket(client, server_side=True) as wrapped:
                            behave(wrapped)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_tls_with_the_named_authority_opens(dovecot: Dovecot, tmp_path: Path) -> None:
    dovecot.add_user(USER)
    server = ImapServer(host="localhost", port=dovecot.imaps_port, ca_file=dovecot.ca_file)
    mailbox = mailbox_at(server, tmp_path)
    mailbox.open()
    assert mailbox.folders()[0].name == "INBOX"
    assert not mailbox.wait(0.1, lambda: False)  # IDLE over TLS
    mailbox.close()


def test_starttls_opens_and_is_never_skipped(dovecot: Dovecot, tmp_path: Path) -> None:
    dovecot.add_user(USER)
    server = ImapServer(
        host="localhost", port=dovecot.imap_port, security="starttls", ca_file=dovecot.ca_file
    )
    mailbox = mailbox_at(server, tmp_path)
    mailbox.open()
    assert mailbox.folders()
    mailbox.close()

    def without_starttls(client: socket.socket) -> None:
        client.sendall(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
        file = client.makefile("rb")
        tag = file.readline().split()[0]
        client.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
        assert b"LOGIN" not in file.read()

    with listening(without_starttls) as port:
        bare = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="starttls"), tmp_path)
        with pytest.raises(MailboxUnavailable, match="offers no STARTTLS"):
            bare.open()


def test_an_authority_that_nobody_named_is_refused(dovecot: Dovecot, tmp_path: Path) -> None:
    mailbox = mailbox_at(ImapServer(host="localhost", port=dovecot.imaps_port), tmp_path)
    with pytest.raises(MailboxUnavailable, match="issuer is not trusted") as caught:
        mailbox.open()
    assert f"localhost port {dovecot.imaps_port}" in caught.value.explanation


def test_a_certificate_that_has_expired_is_refused(tmp_path: Path) -> None:
    key, certificate = expired_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with listening(lambda _: None, context=context) as port:
        server = ImapServer(host="localhost", port=port, ca_file=certificate)
        with pytest.raises(MailboxUnavailable, match="it has expired"):
            mailbox_at(server, tmp_path).open()


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with listening(lambda _: None, host="127.0.0.2", context=context) as port:
        server = ImapServer(host="127.0.0.2", port=port, ca_file=made.ca_file)
        with pytest.raises(MailboxUnavailable, match="belongs to another host"):
            mailbox_at(server, tmp_path).open()


def test_a_missing_authority_file_is_named(tmp_path: Path) -> None:
    server = ImapServer(host="localhost", port=993, ca_file=tmp_path / "nowhere.pem")
    with pytest.raises(MailboxUnavailable, match=r"ca_file .*nowhere\.pem cannot be read"):
        mailbox_at(server, tmp_path).open()


def test_a_port_without_tls_is_told_from_a_broken_one(dovecot: Dovecot, tmp_path: Path) -> None:
    server = ImapServer(host="localhost", port=dovecot.imap_port, ca_file=dovecot.ca_file)
    with pytest.raises(MailboxUnavailable, match="does not speak TLS"):
        mailbox_at(server, tmp_path).open()


def test_a_server_that_is_down_is_unavailable(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
    with pytest.raises(MailboxUnavailable, match="nothing listens at 127"):
        mailbox.open()


def say_nothing(client: socket.socket) -> None:
    client.settimeout(10)
    client.recv(1)


def test_a_server_that_says_nothing_is_given_up_after_the_timeout(tmp_path: Path) -> None:
    with listening(say_nothing) as port:
        server = ImapServer(host="127.0.0.1", port=port, security="plain")
        with pytest.raises(MailboxUnavailable, match="did not answer in time"):
            mailbox_at(server, tmp_path, timeout=0.2).open()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n",
        b"220 smtp.example.com ESMTP\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"* OK hello\r\n* \xff\xfe nonsense\r\n",
        b"* OK hello\r\n" + b"A" * 2_000_000,
        b"* BYE too many connections\r\n",
        b"* OK hello\r\n* CAPABILITY\r\n* BYE gone\r\n",
        bytes(range(256)),
    ],
)
def test_what_does_not_answer_in_imap_is_unavailable(answer: bytes, tmp_path: Path) -> None:
    with listening(lambda client: client.sendall(answer)) as port:
        server = ImapServer(host="127.0.0.1", port=port, security="plain")
        with pytest.raises(MailboxUnavailable):
            mailbox_at(server, tmp_path, timeout=2).open()


def scripted(*lines: bytes) -> Callable[[socket.socket], None]:
    """Answer the commands in turn; `TAG` becomes the command's."""

    def behave(client: socket.socket) -> None:
        client.sendall(b"* OK hello\r\n")
        file = client.makefile("rb")
        for line in lines:
            tag = file.readline().split(b" ")[0]
            client.sendall(line.replace(b"TAG", tag))
        file.read()

    return behave


CAPABILITY = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"


@pytest.mark.parametrize(
    ("refusal", "expected", "words"),
    [
        (b"TAG NO [AUTHENTICATIONFAILED] no\r\n", RefusedCredentials, "no"),
        (
            "TAG NO 登录失败，请使用授权码登录\r\n".encode("gbk"),
            RefusedCredentials,
            "登录失败，请使用授权码登录",
        ),
        ("TAG BAD 密码错误\r\n".encode("gbk"), RefusedCredentials, "密码错误"),
        ("TAG NO 授权码错误\r\n".encode(), RefusedCredentials, "授权码错误"),
        (b"TAG NO [UNAVAILABLE] Temporary authentication failure.\r\n", MailboxUnavailable, "Temporary"),
        ("TAG NO 系统繁忙，请稍后再试\r\n".encode("gbk"), MailboxUnavailable, "系统繁忙"),
        (
            (
                b"TAG NO Login fail. Account is abnormal, service is not open, password is incorrect, login "
                b"frequency limited, or system is busy.\r\n"
            ),
            RefusedCredentials,
            "Account is abnormal",
        ),
    ],
)
def test_a_refused_login_says_whether_a_person_must_act(
    refusal: bytes, expected: type[Exception], words: str, tmp_path: Path
) -> None:
    with listening(scripted(CAPABILITY, refusal)) as port:
        server = ImapServer(host="127.0.0.1", port=port, security="plain")
        with pytest.raises(expected) as caught:
            mailbox_at(server, tmp_path).open()
    assert words in str(caught.value)
    assert "\\x" not in str(caught.value)


def test_a_password_is_never_sent_where_the_server_forbids_it(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def forbidding(client: socket.socket) -> None:
        client.sendall(b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n")
        file = client.makefile("rb")
        tag = file.readline().split(b" ")[0]
        client.sendall(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n" + tag + b" OK done\r\n")
        seen.append(file.read())

    with listening(forbidding) as port:
        server = ImapServer(host="127.0.0.1", port=port, security="plain")
        with pytest.raises(RefusedCredentials, match="LOGINDISABLED"):
            mailbox_at(server, tmp_path).open()
    assert b"secret" not in seen[0]


def test_a_user_name_with_a_backslash_and_a_password_with_quotes_arrive_whole(tmp_path: Path) -> None:
    with EmbeddedServers(lambda: NOON) as servers:
        servers.add_user("OFFICE\\wang li", 'se"cr\\et')
        account = Account(
            name="desk",
            address=USER,
            username="OFFICE\\wang li",
            secret=Secret(env="UNUSED"),
            imap=ImapServer(host=servers.host, port=servers.imap_port, security="plain"),
        )
        mailbox = Mailbox(account, 'se"cr\\et', spool_dir=tmp_path, clock=ManualClock(NOON))
        mailbox.open()
        assert mailbox.folders()
        mailbox.close()


@pytest.mark.parametrize("password", ["", "ＡＢＣＤ", "secret\n", "with\rreturn"])
def test_a_secret_that_cannot_be_an_authorisation_code_is_refused_before_it_is_sent(
    password: str, tmp_path: Path
) -> None:
    with listening(scripted(CAPABILITY)) as port:
        server = ImapServer(host="127.0.0.1", port=port, security="plain")
        with pytest.raises(RefusedCredentials, match="empty or holds characters"):
            mailbox_at(server, tmp_path, password=password).open()


LOGGED_IN = (CAPABILITY, b"TAG OK in\r\n", b"* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done\r\n")
EXAMINED = b"* %d EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\nTAG OK [READ-ONLY] done\r\n"


def test_a_folder_whose_name_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    listed = b'* LIST () "/" "R&D"\r\n* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" 2024\r\nTAG OK done\r\n'
    with listening(scripted(*LOGGED_IN, listed, EXAMINED % 0, EXAMINED % 0)) as port:
        mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
        mailbox.open()
        assert [f.name for f in mailbox.folders()] == ["INBOX", "2024"]
        mailbox._hang_up()


def test_where_idle_is_offered_and_refused_noop_does(tmp_path: Path) -> None:
    listed = b'* LIST () "/" INBOX\r\nTAG OK done\r\n'
    answers = [b"TAG BAD IDLE not now\r\n", b"TAG OK NOOP\r\n", b"* 1 EXISTS\r\nTAG OK NOOP\r\n"]
    with listening(scripted(*LOGGED_IN, listed, EXAMINED % 0, EXAMINED % 0, *answers)) as port:
        mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
        mailbox.open()
        assert not mailbox.wait(0.1, lambda: False)
        assert mailbox.wait(1, lambda: False)
        mailbox._hang_up()


def test_waiting_in_small_pieces_without_idle_asks_the_server_twice_a_poll(tmp_path: Path) -> None:
    asked: list[bytes] = []
    listed = b'* LIST () "/" INBOX\r\nTAG OK done\r\n'

    def counting(client: socket.socket) -> None:
        client.sendall(b"* OK hello\r\n")
        file = client.makefile("rb")
        bare = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
        answers = iter([CAPABILITY, b"TAG OK in\r\n", bare, listed, EXAMINED % 0, EXAMINED % 0])
        while line := file.readline():
            tag, name = line.split()[:2]
            asked.append(name)
            client.sendall(next(answers, b"TAG OK done\r\n").replace(b"TAG", tag))

    with listening(counting) as port:
        mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
        mailbox.open()
        for _ in range(11):
            assert not mailbox.wait(0.1, lambda: False)
        mailbox._hang_up()
    assert (asked.count(b"EXAMINE"), asked.count(b"NOOP")) == (2, 2)


def test_news_before_the_server_agrees_to_idle_is_news(tmp_path: Path) -> None:
    listed = b'* LIST () "/" INBOX\r\nTAG OK done\r\n'

    def early(client: socket.socket) -> None:
        client.sendall(b"* OK hello\r\n")
        file = client.makefile("rb")
        for line in (
            *LOGGED_IN,
            listed,
            EXAMINED % 1,
            EXAMINED % 1,
            b"* 2 EXISTS\r\n* 0 RECENT\r\n+ idling\r\n",
        ):
            tag = file.readline().split(b" ")[0]
            client.sendall(line.replace(b"TAG", tag))
        assert file.readline() == b"DONE\r\n"
        client.sendall(tag + b" OK done\r\n")
        file.read()

    with listening(early) as port:
        mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
        mailbox.open()
        assert mailbox.wait(10, lambda: False)
        mailbox._hang_up()


def test_a_folder_created_anew_is_noticed_by_its_uidvalidity(tmp_path: Path) -> None:
    listed = b'* LIST () "/" INBOX\r\nTAG OK done\r\n'
    anew = (EXAMINED % 3).replace(b"UIDVALIDITY 9", b"UIDVALIDITY 10")
    search = b"* SEARCH 1 2 3\r\nTAG OK done\r\n"
    script = scripted(*LOGGED_IN, listed, EXAMINED % 2, anew, listed, anew, anew, search)
    with listening(script) as port:
        mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
        mailbox.open()
        with pytest.raises(MailboxUnavailable, match="created anew"):
            mailbox.new_uids(mailbox.folders()[0], 2)
        inbox = mailbox.folders()[0]
        assert inbox.uidvalidity == 10
        assert mailbox.new_uids(inbox, 0) == [1, 2, 3]
        mailbox._hang_up()


def test_a_message_refused_in_a_batch_is_reported_alone(tmp_path: Path) -> None:
    listed = b'* LIST () "/" INBOX\r\nTAG OK done\r\n'
    date = b'INTERNALDATE "02-Mar-2026 12:00:00 +0800"'
    outlines = b"".join(b"* %d FETCH (UID %d RFC822.SIZE 5 %b)\r\n" % (n, n, date) for n in (1, 2))
    answers = [
        outlines + b"TAG OK done\r\n",
        "* 1 FETCH (UID 1 BODY[] {5}\r\nwords)\r\nTAG NO 邮件损坏\r\n".encode("gbk"),
        b"* 1 FETCH (UID 1 BODY[] {5}\r\nwords)\r\nTAG OK done\r\n",
        b"TAG NO damaged\r\n",
        b"TAG OK NOOP\r\n",
        b"* SEARCH 2\r\nTAG OK done\r\n",
        b"TAG OK NOOP\r\n",
        b"* SEARCH 2\r\nTAG OK done\r\n",
    ]
    with listening(scripted(*LOGGED_IN, listed, EXAMINED % 2, *answers)) as port:
        mailbox = mailbox_at(ImapServer(host="127.0.0.1", port=port, security="plain"), tmp_path)
        mailbox.open()
        good, bad = mailbox.fetch(mailbox.folders()[0], [1, 2])
        assert (good.uid, good.body) == (1, b"words")
        assert (bad.uid, bad.body, bad.path, bad.size, bad.sha256) == (2, None, None, 5, "")
        mailbox._hang_up()
