"""The bytes of a letter: headers nobody can inject into, file names every client reads."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.outbound import mime
from mail_desk.outbound.letters import File
from mail_desk.outbound.wording import one_line

ENVELOPE = mime.Envelope(
    sender=("投诉信箱", "desk@example.org"),
    recipient=("Anna", "anna@example.com"),
    subject="[K7Q2M4XW3P] 受理通知书",
    message_id="k.1.abc@example.org",
    date=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
    language="zh-CN",
    automatic="no",
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def build(**changes: object) -> EmailMessage:
    return parsed(mime.build(replace(ENVELOPE, **changes), "text", "<p>html</p>"))  # type: ignore[arg-type]


@given(WORDS)
def test_any_subject_is_one_header_that_reads_back(words: str) -> None:
    subject = f"[K7Q2M4XW3P] {words}"
    raw = mime.build(replace(ENVELOPE, subject=subject), "text", "html")
    assert str(make_header(decode_header(parsed_compat(raw)))) == one_line(subject)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200
    raw.split(b"\r\n\r\n")[0].decode("ascii")


def parsed_compat(raw: bytes) -> str:
    """Return the subject, unfolded (RFC 5322 §2.2.3)."""
    found = re.search(rb"^Subject:((?:[^\r\n]|\r\n[ \t])*)", raw, re.MULTILINE)
    assert found is not None
    return re.sub(rb"\r\n(?=[ \t])", b"", found[1]).strip(b" \r\n").decode("ascii")


@given(WORDS)
def test_any_name_stays_a_name_beside_its_address(name: str) -> None:
    message = build(recipient=(name, "anna@example.com"))
    (mailbox,) = message["To"].addresses
    assert mailbox.addr_spec == "anna@example.com"
    assert len(message.get_all("To") or []) == 1
    assert message.get_all("Bcc") is None


@pytest.mark.parametrize(
    "name", ["Keller, Anna", 'Anna "Ann" Keller', "Anna (Keller)", "李 明", "a@b", "=?utf-8?q?x?="]
)
def test_names_with_specials_read_back_as_they_are(name: str) -> None:
    assert build(recipient=(name, "anna@example.com"))["To"].addresses[0].display_name == name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "a@b\r\nBcc: x@y",
        "a b@example.com",
        "<a@example.com>",
        "a@example.com, b@example.com",
        "a@b@c",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        build(recipient=("x", address))


def test_rare_but_valid_addresses_are_written_to() -> None:
    for address, written in (
        ('"anna keller"@example.com', '"anna keller"@example.com'),
        ("o'brien+x=y@mail.example.com", "o'brien+x=y@mail.example.com"),
        ("info@例子.测试", "info@xn--fsqu00a.xn--0zwm56d"),
    ):
        assert build(recipient=("x", address))["To"].addresses[0].addr_spec == written


@pytest.mark.parametrize("message_id", ["", "a b@c", "a@b>\r\nBcc: x", "<a@b>"])
def test_what_is_no_message_id_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="not a message id"):
        build(message_id=message_id)


def test_ids_of_strangers_that_are_none_are_left_out() -> None:
    message = build(in_reply_to="x\r\nBcc: y", references=("good@example.com", "bad id", "", "<x>"))
    assert message["In-Reply-To"] is None
    assert message["References"] == "<good@example.com>"


def test_of_a_very_long_thread_the_first_and_the_latest_references_stay() -> None:
    message = build(references=tuple(f"n{number}@example.com" for number in range(500)))
    ids = message["References"].split()
    assert len(ids) == 21
    assert ids[0] == "<n0@example.com>"
    assert ids[-1] == "<n499@example.com>"


@pytest.mark.parametrize(
    "filename",
    [
        "report.pdf",
        "处理意见（盖章）.pdf",
        "很长的文件名" * 20 + ".docx",
        "a; b=c.txt",
        "it's 100%.txt",
        'x"y.txt',
        "../../etc/passwd",
    ],
)
def test_file_names_are_read_by_rfc_2231_and_by_old_clients_alike(filename: str) -> None:
    data = bytes(range(256)) * 10
    raw = mime.build(ENVELOPE, "text", "html", [File(filename, "application/pdf", data)])
    (part,) = parsed(raw).iter_attachments()
    expected = filename.replace("/", "_")
    plain = expected.replace('"', "'")
    assert part.get_filename() in (expected, plain)
    assert part.get_content() == data
    name = re.search(rb'\r\n name="((?:[^"]|\r\n)*)"', raw)
    assert name is not None
    assert str(make_header(decode_header(re.sub(r"\r\n ", "", name[1].decode("ascii"))))) in (expected, plain)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@given(WORDS, st.text(max_size=60))
def test_no_file_name_or_type_breaks_out_of_its_part(filename: str, content_type: str) -> None:
    files = [File(filename, content_type, b"data"), File("b.txt", "message/rfc822", b"\x00")]
    message = parsed(mime.build(ENVELOPE, "text", "html", files))
    parts = list(message.iter_attachments())
    assert [part.get_content_disposition() for part in parts] == ["attachment", "attachment"]
    assert parts[0].get_payload(decode=True) == b"data"
    assert parts[1].get_content_type() == "application/octet-stream"


def test_without_files_the_letter_is_an_alternative_and_with_files_a_mix_of_it_and_them() -> None:
    assert build().get_content_type() == "multipart/alternative"
    message = parsed(mime.build(ENVELOPE, "text", "html", [File("a.txt", "text/csv", b"a,b")]))
    assert [part.get_content_type() for part in message.iter_parts()] == ["multipart/alternative", "text/csv"]


@pytest.mark.parametrize(
    "text", ["plain ascii\n", "您好\n" * 50, "x" * 3000 + "\n", "trailing \nFrom here\n  in\n", "=\n.\n"]
)
def test_text_of_any_script_and_length_survives_transport(text: str) -> None:
    body = parsed(mime.build(ENVELOPE, text, "<p>x</p>")).get_body(("plain",))
    assert body is not None
    content = body.get_content().replace("\r\n", "\n")
    assert re.sub(r"^ ", "", content, flags=re.MULTILINE) == text
    assert body["Content-Type"].params["format"] == "flowed"


def test_different_letters_have_different_boundaries_and_the_same_letter_the_same() -> None:
    one = mime.build(ENVELOPE, "a", "b")
    assert one == mime.build(ENVELOPE, "a", "b")
    other = mime.build(replace(ENVELOPE, message_id="k.2.abc@example.org"), "a", "b")
    assert re.findall(rb'boundary="([^"]+)"', one) != re.findall(rb'boundary="([^"]+)"', other)
