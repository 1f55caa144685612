"""Header fields: encoded words, parameters, ids, dates. Pure, total and linear. Addresses: `addresses.py`.

Standards: RFC 5322 (fields, ids), RFC 2047 (encoded words, also inside quoted strings, as
senders do), RFC 2231 (parameters), RFC 6532 (raw UTF-8).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from mail_desk.inbound import charsets

_FOLD = re.compile(rb"(?:\r\n|\n|\r)(?=[ \t])")
_BREAK = re.compile(rb"[\r\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_TYPE = re.compile(r"\s*([!#$&^_.+\w-]+)\s*/\s*([!#$&^_.+\w-]*)")


def unfold(raw: bytes) -> bytes:
    """Return a field body on one line (RFC 5322 §2.2.3)."""
    if b"\n" in raw or b"\r" in raw:
        raw = _BREAK.sub(b" ", _FOLD.sub(b"", raw.strip(b"\r\n")))
    return raw.strip(b" \t")


def text_of(raw: bytes, hint: str = "") -> str:
    """Decode an unstructured field body: unfolded, encoded words and raw 8-bit text read."""
    line = unfold(raw)
    if b"=?" not in line:
        return _tidy(charsets.decode(line, "", hint)[0])
    return _tidy(decode_words(line, hint))


def _tidy(text: str) -> str:
    return _CONTROL.sub(" ", text).replace("\t", " ").strip()


# --- encoded words (RFC 2047) ---------------------------------------------------------------------


def decode_words(line: bytes, hint: str = "") -> str:
    """Decode every encoded word of `line`; the rest is read as raw text.

    Neighbouring words of one charset are joined as bytes first: senders break characters across words.
    """
    out: list[str] = []
    pending: list[bytes] = []
    pending_charset = ""
    for charset, payload in _pieces(line):
        if charset is not None and pending and charset.lower() == pending_charset.lower():
            pending.append(payload)
            continue
        if pending:
            out.append(charsets.decode(b"".join(pending), pending_charset)[0])
            pending = []
        if charset is None:
            out.append(charsets.decode(payload, "", hint)[0])
        else:
            pending, pending_charset = [payload], charset
    if pending:
        out.append(charsets.decode(b"".join(pending), pending_charset)[0])
    return "".join(out)


def _pieces(line: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Yield (charset, decoded bytes) of encoded words and (None, raw bytes) of what is between."""
    done = position = 0
    after_word = False
    last_close = line.rfind(b"?=")  # beyond it no search for an end is needed: keeps this linear
    while True:
        start = line.find(b"=?", position)
        if start < 0:
            break
        word = _encoded_word(line, start, last_close)
        if word is None:
            position = start + 2
            continue
        charset, payload, end = word
        between = line[done:start]
        if between and not (after_word and not between.strip(b" \t\r\n")):
            yield None, between
        yield charset, payload
        done = position = end
        after_word = True
    if done < len(line):
        yield None, line[done:]


def _encoded_word(line: bytes, start: int, last_close: int) -> tuple[str, bytes, int] | None:
    """Read one word at `start`; constant work where it is none, so the scan stays linear."""
    first = line.find(b"?", start + 2, start + 82)
    if first < 0 or first == start + 2 or line[first + 2 : first + 3] != b"?":
        return None
    encoding = line[first + 1 : first + 2].lower()
    if encoding not in (b"b", b"q"):
        return None
    body = first + 3
    end = line.find(b"?=", body) if body <= last_close else -1
    if end < 0:
        return None if len(line) - body > 4096 else _word(line, start, first, encoding, body, len(line))
    return _word(line, start, first, encoding, body, end)


def _word(
    line: bytes, start: int, first: int, encoding: bytes, body: int, end: int
) -> tuple[str, bytes, int] | None:
    charset = line[start + 2 : first].decode("latin-1").split("*", 1)[0].strip()
    if " " in charset or not charset:
        return None
    content = line[body:end]
    if end == len(line) and b" " in content:  # an unclosed word ends with its line
        return None
    payload = base64_bytes(content) if encoding == b"b" else _q_bytes(content)
    return charset, payload, min(end + 2, len(line))


def _q_bytes(content: bytes) -> bytes:
    return binascii.a2b_qp(content.replace(b" ", b"_"), header=True)


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


def base64_bytes(content: bytes) -> bytes:
    """Decode base64 of any quality: foreign characters skipped, padding anywhere, a lost tail mended."""
    try:
        if len(content) % 4 == 0 and content.find(b"=") in (-1, len(content) - 1, len(content) - 2):
            return binascii.a2b_base64(content, strict_mode=True)
    except binascii.Error:
        pass
    out = []
    for run in _NOT_BASE64.sub(b"", content).split(b"="):
        if run:
            usable = len(run) - 1 if len(run) % 4 == 1 else len(run)
            out.append(binascii.a2b_base64(run[:usable] + b"=" * (-usable % 4)))
    return b"".join(out)


# --- parameters (RFC 2045 §5.1, RFC 2231) ---------------------------------------------------------

