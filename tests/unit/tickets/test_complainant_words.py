"""Which mails of complainants are one word to the desk, and that everything else is for a person to read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.commands_verbs import ALIASES
from mail_desk.tickets.complainant_words import FORMS, LONGEST, Asks, Said, read

EVERY = [(form, Said(asks, value)) for (asks, value), forms in FORMS.items() for form in forms]


@pytest.mark.parametrize(("form", "said"), EVERY)
def test_each_form_alone_is_understood(form: str, said: Said) -> None:
    assert read(form) == said
    assert read(f"  {form.upper()}。\n") == said


def test_no_form_stands_for_two_things() -> None:
    forms = [form for form, _ in EVERY]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize(
    ("words", "asks", "value"),
    [
        ("您好！\n请问进度？\n谢谢\n张三", Asks.STATUS, ""),
        ("Hello,\n\nstatus please.\n\nBest regards,\n张三", Asks.STATUS, ""),
        ("Dear Sir or Madam,\nWhat is the status?\nMany thanks", Asks.STATUS, ""),
        ("English please", Asks.LANGUAGE, "en"),
        ("请用中文，谢谢。", Asks.LANGUAGE, "zh"),
        ("尊敬的领导：\n我公司撤回投诉。\n此致\n敬礼", Asks.WITHDRAW, ""),
        ("We withdraw our complaint.\n\nKind regards", Asks.WITHDRAW, ""),
        ("“确认撤回”", Asks.CONFIRM, ""),
        ("Revoke.", Asks.REVOKE, ""),
        ("５分", Asks.RATE, "5"),
        ("★★★☆☆", Asks.RATE, "3"),
        ("不满意。", Asks.RATE, "2"),
    ],
)
def test_greeting_thanks_and_name_change_nothing(words: str, asks: Asks, value: str) -> None:
    assert read(words, "张三") == Said(asks, value)


@pytest.mark.parametrize(
    "words", ["2026-0001 进度", "进度 2026-0001", "status of 2026-0001", "进度：2026-0001"]
)
def test_a_number_beside_the_word_names_the_ticket(words: str) -> None:
    assert read(words) == Said(Asks.STATUS, "", "2026-0001")


@pytest.mark.parametrize(
    "words",
    [
        "",
        "谢谢",
        "您好",
        "收到",
        "请问进度如何？我们已经等了三周，生产受到影响。",
        "我们不撤回，请继续办理。",
        "我不满意这个结果。",
        "如果不解决，我们撤回投资。",
        "撤回吗？",
        "withdraw?",
        "5?",
        "We may withdraw our complaint if the permit is granted.",
        "Yes, but please explain.",
        "不确认撤回",
        "进度 2026-0001 和 2026-0002",
        "5个工作日",
        "1. 请补充说明",
        "确认收到",
        "#受理",
        "#withdraw M12",
        "撤回投诉\n\n但是请先答复我们的问题",
    ],
)
def test_whoever_says_more_or_something_else_is_read_by_a_person(words: str) -> None:
    assert read(words) is None


@given(
    form=st.sampled_from([form for form, _ in EVERY]),
    more=st.text(
        alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
        | st.sampled_from("abcdefgh0123 \n"),
        min_size=4,
        max_size=60,
    ),
    before=st.booleans(),
)
def test_a_form_inside_a_longer_text_is_never_taken_for_it(form: str, more: str, before: bool) -> None:
    if not any(c.isalpha() for c in more):
        return
    words = f"{more}\n{form}" if before else f"{form}\n{more}"
    said = read(words)
    # Where the rest happens to be courtesy or a form itself, nothing else can have been meant.
    assert said is None or read(more) is not None or not _says_more(more)


def _says_more(text: str) -> bool:
    """Say whether words are more than greeting, courtesy or asking nicely."""
    courtesies = (
        "请",
        "谢",
        "感",
        "好",
        "辛苦",
        "麻烦",
        "领导",
        "老师",
        "敬",
        "吧",
        "一下",
        "thank",
        "best",
        "hi",
        "dear",
    )
    return not any(c in text for c in courtesies)


@given(st.text(max_size=400))
def test_any_text_gives_an_answer_and_a_long_one_none(text: str) -> None:
    said = read(text)
    assert said is None or isinstance(said, Said)
    if len(text.strip()) > LONGEST:
        assert said is None


@given(st.sampled_from([form for form, _ in EVERY]), st.text(alphabet="xyzw", min_size=1, max_size=8))
def test_a_form_glued_to_other_letters_is_no_form(form: str, tail: str) -> None:
    assert read(form + tail) is None
    assert read(tail + form) is None


def test_the_grammar_of_staff_is_no_part_of_it() -> None:
    """Of the verbs of staff a complainant has none, but for words that mean its own withdrawal or question."""
    own = {form for form, _ in EVERY}
    shared = {alias for alias in ALIASES if alias in own}
    assert all(read(alias) is None for alias in ALIASES if alias not in own and f"#{alias}" not in own)
    assert all(read(f"#{alias}") is None for alias in shared), "a command mark makes it no form"


def test_the_document_names_forms_that_are_understood_and_every_thing_that_can_be_asked() -> None:
    text = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
    section = text.split("## What complainants may write", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([a-z]+)` \| ([^|]+) \| ([^|]+) \|", section, re.MULTILINE)
    assert {asks for asks, _, _ in rows} == {asks.value for asks in Asks}
    for asks, chinese, english in rows:
        for form in re.split(r" · | … |`", f"{chinese}·{english}".replace("·", " · ")):
            if form.strip(" ·…"):
                said = read(form.strip())
                assert said is not None, form
                assert said.asks.value == asks
