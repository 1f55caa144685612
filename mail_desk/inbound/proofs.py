"""What a mail itself proves of its author: by its own signature, or by its provider's word.

Read outside transactions (it may look up a key). Whether a proof was used before, and what it is good
for, the desk decides (`desk/authority.py`).
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mail_desk.inbound import provider_proof, signatures
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.originator import Header, Originator, header_of, originator
from mail_desk.inbound.signatures import Keys


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of who wrote a mail. The default proves nothing, and says nothing against it."""

    author: Originator
    dkim: str = ""  # the domain that signed for the author, "" where none did
    bh: str = ""
    signed: frozenset[str] = frozenset()  # fields covered by that signature
    provider: bool = False  # the provider vouches for the author
    failed: bool = False  # signed and changed, or refused by the provider: rather a forger than a bad set-up
    reasons: tuple[str, ...] = ()  # why not, one for each way that was tried

    @property
    def ways(self) -> tuple[str, ...]:
        """Return how the author is proven: `dkim`, `provider`, both or nothing."""
        return tuple(w for w, holds in (("dkim", bool(self.dkim)), ("provider", self.provider)) if holds)

    def as_data(self) -> dict[str, Any]:
        """Return what is kept with the message."""
        return {
            "ways": list(self.ways),
            "domain": self.dkim,
            "bh": self.bh,
            "failed": self.failed,
            "reasons": list(self.reasons),
        }


UNREAD = Proof(Originator("", "not looked at"))


def of_author(raw: bytes | mmap.mmap) -> Proof:
    """Read only whether the author is clear: enough for mail from outside."""
    return Proof(originator(header_of(raw)))


def read(raw: bytes | mmap.mmap, mail: Mail, *, keys: Keys, netease: bool, arrived: datetime) -> Proof:
    """Read everything a mail proves. `netease`: it was received there, so the provider's word is looked for."""
    header = header_of(raw)
    author = originator(header)
    signed = bool(header.all("dkim-signature")) and len(raw) <= signatures.LARGEST
    signature = signatures.verify(bytes(raw[:]) if signed else b"", header, author, keys, arrived=arrived)
    if signature.ok and (mail.date is None or abs(arrived - mail.date) > signatures.OLDEST):
        signature = signatures.Signature(reason="the signed date is not that of the arrival")
    word = _word(header, author) if netease else provider_proof.ProviderResult(False, "")
    return Proof(
        author,
        dkim=signature.domain,
        bh=signature.bh,
        signed=signature.signed,
        provider=word.ok,
        failed=(signature.broken and not word.ok) or (word.failed and not signature.ok),
        reasons=tuple(dict.fromkeys(r for r in (signature.reason, word.reason if not word.ok else "") if r)),
    )


def _word(header: Header, author: Originator) -> provider_proof.ProviderResult:
    return provider_proof.read(header, author)
