"""How and when something was done outside the mailbox, and which answers only say that a letter arrived."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.confirmations import confirms
from mail_desk.tickets.spoken_ways import Spoken, approval, delivery

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("邮寄", Spoken("post", TODAY, "")),
        ("邮寄 11月20日 EMS123", Spoken("post", date(2026, 11, 20), "EMS123")),
        ("11月20日 当面 张三签收", Spoken("hand", date(2026, 11, 20), "张三签收")),
        ("于11月20日邮寄", Spoken("post", date(2026, 11, 20), "")),
        ("电话：昨天，接电话的是李经理", Spoken("phone", date(2026, 11, 22), "接电话的是李经理")),
        ("by hand 20 Nov", Spoken("hand", date(2026, 11, 20), "")),
        ("post 2026-11-20", Spoken("post", date(2026, 11, 20), "")),
        ("ＥＭＳ 11月20日", Spoken("post", date(2026, 11, 20), "")),
        ("邮寄 明天", Spoken("post", date(2026, 11, 24), "")),
        ("托人带去", None),
        ("", None),
        ("11月20日", None),
    ],
)
def test_a_delivery_says_how_and_when(typed: str, expected: Spoken | None) -> None:
    assert delivery(typed, TODAY) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("口头 11月20日 同意延期", Spoken("oral", date(2026, 11, 20), "同意延期")),
        ("昨天书面", Spoken("paper", date(2026, 11, 22), "")),
        ("orally yesterday", Spoken("oral", date(2026, 11, 22), "")),
        ("同意", None),
    ],
)
def test_an_approval_says_how_and_when(typed: str, expected: Spoken | None) -> None:
    assert approval(typed, TODAY) == expected


@pytest.mark.parametrize(
    "words",
    [
        "收到", "已收到。", "收到，谢谢！", "您好，通知书已收到，谢谢。", "我公司已收悉。", "确认收到", "Received", "received, thanks",
        "Dear Sir, we have received your letter. Best regards", "Confirmed.", "收到\n\n张三",
    ],
)  # fmt: skip
def test_a_bare_confirmation_is_one(words: str) -> None:
    assert confirms(words, "张三")


@pytest.mark.parametrize(
    "words",
    [
        "", "谢谢", "好的", "收到，请尽快办理。", "没有收到附件", "未收到", "收到了吗？", "我公司已收到，材料下周寄出。",
        "Received, but I do not agree.", "not received", "I have received it and will object.", "同意", "收到" * 80,
    ],
)  # fmt: skip
def test_anything_more_or_less_is_an_ordinary_mail(words: str) -> None:
    assert not confirms(words, "张三")


@given(st.text(max_size=300))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    confirms(text, text[:5])
    delivery(text, TODAY)
    approval(text, TODAY)


@given(st.text(alphabet="不没未否别改退投诉异议材料补abcdefg", min_size=2, max_size=40))
def test_words_of_substance_never_pass_for_a_confirmation(text: str) -> None:
    assert not confirms("收到" + text)
