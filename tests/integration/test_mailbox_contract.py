"""What the mailbox promises, on every server it must work with."""

from __future__ import annotations

import hashlib
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mail_desk.config import FolderRole
from mail_desk.inbound.mailbox import Mailbox, MailboxUnavailable, RefusedCredentials
from mailbox_backings import KINDS, NOON, Backing, backing_of, inbox_of, mail

BEIJING = timezone(timedelta(hours=8))


@pytest.fixture(params=KINDS)
def backing(request: pytest.FixtureRequest) -> Iterator[Backing]:
    with backing_of(request.param, request) as found:
        yield found


@pytest.fixture
def mailbox(backing: Backing, tmp_path: Path) -> Iterator[Mailbox]:
    opened = backing.mailbox(tmp_path)
    opened.open()
    yield opened
    opened.close()


def test_folders_are_found_with_their_roles_and_decoded_names_inbox_first(mailbox: Mailbox) -> None:
    assert [(f.name, f.role) for f in mailbox.folders()] == [
        ("INBOX", FolderRole.INBOX),
        ("垃圾邮件", FolderRole.JUNK),
        ("广告邮件", FolderRole.ADVERTISEMENT),
        ("订阅邮件", FolderRole.SUBSCRIPTION),
        ("已发送", FolderRole.SENT),
    ]


