"""The digest's workbook opens in LibreOffice without repair, and every figure is still there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import libreoffice
from mail_desk.tickets import events as e


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


@pytest.mark.servers
@pytest.mark.slow
def test_the_workbook_opens_in_an_office_suite_and_keeps_every_cell(
    world: Any, tmp_path: Path, leave_out: Any
) -> None:
    if libreoffice.lacking():
        leave_out(libreoffice.lacking())
    complaint = e.Marked("complaint")
    world.ticket(
        at(9, 1), (at(9, 2), complaint), (at(9, 3), e.Accepted()), (at(9, 10), e.Concluded("agreed", 1)),
        category="tax", enterprise="acme", state="concluded", subject="=1+1",
    )  # fmt: skip
    world.ticket(at(9, 8), (at(9, 8), complaint), handler="li", enterprise="nippon")
    written = world.workbook(world.figures(date(2026, 9, 1), date(2026, 9, 30), at(10, 8)))
    path = tmp_path / "digest.xlsx"
    path.write_bytes(written)
    (converted,) = libreoffice.convert("xlsx:Calc MS Excel 2007 XML", path).values()
    before, after = (openpyxl.load_workbook(BytesIO(data)) for data in (written, converted))
    assert after.sheetnames == before.sheetnames
    for sheet in before:
        kept = after[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                assert _plain(kept[cell.coordinate].value) == _plain(cell.value), (
                    sheet.title,
                    cell.coordinate,
                )


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return round(float(value), 6) if isinstance(value, int | float) else (value or None)
