"""The mailbox against what is known of imap.126.com, played by a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from mail_desk.config import FolderRole
from mail_desk.inbound.mailbox import Fetched, MailboxUnavailable, RefusedCredentials
from mailbox_backings import NETEASE, NOON, PASSWORD, Backing, backing_of, inbox_of, mail
from netease_imap import NetEaseImap


@pytest.fixture(params=NETEASE)
def backing(request: pytest.FixtureRequest) -> Iterator[Backing]:
    with backing_of(request.param, request) as found:
        yield found


def proxy_of(backing: Backing) -> NetEaseImap:
    assert backing.proxy is not None
    return backing.proxy


# --- the proxy does what it says ------------------------------------------------------------------


@pytest.fixture
def stranger(backing: Backing) -> Iterator[IMAPClient]:
    """A client that knows nothing of NetEase."""
    with IMAPClient(backing.host, port=backing.port, ssl=False, timeout=20) as client:
        client.login(backing.address, PASSWORD)
        yield client


def test_the_proxy_refuses_select_and_examine_until_id_is_sent(stranger: IMAPClient) -> None:
    for readonly in (False, True):
        with pytest.raises(IMAPClientError, match=r"Unsafe Login\. Please contact kefu@188\.com for help"):
            stranger.select_folder("INBOX", readonly=readonly)
    stranger.id_({"name": "stranger"})
    stranger.select_folder("INBOX", readonly=True)


def test_the_proxy_hides_what_netease_lacks(backing: Backing, stranger: IMAPClient) -> None:
    backing.arrive(mail(1), mail(2))
    assert stranger.capabilities() == (
        *(b"IMAP4REV1", b"XLIST", b"SPECIAL-USE", b"ID", b"LITERAL+", b"STARTTLS"),
        *(b"APPENDLIMIT=71680000", b"UIDPLUS", b"SASL-IR", b"AUTH=XOAUTH2"),
    )
    stranger.id_({"name": "stranger"})
    answer = stranger.select_folder("INBOX")
    assert answer[b"EXISTS"] == 2
    assert answer[b"UIDVALIDITY"] == 1
    assert b"UIDNEXT" not in answer
    assert stranger.folder_status("INBOX") == {}
    assert stranger.search() == [1_320_000_007, 1_320_000_014]
    assert stranger.search("UID 1320000015:*") == [1_320_000_014]
    assert stranger.search("UID 1320000008") == []
    assert set(stranger.fetch([1_320_000_007, 1_320_000_008], ["FLAGS"])) == {1_320_000_007}


def test_the_proxy_keeps_octets_that_look_like_its_own_words(backing: Backing, stranger: IMAPClient) -> None:
    raw = b"Subject: UID 5\r\n\r\n* 1 FETCH (UID 5)\r\n* STATUS x (MESSAGES 3)\r\n{3}\r\n"
    backing.arrive(raw)
    stranger.id_({"name": "stranger"})
    stranger.select_folder("INBOX", readonly=True)
    ((_, items),) = stranger.fetch(stranger.search(), ["BODY.PEEK[]"]).items()
    assert items[b"BODY[]"] == raw


def test_the_proxy_refuses_a_wrong_code_in_netease_s_words(backing: Backing) -> None:
    with (
        IMAPClient(backing.host, port=backing.port, ssl=False, timeout=20) as client,
        pytest.raises(LoginError, match="LOGIN Login error password error"),
    ):
        client.login(backing.address, "WRONG")


# --- the mailbox copes ----------------------------------------------------------------------------


def test_id_is_sent_after_login_and_before_the_first_folder_on_every_connection(
    backing: Backing, tmp_path: Path
) -> None:
    mailbox = backing.mailbox(tmp_path)
    for _ in range(2):
        mailbox.open()
        mailbox.folders()
        mailbox.close()
    seen = [c for c in proxy_of(backing).commands if c in (b"LOGIN", b"ID", b"EXAMINE")]
    first, second = seen[: len(seen) // 2], seen[len(seen) // 2 :]
    assert first == second
    assert first[:3] == [b"LOGIN", b"ID", b"EXAMINE"]


def test_reading_uses_no_command_that_could_change_the_mailbox(backing: Backing, tmp_path: Path) -> None:
    backing.arrive(mail(1), mail(2, size=2000))
    mailbox = backing.mailbox(tmp_path, inline_limit=1000)
    mailbox.open()
    inbox = inbox_of(mailbox)
    assert len(list(mailbox.fetch(inbox, mailbox.new_uids(inbox, 0)))) == 2
    mailbox.find_in_sent("1@example.com")
    mailbox.wait(0.1, lambda: False)
    mailbox.close()
    reading = {b"CAPABILITY", b"LOGIN", b"ID", b"LIST", b"XLIST", b"EXAMINE", b"NOOP", b"LOGOUT"}
    reading |= {b"UID SEARCH", b"UID FETCH"}
    assert set(proxy_of(backing).commands) <= reading


def test_an_account_blocked_as_unsafe_calls_for_a_person(backing: Backing, tmp_path: Path) -> None:
    proxy_of(backing).unsafe = True
    mailbox = backing.mailbox(tmp_path)
    mailbox.open()
    with pytest.raises(RefusedCredentials, match="unsafe log-in") as caught:
        mailbox.folders()
    assert "Unsafe Login. Please contact kefu@188.com for help" in caught.value.explanation
    mailbox.close()


def test_a_refusal_in_gbk_is_readable(backing: Backing, tmp_path: Path) -> None:
    proxy_of(backing).refusal_in_gbk = True
    with pytest.raises(RefusedCredentials, match="登录失败，授权码错误"):
        backing.mailbox(tmp_path, password="WRONG").open()


def test_folders_are_found_by_their_names_where_the_server_marks_none(
    backing: Backing, tmp_path: Path
) -> None:
    proxy_of(backing).hide_marks = True
    mailbox = backing.mailbox(tmp_path)
    mailbox.open()
    assert {f.role for f in mailbox.folders()} == set(FolderRole)
    assert b"XLIST" in proxy_of(backing).commands
    mailbox.close()


def test_equal_uids_and_uidvalidity_in_two_folders_stay_two_deliveries(
    backing: Backing, tmp_path: Path
) -> None:
    backing.arrive(mail(1))
    backing.arrive(mail(2), folder="广告邮件")
    mailbox = backing.mailbox(tmp_path)
    mailbox.open()
    one, two = (
        next(iter(mailbox.fetch(folder, mailbox.all_uids(folder))))
        for folder in mailbox.folders()
        if folder.name in ("INBOX", "广告邮件")
    )
    assert (one.uidvalidity, one.uid) == (two.uidvalidity, two.uid) == (1, 1_320_000_007)
    assert (one.folder, one.sha256) != (two.folder, two.sha256)
    mailbox.close()


def test_a_sent_letter_is_found_though_the_search_index_lags(backing: Backing, tmp_path: Path) -> None:
    proxy_of(backing).search_finds_nothing = True
    mailbox = backing.mailbox(tmp_path)
    mailbox.open()
    for number in range(3):
        mailbox.append_sent(mail(number), NOON)
    assert mailbox.find_in_sent("<1@example.com>")
    assert not mailbox.find_in_sent("<9@example.com>")
    mailbox.close()


@pytest.mark.parametrize("lost_at", [100, 3_000, 40_000, 1_500_000, 2_500_000])
def test_nothing_is_lost_when_the_server_goes_down_in_the_middle_of_a_fetch(
    lost_at: int, backing: Backing, tmp_path: Path
) -> None:
    mails = [mail(n) for n in range(40)] + [mail(90, size=3_000_000), mail(91)]
    backing.arrive(*mails)
    mailbox = backing.mailbox(tmp_path)
    mailbox.open()
    inbox = inbox_of(mailbox)
    uids = mailbox.new_uids(inbox, 0)
    received: list[Fetched] = []
    proxy_of(backing).cut_after = lost_at

    def fetch_all() -> None:
        for fetched in mailbox.fetch(inbox, uids):
            received.append(fetched)

    with pytest.raises(MailboxUnavailable, match=r"closed the connection|broke the connection off"):
        fetch_all()
    assert not list(tmp_path.rglob(".*")), "a half-written file stayed"
    with pytest.raises(MailboxUnavailable, match="not connected"):
        mailbox.new_uids(inbox, 0)

    proxy_of(backing).cut_after = None
    mailbox.open()
    inbox = inbox_of(mailbox)
    after = received[-1].uid if received else 0
    received += mailbox.fetch(inbox, mailbox.new_uids(inbox, after))
    assert [f.body or (f.path and f.path.read_bytes()) for f in received] == mails
    mailbox.close()


def test_a_connection_lost_while_waiting_is_noticed(backing: Backing, tmp_path: Path) -> None:
    mailbox = backing.mailbox(tmp_path)
    mailbox.open()
    inbox_of(mailbox)
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        if len(asked) == 1:
            proxy_of(backing).drop_everybody()
        return False

    with pytest.raises(MailboxUnavailable):
        mailbox.wait(60, stop)
    assert len(asked) < 5
