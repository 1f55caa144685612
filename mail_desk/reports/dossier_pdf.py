"""The dossier as PDF. The only user of reportlab.

No font is embedded: the page names STSong (Adobe-GB1), which every PDF viewer has or replaces by its own Song
typeface, so that a small server needs no fonts and the file stays small. What lies outside that set (some rare
characters) shows in the HTML page, which always comes with it. (Predefined CJK fonts: ISO 32000-1 §9.7.5.)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from mail_desk.outbound.wording import clean, one_line
from mail_desk.reports.dossier import Dossier, Entry

FONT = "STSong-Light"
LATIN = "Times-Roman"  # one of the fourteen every viewer has; Latin-1, as names of Europe need it
_RUNS = re.compile("([\x20-\x7e\xa0-\xff]+)|([^\x20-\x7e\xa0-\xff]+)")
_MARGIN = 57  # points: 20 mm
_CELL = 300  # characters of a cell
_ROOM = 110  # points below a heading
_RUN = 1800  # characters a paragraph: one longer than a page could not be broken quickly


def pdf(dossier: Dossier) -> bytes | None:
    """Return the dossier as a PDF, None where its parts fit on no page; the same dossier gives the same bytes."""
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415 - half a second, where a dossier is printed only
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - likewise
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415 - likewise
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 - likewise
    from reportlab.platypus.doctemplate import LayoutError  # noqa: PLC0415 - likewise

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=f"{dossier.number} {dossier.word('dossier')}",
        author="",
        invariant=1,
    )
    try:
        document.build(_Story(dossier).flowables(), onFirstPage=_number, onLaterPages=_number)
    except LayoutError:
        return None
    return written.getvalue()


def _number(canvas: Any, document: Any) -> None:  # noqa: ANN401 - reportlab has no types
    canvas.setFont(FONT, 9)
    canvas.drawCentredString(document.pagesize[0] / 2, 32, str(canvas.getPageNumber()))


class _Story:
    """Builds the flowing parts of one document."""

    def __init__(self, dossier: Dossier) -> None:
        from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - as above

        def style(name: str, size: float, **more: Any) -> Any:  # noqa: ANN401 - reportlab has no types
            return ParagraphStyle(
                name, fontName=FONT, fontSize=size, leading=size * 1.55, wordWrap="CJK", **more
            )

        self._d = dossier
        self._title = style("title", 20, alignment=1, spaceAfter=4)
        self._centre = style("centre", 10.5, alignment=1)
        self._small = style("small", 9, textColor="#555555")
        self._h2 = style("h2", 13, spaceBefore=14, spaceAfter=6)
        self._h3 = style("h3", 11.5, spaceBefore=10)
        self._cell = style("cell", 9.5)
        self._words = style("words", 10.5, spaceBefore=3)

    def flowables(self) -> list[Any]:
        d, word = self._d, self._d.word
        story = [
            self._p(word("dossier"), self._title),
            self._p(f"{d.number}  {d.title}", self._centre),
            self._p(d.office, self._centre),
            self._p(f"{d.made} · {word('confidential')}", self._centre),
            *self._heading(word("facts"), self._h2),
            self._table([[k, v] for k, v in d.facts if v], (0.2, 0.8)),
            *self._heading(word("index"), self._h2),
            self._table(
                [[word("nth"), word("when"), word("what"), word("who")]]
                + [[str(x.nth), x.at, self._marked(x), x.who] for x in d.entries],
                (0.08, 0.2, 0.5, 0.22),
                head=True,
            ),
            *self._heading(word("dates"), self._h2),
        ]
        for text in d.dates:
            story += self._text(text)
        if d.notices:
            head = [word(key) for key in ("number", "notice", "when", "state")]
            story += [
                *self._heading(word("notices"), self._h2),
                self._table([head, *map(list, d.notices)], (0.32, 0.28, 0.18, 0.22), head=True),
            ]
        story += self._heading(word("entries"), self._h2)
        for entry in d.entries:
            story += self._entry(entry)
        return [*story, self._p(f"{word('head')}: {d.head}", self._small)]

    def _entry(self, entry: Entry) -> list[Any]:
        facts = [
            [k, v] for k, v in (*entry.facts, (self._d.word("originals"), "、".join(entry.originals))) if v
        ]
        return [
            *self._heading(f"{entry.nth}. {self._marked(entry)}", self._h3),
            self._p(f"{entry.at} · {entry.who}", self._small),
            *([self._table(facts, (0.2, 0.8))] if facts else []),
            *self._text(entry.words),
        ]

    def _marked(self, entry: Entry) -> str:
        marks = [key for key, holds in (("inside", entry.inside), ("undone", entry.undone)) if holds]
        return entry.title + "".join(f" [{self._d.word(key)}]" for key in marks)

    def _p(self, text: str, style: Any) -> Any:  # noqa: ANN401 - reportlab has no types
        from reportlab.platypus import Paragraph  # noqa: PLC0415 - as above

        return Paragraph(_marked_up(one_line(text)), style)

    def _heading(self, text: str, style: Any) -> list[Any]:  # noqa: ANN401 - reportlab has no types
        """Return a heading that never stands alone at the foot of a page."""
        from reportlab.platypus import CondPageBreak  # noqa: PLC0415 - as above

        return [CondPageBreak(_ROOM), self._p(text, style)]

    def _text(self, text: str) -> list[Any]:
        return [self._p(piece, self._words) for line in clean(text).split("\n") for piece in _pieces(line)]

    def _table(self, rows: list[list[str]], widths: Iterable[float], *, head: bool = False) -> Any:  # noqa: ANN401 - likewise
        from reportlab.platypus import LongTable, Spacer, TableStyle  # noqa: PLC0415 - as above

        if not rows:
            return Spacer(0, 0)

        wide = 595 - 2 * _MARGIN
        cells = [[self._p(_cut(cell), self._cell) for cell in row] for row in rows]
        table = LongTable(cells, colWidths=[wide * share for share in widths], repeatRows=1 if head else 0)
        lines: list[Any] = [("GRID", (0, 0), (-1, -1), 0.5, "#999999"), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        if head:
            lines.append(("BACKGROUND", (0, 0), (-1, 0), "#f2f2f2"))
        table.setStyle(TableStyle(lines))
        return table


def _cut(cell: str) -> str:
    """Return what a row shows of a text: no row can be taller than a page; the page (HTML) shows all."""
    return cell if len(cell) <= _CELL else cell[: _CELL - 1] + "…"


def _pieces(line: str) -> list[str]:
    return [line[at : at + _RUN] for at in range(0, len(line), _RUN) if line.strip()]


def _marked_up(text: str) -> str:
    """Return text as reportlab's markup: Western runs in a Western font, a sign for what neither font can say."""
    shown = "".join(char if ord(char) < 0x10000 else "〓" for char in text)
    parts = []
    for western, other in _RUNS.findall(shown):
        parts.append(f'<font name="{LATIN}">{escape(western)}</font>' if western else escape(other))
    return "".join(parts)
