"""Reading mail is total: any bytes give a Mail, in bounded time, and what can be stored can be stored."""

from __future__ import annotations

import json
import mmap
import os
import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mail_desk import inspection
from mail_desk.inbound.classify import classify
from mail_desk.inbound.parse import normalise_subject, parse, part_bytes

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = [p.read_bytes() for p in sorted(CORPUS.rglob("*.eml"))]
EXAMPLES = int(os.environ.get("MAIL_FUZZ_EXAMPLES", "300"))  # more on demand: docs/reading.md
HEAD = b"From: a@example.com\r\nSubject: x\r\n"


def storable(raw: bytes) -> None:
    """Inspect; what comes out must be JSON, UTF-8, and free of NUL (PostgreSQL refuses it)."""
    found = json.dumps(inspection.inspected(raw), ensure_ascii=False)
    found.encode("utf-8")
    assert re.search(r"(?<!\\)(?:\\\\)*\\u0000", found) is None


@given(st.binary(max_size=2000))
def test_any_bytes_give_a_mail(raw: bytes) -> None:
    storable(raw)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A hand-written case with bytes cut, doubled, swapped, replaced or spliced from another."""
    raw = bytearray(draw(st.sampled_from(CASES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        end = min(len(raw), at + draw(st.integers(0, 80)))
        how = draw(st.sampled_from(["cut", "double", "noise", "splice", "byte", "truncate", "boundary"]))
        if how == "cut":
            del raw[at:end]
        elif how == "double":
            raw[at:at] = raw[at:end]
        elif how == "noise":
            raw[at:end] = draw(st.binary(max_size=20))
        elif how == "splice":
            other = draw(st.sampled_from(CASES))
            begin = draw(st.integers(0, len(other)))
            raw[at:end] = other[begin : begin + 200]
        elif how == "byte" and at < len(raw):
            raw[at] = draw(st.sampled_from(b'\x00\r\n =?"<>();:,-\xff\x1b~'))
        elif how == "truncate":
            del raw[at:]
        else:
            raw[at:at] = draw(
                st.sampled_from([b"\r\n--m\r\n", b"\r\n--m--\r\n", b"\r\n\r\n", b"=?utf-8?B?", b"<", b"&#"])
            )
    return bytes(raw)


@given(mutations())
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_mutations_of_every_class_give_a_mail(raw: bytes) -> None:
    storable(raw)


@given(mutations())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_attachments_of_mutations_keep_size_and_order(raw: bytes) -> None:
    mail = parse(raw)
    assert [a.index for a in mail.attachments] == list(range(len(mail.attachments)))
    for attachment in mail.attachments[:5]:
        assert len(part_bytes(raw, attachment.index)) == attachment.size


@given(st.binary(max_size=300), st.sampled_from(CASES))
def test_reading_twice_gives_the_same_and_a_mapping_reads_like_bytes(tail: bytes, case: bytes) -> None:
    raw = case + tail
    mapped = mmap.mmap(-1, len(raw)) if raw else None
    if mapped is None:
        return
    mapped.write(raw)
    assert parse(raw) == parse(mapped) == parse(raw)
    mapped.close()


@given(
    st.text(),
    st.sampled_from(
        ["Re: ", "回复：", "FW:", "转发: ", "AW: ", "答复:", "Re[2]: ", "SV: ", "RES: ", "Antw: "]
    ),
)
def test_a_prefix_never_changes_the_subject_for_comparison(subject: str, prefix: str) -> None:
    assert normalise_subject(prefix + subject) == normalise_subject(subject)
    assert normalise_subject(normalise_subject(subject)) == normalise_subject(subject)


@given(st.text(alphabet="Ab/9=\r\n ", max_size=40), st.sampled_from(["text/plain", "application/pkcs7-mime"]))
@example("MA0GCSqGSIb3DQEHA6AA\r\n/A=A", "application/pkcs7-mime")
def test_base64_with_padding_anywhere_gives_a_mail(encoded: str, kind: str) -> None:
    head = f"From: a@b.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    storable((head + encoded).encode())


def big(piece: bytes, size: int = 400_000) -> bytes:
    return (piece * (size // len(piece) + 1))[:size]


TEXT, HTML = HEAD + b"\r\n", HEAD + b"Content-Type: text/html\r\n\r\n"
HOSTILE: dict[str, bytes] = {
    "500 levels": HEAD
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(500))
    + b"Content-Type: text/plain\r\n\r\nhello",
    "10,000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n" * 10_000
    + b"--b--",
    "messages in messages": HEAD + big(b"Content-Type: message/rfc822\r\n\r\n"),
    "unclosed words": b"Subject: " + big(b"=?utf-8?q?a"),
    "half words": b"Subject: " + big(b"=?"),
    "quotes": b"To: " + big(b'"'),
    "parentheses": b"To: " + big(b"("),
    "closed parentheses": b"To: " + big(b"()"),
    "open angles": b"To: " + big(b"<a@"),
    "addresses": b"To: " + big(b'"a" <b@example.com>, '),
    "parameters": b"Content-Type: text/plain" + big(b";"),
    "more parameters": b"Content-Type: text/plain" + big(b"; a*0=b"),
    "stray header lines": b"From: a\n" + big(b"abc\n"),
    "fields": big(b"a: b\r\n"),
    "NUL": big(b"\x00"),
    "bare CR": big(b"\r"),
    "noise": random.Random(7).randbytes(400_000),
    "open tags": HTML + big(b"<a "),
    "less-than": HTML + big(b"<"),
    "comments": HTML + big(b"<!--"),
    "nested blocks": HTML + big(b"<div>"),
    "nested lists": HTML + big(b"<ul><li>"),
    "unclosed skipped": HTML + big(b"<svg>"),
    "attributes": HTML + big(b'<a href="'),
    "ampersands": HTML + big(b"&#"),
    "one long word": HTML + big("中".encode()),
    "quotations": TEXT + big(b"> a\n"),
    "introductions": TEXT + big(b"On 2026-01-01 a@example.com\n"),
    "signature marks": TEXT + big(b"--\n"),
    "heading blocks": TEXT + big("发件人：a\n".encode()),
    "letters": TEXT + big(b"a"),
    "dots": TEXT + big(b"a."),
    "addresses in text": TEXT + big(b"a@b.cc "),
    "armour": TEXT + big(b"-----BEGIN PGP SIGNED MESSAGE-----\n\n"),
    "uu": TEXT + big(b"begin 644 a\nM\n"),
    "report": b"From: mailer-daemon@example.com\nSubject: failure notice\n\n" + big(b"<a@b.cc>:\n550 no\n"),
    "dashes": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + big(b"--\n"),
    "padding": HEAD + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + big(b"YQ==\n"),
    "soft breaks": HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + big(b"=\n"),
    "flowed": HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + big(b"a \n"),
    "enriched": HEAD + b"Content-Type: text/enriched\r\n\r\n" + big(b"<param>"),
    "tnef": HEAD + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\0\0" + big(b"\x02\x02\x90\x06" + bytes(7)),
    "cloud links": TEXT + big(b"https://mail.qq.com/ftn "),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_of_400_kb_is_read_in_bounded_time(name: str) -> None:
    began = time.process_time()
    storable(HOSTILE[name])
    # Linear work takes well under 2 s of an idle core; anything quadratic takes minutes.
    assert time.process_time() - began < 12


def test_deep_nesting_and_many_parts_lose_nothing() -> None:
    assert parse(HOSTILE["500 levels"]).text == "hello"
    assert parse(HOSTILE["10,000 parts"]).text.count("hi") == 10_000


@given(st.sampled_from(CASES))
def test_every_mail_can_be_classified_by_a_desk_with_any_addresses(case: bytes) -> None:
    mail = parse(case)
    verdict = classify(mail, own=frozenset({"desk@example.org"}), own_message_ids=lambda _: False)
    assert verdict.answerable == (verdict.why_not == "")
