"""DKIM (RFC 6376), verified by the desk itself. The only module that knows dkimpy and DNS.

A signature proves an author only where nothing a person acts on could have been changed: From,
Subject, Date and Message-ID signed and there once each, no `l=`, the signing domain aligned with that
of From (relaxed, RFC 7489 §3.1.1), a key of 1024 bits or more, SHA-256, the key neither withdrawn nor
in test, the body readable in one way only (`recut`). The caller sees to it that (d, Message-ID, bh) is
used once. Looking up keys takes time: never call `verify` inside a transaction.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import dkim
import dns.exception
import dns.rdatatype
import dns.resolver
from dkim.util import InvalidTagValueList, parse_tag_value

from mail_desk.clock import Clock
from mail_desk.inbound import recut
from mail_desk.inbound.originator import Header, Originator, repeated

MOST_SIGNATURES = 5  # of one mail looked at
LARGEST = 30 * 1024 * 1024  # bytes; larger mails prove nothing
SMALLEST_KEY = 1024  # bits (RFC 8301 §3.2)
COVERED = frozenset({"from", "subject", "date", "message-id"})
OLDEST = timedelta(days=3)  # between the signed Date and the arrival: an older one may be a kept replay
_SILENT = logging.Logger("dkim")  # noqa: LOG001 - never a child of root: its own warnings are no news here
_SILENT.addHandler(logging.NullHandler())


class Keys(Protocol):
    """Where public keys come from."""

    def __call__(self, name: str, /) -> bytes | None:
        """Return the TXT record of a DNS name; None: there is none. Raise `KeysUnavailableError` otherwise."""
        ...


class KeysUnavailableError(Exception):
    """The key could not be asked for just now: nothing is known of the signature."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that proves the author, or why none does."""

    domain: str = ""  # d=, "" where nothing is proven
    bh: str = ""  # hash of the body, for telling a replay
    signed: frozenset[str] = frozenset()  # lower-case names of the fields it covers
    reason: str = ""
    broken: bool = False  # one of the author's own domain was there and failed: somebody changed the mail

    @property
    def ok(self) -> bool:
        return bool(self.domain)


