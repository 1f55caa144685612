"""Files that are only linked to, materials in pieces, answers to closed tickets, the same thing twice."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import Message
from told import GM, command, complain, events, filed, letters, news, row, state, tickets

LINKS = (
    "您好，材料见附件。\n\n从QQ邮箱发来的超大附件\n\n证据材料.zip (1.26G, 2026年3月12日 17:10 到期)\n"
    "进入下载页面：https://mail.qq.com/cgi-bin/ftnExs_download?k=0&code=abcd\n"
)
PDF = ("执照.pdf", "application/pdf", b"%PDF-1.4 licence")
ZIP = ("证据材料.ZIP", "application/zip", b"PK\x03\x04 evidence")


def messages(world: World) -> list[Message]:
    with world.daemon.store.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def digit(letter: Got, words: str) -> str:
    """Return the number a letter offers for a step."""
    match = re.search(rf"^\s*(\d)\b[^\n]*{words}", letter.text, re.MULTILINE)
    assert match is not None, letter.text
    return match[1]


# --- files that are only linked to ----------------------------------------------------------------


def test_linked_files_are_asked_for_and_their_end_is_told_twice_unless_they_came(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于环评迟延的投诉", LINKS)
        await world.work()
        receipt = world.last(GM)
        assert "请补发文件" in receipt.text
        assert "证据材料.zip" in receipt.text
        (message,) = messages(world)
        assert message.linked == [
            {
                "filename": "证据材料.zip",
                "size": "1.26G",
                "expires": "2026年3月12日 17:10",
                "until": "2026-03-12",
            }
        ]
        assert message.attachments == [], "not held, and never fetched"
        await world.at("2026-03-10 08:59")
        assert letters(world, "links-expire") == []
        await world.at("2026-03-10 09:01")
        (told,) = letters(world, "links-expire")
        assert told.person == "wang"
        await world.at("2026-03-12 09:01")
        assert len(letters(world, "links-expire")) == 2
        last = world.last(office.WANG, "今天失效")
        answers = len(world.inbox(GM))
        await command(world, office.WANG, last, digit(last, "作为附件补发"))
        await world.minutes(16)
        asked = world.inbox(GM)[answers:]
        assert len(asked) == 1
        assert "证据材料.zip" in asked[0].text
        assert "普通附件" in asked[0].text

    play(story)


def test_a_file_of_that_name_ends_the_reminders(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于环评迟延的投诉", LINKS)
        await world.work()
        await world.at("2026-03-10 09:30")
        assert len(letters(world, "links-expire")) == 1
        world.reply(GM, world.last(GM), "补发文件。", files=[ZIP])
        await world.work()
        await world.at("2026-03-13 10:00")
        assert len(letters(world, "links-expire")) == 1

    play(story)


def test_a_supplement_that_only_links_gets_no_receipt_and_the_handler_can_ask_with_one_digit(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        receipt = world.last(GM)
        count = len(world.inbox(GM))
        world.reply(GM, receipt, LINKS)
        await world.work()
        assert filed(world)[-1] == "follow-up"
        assert len(world.inbox(GM)) == count, "no automatic receipt for a further mail"
        told = world.last(office.WANG, "补充来信")
        assert "只有链接" in told.text
        await command(world, office.WANG, told, digit(told, "作为附件补发"))
        await world.minutes(16)
        assert "证据材料.zip" in world.inbox(GM)[-1].text
        await world.at("2026-03-10 09:01")
        assert len(letters(world, "links-expire")) == 1, "the links of a further mail are followed too"

    play(story)


def test_nobody_is_reminded_of_links_of_a_closed_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "咨询", LINKS)
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "请承办"), "#广告")
        assert state(world) == "closed"
        await world.at("2026-03-13 10:00")
        assert letters(world, "links-expire") == []

    play(story)
