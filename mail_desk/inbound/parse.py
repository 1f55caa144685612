"""Bytes → `Mail`. Total: any bytes give a Mail, in linear time; it never raises and never loses a byte.

The work lies in the modules it calls: `mime` (the tree), `headers`, `charsets`, `bodies` (what is
letter, what is enclosure), `attachments`, `html_text`, `cloud`. This one puts the answer together.
Everything stays in the raw message; `part_bytes` reads an enclosure out of it again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from mail_desk.inbound import addresses, attachments, bodies, charsets, cloud, headers, html_text, mime
from mail_desk.inbound.mail import Address, Attachment, CloudAttachment, Mail
from mail_desk.inbound.mime import Part, Raw

_T = TypeVar("_T")

MAX_HEADERS = 5_000  # fields shown; the raw message has all
MAX_HEADER = 500_000  # bytes of one field decoded


def parse(raw: Raw) -> Mail:
    """Read a message. Memory: a small multiple of the body text, not of the attachments."""
    tree = mime.parse(raw)
    content = bodies.collect(tree)
    fields = _Fields(tree.root, content.charset)
    files, digests = _attachments(content)
    tree.defects.extend(sorted(fields.defects))
    message_id = fields.one("message-id", headers.message_id, "")
    subject = fields.one("subject", lambda value: headers.text_of(value, content.charset), "")
    date: datetime | None = fields.one("date", headers.date, None)
    if date is None and "date" in fields.first:
        tree.defects.append("unreadable date")
    return Mail(
        headers=fields.decoded,
        subject=subject,
        from_=fields.addresses("from"),
        sender=fields.addresses("sender"),
        to=fields.addresses("to"),
        cc=fields.addresses("cc"),
        reply_to=fields.addresses("reply-to"),
        return_path=fields.one("return-path", _return_path, None),
        date=date,
        message_id=message_id,
        in_reply_to=fields.ids("in-reply-to"),
        references=fields.ids("references"),
        text=content.text,
        html=_display_html(content, tree.defects),
        attachments=files,
        cloud_attachments=_cloud(content),
        signed=content.signed,
        encrypted=content.encrypted,
        content_digest=_content_digest(fields, subject, message_id, content, digests),
        size=len(raw),
        defects=tuple(dict.fromkeys(tree.defects)),
        report=content.report,
    )


def part_bytes(raw: Raw, index: int) -> bytes:
    """Return the decoded bytes of attachment `index`; raise IndexError where there is no such one."""
    tree = mime.parse(raw)
    if index < 0:
        raise IndexError(index)
    return b"".join(bodies.collect(tree, texts=False).items[index].load())


class _Fields:
    """The header of the message: every field decoded in order, the first of each name raw."""

    def __init__(self, root: Part, charset: str) -> None:
        self.charset = charset
        self.defects: set[str] = set()
        self.first: dict[str, bytes] = {}
        self.every: dict[str, list[bytes]] = {}
        decoded: list[tuple[str, str]] = []
        for name, value in root.fields:
            cut = value[:MAX_HEADER]
            self.first.setdefault(name, cut)
            self.every.setdefault(name, []).append(cut)
            if b"\x00" in cut:
                self.defects.add("NUL in a header")
            if not cut.isascii():
                self.defects.add("8-bit text in a header")
            if len(decoded) < MAX_HEADERS:
                decoded.append((name, headers.text_of(cut, charset)))
        self.decoded = tuple(decoded)

    def one(self, name: str, read: Callable[[bytes], _T], missing: _T) -> _T:
        """Read the first field of that name."""
        value = self.first.get(name)
        return missing if value is None else read(value)

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Read every field of that name (RFC 5322 allows one; senders write several)."""
        found: list[Address] = []
        for value in self.every.get(name, ()):
            if len(found) < addresses.MAX_ADDRESSES:
                found.extend(addresses.addresses(value, self.charset))
        return tuple(found)

    def ids(self, name: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(i for value in self.every.get(name, ()) for i in headers.message_ids(value))
        )