_PARAMETER = re.compile(
    rb"""[;\s,]*+([^\s=;"]{1,100}+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""",
    re.DOTALL,
)
_DELIMITERS = re.compile(rb"[;\s,]*")
_NEXT_PARAMETER = re.compile(rb"[ \t]+[A-Za-z*0-9-]+[ \t]*=")


def content_type(raw: bytes) -> tuple[str, dict[str, str]]:
    """Return (lower-case type/subtype or "", parameters) of a Content-Type field body."""
    line = unfold(raw)
    head, _, rest = line.partition(b";")
    match = _TYPE.match(head.decode("latin-1"))
    if match is None:
        kind = head.strip().strip(b'"').lower().decode("latin-1")
        return ("text/plain" if kind == "text" else ""), parameters(rest or line)
    kind = f"{match[1]}/{match[2]}".lower()
    leftover = head[match.end() :]
    if b"=" in leftover:  # a missing semicolon
        rest = leftover + b";" + rest
    return kind, parameters(rest)


def disposition(raw: bytes) -> tuple[str, dict[str, str]]:
    """Return (lower-case disposition, parameters) of a Content-Disposition field body (RFC 2183)."""
    line = unfold(raw)
    head, _, rest = line.partition(b";")
    if b"=" in head:
        return "", parameters(line)
    return head.strip().strip(b'"').lower().decode("latin-1"), parameters(rest)


MAX_PARAMETERS = 500  # and sections of parameters (RFC 2231): a name of 30,000 characters


def parameters(line: bytes) -> dict[str, str]:
    """Read parameters: quoted or not, with spaces, continued, encoded in any of the known ways."""
    plain: dict[str, bytes] = {}
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    position = looked = 0
    while position < len(line) and len(plain) + len(pieces) < 200 and looked < MAX_PARAMETERS:
        looked += (
            1  # each look may reach to the end of the line: without a limit, one name repeated is quadratic
        )
        match = _PARAMETER.match(line, position)
        if match is None:
            following = line.find(b";", _DELIMITERS.match(line, position).end())  # type: ignore[union-attr]
            if following < 0:
                break
            position = following
            continue
        position = max(match.end(), position + 1)
        name, value = match[1].lower().decode("latin-1"), match[2]
        if value is None:
            value = match[3].strip()
            if (cut := _NEXT_PARAMETER.search(value)) and b"=?" not in value:
                position = match.start(3) + match[3].find(value) + cut.start()
                value = value[: cut.start()]
        else:
            value = re.sub(rb'\\(["\\])', rb"\1", value)
        stem, star, tail = name.partition("*")
        if not star:
            plain.setdefault(name, value)
            continue
        number, extended = tail.removesuffix("*"), tail.endswith("*") or tail == ""
        pieces.setdefault(stem, []).append((int(number) if number.isdigit() else 0, extended, value))
    result = {name: _plain_value(value) for name, value in plain.items()}
    result.update({name: _joined(found) for name, found in pieces.items()})
    return result


def _plain_value(value: bytes) -> str:
    if b"=?" in value:
        return _tidy(decode_words(value))
    return _tidy(charsets.decode(value)[0])


def _joined(found: list[tuple[int, bool, bytes]]) -> str:
    """Join RFC 2231 sections; the charset stands in the first, characters may break between them."""
    found.sort(key=lambda piece: piece[0])
    charset, joined = "", bytearray()
    for order, (_, extended, value) in enumerate(found):
        content = value
        if extended and order == 0 and content.count(b"'") >= 2:
            label, _, content = content.split(b"'", 2)
            charset = label.decode("latin-1")
        joined += unquote_to_bytes(content) if extended else content
    if not charset and b"=?" in joined:
        return _tidy(decode_words(bytes(joined)))
    return _tidy(charsets.decode(bytes(joined), charset)[0])


# --- ids and dates --------------------------------------------------------------------------------

_ID = re.compile(rb"<([^<>]*)>")


def message_ids(raw: bytes) -> tuple[str, ...]:
    """Return the ids of In-Reply-To or References, in order, without brackets, each once.

    `<>` gives nothing (itop#155); without any brackets, words that look like ids count.
    """
    line = unfold(raw)
    found = [_id(match) for match in _ID.findall(line)]
    if not found and b"<" not in line:
        words = line.split()
        found = [_id(w) for w in words if b"@" in w] if all(b"@" in w for w in words) else []
    return tuple(dict.fromkeys(i for i in found if i))


def message_id(raw: bytes) -> str:
    """Return the id of a Message-ID field without brackets, "" where there is none."""
    line = unfold(raw)
    match = _ID.search(line)
    return _id(match[1]) if match else _id(line.strip(b"<> "))


def _id(raw: bytes) -> str:
    return charsets.decode(b"".join(raw.split()))[0][:998]


_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?")


def date(raw: bytes) -> datetime | None:
    """Return the aware instant of a Date field, None where it cannot be told."""
    text = unfold(raw)[:200].decode("latin-1")
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        match = _ISO.search(text)
        if match is None:
            return None
        try:
            moment = datetime(*(int(g or 0) for g in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
        except ValueError:
            return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment
