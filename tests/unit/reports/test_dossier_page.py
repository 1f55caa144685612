"""The dossier's page and PDF: words of strangers are text, nothing is loaded, nothing is lost."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail_desk.reports.dossier import Dossier, Entry, page
from mail_desk.reports.dossier_pdf import pdf


def dossier(words: str, language: str = "zh", entries: int = 1) -> Dossier:
    entry = Entry(
        1,
        "2026-11-23 09:30",
        f"来信 M12：{words}",
        words,
        False,
        False,
        (("附件", words),),
        words,
        ("originals/M12.eml",),
    )
    made = tuple(replace(entry, nth=n, inside=n % 2 == 0) for n in range(1, entries + 1))
    return Dossier(
        language,
        "2026-0123",
        words,
        "示例",
        "2026-11-23",
        "ab" * 32,
        (("投诉人", words),),
        (words,),
        (("一号", words, "2026", words),),
        made,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "<img src=http://x.invalid/a>", '"><b onload=x>', "&amp;"]
)
def test_words_of_strangers_are_text_and_nothing_is_loaded(words: str, language: str) -> None:
    html = page(dossier(words, language))
    assert words not in html.replace("&amp;amp;", "")
    assert re.search(r"<(script|img|link|iframe|b )", html) is None
    assert "default-src 'none'" in html


@given(st.text(max_size=300))
@settings(max_examples=25)
def test_any_words_make_a_page_and_a_pdf_and_the_same_ones_each_time(words: str) -> None:
    made = dossier(words)
    assert page(made) == page(made)
    printed = pdf(made)
    assert printed is not None
    assert printed.startswith(b"%PDF")
    assert printed == pdf(made)


@pytest.mark.parametrize("words", ["甲" * 30_000, "x" * 30_000, "行\n" * 3_000])
def test_a_very_long_mail_is_printed_too(words: str) -> None:
    printed = pdf(dossier(words))
    assert printed is not None
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) > 5
