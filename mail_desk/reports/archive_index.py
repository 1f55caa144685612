"""The index workbook of a yearly archive: its dossiers, the register of notices, what is still open."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

Rows = Sequence[Sequence[str | int]]

_SHEETS: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = (
    (
        "卷宗 Dossiers",
        ("编号 Ticket", "事由 Subject", "投诉人 Complainant", "性质 Kind", "收件 Received", "结案 Closed",
         "结果 Result", "经办 Handler", "项数 Documents", "目录 Folder"),
        (12, 44, 28, 14, 12, 12, 16, 12, 10, 22),
    ),
    (
        "文书登记 Notices",
        ("系列 Series", "序号 No.", "文号 Number", "编号 Ticket", "日期 Date", "状态 State"),
        (22, 8, 28, 12, 12, 14),
    ),
    (
        "未归档 Still open",
        ("编号 Ticket", "收件 Received", "状态 State"),
        (12, 12, 26),
    ),
)  # fmt: skip


def workbook(dossiers: Rows, notices: Rows, still_open: Rows, *, title: str) -> bytes:
    """Return the index as .xlsx. Texts are written as texts: no cell can become a formula or a link."""
    written = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"title": title, "author": "", "company": ""})
        head = book.add_format(
            {"bold": True, "bg_color": "#E8EDF3", "border": 1, "text_wrap": True, "valign": "top"}
        )
        cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        for (name, columns, widths), rows in zip(_SHEETS, (dossiers, notices, still_open), strict=True):
            sheet = book.add_worksheet(name)
            for column, (label, width) in enumerate(zip(columns, widths, strict=True)):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, label, head)
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(number, column, value, cell)
                    else:
                        sheet.write_string(number, column, value, cell)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
            sheet.set_landscape()
            sheet.set_paper(9)  # A4
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
    return written.getvalue()
