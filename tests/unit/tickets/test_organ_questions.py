"""References of questions to organs as people write them, and what the words of a question say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.organ_questions import (
    Reference,
    next_nth,
    questions,
    read,
    references_in,
)

SECOND = Reference("2026-0003", 2)
WHEN = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "征2026-0003-2", "关于征２０２６－０００３－２的复函", "徵2026—0003—2", "征 2026-3-2", "Q2026-0003-2", "q 2026 - 0003 - 2",
        "scan_2026_0003_2.pdf", "征2026_0003_2回函.pdf", "回复：[ABCDEFGHIJ] 关于商请提供有关情况的函（征2026-0003-2）", "2026-0003-2",
        "陈2026-0003-2", "S2026-0003-2", "贵单位征2026-0003-2号函收悉", "Re: our Q2026–0003–2, statement",
    ],
)  # fmt: skip
def test_a_reference_is_recognised_however_it_is_written(text: str) -> None:
    assert references_in(text) == [SECOND]


@pytest.mark.parametrize(
    "text",
    [
        "2026-3-2", "2026-0003", "征2026-0003", "2026-0003-2-1", "2026-03-02", "FAQ2026-0003-2", "0379-2026-0003-2",
        "征2026-0003-0", "62026-0003-2", "",
    ],
)  # fmt: skip
def test_a_date_a_ticket_or_a_longer_number_is_no_reference(text: str) -> None:
    assert references_in(text) == []


@given(
    st.integers(2000, 2099),
    st.integers(1, 999_999),
    st.integers(1, 999),
    st.sampled_from(["zh", "en"]),
    st.booleans(),
)
def test_what_letters_print_is_recognised_again(
    year: int, n: int, nth: int, language: str, respondent: bool
) -> None:
    reference = Reference(f"{year}-{n:04d}", nth)
    spoken = reference.spoken("zh" if language == "zh" else "en", respondent=respondent)
    assert references_in(f"关于{spoken}号函的复函") == [reference]
    assert references_in(f"{spoken}.pdf") == [reference]
    assert references_in(f"answer to {spoken}, with a scan") == [reference]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    for reference in references_in(text):
        assert reference.nth > 0
    asking = read(text)
    assert len(asking.words) <= len(text)


@pytest.mark.parametrize(
    ("typed", "words", "days"),
    [
        ("5个工作日内请说明退税进展", "请说明退税进展", 5),
        ("5个工作日内，请说明", "请说明", 5),
        ("（五个工作日内）请说明", "请说明", 5),
        ("15个工作日：\n请说明", "请说明", 15),
        ("请在3个工作日内答复，说明原因", "说明原因", 3),
        ("请说明\n期限：8个工作日", "请说明", 8),
        ("within 5 working days: please say", "please say", 5),
        ("5 working days\nPlease tell us", "Please tell us", 5),
        ("请说明为何未在5个工作日内退税", "请说明为何未在5个工作日内退税", None),
        ("5个工作日未退税是何原因？", "5个工作日未退税是何原因？", None),
        ("请说明：\n5个工作日内未退税的依据", "请说明：\n5个工作日内未退税的依据", None),
    ],
)  # fmt: skip
def test_a_time_is_taken_only_from_the_beginning_or_a_line_of_its_own(
    typed: str, words: str, days: int | None
) -> None:
    asking = read(typed)
    assert (asking.words, asking.days) == (words, days)


def test_more_working_days_than_may_be_given_are_noticed() -> None:
    assert read("100个工作日内请说明").too_long
    assert not read("60个工作日内请说明").too_long


@pytest.mark.parametrize(
    ("typed", "words", "files"),
    [
        ("请说明。\n附件：a.pdf、b.docx", "请说明。", ("a.pdf", "b.docx")),
        ("请说明。\n附件 2", "请说明。", ("2",)),
        ("请说明。\n附件1、3", "请说明。", ("1", "3")),
        ("attach: contract.pdf\nPlease tell us", "Please tell us", ("contract.pdf",)),
        ("请说明\n附件: 变更 申请表.pdf", "请说明", ("变更 申请表.pdf",)),
        ("附件三第二条规定了什么？", "附件三第二条规定了什么？", ()),
        ("附件规定是什么", "附件规定是什么", ()),
        ("请说明附件：一事", "请说明附件：一事", ()),
    ],
)
def test_files_are_named_in_a_line_of_their_own(typed: str, words: str, files: tuple[str, ...]) -> None:
    asking = read(typed)
    assert (asking.words, asking.files) == (words, files)


def story(*what: e.Event) -> list[Recorded]:
    return [Recorded(n, WHEN, WHEN, "wang", event) for n, event in enumerate(what, start=1)]


def asked(organ: str = "tax") -> e.Asked:
    return e.Asked(organ, 1, "2026-03-16")


def test_a_question_is_open_until_an_answer_is_recorded() -> None:
    told = story(asked(), asked(), e.AnswerSeen("2026-0003-2", 7, "token"))
    first, second = questions(told, "2026-0003")
    assert (first.open, second.open, second.seen) == (True, True, (7,))
    told += story(*[e.Closed()] * 3, e.OrganAnswered("2026-0003-2", 7))[3:]
    first, second = questions(told, "2026-0003")
    assert (first.open, second.open, second.seen) == (True, False, ())


def test_a_number_is_never_given_twice() -> None:
    told = story(asked(), e.Undone((1,)), asked())
    assert [q.reference.nth for q in questions(told, "2026-0003")] == [2]
    assert next_nth(told) == 3


def test_a_mail_said_to_be_none_waits_no_longer() -> None:
    told = story(asked(), e.AnswerSeen("2026-0003-1", 7, "domain"), e.NotAnswer(7))
    (question,) = questions(told, "2026-0003")
    assert question.open
    assert question.seen == ()


def test_a_mail_that_names_two_questions_may_answer_both_and_one_that_names_none_only_one() -> None:
    for why, left in (("reference", (7,)), ("domain", ())):
        seen = [e.AnswerSeen(f"2026-0003-{n}", 7, why) for n in (1, 2)]
        told = story(asked(), asked(), *seen, e.OrganAnswered("2026-0003-1", 7))
        assert questions(told, "2026-0003")[1].seen == left


def test_an_event_from_before_questions_had_dates_is_still_read() -> None:
    old = e.from_data("Asked", {"organ": "tax", "words": 4})
    (question,) = questions(story(old), "2026-0003")
    assert question.answer_by is None
    assert question.open
