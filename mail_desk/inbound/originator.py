"""Who wrote a mail, read so strictly that nobody can read it otherwise. Pure.

Mail servers, signatures and clients disagree about odd From fields, and that is how mail is forged
under a valid signature: two From fields, a name in front of the colon's space, routes, groups, quoted
pairs, encoded addresses, NUL ("Composition Kills", USENIX Security 2020; "Weak Links in Authentication
Chains", USENIX Security 2021). So only one form gives anybody authority: one From field (RFC 5322
§3.6), and in it one plain address, bare or in angle brackets, with a name in which no second address
hides. Any other mail is still read and filed; it has nobody's authority.
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass

from mail_desk.inbound import headers

LONGEST_HEADER = 256 * 1024  # bytes of the header looked at; honest ones have a few
_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
# Unquoted words may be raw UTF-8 or GBK and encoded words; nothing that has a meaning in an address list.
_NAMED = re.compile(
    rf'(?P<name>(?:"(?:[^"\\\r\n]|\\[ -~])*"|[^"()<>@,;:\\])*)<(?P<address>{_ADDRESS})>', re.ASCII
)
_BARE = re.compile(rf"(?P<address>{_ADDRESS})(?:\s+\((?P<name>[^()<>@,;:\\\"]*)\))?", re.ASCII)
_ANY_ADDRESS = re.compile(r"[^\s<>(),;:\"'@（）＜＞]+[@＠][^\s<>(),;:\"'@（）＜＞]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE = re.compile(rb"\r?\n")
_END = re.compile(rb"\r?\n\r?\n")
_ENVELOPE = re.compile(rb"From [^\s:]")  # of a mailbox file; `From : x` is a field in disguise
_NAME = re.compile(rb"[\x21-\x39\x3b-\x7e]+")

ONCE = ("from", "subject", "date", "message-id")  # what a signature has to cover, each there once


@dataclass(frozen=True, slots=True)
class Originator:
    """The author, as every reader must read it. `address` is "" where readers could disagree."""

    address: str  # lower case
    reason: str = ""  # why it is not clear, "" where it is

    @property
    def clear(self) -> bool:
        return bool(self.address)


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of the message as they stand: lower-case name, raw value with its folds."""

    fields: tuple[tuple[str, bytes], ...]
    reason: str = ""  # what is wrong with the header itself, "" where it is well formed

    def all(self, name: str) -> list[bytes]:
        return [value for field, value in self.fields if field == name]


def header_of(raw: bytes | mmap.mmap) -> Header:
    """Cut the header into fields (RFC 5322 §2.2), saying what two readers might cut differently."""
    head = bytes(raw[:LONGEST_HEADER])
    end = _END.search(head)
    if end is None and len(raw) > LONGEST_HEADER:
        return Header((), "the header is too long")
    head = head[: end.start()] if end is not None else head.rstrip(b"\r\n")
    if b"\r" in head.replace(b"\r\n", b""):
        return Header((), "a bare carriage return in the header")
    fields: list[tuple[str, bytes]] = []
    reason = ""
    for number, line in enumerate(_LINE.split(head)):
        if line[:1] in (b" ", b"\t"):
            if not fields:
                reason = "the header begins with a folded line"
                continue
            fields[-1] = (fields[-1][0], fields[-1][1] + b"\r\n" + line)
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            if number == 0 and _ENVELOPE.match(line):
                continue
            reason = reason or "a line of the header is no field"
            continue
        fields.append((name.decode("ascii").lower(), value))
    return Header(tuple(fields), reason)


def originator(header: Header) -> Originator:
    """Read the author of a mail whose header this is."""
    if header.reason:
        return Originator("", header.reason)
    values = header.all("from")
    if len(values) != 1:
        return Originator("", f"{len(values)} From fields")
    if _CONTROL.search(values[0]):
        return Originator("", "a control character in From")
    line = headers.unfold(values[0]).decode("latin-1").strip()
    found = _NAMED.fullmatch(line) or _BARE.fullmatch(line)
    if found is None:
        return Originator("", "From is not one plain address")
    address = found["address"].lower()
    if ".." in address or address.startswith(".") or ".@" in address:
        return Originator("", "From is not one plain address")
    name = headers.text_of((found["name"] or "").encode("latin-1"))
    if any(other.lower() != address for other in _ANY_ADDRESS.findall(name)):
        return Originator("", "another address hides in the name of From")
    return Originator(address)


def repeated(header: Header) -> str:
    """Return the first of the fields a signature must cover that is not there exactly once, else ""."""
    return next((name for name in ONCE if len(header.all(name)) != 1), "")
