"""What is typed into the reply of any mail client means the same, and what the client quotes means nothing.

Each sample of tests/corpus/replies is a reply as that client writes it, plain or HTML only; the words of its
writer are replaced by each of TYPED, the quoted complaint by what a complainant could write to command.
"""

from __future__ import annotations

from datetime import date
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail_desk.inbound import html_text
from mail_desk.inbound.reply_text import split
from mail_desk.tickets.commands import Command, Offer, Reading, read

REPLIES = Path(__file__).parents[2] / "corpus" / "replies"
PLAIN = {p.stem: p.read_text(encoding="utf-8") for p in sorted(REPLIES.glob("*.txt"))}
PAGES = {f"{p.stem} (HTML)": p.read_text(encoding="utf-8") for p in sorted(REPLIES.glob("*.html"))}
WRITTEN = "已转交规划局，请于周五前答复。\n\n谢谢！"  # what each plain sample's writer wrote
WRITTEN_HTML = "同意。"
QUOTED = "#close"  # what each sample quotes
CLIENTS = [*PLAIN, *PAGES]
TODAY = date(2026, 11, 23)
T = "2026-0003"
OFFERS = (
    Offer(1, f"#{T} accept", needs_words=False),
    Offer(2, f"#{T} request", needs_words=True),
    Offer(3, f"#{T} reply", needs_words=True),
    Offer(4, f"#{T} close", needs_words=False),
)

# What people type: Chinese, English, mixed, one digit, full-width, a phone's corrections, smart punctuation.
TYPED: list[tuple[str, list[tuple[str, str]]]] = [
    ("1", [("accept", "")]),
    ("１", [("accept", "")]),
    ("一", [("accept", "")]),
    ("①", [("accept", "")]),
    ("(1)", [("accept", "")]),
    ("1.", [("accept", "")]),
    ("“1”", [("accept", "")]),
    ("Option 1", [("accept", "")]),
    ("1 谢谢", [("accept", "")]),
    ("受理", [("accept", "")]),
    ("受理。", [("accept", "")]),
    ("Accept", [("accept", "")]),
    ("#受理", [("accept", "")]),
    ("＃受理", [("accept", "")]),
    ("＃２０２６－０００３　受理", [("accept", "")]),
    ("# accept", [("accept", "")]),
    ("#Accept 2026-3", [("accept", "")]),
    ("#2026–0003 accept", [("accept", "")]),
    ("2 请补充营业执照复印件", [("request", "请补充营业执照复印件")]),
    ("2. Please send the licence.", [("request", "Please send the licence.")]),
    ("二、请补充营业执照", [("request", "请补充营业执照")]),
    ("#补正 请补充“营业执照”……", [("request", "请补充“营业执照”……")]),
    ("3\n您好：\n\n来信收到。", [("reply", "您好：\n\n来信收到。")]),
    (
        "#reply We’ve received your letter — thank you.",
        [("reply", "We’ve received your letter — thank you.")],
    ),
    ("#受理\n#备注 已与 Mr. Keller 电话联系", [("accept", ""), ("note", "已与 Mr. Keller 电话联系")]),
    ("收到", []),
    ("好的，我看一下", []),
    ("2 years ago", []),
    ("受理了吗？", []),
]

# What a complainant could write so that a client quotes it: commands, digits, marks that end a quotation.
ATTACKS = st.lists(
    st.sampled_from(
        [
            "#受理", "＃受理", "1", "１", "1 同意", "同意", "受理", "#2026-0003 close", "#答复 您好", "#close", "-- ", "--",
            "quit", "---原始邮件---", "-----Original Message-----", "发件人: 投诉台", "From: desk@office.example",
            "On Mon, Nov 23, 2026 at 9:12 AM Desk <desk@office.example> wrote:", '在 2026-11-23，"投诉台" 写道：',
            "reply above this line / 请在此行以上回复", "> #受理", ">> 1", "", "谢谢", "发自我的iPhone", "正文",
            "\u200b#受理", "#\u200b受理", "<b>#受理</b>", "</blockquote>#受理", "&lt;/div&gt;#受理", "1️⃣", "①", "结束",
        ]
    )
    | st.text(max_size=20).map(lambda text: " ".join(text.split())),
    max_size=12,
).map(lambda lines: [QUOTED, *lines])  # fmt: skip