class DnsKeys:
    """Keys by DNS: each answer is kept for a while, each question ended after `seconds`.

    Two threads may ask the same at once, and both keep the same answer.
    """

    KEPT = 3600.0  # seconds an answer counts; keys change over days
    KEPT_NOTHING = 300.0
    MOST = 1000

    def __init__(self, clock: Clock, *, seconds: float = 5.0) -> None:
        self._clock = clock
        self._seconds = seconds
        self._known: dict[str, tuple[float, bytes | None]] = {}

    def __call__(self, name: str) -> bytes | None:
        now = self._clock.monotonic()
        known = self._known.get(name)
        if known is not None and now < known[0]:
            return known[1]
        found = self._ask(name)
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[name] = (now + (self.KEPT if found else self.KEPT_NOTHING), found)
        return found

    def _ask(self, name: str) -> bytes | None:
        try:
            answer = dns.resolver.resolve(name, dns.rdatatype.TXT, lifetime=self._seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise KeysUnavailableError(f"{name}: {type(error).__name__}") from error
        records = [b"".join(record.strings) for record in answer]
        return records[0] if len(records) == 1 else None  # several are undefined (RFC 6376 §3.6.2.2)


def verify(raw: bytes, header: Header, author: Originator, keys: Keys, *, arrived: datetime) -> Signature:
    """Return the first signature of a mail that proves its author. `arrived`: when it reached the mailbox."""
    found = header.all("dkim-signature")
    if not found:
        return Signature(reason="no DKIM signature")
    if not author.clear:
        return Signature(reason=author.reason)
    if (name := repeated(header)) or len(raw) > LARGEST:
        return Signature(reason=f"{name} does not stand there once" if name else "too large to be verified")
    reason, broken = "", False
    for number, value in enumerate(found[:MOST_SIGNATURES]):
        tags = _tags(value)
        why = _unfit(tags, author, arrived) or _unverified(raw, number, tags, keys)
        if not why:
            if "content-type" not in _signed(tags) and (why := recut.ambiguous(raw)):
                return Signature(reason=why)
            domain = _tag(tags, "d").lower()
            return Signature(domain, "".join(_tag(tags, "bh").split()), _signed(tags))
        broken = broken or why == _CHANGED
        reason = reason or why
    return Signature(reason=reason, broken=broken)


def _tags(value: bytes) -> dict[bytes, bytes]:
    try:
        found: dict[bytes, bytes] = parse_tag_value(value)
    except InvalidTagValueList:
        return {}
    return found


def _tag(tags: dict[bytes, bytes], name: str) -> str:
    return tags.get(name.encode("ascii"), b"").decode("latin-1").strip()


def _signed(tags: dict[bytes, bytes]) -> frozenset[str]:
    return frozenset(n.strip().lower() for n in _tag(tags, "h").split(":"))


def aligned(signing: str, author: str) -> bool:
    """Say whether a signing domain may speak for an author's domain: the same, or one below the other."""
    signing, author = signing.lower().rstrip("."), author.lower()
    if "." not in signing or "." not in author:
        return False
    return signing == author or author.endswith("." + signing) or signing.endswith("." + author)


def _unfit(tags: dict[bytes, bytes], author: Originator, arrived: datetime) -> str:
    """Say why a signature could prove nothing even if it were right, "" where it could."""
    if not tags:
        return "the DKIM signature cannot be read"
    domain = _tag(tags, "d")
    if not aligned(domain, author.address.rpartition("@")[2]):
        return f"signed by {domain}, which is not the author's domain"
    if _tag(tags, "a").lower() != "rsa-sha256":
        return f"signed with {_tag(tags, 'a')}, which proves nothing today"
    if b"l" in tags:
        return "only a part of the body is signed (l=)"
    if missing := sorted(COVERED - _signed(tags)):
        return f"{', '.join(missing)} is not signed"
    ends = _tag(tags, "x")
    if ends and (not ends.isdecimal() or int(ends) < arrived.timestamp()):
        return "the signature has expired (x=)"
    return ""


_CHANGED = "the DKIM signature does not fit the mail"


def _unverified(raw: bytes, number: int, tags: dict[bytes, bytes], keys: Keys) -> str:
    """Verify one signature; say why it fails, "" where it holds."""
    why: list[str] = []

    def key_of(name: bytes, timeout: float = 5) -> bytes | None:
        del timeout  # the source of keys has a limit of its own
        record = keys(name.decode("latin-1").rstrip("."))
        if reason := _useless(record, tags):
            why.append(reason)
            return None
        return record

    try:
        held = dkim.DKIM(raw, logger=_SILENT, minkey=SMALLEST_KEY).verify(idx=number, dnsfunc=key_of)
    except KeysUnavailableError as error:
        return f"the key cannot be looked up now ({error})"
    except dkim.ValidationError as error:
        changed = str(error).startswith("body hash mismatch")
        return why[0] if why else _CHANGED if changed else f"the DKIM signature is not valid ({error})"
    except dkim.DKIMException as error:
        return why[0] if why else f"the DKIM signature is not valid ({error})"
    except Exception as error:  # noqa: BLE001 - a library fed by strangers: whatever it trips over proves nothing
        return f"the DKIM signature cannot be read ({type(error).__name__})"
    return (why[0] if why else "") if held else (why[0] if why else _CHANGED)


def _useless(record: bytes | None, tags: dict[bytes, bytes]) -> str:
    """Say why a key record does not count (RFC 6376 §3.6.1), "" where it does."""
    if record is None:
        return "there is no key for the signature"
    key = _tags(record)
    if not _tag(key, "p"):
        return "the key was withdrawn"
    flags = {flag.strip().lower() for flag in _tag(key, "t").split(":")}
    if "y" in flags:
        return "the key is only being tested (t=y)"
    identity = _tag(tags, "i").rpartition("@")[2].lower()
    if "s" in flags and identity and identity != _tag(tags, "d").lower():
        return "the key does not speak for a subdomain (t=s)"
    hashes = {h.strip().lower() for h in _tag(key, "h").split(":") if h.strip()}
    if hashes and "sha256" not in hashes:
        return "the key is not for SHA-256"
    if _tag(key, "s") and not {"*", "email"} & {s.strip().lower() for s in _tag(key, "s").split(":")}:
        return "the key is not for mail (s=)"
    return ""
