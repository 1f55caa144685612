"""From the tree of parts to what a person reads: the text, the HTML, the attachments, the report.

Decides which parts are the letter and which are enclosures. Every leaf is one or the other; only
second-rate representations of the same words (the HTML beside the text) are neither.
Standards: RFC 2046 §5.1 (mixed, alternative, related), RFC 2183, RFC 3676 (format=flowed), RFC 1847,
RFC 8551, RFC 3462 (report).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mail_desk.inbound import attachments, charsets, headers, html_text, mime, text_forms, tnef, transfer
from mail_desk.inbound.mail import Report
from mail_desk.inbound.mime import Part, Raw


@dataclass(slots=True)
class Item:
    """An enclosure and how to get its decoded bytes."""

    filename: str
    declared_type: str
    inline: bool
    content_id: str
    load: Callable[[], Iterator[bytes]]


@dataclass(slots=True)
class Content:
    """Everything inside a message."""

    text: str = ""
    html: str = ""  # as it came, decoded, not sanitised
    items: list[Item] = field(default_factory=list)
    signed: str = ""
    encrypted: bool = False
    report: Report | None = None
    charset: str = ""  # of the first text, a hint for raw headers
    body_digests: list[str] = field(default_factory=list)  # of each text as sent, line ends folded


@dataclass(slots=True)
class _Group:
    """Representations of the same words: the leaves of one multipart/alternative, or one leaf."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)  # calendar, enriched: only where nothing else is


def collect(tree: mime.Tree, *, texts: bool = True) -> Content:
    """Read the whole tree. `texts=False` finds the enclosures only, without making text readable."""
    return _Collector(tree.defects, texts=texts).run(tree.buffer, tree.root)


