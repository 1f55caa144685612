"""The small markup templates are written in → blocks. Reads like Markdown, does far less.

    Subject: …            the first lines, up to a blank one: Subject, Preheader, Form (notice)
    # Heading             ## Section
    **bold**  `code`      a line ending in a backslash breaks there
    - item                1. item
    ---                   a rule
    ::: warn              a box: info, warn, alert, good, small, right, center, lead, title; ends with :::
    {{ facts(…) }}        a component, alone on its line

Values never pass through the parser. Jinja's `finalize` puts each into `Atoms` and only a
placeholder of two private-use characters and an index into the stream, so no words of a stranger can
form markup, a header line or HTML, whatever they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mail_desk.outbound.blocks import Block, Box, Bullets, Document, Heading, Line, Paragraph, Rule, Span
from mail_desk.outbound.wording import one_line, shorten, width

LONGEST_VALUE = 1000  # columns of a value inside a sentence; whole texts have `quote` and `prose`

_OPEN, _CLOSE = "\ue000", "\ue001"
_ATOM = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_INLINE = re.compile(f"(\\*\\*|`|\\\\\n|\n|{_OPEN}\\d+{_CLOSE})")
_HEADER = re.compile(r"^(Subject|Preheader|Form):[ \t]*(.*)$")
_BOX = re.compile(r"^:::\s*([a-z]+)$")
_BOXES = frozenset({"info", "warn", "alert", "good", "small", "right", "center", "lead", "title"})
_BULLET = re.compile(r"^(-|\d+\.)\s+(.*)$")


class MarkupError(ValueError):
    """A template that is not well-formed; the message names the line."""


class Atoms:
    """The values of one rendering, out of the parser's reach."""

    def __init__(self) -> None:
        self._values: list[str | Block] = []

    def put(self, value: str | Block) -> str:
        """Keep `value`; return the placeholder for the stream."""
        self._values.append(value)
        return f"{_OPEN}{len(self._values) - 1}{_CLOSE}"

    def get(self, placeholder: str) -> str | Block:
        return self._values[int(placeholder[1:-1])]

    def plain(self, line: str) -> str:
        """Return `line` with its placeholders filled, as one line of text."""
        return one_line(_ATOM.sub(lambda found: self._text(found.group()), line))

    def _text(self, placeholder: str) -> str:
        value = self.get(placeholder)
        if not isinstance(value, str):
            raise MarkupError(f"{type(value).__name__} stands inside a line: give it a line of its own")
        return shorten(value, LONGEST_VALUE)

    def spans(self, text: str) -> Line:
        """Read inline marks: bold, code, breaks."""
        bold = code = False
        spans: list[Span] = []
        for piece in _INLINE.split(text):
            if piece == "**" and not code:
                bold = not bold
            elif piece == "`":
                code = not code
            elif piece == "\n":
                spans.append(Span("\n"))  # a place to join; resolved by _join
            elif piece == "\\\n":
                spans.append(Span("\v"))
            elif piece:
                words = self._text(piece) if _ATOM.fullmatch(piece) else piece
                if words:
                    spans.append(Span(words, bold, code))
        if bold or code:
            raise MarkupError(f"an opened ** or ` is not closed in: {self.plain(text)[:60]}")
        return tuple(_merge(_join(spans)))


def _join(spans: list[Span]) -> Iterator[Span]:
    """Turn line ends of the template into a space, or into nothing between wide characters."""
    for position, span in enumerate(spans):
        if span.text == "\v":
            yield Span("\n")
        elif span.text != "\n":
            yield span
        elif 0 < position < len(spans) - 1:
            before, after = spans[position - 1].text[-1:], spans[position + 1].text[:1]
            if width(before) < 2 or width(after) < 2:
                yield Span(" ")


def _merge(spans: Iterable[Span]) -> Iterator[Span]:
    """Make neighbours of one style one span, so that code with a value in it is one piece."""
    held: Span | None = None
    for span in spans:
        if held and (held.bold, held.code) == (span.bold, span.code) and "\n" not in held.text + span.text:
            held = Span(held.text + span.text, held.bold, held.code)
            continue
        if held:
            yield held
        held = span
    if held:
        yield held


def parse(stream: str, atoms: Atoms) -> Document:
    """Read a rendered template; raise MarkupError where it is not well-formed."""
    headers, body = _headers(stream.replace("\r\n", "\n"))
    if not headers.get("Subject"):
        raise MarkupError("the first line must be “Subject: …”")
    return Document(
        subject=atoms.plain(headers["Subject"]),
        preheader=atoms.plain(headers.get("Preheader", "")),
        formal=headers.get("Form", "").strip() == "notice",
        blocks=tuple(_Parser(body.split("\n"), atoms).blocks()),
    )


def _headers(stream: str) -> tuple[dict[str, str], str]:
    headers: dict[str, str] = {}
    lines = stream.lstrip("\n").split("\n")
    for number, line in enumerate(lines):
        found = _HEADER.match(line)
        if found is None:
            return headers, "\n".join(lines[number:])
        headers[found[1]] = found[2]
    return headers, ""


class _Parser:
    def __init__(self, lines: list[str], atoms: Atoms) -> None:
        self._lines = [line.rstrip(" \t") for line in lines]
        self._atoms = atoms
        self._at = 0

    def blocks(self, *, inside: bool = False) -> Iterator[Block]:
        """Yield blocks up to the end, or up to the `:::` that ends the box they are inside."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line == ":::":
                if not inside:
                    raise MarkupError("a ::: closes no box")
                return
            if not line:
                self._at += 1
            else:
                yield self._block(line)
        if inside:
            raise MarkupError("a box is not closed with :::")

    def _block(self, line: str) -> Block:
        if box := _BOX.match(line):
            return self._box(box[1])
        if _ATOM.fullmatch(line) and not isinstance(value := self._atoms.get(line), str):
            self._at += 1
            return value
        if line == "---":
            self._at += 1
            return Rule()
        if line.startswith(("# ", "## ")):
            self._at += 1
            marks, _, words = line.partition(" ")
            return Heading(len(marks), self._atoms.spans(words))
        if _BULLET.match(line):
            return self._bullets(ordered=line[0] != "-")
        return Paragraph(self._atoms.spans("\n".join(self._paragraph())))

    def _box(self, style: str) -> Block:
        if style not in _BOXES:
            raise MarkupError(f"there is no box “{style}”; there are {', '.join(sorted(_BOXES))}")
        self._at += 1
        blocks = tuple(self.blocks(inside=True))
        self._at += 1
        return Box(style, blocks)  # type: ignore[arg-type]  # checked against _BOXES above

    def _starts_block(self, line: str) -> bool:
        return bool(
            not line
            or line.startswith(("# ", "## ", ":::", "---"))
            or _BULLET.match(line)
            or (_ATOM.fullmatch(line) and not isinstance(self._atoms.get(line), str))
        )

    def _paragraph(self) -> Iterator[str]:
        yield self._lines[self._at]
        self._at += 1
        while self._at < len(self._lines) and not self._starts_block(self._lines[self._at]):
            yield self._lines[self._at]
            self._at += 1

    def _bullets(self, *, ordered: bool) -> Bullets:
        items: list[Line] = []
        while self._at < len(self._lines):
            found = _BULLET.match(self._lines[self._at])
            if found is None or (found[1] != "-") != ordered:
                break
            lines = [found[2]]
            self._at += 1
            while self._at < len(self._lines) and self._lines[self._at].startswith("  "):
                lines.append(self._lines[self._at].strip())
                self._at += 1
            items.append(self._atoms.spans("\n".join(lines)))
        return Bullets(tuple(items), ordered)
