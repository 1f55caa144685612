"""A rendered letter → the bytes that leave, the same for the same arguments.

Written by hand rather than with `email.message`: every byte is chosen, boundaries derive from the
Message-ID, and building one takes microseconds. RFC 5322 (lines, §2.1.1), 2045-2047 (MIME, encoded
words), 2231 (parameter values), 3676 (flowed text), 3834 (Auto-Submitted), 3282 (Content-Language).
A header can only be written through `_unstructured`, `_mailbox` or `_ids`, which let no line break in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote as percent

from mail_desk.outbound.letters import File
from mail_desk.outbound.wording import one_line

CRLF = "\r\n"
_LINE = 76
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 56 characters of base64, 68 with its frame
_ASCII = re.compile(r"[\x20-\x7e]*")
_ADDRESS = re.compile(
    r"""("[^"\\\x00-\x1f\x7f-\x9f]+"|[^\s<>()\[\],;:\\"@\x00-\x1f\x7f-\x9f]+)"""
    r"""@([^\s<>()\[\],;:\\"@\x00-\x1f\x7f-\x9f]+)"""
)
_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,250}")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_SAFE_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_KEPT_REFERENCES = 20  # ids besides the first: the line of References must not grow for ever


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands in the headers of one letter."""

    sender: tuple[str, str]  # name, address
    recipient: tuple[str, str]
    subject: str
    message_id: str  # without brackets
    date: datetime  # in the desk's zone
    language: str
    automatic: str  # "no", "auto-replied" or "auto-generated"
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def build(envelope: Envelope, text: str, html: str, files: Sequence[File] = ()) -> bytes:
    """Return the whole message; ValueError where an address or the Message-ID is not one."""
    mark = hashlib.sha256(envelope.message_id.encode()).hexdigest()[:24]
    body = _multipart("alternative", f"=_a{mark}", [_text_part(text), _html_part(html)])
    if files:
        body = _multipart("mixed", f"=_m{mark}", [body, *(_file_part(file) for file in files)])
    return (CRLF.join(_headers(envelope)) + CRLF).encode() + body


def _headers(envelope: Envelope) -> Iterable[str]:
    if not _ID.fullmatch(envelope.message_id):
        raise ValueError(f"not a message id: {envelope.message_id!r}")
    yield _mailbox("From", *envelope.sender)
    yield _mailbox("To", *envelope.recipient)
    yield _unstructured("Subject", envelope.subject)
    yield f"Date: {format_datetime(envelope.date)}"
    yield f"Message-ID: <{envelope.message_id}>"
    if envelope.in_reply_to:
        yield from _ids("In-Reply-To", (envelope.in_reply_to,))
    yield from _ids("References", envelope.references)
    if envelope.automatic != "no":
        yield f"Auto-Submitted: {envelope.automatic}"
        yield "X-Auto-Response-Suppress: All"  # what Exchange understands (MS-OXCMAIL 2.2.3.2.14)
    yield f"Content-Language: {envelope.language}"
    yield "MIME-Version: 1.0"


# --- headers --------------------------------------------------------------------------------------


def _encoded_words(text: str) -> list[str]:
    """Return RFC 2047 encoded words, none longer than 75 characters, no character torn apart."""
    words, chunk = [], b""
    for char in text:
        encoded = char.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > _WORD_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += encoded
    words.append(chunk)
    return [f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words]


def _fold(name: str, pieces: Iterable[str]) -> str:
    """Join pieces by spaces, starting a new line before one that would pass 76 columns."""
    lines = [f"{name}:"]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) > _LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {piece}"
    return CRLF.join(lines)


def _unstructured(name: str, value: str) -> str:
    """Write a header of free text. Leading ASCII words, such as the tag, stay readable."""
    words = one_line(value).split(" ")
    ascii_words: list[str] = []
    while words and _ASCII.fullmatch(words[0]) and "=?" not in words[0] and len(words[0]) < _LINE:
        ascii_words.append(words.pop(0))
    # White space between two encoded words is dropped by readers, so the rest is encoded as one.
    rest = _encoded_words(" ".join(words)) if words else []
    return _fold(name, [*ascii_words, *rest])


def _mailbox(name: str, display: str, address: str) -> str:
    """Write From or To with one mailbox (RFC 5322 §3.4)."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"not an e-mail address: {address!r}")
    if not found[2].isascii():  # a local part beyond ASCII stays: it needs SMTPUTF8 (RFC 6531) anyway
        address = f"{found[1]}@{found[2].encode('idna').decode('ascii')}"
    display = one_line(display)
    if not display or display == address:
        return f"{name}: <{address}>"
    if _PLAIN_PHRASE.fullmatch(display) and "=?" not in display:
        pieces = display.split(" ")
    elif _ASCII.fullmatch(display) and "=?" not in display and len(display) < _LINE:
        pieces = ['"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"']
    else:
        pieces = _encoded_words(display)
    return _fold(name, [*pieces, f"<{address}>"])


