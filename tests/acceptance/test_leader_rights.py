"""A leader decides, instructs, supervises and reads; what a supervisor does, only where no supervisor is there to do it."""

from __future__ import annotations

from typing import Any

import pytest

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import GM, command, events, row


async def put_to(world: World) -> Got:
    """Have a key project's complaint arrive, which its leader is told of; return the leader's letter."""
    world.meet(GM)
    world.write(GM, "关于审批迟延的投诉", "您好：\n我公司的申请至今没有答复，请协调。\n")
    await world.work()
    return world.last(office.ZHAO, "2026-0001")


async def ordered(world: World, letter: Got, line: str) -> Got:
    said = await command(world, office.ZHAO, letter, line)
    return await command(world, office.ZHAO, said, "1") if "还差一步" in said.text else said


@pytest.mark.parametrize(
    "line",
    [
        "#受理",
        "#答复 您好，已在办理。",
        "#暂缓 三天后 等答复",
        "#分类 税费",
        "#协办 李强",
        "#非投诉 咨询",
        "#直通车 请看",
    ],
)
def test_what_a_supervisor_does_is_refused_to_a_leader_with_who_may(play: Any, line: str) -> None:
    async def story(world: World) -> None:
        letter = await put_to(world)
        before = events(world)
        await ordered(world, letter, line)
        assert [e for e in events(world) if e not in before] == []
        told = " ".join(g.text for g in world.inbox(office.ZHAO) + world.inbox(office.ZHOU))
        assert (
            "您没有权限。可这样办理的是：经办人、督办人" in "".join(told.split("\n  "))
            or "此时不能这样办理" in told
        )

    play(story)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("#批示 请抓紧办理", "Instructed"),
        ("#督办 3月20日前办结并报告", "Supervised"),
        ("#阅", "Read"),
        ("#备注 已了解", "Noted"),
        ("#建议 请统一公布办理时限", "Suggested"),
        ("#转办 李强", "Assigned"),
    ],
)
def test_what_is_a_leaders_is_done(play: Any, line: str, event: str) -> None:
    async def story(world: World) -> None:
        letter = await put_to(world)
        before = events(world).count(event)
        await ordered(world, letter, line)
        assert events(world).count(event) == before + 1

    play(story)


def test_while_the_only_supervisor_is_away_the_leader_is_in_that_place(play: Any) -> None:
    async def story(world: World) -> None:
        letter = await put_to(world)
        listed = world.last(office.ZHOU, "工作清单")
        await command(world, office.ZHOU, listed, "#请假 2026-03-02 2026-03-06")
        answer = await ordered(world, letter, "#投诉")
        assert row(world).kind == "complaint", answer.text
        await world.at("2026-03-09 09:30")
        await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#销假")
        await ordered(world, letter, "#分类 税费")
        assert "Categorised" not in events(world), "and no longer, once the supervisor is back"

    play(story)
