"""The mail inside a forwarded one, as each client writes it out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound import reply_text
from mail_desk.inbound.forwarded import Forwarded, day_in, inline

DAY = date(2026, 11, 20)
FORWARDS = {
    "netease": '-------- 转发邮件信息 --------\n发件人："安娜" <anna@keller.example>\n发送日期：2026-11-20 10:00:00\n收件人：li@office.example\n主题：停水投诉\n\n正文',
    "qq": '------------------ 原始邮件 ------------------\n发件人: "安娜" <anna@keller.example>;\n发送时间: 2026年11月20日(星期五) 上午10:00\n收件人: "李"<li@office.example>;\n主题: 停水投诉\n\n正文',
    "outlook-zh": "________________________________\n发件人: 安娜 <anna@keller.example>\n发送时间: 2026年11月20日 10:00\n收件人: 李 <li@office.example>\n主题: 停水投诉\n\n正文",
    "outlook-en": "From: 安娜 <anna@keller.example>\nSent: Friday, November 20, 2026 10:00 AM\nTo: Li <li@office.example>\nSubject: 停水投诉\n\n正文",
    "foxmail": "发件人： 安娜 <anna@keller.example>\n发送时间： 2026-11-20 10:00\n收件人： 李 <li@office.example>\n主题： 停水投诉\n正文",
    "apple-zh": "下面是被转发的邮件：\n\n> 发件人: 安娜 <anna@keller.example>\n> 主题: 停水投诉\n> 日期: 2026年11月20日 GMT+8 10:00:00\n> 收件人: li@office.example\n> \n> 正文",
    "apple-en": "Begin forwarded message:\n\n> From: 安娜 <anna@keller.example>\n> Subject: 停水投诉\n> Date: 20 November 2026 at 10:00:00 GMT+8\n> To: li@office.example\n> \n> 正文",
    "gmail": "---------- Forwarded message ---------\nFrom: 安娜 <anna@keller.example>\nDate: Fri, Nov 20, 2026 at 10:00 AM\nSubject: 停水投诉\nTo: <li@office.example>\n\n\n正文",
    "gmail-zh": "---------- Forwarded message ---------\n发件人： 安娜 <anna@keller.example>\nDate: 2026年11月20日周五 10:00\nSubject: 停水投诉\nTo: <li@office.example>\n\n正文",
}  # fmt: skip


@pytest.mark.parametrize("client", FORWARDS)
def test_a_forward_is_read_below_the_words_of_who_forwards_it(client: str) -> None:
    split = reply_text.split(f"#登记\n\n{FORWARDS[client]}\n")
    assert split.above.strip() == "#登记"
    found = inline(split.quoted)
    assert found is not None
    assert (found.name, found.address, found.subject, found.sent_on) == (
        "安娜",
        "anna@keller.example",
        "停水投诉",
        DAY,
    )
    assert found.text == "正文"


@pytest.mark.parametrize(
    "text", ["", "> 您好\n> 主题：停水", "发件人：安娜", "收件人: a@b.example\n主题: x\n\n正文"]
)
def test_what_has_no_author_is_no_forward(text: str) -> None:
    assert inline(text) is None


def test_an_author_without_an_address_is_kept_by_name() -> None:
    found = inline("发件人: 安娜\n主题: 停水\n\n正文")
    assert found is not None
    assert (found.name, found.address) == ("安娜", "")


@given(
    st.text(alphabet=st.sampled_from("发件人：:主题From Subject>\n a@b.example2026-年月日*"), max_size=200)
)
def test_any_quotation_is_read_without_raising(text: str) -> None:
    assert isinstance(inline(text), Forwarded | None)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_is_read_in_every_order(when: date) -> None:
    assert day_in(when.isoformat()) == when
    assert day_in(f"{when.year}年{when.month}月{when.day}日(星期五)") == when
    assert day_in(f"{when:%a, %b} {when.day}, {when.year} at 10:00") == when
    assert day_in(f"{when.day} {when:%B %Y}") == when
    assert day_in("2026-13-40") is None
