"""Which language to answer in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound.language import detect


@pytest.mark.parametrize(
    "text",
    [
        "同意",
        "阅",
        "您好，我公司 ABC Machinery Co., Ltd. 的许可证被拖延。",
        "请看附件 invoice.pdf，谢谢",
        "OK，收到",
        "訴願書如附件",
        "已阅。Thanks",
    ],
)
def test_chinese_is_recognised(text: str) -> None:
    assert detect(text) == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "Thanks",
        "We complain about the customs office.",
        "Dear Sir or Madam, our joint venture 洛阳某某公司 has waited for its licence for three months.",
        "Please see https://例子.cn and reply",
        "Naïve question: is the café licence ready?",
    ],
)
def test_english_is_recognised(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "12345",
        "a@b.com",
        "http://example.com/a",
        "Müller GmbH",
        "Добрый день",
        "よろしくお願いします",
        "안녕하세요",
        "🎉",
    ],
)
def test_what_cannot_be_told_is_left_open(text: str) -> None:
    assert detect(text) is None


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    assert detect(text) in ("zh", "en", None)