def _ids(name: str, ids: Sequence[str]) -> Iterable[str]:
    """Write message ids; what is none is left out, and of very many the first and the last stay."""
    good = [f"<{one}>" for one in ids if _ID.fullmatch(one)]
    if len(good) > _KEPT_REFERENCES + 1:
        good = [good[0], *good[-_KEPT_REFERENCES:]]
    if good:
        yield _fold(name, good)


# --- parts ----------------------------------------------------------------------------------------


def _text_part(text: str) -> bytes:
    """Flowed text: lines that would be misread get a space in front (RFC 3676 §4.4)."""
    lines = text.rstrip("\n").split("\n")
    stuffed = [f" {line}" if line.startswith((" ", "From ")) else line for line in lines]
    return _encoded("text/plain; charset=utf-8; format=flowed; delsp=yes", CRLF.join(stuffed) + CRLF)


def _html_part(html: str) -> bytes:
    return _encoded("text/html; charset=utf-8", html.replace("\r\n", "\n").replace("\n", CRLF))


def _encoded(content_type: str, text: str) -> bytes:
    """Choose the shorter of quoted-printable and base64; both keep every byte and short lines."""
    data = text.encode("utf-8", "replace")
    others = len(data) - len(text.encode("ascii", "ignore"))
    if others * 3 > len(data) // 3:
        encoding, body = "base64", _base64(data)
    else:
        # `istext`: CRLF stays a line break; trailing spaces are encoded and so survive.
        quoted = binascii.b2a_qp(data.replace(b"\r\n", b"\n"), istext=True)
        encoding, body = "quoted-printable", quoted.replace(b"\n", b"\r\n")
    head = f"Content-Type: {content_type}{CRLF}Content-Transfer-Encoding: {encoding}{CRLF}{CRLF}"
    return head.encode() + body


def _base64(data: bytes) -> bytes:
    whole = binascii.b2a_base64(data, newline=False)
    return b"".join([whole[at : at + _LINE] + b"\r\n" for at in range(0, len(whole), _LINE)])


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = f'Content-Type: multipart/{subtype};{CRLF} boundary="{boundary}"{CRLF}{CRLF}'
    body = b"".join(f"--{boundary}{CRLF}".encode() + part + b"\r\n" for part in parts)
    return head.encode() + body + f"--{boundary}--{CRLF}".encode()


def _file_part(file: File) -> bytes:
    """Write a file under its name, twice: RFC 2231 for all, an encoded word in `name` for QQ and Outlook."""
    filename = one_line(file.filename).replace("/", "_").replace("\\", "_") or "attachment"
    content_type = (
        file.content_type if _SAFE_TYPE.fullmatch(file.content_type) else "application/octet-stream"
    )
    if content_type.startswith(("multipart/", "message/")):
        content_type = "application/octet-stream"  # base64 is not allowed there (RFC 2045 §6.4)
    lines = [f"Content-Type: {content_type};"]
    if _ASCII.fullmatch(filename) and len(filename) < 60:
        quoted = filename.replace('"', "'")
        lines.append(f' name="{quoted}"')
        lines += ["Content-Disposition: attachment;", f' filename="{quoted}"']
    else:
        words = _encoded_words(filename)
        lines += [f' name="{(CRLF + "  ").join(words)}"']
        lines += ["Content-Disposition: attachment;", *_rfc2231(filename)]
    lines += ["Content-Transfer-Encoding: base64", "", ""]
    return CRLF.join(lines).encode() + _base64(file.data)


def _rfc2231(filename: str) -> list[str]:
    """Return the filename parameter, continued over lines where it is long (RFC 2231 §3, §4)."""
    encoded = percent(filename.encode("utf-8", "replace"), safe="")
    if len(encoded) <= 55:
        return [f" filename*=utf-8''{encoded}"]
    charset = "utf-8''"
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", encoded)
    return [
        f" filename*{number}*={'' if number else charset}{piece}" + (";" if number < len(pieces) - 1 else "")
        for number, piece in enumerate(pieces)
    ]
