"""A message as IMAP shows it: its parts with their exact octets, BODYSTRUCTURE and ENVELOPE.

The standard library's parser forgets where a part began, and FETCH must give back the very octets of
BODY[2.MIME]; so the boundaries are found here, and the library reads single header blocks only.
Standards: RFC 3501 §7.4.2 and §6.4.5, RFC 2046 §5.1.1, RFC 5322.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message as Headers
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from mail_desk.demo.imap_grammar import Attribute, nstring, parenthesised

_DEEPEST = 50  # levels of nesting; deeper ones are one opaque part
_FIELD = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


@dataclass(slots=True)
class Part:
    """One MIME part, or the message itself."""

    header: bytes  # with the empty line that ends it
    body: bytes
    kind: str = "text"
    subkind: str = "plain"
    headers: Headers = field(default_factory=Headers)
    children: list[Part] = field(default_factory=list)  # of a multipart
    message: Part | None = None  # of a message/rfc822


def dissect(raw: bytes, default: tuple[str, str] = ("text", "plain"), depth: int = 0) -> Part:
    """Find the parts of a message. Total: what makes no sense is one part of text."""
    header, body = split(raw)
    headers = BytesHeaderParser().parsebytes(header)
    declared = "content-type" in headers
    kind, subkind = (headers.get_content_maintype(), headers.get_content_subtype()) if declared else default
    part = Part(header, body, kind, subkind, headers)
    if depth >= _DEEPEST:
        return part
    boundary = headers.get_boundary() if kind == "multipart" else None
    if boundary:
        boundary = re.sub(r"\r?\n", "", boundary)  # folded inside the quotes
        within = ("message", "rfc822") if subkind == "digest" else ("text", "plain")
        part.children = [dissect(piece, within, depth + 1) for piece in _pieces(body, boundary)]
    if kind == "multipart" and not part.children:
        part.kind, part.subkind = "text", "plain"
    elif (kind, subkind) == ("message", "rfc822"):
        part.message = dissect(body, depth=depth + 1)
    return part


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Cut after the empty line that ends the header."""
    if raw.startswith(b"\r\n"):
        return b"\r\n", raw[2:]
    head, found, body = raw.partition(b"\r\n\r\n")
    return (head + found, body) if found else (raw, b"")


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    # The line break before a boundary belongs to it (RFC 2046 §5.1.1).
    line = re.compile(rb"(?:\A|\r\n)--" + mark + rb"(--)?[ \t]*(?=\r\n|\Z)")
    pieces: list[bytes] = []
    start: int | None = None
    for match in line.finditer(body):
        if start is not None:
            pieces.append(body[start : match.start()])
        start = match.end() + 2
        if match.group(1):
            return pieces
    if start is not None:  # cut off before the last boundary
        pieces.append(body[start:])
    return pieces


# --- BODY[section] --------------------------------------------------------------------------------


def section(raw: bytes, wanted: Attribute) -> bytes | None:
    """Return the octets of BODY[…], None where the message has no such part."""
    octets = _section(raw, wanted)
    if octets is not None and wanted.partial is not None:
        first, count = wanted.partial
        return octets[first : first + count]
    return octets


def _section(raw: bytes, wanted: Attribute) -> bytes | None:
    if not wanted.path:
        return _text_of(*split(raw), wanted) if wanted.text else raw
    part = _find(dissect(raw), wanted.path)
    if part is None:
        return None
    if wanted.text == "MIME":
        return part.header
    if not wanted.text:
        return part.body
    return _text_of(part.message.header, part.message.body, wanted) if part.message else None


def _find(part: Part, path: Sequence[int]) -> Part | None:
    """Follow part numbers (RFC 3501 §6.4.5); 1 of what is not a multipart is its body, once."""
    at_the_end = False
    for number in path:
        inside = part.message or part
        if inside.children and 1 <= number <= len(inside.children):
            part = inside.children[number - 1]
        elif not inside.children and number == 1 and not at_the_end:
            part, at_the_end = inside, True
        else:
            return None
    return part


def _text_of(header: bytes, body: bytes, wanted: Attribute) -> bytes:
    if wanted.text == "TEXT":
        return body
    if not wanted.fields:
        return header
    names = {name.lower().encode() for name in wanted.fields}
    keep = wanted.text == "HEADER.FIELDS"
    fields = _FIELD.findall(header.removesuffix(b"\r\n") if header.endswith(b"\r\n\r\n") else header)
    return b"".join(f for f in fields if (_name(f) in names) is keep) + b"\r\n"


