"""Reply trimming: new words, quotation and signature are told apart, and no line is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound import html_text, reply_marks
from mail_desk.inbound.reply_text import split

REPLIES = Path(__file__).parents[2] / "corpus" / "replies"
NEW = "已转交规划局，请于周五前答复。\n\n谢谢！"  # what every sample reply says; the rest is its client's
CLIENTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(REPLIES.glob("*.txt"))}


def test_the_samples_cover_the_clients_in_use() -> None:
    assert len(CLIENTS) >= 34
    assert len(PAGES) >= 15
    assert all(text.startswith(NEW) for text in CLIENTS.values())


@pytest.mark.parametrize("client", CLIENTS)
def test_the_new_words_are_found_in_replies_of(client: str) -> None:
    assert split(CLIENTS[client]).new.strip() == NEW


@pytest.mark.parametrize("client", CLIENTS)
def test_a_reply_without_words_above_stays_without_words_of(client: str) -> None:
    assert not split(CLIENTS[client].replace(NEW, "", 1)).new.strip()


PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(REPLIES.glob("*.html"))}


@pytest.mark.parametrize("client", PAGES)
def test_the_new_words_are_found_in_html_replies_of(client: str) -> None:
    text = html_text.to_text(PAGES[client])
    assert "#close" in text
    assert split(text).new.strip() == "同意。"


def test_answers_between_quoted_lines_are_kept() -> None:
    text = "On 2026-11-20, A <a@example.com> wrote:\n> first?\n\nyes\n\n> second?\n\nno\n"
    assert split(text).new == "\nyes\n\n\nno".strip("\n")
    assert split(text).quoted.startswith("On 2026-11-20")


def test_an_answer_below_the_quotation_is_new() -> None:
    assert split("On 2026-11-20, A <a@example.com> wrote:\n> first?\n\nyes\n").new == "yes"


def test_the_wrapped_tail_of_a_quoted_line_is_no_new_text() -> None:
    quoted = "> " + "the committee decided to postpone the matter until the next session of"
    assert split(f"agreed\n\n{quoted}\nspring\n> and to inform everybody\n").new == "agreed"


def test_a_sentence_with_wrote_or_a_date_is_no_quotation() -> None:
    text = "On Monday I wrote:\nplease come on 2026-11-20 at 10:30.\n从：北京\n收件人不存在的问题请处理。"
    assert split(text).new == text


def test_a_chinese_sentence_that_cites_a_letter_is_no_quotation() -> None:
    text = "2026年11月20日，该局在回函中写道：\n材料已收到。\n但至今没有结果。"
    assert split(text).new == text


@pytest.mark.parametrize(
    "introduction",
    [
        "On Wed, 2026-12-02 at 13:58 +0000, Tom wrote:",
        "Op 24 aug. 2026 om 16:48 heeft Jan <j@example.com> het volgende geschreven:",
        "Le 4 janv. 2026 19:03, Jean <j@example.com> a écrit :",
        "El jueves, 21 de noviembre de 2026 10:31, Juan escribió:",
        "søn. 30. apr. 2026 kl. 00.26 skrev Kari <k@example.com>:",
        "суббота, 14 марта 2026 г., 10:31, пользователь Иван написал:",
        "вт, 5 янв. 2026 г. в 23:39, Иван <i@example.com>:",
        "Max <m@example.com> schrieb am Fr., 28. Apr. 2026 um 11:53 Uhr:",
        "2026-10-18 0:17 GMT+03:00 Matt <m@example.com>:",
        "Someone via Forum wrote:",
        "2026年1月1日(木) 10:11 Taro <t@example.jp>:",
        "2026년 1월 1일 (목) 오전 10:11, Kim <k@example.kr>님이 작성:",
        "pe 20. lokakuuta 2026 klo 17.50 Matti\n<m@example.fi> kirjoitti:",
        "In message <1@example.com> Joe writes:",
        "---- On Tue, 22 Dec 2026 14:17:36 +0530 Sam<s@example.com> wrote ----",
    ],
)
def test_introductions_in_many_languages_open_a_quotation(introduction: str) -> None:
    assert split(f"ok\n\n{introduction}\n\nold words\n").new == "ok"


@pytest.mark.parametrize(
    "story",
    [
        "On 20 November 2026 the officer said:",
        "On Monday, 3 March 2026, the bureau wrote:",
        "Am 3. März 2026 hat er geschrieben:",
    ],
)
def test_a_story_with_a_date_is_no_introduction_unless_marked_lines_follow(story: str) -> None:
    assert split(f"We ask for help.\n{story}\nPay first.\nWe refused.").new.endswith("We refused.")
    assert (
        split(f"We ask for help.\n{story}\n> Pay first.\nWe refused.").new == "We ask for help.\nWe refused."
    )


@pytest.mark.parametrize("line", ["x>5 的情况", "a<b and c>d", "GDP>100亿", "->"])
def test_a_greater_than_inside_a_line_is_no_quotation_mark(line: str) -> None:
    assert split(line).new == line


def test_a_letterhead_at_the_top_of_a_complaint_is_no_quotation() -> None:
    text = "To: Trade Promotion Department\nFrom: ABC Ltd.\nDate: 20 November 2026\nSubject: complaint\n\nWe complain."
    assert split(text).new == text


def test_a_complaint_form_with_labels_is_no_quotation() -> None:
    text = "投诉人：某某有限公司\n被投诉人：某某局\n联系电话：0379-12345678\n日期：2026年11月20日\n事项：许可证迟迟不发。"
    assert split(text).new == text


@pytest.mark.parametrize(
    "line",
    [
        "-- ",
        "--",
        "发自我的 iPhone",
        "发自我的华为手机",
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "从 Windows 版邮件发送",
        "发送自 Windows 10 版邮件应用",
        "来自我的小米手机",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
    ],
)
def test_a_signature_is_set_apart(line: str) -> None:
    parts = split(f"同意\n\n{line}\n")
    assert parts.new == "同意"
    assert parts.signature == line


@pytest.mark.parametrize(
    "line",
    ["Sent from my desk, this is easier.", "发自内心地感谢贵局的帮助，问题已经解决。", "-- not a signature"],
)
def test_a_sentence_that_resembles_a_signature_stays(line: str) -> None:
    assert split(f"ok\n{line}\nmore").new == f"ok\n{line}\nmore"


def test_answers_below_our_mark_count_where_the_client_marks_the_quotation() -> None:
    text = "On 2026-11-20, Desk <desk@example.org> wrote:\n> == reply above this line ==\n> 1  accept\n\n1\n\n> 2  refuse\n"
    assert split(text).new == "1"


def test_a_signature_above_a_marked_quotation_ends_there() -> None:
    parts = split("ok\n-- \nWang\n\nOn 2026-11-20, A <a@example.com> wrote:\n> old\n\nbelow\n")
    assert (parts.new, parts.signature) == ("ok\n\nbelow", "-- \nWang")


def test_unmarked_text_below_a_phone_line_is_quoted() -> None:
    assert split("ok\n\nSent from my Wiko RIDGE\n\nDear desk,\n#close").new == "ok"


def test_nothing_and_blanks_split_into_nothing() -> None:
    assert split("") == split(" \n\t\n") == split("\r\n")


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "", "> quoted", ">> twice", "-- ", "Sent from my iPhone", "发件人: a@b.c", "发送时间: 2026年1月1日",
                "On 2026-01-01, A <a@b.c> wrote:", "在 2026-01-01，A <a@b.c> 写道：", "-----Original Message-----",
                "From: a <a@b.c>", "Sent: today", "Subject: x", "________________________________", "同意", "#close",
            ]
        ),
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30),
    ),
    max_size=25,
)  # fmt: skip


@given(LINES)
def test_every_line_is_in_exactly_one_part_in_order(lines: list[str]) -> None:
    parts = split("\n".join(lines))
    for part in (parts.new, parts.quoted, parts.signature):
        remaining = iter(lines)
        assert all(any(line == other for other in remaining) for line in part.split("\n") if line.strip())
    together = sorted(
        x for p in (parts.new, parts.quoted, parts.signature) for x in p.split("\n") if x.strip()
    )
    assert together == sorted(x for x in lines if x.strip())


@given(LINES, LINES)
def test_nothing_below_our_own_mark_is_ever_new(above: list[str], below: list[str]) -> None:
    mark = "=== reply above this line / 请在此行以上回复 ==="
    secret = "cc7d0f command"
    assert secret not in split("\n".join([*above, mark, *below, secret, *below])).new


@given(LINES)
def test_marked_lines_are_never_new(lines: list[str]) -> None:
    assert not any(reply_marks.is_quoted(line) for line in split("\n".join(lines)).new.split("\n"))


def test_a_huge_text_is_split_in_bounded_time() -> None:
    began = time.perf_counter()
    split("On 2026-01-01 a@b.c said\n" * 400_000)
    assert time.perf_counter() - began < 10  # a quadratic walk would take hours
