"""Absence that is noticed, and tickets that change hands: told once, decided by a person, never by a machine."""

from __future__ import annotations

from typing import Any

import pytest

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.schedule import reminders
from told import STRANGER, command, events, letters, news, row


async def about_tax(world: World, subject: str = "增值税退税投诉") -> Got:
    """Have somebody write about taxes, which Li handles; return Li's letter."""
    world.meet(STRANGER)
    world.write(STRANGER, subject, f"退税迟迟不到账。{subject}")
    await world.work()
    return world.last(office.LI, "请承办")


async def out_of_office(world: World, who: str, answering: Got, words: str) -> None:
    """Have somebody's mailbox answer by itself."""
    world.write(
        who,
        f"自动回复: {answering.subject}",
        words,
        headers=[("Auto-Submitted", "auto-replied")],
        in_reply_to=answering.mail.message_id,
    )
    await world.work()


def alerts(world: World, who: str = office.ZHOU) -> list[str]:
    return [x.subject.partition("] ")[2] for x in letters(world, "absence") if x.recipient == who]


def test_an_automatic_answer_of_staff_tells_the_superior_once_and_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        before = (row(world).state, row(world).handler, events(world))
        for _ in range(3):
            await out_of_office(world, office.LI, got, "我于3月2日至3月6日外出培训，不能查看邮件。")
            await world.minutes(10)
        assert (row(world).state, row(world).handler, events(world)) == before
        assert alerts(world) == ["李强似不在岗，请您安排"]
        told = world.last(office.ZHOU, "似不在岗")
        assert "登记李强请假至2026年3月6日" in told.text
        assert "在办的1件全部转给王芳" in told.text
        assert "外出培训" in told.text
        assert "请先电话核实" not in told.text, "it showed the key of our letter"

    play(story)