class _Collector:
    def __init__(self, defects: list[str], *, texts: bool) -> None:
        self.content = Content()
        self.texts = texts
        self.defects = defects
        self.groups: list[_Group] = []
        self.alternatives: dict[int, _Group] = {}
        self.spare_texts: list[str] = []  # shown only where the message has no text of its own
        self.report_type = ""
        self.report_fields: list[tuple[tuple[str, str], ...]] = []
        self.original: tuple[tuple[str, str], ...] = ()

    def note(self, defect: str) -> None:
        if defect and defect not in self.defects and len(self.defects) < 50:
            self.defects.append(defect)

    def run(self, buffer: Raw, root: Part) -> Content:
        stack: list[tuple[Raw, Part, _Group | None]] = [(buffer, root, None)]
        while stack:
            here, part, group = stack.pop()
            if part.is_multipart and part.children:
                self.enter(part)
                if part.content_type == "multipart/alternative" and group is None:
                    group = _Group()
                    self.groups.append(group)
                stack.extend((here, child, group) for child in reversed(part.children))
                continue
            inner = self.leaf(here, part, group)
            if inner is not None:
                self.defects.extend(inner.defects[:10])
                stack.append((inner.buffer, inner.root, group))
        if self.texts:
            self.finish()
        return self.content

    def enter(self, part: Part) -> None:
        kind = part.content_type
        if kind == "multipart/signed":
            protocol = part.params.get("protocol", "").lower()
            self.content.signed = self.content.signed or ("pgp" if "pgp" in protocol else "smime")
        elif kind == "multipart/encrypted":
            self.content.encrypted = True
        elif kind == "multipart/report":
            self.report_type = self.report_type or part.params.get("report-type", "").lower() or "unknown"

    # --- leaves -----------------------------------------------------------------------------------

    def leaf(self, buffer: Raw, part: Part, group: _Group | None) -> mime.Tree | None:
        """File one leaf; return the tree inside it where it is a transparent wrapper."""
        kind = part.content_type
        if part.is_multipart:  # without parts: show what is there
            kind = "text/plain"
        if kind in _REPORT_PARTS:
            self.report_part(buffer, part)
        if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            return self.smime(buffer, part)
        if self.is_body(part, kind):
            self.body(buffer, part, kind, group)
            return None
        if kind in ("text/x-amp-html", "text/watch-html") and group is not None:
            return None
        if kind == "text/calendar":
            text = self.decoded(buffer, part)
            (group or self.new_group()).other.append(text_forms.calendar_summary(text))
        if self.winmail(buffer, part, kind):
            return None
        self.enclose(buffer, part)
        return None

    def is_body(self, part: Part, kind: str) -> bool:
        if kind not in (
            "text/plain",
            "text/html",
            "text/enriched",
            "text/richtext",
            "text",
            "application/xhtml+xml",
        ):
            return False
        if part.disposition == "attachment":
            return False
        if part.parent is None:
            return True
        return not attachments.filename_of(part)

    def new_group(self) -> _Group:
        group = _Group()
        self.groups.append(group)
        return group

    def decoded(self, buffer: Raw, part: Part) -> str:
        data = transfer.body(buffer, part)
        return self.text_of(data, part)

    def text_of(self, data: bytes, part: Part) -> str:
        charset = part.params.get("charset", "")
        if part.content_type == "text/html":
            charset = _html_charset(data, charset)
        text, defect = charsets.decode(data, charset, self.content.charset)
        if defect:
            self.note(defect)
        if charset and not self.content.charset:
            self.content.charset = charset
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if self.texts:
            self.content.body_digests.append(hashlib.sha256(_bare(text)).hexdigest())
        return text

    def body(self, buffer: Raw, part: Part, kind: str, group: _Group | None) -> None:
        data = transfer.body(buffer, part)
        group = group or self.new_group()
        if kind in ("text/html", "application/xhtml+xml"):
            group.html.append(self.text_of(data, part))
            return
        if kind in ("text/enriched", "text/richtext"):
            group.other.append(text_forms.enriched(self.text_of(data, part)))
            return
        if b"\nbegin " in data[: transfer.CHUNK] or data.startswith(b"begin "):
            data = self.take_uuencoded(data)
        text = self.text_of(data, part)
        if part.params.get("format", "").lower() == "flowed":
            text = text_forms.unflow(text, delsp=part.params.get("delsp", "").lower() == "yes")
        if "-----BEGIN PGP " in text:
            text = self.open_pgp(text)
        group.plain.append(text)

    def take_uuencoded(self, data: bytes) -> bytes:
        """Lift uuencoded files out of a text (the way before MIME)."""
        kept, position = [], 0
        for match in _UU_FILE.finditer(data):
            name = charsets.decode(match[1].strip())[0]
            kept.append(data[position : match.start()])
            position = match.end()
            self.add(Item(attachments.shown_name(name), "", False, "", _loader(transfer.uudecode(match[0]))))
        kept.append(data[position:])
        return b"".join(kept)

    def open_pgp(self, text: str) -> str:
        """Show the words of a clear-signed text (RFC 9580 §7) without its armour."""
        if "-----BEGIN PGP MESSAGE-----" in text:
            self.content.encrypted = True
            return text
        opened = text_forms.without_armour(text)
        if opened != text:
            self.content.signed = self.content.signed or "pgp"
        return opened

    # --- containers -------------------------------------------------------------------------------

    def smime(self, buffer: Raw, part: Part) -> mime.Tree | None:
        """Open an opaque signature; report encryption and keep it as it is."""
        data = transfer.body(buffer, part)
        content = attachments.cms_content(data)
        if content:
            self.content.signed = "smime"
            return mime.parse(content)
        if part.params.get("smime-type", "").lower() in ("", "enveloped-data", "authenveloped-data"):
            self.content.encrypted = True
        self.enclose(buffer, part)
        return None

    def winmail(self, buffer: Raw, part: Part, kind: str) -> bool:
        """Replace a winmail.dat by what it holds."""
        name = attachments.filename_of(part).lower()
        if kind not in ("application/ms-tnef", "application/vnd.ms-tnef") and not name.endswith(
            (".dat", ".tnef")
        ):
            return False
        data = transfer.body(buffer, part)
        unpacked = tnef.unpack(data)
        if unpacked is None:
            return False
        for file in unpacked.files:
            name = attachments.shown_name(file.name)
            kind = file.content_type or "application/octet-stream"
            self.add(Item(name, kind, bool(file.content_id), file.content_id.strip("<>"), _loader(file.data)))
        text = unpacked.text or (html_text.to_text(unpacked.html) if unpacked.html else "")
        self.spare_texts.append(text if text.strip() else tnef.rtf_text(unpacked.rtf))
        if not unpacked.complete:
            self.note("winmail.dat is broken: kept beside what could be read of it")
        return unpacked.complete

    def add(self, item: Item) -> None:
        self.content.items.append(item)

    def enclose(self, buffer: Raw, part: Part) -> None:
        name = attachments.filename_of(part)
        if not name and part.is_message:
            name = _message_name(part)
        cid = part.first("content-id")
        self.add(
            Item(
                name,
                part.declared_type or part.content_type,
                part.disposition == "inline" or (cid is not None and part.disposition != "attachment"),
                headers.message_id(cid) if cid else "",
                lambda: transfer.chunks(buffer, part),
            )
        )

    # --- reports ----------------------------------------------------------------------------------

    def report_part(self, buffer: Raw, part: Part) -> None:
        """Keep the machine-readable half of a report and the header of what it is about."""
        kind = part.content_type
        if kind in ("message/rfc822", "message/global", "message/news"):
            if not self.original:
                self.original = (
                    _decoded_fields(part.children[0])
                    if part.children
                    else _field_block(transfer.body(buffer, part)[:65536])
                )
        elif kind in ("text/rfc822-headers", "message/global-headers", "message/rfc822-headers"):
            if not self.original:
                self.original = _field_block(transfer.body(buffer, part)[:65536])
        else:
            text = transfer.body(buffer, part)[:1_000_000]
            self.report_type = _REPORT_PARTS[kind]
            for block in re.split(rb"\r?\n[ \t]*\r?\n", text)[:5000]:
                fields = _field_block(block)
                if fields:
                    self.report_fields.append(fields)

    def finish(self) -> None:
        content = self.content
        texts, htmls = [], []
        for group in self.groups:
            plain = [t for t in group.plain if t.strip() and not (group.html and _is_stub(t.strip()))]
            if plain:
                texts.extend(plain)
            elif group.html:
                texts.extend(html_text.to_text(h[: text_forms.MAX_TEXT]) for h in group.html)
            elif group.other:
                texts.extend(group.other)
            htmls.extend(group.html)
        if not any(t.strip() for t in texts):
            texts = [t for t in self.spare_texts if t.strip()][:1] or texts
        content.text = "\n".join(t.rstrip("\n") for t in texts) if len(texts) > 1 else "".join(texts)
        content.html = "\n".join(htmls)
        if self.report_type or self.original:
            content.report = Report(self.report_type, tuple(self.report_fields), self.original)


