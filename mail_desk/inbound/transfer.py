"""Undoing a part's transfer encoding (RFC 2045 §6) and uuencode, streaming: a 70 MB attachment is hashed piece by piece.

Any input gives some output; what cannot be decoded is skipped, never raised.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from mail_desk.inbound import headers
from mail_desk.inbound.mime import Part, Raw

CHUNK = 1 << 20  # bytes of encoded text decoded at once


def chunks(buffer: Raw, part: Part) -> Iterator[bytes]:
    """Yield the decoded body of a part in pieces; any input gives some output."""
    start, end = part.start, max(part.start, part.end)
    if part.encoding == "base64":
        yield from _base64_chunks(buffer, start, end)
    elif part.encoding == "quoted-printable":
        yield from _quoted_printable_chunks(buffer, start, end)
    elif part.encoding == "uuencode":
        yield uudecode(bytes(buffer[start:end]))
    else:
        for position in range(start, end, CHUNK):
            yield bytes(buffer[position : min(position + CHUNK, end)])


def body(buffer: Raw, part: Part) -> bytes:
    """Return the whole decoded body of a part."""
    return b"".join(chunks(buffer, part))


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)


def _base64_chunks(buffer: Raw, start: int, end: int) -> Iterator[bytes]:
    """Decode base64 four characters at a time across pieces; text after the padding is another run."""
    carry = b""
    for position in range(start, end, CHUNK):
        piece = carry + bytes(buffer[position : min(position + CHUNK, end)]).translate(None, _NOT_BASE64)
        usable = len(piece) - len(piece) % 4
        carry = piece[usable:]
        block = piece[:usable]
        padding = block.find(b"=")
        if padding == -1 or block[padding:] in (b"=", b"=="):
            yield binascii.a2b_base64(block)
        else:
            rest = bytes(buffer[position + CHUNK : end]).translate(None, _NOT_BASE64)
            yield headers.base64_bytes(block + carry + rest)
            return
    if carry:
        yield headers.base64_bytes(carry)


def _quoted_printable_chunks(buffer: Raw, start: int, end: int) -> Iterator[bytes]:
    """Decode quoted-printable in pieces that end with a line, so no escape is cut."""
    position = start
    while position < end:
        stop = min(position + CHUNK, end)
        if stop < end:
            newline = buffer.rfind(b"\n", position, stop)
            stop = newline + 1 if newline >= position else end
        yield binascii.a2b_qp(bytes(buffer[position:stop]))
        position = stop


_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n")


def uudecode(data: bytes) -> bytes:
    """Decode uuencoded lines, with or without their begin and end; broken lines give what they hold."""
    begin = _UU_BEGIN.search(data)
    out = []
    for line in data[begin.end() if begin else 0 :].splitlines():
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                break
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            count = (((line[0] - 32) & 63) * 4 + 5) // 3  # senders pad or strip the tail of a line
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(out)
