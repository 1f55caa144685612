"""Blocks → the plain text part, pleasant to read by itself in 76 columns.

A line that ends in a space flows on into the next (RFC 3676 with DelSp=yes, which is how the part is
labelled): clients that know it fit the text to the screen, all others show tidy lines. Wide
characters count two columns; no line begins with a closing mark or ends with an opening one (避头尾).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mail_desk.outbound import blocks as b
from mail_desk.outbound.wording import Wording, width

COLUMNS = 76
_BAR_COLUMNS = 24
NAMES_NEED = 20  # columns that names in front of figures have at least

_NOT_FIRST = frozenset("，。、；：？！）》」』】〕”’…—·%,.;:?!)]}”>")
_NOT_LAST = frozenset("（《「『【〔“‘([{<")
_ITEM = re.compile(r"(?:- |\d+\. |[→!✓] )")
_HANGING = re.compile(r" {2,4}(\S.*)")
_PIECE = re.compile(r" +|\d{4}年\d{1,2}月\d{1,2}日|[^\s⺀-鿿가-힯豈-﫿︰-｠]+|.", re.DOTALL)


def write(document: b.Document, wording: Wording) -> str:
    """Return the text of a letter's body, each line ended by a line feed."""
    writer = _Writer(wording, formal=document.formal)
    return join(writer.lines(document.blocks, COLUMNS)) + "\n"


def join(lines: Iterable[str]) -> str:
    """Return lines as text, never more than one empty line in a row, none at either end."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return "\n".join(kept)


def reflow(text: str) -> Iterator[str]:
    """Yield the logical lines of a text part: undo the wrapping of `wrap`.

    Soft line ends flow on (RFC 3676 §4.1, DelSp), inside a quotation too (§4.5). The indented lines of
    a list item or a box are fixed ones for other readers; here they belong to their item again.
    """
    held: str | None = None
    for line in text.split("\n"):
        if held is not None and held.endswith(" "):
            held = held[:-1] + (line.removeprefix("> ") if held.startswith("> ") else line)
        elif held is not None and _ITEM.match(held) and (found := _HANGING.match(line)):
            narrow = width(held[-1:] + found[1][:1]) < 3
            held += (" " if narrow else "") + found[1]
        else:
            if held is not None:
                yield held
            held = line
    if held is not None:
        yield held.rstrip(" ")


def wrap(text: str, columns: int, *, first: str = "", then: str = "") -> list[str]:
    """Break `text` into lines of at most `columns`.

    `first` and `then` stand before the first and the following lines and count as columns. Without
    indentation a broken line ends in an extra space, so that it flows on (RFC 3676); indented lines
    are fixed, or their indentation would flow into the words.
    A word longer than a line (a URL) is left whole on its own line.
    """
    lines: list[str] = []
    soft = " " if then in ("", "> ") else ""
    for paragraph in text.split("\n"):
        prefix = then if lines else first
        room, line, used = columns - width(prefix) - 1, "", 0
        if width(paragraph) <= room:  # most lines: nothing to break
            lines.append((prefix + paragraph).rstrip())
            continue
        for piece in _unbreakable(paragraph):
            columns_taken = width(piece)
            if line and used + columns_taken - (len(piece) - len(piece.rstrip(" "))) > room:
                lines.append(prefix + line + soft if soft else (prefix + line).rstrip())
                prefix, room, line, used = then, columns - width(then) - 1, "", 0
            line += piece
            used += columns_taken
        lines.append((prefix + line).rstrip())
    return lines


def _unbreakable(text: str) -> Iterator[str]:
    """Yield pieces between which a line may end; a Latin word takes the spaces behind it."""
    held = ""
    for piece in _PIECE.findall(text):
        if held and not (piece[0] in _NOT_FIRST or piece[0] == " " or held[-1] in _NOT_LAST):
            yield held
            held = ""
        held += piece
    if held:
        yield held


def plain(line: b.Line) -> str:
    """Return a line's words without their style."""
    return "".join(span.text for span in line)


