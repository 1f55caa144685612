"""Could the body of a signed mail be read otherwise than its author wrote it? Pure.

A DKIM signature covers the bytes of the body, not how they are read: where Content-Type is not signed
(most signatures of NetEase do not sign it), another boundary cuts the same bytes into other parts, and
what was an enclosure becomes the letter. So without a signed Content-Type only two shapes are trusted,
in which there is nothing to cut: plain text without anything that looks like a part, and one text with
its HTML, where both say the same and nothing stands around them.
"""

from __future__ import annotations

import re

from mail_desk.inbound import charsets, html_text, mime, reply_text, transfer
from mail_desk.inbound.mime import Part, Raw

# Any line that could begin a part, whatever its boundary would be: `--…` with a field below it.
_DELIMITER = re.compile(rb"(?mi)^--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[ \t]*\r?\n)?content-[a-z-]{1,60}[ \t]*:")
_CLOSING = re.compile(rb"--[ \t]*")


def ambiguous(raw: Raw) -> str:
    """Say why the body could be cut otherwise, "" where it could not."""
    tree = mime.parse(raw)
    root, buffer = tree.root, tree.buffer
    body = bytes(buffer[root.start :])
    if root.content_type == "text/plain" and not root.is_multipart:
        return "a part could be cut out of the plain text" if _DELIMITER.search(body) else ""
    if root.content_type != "multipart/alternative":
        return f"Content-Type is not signed and the body is {root.content_type}"
    return _alternative(body, root, buffer)


def _alternative(body: bytes, root: Part, buffer: Raw) -> str:
    boundary = root.params.get("boundary", "").encode("latin-1", "replace")
    if any(found != boundary for found in _DELIMITER.findall(body)) or not boundary:
        return "Content-Type is not signed and the body could be cut elsewhere"
    first = body.find(b"--" + boundary)
    ending = body.rpartition(b"--" + boundary)[2]
    closed = _CLOSING.match(ending)
    if body[: max(first, 0)].strip() or closed is None or ending[closed.end() :].strip():
        return "Content-Type is not signed and words stand around the parts"
    kinds = [child.content_type for child in root.children]
    if kinds != ["text/plain", "text/html"]:
        return f"Content-Type is not signed and the parts are {', '.join(kinds)}"
    plain, html = (_text(buffer, child) for child in root.children)
    if _said(plain) != _said(html_text.to_text(html)):
        return "Content-Type is not signed and the text and its HTML differ"
    return ""


def _text(buffer: Raw, part: Part) -> str:
    return charsets.decode(transfer.body(buffer, part), part.params.get("charset", ""))[0]


def _said(text: str) -> str:
    """Return the letters and digits of the new words, as both forms must have them."""
    return "".join(c for c in reply_text.split(text).new if c.isalnum())
