"""Leave by mail: 请假 and 销假, by the person or by a superior; nobody's ticket is silent."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from mail_desk.demo import office
from mail_desk.demo.world import World
from told import STRANGER, command, letters, row

ZONE = ZoneInfo("Asia/Shanghai")


async def about_tax(world: World, subject: str = "增值税退税投诉") -> None:
    """Have somebody write about taxes, which Li handles."""
    world.meet(STRANGER)
    world.write(STRANGER, subject, f"退税迟迟不到账。{subject}")
    await world.work()


def days(world: World, kind: str, recipient: str) -> list[date]:
    found = [x for x in letters(world, kind) if x.recipient == recipient]
    return [x.created_at.astimezone(ZONE).date() for x in found]


def test_leave_by_command_sends_new_mail_worklists_and_reminders_to_the_substitute(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        assert row(world).handler == "li"
        told = await command(world, office.LI, world.last(office.LI, "2026-0001"), "#请假 3月3日到3月4日")
        assert "李强2026年3月3日至2026年3月4日不在岗" in "".join(told.text.split())
        assert "王芳" in told.text
        await world.at("2026-03-03 10:00")
        assert days(world, "reminder", office.LI) == []
        assert days(world, "reminder", office.WANG) == [date(2026, 3, 3)], "due today, and Li is away"
        await about_tax(world, "增值税又一件")
        assert row(world, "2026-0002").handler == "wang"
        await world.at("2026-03-06 12:00")
        assert days(world, "worklist", office.LI) == [date(2026, 3, d) for d in (2, 5, 6)]

    play(story)


def test_a_superior_notes_the_leave_of_others_and_a_colleague_does_not(play: Any) -> None:
    async def story(world: World) -> None:
        lists = {p: world.last(p, "工作清单") for p in (office.ZHOU, office.WANG)}
        told = await command(world, office.WANG, lists[office.WANG], "#请假 李强 2026-03-03 2026-03-06")
        assert "只能为自己请假" in told.text
        await about_tax(world)
        assert row(world).handler == "li"
        told = await command(world, office.ZHOU, lists[office.ZHOU], "#请假 李强 2026-03-02 2026-03-06")
        assert "不在岗" in told.text
        await about_tax(world, "增值税又一件")
        assert row(world, "2026-0002").handler == "wang"

    play(story)


def test_back_ends_the_leave_also_one_of_the_configuration(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        assert row(world).handler == "wang"
        told = await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#销假 李强")
        assert "已销假" in told.text
        await about_tax(world, "增值税又一件")
        assert row(world, "2026-0002").handler == "li"
        await world.restart()
        await about_tax(world, "增值税第三件")
        assert row(world, "2026-0003").handler == "li", "it is kept"

    play(story, leave="[{ first = 2026-03-01, last = 2026-03-10 }]")


def test_who_only_knows_the_address_sends_nobody_on_leave(play: Any) -> None:
    async def story(world: World) -> None:
        world.write(office.LI, "请假", "#请假 2026-03-02 2026-03-06\n")
        await world.work()
        answer = world.inbox(office.LI)[-1]
        assert "为防冒用" in answer.text
        await about_tax(world)
        assert row(world).handler == "li"
        await command(world, office.LI, answer, "1")
        await about_tax(world, "增值税又一件")
        assert row(world, "2026-0002").handler == "wang"

    play(story)


def test_leave_without_days_or_over_and_done_is_refused_with_an_example(play: Any) -> None:
    async def story(world: World) -> None:
        for words in ("#请假", "#请假 2026-02-01 2026-02-03", "#请假 张三 2026-03-03 2026-03-04", "#销假"):
            told = await command(world, office.LI, world.last(office.LI, "工作清单"), words)
            assert "未执行" in told.subject + told.text or "未办理" in told.subject + told.text, words
        await about_tax(world)
        assert row(world).handler == "li"

    play(story)
