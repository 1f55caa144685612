"""NetEase's own Authentication-Results, believed only where nobody but NetEase can have written it. Pure.

There the field stands *below* the sender's own headers, so the topmost one may be the sender's. What a
sender cannot know is the id the receiving host gives the mail: it stands in the topmost
`Received: … by HOST (Coremail) with SMTP id X` and again in `X-CM-TRANSID: X`, written after the
sender's headers, and the results directly below it, with HOST as their author. Values are folded inside
words, and the domain of the envelope is the sender's choice: so the whole field must be read, or none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mail_desk.inbound.originator import Header, Originator

_RECEIVED = re.compile(
    rb"^\s*from\s.*?\sby\s+([A-Za-z0-9._-]{1,80})\s+\(Coremail\)\s+with\s+SMTP\s+id\s+([A-Za-z0-9+/=._-]{8,80})\s*;",
    re.DOTALL,
)
_BLANKS = re.compile(rb"\s+")
_ADDRESS = rb"[A-Za-z0-9!#$%&*+/?^_`{|}~.=-]{1,64}@[A-Za-z0-9.-]{1,253}"
_RESULTS = re.compile(
    rb"(?P<host>[A-Za-z0-9._-]{1,80});spf=(?P<spf>[a-z]{1,20})smtp\.mail=(?P<mail>" + _ADDRESS + rb")"
    rb"(?:;dkim=(?P<dkim>[a-z]{1,20})(?:header\.[id]=@?(?P<signer>[A-Za-z0-9.-]{1,253}))?)?;?"
)


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """What the provider says of the author: `ok` proves, `failed` says that it was somebody else."""

    ok: bool
    reason: str
    failed: bool = False


def read(header: Header, author: Originator) -> ProviderResult:
    """Read what the receiving host at NetEase found out about the sender."""
    if not author.clear:
        return ProviderResult(False, author.reason)
    names = [name for name, _ in header.fields]
    if "received" not in names or names.count("x-cm-transid") != 1:
        return ProviderResult(False, "the receiving host left no mark of its own")
    received = _RECEIVED.match(header.all("received")[0])
    at = names.index("x-cm-transid")
    if received is None or _BLANKS.sub(b"", header.fields[at][1]) != received[2]:
        return ProviderResult(False, "the id of the receiving host does not agree")
    if names.index("received") > at or names[at + 1 : at + 2] != ["authentication-results"]:
        return ProviderResult(False, "the receiving host wrote no results")
    results = _RESULTS.fullmatch(_BLANKS.sub(b"", header.fields[at + 1][1]))
    if results is None or results["host"].lower() != received[1].lower():
        return ProviderResult(False, "the results of the receiving host cannot be read")
    return _decide(results, author)


def _decide(results: re.Match[bytes], author: Originator) -> ProviderResult:
    domain = author.address.rpartition("@")[2]
    sender = results["mail"].decode("ascii").lower()
    signer = (results["signer"] or b"").decode("ascii").lower()
    if results["spf"] != b"pass":
        failed = results["spf"] in (b"fail", b"softfail")
        return ProviderResult(False, f"the provider says spf={results['spf'].decode('ascii')}", failed)
    if sender != author.address:
        return ProviderResult(False, f"the envelope says {sender}")
    if results["dkim"] is not None and (results["dkim"] != b"pass" or signer != domain):
        failed = results["dkim"] == b"fail"
        return ProviderResult(False, f"the provider says dkim={results['dkim'].decode('ascii')}", failed)
    return ProviderResult(True, f"the provider received it from {domain}")