def _return_path(value: bytes) -> str:
    """Return "" for the null path `<>` (RFC 5321 §4.5.5)."""
    found = addresses.addresses(value)
    return found[0].address if found else ""


def _attachments(content: bodies.Content) -> tuple[tuple[Attachment, ...], list[str]]:
    """Hash each enclosure while it streams by."""
    files = []
    for index, item in enumerate(content.items):
        digest, size, head = hashlib.sha256(), 0, b""
        for chunk in item.load():
            head = head or chunk[:512]
            digest.update(chunk)
            size += len(chunk)
        files.append(
            Attachment(
                filename=item.filename,
                content_type=attachments.sniffed(head, item.declared_type, item.filename),
                declared_type=item.declared_type,
                size=size,
                sha256=digest.hexdigest(),
                index=index,
                inline=item.inline,
                content_id=item.content_id,
            )
        )
    return tuple(files), [f.sha256 for f in files]


def _display_html(content: bodies.Content, defects: list[str]) -> str:
    if not content.html:
        return ""
    shown = html_text.sanitised(content.html)
    if not shown:
        defects.append("HTML not kept for display")
    return shown


def _cloud(content: bodies.Content) -> tuple[CloudAttachment, ...]:
    """Look in the text, and in the HTML where the text is a poorer copy of it."""
    found = cloud.cloud_attachments(content.text)
    if found or not content.html or not cloud.mentions(content.html):
        return found
    return cloud.cloud_attachments(html_text.to_text(content.html[: html_text.MAX_SHOWN]))


def _content_digest(
    fields: _Fields, subject: str, message_id: str, content: bodies.Content, files: list[str]
) -> str:
    """Return what two deliveries of one mail share (invariant 2): no trace fields, decoded parts."""
    digest = hashlib.sha256()
    for word in (
        charsets.decode(headers.unfold(fields.first.get("from", b"")))[0],
        charsets.decode(headers.unfold(fields.first.get("date", b"")))[0],
        subject,
        message_id,
        *content.body_digests,
        *files,
    ):
        encoded = word.encode("utf-8", "replace")
        digest.update(b"%d:" % len(encoded) + encoded)  # lengths: no two lists of words run together
    return digest.hexdigest()


# --- subjects for comparison ----------------------------------------------------------------------

_PREFIX_WORDS = (
    "re", "fw", "fwd", "aw", "wg", "antw", "antwort", "sv", "vs", "vb", "vl", "tr", "rv", "res", "enc", "rif", "i",
    "r", "odp", "pd", "ynt", "ilt", "ref", "doorst", "doorsturen", "bls", "trs", "ris", "fyi", "ответ", "отв", "ha",
    "σχετ", "απ", "προωθ", "תגובה", "העברה", "השב", "הועבר", "رد", "إعادة توجيه", "回复", "回覆", "答复", "答覆", "转发",
    "轉寄", "轉發", "转寄", "返信", "転送", "회신", "전달", "답장", "自动回复", "自動回覆", "回信",
)  # fmt: skip
_PREFIX = re.compile(
    r"\s*(?:(?:" + "|".join(sorted(map(re.escape, _PREFIX_WORDS), key=len, reverse=True)) + r")"
    r"\s*(?:[\[(（^]\s*\d{1,3}\s*[\])）]?|\^\d{1,3}|\d{1,3})?\s*[:：︰﹕]|\[(?:fwd?|external|外部|外部邮件)[:：]?\]?)\s*",
    re.IGNORECASE,
)


def normalise_subject(subject: str) -> str:
    """Return a subject without reply and forward prefixes, spaces folded, for comparison only."""
    text = " ".join(subject.split())
    for _ in range(100):  # each round removes something; longer chains keep their rest
        match = _PREFIX.match(text)
        if match is None or match.end() == 0:
            break
        closing = text.startswith("[") and text.endswith("]") and ":" in match[0]
        text = text[match.end() : -1 if closing else None]
    return text.strip()
