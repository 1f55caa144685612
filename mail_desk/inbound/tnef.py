"""winmail.dat: what Outlook puts into a TNEF stream, read in one pass. Total: broken streams give what came before.

Standard: [MS-OXTNEF] (stream), [MS-OXCDATA] §2.11 (property types), [MS-OXRTFCP] (compressed RTF).
Never unpacks a TNEF inside a TNEF and never renders OLE objects: they are handed on as files.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail_desk.inbound import charsets

MAGIC = b"\x78\x9f\x3e\x22"

_TITLE, _DATA, _RENDERING, _ATTACHMENT, _PROPERTIES, _CODEPAGE, _BODY = (
    0x8010, 0x800F, 0x9002, 0x9005, 0x9003, 0x9007, 0x800C,
)  # fmt: skip
_BODY_TEXT, _BODY_HTML, _RTF = 0x1000, 0x1013, 0x1009
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _CONTENT, _MIME_TYPE, _CONTENT_ID = (
    0x3707, 0x3704, 0x3001, 0x3701, 0x370E, 0x3712,
)  # fmt: skip
_OBJECT, _STRING8, _UNICODE, _BINARY = 0x000D, 0x001E, 0x001F, 0x0102
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8,
          0x0040: 8, 0x0048: 16}  # fmt: skip
MAX_RTF = 20_000_000  # bytes of decompressed RTF


@dataclass(slots=True)
class File:
    """One enclosed file."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Unpacked:
    """What a stream held."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""
    rtf: bytes = b""
    complete: bool = True


def unpack(data: bytes) -> Unpacked | None:
    """Read a stream; None where it is none."""
    if not data.startswith(MAGIC):
        return None
    found = Unpacked()
    charset = "windows-1252"
    try:
        for level, tag, value in _attributes(data):
            if tag == _CODEPAGE and len(value) >= 4:
                charset = f"cp{int.from_bytes(value[:4], 'little')}"
            elif level == 2:
                _attachment(found, tag, value, charset)
            elif tag == _PROPERTIES:
                _message(found, value, charset)
            elif tag == _BODY and not found.text:
                found.text = _string(bytes(value), charset)
    except (struct.error, IndexError, ValueError):
        found.complete = False
    found.files = [f for f in found.files if f.name or f.data]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (level, id, value) of each attribute (§2.1.1); the checksum is not believed anyway."""
    view, position = memoryview(data), 6
    while position + 9 <= len(data):
        level, tag, _, length = struct.unpack_from("<BHHI", data, position)
        if level not in (1, 2):
            if position == 6:
                raise ValueError("no attribute at all")
            return  # garbage behind the last attribute is common
        start = position + 9
        if start + length > len(data):
            raise ValueError("cut off")
        yield level, tag, view[start : start + length]
        position = start + length + 2


def _attachment(found: Unpacked, tag: int, value: memoryview, charset: str) -> None:
    if tag == _RENDERING or not found.files:
        found.files.append(File())
    file = found.files[-1]
    if tag == _TITLE and not file.name:
        file.name = _string(bytes(value), charset)
    elif tag == _DATA:
        file.data = bytes(value)
    elif tag == _ATTACHMENT:
        names: dict[int, str] = {}
        for identifier, kind, content in _properties(value):
            if identifier == _CONTENT and kind in (_BINARY, _OBJECT):
                # An object begins with the GUID of its interface (§2.1.3.4).
                file.data = bytes(content[16:] if kind == _OBJECT else content)
            elif identifier in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME):
                names[identifier] = _property_text(kind, content, charset)
            elif identifier == _MIME_TYPE:
                file.content_type = _property_text(kind, content, charset).lower()
            elif identifier == _CONTENT_ID:
                file.content_id = _property_text(kind, content, charset)
        file.name = (
            names.get(_LONG_NAME) or file.name or names.get(_SHORT_NAME) or names.get(_DISPLAY_NAME) or ""
        )


def _message(found: Unpacked, value: memoryview, charset: str) -> None:
    for identifier, kind, content in _properties(value):
        if identifier == _BODY_TEXT:
            found.text = _property_text(kind, content, charset)
        elif identifier == _BODY_HTML:
            raw = bytes(content)
            found.html = (
                _property_text(kind, content, charset) if kind != _BINARY else charsets.decode(raw)[0]
            )
        elif identifier == _RTF and kind == _BINARY:
            found.rtf = decompressed_rtf(bytes(content))