def _name(header_field: bytes) -> bytes:
    return header_field.partition(b":")[0].strip().lower()


# --- BODYSTRUCTURE --------------------------------------------------------------------------------


def bodystructure(part: Part, *, extended: bool) -> bytes:
    """Write BODYSTRUCTURE, or BODY where not `extended`."""
    if part.children:
        written = [b"".join(bodystructure(c, extended=extended) for c in part.children)]
        written.append(nstring(part.subkind.upper().encode()))
        if extended:
            written += [_parameters(part, "content-type"), *_disposition(part)]
        return parenthesised(written)
    written = [
        nstring(part.kind.upper().encode()),
        nstring(part.subkind.upper().encode()),
        _parameters(part, "content-type"),
        nstring(_raw(part.headers, "content-id")),
        nstring(_raw(part.headers, "content-description")),
        nstring((_raw(part.headers, "content-transfer-encoding") or b"7BIT").upper()),
        b"%d" % len(part.body),
    ]
    lines = b"%d" % part.body.count(b"\n")
    if part.message is not None:
        written += [envelope(part.message.headers), bodystructure(part.message, extended=extended), lines]
    elif part.kind == "text":
        written.append(lines)
    if extended:
        written += [nstring(_raw(part.headers, "content-md5")), *_disposition(part)]
    return parenthesised(written)


def _disposition(part: Part) -> list[bytes]:
    """Disposition, language, location: the extension data after the parameters."""
    kind = part.headers.get_content_disposition()
    shown = b"NIL"
    if kind:
        shown = parenthesised([nstring(_octets(kind)), _parameters(part, "content-disposition")])
    languages = [tag.strip() for tag in (_raw(part.headers, "content-language") or b"").split(b",") if tag]
    spoken = parenthesised(map(nstring, languages)) if languages else b"NIL"
    return [shown, spoken, nstring(_raw(part.headers, "content-location"))]


def _parameters(part: Part, header: str) -> bytes:
    # unquote=False, then by hand: RFC 2231 values keep their name with the star, undecoded, as the
    # client decodes them.
    found = []
    for name, value in _RAW_PARAMETER.findall(next(_values(part.headers, header), "")):
        clean = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        found += [nstring(_octets(name.upper())), nstring(_octets(clean))]
    if header == "content-type" and part.kind == "text" and b'"CHARSET"' not in found:
        found += [b'"CHARSET"', b'"US-ASCII"']  # the default of RFC 2046 §4.1.2
    return parenthesised(found) if found else b"NIL"


_RAW_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]+)')


# --- ENVELOPE -------------------------------------------------------------------------------------


def envelope(headers: Headers) -> bytes:
    """Write ENVELOPE (RFC 3501 §7.4.2): Sender and Reply-To fall back to From."""
    from_ = _addresses(headers, "from")
    return parenthesised(
        [
            nstring(_raw(headers, "date")),
            nstring(_raw(headers, "subject")),
            from_,
            _addresses(headers, "sender", from_),
            _addresses(headers, "reply-to", from_),
            *(_addresses(headers, name) for name in ("to", "cc", "bcc")),
            nstring(_raw(headers, "in-reply-to")),
            nstring(_raw(headers, "message-id")),
        ]
    )


def _addresses(headers: Headers, name: str, otherwise: bytes = b"NIL") -> bytes:
    written = []
    for display, address in getaddresses(list(_values(headers, name))):
        local, _, host = address.rpartition("@")
        if address:
            shown = [nstring(_octets(display) if display else None), b"NIL"]
            shown += [nstring(_octets(local or host)), nstring(_octets(host if local else ""))]
            written.append(parenthesised(shown))
    return b"(" + b"".join(written) + b")" if written else otherwise


def _raw(headers: Headers, name: str) -> bytes | None:
    value = next(_values(headers, name), None)
    return None if value is None else _octets(value)


def _values(headers: Headers, name: str) -> Iterator[str]:
    """Yield the fields of that name, unfolded; octets outside ASCII as surrogates, so none is lost."""
    for found, value in headers.raw_items():
        if found.lower() == name:
            yield re.sub(r"\r?\n(?=[ \t])", "", value).strip()


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
