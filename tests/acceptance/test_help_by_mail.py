"""Help by mail: the card of the reader's role, and what one command does."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World


async def asks(world: World, who: str, words: str) -> Got:
    world.write(who, "帮助", words)
    await world.work()
    return world.inbox(who)[-1]


def flat(text: str) -> str:
    return "".join(text.split())


def test_each_role_gets_its_own_card(play: Any) -> None:
    async def story(world: World) -> None:
        handler = await asks(world, office.WANG, "帮助")
        assert "#受理" in handler.text
        assert "#人员" not in handler.text
        supervisor = await asks(world, office.ZHOU, "#帮助")
        assert "#人员" in supervisor.text
        assert "#受理" in supervisor.text
        leader = await asks(world, office.ZHAO, "帮助")
        assert "#批示" in leader.text
        assert "#办结" not in leader.text
        assert leader.subject.endswith("用法如下")

    play(story)


def test_a_verb_behind_help_is_explained_with_an_example_and_no_card(play: Any) -> None:
    async def story(world: World) -> None:
        told = await asks(world, office.WANG, "#帮助 延期")
        assert "#延期：延长几个工作日，再写理由。例：#延期20需多部门会商" in flat(told.text)
        assert "怎样写命令" not in told.text
        assert "怎样写命令" in (await asks(world, office.WANG, "#帮助 怎么办")).text

    play(story)


def test_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        told = await asks(world, office.WANG, "#help extend")
        assert "#extenddays…:workingdays,thenwhy" in flat(told.text)
        card = await asks(world, office.ZHAO, "help")
        assert "Deciding" in card.text
        assert "#conclude" not in card.text

    play(story, staff_language="en")
