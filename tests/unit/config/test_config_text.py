"""Files as Notepad and Excel save them."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config_text import Table, Violation, decode, read_csv, read_toml

TEXT = '# 说明\nname = "王芳，科长"\ncount = 3\n'

SAVED: dict[str, bytes] = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16 little endian": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "utf-16 big endian": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-16 without mark": TEXT.encode("utf-16-le"),
    "gbk": TEXT.encode("gbk"),
    "gb18030": TEXT.encode("gb18030"),
    "windows line ends": TEXT.replace("\n", "\r\n").encode("gbk"),
    "old mac line ends": TEXT.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("saved", SAVED.values(), ids=SAVED.keys())
def test_toml_is_read_however_it_was_saved(tmp_path: Path, saved: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(saved)
    assert read_toml(tmp_path / "a.toml", "a.toml") == {"name": "王芳，科长", "count": 3}


CELLS = "key,name,domains\nacme,某某（洛阳）公司,a.example; b.example\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_however_it_was_saved(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = CELLS.replace("a.example; b.example", '"a.example; b.example"').replace(",", delimiter)
    (tmp_path / "a.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    row = {"key": "acme", "name": "某某（洛阳）公司", "domains": "a.example; b.example"}
    assert read_csv(tmp_path / "a.csv", "a.csv") == Table(("key", "name", "domains"), ((2, row),))


def test_csv_skips_comments_empty_rows_and_excel_s_first_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\n# note, with; marks\nkey;name;;\n;;;\nb;乙;;\n", "utf-8")
    assert read_csv(tmp_path / "a.csv", "a.csv") == Table(("key", "name"), ((5, {"key": "b", "name": "乙"}),))


def test_an_empty_csv_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    assert read_csv(tmp_path / "a.csv", "a.csv") == Table((), ())


BROKEN = [
    ("name = “王芳”\n", 'a.toml: line 1: cannot be understood; replace “ by ", ” by "'),
    ("x = 1\nname ＝ 'a'\n", "a.toml: line 2: cannot be understood; replace ＝ by ="),
    ('a = ["x"，"y"]\n', "a.toml: line 1: cannot be understood; replace ， by ,"),
    ('path = "C:\\Users\\x"\n', "in a path write / instead of \\"),
    ("a = 1\na = 2\n", "the same key or [table] stands twice"),
    ("[t]\nx = 1\n[t]\ny = 1\n", "the same key or [table] stands twice"),
    ("just words\n", "a.toml: line 1: cannot be understood ("),
]


@pytest.mark.parametrize(("text", "told"), BROKEN, ids=[b[1][:40] for b in BROKEN])
def test_what_is_no_toml_is_told_by_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    found = read_toml(tmp_path / "a.toml", "a.toml")
    assert isinstance(found, Violation)
    assert told in str(found)


def test_a_binary_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xff\xff")
    found = read_toml(tmp_path / "a.toml", "a.toml")
    assert isinstance(found, Violation)
    assert "is not a text file" in str(found)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "a.toml: cannot be read" in str(read_toml(tmp_path, "a.toml"))


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_not_but_never_an_error(data: bytes) -> None:
    assert decode(data) is None or isinstance(decode(data), str)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    assert isinstance(read_toml(path, "any"), dict | Violation)
    assert isinstance(read_csv(path, "any"), Table | list)
