"""Closing for want of an answer (Art. 20 (6)): counted, announced, offered, refused without the announcement."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import GM, command, complain, events, letters, state


def shorter(world: World, days: int = 4, announce: int = 2) -> None:
    """Have the procedure count fewer days, for a short story."""
    rules: Any = world.daemon.rules.procedures
    made = rules["foreign-investment"]
    rule = made.inactivity.model_copy(update={"days": days, "announce": announce})
    rules["foreign-investment"] = made.model_copy(update={"inactivity": rule})


async def asked(world: World, *, words: str = "#答复 请说明贵公司申请的日期。", english: bool = False) -> Got:
    """Play to an accepted complaint (2 March) whose complainant was asked; return the handler's transcript."""
    if english:
        world.meet(GM)
        world.write(GM, "Complaint about a permit", "Dear Sirs,\nour permit has been delayed.\n")
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#accept")
    else:
        await command(world, office.WANG, await complain(world), "#受理")
    await world.minutes(16)
    told = await command(world, office.WANG, world.last(office.WANG, "已执行"), words)
    await world.minutes(16)
    return told


async def waited_for(world: World, **more: Any) -> None:
    told = await asked(world, **more)
    assert "开始计算三十日" in told.text
    done = await command(world, office.WANG, told, "#待答复")
    assert "任何来信即停止计算" in "".join(done.text.split())


def test_it_is_announced_by_the_desk_and_offered_with_its_evidence_but_never_done(play: Any) -> None:
    async def story(world: World) -> None:
        shorter(world)
        await waited_for(world)  # 2 March and 4 days: Friday 6 March; announced on the 4th
        await world.at("2026-03-03 12:00")
        assert "终结的告知" in world.last(office.WANG, "工作清单").text
        assert letters(world, "inactivity") == []
        await world.at("2026-03-04 12:00")
        told = world.last(GM, "请您回音")
        text = "".join(told.text.split())
        assert "2026年3月6日" in text
        assert "连续三十日无正当理由不参加" in text
        assert "以任何内容回复本信，上述期间即停止计算" in text
        await world.at("2026-03-06 18:00")
        early = await command(
            world, office.WANG, world.last(office.WANG, "工作清单"), "#2026-0001 办结 6 没有回音。"
        )
        assert "过了这一天才能使用" in early.text
        await world.at("2026-03-09 12:00")
        offered = world.last(office.WANG, "期满没有回音")
        shown = "".join(offered.text.split())
        assert "2026年3月2日" in shown
        assert "已送出" in shown
        assert "2026年3月4日" in shown
        assert state(world) == "accepted", "the desk closes nothing"
        await command(world, office.WANG, offered, "1")
        assert state(world) == "accepted", "a superior approves"
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        assert state(world) == "concluded"
        await world.minutes(16)
        assert "截至2026年3月6日没有收到您的回音" in "".join(world.last(GM, "处理结果通知书").text.split())

    play(story)


def test_in_english_the_announcement_names_day_ground_and_that_any_answer_stops_it(play: Any) -> None:
    async def story(world: World) -> None:
        shorter(world)
        await waited_for(world, english=True, words="#reply Please tell us when you applied.")
        await world.at("2026-03-04 12:00")
        text = " ".join(world.last(GM, "Please answer us").text.split())
        assert "6 March 2026" in text
        assert "has taken no part for 30 consecutive days" in text
        assert "whatever it says, stops this" in text
        world.reply(GM, world.last(GM, "Please answer us"), "We are still here.")
        await world.at("2026-03-10 12:00")
        assert letters(world, "no-participation") == []

    play(story)


def test_the_ground_is_refused_without_its_announcement_and_says_how(play: Any) -> None:
    async def story(world: World) -> None:
        shorter(world)
        told = await asked(world)
        refused = await command(world, office.WANG, told, "#办结 6 没有回音。")
        assert "待答复" in refused.text
        assert "Proposed" not in events(world)
        done = await command(world, office.WANG, refused, "1")
        assert "等候回音" in done.text
        again = await command(world, office.WANG, told, "#办结 6 没有回音。")
        assert "系统定于2026年3月4日自动告知" in "".join(again.text.split())
        assert "Proposed" not in events(world)

    play(story)


def test_an_announcement_that_was_refused_by_smtp_closes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        shorter(world)
        await waited_for(world)
        smtp = world.backing._servers.smtp  # type: ignore[attr-defined]
        smtp.script = lambda envelope: (
            "550 5.1.1 no such mailbox" if GM in map(str, envelope.rcpt_tos) else None
        )
        await world.at("2026-03-04 12:00")
        assert letters(world, "inactivity")[0].state == "failed"
        await world.at("2026-03-10 12:00")
        assert letters(world, "no-participation") == []
        told = await command(
            world, office.WANG, world.last(office.WANG, "工作清单"), "#2026-0001 办结 6 没有回音。"
        )
        assert "没有送达" in told.text

    play(story)


def test_a_mail_after_the_proposal_keeps_it_from_being_approved(play: Any) -> None:
    async def story(world: World) -> None:
        shorter(world)
        await waited_for(world)
        await world.at("2026-03-09 12:00")
        await command(world, office.WANG, world.last(office.WANG, "期满没有回音"), "1")
        request = world.last(office.ZHOU, "请审批")
        world.reply(GM, world.last(GM, "请您回音"), "材料我们正在准备。")
        await world.work()
        told = await command(world, office.ZHOU, request, "1")
        assert "投诉人已经来信" in told.text
        assert state(world) == "accepted"

    play(story)


def test_there_is_nothing_to_wait_for_before_the_complainant_was_asked(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.minutes(16)
        told = await command(world, office.WANG, world.last(office.WANG, "已执行"), "#待答复")
        assert "没有可以等候回音的去信" in told.text
        assert "Awaited" not in events(world)

    play(story)
