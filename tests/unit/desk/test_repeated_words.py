"""Which words of one text stand in another, whatever line ends and punctuation do to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mail_desk.desk.repeated_words import LEAST, common_run

SECRET = "该企业法定代表人涉嫌提供虚假材料，我局正在立案调查，请勿外传。"


def test_a_pasted_sentence_is_found_across_line_ends_and_other_punctuation() -> None:
    pasted = "您好：\n" + SECRET.replace("，", ",\n> ") + "\n特此答复。"
    assert common_run(pasted, SECRET).startswith("该企业法定代表人涉嫌提供虚假材料我局正在立案调查")


def test_a_few_words_in_common_prove_nothing() -> None:
    assert common_run("您好，市场监管局已经办结贵公司的申请。", SECRET) == ""
    assert common_run("Thank you for your letter of 3 March.", "Thank you for your letter of 4 March.") == ""


def test_a_long_run_of_latin_letters_counts() -> None:
    said = "the representative is suspected of having supplied forged documents"
    assert common_run(f"We heard that {said}.", f"Please note: {said}!") != ""


@given(st.text(alphabet="甲乙丙丁", max_size=80), st.text(alphabet="甲乙丙丁", max_size=80))
def test_a_run_that_is_found_stands_in_the_words(ours: str, theirs: str) -> None:
    run = common_run(ours, theirs)
    assert run in ours
    shared = any(ours[i : i + LEAST] in theirs for i in range(len(ours) - LEAST + 1))
    assert bool(run) is shared
