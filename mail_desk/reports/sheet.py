"""One sheet of a workbook: tables of safe cells, print set-up for A4. The only code that touches cells.

Text is written as text and never as a formula, a link or markup: a complaint's subject may begin
with `=`, or look like the rich-text XML that XlsxWriter would pass through unescaped. Characters that
XML 1.0 (section 2.2) forbids are removed. Rows are written once, in order, so that a sheet of any
length needs little memory (XlsxWriter's `constant_memory`).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from pathlib import Path
from typing import Any, Literal

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | date | None
Look = Literal["text", "day", "number", "percent"]

FONT = "Microsoft YaHei"
WIDE = 18  # characters; words of a narrower column are short
PAGE = 190  # characters of columns that one landscape page holds and a reader can still read
_HAIR = 7  # line style of ECMA-376 part 1, 18.18.3
A4 = 9  # paper size code of ECMA-376 part 1, 18.3.1.63
LONGEST = 32_000  # characters; Excel's limit is 32,767 UTF-16 units
_FORBIDDEN_CHARACTERS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_FORBIDDEN = re.compile(f"[{_FORBIDDEN_CHARACTERS}]")
_RICH_END = "</r>"


_AT_ONCE = 500  # rows
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of a workbook, from March 1900 on
_ESCAPE = re.compile("(_x[0-9A-Fa-f]{4}_)")  # ECMA-376 part 1, 22.9.2.19
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_NOT_PLAIN = re.compile(f"[&<>_{_FORBIDDEN_CHARACTERS}]")


def _inline(text: str) -> str:
    """Return text as an inline string: words, whatever they look like."""
    if len(text) <= LONGEST and text == text.strip() and not _NOT_PLAIN.search(text):
        return f"<is><t>{text}</t></is>"
    kept = _ESCAPE.sub(r"_x005F\1", safe(text)).translate(_XML)
    space = ' xml:space="preserve"' if kept[:1].isspace() or kept[-1:].isspace() else ""
    return f"<is><t{space}>{kept}</t></is>"


class _Tails(dict[Cell, str]):
    """The cells of a column by their values, each without its place: most values come again and again."""

    KEPT = 4096

    def __init__(self, shape: int, decimal: int) -> None:
        """`decimal`: the shape of a number with a fraction, 0 where the column's own will do."""
        self._shape, self._decimal = shape, decimal

    def __missing__(self, value: Cell) -> str:
        """Return the XML of a cell after its place (ECMA-376 part 1, 18.3.1.4)."""
        shape = self._shape
        if isinstance(value, str):
            tail = f'" s="{shape}" t="inlineStr">{_inline(value)}</c>'
        elif isinstance(value, date):
            tail = f'" s="{shape}"><v>{value.toordinal() - _EPOCH}</v></c>'
        else:
            if self._decimal and isinstance(value, float) and not value.is_integer():
                shape = self._decimal
            tail = f'" s="{shape}"><v>{value!r}</v></c>'
        if len(self) < self.KEPT:
            self[value] = tail
        return tail


