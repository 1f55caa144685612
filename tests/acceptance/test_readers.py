"""Each reader is told what concerns it, is offered what it may do, and every offer works."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mail_desk.demo import office
from mail_desk.demo.world import World
from told import GM, command, complain, state

DUTY = "duty.desk@market.gov.example"


def test_a_key_projects_leader_is_informed_and_not_asked_to_handle(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        copy = world.last(office.ZHAO, "2026-0001")
        assert "请阅" in copy.subject
        assert "请承办" not in copy.subject + copy.text
        assert "由王芳承办" in copy.text
        assert "1 = 阅" in copy.text
        await command(world, office.ZHAO, copy, "请抓紧")
        assert "请抓紧" in world.last(office.WANG, "批示").text

    play(story)


def test_the_approver_of_an_extension_sees_the_date_that_the_letter_will_bear(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "#受理")
        await world.minutes(16)
        asked = await command(world, office.WANG, new, "#延期 20 涉及多个部门")
        assert "延期20个工作日" in asked.text
        request = world.last(office.ZHAO, "请审批")
        date = "2026年6月26日"  # 80 working days after 2 March, over Qingming, Labour Day and 19 June
        assert f"到{date}" in request.text
        assert request.text.count(date) == 3, (
            "in the sentence, the facts and the letter: never broken by a line end"
        )
        mails = len(world.inbox(office.ZHAO))
        await command(world, office.ZHAO, request, "同意")
        assert len(world.inbox(office.ZHAO)) == mails, "what a leader decided is told to the supervisor"
        done = world.last(office.ZHOU, "赵建国的回信")
        assert date in done.text
        assert "是投诉" not in done.text, "nobody but the handler is offered the handler's steps"
        await world.minutes(16)
        assert date in world.last(GM).text

    play(story)


def test_the_worklist_offers_numbered_steps_for_several_tickets_and_they_work(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        await complain(world, "other@bearings.example", "投诉：备案没有答复")
        await world.at("2026-03-03 08:31")
        bundle = world.last(office.WANG, "工作清单")
        assert "1 = 是投诉" in bundle.text
        assert "5 = 是投诉" in bundle.text
        await command(world, office.WANG, bundle, "1 5")
        assert (state(world), state(world, "2026-0002")) == ("examining", "examining")

    play(story)


def test_no_letter_offers_more_than_nine_steps_for_several_tickets(play: Any) -> None:
    async def story(world: World) -> None:
        for n in range(6):
            sender = f"gm{n}@bearings.example"
            world.meet(sender)
            world.write(sender, f"投诉{n}：营业执照", "至今没有办理，请协调。", name="张三")
            await world.work()
        await world.at("2026-03-03 08:31")
        bundle = world.last(office.WANG, "工作清单")
        assert "9 = " in bundle.text
        assert "10 = " not in bundle.text
        for n in range(1, 7):
            assert f"2026-000{n}" in bundle.text, "a ticket beyond the digits is listed all the same"

    play(story)


def test_a_supervisor_urges_with_one_digit_where_somebody_is_late(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")  # to be decided by 11 March
        await world.at("2026-03-11 12:00")
        assert "催办" not in world.last(office.ZHOU, "工作清单").text, "nobody is late yet"
        await world.at("2026-03-12 12:00")
        for nth, kind in enumerate(("工作清单", "督促"), start=1):
            told = world.last(office.ZHOU, kind)
            digit = re.search(r"(\d) = 催办：王芳", told.text)
            assert digit is not None, kind
            assert "催办：王芳" not in world.last(office.WANG, "工作清单").text
            await command(world, office.ZHOU, told, digit[1])
            urged = [got.subject for got in world.inbox(office.WANG) if "周敏催办" in got.subject]
            assert len(urged) == nth, kind

    play(story)


def test_nobody_is_urged_where_a_superiors_own_word_is_late(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await command(world, office.WANG, await complain(world), "1")
        await world.at("2026-03-09 10:00")
        await command(world, office.WANG, mail, "#不予受理 1 不属于受理范围。")
        await world.at("2026-03-12 12:00")
        listed = world.last(office.ZHOU, "工作清单")
        assert "已逾期" in listed.text
        assert "催办" not in listed.text, "the supervisor has not decided"

    play(story)


def test_the_stand_in_is_urged_by_name(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = office._PEOPLE.replace('substitute = "zhou"', 'substitute = "li"', 1)
    monkeypatch.setattr(office, "_PEOPLE", people.replace('substitute = "wang"', 'substitute = "zhou"', 1))

    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        world.reply(office.ZHOU, world.last(office.ZHOU, "工作清单"), "#休假 王芳 3月4日 3月20日")
        await world.at("2026-03-12 12:00")
        listed = world.last(office.ZHOU, "工作清单")
        digit = re.search(r"(\d) = 催办：李强", listed.text)
        assert digit is not None
        assert "已催李强" in (await command(world, office.ZHOU, listed, digit[1])).text

    play(story)


def test_an_organ_that_was_asked_and_answers_by_number_is_named_and_not_believed(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "#征询 市场监管局 请函告办理情况。")
        await world.minutes(20)
        world.write(DUTY, "关于2026-0001号来信的回复意见", "经查已办结。", name="值班室")
        await world.work()
        shown = world.last(office.WANG, "2026-0001")
        assert "可能是有关部门的答复" in shown.subject
        assert "可能是市场监管局的答复" in shown.text
        assert shown.text.count("身份未核实") == 1
        assert shown.text.count("不影响") == 1, "said once"

    play(story)


def test_a_supervisor_who_approves_is_not_invited_to_do_the_handlers_work(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        await command(world, office.WANG, new, "#不予受理 2 属于民商事纠纷")
        done = await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        assert "同意" in done.subject
        assert "请回复一个数字" not in done.text

    play(story)


def test_a_transcript_names_its_ticket_and_says_until_when_it_can_be_undone(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        done = await command(world, office.WANG, new, "1")
        assert "2026-0001 已执行：标记为投诉" in done.subject
        assert "撤销" in done.text
        noted = await command(world, office.WANG, new, "#备注 已电话联系")
        assert "→" not in noted.text.partition("请回复一个数字")[0], "an unchanged state is not repeated"

    play(story)


def test_a_tickets_history_is_told_in_words_not_in_keys(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "#受理")
        await world.minutes(16)
        shown = await command(world, office.WANG, new, "#查看")
        assert "标记 投诉" in shown.text
        assert "受理通知书" in shown.text
        history = shown.text.partition("经过")[2]
        assert "complaint" not in history
        assert "acceptance" not in history

    play(story)
