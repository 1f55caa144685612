"""The markup, the wrapping of text and the wording of dates, sizes and names."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.outbound import blocks as b
from mail_desk.outbound.letters import LimitView
from mail_desk.outbound.markup import Atoms, MarkupError, parse
from mail_desk.outbound.text_part import reflow, wrap
from mail_desk.outbound.wording import Wording, clean, one_line, shorten, width

MIXED = st.text(st.sampled_from("abc xyz,.;(）（。，、《》办理投诉企业0123“”—"), max_size=300)
LABELS = {
    "word": {
        "late": "{days} late",
        "late_one": "1 late",
        "due_today": "today",
        "left": "{days} left",
        "left_one": "1 left",
    }
}
ENGLISH = Wording("en", LABELS, ZoneInfo("Asia/Shanghai"))


def blocks(body: str, *values: str | b.Block) -> tuple[b.Block, ...]:
    atoms = Atoms()
    for value in values:
        body = body.replace("@", atoms.put(value), 1)
    return parse(f"Subject: s\n\n{body}", atoms).blocks


def test_paragraphs_headings_lists_rules_and_boxes_are_read() -> None:
    read = blocks("# One\n\ntwo **three** `four`\n\n- a\n- b\n  more\n\n1. c\n\n---\n\n::: warn\nx\n:::\n")
    assert [type(block).__name__ for block in read] == [
        "Heading",
        "Paragraph",
        "Bullets",
        "Bullets",
        "Rule",
        "Box",
    ]
    assert read[1] == b.Paragraph(
        (b.Span("two "), b.Span("three", bold=True), b.Span(" "), b.Span("four", code=True))
    )
    assert isinstance(read[2], b.Bullets)
    assert len(read[2].items) == 2
    assert "".join(span.text for span in read[2].items[1]) == "b more"


def test_lines_of_a_paragraph_join_with_a_space_but_not_between_chinese_characters() -> None:
    assert blocks("one\ntwo") == (b.Paragraph((b.Span("one two"),)),)
    assert blocks("一行\n二行") == (b.Paragraph((b.Span("一行二行"),)),)
    assert blocks("@\n二行", "一行") == (b.Paragraph((b.Span("一行二行"),)),)


def test_a_line_ending_in_a_backslash_breaks_there() -> None:
    (paragraph,) = blocks("one\\\ntwo")
    assert isinstance(paragraph, b.Paragraph)
    assert "".join(span.text for span in paragraph.line) == "one\ntwo"


@pytest.mark.parametrize("value", ["# x", "- x", "**x**", "`x`", "---", "::: warn", "Subject: x", "a\n\n# b"])
def test_a_value_is_words_even_where_it_looks_like_markup(value: str) -> None:
    assert blocks("@", value) == (b.Paragraph((b.Span(one_line(value)),)),)


def test_a_component_alone_on_its_line_is_a_block_and_elsewhere_an_error() -> None:
    quote = b.Quote("x")
    assert blocks("words\n@\nwords", quote)[1] == quote
    with pytest.raises(MarkupError, match="a line of its own"):
        blocks("words @", quote)


def test_header_lines_end_where_the_body_begins() -> None:
    document = parse("Subject: one\nPreheader: two\nForm: notice\n\nSubject: three\n", Atoms())
    assert (document.subject, document.preheader, document.formal) == ("one", "two", True)
    assert document.blocks == (b.Paragraph((b.Span("Subject: three"),)),)


@given(MIXED)
def test_wrapping_loses_nothing_and_flows_back(text: str) -> None:
    text = text.strip()
    lines = wrap(text, 40)
    assert "".join(reflow("\n".join(lines))) == text


@given(MIXED)
def test_a_wrapped_quotation_flows_back_without_its_marks_inside(text: str) -> None:
    text = text.strip()
    assert "".join(reflow("\n".join(wrap(text, 40, first="> ", then="> ")))) == f"> {text}".rstrip()


@given(MIXED)
def test_indented_lines_do_not_flow(text: str) -> None:
    assert not [line for line in wrap(text.strip(), 40, first="- ", then="  ") if line.endswith(" ")]


def test_a_list_item_is_one_line_again_when_a_letter_is_set_anew() -> None:
    words = "决定受理的，自受理之日起60个工作日内办结。" * 3
    lines = wrap(words, 40, first="1. ", then="   ")
    assert len(lines) > 2
    assert list(reflow("\n".join([*lines, "2. next"]))) == [f"1. {words}", "2. next"]
    english = wrap("one two three four five six seven eight nine ten", 20, first="- ", then="  ")
    assert list(reflow("\n".join(english))) == ["- one two three four five six seven eight nine ten"]


@given(MIXED)
def test_wrapped_lines_are_no_wider_than_asked(text: str) -> None:
    for line in wrap(text.strip(), 40, first="> ", then="> "):
        assert width(line.rstrip()) <= 40 or len(re.findall(r"[ 办理投诉企业]", line[2:].rstrip())) <= 2


@given(MIXED)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str) -> None:
    lines = wrap(text.strip(), 40)
    for line in lines[1:]:
        assert not line.startswith(("，", "。", "、", "》", "）", "”"))
    for line in lines[:-1]:
        assert not line.rstrip().endswith(("《", "（", "“"))


@given(st.text())
def test_cleaned_text_holds_no_control_or_override_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", once)
    assert clean(once) == once
    assert "\n" not in one_line(text)


def test_arabic_emoji_and_rare_characters_stay_as_they_are() -> None:
    for text in ("شكوى ضد الإدارة", "👩‍💼", "𠮷野家", "e\u0301"):
        assert clean(text) == text


@given(st.text(), st.integers(min_value=2, max_value=80))
def test_shortened_text_fits_its_columns(text: str, columns: int) -> None:
    assert width(shorten(text, columns)) <= columns


@pytest.mark.parametrize(
    ("days", "said"), [(-3, "3 late"), (-1, "1 late"), (0, "today"), (1, "1 left"), (9, "9 left")]
)
def test_what_is_left_of_a_limit_is_said_in_words(days: int, said: str) -> None:
    assert ENGLISH.left(LimitView("k", "l", date(2026, 12, 1), days, False, "")) == said


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1 KB"), (820_000, "820 KB"), (3_400_000, "3.4 MB")]
)
def test_sizes_are_said_as_people_read_them(size: int, said: str) -> None:
    assert ENGLISH.size(size) == said


def test_a_missing_word_of_our_own_is_an_error_and_a_missing_label_shows_its_key() -> None:
    assert ENGLISH.label("state", "unheard-of") == "unheard-of"
    with pytest.raises(KeyError):
        ENGLISH.word("unheard-of")