def safe(text: str) -> str:
    """Return text as a cell may hold it."""
    text = _FORBIDDEN.sub("", text)[:LONGEST]
    # XlsxWriter takes <r>…</r> for rich text it made itself and writes it as it is.
    return text + " " if text.endswith(_RICH_END) else text


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header in Chinese and English, its width in characters, what its cells hold."""

    zh: str
    en: str
    width: float = 12
    look: Look = "text"

    @property
    def header(self) -> str:
        return f"{self.zh}\n{self.en}"

    def header_lines(self, width: float) -> int:
        """Return how many lines the header takes; bold, and a Chinese character as wide as two others."""
        return sum(ceil(_columns(words) * 1.1 / width) or 1 for words in (self.zh, self.en))


def _height(long: Sequence[tuple[Cell, float]]) -> str:
    """Return the attributes of a row with long words, "" where one line will do."""
    lines = max(ceil(_columns(str(words)) / width) for words, width in long)
    return f' ht="{min(14 * lines + 1, 405)}" customHeight="1"' if lines > 1 else ""


def _columns(words: str) -> int:
    """Return how many columns words take: in GB 18030 a Chinese character has two bytes, a Latin letter one."""
    return len(words.encode("gb18030", "replace"))


class Formats:
    """The few looks of cells."""

    def __init__(self, book: Workbook) -> None:
        base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        line = {**base, "bottom": _HAIR, "bottom_color": "#BFBFBF"}
        right = {**line, "align": "right", "indent": 1}  # a name may stand in the next column
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.note = book.add_format({**base, "font_color": "#555555"})
        self.header = book.add_format(
            {
                **base,
                "bold": True,
                "bg_color": "#1F4E79",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "border": 1,
            }
        )
        self.looks = {
            "text": book.add_format({**line, "text_wrap": True}),
            "day": book.add_format({**line, "num_format": "yyyy-mm-dd", "align": "left"}),
            "number": book.add_format({**right, "num_format": "0"}),
            "percent": book.add_format({**right, "num_format": "0.0%"}),
        }
        self.decimal = book.add_format({**right, "num_format": "0.0"})


class _Worksheet(Worksheet):  # type: ignore[misc] # untyped library
    """A worksheet whose rows, written already, are copied as the bytes they are."""

    def _write_optimized_sheet_data(self) -> None:
        """Copy the rows between the parts of the sheet; as text it would take three times as long."""
        if self.dim_rowmin is None:
            super()._write_optimized_sheet_data()
            return
        rows = self.row_data_fh
        self._xml_start_tag("sheetData")
        rows.flush()
        rows.buffer.seek(0)
        self.fh.flush()
        shutil.copyfileobj(rows.buffer, self.fh.buffer, 1 << 20)
        rows.close()
        Path(self.row_data_filename).unlink()
        self._xml_end_tag("sheetData")


class Sheet:
    """A sheet being written from top to bottom."""

    def __init__(self, book: Workbook, formats: Formats, name: str, *, running_title: str) -> None:
        self._sheet = book.add_worksheet(name, _Worksheet)
        self.name = name
        self._formats = formats
        self._widths: list[float] = []
        self.row = 0
        self._sheet.set_paper(A4)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.hide_gridlines(1)  # not printed; a ledger has them, around its empty cells too
        self._sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        # "&" begins a code in headers; of a long title the beginning suffices (255 characters at most).
        self._sheet.set_header("&L" + safe(running_title)[:80].replace("&", "&&") + "&R&A")
        self._sheet.set_footer("&C&P / &N")

    def title(self, text: str, *notes: str) -> None:
        """Write a heading with lines of explanation below."""
        self._sheet.set_row(self.row, 24)
        self._sheet.write_string(self.row, 0, safe(text), self._formats.title)
        for note in notes:
            self.row += 1
            self._sheet.write_string(self.row, 0, safe(note), self._formats.note)
        self.row += 2

    def widths(self, columns: Sequence[Column]) -> None:
        self._widths = [column.width for column in columns]
        for index, width in enumerate(self._widths):
            self._sheet.set_column(index, index, width)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, main: bool = False) -> int:
        """Write a table and return the row of its header; the next one begins two rows below.

        A sheet's `main` table has filters, stays in sight under a frozen header, and repeats that header
        on every printed page. A wide one is printed on several pages side by side, its first column on each.
        """
        header = self.row
        lines = [c.header_lines(w) for c, w in zip(columns, self._widths, strict=False)]
        self._sheet.set_row(header, 4 + 14 * max(lines, default=2))
        for index, column in enumerate(columns):
            self._sheet.write_string(header, index, column.header, self._formats.header)
        at = self._rows(header + 1, [column.look for column in columns], rows)
        if main:
            self._sheet.autofilter(header, 0, max(at, header + 1), len(columns) - 1)
            self._sheet.freeze_panes(header + 1, 1)
            self._sheet.repeat_rows(header)
            abreast = ceil(sum(self._widths) / PAGE)
            self._sheet.fit_to_pages(abreast, 0)
            if abreast > 1:
                self._sheet.hide_gridlines(0)
                self._sheet.repeat_columns(0, 0)
        self.row = at + 2
        return header

    def _rows(self, first: int, looks: Sequence[Look], rows: Iterable[Sequence[Cell]]) -> int:
        """Write rows from `first` on, and return the last one's number.

        A hundred thousand rows of thirty cells are written as XML at once, to where XlsxWriter itself keeps the
        rows it has done with (`constant_memory`): cell by cell, it would take three times as long.
        """
        sheet, formats = self._sheet, self._formats
        sheet._write_single_row(first)  # noqa: SLF001 - the header, which it still holds
        shapes = [formats.looks[look]._get_xf_index() for look in looks]  # noqa: SLF001 - XlsxWriter has no public way to it
        decimal = formats.decimal._get_xf_index()  # noqa: SLF001 - XlsxWriter has no public way to it
        columns = [
            (xl_col_to_name(n), _Tails(shape, decimal if look == "number" else 0))
            for n, (look, shape) in enumerate(zip(looks, shapes, strict=True))
        ]
        # Words that need several lines: not every program finds the height of a row by itself.
        wide = [
            (n, w) for n, w in enumerate(self._widths) if w >= WIDE and n < len(looks) and looks[n] == "text"
        ]
        at, done = first - 1, list[str]()
        for at, row in enumerate(rows, start=first):
            place = at + 1
            cells = [
                f'<c r="{column}{place}{tails[value]}'
                for (column, tails), value in zip(columns, row, strict=False)
                if value is not None  # half of a ledger is empty cells
            ]
            if cells:
                long = [(words, w) for n, w in wide if (words := row[n]) and len(str(words)) * 2 > w]
                height = _height(long) if long else ""
                done.append(f'<row r="{place}"{height}>{"".join(cells)}</row>')
            if len(done) == _AT_ONCE:
                sheet.row_data_fh.write("".join(done))
                done.clear()
        sheet.row_data_fh.write("".join(done))
        sheet._check_dimensions(max(at, first - 1), max(len(looks) - 1, 0))  # noqa: SLF001 - XlsxWriter has no public way to it
        return at

    def chart(self, chart: Any, height: int = 320) -> None:  # noqa: ANN401 - untyped library
        """Put a native chart below the tables: beside them it would make the printed page small."""
        chart.set_size({"width": 720, "height": height})
        self._sheet.insert_chart(self.row, 0, chart)


def new_workbook(file: Any, folder: str, *, title: str, author: str, made: datetime) -> Workbook:  # noqa: ANN401 - any binary file
    """Return a workbook that keeps rows in `folder` while it is written; the same input, the same bytes."""
    book = Workbook(
        file,
        {
            "constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "nan_inf_to_errors": True,
        },
    )  # fmt: skip
    book.set_properties({"title": safe(title), "author": safe(author), "created": made.replace(tzinfo=None)})
    return book
