"""What says who made a file is taken out of the copy that leaves; what is on the page stays; the rest is said."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import traced_files as t
from mail_desk.outbound import traces
from mail_desk.outbound.traces import CHANGES, COMMENTS, DAMAGED, ENCRYPTED, SIGNED, UNKNOWN, clean

MADE: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("a.docx", t.word),
    ("a.xlsx", t.sheet),
    ("a.odt", t.text_document),
    ("a.pdf", t.pdf),
    ("revised.pdf", lambda: t.pdf(revised=True)),
    ("a.jpg", t.photo),
    ("a.png", t.drawing),
)


@pytest.mark.parametrize(("name", "make"), MADE, ids=[name for name, _ in MADE])
def test_planted_names_are_gone_and_nothing_has_to_be_said(name: str, make: Callable[[], bytes]) -> None:
    data = make()
    assert t.AUTHOR.encode() in t.everything_in(data), "else the test cannot fail"
    cleaned = clean(name, data)
    left = t.everything_in(cleaned.data)
    assert t.AUTHOR.encode() not in left
    assert t.PLACE not in left
    assert cleaned.kept == ()
    assert clean(name, cleaned.data).data == cleaned.data, "cleaned again, it is the same"


def test_what_is_on_the_page_stays() -> None:
    assert (
        docx.Document(io.BytesIO(clean("a.docx", t.word("退税 The page")).data)).paragraphs[0].text
        == "退税 The page"
    )
    assert (
        openpyxl.load_workbook(io.BytesIO(clean("a.xlsx", t.sheet()).data)).active["A1"].value == "The cell"
    )
    with pikepdf.open(io.BytesIO(clean("a.pdf", t.pdf()).data)) as document:
        assert document.pages[0].Contents.read_bytes() == b"BT (The page) Tj ET"
        assert "/Info" not in document.trailer or "/Author" not in document.docinfo
        assert "/Metadata" not in document.Root


def test_a_photograph_keeps_its_pixels_and_how_it_is_turned_and_loses_place_and_hidden_second_picture() -> (
    None
):
    data = t.photo(orientation=6, behind=t.photo())
    cleaned = clean("scan.jpg", data).data
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(cleaned))
    assert before.tobytes() == after.tobytes()
    assert dict(after.getexif()) == {0x0112: 6}
    assert len(cleaned) < len(data) / 2 + 40
    assert dict(Image.open(io.BytesIO(clean("a.jpg", t.photo(orientation=1)).data)).getexif()) == {}


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("a.docx", t.word(comment=True), (COMMENTS,)),
        ("a.docx", t.word(tracked=True), (CHANGES,)),
        ("a.odt", t.text_document(tracked=True), (CHANGES,)),
        ("a.pdf", t.pdf(remark=True), (COMMENTS,)),
    ],
)
def test_comments_and_tracked_changes_are_said_and_the_rest_is_cleaned(
    name: str, data: bytes, kept: tuple[str, ...]
) -> None:
    cleaned = clean(name, data)
    assert cleaned.kept == kept
    assert t.everything_in(cleaned.data).count(t.AUTHOR.encode()) < t.everything_in(data).count(
        t.AUTHOR.encode()
    )


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("signed.pdf", t.signed_pdf(), (SIGNED,)),
        ("signed.docx", t.word(signed=True), (SIGNED,)),
        ("locked.pdf", t.pdf(password="x"), (ENCRYPTED,)),
        ("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), (ENCRYPTED,)),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), (UNKNOWN,)),
        ("files.rar", b"Rar!\x1a\x07\x00", (UNKNOWN,)),
        ("broken.pdf", b"%PDF-1.7 nothing", (DAMAGED,)),
        ("cut.jpg", t.photo()[:300], (DAMAGED,)),
        ("cut.png", t.drawing()[:60], (DAMAGED,)),
        ("cut.docx", t.word()[:3000], (DAMAGED,)),
        ("notes.txt", b"only words", ()),
        ("table.csv", b"a,b", ()),
    ],
)
def test_what_cannot_be_cleaned_leaves_byte_for_byte_and_is_said(
    name: str, data: bytes, kept: tuple[str, ...]
) -> None:
    assert clean(name, data) == traces.Cleaned(data, kept)


def test_what_a_file_is_called_does_not_hide_what_it_is() -> None:
    assert t.AUTHOR.encode() not in clean("picture.txt", t.photo()).data


def test_a_package_that_would_fill_the_memory_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", bytes(5_000_000))
    monkeypatch.setattr(traces, "LARGEST", 1_000_000)
    assert clean("bomb.docx", target.getvalue()).kept == (DAMAGED,)


_STARTS = (
    b"",
    b"\xff\xd8\xff\xe1",
    b"\x89PNG\r\n\x1a\n",
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    t.photo()[:200],
    t.drawing()[:50],
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(_STARTS), st.binary(max_size=300), st.sampled_from(("a.jpg", "a.pdf", "a.docx", "a.bin"))
)
def test_no_bytes_make_it_fail_and_what_is_not_cleaned_is_unchanged(
    start: bytes, rest: bytes, name: str
) -> None:
    data = start + rest
    cleaned = clean(name, data)
    assert not cleaned.kept or cleaned.data == data or cleaned.kept in ((COMMENTS,), (CHANGES,))