def test_the_superior_notes_the_leave_and_moves_the_tickets_by_two_digits(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        await out_of_office(world, office.LI, got, "我于3月2日至3月6日外出培训，不能查看邮件。")
        answer = await command(world, office.ZHOU, world.last(office.ZHOU, "似不在岗"), "1 2")
        assert "李强2026年3月2日至2026年3月6日不在岗" in "".join(answer.text.split())
        assert row(world).handler == "wang"
        handed = world.last(office.WANG, "转由您承办")
        assert "2026-0001" in handed.text
        await out_of_office(world, office.LI, got, "我于3月2日至3月6日外出培训，不能查看邮件。")
        assert len(alerts(world)) == 1, "the leave is noted"

    play(story)


def test_without_a_date_the_superior_writes_it_and_present_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        await out_of_office(world, office.LI, got, "I am out of the office and read no mail.")
        told = world.last(office.ZHOU, "似不在岗")
        answer = await command(world, office.ZHOU, told, "3")
        assert "没有改变任何事项" in answer.text
        assert row(world).handler == "li"
        await out_of_office(world, office.LI, got, "Still out of the office.")
        assert len(alerts(world)) == 2, "said to be here, and yet away: told again"
        await command(world, office.ZHOU, world.last(office.ZHOU, "似不在岗"), "1 3月5日")
        await about_tax(world, "增值税又一件")
        assert row(world, "2026-0002").handler == "wang"

    play(story)


def test_an_automatic_answer_without_our_key_is_shown_as_unproven(play: Any) -> None:
    async def story(world: World) -> None:
        world.write(office.LI, "自动回复：外出", "我在休假。", headers=[("Auto-Submitted", "auto-replied")])
        await world.work()
        assert "请先电话核实" in world.last(office.ZHOU, "似不在岗").text

    play(story)


def test_a_colleague_whose_letters_come_back_is_told_to_the_superior(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        with world.daemon.store.decide() as session:
            from mail_desk.desk import consequences
            from mail_desk.desk.work import Work

            work = Work(session, world.daemon.rules, world.clock.now())
            for _ in range(2):
                consequences._nobody_reads(work, office.LI, "550 5.1.1 user unknown")
        await world.work()
        assert alerts(world) == ["李强收不到信，请您安排"]
        assert "550 5.1.1" in world.last(office.ZHOU, "收不到信").text

    play(story)


def test_a_ticket_nobody_touched_is_told_once_with_somebody_to_give_it_to(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        await command(world, office.LI, world.last(office.LI, "请承办"), "1")
        assert row(world).kind == "complaint"
        listed = world.last(office.ZHOU, "工作清单")
        await command(
            world, office.ZHOU, await command(world, office.ZHOU, listed, "#2026-0001 转办 王芳"), "1"
        )
        await world.at("2026-03-03 18:00")
        assert alerts(world) == [], "the working day is not over"
        await world.at("2026-03-04 12:00")
        assert alerts(world) == ["2026-0001 分办后一直没有动静"]
        told = world.last(office.ZHOU, "没有动静")
        assert "2026年3月2日分给王芳，至今没有动静" in "".join(told.text.split())
        await world.at("2026-03-06 12:00")
        assert len(alerts(world)) == 1, "once for each assignment"
        await command(world, office.ZHOU, told, "2")
        assert "催办" in "".join(news(world, office.WANG)) or "提醒" in "".join(news(world, office.WANG))

    play(story)


def test_a_new_mail_nobody_marked_is_told_in_the_escalation_itself_with_the_same_steps(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        await world.at("2026-03-04 12:00")
        assert alerts(world) == [], "the escalation says it: not two letters about one thing"
        told = world.last(office.ZHOU, "督促")
        assert "转给王芳" in told.text
        assert "催办" in told.text
        number = next(
            c["number"]
            for c in letters(world, "reminder")[-1].choices
            if c["command"] == "#2026-0001 assign wang"
        )
        await command(world, office.ZHOU, told, str(number))
        assert row(world).handler == "wang"

    play(story)


def test_whatever_the_handler_did_or_wrote_is_a_sign(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        listed = world.last(office.ZHOU, "工作清单")
        await command(world, office.LI, world.last(office.LI, "请承办"), "1")
        await command(
            world, office.ZHOU, await command(world, office.ZHOU, listed, "#2026-0001 转办 王芳"), "1"
        )
        await command(world, office.WANG, world.last(office.WANG, "请承办"), "已打电话，对方下周补材料")
        await world.at("2026-03-06 12:00")
        assert alerts(world) == []

    play(story)


def test_a_leave_begins_though_the_days_budget_has_no_room_for_bundles(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        await command(world, office.LI, world.last(office.LI, "2026-0001"), "#请假 3月3日到3月6日")
        monkeypatch.setattr(reminders, "room_for_bundles", lambda *_: False)
        before = len(letters(world, "worklist"))
        await world.at("2026-03-03 12:00")
        assert len(letters(world, "worklist")) == before, "bundles wait"
        assert [x.recipient for x in letters(world, "handover")] == [office.WANG], (
            "what moves tickets does not"
        )

    play(story)


def test_who_stands_in_is_told_what_there_is_and_takes_a_ticket_over_by_a_digit(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        await command(world, office.LI, world.last(office.LI, "请承办"), "1")
        await command(world, office.LI, world.last(office.LI, "2026-0001"), "#请假 3月3日到3月6日")
        assert letters(world, "handover") == [], "not before the leave begins"
        await world.at("2026-03-03 12:00")
        told = [x for x in letters(world, "handover") if x.recipient == office.WANG]
        assert len(told) == 1
        got = world.last(office.WANG, "代办")
        assert "2026-0001" in got.text
        await command(world, office.WANG, got, "1")
        assert row(world).handler == "wang"
        # back: nothing goes back by itself, the person asks and the colleague decides
        await world.at("2026-03-09 12:00")
        assert row(world).handler == "wang"
        back = world.last(office.LI, "不在岗期间的情况")
        assert "王芳" in back.text
        await command(world, office.LI, back, "1")
        assert row(world).handler == "wang", "asked, not taken"
        asked = world.last(office.WANG, "请您移回")
        await command(world, office.WANG, asked, "1")
        assert row(world).handler == "li"
        assert len([x for x in letters(world, "handover") if x.recipient == office.LI]) == 1

    play(story)


def test_what_a_colleague_did_meanwhile_is_told_on_return_and_the_ticket_is_there_again(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        await command(world, office.LI, world.last(office.LI, "2026-0001"), "#请假 2026-03-02 2026-03-04")
        got = world.last(office.WANG, "代办")
        await command(world, office.WANG, got, "#2026-0001 投诉")
        assert (row(world).kind, row(world).handler) == ("complaint", "li")
        await world.at("2026-03-03 10:00")
        answer = await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#销假 李强")
        assert "已销假" in answer.text
        back = world.last(office.LI, "不在岗期间的情况")
        assert "王芳" in back.text
        assert "标记" in back.text
        assert row(world).handler == "li"

    play(story)


def test_the_same_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "Delay of our permit", "Dear Sir, our permit is late.")
        await world.work()
        got = world.last(office.WANG, "2026-0001")
        await out_of_office(world, office.WANG, got, "I am out of the office until 13 March.")
        told = world.last(office.ZHOU, "seems to be away")
        assert "Note the leave of Wang Fang until 13 March 2026" in told.text
        await command(world, office.ZHOU, told, "1")
        assert [x.recipient for x in letters(world, "handover")] == [office.ZHOU], "her substitute"

    play(story, staff_language="en")
