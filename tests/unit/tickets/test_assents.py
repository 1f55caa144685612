"""A yes is one word; anything beside it is a mail that somebody has to read."""

from __future__ import annotations

import pytest

from mail_desk.tickets.assents import says_yes


@pytest.mark.parametrize(
    "words",
    [
        "同意",
        "同意。",
        " 同意！谢谢",
        "是",
        "是的",
        "是我的",
        "我公司同意",
        "您好，同意。",
        "Yes",
        "yes, thanks",
        "OK",
        "I agree.",
        "同意\n\n安娜·凯勒",
        "ＹＥＳ",
    ],
)
def test_a_plain_yes(words: str) -> None:
    assert says_yes(words, "安娜·凯勒")


@pytest.mark.parametrize(
    "words",
    [
        "",
        "不同意",
        "不是",
        "同意吗",
        "同意，但是先给我看",
        "同意书已寄出",
        "yes but not the files",
        "no",
        "是谁？",
        "1",
        "好像是",
        "不 同意",
    ],
)
def test_anything_else_is_none(words: str) -> None:
    assert not says_yes(words, "安娜·凯勒")
