"""Word templates of formal notices: the shipped ones, and what a department may do to its own."""

from __future__ import annotations

import importlib.util
import io
import tomllib
import zipfile
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.outbound import official
from mail_desk.outbound.official import SAMPLE, OfficialError
from mail_desk.resources import shipped

ROOT = Path(__file__).parents[3]
SHIPPED = (shipped("templates"),)
PROCEDURE = tomllib.loads((ROOT / "config" / "procedures" / "foreign-investment.toml").read_text("utf-8"))
FORMS = [form["key"] for form in PROCEDURE["forms"]]


def script() -> Any:
    loader = SourceFileLoader("notice_templates", str(ROOT / "scripts" / "notice-templates"))
    spec = importlib.util.spec_from_loader("notice_templates", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def own(directory: Path, *paragraphs: str, form: str = "acceptance") -> Path:
    """Write a department's template and return its template directory."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    (directory / "notices").mkdir(parents=True, exist_ok=True)
    document.save(str(directory / "notices" / f"{form}.docx"))
    return directory


def test_every_form_of_the_shipped_procedure_has_its_template_and_renders() -> None:
    assert official.check(SHIPPED, FORMS) == []
    assert {path.stem for path in (SHIPPED[0] / "notices").glob("*.docx")} == set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_a_shipped_template_is_what_its_script_builds(form: str) -> None:
    made = script()
    assert (SHIPPED[0] / "notices" / f"{form}.docx").read_bytes() == made.build(*made.NOTICES[form])


@pytest.mark.parametrize("form", FORMS)
def test_a_shipped_notice_has_the_page_of_an_official_document_and_no_trace_of_its_maker(form: str) -> None:
    opened = Document(io.BytesIO(official.document(SHIPPED, form, SAMPLE)))
    page = opened.sections[0]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(margin.mm) for margin in margins if margin is not None] == [37, 35, 28, 26]
    assert page.page_width is not None
    assert abs(page.page_width - Mm(210)) < Mm(1)
    assert opened.core_properties.author == ""
    assert "python" not in (opened.core_properties.comments or "")


@pytest.mark.parametrize("form", FORMS)
def test_what_was_written_stands_in_the_notice(form: str) -> None:
    text = official.words_of(official.document(SHIPPED, form, SAMPLE))
    for value in (SAMPLE.number, f"{SAMPLE.to}：", SAMPLE.ticket, SAMPLE.today, *SAMPLE.paragraphs):
        assert value in text
    assert "{" not in text


@pytest.mark.parametrize(
    "words", ["{{ 7 * 7 }}", "{% raw %}", "<w:p>&amp;", "a\x0bb\x00c", "\u202eexe.fdp", "]]>"]
)
def test_words_of_strangers_are_neither_code_nor_markup(words: str) -> None:
    text = official.words_of(
        official.document(SHIPPED, "result", replace(SAMPLE, to=words, paragraphs=(words, "end")))
    )
    assert "49" not in text.split("：")[0]
    for plain in ("{{ 7 * 7 }}", "{% raw %}", "<w:p>&amp;"):
        assert (plain in text) == (plain == words)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_any_words_make_a_document_that_opens(to: str, paragraphs: list[str]) -> None:
    made = official.document(SHIPPED, "result", replace(SAMPLE, to=to, paragraphs=tuple(paragraphs)))
    assert SAMPLE.number in official.words_of(made)


def test_a_departments_own_template_comes_first(tmp_path: Path) -> None:
    directory = own(tmp_path, "{{ number }} {{ to }} {{ today }} {{ signature }} 自己的")
    made = official.document((directory, *SHIPPED), "acceptance", SAMPLE)
    assert "自己的" in official.words_of(made)
    assert official.check((directory, *SHIPPED), FORMS) == []


@pytest.mark.parametrize(
    ("paragraphs", "said"),
    [
        (("{{ numbr }}",), "numbr"),
        (("{{ number",), "acceptance.docx"),
        (("{% for x in y %}",), "acceptance.docx"),
        (("{{ number }} {{ to }} {{ today }}",), "signature"),
        (("nothing at all",), "number"),
        (("{{ number.__class__.__mro__ }} {{ to }} {{ today }} {{ signature }}",), "acceptance.docx"),
    ],
)
def test_check_names_the_file_and_the_fault(tmp_path: Path, paragraphs: tuple[str, ...], said: str) -> None:
    found = official.check((own(tmp_path, *paragraphs), *SHIPPED), ["acceptance"])
    assert found
    assert all("acceptance.docx" in line for line in found)
    assert any(said in line for line in found)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0 an old .doc"])
def test_a_file_that_is_no_word_document_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "result.docx").write_bytes(content)
    with pytest.raises(OfficialError, match=r"result\.docx"):
        official.document((tmp_path,), "result", SAMPLE)


def test_a_zip_without_a_document_inside_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / "notices").mkdir()
    with zipfile.ZipFile(tmp_path / "notices" / "result.docx", "w") as archive:
        archive.writestr("hello.txt", "nothing")
    with pytest.raises(OfficialError, match=r"result\.docx"):
        official.document((tmp_path,), "result", SAMPLE)


def test_a_missing_template_is_said_with_the_place_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(OfficialError, match="missing"):
        official.document((tmp_path,), "acceptance", SAMPLE)


def test_words_are_kept_in_the_paragraphs_they_were_written_in() -> None:
    assert official.paragraphs("一、营业执照\n\n二、授权书  \n") == ("一、营业执照", "二、授权书")


def test_every_name_a_template_may_use_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "notices.md").read_text("utf-8")
    assert [name for name in official.names() if f"`{name}`" not in page] == []
