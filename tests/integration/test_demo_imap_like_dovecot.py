"""The embedded IMAP server answers as Dovecot does, to the questions that mail clients ask."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

from dovecot import Dovecot
from mail_desk.demo.servers import EmbeddedServers

WHEN = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

SIMPLE = (
    b"Date: Mon, 2 Mar 2026 12:00:00 +0800\r\nFrom: =?utf-8?b?5byg5LiJ?= <zhang@example.cn>\r\n"
    b'Sender: office@example.cn\r\nReply-To: "Zhang, San" <reply@example.cn>, b@example.cn\r\n'
    b"To: desk@example.cn,\r\n other@example.cn\r\nCc: c@example.cn\r\nSubject: =?gb2312?b?zbbL3w==?=\r\n"
    b"Message-ID: <one@example.cn>\r\nIn-Reply-To: <zero@example.cn>\r\nX-Long: a\r\n\tb\r\n\r\n"
    b"first line\r\nsecond line\r\n"
)
MIXED = (
    b"From: a@example.com\r\nTo: desk@example.cn\r\nSubject: with files\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="out\\"er"\r\n\r\npreamble\r\n'
    b'--out"er\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n'
    b"--inner\r\nContent-Type: text/plain; charset=gbk; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"\xcd\xb6\xcb\xdf\r\n\r\n"
    b"--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"Content-ID: <part@example.com>\r\nContent-Language: zh\r\n\r\n<p>=E6=8A=95</p>\r\n"
    b'--inner--\r\n--out"er\r\nContent-Type: application/pdf; name="a b.pdf"\r\n'
    b'Content-Disposition: attachment; filename="a b.pdf"; size=3\r\nContent-Transfer-Encoding: base64\r\n'
    b'Content-Description: the file\r\n\r\nYWJj\r\n--out"er\r\nContent-Type: message/rfc822\r\n\r\n'
    b"From: inside@example.com\r\nTo: x@example.com\r\nSubject: forwarded\r\n\r\ninside words\r\n"
    b'--out"er--\r\nepilogue\r\n'
)
PLAIN_8BIT = b"Subject: \xb2\xe2\xca\xd4\r\nFrom: \xd5\xc5 <z@example.cn>\r\n\r\n\xcd\xb6\xcb\xdf\r\n"
EMPTY_BODY = b"Subject: nothing\r\nFrom: a@example.com\r\n\r\n"
DIGEST = (
    b"From: a@example.com\r\nSubject: digest\r\nContent-Type: multipart/digest; boundary=d\r\n\r\n"
    b"--d\r\n\r\nFrom: one@example.com\r\nSubject: one\r\n\r\nwords\r\n--d--\r\n"
)
FOLDED = (
    b'From: "no charset" <a@example.com>\r\nContent-Type: multipart/mixed;\r\n boundary="foo\r\n bar"\r\n\r\n'
    b"--foo bar\r\nContent-Type: text/plain; name=x.txt\r\n\r\none\r\n"
    b"--foo bar\r\n\r\ntwo\r\n--foo bar--\r\n"
)
MAILS = [SIMPLE, MIXED, PLAIN_8BIT, EMPTY_BODY, DIGEST, FOLDED]

SECTIONS = [
    *("BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[1.MIME]"),
    *("BODY.PEEK[2]", "BODY.PEEK[2.MIME]", "BODY.PEEK[1.1]", "BODY.PEEK[1.2]", "BODY.PEEK[1.2.MIME]"),
    *("BODY.PEEK[3]", "BODY.PEEK[3.HEADER]", "BODY.PEEK[3.TEXT]", "BODY.PEEK[3.1]"),
    *("BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]", "BODY.PEEK[HEADER.FIELDS.NOT (FROM X-LONG)]"),
    *("BODY.PEEK[HEADER.FIELDS (NOPE)]", "BODY.PEEK[3.HEADER.FIELDS (SUBJECT)]"),
    *("BODY.PEEK[]<0.10>", "BODY.PEEK[]<20.7>", "BODY.PEEK[TEXT]<3.100000>", "BODY.PEEK[]<999999.5>"),
]

SEARCHES: list[Any] = [
    "ALL", "SEEN", "UNSEEN", "ANSWERED", "NOT DELETED", "1:2", "2:*", "UID 1:3", "LARGER 400", "SMALLER 200",
    ["SUBJECT", "with"], ["FROM", "example.com"], ["TO", "OTHER@"], ["CC", "c@example"], ["TEXT", "preamble"],
    ["BODY", "second line"], ["HEADER", "Message-ID", "one@example.cn"], ["HEADER", "In-Reply-To", ""],
    "SINCE 2-Mar-2026", "BEFORE 2-Mar-2026", "ON 3-Mar-2026", "SENTON 2-Mar-2026", "SENTSINCE 1-Jan-2027",
    "OR (SUBJECT digest) (SUBJECT nothing)", "(FROM a@example.com SUBJECT files)", "NOT (OR SEEN FLAGGED)",
    "KEYWORD $Done", "UNKEYWORD $Done",
]  # fmt: skip


@pytest.fixture(scope="module")
def pair(dovecot: Dovecot) -> Iterator[tuple[IMAPClient, IMAPClient]]:
    """Two clients, one at each server, with the same mails in the inbox."""
    address = f"pair-{uuid.uuid4().hex[:8]}@example.cn"
    dovecot.add_user(address, "secret")
    with EmbeddedServers(lambda: WHEN) as embedded:
        embedded.add_user(address, "secret")
        clients = []
        for host, port in ((embedded.host, embedded.imap_port), (dovecot.host, dovecot.imap_port)):
            client = IMAPClient(host, port=port, ssl=False, timeout=20)
            client.normalise_times = False
            client.login(address, "secret")
            for day, raw in enumerate(MAILS):
                flags = [(b"\\Seen",), (), (b"\\Flagged", b"$Done"), (), (), ()][day]
                client.append("INBOX", raw, flags, WHEN + timedelta(days=day))
            client.select_folder("INBOX", readonly=True)
            clients.append(client)
        yield clients[0], clients[1]
        for client in clients:
            client.logout()


def one_after_the_other(client: IMAPClient, items: list[str]) -> list[dict[bytes, object]]:
    found = client.fetch(client.search(), items)
    return [dict(found[uid]) for uid in sorted(found)]


@pytest.mark.parametrize("section", SECTIONS)
def test_sections_hold_the_same_octets(section: str, pair: tuple[IMAPClient, IMAPClient]) -> None:
    ours, theirs = (one_after_the_other(client, [section]) for client in pair)
    # A part that does not exist is NIL or empty, RFC 3501 does not say which. The line break before a
    # boundary belongs to it (RFC 2046 §5.1.1); after a nested multipart Dovecot counts it to the part.
    assert [_without_end(m) for m in ours] == [_without_end(m) for m in theirs]


def _without_end(items: dict[bytes, object]) -> dict[bytes, object]:
    return {
        k: re.sub(rb"--inner--(\r\n)?\Z", b"", v) if isinstance(v, bytes) else v or b""
        for k, v in items.items()
    }


@pytest.mark.parametrize(
    "item", ["ENVELOPE", "INTERNALDATE", "RFC822.SIZE", "FLAGS", "RFC822.HEADER", "RFC822.TEXT"]
)
def test_items_are_the_same(item: str, pair: tuple[IMAPClient, IMAPClient]) -> None:
    ours, theirs = (one_after_the_other(client, [item]) for client in pair)
    assert [_without_recent(m) for m in ours] == [_without_recent(m) for m in theirs]


def _without_recent(items: dict[bytes, object]) -> dict[bytes, object]:
    """Nothing is recent with us."""
    return {k: set(v) - {b"\\Recent"} if isinstance(v, tuple) else v for k, v in items.items()}


@pytest.mark.parametrize("item", ["BODYSTRUCTURE", "BODY"])
def test_structures_are_the_same(item: str, pair: tuple[IMAPClient, IMAPClient]) -> None:
    ours, theirs = (one_after_the_other(client, [item]) for client in pair)
    assert [_lower(m[item.encode()]) for m in ours] == [_lower(m[item.encode()]) for m in theirs]


def _lower(structure: object) -> object:
    """Types and names of parameters have no case (RFC 2045 §2)."""
    if isinstance(structure, bytes):
        return structure.lower()
    if isinstance(structure, (tuple, list)):
        return tuple(_lower(x) for x in structure)
    return structure


@pytest.mark.parametrize("criteria", SEARCHES, ids=str)
def test_searches_find_the_same(criteria: object, pair: tuple[IMAPClient, IMAPClient]) -> None:
    ours, theirs = pair
    assert list(ours.search(criteria)) == list(theirs.search(criteria))


def test_words_in_chinese_are_found_in_decoded_mail(pair: tuple[IMAPClient, IMAPClient]) -> None:
    for client in pair:
        assert list(client.search(["SUBJECT", "投诉"], charset="UTF-8")) == [1]
        assert list(client.search(["FROM", "张三"], charset="UTF-8")) == [1]
        assert 2 in client.search(["BODY", "投诉"], charset="UTF-8")


def test_select_and_status_tell_the_same_numbers(pair: tuple[IMAPClient, IMAPClient]) -> None:
    items = ("MESSAGES", "UIDNEXT", "UNSEEN")
    ours, theirs = (client.folder_status("INBOX", items) for client in pair)
    assert ours == theirs
    ours, theirs = (client.select_folder("INBOX", readonly=True) for client in pair)
    for key in (b"EXISTS", b"UIDNEXT", b"UNSEEN", b"PERMANENTFLAGS"):
        assert ours.get(key) == theirs.get(key)
