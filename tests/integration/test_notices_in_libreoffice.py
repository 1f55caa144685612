"""What the desk writes opens in an office suite, and nothing of it is lost."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import libreoffice
from mail_desk.outbound import official
from mail_desk.outbound.official import SAMPLE
from mail_desk.reports.archive_index import workbook
from mail_desk.resources import shipped

FORMS = ("acceptance", "refusal", "refusal-other-body", "supplement", "extension", "termination", "result")
pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _office_suite(leave_out: Any) -> None:
    if libreoffice.lacking():
        leave_out(libreoffice.lacking())


def test_every_shipped_notice_opens_with_all_its_words(tmp_path: Path) -> None:
    files = []
    for form in FORMS:
        path = tmp_path / f"{form}.docx"
        path.write_bytes(official.document([shipped("templates")], form, SAMPLE))
        files.append(path)
    texts = libreoffice.convert("txt:Text (encoded):UTF8", *files)
    assert set(texts) == set(FORMS)
    for form, raw in texts.items():
        text = raw.decode("utf-8-sig")
        for value in (SAMPLE.number, SAMPLE.to, SAMPLE.signature, SAMPLE.today, *SAMPLE.paragraphs):
            assert value in text, (form, value)


def test_a_short_notice_fits_on_one_page(tmp_path: Path) -> None:
    path = tmp_path / "acceptance.docx"
    path.write_bytes(official.document([shipped("templates")], "acceptance", replace(SAMPLE, paragraphs=())))
    (made,) = libreoffice.convert("pdf", path).values()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == 1


def test_the_archives_index_opens_as_it_was_written_and_calculates_nothing(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://example.invalid","x")'
    row = (
        "2026-0001",
        formula,
        "示例轴承",
        "complaint",
        "2026-03-02",
        "2026-04-01",
        "已结案",
        "王芳",
        12,
        "tickets/1",
    )
    path = tmp_path / "index.xlsx"
    path.write_bytes(workbook([row], [], [], title="2026"))
    (made,) = libreoffice.convert("csv:Text - txt - csv (StarCalc):44,34,76,1", path).values()
    lines = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert lines[1] == [str(value) for value in row]
