"""The tree of MIME parts as spans of the raw message; nothing is copied, nothing is decoded here.

One pass over the delimiter lines builds the whole tree, whatever its depth, with a stack instead of
recursion; each byte is looked at a constant number of times. Broken input is repaired and the repair
listed, never refused. Standards: RFC 5322 (fields), RFC 2045, RFC 2046 §5.1 (boundaries).
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass, field

from mail_desk.inbound import headers

Raw = bytes | mmap.mmap

MAX_DEPTH = 2_000  # deeper parts stay undivided inside their parent
MAX_PARTS = 25_000  # further parts stay undivided in the last one

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_KNOWN_FIELD = re.compile(
    rb"(?mi)^(?:from|to|cc|subject|date|received|message-id|mime-version|content-type|reply-to):"
)
_LOST_PARAMETER = re.compile(
    rb"(?i)(?:boundary|charset|name|type|report-type|format|protocol|micalg)\*?\d*\*?="
)
_LIKE_DELIMITER = re.compile(
    rb"(?m)^--([^\s-][^\r\n]{5,69}|-{1,40}[\w=.:]{6,69}[^\r\n]{0,40})[ \t]*\r?\n(?=[Cc]ontent-)"
)


@dataclass(slots=True)
class Part:
    """A node: its fields, and where its body lies in the buffer."""

    fields: list[tuple[str, bytes]]  # lower-case name, raw value
    start: int  # of the body
    depth: int
    end: int = -1
    content_type: str = "text/plain"
    declared_type: str = ""
    params: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    parent: Part | None = None
    children: list[Part] = field(default_factory=list)

    def first(self, name: str) -> bytes | None:
        """Return the first raw field body of that lower-case name."""
        return next((value for key, value in self.fields if key == name), None)

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        return self.content_type in ("message/rfc822", "message/global", "message/news")


@dataclass(slots=True)
class Tree:
    """A parsed message: the buffer its spans point into, the root, what was repaired."""

    buffer: Raw
    root: Part
    defects: list[str]


def buffer_of(raw: Raw) -> tuple[Raw, str]:
    """Return the buffer spans refer to: the raw message, or a copy where bare CRs are its line ends."""
    # A start is always given: without one a mapping searches from its file position.
    if raw.find(b"\n", 0) < 0 and raw.find(b"\r", 0) >= 0:
        return bytes(raw[:]).replace(b"\r", b"\n"), "lines end in bare CR"
    return raw, ""


def parse(raw: Raw) -> Tree:
    """Build the tree of any bytes."""
    buffer, defect = buffer_of(raw)
    defects = [defect] if defect else []
    return Tree(buffer, _Scanner(buffer, defects).run(), defects)


class _Scanner:
    """The single pass: a stack of open multiparts, a look-up from boundary to its level."""

    def __init__(self, buffer: Raw, defects: list[str]) -> None:
        self.buffer = buffer
        self.size = len(buffer)
        self.defects = defects
        self.stack: list[tuple[Part, bytes]] = []  # open multiparts with their boundaries
        self.levels: dict[bytes, list[int]] = {}  # boundary → its levels in the stack, innermost last
        self.leaf: Part | None = None  # open part below the innermost multipart
        self.parts = 0
        self.known_until = (-1, -1)  # start of the last known field of a block, end of that block

    def note(self, defect: str) -> None:
        if defect not in self.defects and len(self.defects) < 50:
            self.defects.append(defect)

    def run(self) -> Part:
        root, position = self.open_part(_skip_envelope(self.buffer), None, top=True)
        while position < self.size and self.stack:
            start = self.next_delimiter(position)
            if start < 0:
                break
            line_end = self.buffer.find(b"\n", start)
            line_end = self.size if line_end < 0 else line_end
            level, closing = self.match(bytes(self.buffer[start + 2 : min(line_end, start + 2 + 1024)]))
            position = min(line_end + 1, self.size)
            if level < 0:
                continue
            self.close_down_to(level, start)
            if closing:
                self.close_level(level, position)
            elif self.parts < MAX_PARTS:
                _, position = self.open_part(position, self.stack[level][0])
            else:
                self.note("too many parts: the rest is not divided")
                break
        if self.stack:
            self.note("multipart without its closing boundary")
        for part, _ in self.stack:
            if not part.children:
                self.note("multipart without parts")
            self.finish(part, self.size)
        if self.leaf is not None:
            self.finish(self.leaf, self.size)
        self.finish(root, self.size)
        return root

    def next_delimiter(self, position: int) -> int:
        """Return where the next line starting with `--` begins, -1 where none does."""
        if self.buffer[position : position + 2] == b"--" and (
            position == 0 or self.buffer[position - 1 : position] == b"\n"
        ):
            return position
        found = self.buffer.find(b"\n--", max(position - 1, 0))
        return found + 1 if found >= 0 else -1

    def match(self, line: bytes) -> tuple[int, bool]:
        """Return (level, closes it) of a delimiter line without its dashes, (-1, False) for others."""
        line = line.rstrip(b" \t\r\n")
        levels = self.levels.get(line)
        if levels:
            return levels[-1], False
        if line.endswith(b"--") and (levels := self.levels.get(line[:-2].rstrip(b" \t"))):
            return levels[-1], True
        dashes = line.find(b"--", 8)  # a closing delimiter with something behind it (RFC 2046 §5.1.1)
        if dashes > 0 and (levels := self.levels.get(line[:dashes])):
            return levels[-1], True
        return -1, False

    def close_down_to(self, level: int, end: int) -> None:
        """End the part before a delimiter, and every multipart inside `level` that was left open."""
        end = _before_line_break(self.buffer, end)
        if self.leaf is not None:
            self.finish(self.leaf, end)
            self.leaf = None
        while len(self.stack) - 1 > level:
            part, boundary = self.stack.pop()
            self.forget(boundary)
            self.note("multipart without its closing boundary")
            self.finish(part, end)

    def close_level(self, level: int, end: int) -> None:
        part, boundary = self.stack.pop()
        self.forget(boundary)
        self.finish(part, _before_line_break(self.buffer, end))
        assert len(self.stack) == level

    def forget(self, boundary: bytes) -> None:
        levels = self.levels[boundary]
        levels.pop()
        if not levels:
            del self.levels[boundary]

    def finish(self, part: Part, end: int) -> None:
        """Set the end of a part and of the messages that hold nothing else."""
        node: Part | None = part
        while node is not None and node.end < 0:
            node.end = max(end, node.start)
            node = node.parent if node.parent is not None and node.parent.is_message else None

    def open_part(self, position: int, parent: Part | None, *, top: bool = False) -> tuple[Part, int]:
        """Read fields at `position`; descend through messages; return the part and where to go on."""
        first: Part | None = None
        while True:
            fields, body = self.read_fields(position, top=top)
            part = Part(fields, body, 0 if parent is None else parent.depth + 1, parent=parent)
            self.parts += 1
            _describe(part, parent)
            if parent is not None:
                parent.children.append(part)
            first = first or part
            if part.depth >= MAX_DEPTH:
                self.note("nested too deeply: the rest is not divided")
                break
            if (
                part.parent is None
                and not part.declared_type
                and self.infer_boundary(part.start, untyped=True)
            ):
                self.note("multipart that does not say so")
                part.content_type = "multipart/mixed"
            if part.is_multipart:
                if self.open_multipart(part):
                    self.leaf = None
                    return first, body
                break
            if not part.is_message or part.encoding in ("base64", "quoted-printable"):
                break
            parent, position, top = part, body, True
        self.leaf = part
        return first, part.start

    def open_multipart(self, part: Part) -> bool:
        boundary = part.params.get("boundary", "").encode("utf-8", "replace")
        if b"\xc3" in boundary or b"\xef" in boundary or b"=?" in boundary:
            boundary = b""
        boundary = boundary.strip(b" \t")
        if not boundary or not self.boundary_occurs(boundary, part.start):
            inferred = self.infer_boundary(part.start)
            if inferred:
                self.note("multipart boundary missing or wrong: taken from the body")
                boundary = inferred
            elif not boundary:
                self.note("multipart without a boundary")
                part.content_type = "text/plain"
                return False
        self.stack.append((part, boundary))
        self.levels.setdefault(boundary, []).append(len(self.stack) - 1)
        return True

    def boundary_occurs(self, boundary: bytes, start: int) -> bool:
        """Look for the boundary near the start only: preambles are short, and this must stay cheap."""
        return self.buffer.find(b"--" + boundary, start, start + 8192) >= 0 or len(self.stack) > 0

    def infer_boundary(self, start: int, *, untyped: bool = False) -> bytes:
        """Take the first line that looks like a delimiter and has a closing twin further on.

        `untyped`: nothing says the message is a multipart, so there must be no words above that line.
        """
        head = bytes(self.buffer[start : start + 2048])
        match = _LIKE_DELIMITER.search(head)
        if match is None or self.stack:
            return b""
        preamble = head[: match.start()].strip()
        if untyped and preamble and not (b"MIME" in preamble and len(preamble) < 300):
            return b""
        boundary = match[1].rstrip()
        # A quoted letter may hold a delimiter line too: the closing one must be there as well.
        return boundary if self.buffer.find(b"\n--" + boundary + b"--", start) >= 0 else b""

    def read_fields(self, position: int, *, top: bool) -> tuple[list[tuple[str, bytes]], int]:
        """Read the field block at `position`; return the fields and where the body starts."""
        buffer, found = self.buffer, list[tuple[str, bytes]]()
        name, start, strays = "", position, 0
        line_start = position
        while line_start < self.size:
            newline = buffer.find(b"\n", line_start)
            line_end = self.size if newline < 0 else newline + 1
            head = buffer[line_start : min(line_end, line_start + 204)]
            if not head.strip(b"\r\n") and line_end - line_start <= 204:
                if top and not found and not name and strays < 20:
                    strays += 1  # blank lines above everything
                    line_start = line_end
                    continue
                return self.closed(found, name, start, line_start), line_end
            if head[:1] in (b" ", b"\t"):
                if not name:
                    self.note("text before the first header")
            elif match := _FIELD.match(head):
                found = self.closed(found, name, start, line_start)
                name, start = match[1].lower().decode("latin-1"), line_start + match.end()
            elif head[:2] == b"--" and self.match(head[2:])[0] >= 0:
                self.note("part without a body")
                return self.closed(found, name, start, line_start), line_start
            elif name == "content-type" and _LOST_PARAMETER.match(head):
                self.note("a folded line lost its indent")
            elif not self.stray(line_start, line_end, bool(found or name), top=top):
                return self.closed(found, name, start, line_start), line_start
            elif name and not _FIELD.match(buffer[line_end : line_end + 204]):
                pass  # a folded line that lost its indent stays with its field
            elif name:
                found = self.closed(found, name, start, line_start)
                name = ""
            line_start = line_end
        return self.closed(found, name, start, self.size), self.size

    def stray(self, line_start: int, line_end: int, begun: bool, *, top: bool) -> bool:
        """Tell whether a line that is no field stands *among* fields, or the body began without a gap."""
        if bytes(self.buffer[line_start : line_start + 6]).startswith((b"From ", b">From ")):
            return True
        if begun and _FIELD.match(self.buffer[line_end : line_end + 204]):
            self.note("a line among the headers is no header")
            return True
        if top and self.fields_follow(line_end):
            self.note("lines among the headers are no headers")
            return True
        self.note("headers end without an empty line" if begun else "no headers")
        return False

    def fields_follow(self, position: int) -> bool:
        """Tell whether known mail fields stand between `position` and the next empty line (looked up once)."""
        if position >= self.known_until[1]:
            limit = min(position + 1_000_000, self.size)
            ends = [
                e for e in (self.buffer.find(gap, position, limit) for gap in (b"\n\n", b"\n\r\n")) if e >= 0
            ]
            end = max(min(ends, default=limit), position + 1)
            known = [m.start() for m in _KNOWN_FIELD.finditer(self.buffer[position:end])]
            # One alone may be a line of a letter ("To: …"); two are a header.
            self.known_until = (position + known[-1] if len(known) > 1 else -1, end)
        return position <= self.known_until[0]

    def closed(
        self, found: list[tuple[str, bytes]], name: str, start: int, end: int
    ) -> list[tuple[str, bytes]]:
        if name:
            found.append((name, bytes(self.buffer[start:end]).strip(b" \t\r\n")))
        return found


def _skip_envelope(buffer: Raw) -> int:
    """Return where the message starts behind a byte order mark and an mbox line."""
    position = 3 if buffer[:3] == b"\xef\xbb\xbf" else 0
    head = bytes(buffer[position : position + 512])
    blank = len(head) - len(head.lstrip(b"\r\n"))
    if head[blank : blank + 5] == b"From " or head[blank : blank + 6] == b">From ":
        end = buffer.find(b"\n", position + blank)
        return len(buffer) if end < 0 else end + 1
    return position


def _before_line_break(buffer: Raw, position: int) -> int:
    """Return `position` without the line break before it: that belongs to the delimiter."""
    if position > 0 and buffer[position - 1 : position] == b"\n":
        position -= 1
        if position > 0 and buffer[position - 1 : position] == b"\r":
            position -= 1
    return position


def _describe(part: Part, parent: Part | None) -> None:
    """Fill in what the Content-* fields say (RFC 2045 §5.2: without any, text/plain)."""
    default = (
        "message/rfc822" if parent is not None and parent.content_type == "multipart/digest" else "text/plain"
    )
    raw_type = part.first("content-type")
    if raw_type is not None:
        part.declared_type, part.params = headers.content_type(raw_type)
    part.content_type = part.declared_type or default
    raw_disposition = part.first("content-disposition")
    if raw_disposition is not None:
        part.disposition, part.disposition_params = headers.disposition(raw_disposition)
    raw_encoding = part.first("content-transfer-encoding")
    if raw_encoding is not None:
        words = headers.unfold(raw_encoding).lower().split(b";")[0].strip(b" \t\"'").decode("latin-1")
        part.encoding = {"quoted-printable": "quoted-printable", "quotedprintable": "quoted-printable",
                         "qp": "quoted-printable", "base64": "base64", "x-uuencode": "uuencode",
                         "x-uue": "uuencode", "uuencode": "uuencode", "uue": "uuencode"}.get(words, words)  # fmt: skip


def parse_fields(data: bytes) -> list[tuple[str, bytes]]:
    """Read one block of fields, as delivery reports hold them."""
    return _Scanner(data, []).read_fields(0, top=False)[0]