def test_a_mail_arrives_byte_for_byte_with_its_arrival_date_in_utc(
    backing: Backing, mailbox: Mailbox
) -> None:
    raw = b"Subject: \xb2\xe2\xca\xd4\r\nX: \xff\r\n\r\n\xcd\xb6\xcb\xdf\r\n\r\nlast line without an end"
    backing.arrive(raw, when=datetime(2026, 2, 16, 7, 30, 5, tzinfo=BEIJING))
    inbox = inbox_of(mailbox)
    (fetched,) = mailbox.fetch(inbox, mailbox.new_uids(inbox, 0))
    assert fetched.body == raw
    assert fetched.path is None
    assert (fetched.size, fetched.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert fetched.received_at == datetime(2026, 2, 15, 23, 30, 5, tzinfo=UTC)
    assert fetched.received_at.tzinfo is UTC
    assert (fetched.account, fetched.folder, fetched.role) == ("desk", "INBOX", FolderRole.INBOX)
    assert fetched.uidvalidity == inbox.uidvalidity


def test_reading_leaves_no_trace(backing: Backing, mailbox: Mailbox, tmp_path: Path) -> None:
    backing.arrive(mail(1), mail(2, size=700_000))
    inbox = inbox_of(mailbox)
    assert len(list(mailbox.fetch(inbox, mailbox.all_uids(inbox)))) == 2
    mailbox.close()
    with backing.person() as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("UNSEEN") == client.search()


def test_new_uids_are_those_above_the_cursor_and_never_the_last_one_again(
    backing: Backing, mailbox: Mailbox
) -> None:
    inbox = inbox_of(mailbox)
    assert mailbox.new_uids(inbox, 0) == []
    assert mailbox.new_uids(inbox, 5) == []
    backing.arrive(mail(1), mail(2), mail(3))
    first, second, third = mailbox.new_uids(inbox, 0)
    assert first < second < third
    assert mailbox.new_uids(inbox, first) == [second, third]
    assert mailbox.new_uids(inbox, third) == []
    assert mailbox.new_uids(inbox, third + 10) == []


def test_gaps_between_uids_are_of_no_importance(backing: Backing, mailbox: Mailbox) -> None:
    backing.arrive(*(mail(n) for n in range(1, 7)))
    backing.expunge(2, 3, 5)
    inbox = inbox_of(mailbox)
    fetched = list(mailbox.fetch(inbox, mailbox.all_uids(inbox)))
    assert [f.body for f in fetched] == [mail(1), mail(4), mail(6)]
    assert [f.body for f in mailbox.fetch(inbox, mailbox.new_uids(inbox, fetched[0].uid))] == [
        mail(4),
        mail(6),
    ]


def test_a_folder_too_long_for_one_answer_is_searched_in_windows(
    backing: Backing, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_desk.inbound.mailbox._SEARCH_WINDOW", 2)
    backing.arrive(*(mail(n) for n in range(1, 6)))
    inbox = inbox_of(mailbox)
    uids = mailbox.all_uids(inbox)
    assert len(uids) == 5
    assert uids == sorted(uids)
    assert mailbox.new_uids(inbox, 0) == uids


def test_headers_come_without_bodies(backing: Backing, mailbox: Mailbox) -> None:
    backing.arrive(mail(1), mail(2, size=5000))
    inbox = inbox_of(mailbox)
    one, two = mailbox.headers(inbox, mailbox.all_uids(inbox))
    assert b"Subject: complaint 1\r\n" in one.header
    assert b"words" not in one.header
    assert two.size == len(mail(2, size=5000))
    assert one.received_at == NOON


def test_a_message_that_vanishes_between_search_and_fetch_is_not_yielded(
    backing: Backing, mailbox: Mailbox
) -> None:
    backing.arrive(*(mail(n) for n in range(1, 6)))
    inbox = inbox_of(mailbox)
    uids = mailbox.new_uids(inbox, 0)
    backing.expunge(2, 4)
    assert [f.body for f in mailbox.fetch(inbox, uids)] == [mail(1), mail(3), mail(5)]


def test_a_large_message_that_vanishes_while_it_is_fetched_is_not_yielded(
    backing: Backing, tmp_path: Path
) -> None:
    backing.arrive(mail(1, size=3000), mail(2, size=3000), mail(3))
    mailbox = backing.mailbox(tmp_path, inline_limit=1000)
    mailbox.open()
    inbox = inbox_of(mailbox)
    fetching = mailbox.fetch(inbox, mailbox.all_uids(inbox))
    assert next(fetching).path is not None
    backing.expunge(2)
    assert [f.body for f in fetching] == [mail(3)]
    assert not list(tmp_path.glob(".*"))
    mailbox.close()


def test_many_messages_come_in_the_order_asked_for(backing: Backing, tmp_path: Path) -> None:
    # More than one batch, with large ones between the small.
    mails = [mail(n, size=4000 if n % 50 == 0 else 0) for n in range(1, 231)]
    backing.arrive(*mails)
    mailbox = backing.mailbox(tmp_path, inline_limit=2000)
    mailbox.open()
    inbox = inbox_of(mailbox)
    fetched = list(mailbox.fetch(inbox, mailbox.new_uids(inbox, 0)))
    assert [f.body or (f.path and f.path.read_bytes()) for f in fetched] == mails
    assert [f.body is None for f in fetched] == [len(m) > 2000 for m in mails]
    mailbox.close()


def test_a_mail_of_thirty_megabytes_is_streamed_to_disk_in_bounded_memory(
    backing: Backing, mailbox: Mailbox, tmp_path: Path
) -> None:
    raw = mail(1, size=30_000_000)
    backing.arrive(mail(0), raw, mail(2))
    inbox = inbox_of(mailbox)
    uids = mailbox.all_uids(inbox)
    tracemalloc.start()
    try:
        small, large, last = mailbox.fetch(inbox, uids)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (small.body, last.body) == (mail(0), mail(2))
    assert large.body is None
    assert large.path is not None
    assert large.path == tmp_path / large.sha256[:2] / f"{large.sha256}.eml"
    assert (large.size, large.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert large.path.read_bytes() == raw
    # Pieces of 1 MiB in a few hands, those of the proxy and the embedded server among them.
    assert peak < 12_000_000


def test_a_mail_above_the_limit_is_reported_by_size_and_not_fetched(backing: Backing, tmp_path: Path) -> None:
    raw = mail(1, size=1_200_000)
    backing.arrive(raw, mail(2))
    mailbox = backing.mailbox(tmp_path, max_message_mb=1)
    mailbox.open()
    inbox = inbox_of(mailbox)
    large, small = mailbox.fetch(inbox, mailbox.all_uids(inbox))
    assert (large.body, large.path, large.sha256) == (None, None, "")
    assert large.size == len(raw)
    assert small.body == mail(2)
    mailbox.close()


def test_junk_and_inbox_are_told_apart_even_where_their_uids_are_equal(
    backing: Backing, mailbox: Mailbox
) -> None:
    backing.arrive(mail(1))
    backing.arrive(mail(2), folder="垃圾邮件")
    inbox, junk = mailbox.folders()[:2]
    (one,) = mailbox.fetch(inbox, mailbox.all_uids(inbox))
    (two,) = mailbox.fetch(junk, mailbox.all_uids(junk))
    assert (one.folder, one.body) == ("INBOX", mail(1))
    assert (two.folder, two.role, two.body) == ("垃圾邮件", FolderRole.JUNK, mail(2))


def test_fetching_goes_on_though_another_folder_is_searched_between(backing: Backing, tmp_path: Path) -> None:
    backing.arrive(mail(1, size=3000), mail(2, size=3000))
    backing.arrive(mail(7), folder="垃圾邮件")
    mailbox = backing.mailbox(tmp_path, inline_limit=1000)
    mailbox.open()
    inbox, junk = mailbox.folders()[:2]
    fetching = mailbox.fetch(inbox, mailbox.all_uids(inbox))
    first = next(fetching)
    mailbox.all_uids(junk)
    second = next(fetching)
    assert [f.path and f.path.read_bytes() for f in (first, second)] == [
        mail(1, size=3000),
        mail(2, size=3000),
    ]
    mailbox.close()


def test_waiting_ends_soon_after_something_arrives(backing: Backing, mailbox: Mailbox) -> None:
    inbox = inbox_of(mailbox)
    mailbox.new_uids(inbox, 0)
    delivery = threading.Timer(0.3, backing.arrive, [mail(1)])
    delivery.start()
    # With IDLE at once; without it at the NOOP that ends the wait.
    idle = "IDLE" in mailbox.capabilities
    assert mailbox.wait(30 if idle else 1.5, lambda: False)
    delivery.join()
    assert len(mailbox.new_uids(inbox, 0)) == 1


def test_what_arrived_before_the_waiting_began_is_noticed(backing: Backing, mailbox: Mailbox) -> None:
    mailbox.new_uids(inbox_of(mailbox), 0)
    backing.arrive(mail(1))
    assert mailbox.wait(30, lambda: False)


def test_what_arrived_while_something_else_was_done_is_noticed(backing: Backing, mailbox: Mailbox) -> None:
    backing.arrive(mail(1))
    inbox = inbox_of(mailbox)
    uids = mailbox.new_uids(inbox, 0)
    assert not mailbox.wait(0.1, lambda: False)
    backing.arrive(mail(2))
    # The server may tell of it now, in the middle of an answer that is about something else.
    assert len(list(mailbox.fetch(inbox, uids))) == 1
    mailbox.noop()
    assert mailbox.wait(30, lambda: False)


def test_waiting_ends_in_vain_after_its_time_and_at_once_when_stopped(mailbox: Mailbox) -> None:
    assert not mailbox.wait(0.2, lambda: False)
    assert not mailbox.wait(600, lambda: True)


def test_a_sent_letter_is_found_by_its_message_id_with_or_without_brackets(
    backing: Backing, mailbox: Mailbox
) -> None:
    assert not mailbox.find_in_sent("<77@example.com>")
    assert mailbox.append_sent(mail(77), NOON)
    assert mailbox.find_in_sent("<77@example.com>")
    assert mailbox.find_in_sent("77@example.com")
    assert not mailbox.find_in_sent("<7@example.com>")
    assert not mailbox.find_in_sent("7@example.co")
    with backing.person() as client:
        client.select_folder("已发送", readonly=True)
        ((_, copy),) = client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE", "FLAGS"]).items()
        assert copy[b"BODY[]"] == mail(77)
        assert copy[b"INTERNALDATE"] == NOON
        assert b"\\Seen" in copy[b"FLAGS"]


def test_a_wrong_password_calls_for_a_person(backing: Backing, tmp_path: Path) -> None:
    mailbox = backing.mailbox(tmp_path, password="WRONG")
    with pytest.raises(RefusedCredentials) as caught:
        mailbox.open()
    assert backing.address in caught.value.explanation
    assert "WRONG" not in str(caught.value)
    mailbox.close()


def test_a_closed_mailbox_says_so_and_can_be_opened_again(backing: Backing, mailbox: Mailbox) -> None:
    backing.arrive(mail(1))
    mailbox.close()
    mailbox.close()
    with pytest.raises(MailboxUnavailable, match="not connected"):
        mailbox.folders()
    mailbox.open()
    inbox = inbox_of(mailbox)
    mailbox.noop()
    assert len(mailbox.all_uids(inbox)) == 1
