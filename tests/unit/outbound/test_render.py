"""Every letter in every language: whole, safe, small, and the same in text and HTML."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail_desk.outbound import help_card, preview, samples
from mail_desk.outbound import letters as l
from mail_desk.outbound.letters import KINDS, Letter, LetterKind, Rendered
from mail_desk.outbound.render import MARK, Renderer, expects_reply
from mail_desk.outbound.wording import LANGUAGES, width
from mail_desk.tickets.commands_verbs import VERBS

TEMPLATES = Path(__file__).parents[3] / "templates"
ZONE = ZoneInfo("Asia/Shanghai")
RENDERER = Renderer([TEMPLATES], preview.OFFICE, ZONE)
ALL = [
    pytest.param(letter, number, id=f"{kind}-{language}-{number}")
    for kind in LetterKind
    for language in LANGUAGES
    for number, letter in enumerate(samples.letters(kind, language), 1)
]
every_letter = pytest.mark.parametrize(("letter", "number"), ALL)


@cache
def rendered(letter: Letter, number: int = 1) -> Rendered:
    return preview.render(RENDERER, letter, number)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def sample(kind: LetterKind, language: Any = "zh", number: int = 0) -> Letter:
    return list(samples.letters(kind, language))[number]


def hostile(text: str) -> Letter:
    """A letter to staff in which everything a stranger chooses is `text`."""
    letter = sample(LetterKind.NEW_TICKET)
    context = letter.context
    assert isinstance(context, l.NewTicketContext)
    ticket = replace(context.ticket, subject=text, complainant=text, enterprise=text, telephone=text)
    file = l.FileView(text, 10, True)
    return replace(
        letter,
        to_name=text,
        context=replace(context, ticket=ticket, words=text, files=(file,), warnings=(text,)),
    )


class _Page(HTMLParser):
    """What a browser would see: tags with attributes, and visible text by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "title", "thead"):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "title", "thead"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data)


def page(html: str) -> _Page:
    reader = _Page()
    reader.feed(html)
    return reader


