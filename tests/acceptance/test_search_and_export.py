"""Searching and exporting by mail: what is found, by whom, and what is told of it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.inbound.parse import part_bytes
from mail_desk.store.schema import EventRow, LetterRow, Words
from told import GM, STRANGER, command, complain, events, letters, tickets

GLASS = "office@glass.example"


async def three(world: World) -> None:
    """Have three complaints: one of Wang's, one of Li's, one of Wang's again."""
    await complain(world)  # 2026-0001, wang: the officer of bearings
    world.meet(GLASS)
    world.write(GLASS, "出口退税迟延", "我公司的退税已经迟延四个月。\n")  # 2026-0002, li
    await world.work()
    world.meet(STRANGER)
    world.write(STRANGER, "停水", "厂区停水三天。\n")
    await world.work()
    assert tickets(world) == 3


async def ask(world: World, sender: str, text: str) -> Any:
    world.write(sender, "查询", text)
    await world.work()
    return world.last(sender)


def test_a_two_character_word_is_found_in_the_words_of_a_mail_and_a_digit_shows_the_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        found = await ask(world, office.LI, "#搜索 退税")
        assert "找到1件" in found.text
        assert "2026-0002" in found.text
        shown = await command(world, office.LI, found, "1")
        assert "经过" in shown.text

    play(story)


def test_number_enterprise_complainant_and_notes_are_searched_and_every_word_has_to_be_there(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await three(world)
        letter = world.last(office.WANG, "关于审批迟延")
        await command(world, office.WANG, letter, "#备注 与发改委电话沟通")
        for words in ("2026-0001", "示例轴承", "发改委", GM, "审批 发改委", "ＡＰＰＲＯＶＡＬ 发改委"):
            found = await ask(world, office.ZHOU, f"#搜索 {words}")
            expected = "没有找到" if "Ａ" in words else "找到1件"
            assert expected in found.text, words
        assert "没有找到" in (await ask(world, office.ZHOU, "#搜索 审批 停水")).text

    play(story)


def test_a_handler_finds_and_exports_own_tickets_only_and_a_supervisor_all(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        assert "没有找到" in (await ask(world, office.WANG, "#搜索 退税")).text
        assert "找到2件" in (await ask(world, office.WANG, "#搜索 2026")).text
        assert "找到3件" in (await ask(world, office.ZHOU, "#搜索 2026")).text
        assert numbers(await ask(world, office.LI, "#导出")) == {"2026-0002"}
        assert numbers(await ask(world, office.ZHOU, "#导出")) == {"2026-0001", "2026-0002", "2026-0003"}

    play(story)


def test_who_helps_with_a_ticket_finds_it_as_well(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        await command(world, office.WANG, world.last(office.WANG, "停水"), "#协办 李强")
        assert "2026-0003" in (await ask(world, office.LI, "#搜索 停水")).text

    play(story)


def test_what_is_hidden_is_neither_found_nor_counted_nor_exported(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        await command(world, office.WANG, world.last(office.WANG, "停水"), "#回避 亲属")
        for words in ("停水", "2026-0003"):
            answer = await ask(world, office.WANG, f"#搜索 {words}")
            assert "没有找到" in answer.text
        assert "2026-0003" not in numbers(await ask(world, office.WANG, "#导出"))

    play(story)


def test_erased_words_are_not_found_any_more(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        await command(world, office.WANG, world.last(office.WANG, "停水"), "#备注 与自来水公司联系")
        assert "找到1件" in (await ask(world, office.ZHOU, "#搜索 自来水")).text
        with world.daemon.store.decide() as session:
            for words in session.scalars(select(Words)):
                words.text = ""  # as `erase` leaves it
        assert "没有找到" in (await ask(world, office.ZHOU, "#搜索 自来水")).text

    play(story)


def test_a_wildcard_is_an_ordinary_character(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        for words in ("%", "_", "100%"):
            assert "没有找到" in (await ask(world, office.ZHOU, f"#搜索 {words}")).text, words
        assert "请写上要找的词" in (await ask(world, office.ZHOU, "#搜索")).text

    play(story)


def test_an_english_search_is_answered_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GLASS)
        world.write(GLASS, "出口退税迟延", "我公司的退税已经迟延四个月。\n")
        await world.work()
        found = await ask(world, office.ZHOU, "#search 退税")
        assert "1 ticket found" in found.text
        assert "Show 2026-0001" in found.text
        exported = await ask(world, office.ZHOU, "#export 2026-03")
        assert "1 ticket exported (2026-03)" in exported.text.replace("\n", " ")

    play(story, staff_language="en")


# --- export ----------------------------------------------------------------------------------------


def numbers(got: Any) -> set[str]:
    """Return the ticket numbers in the workbook a mail carries."""
    file = next(a for a in got.mail.attachments if a.filename.endswith(".xlsx"))
    with zipfile.ZipFile(io.BytesIO(part_bytes(got.raw, file.index))) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    return {number for number in (f"2026-{n:04d}" for n in range(1, 10)) if f">{number}<" in text}


def test_a_filter_narrows_the_export(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        assert numbers(await ask(world, office.ZHOU, "#导出 2026-3")) == {
            "2026-0001",
            "2026-0002",
            "2026-0003",
        }
        assert numbers(await ask(world, office.ZHOU, "#导出 2026年 在办 李强")) == {"2026-0002"}
        assert numbers(await ask(world, office.ZHOU, "#导出 示例轴承")) == {"2026-0001"}
        assert "没有可导出的件" in (await ask(world, office.ZHOU, "#导出 2025年")).text
        assert "没有可导出的件" in (await ask(world, office.ZHOU, "#导出 已结")).text
        unread = await ask(world, office.ZHOU, "#导出 上个月的")
        assert "看不懂“上个月的”" in unread.text
        assert not unread.mail.attachments

    play(story)


def test_every_export_is_on_record_and_told_to_the_supervisors(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        await ask(world, office.LI, "#导出")
        await ask(world, office.ZHAO, "#导出")
        assert events(world, "2026-0002").count("Exported") == 2
        assert events(world, "2026-0001").count("Exported") == 1
        await world.at("2026-03-03 12:00")
        worklist = next(x for x in reversed(letters(world, "worklist")) if x.person == "zhou")
        with world.daemon.store.read() as session:
            text = session.scalar(select(LetterRow.text).where(LetterRow.id == worklist.id)) or ""
        assert "导出1件" in text
        assert "导出3件" in text

    play(story)


def test_an_export_is_no_work_and_undoing_does_not_touch_it(play: Any) -> None:
    async def story(world: World) -> None:
        await three(world)
        answer = await ask(world, office.LI, "#导出")
        await command(world, office.LI, answer, "撤销")
        assert events(world, "2026-0002")[-1] == "Exported"
        with world.daemon.store.read() as session:
            assert session.scalars(select(EventRow.actor).where(EventRow.type == "Exported")).all() == [
                "desk"
            ]

    play(story)
