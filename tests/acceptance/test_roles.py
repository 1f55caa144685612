"""Who may use which verb on which ticket: refusals say who may, reading is recorded, and told."""

from __future__ import annotations

from typing import Any

from mail_desk.config import Person, Role
from mail_desk.demo import office
from mail_desk.demo.world import World
from told import command, complain, events, state

WATCH, AUDIT = "watch@office.example", "audit@office.example"
WANG, LI, ZHOU = office.WANG, office.LI, office.ZHOU


async def begin(world: World) -> None:
    people = world.settings.people
    more = (
        Person(key="watch", name="孙观", name_en="Sun Guan", role=Role.OBSERVER, addresses=(WATCH,)),
        Person(key="audit", name="钱审", name_en="Qian Shen", role=Role.AUDITOR, addresses=(AUDIT,)),
    )
    grown = people.model_copy(update={"person": (*people.person, *more)})
    world.settings = world.settings.model_copy(update={"people": grown})
    for address in (WATCH, AUDIT):
        world.meet(address)
    await world.restart()
    await complain(world)


async def ask(world: World, sender: str, words: str) -> str:
    world.write(sender, "查询", words)
    await world.work()
    return world.inbox(sender)[-1].text


def test_an_observer_and_an_auditor_read_everything_and_change_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        for address, role in ((WATCH, "观察员"), (AUDIT, "审计员")):
            assert "2026-0001" in await ask(world, address, "#列表")
            assert "收到来信" in await ask(world, address, "#查看 2026-0001")
            answer = world.inbox(address)[-1]
            await command(world, address, answer, "#2026-0001 受理")
            assert f"您是{role}，只能查看" in world.inbox(address)[-1].text
            await command(world, address, answer, "这件请注意。")
            assert "只能查看" in world.inbox(address)[-1].text
        assert state(world) == "received"
        assert "Noted" not in events(world)

    play(story)


def test_a_handler_reads_the_own_tickets_only_and_is_told_who_may(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        refused = await ask(world, LI, "#查看 2026-0001")
        assert "此来信由王芳办理，您不能查看" in refused
        assert "督办人" in refused
        for verb in ("期限", "卷宗"):
            assert "您不能查看" in await ask(world, LI, f"#2026-0001 {verb}")
        assert "2026-0001" not in await ask(world, LI, "#列表")
        assert "收到来信" in await ask(world, WANG, "#查看 2026-0001")

    play(story)


def test_a_refused_verb_says_who_may(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        answer = world.inbox(WANG)[-1]
        await command(world, WANG, answer, "#报告 高新管〔2026〕8号")
        text = world.inbox(WANG)[-1].text
        assert "不能这样办理" in text or "督办人" in text
        await ask(world, LI, "#2026-0001 投诉")
        ready = world.inbox(LI)[-1]
        await command(world, LI, ready, "1")
        assert "可这样办理的是：经办人、督办人" in world.inbox(LI)[-1].text

    play(story)


def test_every_look_is_recorded_and_told_to_the_supervisor(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        await ask(world, WATCH, "#查看 2026-0001")
        await ask(world, WATCH, "#查看 2026-0001")
        await ask(world, WANG, "#查看 2026-0001")
        assert events(world).count("Shown") == 3
        await command(world, WANG, world.inbox(WANG)[-1], "撤销")
        assert events(world).count("Shown") == 3
        assert "Undone" not in events(world)
        await world.at("2026-03-03 08:31")
        worklist = world.last(ZHOU, "工作清单").text
        assert "孙观" in worklist
        assert "×2" in worklist
        assert "王芳" not in worklist.partition("查看和调阅")[2].partition("##")[0].split("\n\n")[0]

    play(story)