def _properties(view: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (id, type, first value) of a property list (§2.1.3.2)."""
    (count,) = struct.unpack_from("<I", view, 0)
    position = 4
    for _ in range(min(count, 10_000)):
        kind, identifier = struct.unpack_from("<HH", view, position)
        position += 4
        if identifier >= 0x8000:
            position = _named(view, position)
        several, kind = bool(kind & 0x1000), kind & ~0x1000
        size = _FIXED.get(kind)
        if size is not None:
            number = 1
            if several:
                (number,) = struct.unpack_from("<I", view, position)
                position += 4
            yield identifier, kind, view[position : position + size]
            position += size * number
        elif kind in (_OBJECT, _STRING8, _UNICODE, _BINARY):
            (number,) = struct.unpack_from("<I", view, position)
            position += 4
            for index in range(number):
                (length,) = struct.unpack_from("<I", view, position)
                position += 4
                if index == 0:
                    yield identifier, kind, view[position : position + length]
                position += length + (-length % 4)
                if position > len(view) + 3:
                    raise ValueError("value beyond the end")
        else:
            raise ValueError("unknown property type")


def _named(view: memoryview, position: int) -> int:
    """Skip the name of a named property: a GUID, then a number or a string."""
    (kind,) = struct.unpack_from("<I", view, position + 16)
    if kind == 0:
        return position + 24
    length: int = struct.unpack_from("<I", view, position + 20)[0]
    return position + 24 + length + (-length % 4)


def _property_text(kind: int, content: memoryview, charset: str) -> str:
    if kind == _UNICODE:
        return charsets.clean(bytes(content).decode("utf-16-le", "replace")).rstrip("\x00")
    return _string(bytes(content), charset)


def _string(raw: bytes, charset: str) -> str:
    return charsets.decode(raw.split(b"\x00", 1)[0], charset)[0]


# --- compressed RTF -------------------------------------------------------------------------------

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def decompressed_rtf(data: bytes) -> bytes:
    """Undo LZFu ([MS-OXRTFCP] §2.2); what is broken ends the text early."""
    if len(data) < 16:
        return b""
    _, size, magic, _ = struct.unpack_from("<IIII", data)
    if magic == 0x414C454D:  # MELA: stored
        return data[16 : 16 + size]
    if magic != 0x75465A4C:  # LZFu
        return b""
    ring = bytearray(_DICTIONARY + bytes(4096 - len(_DICTIONARY)))
    write, out, position = len(_DICTIONARY), bytearray(), 16
    while position < len(data) and len(out) < min(size, MAX_RTF):
        flags = data[position]
        position += 1
        for bit in range(8):
            if position >= len(data):
                break
            if not flags >> bit & 1:
                out.append(data[position])
                ring[write] = data[position]
                write = (write + 1) % 4096
                position += 1
                continue
            if position + 2 > len(data):
                return bytes(out)
            reference = data[position] << 8 | data[position + 1]
            position += 2
            offset, length = reference >> 4, (reference & 15) + 2
            if offset == write:
                return bytes(out[:size])
            for step in range(length):
                byte = ring[(offset + step) % 4096]
                out.append(byte)
                ring[write] = byte
                write = (write + 1) % 4096
    return bytes(out[:size])


_RTF_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_RTF_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata colorschememapping datastore latentstyles generator "
    b"listtable listoverridetable rsidtbl xmlnstbl header footer mmathPr htmltag".split()
)
_RTF_BREAK = {b"par": "\n", b"line": "\n", b"tab": "\t", b"row": "\n", b"cell": "\t", b"lquote": "‘", b"rquote": "’",
              b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—"}  # fmt: skip


def rtf_text(rtf: bytes) -> str:
    """Return the words of an RTF text, layout dropped."""
    out: list[str] = []
    pending = bytearray()
    charset, skip_fallback = "cp1252", 0
    stack: list[bool] = []
    hidden = html_source = False

    def flush() -> None:
        if pending:
            out.append(charsets.decode(bytes(pending), charset)[0])
            pending.clear()

    for match in _RTF_TOKEN.finditer(rtf[:MAX_RTF]):
        word, number, escaped, symbol, brace, plain = match.groups()
        if brace == b"{":
            stack.append(hidden)
        elif brace == b"}":
            hidden = stack.pop() if stack else False
        elif word is not None:
            if word == b"ansicpg" and number:
                charset = f"cp{int(number)}"
            elif word == b"fromhtml":
                html_source = True
            elif word == b"htmlrtf" and html_source:
                hidden = number != b"0"
            elif word in _RTF_HIDDEN:
                hidden = True
            elif word == b"u" and number and not hidden:
                flush()
                out.append(chr(int(number) % 65536))
                skip_fallback = 1
            elif word in _RTF_BREAK and not hidden:
                flush()
                out.append(_RTF_BREAK[word])
        elif symbol == b"*":
            hidden = True
        elif hidden:
            continue
        elif escaped is not None:
            if skip_fallback:
                skip_fallback = 0
            else:
                pending += bytes.fromhex(escaped.decode("ascii"))
        elif symbol is not None:
            pending += {b"~": b" ", b"_": b"-", b"-": b""}.get(symbol, symbol)
        elif plain is not None:
            pending += plain[1:] if skip_fallback else plain
            skip_fallback = 0
    flush()
    return charsets.clean("".join(out)).strip()