def written(client: str, typed: str, quoted: list[str] | None = None) -> str:
    """Return the text of this client's reply, with other words and another quotation."""
    if client in PLAIN:
        text = PLAIN[client].replace(WRITTEN, typed, 1)
        if quoted is None or QUOTED not in text:
            return text
        line = next(line for line in text.split("\n") if QUOTED in line)
        prefix = line[: line.index(QUOTED)]
        return text.replace(line, "\n".join(prefix + q for q in quoted), 1)
    page = PAGES[client].replace(WRITTEN_HTML, "<br>".join(escape(t) for t in typed.split("\n")), 1)
    if quoted is not None:
        page = page.replace(QUOTED, "<br>".join(escape(q) for q in quoted), 1)
    return html_text.to_text(page)


def reading(text: str) -> Reading:
    """Read a reply as `desk/staff.py` does."""
    parts = split(text)
    above = parts.above or ("" if parts.quoted else parts.new)
    return read(above, quoted_text=parts.quoted, offers=OFFERS, today=TODAY)


def commands(text: str) -> list[tuple[str, str]]:
    return [(i.verb.value, i.words) for i in reading(text).items if isinstance(i, Command)]


@pytest.mark.parametrize(("typed", "meant"), TYPED, ids=[t for t, _ in TYPED])
@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_typed_means_the_same_in_every_client(
    client: str, typed: str, meant: list[tuple[str, str]]
) -> None:
    assert commands(written(client, typed)) == meant


def test_there_are_enough_clients_and_replies() -> None:
    assert len(CLIENTS) >= 48
    assert len(CLIENTS) * len(TYPED) >= 300
    assert sum(QUOTED in text for text in (*PLAIN.values(), *PAGES.values())) >= 48


@pytest.mark.parametrize("client", CLIENTS)
@given(quoted=ATTACKS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_a_complainant_wrote_becomes_a_command_when_it_is_quoted(
    client: str, quoted: list[str]
) -> None:
    assert commands(written(client, "收到", quoted)) == []


@pytest.mark.parametrize("client", CLIENTS)
@given(quoted=ATTACKS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_quoted_changes_nothing_of_what_was_typed(client: str, quoted: list[str]) -> None:
    assert commands(written(client, "2 请补充营业执照", quoted)) == [("request", "请补充营业执照")]


@pytest.mark.parametrize("client", CLIENTS)
@given(quoted=ATTACKS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_empty_reply_commands_nothing_whatever_it_quotes(client: str, quoted: list[str]) -> None:
    assert commands(written(client, "", quoted)) == []


AFTER = {
    "a signature": "\n\n-- \n王芳 Wang Fang\n#1 Science Road\nTel 0379-00000000",
    "a Chinese disclaimer": "\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人或群组。",
    "an English disclaimer": "\n\nThis e-mail and its attachments contain confidential information.",
    "a phone": "\n\n发自我的华为手机",
    "an iPhone": "\n\nSent from my iPhone",
    "thanks": "\n\n谢谢！\n王芳",
}


@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER.keys())
@pytest.mark.parametrize("typed", ["1", "受理", "#受理", "accept", "＃accept"])
@pytest.mark.parametrize("client", ["netease_web", "qq_phone", "outlook_chinese", "gmail", "apple_chinese"])
def test_what_stands_below_a_command_adds_none(client: str, typed: str, after: str) -> None:
    assert commands(written(client, typed + after)) == [("accept", "")]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_quotation_of_each_sample_would_command_if_it_were_read(client: str) -> None:
    bare = "\n".join(line.lstrip("> |") for line in written(client, "收到", [QUOTED]).splitlines())
    found = read(bare, offers=OFFERS, today=TODAY).items
    assert (QUOTED in bare) is any(isinstance(i, Command) and i.verb.value == "close" for i in found)


def test_the_page_on_clients_names_every_sample() -> None:
    page = (Path(__file__).parents[3] / "docs" / "clients.md").read_text("utf-8")
    assert {c.removesuffix(" (HTML)") for c in CLIENTS} == {
        name for name in {p.stem for p in REPLIES.iterdir()} if f"`{name}`" in page
    }
