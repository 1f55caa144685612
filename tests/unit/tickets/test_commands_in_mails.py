"""Whole answers as mail clients send them: only the new words are read, whatever stands around them."""

from __future__ import annotations

from datetime import date

import pytest

from mail_desk.inbound.reply_text import split
from mail_desk.tickets.commands import Command, Offer, Reading, read

TODAY = date(2026, 11, 23)
OFFERS = (
    Offer(1, "#2026-0003 complaint", needs_words=False),
    Offer(2, "#2026-0003 request", needs_words=True),
    Offer(3, "#2026-0003 reply", needs_words=True),
)

LETTER = """\
【新投诉】2026-0003

回复数字即可：
1 是投诉
2 要求补正（写明缺什么）
3 答复来信人
也可以写 #2026-0003 受理
#2026-0003 结案
"""
MARKED = "\n".join("> " + line for line in LETTER.splitlines())

NETEASE = f'\n\n\n\n在 2026-11-23 09:12:44，"投诉台" <desk@office.example> 写道：\n{MARKED}\n'
QQ = (
    '\n\n------------------ 原始邮件 ------------------\n发件人: "投诉台" <desk@office.example>;\n'
    f'发送时间: 2026年11月23日(星期一) 上午9:12\n收件人: "王芳" <wang@staff.example>;\n主题: [ABCDE12345] 新投诉\n\n{LETTER}'
)
OUTLOOK = (
    "\n\n发件人: 投诉台 <desk@office.example>\n发送时间: 2026年11月23日 9:12\n收件人: 王芳 <wang@staff.example>\n"
    f"主题: [ABCDE12345] 新投诉\n\n{LETTER}"
)
OUTLOOK_EN = (
    "\n\n________________________________\nFrom: Desk <desk@office.example>\nSent: Monday, November 23, 2026 9:12 AM\n"
    f"To: Wang Fang <wang@staff.example>\nSubject: [ABCDE12345] New complaint\n\n{LETTER}"
)
ORIGINAL = (
    f"\n\n-----Original Message-----\nFrom: Desk <desk@office.example>\nTo: wang@staff.example\n\n{LETTER}"
)
GMAIL = f"\n\nOn Mon, Nov 23, 2026 at 9:12 AM Desk <desk@office.example> wrote:\n\n{MARKED}\n"
IPHONE = (
    f"\n\n发自我的 iPhone\n\n> 在 2026年11月23日，09:12，投诉台 <desk@office.example> 写道：\n> \n{MARKED}\n"
)
HUAWEI = f"\n\n发自我的华为手机\n\n-------- 原始邮件 --------\n发件人： 投诉台 <desk@office.example>\n日期： 2026年11月23日周一\n\n{LETTER}"
SIGNED = "\n\n-- \n王芳 Wang Fang\n#1 Science Road\nTel 0379-00000000"
DISCLAIMER = (
    "\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人或群组。\n"
    "This e-mail and its attachments contain confidential information."
)

AROUND = {
    "nothing": "",
    "NetEase": NETEASE,
    "QQ": QQ,
    "Outlook": OUTLOOK,
    "Outlook in English": OUTLOOK_EN,
    "original message": ORIGINAL,
    "Gmail": GMAIL,
    "iPhone": IPHONE,
    "Huawei": HUAWEI,
    "signature": SIGNED,
    "signature and quotation": SIGNED + GMAIL,
}


def reading(mail: str) -> Reading:
    parts = split(mail)
    return read(parts.new, quoted_text=parts.quoted, offers=OFFERS, today=TODAY)


def commands(mail: str) -> list[tuple[str, str]]:
    return [(i.verb.value, i.words) for i in reading(mail).items if isinstance(i, Command)]


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_a_digit_above_the_quotation_is_the_choice(around: str) -> None:
    assert commands(f"1{around}") == [("complaint", "")]


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_words_of_a_letter_end_where_the_quotation_begins(around: str) -> None:
    words = "您好：\n\n请补充营业执照复印件。\n\n顺祝商祺"
    assert commands(f"2\n{words}{around}") == [("request", words)]


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_a_hash_line_above_the_quotation_counts_once(around: str) -> None:
    assert commands(f"#受理\n#备注 已电话联系{around}") == [("accept", ""), ("note", "已电话联系")]


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_the_commands_in_the_letter_answered_never_run(around: str) -> None:
    found = reading(f"好的，我看一下{around}")
    assert found.items == ()
    assert found.words == "好的，我看一下"


@pytest.mark.parametrize("around", [a for a in AROUND.values() if LETTER.splitlines()[0] in a])
def test_an_empty_answer_runs_nothing(around: str) -> None:
    assert commands(around) == []


def test_an_answer_below_the_quotation_is_read() -> None:
    assert commands(f"{GMAIL.strip()}\n\n1\n") == [("complaint", "")]


def test_a_disclaimer_below_a_digit_runs_nothing_else() -> None:
    assert commands(f"1{DISCLAIMER}") == [("complaint", "")]


def test_a_phone_s_smart_punctuation_changes_nothing() -> None:
    assert commands("＃２０２６–０００３　答复：“您好”，来信收到……") == [("reply", "“您好”，来信收到……")]
