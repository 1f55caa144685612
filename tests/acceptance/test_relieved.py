"""A handler whose tickets a superior gives to others hears who has them now, once, and that nothing is left to do."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import World
from told import GM, command, complain, letters, row


def relieved(world: World) -> list[str]:
    return [x.recipient for x in letters(world, "relieved")]


def test_a_reassigned_handler_hears_who_took_over_and_that_nothing_is_left_to_do(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        listed = world.last(office.ZHOU, "工作清单")
        asked = await command(world, office.ZHOU, listed, "#2026-0001 转办 李强")
        await command(world, office.ZHOU, asked, "1")
        assert row(world).handler == "li"
        assert relieved(world) == [office.WANG]
        told = world.last(office.WANG, "已转给他人办理")
        assert "周敏已将下列来信转给他人办理" in told.text
        assert "2026-0001" in told.subject
        assert "现由李强办理" in told.text
        assert "您无需再做任何事" in told.text
        refused = await command(world, office.WANG, told, "#2026-0001 答复 您好，已在办理。")
        assert "命令未执行" in refused.subject + refused.text
        assert len(letters(world, "reply")) == 0

    play(story)


def test_who_gives_the_own_ticket_away_hears_nothing_more(play: Any) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        asked = await command(world, office.WANG, first, "#转办 李强")
        if "还差一步" in asked.text:
            await command(world, office.WANG, asked, "1")
        assert row(world).handler == "li"
        assert relieved(world) == []

    play(story)


def test_many_tickets_moved_at_once_are_one_letter_and_none_to_who_has_left(play: Any) -> None:
    async def story(world: World) -> None:
        for sender, subject in ((GM, "关于审批迟延的投诉"), (GM, "厂区停电的投诉")):
            world.meet(sender)
            world.write(sender, subject, f"您好：\n{subject}，请协调。\n")
        await world.work()
        mine = [row(world, f"2026-000{n}").handler for n in (1, 2)].count("wang")
        listed = world.last(office.ZHOU, "工作清单")
        asked = await command(world, office.ZHOU, listed, "#人员 移交 王芳 李强")
        await command(world, office.ZHOU, asked, "1")
        assert relieved(world) == [office.WANG]
        told = "".join(world.last(office.WANG, "已转给他人办理").text.split())
        assert told.count("现由李强办理") == mine == 2
        asked = await command(world, office.ZHOU, listed, "#人员 停用 李强")
        choice = "2" if "王芳" in asked.text.partition("2 ")[2].partition("\n")[0] else "1"
        await command(world, office.ZHOU, asked, choice)
        assert office.LI not in relieved(world)

    play(story)


def test_in_english_for_who_works_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "Our permit", "Dear Sir or Madam,\nour permit was never answered. Please help.\n")
        await world.work()
        listed = world.inbox(office.ZHOU)[-1]
        asked = await command(world, office.ZHOU, listed, "#2026-0001 assign li")
        await command(world, office.ZHOU, asked, "1")
        told = world.last(office.WANG, "somebody else handles it now")
        assert "Li Qiang handles it now" in told.text
        assert "nothing left for you to do" in told.text

    play(story, staff_language="en")
