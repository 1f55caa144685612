"""Which files words name, and how a dossier's originals are packed into mails."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.desk.dossiers import Original, packed
from mail_desk.desk.enclosing import TicketFile, named_in


def file(message: int, nth: int, filename: str) -> TicketFile:
    return TicketFile(
        f"M{message}-{nth}", filename, "application/pdf", 10, "甲", (message, nth, f"{message}/{nth}")
    )


KNOWN = [
    file(12, 1, "营业执照.pdf"),
    file(12, 2, "整改方案 修订.docx"),
    file(14, 1, "整改方案.pdf"),
    file(15, 1, "IMG_0001.JPG"),
]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("M12-1", ["M12-1"]),
        ("Ｍ１２－１、m14-1", ["M12-1", "M14-1"]),
        ("M12", ["M12-1", "M12-2"]),
        ("营业执照.pdf", ["M12-1"]),
        ("《营业执照》", ["M12-1"]),
        ("整改方案", ["M14-1"]),
        ("“整改方案 修订”", ["M12-2"]),
        ("img_0001.jpg", ["M15-1"]),
        ("执照；M15-1", ["M15-1", "M12-1"]),
        ("营业执照 IMG_0001", ["M12-1", "M15-1"]),
    ],
)
def test_a_file_is_named_by_number_name_or_a_part_only_it_has(words: str, names: list[str]) -> None:
    found, lost = named_in(words, KNOWN)
    assert sorted(f.name for f in found) == sorted(names)
    assert lost == []


@pytest.mark.parametrize("words", ["合同", "M13", "M12-9", "方", "方案"])
def test_what_names_none_or_several_is_said_and_nothing_is_guessed(words: str) -> None:
    found, lost = named_in(words, KNOWN)
    assert found == []
    assert lost == [words]


@given(st.text(max_size=40))
def test_any_words_name_files_that_are_there_or_none(words: str) -> None:
    found, _ = named_in(words, KNOWN)
    assert set(found) <= set(KNOWN)


@given(st.lists(st.binary(max_size=60), max_size=12), st.integers(min_value=1, max_value=80))
def test_every_original_is_packed_once_or_named_as_too_large(contents: list[bytes], largest: int) -> None:
    originals = [Original(f"originals/M{n}.eml", data) for n, data in enumerate(contents)]
    archives, left_out = packed(originals, largest)
    kept: dict[str, bytes] = {}
    for data in archives:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = {name: archive.read(name) for name in archive.namelist()}
        assert sum(map(len, inside.values())) <= largest
        assert not set(inside) & set(kept)
        kept |= inside
    assert kept == {o.name: o.data for o in originals if o.name not in left_out}
    assert left_out == [o.name for o in originals if len(o.data) > largest]