def squeezed(text: str) -> str:
    """Without white space and without the marks that only lay out a text part."""
    return re.sub(r"[\s>│┌└─=*\u00a0-]+", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_has_a_template_and_a_sample_in_every_language(kind: LetterKind, language: Any) -> None:
    assert (TEMPLATES / language / f"{kind}.j2").is_file()
    assert list(samples.letters(kind, language))


@every_letter
def test_a_subject_begins_with_the_tag_in_ascii_brackets_and_says_something(
    letter: Letter, number: int
) -> None:
    done = rendered(letter, number)
    assert done.subject.startswith("[K7Q2M4XW3P] ")
    assert 4 < width(done.subject.removeprefix("[K7Q2M4XW3P] ")) <= 110


@every_letter
def test_the_bytes_read_back_as_the_letter_with_any_mail_client(letter: Letter, number: int) -> None:
    done = rendered(letter, number)
    message = parsed(done.raw)
    assert not message.defects
    assert message["Subject"] == done.subject
    assert message["From"].addresses[0].addr_spec == preview.ADDRESS
    assert message["From"].addresses[0].display_name == preview.SENDERS[letter.language][0]
    assert message["To"].addresses[0].addr_spec == letter.to_address
    assert message["To"].addresses[0].display_name == letter.to_name
    assert message["Message-ID"] == f"<sample.{letter.kind}.{letter.language}.{number}@example.org>"
    assert message["In-Reply-To"] == "<first@example.com>"
    assert message["References"] == "<first@example.com>"
    assert message["Date"].datetime == samples.TODAY
    assert message["Date"].datetime.utcoffset() == samples.TODAY.astimezone(ZONE).utcoffset()
    assert message["Content-Language"] == ("zh-CN" if letter.language == "zh" else "en")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    unstuffed = re.sub(r"^ ", "", text.get_content().replace("\r\n", "\n"), flags=re.MULTILINE)
    assert unstuffed == done.text.rstrip("\n") + "\n"
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == done.html.rstrip("\n")


@every_letter
def test_every_byte_of_a_letter_is_ascii_in_short_lines_ended_by_crlf(letter: Letter, number: int) -> None:
    raw = rendered(letter, number).raw
    raw.decode("ascii")
    assert b"\r\n" in raw
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 100


@every_letter
def test_automatic_letters_say_so_and_written_ones_do_not(letter: Letter, number: int) -> None:
    message = parsed(rendered(letter, number).raw)
    spec = KINDS[letter.kind]
    if spec.auto == "no":
        assert message["Auto-Submitted"] is None
        assert message["X-Auto-Response-Suppress"] is None
    else:
        assert message["Auto-Submitted"] == spec.auto
        assert message["X-Auto-Response-Suppress"] == "All"


@every_letter
def test_html_is_small_and_loads_nothing(letter: Letter, number: int) -> None:
    html = rendered(letter, number).html
    assert len(html.encode()) < 60_000
    reader = page(html)
    for tag, attributes in reader.tags:
        assert tag not in ("script", "link", "img", "iframe", "form", "input", "object", "svg", "base")
        assert not any(
            name.startswith("on") or name in ("src", "background", "srcset") for name in attributes
        )
        if tag == "a":
            assert (attributes["href"] or "").startswith("mailto:")
    assert "url(" not in html
    assert "@import" not in html
    assert "http:" not in html
    assert "https:" not in html


@every_letter
def test_html_declares_language_colour_schemes_and_viewport(letter: Letter, number: int) -> None:
    tags = page(rendered(letter, number).html).tags
    assert ("html", {"lang": "zh-CN" if letter.language == "zh" else "en"}) in tags
    metas = {attributes.get("name"): attributes.get("content") for tag, attributes in tags if tag == "meta"}
    assert metas["color-scheme"] == "light dark"
    assert metas["viewport"] == "width=device-width, initial-scale=1"


@every_letter
def test_everything_html_says_the_text_says_too(letter: Letter, number: int) -> None:
    """But for the preheader (the letter's own words), the office's name as a head and heads of tables."""
    done = rendered(letter, number)
    text = squeezed(done.text)
    office = preview.OFFICE.name_zh if letter.language == "zh" else preview.OFFICE.name_en
    said = [squeezed(words) for words in page(done.html).words[1:]]
    missing = [words for words in said if words not in text and words != squeezed(office)]
    assert missing == []


@every_letter
def test_a_letter_that_expects_a_reply_opens_with_the_mark_in_both_parts(letter: Letter, number: int) -> None:
    done = rendered(letter, number)
    assert (MARK in done.text.split("\n")[0]) is expects_reply(letter.kind)
    assert done.text.count(MARK) == done.html.count(MARK) == (1 if expects_reply(letter.kind) else 0)


@every_letter
def test_text_lines_keep_to_76_columns(letter: Letter, number: int) -> None:
    for line in rendered(letter, number).text.split("\n"):
        assert width(line.rstrip()) <= 76 or " " not in line.strip(), line


@every_letter
def test_choices_stand_in_text_by_number_and_in_html_as_short_ascii_mailto_links(
    letter: Letter, number: int
) -> None:
    done = rendered(letter, number)
    shown = {choice.number: choice for choice in letter.choices} | {
        choice.number: choice
        for item in (*getattr(letter.context, "items", ()), *getattr(letter.context, "overdue", ()))
        for choice in item.choices
    }
    links = [attributes["href"] or "" for tag, attributes in page(done.html).tags if tag == "a"]
    bodies = set()
    for link in links:
        assert len(link) <= 500
        assert link.isascii()
        parts = urlsplit(link)
        assert parts.path == preview.ADDRESS
        query = parse_qs(parts.query, keep_blank_values=True)
        assert query["subject"] == ["Re: [K7Q2M4XW3P]"]
        bodies.add(query["body"][0])
    assert {f"{n} " if c.needs_words else str(n) for n, c in shown.items()} <= bodies
    for n, choice in shown.items():
        typed = f"{n} …" if choice.needs_words else str(n)
        assert re.search(rf"^ +{typed} = ", done.text, re.MULTILINE), choice


@every_letter
def test_the_same_arguments_give_the_same_bytes(letter: Letter, number: int) -> None:
    again = Renderer([TEMPLATES], preview.OFFICE, ZONE)
    assert preview.render(again, letter, number).raw == rendered(letter, number).raw


@pytest.mark.parametrize("language", LANGUAGES)
def test_outward_letters_name_neither_staff_nor_the_categories_they_use(language: Any) -> None:
    inside = {"zh": ("王芳", "李明", "陈科长", "行政执法"), "en": ("Wang Fang", "Li Ming", "Chen Jun")}[
        language
    ]
    for kind in LetterKind:
        if KINDS[kind].audience.outward:
            for letter in samples.letters(kind, language):
                done = rendered(letter)
                assert not [name for name in inside if name in done.text or name in done.html], kind


@pytest.mark.parametrize("kind", [LetterKind.REFUSAL, LetterKind.RESULT])
def test_refusal_and_result_name_the_higher_body_for_an_objection(kind: LetterKind) -> None:
    assert preview.OFFICE.higher_body_zh in rendered(sample(kind)).text
    assert preview.OFFICE.higher_body_en in rendered(sample(kind, "en")).text


def test_a_provisional_date_is_marked_wherever_it_is_shown_and_explained_once() -> None:
    done = rendered(sample(LetterKind.ACCEPTANCE))
    assert "2027年2月24日（暂定）" in done.text
    assert done.text.count("2027年2月24日") == done.text.count("2027年2月24日（暂定）")
    assert done.text.count("节假日安排") == 1
    english = rendered(sample(LetterKind.ACCEPTANCE, "en")).text
    assert "24 February 2027 (provisional)" in " ".join(english.split())


def test_a_certain_date_is_not_marked_provisional() -> None:
    assert "暂定" not in rendered(sample(LetterKind.RECEIPT)).text


def test_the_receipt_says_the_number_the_one_known_date_and_the_rules() -> None:
    text = " ".join(rendered(sample(LetterKind.RECEIPT, "en")).text.split())
    for words in (
        "2026-0123", "By 1 December 2026 we tell you", "60 working days run from the day of acceptance",
        preview.OFFICE.rules_en, "administrative reconsideration", "Article 31", "with the files attached",
    ):  # fmt: skip
        assert words in text


def test_the_receipt_lists_the_files_received_and_does_not_speak_of_enclosing_them() -> None:
    letter = sample(LetterKind.RECEIPT)
    assert isinstance(letter.context, l.ReceiptContext)
    files = (l.FileView("变更申请.pdf", 69_000, False),)
    text = rendered(replace(letter, context=replace(letter.context, files=files))).text
    assert "- 变更申请.pdf (69 KB)\n" in text
    assert "未随本信附上" in rendered(sample(LetterKind.NEW_TICKET)).text


def test_chinese_words_in_an_english_letter_are_announced_as_authoritative() -> None:
    for kind in (LetterKind.EXTENSION, LetterKind.REFUSAL, LetterKind.RESULT, LetterKind.MATERIALS_REQUEST):
        english = sample(kind, "en")
        assert "authoritative" not in rendered(english).text
        words: dict[str, Any] = {"words": "需要税务、财政两部门会商退税资金。"}  # each of the four has them
        chinese = replace(english, context=replace(english.context, **words))
        assert "authoritative" in rendered(chinese).text


def test_the_leader_is_told_that_silence_does_not_extend() -> None:
    assert "不回复不等于同意" in rendered(sample(LetterKind.APPROVAL_REQUEST)).text
    assert "Silence is not approval" in rendered(sample(LetterKind.APPROVAL_REQUEST, "en")).text


def test_an_english_reader_of_a_chinese_answer_learns_which_text_is_authoritative() -> None:
    letter = sample(LetterKind.REPLY, "en")
    assert "authoritative" in rendered(letter).text
    assert isinstance(letter.context, l.ReplyContext)
    plain = replace(letter, context=replace(letter.context, chinese_authoritative=False))
    assert "authoritative" not in rendered(plain).text


def test_a_transcript_shows_each_line_with_its_mark_the_change_and_until_when_undo_works() -> None:
    text = rendered(sample(LetterKind.TRANSCRIPT)).text
    assert "✓ #受理" in text
    assert "✗ #延其 30" in text
    assert "审查中 → 办理中" in text
    assert "2026年11月23日 09:45（北京时间）前可以撤销" in text


def test_a_letter_inside_a_transcript_is_shown_in_full_but_for_the_reply_mark() -> None:
    done = rendered(sample(LetterKind.TRANSCRIPT))
    assert "根据《外商投资企业投诉工作办法》，现决定予以受理" in re.sub(
        r"[\n│] ?| $", "", done.text, flags=re.MULTILINE
    )
    assert "根据《外商投资企业投诉工作办法》，现决定予以受理" in done.html


def test_the_help_card_lists_every_verb_of_the_reader() -> None:
    both = (samples.letters(LetterKind.TRANSCRIPT, lang) for lang in ("zh", "en"))
    chinese, english = (
        rendered(next(x for x in found if getattr(x.context, "help_card", False))).text for found in both
    )
    for verb in help_card.verbs_of("handler"):
        assert f"#{VERBS[verb].zh[0]}" in squeezed(chinese)
        assert f"#{verb}" in english


HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "# heading\n## another\n---\n::: alert\nboo\n:::\n- item\n1. item",
    "**bold** `code` \\\n{{ office }} {% raw %}",
    "a\r\nBcc: victim@example.com\r\n\r\nbody",
    "\ue0000\ue001 \ue0005\ue001",
    "invoice\u202efdp.exe \u2066x\u2069",
    '" onmouseover="x" style="display:none',
    "]] > <!-- --> <![endif]--> &lt;b&gt;",
    "\x00\x07\x1b[31mred\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_a_stranger_form_no_markup_header_or_html(text: str) -> None:
    plain, attacked = rendered(hostile("harmless")), rendered(hostile(text))
    tags = [tag for tag, _ in page(plain.html).tags if tag != "br"]
    assert [tag for tag, _ in page(attacked.html).tags if tag != "br"] == tags
    message = parsed(attacked.raw)
    assert message.keys() == parsed(plain.raw).keys()
    assert not message.defects
    for part in (attacked.subject, attacked.text, attacked.html):
        assert not re.search(
            "[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ue000\ue001]", part
        )
    assert "\n" not in attacked.subject


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_no_words_whatever_change_the_structure_of_a_letter(text: str) -> None:
    message = parsed(rendered(hostile(text)).raw)
    assert not message.defects
    assert message.keys() == parsed(rendered(hostile("x")).raw).keys()
    expected = " ".join(message["Subject"].split())
    assert expected.startswith("[K7Q2M4XW3P]")


def test_a_very_long_complaint_is_shortened_and_says_so_and_an_answer_never_is() -> None:
    done = rendered(hostile("投诉" * 50_000))
    assert len(done.html.encode()) < 100_000
    assert "88000 字未显示" in done.text
    letter = sample(LetterKind.REPLY)
    assert isinstance(letter.context, l.ReplyContext)
    answer = "答复" * 20_000
    assert answer in rendered(replace(letter, context=replace(letter.context, words=answer))).html


def test_a_worklist_of_hundreds_stays_small_and_says_how_many_are_not_shown() -> None:
    letter = sample(LetterKind.WORKLIST)
    assert isinstance(letter.context, l.WorklistContext)
    item = letter.context.overdue[0]
    items = tuple(replace(item, ticket=replace(item.ticket, number=f"2026-{n:04}")) for n in range(1, 301))
    done = rendered(
        replace(
            letter,
            context=replace(
                letter.context,
                overdue=items,
                due_soon=items,
                waiting_mails=letter.context.waiting_mails * 100,
            ),
        )
    )
    assert len(done.html.encode()) < 100_000
    assert "2026-0056" in done.text
    assert "2026-0057" not in done.text
    for unseen in (244, 300, 200):
        assert f"另有 {unseen} 件未列出" in done.text


def test_dates_are_those_of_the_desk_and_not_of_utc() -> None:
    late = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # 01:30 on the 24th in Beijing
    done = RENDERER.render(
        sample(LetterKind.REPLY),
        sender=("x", "desk@example.org"),
        message_id="a@b",
        tag="K7Q2M4XW3P",
        date=late,
    )
    assert "2026年11月24日" in done.text


def test_a_subject_holds_one_tag_even_where_a_stranger_wrote_another() -> None:
    done = rendered(hostile("[ZZZZZZZZZZ] Re: [YYYYYYYYYY] x"))
    assert re.findall(r"\[[A-Za-z0-9]{10}\]", done.subject) == ["[K7Q2M4XW3P]"]
    assert "(ZZZZZZZZZZ)" in done.subject


@every_letter
def test_the_tag_of_another_letter_is_not_shown(letter: Letter, number: int) -> None:
    assert "Q3M8R2TX5V" not in rendered(letter, number).html


def test_a_long_subject_is_cut_and_the_letter_still_holds_it_whole() -> None:
    subject = "很长的主题" * 45
    done = rendered(hostile(subject))
    assert width(done.subject) <= 130
    assert done.subject.endswith("…")
    assert subject in done.html


def test_an_unknown_state_is_shown_as_it_is_and_stops_no_letter() -> None:
    letter = sample(LetterKind.NEW_TICKET)
    assert isinstance(letter.context, l.NewTicketContext)
    ticket = replace(letter.context.ticket, state="awaiting-the-moon")
    assert (
        "awaiting-the-moon" in rendered(replace(letter, context=replace(letter.context, ticket=ticket))).text
    )


def test_a_letter_to_nobody_in_particular_still_addresses_somebody() -> None:
    for language in LANGUAGES:
        letter = replace(sample(LetterKind.RECEIPT, language), to_name="")
        done = rendered(letter)
        assert ("来信人：" if language == "zh" else "Dear Sir or Madam,") in done.text
        assert parsed(done.raw)["To"].addresses[0].addr_spec == letter.to_address


def test_formal_chinese_notices_have_title_addressee_indented_body_office_and_date() -> None:
    lines = [line for line in rendered(sample(LetterKind.ACCEPTANCE)).text.split("\n") if line.strip()]
    order = [
        next(n for n, line in enumerate(lines) if line.strip().startswith(start))
        for start in (
            "投诉受理通知书",
            "投诉编号",
            "安娜·凯勒：",
            "您2026年",
            preview.OFFICE.signature_zh,
            "2026年11月23日",
        )
    ]
    assert all(first < second for first, second in pairwise(order))
    assert lines[order[3]].startswith("　　")
    assert lines[order[4]].startswith(" " * 20)


def test_a_worklist_with_nothing_on_it_says_so() -> None:
    done = rendered(sample(LetterKind.WORKLIST, "zh", 1))
    assert "没有到期事项" in done.subject
    assert "0379-5550 0100" in done.text


def test_the_unread_month_names_match_the_calendar() -> None:
    wording = RENDERER._wordings["en"]
    assert wording.day(date(2026, 11, 23)) == "23 November 2026"
    assert RENDERER._wordings["zh"].day(date(2026, 11, 23)) == "2026年11月23日"
    assert wording.weekday(date(2026, 11, 23)) == "Monday"


def test_a_link_too_long_for_a_client_leaves_out_its_body() -> None:
    from mail_desk.outbound.components import Components

    components = Components(RENDERER._wordings["en"], address="desk@example.org", tag="K7Q2M4XW3P")
    assert unquote(components.link("1")).endswith("body=1")
    assert "body" not in components.link("字" * 60)