def _loader(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((data,))


_REPORT_PARTS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
    "text/rfc822-headers": "",
    "message/global-headers": "",
    "message/rfc822-headers": "",
    "message/rfc822": "",
    "message/global": "",
    "message/news": "",
}
# What some senders put in place of a text: look at the HTML.
_STUB = re.compile(
    r"(?:not|n't|un)\s*(?:able to )?(?:support|display|view|read|render)\w*.{0,40}html|html.{0,40}(?:not|un)\s*support|view(?:ed)? .{0,30}(?:in html|html version)|"
    r"不(?:支持|能显示|能查看).{0,6}html|(?:支持|使用|切换).{0,6}html.{0,12}(?:查看|阅读|浏览|显示)|请.{0,8}html.{0,8}(?:格式|方式|模式)",
    re.IGNORECASE,
)


def _is_stub(text: str) -> bool:
    """Tell a sentence that only says to look at the HTML."""
    return len(text) < 200 and "\n" not in text and _STUB.search(text) is not None


_UU_FILE = re.compile(
    rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?:[\x20-\x60][\x20-\x60]{0,90}\r?\n)+?(?:[ \t]*\r?\n)?end[ \t]*(?:\r?\n|\Z)"
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


def _bare(text: str) -> bytes:
    """Fold what relays change: trailing blanks and empty lines at the end."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n").encode("utf-8", "replace")


def _html_charset(data: bytes, declared: str) -> str:
    """RFC 2854 §6: the label of the part wins; the page's own one helps where there is none."""
    if declared and charsets.codec_of(declared) is not None and declared.lower() not in ("us-ascii", "ascii"):
        return declared
    match = _META_CHARSET.search(data[:4096])
    return match[1].decode("latin-1") if match else declared


def _message_name(part: Part) -> str:
    """Name an attached letter by its subject."""
    subject = ""
    if part.children and (raw := part.children[0].first("subject")):
        subject = headers.text_of(raw)
    return f"{attachments.shown_name(subject)[:120] or 'message'}.eml"


def _decoded_fields(part: Part) -> tuple[tuple[str, str], ...]:
    return tuple((name, headers.text_of(value[:8192])) for name, value in part.fields[:500])


def _field_block(data: bytes) -> tuple[tuple[str, str], ...]:
    """Read `Name: value` lines with folding."""
    part = mime.parse_fields(data.lstrip(b"\r\n"))
    return tuple((name, headers.text_of(value[:8192])) for name, value in part[:500])