class _Writer:
    def __init__(self, wording: Wording, *, formal: bool) -> None:
        self._wording = wording
        self._formal = formal

    def lines(self, content: Iterable[b.Block], columns: int) -> Iterator[str]:
        """Yield the lines of blocks, an empty one between every two."""
        for block in content:
            yield ""
            yield from self._block(block, columns)

    def _block(self, block: b.Block, columns: int) -> Iterable[str]:
        match block:
            case b.Heading(level, line):
                return self._heading(level, plain(line), columns)
            case b.Paragraph(line):
                return wrap(plain(line), columns, first=self._indent())
            case b.Bullets(items, ordered):
                return self._bullets(items, columns, ordered=ordered)
            case b.Rule():
                return ["-" * 12]
            case b.Box():
                return self._box(block, columns)
            case b.Quote():
                return self._quote(block, columns)
            case b.Prose(paragraphs):
                return self._prose(paragraphs, columns)
            case b.SignOff(office, date):
                return [_right(office, columns), _right(date, columns)]
            case _:
                return self._figure(block, columns)

    def _figure(self, block: b.Block, columns: int) -> Iterable[str]:
        match block:
            case b.Facts(rows):
                return self._facts(rows, columns)
            case b.Buttons(items, compact):
                return self._buttons(items, columns, compact=compact)
            case b.Table():
                return self._table(block, columns)
            case b.Bars(rows):
                return _bars(rows)
            case b.Tiles(items):
                return self._tiles(items, columns)
            case b.Card():
                return self._card(block, columns)
            case b.Group(inner):
                return self.lines(inner, columns)
            case b.Dones(items):
                return self._dones(items, columns)
            case b.Enclosed(facts, text):
                return self._enclosed(facts, text, columns)
            case _:
                raise TypeError(f"no text form for {type(block).__name__}")

    def _indent(self) -> str:
        return "　　" if self._formal and self._wording.language == "zh" else ""

    def _heading(self, level: int, text: str, columns: int) -> Iterator[str]:
        yield from wrap(text, columns)
        if level == 1:
            yield "=" * min(width(text), columns)
        else:
            yield "-" * min(width(text), columns)

    def _bullets(self, items: tuple[b.Line, ...], columns: int, *, ordered: bool) -> Iterator[str]:
        for number, item in enumerate(items, 1):
            mark = f"{number}. " if ordered else "- "
            yield from wrap(plain(item), columns, first=mark, then=" " * len(mark))

    def _box(self, box: b.Box, columns: int) -> Iterator[str]:
        if box.style in ("title", "center"):
            for block in box.blocks:
                for line in _unstyled(block):
                    yield _center(line, columns)
        elif box.style == "right":
            for block in box.blocks:
                for line in _unstyled(block):
                    yield _right(line, columns)
        elif box.style in ("small", "lead"):
            yield from _Writer(self._wording, formal=False).lines(box.blocks, columns)
        else:
            mark = {"info": "→ ", "warn": "! ", "alert": "! ", "good": "✓ "}[box.style]
            inner = _Writer(self._wording, formal=False).lines(box.blocks, columns - 2)
            for number, line in enumerate(join(inner).split("\n")):
                # Lines under the mark are indented, so they are fixed: flowing, they would take the indent along.
                yield (mark if number == 0 else "  " if line else "") + line.rstrip(" ")

    def _facts(self, rows: tuple[b.Fact, ...], columns: int) -> Iterator[str]:
        label = min(max((width(row.label) for row in rows), default=0), 24) + 2
        for row in rows:
            gap = " " * max(label - width(row.label), 1)
            note = self._wording.word("basis", basis=row.note) if row.note else ""
            yield from wrap(row.value + note, columns, first=row.label + gap, then=" " * label)

    def _buttons(self, items: tuple[b.Button, ...], columns: int, *, compact: bool) -> Iterator[str]:
        before = "    " if compact else "  "
        for item in items:
            first = f"{before}{item.typed} = "
            yield from wrap(item.label, columns, first=first, then=" " * width(first))
            if item.hint and not compact:
                yield from wrap(item.hint, columns, first=" " * width(first), then=" " * width(first))

    def _quote(self, quote: b.Quote, columns: int) -> Iterator[str]:
        if quote.caption:
            yield from wrap(quote.caption, columns)
        mark = "    " if quote.own else "> "
        for line in quote.text.split("\n"):
            yield from wrap(line, columns, first=mark, then=mark)

    def _prose(self, paragraphs: tuple[str, ...], columns: int) -> Iterator[str]:
        for number, paragraph in enumerate(paragraphs):
            if number:
                yield ""
            yield from wrap(paragraph, columns, first=self._indent())

    def _table(self, table: b.Table, columns: int) -> Iterator[str]:
        """One record a paragraph where columns would not fit, else columns."""
        widths = [
            max(width(row[column]) for row in (table.head, *table.rows)) for column in range(len(table.head))
        ]
        if sum(widths) + 2 * (len(widths) - 1) <= columns:
            for row in (table.head, *table.rows):
                cells = [
                    _right(cell, widths[n]) if n in table.numeric else _left(cell, widths[n])
                    for n, cell in enumerate(row)
                ]
                yield "  ".join(cells).rstrip()
            return
        first = columns - sum(widths[1:]) - 2 * (len(widths) - 1)
        if table.numeric == frozenset(range(1, len(widths))) and first >= NAMES_NEED:
            yield from self._figures(table, first, widths[1:])
            return
        for row in table.rows:
            yield from wrap(row[0], columns, first="- ", then="  ")
            colon = "：" if self._wording.language == "zh" else ": "
            said = [
                f"{head}{colon}{cell}" for head, cell in zip(table.head[1:], row[1:], strict=True) if cell
            ]
            if table.numeric or len(table.head) >= b.TOO_MANY_WORDS:
                yield from wrap(" · ".join(said), columns, first="  ", then="  ")
                continue
            for one in said:
                yield from wrap(one, columns, first="  ", then="    ")

    def _figures(self, table: b.Table, first: int, widths: list[int]) -> Iterator[str]:
        """Yield a table of figures whose names take several lines, the figures beside the last of each."""
        for row in (table.head, *table.rows):
            *above, last = list(wrap(row[0], first)) or [""]
            yield from (line.rstrip() for line in above)
            cells = [_right(cell, width_) for cell, width_ in zip(row[1:], widths, strict=True)]
            yield "  ".join((_left(last.rstrip(), first), *cells)).rstrip()

    def _tiles(self, items: tuple[b.Tile, ...], columns: int) -> Iterator[str]:
        label = max((width(item.label) for item in items), default=0) + 2
        value = max((width(item.value) for item in items), default=0)
        for item in items:
            change = f"   {item.change}" if item.change else ""
            yield from wrap(
                _right(item.value, value) + change, columns, first=_left(item.label, label), then=" " * label
            )

    def _card(self, card: b.Card, columns: int) -> Iterator[str]:
        badge = f"  [{card.badge}]" if card.badge else ""
        yield f"* {card.number}{badge}"
        if card.title:
            yield from wrap(card.title, columns, first="  ", then="  ")
        yield from wrap(" · ".join(card.meta), columns, first="  ", then="  ")
        for line in self._facts(card.facts, columns - 2):
            yield f"  {line}"
        if card.buttons:
            yield from self._buttons(card.buttons.items, columns, compact=True)

    def _dones(self, items: tuple[b.Done, ...], columns: int) -> Iterator[str]:
        for number, item in enumerate(items):
            if number:
                yield ""
            yield from wrap(
                item.typed, columns, first="? " if item.waits else "✓ " if item.done else "✗ ", then="  "
            )
            yield from wrap(item.what, columns, first="  ", then="  ")
            if item.change:
                yield from wrap(item.change, columns, first="  ", then="  ")

    def _enclosed(self, facts: tuple[b.Fact, ...], text: str, columns: int) -> Iterator[str]:
        yield "┌" + "─" * 20
        for line in self._facts(facts, columns - 2):
            yield "│ " + line
        yield "│"
        for line in reflow(text):
            if (over := width(line) - (columns - 3)) > 0 and line.startswith(" " * over):
                line = line[over:]  # noqa: PLW2901 - set to the right: there is less room in here
            yield from wrap(line, columns, first="│ ", then="│ ")
        yield "└" + "─" * 20


def _unstyled(block: b.Block) -> list[str]:
    if isinstance(block, b.Paragraph | b.Heading):
        return plain(block.line).split("\n")
    raise TypeError(f"{type(block).__name__} cannot be centred or set to the right")


def _bars(rows: tuple[b.BarRow, ...]) -> Iterator[str]:
    label = max((width(row.label) for row in rows), default=0)
    for row in rows:
        filled = round(row.share * _BAR_COLUMNS)
        mark = "!" if row.alert else " "
        yield f"{_left(row.label, label)} {mark} {'█' * filled}{'░' * (_BAR_COLUMNS - filled)}  {row.value}"


def _left(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _right(text: str, columns: int) -> str:
    return " " * max(columns - width(text), 0) + text


def _center(text: str, columns: int) -> str:
    return (" " * max((columns - width(text)) // 2, 0) + text).rstrip()
