"""Only a From field that nobody can read otherwise says who wrote a mail."""

from __future__ import annotations

import pytest

from mail_desk.inbound.originator import header_of, originator
from mail_desk.inbound.parse import parse

WANG, EVIL = "wang@office.example", "evil@attack.example"


def author(fields: str) -> str:
    raw = f"{fields}\r\nSubject: x\r\n\r\n1\r\n".encode()
    return originator(header_of(raw)).address


HONEST = [
    f"From: {WANG}",
    f"From: <{WANG}>",
    f"From: Wang Fang <{WANG}>",
    f"From: 王芳 <{WANG}>",
    f'From: "王芳" <{WANG}>',
    f'From: "Wang, Fang (Trade)" <{WANG}>',
    f"From: =?utf-8?b?546L6Iqz?= <{WANG}>",
    f'From: "{WANG}" <{WANG}>',
    f"From: {WANG} (Wang Fang)",
    f"From:\r\n =?gb18030?B?zfW3vA==?=\r\n\t<{WANG}>",
    "from: WANG@Office.Example",
    f"FROM:{WANG}",
    f"Sender: {EVIL}\r\nReply-To: {EVIL}\r\nFrom: {WANG}",
]


@pytest.mark.parametrize("fields", HONEST)
def test_an_honest_author_is_read(fields: str) -> None:
    assert author(fields) == WANG


# Composition attacks on mail authentication (see originator.py), each written with our own names.
FORGED = {
    "two From": f"From: {EVIL}\r\nFrom: {WANG}",
    "two From, the other way round": f"From: {WANG}\r\nFrom: {EVIL}",
    "two equal From": f"From: {WANG}\r\nFrom: {WANG}",
    "a folded From first": f" From: {EVIL}\r\nFrom: {WANG}",
    "From with a space before the colon": f"From : {EVIL}\r\nFrom: {WANG}",
    "only From with a space before the colon": f"From : {WANG}",
    "From broken before the colon": f"From\r\n : {EVIL}\r\nSender: {WANG}",
    "no From": f"Sender: {WANG}",
    "several authors": f"From: {WANG}, {EVIL}",
    "several authors in brackets": f"From: <{EVIL}>, <{WANG}>",
    "an address behind the brackets": f"From: <{EVIL}>{WANG}",
    "an address before the brackets": f"From: {WANG}<{EVIL}>",
    "brackets twice": f"From: <{EVIL}><{WANG}>",
    "brackets in brackets": f"From: <{EVIL}<{WANG}>>",
    "a route": f"From: <@attack.example,@x.example:{WANG}>",
    "a route without brackets": f"From: @attack.example:{WANG}",
    "a quoted pair": f"From: <{WANG}>\\,<{EVIL}>",
    "a quoted local part": f'From: "{WANG}"@attack.example',
    "a quoted local part of ours": 'From: "wang"@office.example',
    "a group": f"From: staff: {WANG};",
    "a group of two": f"From: {WANG}: {EVIL};",
    "the group trick": f"From: <{EVIL}>:<{WANG}>",
    "a comment with an address": f"From: {EVIL} ({WANG})",
    "a comment inside": "From: wang(x)@office.example",
    "a comment in front": f"From: ({EVIL}) {WANG}",
    "an encoded address": "From: =?utf-8?q?wang=40office=2Eexample?=",
    "an encoded address in brackets": "From: <=?utf-8?q?wang=40office=2Eexample?=>",
    "an encoded address and a plain one": f"From: =?utf-8?b?PHdhbmdAb2ZmaWNlLmV4YW1wbGU+LA==?= <{EVIL}>",
    "an address in the name": f'From: "{EVIL}" <{WANG}>',
    "an address in the name, full width": f"From: evil＠attack.example <{WANG}>",
    "a name that closes the brackets": f'From: "王芳 <{EVIL}>" <{WANG}>',
    "NUL": f"From: {WANG}\x00, {EVIL}",
    "NUL at the end": f"From: {WANG}\x00",
    "another control character": f"From: {WANG}\x08",
    "a bare CR": f"From: {EVIL}\rFrom: {WANG}",
    "blanks in the address": "From: wang @ office.example",
    "a dot at the end of the local part": "From: wang.@office.example",
    "two at signs": "From: wang@office.example@attack.example",
    "a comma without anything": f"From: {WANG},",
    "a semicolon": f"From: {WANG};",
    "nothing": "From:",
    "a line that is no field": f"From: {WANG}\r\nthis is no field",
    "two envelope lines": f"From x\r\nFrom x\r\nFrom: {WANG}",
}


@pytest.mark.parametrize("fields", FORGED.values(), ids=FORGED.keys())
def test_a_from_that_two_readers_may_read_differently_names_nobody(fields: str) -> None:
    assert author(fields) == ""


@pytest.mark.parametrize(
    "address",
    [
        "wang@0ffice.example",
        "wang@office.example.attack.example",
        "wang@xn--ffice-9ta.example",
        "wang@office-example",
    ],
)
def test_a_look_alike_is_somebody_else(address: str) -> None:
    assert author(f"From: {address}") in (address, "")


def test_a_cyrillic_look_alike_names_nobody() -> None:
    assert author("From: w\u0430ng@office.example") == ""


@pytest.mark.parametrize("fields", HONEST)
def test_the_parser_reads_a_clear_author_the_same(fields: str) -> None:
    raw = f"{fields}\r\nSubject: x\r\n\r\n1\r\n".encode()
    assert parse(raw).author.address.lower() == WANG


def test_only_the_header_counts() -> None:
    assert author(f"From: {WANG}\r\nSubject: x\r\n\r\nFrom: {EVIL}") == WANG
    raw = f"From: {WANG}\nSubject: x\n\r\nFrom: {EVIL}\r\n".encode()
    assert originator(header_of(raw)).address == WANG
