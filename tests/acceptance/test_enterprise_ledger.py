"""The ledger of enterprises by mail: looked at, changed twice said, and what follows for the next mail."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import GM, STRANGER, command, complain, events, row, state


async def ask(world: World, sender: str, text: str) -> Got:
    world.write(sender, "企业", text)
    await world.work()
    return world.last(sender)


def flat(text: str) -> str:
    return "".join(text.split())


NEW = "#企业 增加 示例精密机械有限公司\n国别：瑞士\n域名：precision.example\n联系邮箱：ceo@precision.example\n服务专员：李强\n重点项目：精密机床\n包联领导：赵建国\n工作专班：项目专班\n推进方案：一企一策"


def test_a_row_is_added_by_a_digit_and_the_next_mail_of_that_domain_belongs_to_it(play: Any) -> None:
    async def story(world: World) -> None:
        asked = await ask(world, office.ZHOU, NEW)
        for said in (
            "尚未执行",
            "国别：瑞士",
            "服务专员：李强",
            "包联领导：赵建国",
            "工作专班：项目专班",
            "推进方案：一企一策",
        ):
            assert said in flat(asked.text), said
        assert "台账中没有" in (await ask(world, office.ZHOU, "#企业 示例精密")).text
        done = await command(world, office.ZHOU, asked, "1")
        assert "已增加：示例精密机械有限公司（precision）" in flat(done.text)
        shown = await ask(world, office.ZHOU, "#企业 示例精密")
        assert "最近变更：2026-03-02，周敏" in flat(shown.text)
        world.meet("works@precision.example")
        world.write("works@precision.example", "停水", "厂区停水三天。")
        await world.work()
        assert (row(world).enterprise, row(world).handler) == ("precision", "li")

    play(story)


def test_the_ledger_that_was_changed_holds_after_a_restart(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.ZHOU, await ask(world, office.ZHOU, NEW), "1")
        await world.restart()
        assert "国别：瑞士" in flat((await ask(world, office.ZHOU, "#企业 precision")).text)

    play(story)


def test_a_change_shows_before_and_after_and_ended_rows_match_no_further_mail(play: Any) -> None:
    async def story(world: World) -> None:
        one_line = await ask(world, office.ZHOU, "#企业 修改 示例轴承 电话：0379-99，服务专员：无")
        assert "电话：0379-00000002→0379-99服务专员：王芳→—" in flat(one_line.text)
        asked = await ask(world, office.ZHOU, "#企业 修改 示例轴承\n电话：0379-99\n服务专员：李强")
        assert "电话：0379-00000002→0379-99" in flat(asked.text)
        assert "服务专员：王芳→李强" in flat(asked.text)
        await command(world, office.ZHOU, asked, "1")
        world.meet(GM)
        world.write(GM, "投诉", "审批迟延。")
        await world.work()
        assert (row(world).enterprise, row(world).handler) == ("bearing", "li")
        await command(world, office.ZHOU, await ask(world, office.ZHOU, "#企业 停用 bearing"), "1")
        assert "已停用" in (await ask(world, office.ZHOU, "#企业")).text
        world.write("other@bearings.example", "另一件", "厂区停水。")
        await world.work()
        assert row(world, "2026-0002").enterprise is None
        assert row(world).enterprise == "bearing", "what it was, it stays"
        await command(world, office.ZHOU, await ask(world, office.ZHOU, "#企业 恢复 bearing"), "1")
        world.write("third@bearings.example", "第三件", "厂区停电。")
        await world.work()
        assert row(world, "2026-0003").enterprise == "bearing"

    play(story)


def test_free_mail_and_domains_of_others_are_refused(play: Any) -> None:
    async def story(world: World) -> None:
        for lines, why in (
            ("域名：163.com", "公共邮箱"),
            ("域名：glass.example", "已属于示例光电玻璃"),
            ("域名：office.example", "本单位"),
            ("联系邮箱：contact@market.gov.example", "有关单位"),
            ("服务专员：赵建国", "不是经办人"),
            ("包联领导：李强", "不是领导"),
            ("域名：not a domain!", "不对"),
            ("颜色：红", "看不懂"),
        ):
            refused = await ask(world, office.ZHOU, f"#企业 增加 新企业\n{lines}")
            assert why in flat(refused.text), (lines, refused.text)
            assert "尚未执行" not in refused.text
        assert "台账中没有“新企业”" in flat((await ask(world, office.ZHOU, "#企业 新企业")).text)

    play(story)


def test_a_handler_looks_and_does_not_change(play: Any) -> None:
    async def story(world: World) -> None:
        assert "企业台账共2家" in flat((await ask(world, office.LI, "#企业")).text)
        assert "重点项目：高端轴承二期" in flat((await ask(world, office.LI, "#企业 示例轴承")).text)
        refused = await ask(world, office.LI, NEW)
        assert "由负责人修改" in refused.text

    play(story)


def test_a_forged_confirmation_without_the_letter_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await ask(world, office.ZHOU, "#企业 停用 bearing")
        again = await ask(world, office.ZHOU, "#enterprise end bearing")
        assert "尚未执行" in again.text
        assert "已停用" not in (await ask(world, office.ZHOU, "#企业")).text

    play(story)


def test_a_tickets_enterprise_is_said_by_name_and_undone(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "停水", "厂区停水三天。")
        await world.work()
        letter = world.last(office.WANG, "停水")
        assert row(world).enterprise is None
        done = await command(world, office.WANG, letter, "#2026-0001 企业 示例轴承")
        assert row(world).enterprise == "bearing"
        assert events(world)[-1] == "EnterpriseSet"
        shown = await command(world, office.WANG, done, "#查看")
        assert "企业示例轴承（洛阳）有限公司" in flat(shown.text)
        await command(world, office.WANG, done, "撤销")
        assert row(world).enterprise is None
        asked = await command(world, office.WANG, letter, "#2026-0001 企业 某某公司")
        assert "是哪一家" in asked.text
        await command(world, office.WANG, asked, "2")
        assert row(world).enterprise == "glass"
        await command(world, office.WANG, letter, "#2026-0001 企业 无")
        assert row(world).enterprise is None
        assert state(world) == "received"

    play(story)


def test_in_answer_to_a_tickets_letter_the_row_is_shown_and_a_digit_sets_it(play: Any) -> None:
    async def story(world: World) -> None:
        letter = await complain(world)
        shown = await command(world, office.WANG, letter, "#企业 示例光电")
        assert "日本" in shown.text
        await command(world, office.WANG, shown, "1")
        assert row(world).enterprise == "glass"

    play(story)


def test_the_ledger_speaks_english(play: Any) -> None:
    async def story(world: World) -> None:
        listed = await ask(world, office.ZHOU, "#enterprise")
        assert "2 enterprises in the ledger" in listed.text
        asked = await ask(
            world,
            office.ZHOU,
            "#enterprise change Example Bearings\ntelephone: 0379-77\nproject team: task force",
        )
        assert "Telephone: 0379-00000002 → 0379-77" in asked.text
        done = await command(world, office.ZHOU, asked, "1")
        assert "Changed: Example Bearings" in done.text.replace("\n", " ")

    play(story, staff_language="en")
