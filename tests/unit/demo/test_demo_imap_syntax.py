from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from imapclient.imap_utf7 import decode as reference_decode
from imapclient.imap_utf7 import encode as reference_encode

from mail_desk.demo.imap_grammar import (
    Attribute,
    Reader,
    decode_mailbox,
    encode_mailbox,
    internaldate,
    nstring,
    ranges,
)
from mail_desk.demo.imap_mime import bodystructure, dissect, envelope, section
from mail_desk.demo.imap_search import header_values
from mail_desk.demo.imap_session import Session
from mail_desk.demo.mail_store import MailStore

names = st.text(st.characters(codec="utf-8"), max_size=20)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=offsets)  # noqa: DTZ001 - bounds are naive by contract
# What breaks parsers of mail: line ends, boundaries, headers without names, stray octets.
scraps = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"--b", b"--b--", b"Content-Type: multipart/mixed; boundary=b\r\n", b":", b" ", b"x",
     b"Content-Type: message/rfc822\r\n", b"\r\n\r\n", b"From: a <a@b>, c\r\n", b"\xff", b"=?gbk?b?zbbL3w==?=",
     b"Subject: ", b'Content-Type: text/plain; charset="\r\n', b"Content-Disposition: ;;=\r\n", b'("\\', b"\0"]
)  # fmt: skip
mails = st.lists(scraps | st.binary(max_size=6), max_size=25).map(b"".join)


@given(names)
def test_folder_names_survive_modified_utf_7_and_look_as_others_write_them(name: str) -> None:
    assert decode_mailbox(encode_mailbox(name)) == name
    assert encode_mailbox(name) == reference_encode(name)
    assert reference_decode(encode_mailbox(name)) == name


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8), st.integers(1, 30)
)
def test_a_set_holds_what_lies_in_one_of_its_ranges(spans: list[tuple[int, int]], largest: int) -> None:
    text = ",".join(f"{a or '*'}:{b or '*'}" for a, b in spans)
    inside = Reader(text.encode()).sequence_set().within(largest)
    resolved = [sorted((a or largest, b or largest)) for a, b in spans]
    for number in range(35):
        assert inside(number) == any(first <= number <= last for first, last in resolved)


def test_the_names_of_netease_s_folders_are_written_as_it_writes_them() -> None:
    written = {"已发送": b"&XfJT0ZAB-", "垃圾邮件": b"&V4NXPpCuTvY-", "广告邮件": b"&Xn9USpCuTvY-"}
    assert {name: encode_mailbox(name) for name in written} == written


@given(instants)
def test_dates_survive(when: datetime) -> None:
    whole = when.replace(microsecond=0)
    assert Reader(internaldate(whole).encode()).date_time() == whole


@given(st.binary(max_size=50))
def test_any_octets_survive_as_a_string(value: bytes) -> None:
    assert Reader(nstring(value)).string() == value


@given(st.sets(st.integers(1, 60)))
def test_a_written_set_names_exactly_its_numbers(numbers: set[int]) -> None:
    written = ranges(sorted(numbers))
    if numbers:
        bounds = Reader(written.encode()).sequence_set().bounds(99)
        assert {n for first, last in bounds for n in range(first, last + 1)} == numbers
    else:
        assert written == ""


@given(mails)
@example(b"Content-Type: multipart/mixed; boundary=b\r\n \x80\r\n\r\n")
def test_any_mail_has_a_structure_an_envelope_and_headers(raw: bytes) -> None:
    part = dissect(raw)
    assert part.header + part.body == raw
    for written in (bodystructure(part, extended=True), envelope(part.headers)):
        assert written.startswith(b"(")
        assert written.endswith(b")")
    assert isinstance(header_values(raw, "Subject"), list)


@given(mails, st.integers(0, 40), st.integers(0, 40))
def test_a_piece_of_a_section_is_a_piece_of_it(raw: bytes, first: int, count: int) -> None:
    whole = section(raw, Attribute("BODY[]"))
    assert whole == raw
    assert section(raw, Attribute("BODY[]", partial=(first, count))) == raw[first : first + count]


@given(st.binary(max_size=60))
def test_no_command_breaks_a_session(command: bytes) -> None:
    store = MailStore()
    store.add_user("a@b.cn", "x")
    session = Session(store, lambda: datetime.now(timezone(timedelta(hours=8))))
    list(session.respond(b"a LOGIN a@b.cn x"))
    list(session.respond(b"b SELECT INBOX"))
    for verb in (b"", b"UID FETCH ", b"SEARCH ", b"LIST ", b"APPEND INBOX ", b"STORE ", b"STATUS "):
        answer = list(session.respond(b"c " + verb + command))
        assert answer[-1].split(b" ")[1] in (b"OK", b"NO", b"BAD")


@pytest.mark.parametrize("depth", [10, 200])
def test_nesting_without_end_does_not_exhaust_the_stack(depth: int) -> None:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)
    )
    assert bodystructure(dissect(raw), extended=True).startswith(b"(")
