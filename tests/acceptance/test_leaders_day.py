"""A leader's days, by mail alone: through-train, a few characters back, supervision, the report, the digest."""

from __future__ import annotations

from datetime import date
from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import command, complain, events, letters, news


async def said(world: World, to: Got, text: str) -> None:
    """Have the leader answer a letter."""
    world.reply(office.ZHAO, to, text)
    await world.work()


async def put_to_the_leader(world: World) -> Got:
    """Have Wang mark a complaint and put it straight to Zhao."""
    new = await complain(world)
    await command(world, office.WANG, new, "1")
    await command(
        world, office.WANG, world.last(office.WANG, "2026-0001"), "#受理"
    )  # nothing is late for months
    await command(
        world, office.WANG, world.last(office.WANG, "2026-0001"), "#直通车 企业面临停产，需要市局协调"
    )
    return world.last(office.ZHAO, "直通车")


def test_a_leader_answers_in_a_few_characters_and_the_report_comes_back(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        assert "企业面临停产" in train.text
        assert "我公司的申请至今没有答复" in train.text, "the complaint in short"
        assert "抄送" in world.last(office.ZHOU, "直通车").subject
        mails = len(world.inbox(office.ZHAO))
        await said(world, train, "请3月20日前报我")
        told = world.last(office.WANG, "督办")
        assert "2026年3月20日" in told.text
        assert "由您负责" in told.text
        assert "请督促" in world.last(office.ZHOU, "督办").text
        await world.at("2026-03-19 18:00")
        shown = world.last(office.WANG, "工作清单").text
        assert "领导督办，待回报" in shown
        assert "直通车" in shown
        since = world.inbox(office.ZHAO)[mails:]
        assert ["周报" in g.subject for g in since] == [True, True], "of the 9th and 16th, and nothing else"
        assert "直通车" in since[0].text
        assert "待回报，王芳" in since[1].text
        await world.at("2026-03-20 12:00")
        due = world.inbox(office.WANG)[-1]
        assert "请3月20日前报我" in due.text, "on the day it goes alone"
        assert "工作清单" not in due.subject
        await command(world, office.WANG, told, "1 已协调，企业恢复生产")
        back = world.last(office.ZHAO, "督办回报")
        assert "已协调，企业恢复生产" in back.text
        assert "请3月20日前报我" in back.text
        await said(world, back, "阅")
        count = len(world.inbox(office.WANG))
        await world.at("2026-03-24 18:00")
        later = [g.subject for g in world.inbox(office.WANG)[count:]]
        assert all("督办" not in s for s in later), "nothing is owed any more"
        assert "领导督办，待回报" not in world.last(office.WANG, "工作清单").text
        digest = world.last(office.ZHAO, "周报").text
        assert "请3月20日前报我" in digest
        assert "已回报" in digest

    play(story)


def test_the_same_day_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        await said(world, train, "Please report back by 20 March")
        told = world.last(office.WANG, "督办")
        assert "2026年3月20日" in told.text
        await command(world, office.WANG, told, "#report-back The plant is running again")
        assert "The plant is running again" in world.last(office.ZHAO, "督办回报").text
        assert events(world).count("Supervised") == events(world).count("ReportedBack") == 1

    play(story)


def test_read_alone_is_only_read_and_no_mail_answers_the_leader(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        before = len(world.inbox(office.ZHAO))
        await said(world, train, "阅")
        assert events(world)[-1] == "Read"
        assert len(world.inbox(office.ZHAO)) == before
        assert "赵建国的回信" in world.last(office.ZHOU, "赵建国的回信").subject
        assert "Supervised" not in events(world)

    play(story)


def test_who_owes_a_report_is_reminded_each_working_day_and_the_supervisor_once(play: Any) -> None:
    async def story(world: World) -> None:
        await said(world, await put_to_the_leader(world), "请3月6日前报我")  # a Friday
        await world.at("2026-03-05 18:00")

        def reminded(who: str) -> list[date]:
            mails = [g for g in world.inbox(who) if "清单" not in g.subject and "周报" not in g.subject]
            mails = [g for g in mails if "请3月6日前报我" in g.text]
            dates = [g.mail.date.date() for g in mails if g.mail.date is not None]
            return [day for day in dates if day > date(2026, 3, 2)]

        assert reminded(office.WANG) == []
        await world.at("2026-03-11 18:00")
        assert reminded(office.WANG) == [date(2026, 3, d) for d in (6, 9, 10, 11)]
        assert reminded(office.ZHOU) == [date(2026, 3, 9)]
        assert reminded(office.ZHAO) == [], "it is not the leader who owes it"
        await command(world, office.WANG, world.last(office.WANG, "督办"), "#回报 已办")
        assert "逾期" in world.last(office.ZHAO, "督办回报").subject
        await world.at("2026-03-16 18:00")
        assert reminded(office.WANG)[-1] == date(2026, 3, 11)

    play(story)


def test_several_supervisions_run_at_once_and_each_is_reported_on_its_own(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        await said(world, train, "请3月20日前报我")
        await said(world, train, "#督办 李强 3月25日前核实税费情况")
        assert events(world).count("Supervised") == 2
        second = world.last(office.LI, "督办")
        assert "由您负责" in second.text
        asked = await command(world, office.WANG, world.last(office.WANG, "3月20日前"), "#回报 情况如下")
        assert "有几项督办" not in asked.text or "哪一项" in asked.text
        await command(world, office.LI, second, "1 税费已核实")
        assert "税费已核实" in world.last(office.ZHAO, "督办回报").text

    play(story)


def test_a_leader_calls_a_supervision_off(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        await said(world, train, "请3月6日前报我")
        await said(world, train, "#撤销督办 情况已了解")
        assert "不必再回报" in world.last(office.WANG, "撤销督办").text
        await world.at("2026-03-09 18:00")
        assert letters(world, "reminder") == []

    play(story)


def test_a_day_that_is_over_passes_nothing_on_and_the_supervisor_is_asked(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        await said(world, train, "请2月20日前报我")
        assert not {"Instructed", "Supervised"} & set(events(world))
        asked = world.last(office.ZHOU, "赵建国的回信")
        assert "2026年2月20日已经过去" in asked.text
        await command(world, office.ZHOU, asked, "1")
        assert events(world)[-1] == "InstructionRecorded"
        assert "由周敏登记" in world.last(office.WANG, "批示").text

    play(story)


def test_a_day_that_is_read_in_two_ways_is_offered_not_guessed(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)  # Monday the 2nd
        await said(world, train, "请5日前报我，或周一前报我")
        assert "Instructed" in events(world)
        assert "Supervised" not in events(world)
        asked = world.last(office.ZHOU, "赵建国的回信")
        await command(world, office.ZHOU, asked, "1")
        assert events(world).count("Supervised") == 1

    play(story)


def test_a_day_nobody_works_is_shown_as_the_working_day_before(play: Any) -> None:
    async def story(world: World) -> None:
        await said(world, await put_to_the_leader(world), "请3月8日前报我")  # a Sunday
        assert "2026年3月6日" in world.last(office.WANG, "督办").text

    play(story)


def test_words_that_name_no_ticket_go_to_the_supervisor_who_says_which_by_one_digit(play: Any) -> None:
    async def story(world: World) -> None:
        for subject in ("关于审批迟延的投诉", "另一件投诉"):
            await command(world, office.WANG, await complain(world, subject=subject), "1")
        await world.at("2026-03-17 12:00")  # both are late: the leader is told of both
        bundle = world.last(office.ZHAO, "督促")
        before = len(world.inbox(office.ZHAO))
        await said(world, bundle, "请3月31日前办结并报我")
        assert "Supervised" not in events(world)
        asked = world.last(office.ZHOU, "赵建国的回信")
        assert "请3月31日前办结并报我" in asked.text
        assert "2026-0001" in asked.text
        assert "2026-0002" in asked.text
        await command(world, office.ZHOU, asked, "2")
        both = [n for n in ("2026-0001", "2026-0002") if "Supervised" in events(world, n)]
        assert len(both) == 1
        told = world.last(office.WANG, "督办")
        assert "由周敏登记" in told.text
        assert len(world.inbox(office.ZHAO)) == before, "nothing goes to the leader"
        await world.at("2026-03-23 12:00")
        assert "周敏" in world.last(office.ZHAO, "周报").text, (
            "the next digest says that it was put on record"
        )

    play(story)


def test_nobody_puts_words_into_a_leaders_mouth(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        await said(world, train, "阅")
        copy = world.last(office.ZHOU, "直通车")
        message = len(world.inbox(world.desk))
        refused = await command(world, office.ZHOU, copy, f"#记为批示 M{message}：立即办结")
        assert "没有这些话" in refused.text or "不是领导" in refused.text
        forged = await command(world, office.ZHOU, copy, "#记为批示 M1")
        assert "不是领导" in forged.text
        assert "InstructionRecorded" not in events(world)

    play(story)


def test_a_decision_of_the_leader_that_fails_is_told_to_the_leader(play: Any) -> None:
    async def story(world: World) -> None:
        train = await put_to_the_leader(world)
        before = len(news(world, office.ZHAO))
        await said(world, train, "#同意")
        assert len(news(world, office.ZHAO)) == before + 1

    play(story)
