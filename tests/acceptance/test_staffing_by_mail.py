"""人员 by mail: add, retire, replace, move; twice said, told to all who must know, kept over people.toml."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import STRANGER, command, letters, row

SUN = "sun.li@office.example"


async def about_tax(world: World, subject: str = "增值税退税投诉") -> Got:
    world.meet(STRANGER)
    world.write(STRANGER, subject, f"退税迟迟不到账。{subject}")
    await world.work()
    return world.last(office.LI, "请承办")


def listed(world: World, who: str = office.ZHOU) -> Got:
    return world.last(who, "工作清单")


def recipients(world: World, kind: str) -> list[str]:
    return [x.recipient for x in letters(world, kind)]


def test_a_colleague_is_added_by_key_and_digit_welcomed_and_everybody_told(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(SUN)
        asked = await command(world, office.ZHOU, listed(world), f"#人员 增加 孙丽 {SUN}")
        assert "尚未执行" in asked.text
        assert recipients(world, "welcome") == []
        done = await command(world, office.ZHOU, asked, "1")
        assert "新增经办人孙丽" in done.text
        assert "#受理" in world.last(SUN, "欢迎").text, "the help card comes with it"
        assert recipients(world, "people-changed") == [office.ZHAO, office.OPERATOR]
        await about_tax(world)
        await command(
            world, office.ZHOU, await command(world, office.ZHOU, listed(world), "#2026-0001 转办 孙丽"), "1"
        )
        assert row(world).handler == "sun-li"
        await world.restart()
        await world.at("2026-03-03 10:00")
        assert "2026-0001" in world.last(SUN, "工作清单").text, "kept over a restart"
        await command(world, SUN, world.last(SUN, "请承办"), "1")
        assert row(world).kind == "complaint"

    play(story)


def test_who_only_knows_the_address_of_the_supervisor_adds_nobody(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(SUN)
        world.write(office.ZHOU, "人员", f"#人员 增加 孙丽 {SUN}\n")
        await world.work()
        answer = world.inbox(office.ZHOU)[-1]
        assert "为防冒用" in answer.text
        await command(world, office.ZHOU, answer, "1")
        assert recipients(world, "welcome") == []

    play(story)


def test_a_handler_changes_nothing_and_nobody_makes_a_superior_by_mail(play: Any) -> None:
    async def story(world: World) -> None:
        refused = await command(world, office.WANG, listed(world, office.WANG), f"#人员 增加 孙丽 {SUN}")
        assert "由负责人管理" in refused.text
        for words in (f"#人员 增加 孙丽 {SUN} 负责人", f"#people add Sun Li {SUN} leader"):
            refused = await command(world, office.ZHOU, listed(world), words)
            assert "people.toml" in refused.text, words
        refused = await command(world, office.ZHOU, listed(world), "#人员 停用 赵建国")
        assert "只能由系统管理员" in refused.text
        assert recipients(world, "people-changed") == []

    play(story)


def test_what_is_not_understood_is_refused_with_what_would_work(play: Any) -> None:
    async def story(world: World) -> None:
        for words, told in (
            ("#人员 增加 孙丽", "请写上邮箱地址"),
            (f"#人员 增加 {SUN}", "请写上姓名"),
            (f"#人员 增加 李强 {SUN}", "已有人用"),
            (f"#人员 增加 孙丽 {office.LI}", "已是李强的邮箱"),
            (f"#人员 增加 孙丽 {office.DESK}", "本系统"),
            ("#人员 移交 王芳", "交给谁"),
            ("#人员 移交 王芳 张三", "不认识“张三”"),
            ("#人员 移交 王芳 王芳", "同一个人"),
            ("#人员 移交 王芳 赵建国", "没有在办件"),
            ("#人员 开除 王芳", "看不懂“开除”"),
        ):
            answer = await command(world, office.ZHOU, listed(world), words)
            assert told in "".join(answer.text.split()), words
        answer = await command(world, office.ZHOU, listed(world), "#人员")
        assert "李强（li）经办" in "".join(answer.text.split())

    play(story)


def test_retiring_asks_where_the_tickets_go_and_all_that_would_come_follows(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        asked = await command(world, office.ZHOU, listed(world), "#人员 停用 李强")
        assert "按在办量分配" in asked.text
        number = next(
            c["number"]
            for c in letters(world, "transcript")[-1].choices
            if c["command"] == "#people retire li to wang"
        )
        done = await command(world, office.ZHOU, asked, str(number))
        assert "2026-0001" in done.text
        assert row(world).handler == "wang"
        undone = await command(world, office.ZHOU, done, "#撤销")
        assert "人员变动不能撤销" in undone.text
        assert row(world).handler == "wang"
        assert recipients(world, "handover") == [office.WANG]
        world.meet(STRANGER)
        world.write(STRANGER, "增值税又一件", "退税迟迟不到账。")
        await world.work()
        assert row(world, "2026-0002").handler == "wang", "the rule names Li, and Wang has his place"
        await world.at("2026-03-04 12:00")
        late = [x for x in letters(world, "worklist") if x.recipient == office.LI]
        assert len(late) == 1, "of the day of leaving only"
        back = await command(
            world, office.ZHOU, await command(world, office.ZHOU, done, "#人员 恢复 李强"), "1"
        )
        assert "恢复李强" in back.text
        await about_tax(world, "增值税第三件")
        assert row(world, "2026-0003").handler == "li"

    play(story)


def test_tickets_are_spread_by_load_and_a_colleague_is_replaced(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(SUN)
        await command(
            world,
            office.ZHOU,
            await command(world, office.ZHOU, listed(world), f"#人员 增加 孙丽 {SUN}"),
            "1",
        )
        for n in range(4):
            await about_tax(world, f"增值税投诉{'甲乙丙丁'[n]}")
        asked = await command(world, office.ZHOU, listed(world), "#人员 移交 李强 平均分配")
        await command(world, office.ZHOU, asked, "1")
        handlers = [row(world, f"2026-000{n}").handler for n in range(1, 5)]
        assert sorted(map(str, handlers)) == ["sun-li", "sun-li", "wang", "wang"], "two each"
        assert sorted(recipients(world, "handover")) == [SUN, office.WANG], "one letter each"
        asked = await command(world, office.ZHOU, listed(world), "#人员 替换 孙丽 李强")
        await command(world, office.ZHOU, asked, "1")
        assert [row(world, f"2026-000{n}").handler for n in range(1, 5)].count("li") == 2
        refused = await command(world, office.ZHOU, listed(world), f"#人员 增加 孙丽 {SUN}")
        assert "以前登记过" in refused.text

    play(story)


def test_the_same_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(SUN)
        asked = await command(
            world, office.ZHOU, world.last(office.ZHOU, "Worklist"), f"#people add sun Sun Li {SUN} english"
        )
        assert "Confirm: new handler Sun Li, key sun" in asked.text
        done = await command(world, office.ZHOU, asked, "1")
        assert "a welcome letter has gone out" in " ".join(done.text.split())
        assert "You work by answering" in world.last(SUN, "Welcome").text
        asked = await command(world, office.ZHOU, done, "#people replace Sun Li by wang")
        done = await command(world, office.ZHOU, asked, "1")
        assert "retire Sun Li" in done.text

    play(story, staff_language="en")
