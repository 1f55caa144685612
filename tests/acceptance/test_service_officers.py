"""Several service officers for one enterprise: the first who is there has its complaints, by file and by mail."""

from __future__ import annotations

from typing import Any

from mail_desk.config import Enterprise, Settings
from mail_desk.config_files import load
from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.desk import enterprise_book
from told import GM, command, row


async def ask(world: World, sender: str, text: str) -> Got:
    world.write(sender, "企业", text)
    await world.work()
    return world.last(sender)


def flat(text: str) -> str:
    return "".join(text.split())


async def two_officers(world: World) -> None:
    asked = await ask(world, office.ZHOU, "#企业 修改 示例轴承 服务专员：王芳、李强")
    assert "服务专员：王芳→王芳、李强" in flat(asked.text)
    await command(world, office.ZHOU, asked, "1")


async def complaint(world: World, number: str) -> str | None:
    world.meet(GM)
    world.write(GM, f"厂区停水{number}", f"厂区停水三天。{number}")
    await world.work()
    return row(world, number).handler


def test_the_first_officer_who_is_there_has_the_complaints_and_the_second_before_a_substitute(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await two_officers(world)
        assert await complaint(world, "2026-0001") == "wang"
        listed = world.last(office.WANG, "工作清单")
        await command(world, office.WANG, listed, "#请假 2026-03-02 2026-03-06")
        assert await complaint(world, "2026-0002") == "li", "not Zhou, who is Wang's substitute"
        await world.restart()
        assert "服务专员：王芳、李强" in flat((await ask(world, office.ZHOU, "#企业 示例轴承")).text)

    play(story)


def test_somebody_who_is_no_handler_is_refused_among_several_and_none_clears_them(play: Any) -> None:
    async def story(world: World) -> None:
        refused = await ask(world, office.ZHOU, "#企业 修改 示例轴承 服务专员：王芳、赵建国")
        assert "“赵建国”不是经办人或督办人" in flat(refused.text)
        asked = await ask(world, office.ZHOU, "#enterprise change bearing officers: Wang Fang, Li Qiang")
        assert "王芳→王芳、李强" in flat(asked.text)
        cleared = await ask(world, office.ZHOU, "#企业 修改 示例轴承 服务专员：无")
        assert "服务专员：王芳→—" in flat(cleared.text)

    play(story)


def test_the_file_names_several_officers_in_one_cell(play: Any) -> None:
    async def story(world: World) -> None:
        ledger = world.settings.directory / "enterprises.csv"
        text = ledger.read_text(encoding="utf-8")
        ledger.write_text(text.replace("0379-00000002,wang,", "0379-00000002,Li；wang,"), encoding="utf-8")
        loaded = load(world.settings.directory)
        assert isinstance(loaded, Settings)
        assert loaded.enterprises[0].officers == ("li", "wang")
        ledger.write_text(text.replace("0379-00000002,wang,", "0379-00000002,li；nobody,"), encoding="utf-8")
        wrong = load(world.settings.directory)
        assert isinstance(wrong, list)
        assert 'names nobody ("nobody")' in str(wrong[0])

    play(story)


def test_changes_kept_while_there_was_one_officer_only_still_hold() -> None:
    base = Enterprise(key="a", name="A", officers=("wang", "zhou"))
    one = '[{"what": "changed", "fields": {"officer": "li"}}]'
    none = '[{"what": "changed", "fields": {"officer": null}}]'
    later = (
        '[{"what": "changed", "fields": {"officer": "li"}}, '
        '{"what": "changed", "fields": {"officers": ["wang", "li"]}}]'
    )
    assert enterprise_book.applied((base,), {"a": one})[0].officers == ("li",)
    assert enterprise_book.applied((base,), {"a": none})[0].officers == ()
    assert enterprise_book.applied((base,), {"a": later})[0].officers == ("wang", "li")
    ended = '[{"what": "changed", "fields": {"officer": "li"}}, {"what": "ended"}]'
    assert enterprise_book.applied((base,), {"a": ended})[0].officers == ()
