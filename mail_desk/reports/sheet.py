"""One sheet of a workbook: tables of safe cells, print set-up for A4. The only code that touches cells.

Text is written as text and never as a formula, a link or markup: a complaint's subject may begin
with `=`, or look like the rich-text XML that XlsxWriter would pass through unescaped. Characters that
XML 1.0 (section 2.2) forbids are removed. Rows are written once, in order, so that a sheet of any
length needs little memory (XlsxWriter's `constant_memory`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from xlsxwriter.workbook import Workbook

Cell = str | int | float | date | None
Look = Literal["text", "day", "number", "percent"]

A4 = 9  # paper size code of ECMA-376 part 1, 18.3.1.63
LONGEST = 32_000  # characters; Excel's limit is 32,767 UTF-16 units
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_RICH_END = "</r>"


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


class Formats:
    """The few looks of cells."""

    def __init__(self, book: Workbook) -> None:
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
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
            "text": book.add_format({**base, "text_wrap": True}),
            "day": book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"}),
            "number": book.add_format({**base, "num_format": "0"}),
            "percent": book.add_format({**base, "num_format": "0.0%"}),
        }
        self.decimal = book.add_format({**base, "num_format": "0.0"})


class Sheet:
    """A sheet being written from top to bottom."""

    def __init__(self, book: Workbook, formats: Formats, name: str, *, running_title: str) -> None:
        self._sheet = book.add_worksheet(name)
        self.name = name
        self._formats = formats
        self.row = 0
        self._sheet.set_paper(A4)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.hide_gridlines(0)  # they are printed, around empty cells too
        self._sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        # "&" begins a code in headers; of a long title the beginning suffices (255 characters at most).
        self._sheet.set_header("&L" + safe(running_title)[:80].replace("&", "&&") + "&R&A")
        self._sheet.set_footer("&C&P / &N")

    def title(self, text: str, *notes: str) -> None:
        """Write a heading with lines of explanation below."""
        self._sheet.write_string(self.row, 0, safe(text), self._formats.title)
        for note in notes:
            self.row += 1
            self._sheet.write_string(self.row, 0, safe(note), self._formats.note)
        self.row += 2

    def widths(self, columns: Sequence[Column]) -> None:
        for index, column in enumerate(columns):
            self._sheet.set_column(index, index, column.width)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, main: bool = False) -> int:
        """Write a table and return the row of its header; the next one begins two rows below.

        A sheet's `main` table has filters, stays in sight under a frozen header, and repeats that header
        on every printed page.
        """
        header = self.row
        for index, column in enumerate(columns):
            self._sheet.write_string(header, index, column.header, self._formats.header)
        looks = [(column.look, self._formats.looks[column.look]) for column in columns]
        at = header
        for at, row in enumerate(rows, start=header + 1):
            for index, value in enumerate(row):
                self._write(at, index, value, *looks[index])
        if main:
            self._sheet.autofilter(header, 0, max(at, header + 1), len(columns) - 1)
            self._sheet.freeze_panes(header + 1, 1)
            self._sheet.repeat_rows(header)
        self.row = at + 2
        return header

    def _write(self, row: int, column: int, value: Cell, look: Look, shape: Any) -> None:  # noqa: ANN401 - untyped library
        if value is None:
            return  # nothing is written: half of a ledger is empty cells
        if isinstance(value, str):
            self._sheet.write_string(row, column, safe(value), shape)
        elif isinstance(value, date):
            self._sheet.write_datetime(row, column, value, shape)
        elif look == "number" and isinstance(value, float) and not value.is_integer():
            self._sheet.write_number(row, column, value, self._formats.decimal)
        else:
            self._sheet.write_number(row, column, value, shape)

    def chart(self, chart: Any, column: int, height: int = 320) -> None:  # noqa: ANN401 - untyped library
        """Put a native chart right of the tables, at the top."""
        chart.set_size({"width": 620, "height": height})
        self._sheet.insert_chart(0, column, chart)


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
