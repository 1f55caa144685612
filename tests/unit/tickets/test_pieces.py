"""Which mails look like one more piece of materials, and how alike texts are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.pieces import looks
from mail_desk.tickets.similarity import alike, pairs, share

TICKET = "关于某街道办停水停电影响生产的投诉"


@pytest.mark.parametrize(
    "subject",
    [
        "材料2", "材料二", "补充材料（二）", "补充证据", "证据 3", "附件2：合同", "第二批材料", "补交营业执照", "投诉材料(2/3)",
        "材料第二部分", "（三）", "2/3", "part 2/3", "Part 2 of 3", "Documents 2", "Additional evidence", "supplement",
        "missing documents", "Attachment #4",
    ],
)  # fmt: skip
def test_a_numbered_or_supplementary_subject_is_a_piece_whatever_its_words(subject: str) -> None:
    assert looks(subject, "说明" * 200, TICKET) == "series"


@pytest.mark.parametrize("behind", ["2", "（2）", "-二", " 第2封", "_03", "(二)"])
def test_the_same_subject_with_a_number_is_a_piece(behind: str) -> None:
    assert looks(TICKET + behind, "说明" * 200, TICKET) in ("same-subject", "series")
    assert looks(TICKET + behind, "说明" * 200, TICKET + "1") in ("same-subject", "series")


@pytest.mark.parametrize("subject", ["", "执照.pdf", "IMG_0931", "发票", TICKET])
@pytest.mark.parametrize("words", ["", "您好，见附件，谢谢！", "Please find attached.", "营业执照复印件"])
def test_files_with_hardly_a_word_are_a_piece(subject: str, words: str) -> None:
    assert looks(subject, words, TICKET) == "bare"


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("关于海关查验迟延的投诉", "见附件"),
        ("举报信", ""),
        ("Complaint about customs", "see attached"),
        ("发票", "我公司另有一事反映：" + "海关查验迟延，已造成停工，请予协调。" * 5),
        ("2026年9月30日以前的合同", "我公司另有一事反映：" + "海关查验迟延，已造成停工，请予协调。" * 5),
        ("投诉2", "我公司另有一事反映：" + "海关查验迟延，已造成停工，请予协调。" * 5),
    ],
)
def test_a_matter_of_its_own_is_no_piece(subject: str, words: str) -> None:
    assert looks(subject, words, TICKET) == ""


@given(st.text(), st.text(), st.text())
def test_any_words_are_answered(subject: str, words: str, of_subject: str) -> None:
    assert looks(subject, words, of_subject) in ("", "series", "same-subject", "bare")


LONG = (
    "我公司系德国独资企业，街道办事处以环境整治为由对厂区停水停电，未出具任何书面文件，已造成两条生产线停产。"
)


def test_a_text_sent_again_with_another_greeting_is_alike_and_another_matter_is_not() -> None:
    again = pairs(f"尊敬的领导：\n  {LONG.replace('，', ', ')} 谢谢")
    assert alike(pairs(LONG), again)
    assert not alike(
        pairs(LONG), pairs("我公司在海关查验中遇到迟延，货物滞港二十天，产生滞箱费，请予以协调解决为盼。")
    )
    assert not alike(pairs("见附件"), pairs("请见附件"))
    assert not alike(pairs(""), pairs(""))


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_from_both_sides(a: str, b: str) -> None:
    one, two = pairs(a), pairs(b)
    assert 0 <= share(one, two) == share(two, one) <= 1
    assert share(one, one) in (0, 1)
