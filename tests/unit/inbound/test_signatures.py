"""A signature proves an author only where nothing a person acts on could have been changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mail_desk.clock import ManualClock
from mail_desk.inbound import recut, signatures
from mail_desk.inbound.originator import header_of, originator
from mail_desk.inbound.parse import parse
from mail_desk.inbound.proofs import read
from mail_desk.inbound.signatures import DnsKeys, KeysUnavailableError, Signature, aligned, verify
from signing import EVERYTHING, NETEASE, WEAK_PRIVATE, WEAK_PUBLIC, Keys, sign

ARRIVED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HEAD = (
    "From: =?utf-8?b?546L6Iqz?= <wang@office.example>\r\nTo: desk@desk.example\r\n"
    "Subject: Re: [ABCDEFGHIJ] 2026-0001\r\nDate: Mon, 02 Mar 2026 08:59:00 +0800\r\n"
    "Message-ID: <one@office.example>\r\nIn-Reply-To: <letter@desk.example>\r\nMIME-Version: 1.0\r\n"
)
PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\n1\r\n\r\n> 原文\r\n"
ALTERNATIVE = (
    'Content-Type: multipart/alternative; boundary="b1"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "1 好的\r\n\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<div>1 <b>好的</b></div>\r\n--b1--\r\n"
)
MIXED = (
    'Content-Type: multipart/mixed; boundary="b1"\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n'
    "--b1\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n#受理\r\n--b1--\r\n"
)


@pytest.fixture
def keys() -> Keys:
    known = Keys()
    known.publish("office.example")
    return known


def mail(body: str = PLAIN, head: str = HEAD) -> bytes:
    return (head + body).encode()


def verified(raw: bytes, keys: signatures.Keys, *, arrived: datetime = ARRIVED) -> Signature:
    header = header_of(raw)
    return verify(raw, header, originator(header), keys, arrived=arrived)


@pytest.mark.parametrize("body", [PLAIN, ALTERNATIVE, MIXED])
def test_a_mail_signed_whole_by_the_authors_domain_is_proven(keys: Keys, body: str) -> None:
    found = verified(sign(mail(body), "office.example"), keys)
    assert found.ok
    assert found.domain == "office.example"
    assert found.bh
    assert "in-reply-to" in found.signed


@pytest.mark.parametrize("body", [PLAIN, ALTERNATIVE])
def test_as_netease_signs_without_content_type_plain_text_and_agreeing_alternatives_are_proven(
    keys: Keys, body: str
) -> None:
    found = verified(sign(mail(body), "office.example", fields=NETEASE), keys)
    assert found.ok
    assert "in-reply-to" not in found.signed


def test_without_content_type_signed_a_mail_with_enclosures_proves_nothing(keys: Keys) -> None:
    found = verified(sign(mail(MIXED), "office.example", fields=NETEASE), keys)
    assert not found.ok
    assert "Content-Type is not signed" in found.reason


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1\r\n", "2\r\n"),
        ("wang@office", "li@office"),
        ("2026-0001", "2026-0002"),
        ("08:59", "08:58"),
        ("<one@", "<two@"),
    ],
)
def test_whatever_is_changed_after_signing_breaks_the_proof(keys: Keys, old: str, new: str) -> None:
    raw = sign(mail(), "office.example")
    head, _, rest = raw.partition(b"From:")
    found = verified(head + b"From:" + rest.replace(old.encode(), new.encode(), 1), keys)
    assert not found.ok
    assert found.broken


@pytest.mark.parametrize(
    "extra", ["From: evil@x.example", "Subject: x", "Date: x", "Message-ID: <x@y.example>"]
)
def test_a_field_that_stands_there_twice_proves_nothing(keys: Keys, extra: str) -> None:
    assert not verified(f"{extra}\r\n".encode() + sign(mail(), "office.example"), keys).ok


@pytest.mark.parametrize("missing", ["subject", "date", "message-id"])
def test_every_field_that_counts_must_be_signed(keys: Keys, missing: str) -> None:
    fields = [f for f in EVERYTHING if f != missing]
    found = verified(sign(mail(), "office.example", fields=fields), keys)
    assert not found.ok
    assert found.reason == f"{missing} is not signed"


def test_a_part_of_the_body_is_not_the_body(keys: Keys) -> None:
    raw = sign(mail(), "office.example", length=True)
    assert not verified(raw, keys).ok
    assert "l=" in verified(raw + b"#more\r\n", keys).reason


def test_a_valid_signature_of_another_domain_proves_nothing(keys: Keys) -> None:
    keys.publish("evil.example")
    found = verified(sign(mail(), "evil.example"), keys)
    assert not found.ok
    assert not found.broken
    assert "not the author's domain" in found.reason


def test_a_foreign_signature_beside_the_authors_own_does_no_harm(keys: Keys) -> None:
    keys.publish("list.example")
    assert verified(sign(sign(mail(), "office.example"), "list.example"), keys).ok


def test_sha1_and_weak_keys_prove_nothing(keys: Keys) -> None:
    assert not verified(sign(mail(), "office.example", algorithm=b"rsa-sha1"), keys).ok
    keys.publish("office.example", selector="weak", record=f"v=DKIM1; k=rsa; p={WEAK_PUBLIC}")
    assert not verified(sign(mail(), "office.example", selector="weak", key=WEAK_PRIVATE), keys).ok


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("v=DKIM1; k=rsa; p=", "withdrawn"),
        ("v=DKIM1; k=rsa; t=y; p={key}", "tested"),
        ("v=DKIM1; k=rsa; h=sha1; p={key}", "SHA-256"),
        ("v=DKIM1; k=rsa; s=tlsrpt; p={key}", "not for mail"),
        ("", "no key"),
    ],
)
def test_a_key_that_does_not_count_proves_nothing(keys: Keys, change: str, why: str) -> None:
    name = "s1._domainkey.office.example"
    p = keys.records[name].decode().rpartition("p=")[2]
    keys.records[name] = change.replace("{key}", p).encode()
    if not change:
        del keys.records[name]
    found = verified(sign(mail(), "office.example"), keys)
    assert not found.ok
    assert why in found.reason


def test_an_expired_signature_proves_nothing(keys: Keys) -> None:
    raw = sign(mail(), "office.example").replace(b"; t=", b"; x=1772000000; t=", 1)
    found = verified(raw, keys)
    assert not found.ok
    assert "expired" in found.reason


def test_a_key_that_cannot_be_asked_for_now_proves_nothing_and_accuses_nobody(keys: Keys) -> None:
    def down(name: str) -> bytes | None:
        raise KeysUnavailableError(name)

    found = verified(sign(mail(), "office.example"), down)
    assert not found.ok
    assert not found.broken
    assert "cannot be looked up" in found.reason


@pytest.mark.parametrize(
    "value", ["", "x", "v=1", "v=1; a=rsa-sha256; d=office.example; h=from; bh=!; b=!; s=\0"]
)
def test_a_signature_that_is_rubbish_proves_nothing(keys: Keys, value: str) -> None:
    assert not verified(f"DKIM-Signature: {value}\r\n".encode() + mail(), keys).ok


def test_a_signed_mail_kept_for_later_proves_nothing(keys: Keys) -> None:
    raw = sign(mail(), "office.example")
    kept = read(raw, parse(raw), keys=keys, netease=False, arrived=ARRIVED + timedelta(days=4))
    fresh = read(raw, parse(raw), keys=keys, netease=False, arrived=ARRIVED + timedelta(days=1))
    assert kept.ways == ()
    assert fresh.ways == ("dkim",)


@pytest.mark.parametrize(
    ("signing", "author", "holds"),
    [
        ("office.example", "office.example", True),
        ("office.example", "mail.office.example", True),
        ("mail.office.example", "office.example", True),
        ("example", "office.example", False),
        ("ffice.example", "office.example", False),
        ("office.example", "xoffice.example", False),
        ("office.example.evil.example", "office.example", False),
    ],
)
def test_a_domain_speaks_for_itself_and_what_is_below_or_above_it(
    signing: str, author: str, holds: bool
) -> None:
    assert aligned(signing, author) is holds


# --- cut otherwise under a signature that still holds ---------------------------------------------


def test_another_boundary_under_a_valid_signature_proves_nothing(keys: Keys) -> None:
    """The attack: the enclosure of an honest mail becomes the letter, the signature still holds."""
    inner = (
        "--out\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--out\r\nContent-Type: text/plain\r\n\r\n"
        "--in\r\nContent-Type: text/plain\r\n\r\n#受理\r\n--in--\r\n\r\n--out--\r\n"
    )
    honest = mail(f'Content-Type: multipart/mixed; boundary="out"\r\n\r\n{inner}')
    forged = sign(honest, "office.example", fields=NETEASE).replace(
        b'mixed; boundary="out"', b'alternative; boundary="in"'
    )
    assert "#受理" in parse(forged).text
    assert not verified(forged, keys).ok


@pytest.mark.parametrize(
    "change",
    [
        ("text/plain; charset=utf-8", "text/html; charset=utf-8"),
        ('boundary="b1"', 'boundary="b2"'),
        ("multipart/alternative", "multipart/mixed"),
        ("multipart/alternative", "text/plain; x=multipart"),
    ],
)
def test_another_reading_of_a_signed_alternative_proves_nothing(keys: Keys, change: tuple[str, str]) -> None:
    raw = sign(mail(ALTERNATIVE), "office.example", fields=NETEASE)
    forged = raw.replace(change[0].encode(), change[1].encode(), 1)
    assert forged != raw
    assert not verified(forged, keys).ok


def test_alternatives_that_differ_can_be_cut_otherwise(keys: Keys) -> None:
    assert recut.ambiguous(mail(ALTERNATIVE.replace("<b>好的</b>", "#受理")))
    assert recut.ambiguous(mail(ALTERNATIVE.replace("\r\n--b1\r\n", "\r\n#受理\r\n--b1\r\n", 1)))
    assert recut.ambiguous(mail(ALTERNATIVE + "#受理\r\n"))
    assert not recut.ambiguous(mail(ALTERNATIVE))


# --- keys by DNS ----------------------------------------------------------------------------------


def test_an_answer_of_dns_is_kept_for_an_hour_and_silence_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock(ARRIVED)
    keys = DnsKeys(clock)
    asked: list[str] = []

    def ask(name: str) -> bytes | None:
        asked.append(name)
        if name == "down":
            raise KeysUnavailableError(name)
        return b"v=DKIM1; p=x"

    monkeypatch.setattr(keys, "_ask", ask)
    assert keys("a") == keys("a") == b"v=DKIM1; p=x"
    assert asked == ["a"]
    clock.advance(timedelta(seconds=DnsKeys.KEPT + 1))
    keys("a")
    assert asked == ["a", "a"]
    for _ in range(2):
        with pytest.raises(KeysUnavailableError):
            keys("down")
    assert asked[2:] == ["down", "down"]
