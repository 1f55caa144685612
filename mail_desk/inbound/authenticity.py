"""Keyed Message-IDs, subject tags, and what a token proves. Pure.

A token is bound to one letter: whoever answers it shows that the letter was read, nothing more. A
staff command needs the token *and* an address known to be the letter's reader (invariant 9).
Reply-To is a destination and proves nothing; display names are not looked at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from mail_desk.inbound.mail import Mail

TAG_LENGTH = 10  # base-32 characters: 50 bits
_TAG = re.compile(r"\[([A-Z2-7]{10})\]", re.IGNORECASE)
_OURS = re.compile(r"^([a-z2-7]{10})\.([0-9a-f]{16})@", re.IGNORECASE)


def make_tag(random_bytes: bytes) -> str:
    """Return a subject tag from at least 7 random bytes."""
    return base64.b32encode(random_bytes[:10].ljust(10, b"\0")).decode("ascii")[:TAG_LENGTH]


def _mac(key: bytes, tag: str) -> str:
    return hmac.new(key, tag.upper().encode("ascii"), hashlib.sha256).hexdigest()[:16]


def message_id(key: bytes, tag: str, domain: str) -> str:
    """Return the keyed Message-ID (RFC 5322 §3.6.4) of a letter, without angle brackets."""
    return f"{tag.lower()}.{_mac(key, tag)}@{domain}"


def keyed(key: bytes, identifier: str) -> bool:
    """Say whether this Message-ID is one of ours: made with our key."""
    found = _OURS.match(identifier)
    return found is not None and hmac.compare_digest(_mac(key, found[1]), found[2].lower())


def keyed_ids(key: bytes, identifiers: Iterable[str]) -> list[str]:
    """Return our ids among those a mail names, in order, lower-cased as we write them."""
    return [i.lower() for i in identifiers if keyed(key, i)]


def tags_in(subject: str) -> list[str]:
    """Return what looks like a subject tag of ours."""
    return [tag.upper() for tag in _TAG.findall(subject)]


@dataclass(frozen=True, slots=True)
class Trust:
    """What a mail that answers a letter may do, and why."""

    token: bool  # the letter's key was shown, and is alive
    known: bool  # and the sender is the letter's reader
    reason: str

    @property
    def commands(self) -> bool:
        return self.token and self.known


def sole_author(mail: Mail) -> bool:
    """Say whether the mail names one author only: one From header (RFC 5322 §3.6), one address in it.

    With two, a provider may check one and the desk read the other, so such a mail has nobody's authority.
    """
    return len(list(mail.all("from"))) == 1 and len({a.address.lower() for a in mail.from_ if a.address}) == 1


def judge(
    sender: str,
    *,
    sole: bool = True,
    readers: Collection[str],
    dead_at: datetime | None,
    now: datetime,
) -> Trust:
    """Judge a mail that showed a letter's key.

    `readers`: the addresses of who the letter was for; `sole`: the mail names one author (`sole_author`).
    """
    known = sole and sender.lower() in {r.lower() for r in readers}
    if dead_at is not None and dead_at <= now:
        return Trust(token=False, known=known, reason=f"the letter's key ended {dead_at:%Y-%m-%d %H:%M}Z")
    if not sole:
        return Trust(token=True, known=False, reason="the mail names several authors")
    if not known:
        return Trust(token=True, known=False, reason=f"the letter was not written to {sender}")
    return Trust(token=True, known=True, reason="the letter's key and its reader's address")
