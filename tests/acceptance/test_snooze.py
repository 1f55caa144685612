"""Putting a ticket off by mail: what its handler is spared, and what is said all the same."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import LetterRow
from told import GM, command, complain, events, letters

ZONE = ZoneInfo("Asia/Shanghai")
RING = "请打电话问一下"
SECTIONS = ("已逾期", "即将到期", "待甄别", "暂缓中", "其他在办")


def worklist(world: World, person: str, day: str) -> str:
    """Return the text of the worklist somebody got on a day."""
    wanted = date.fromisoformat(day)
    with world.daemon.store.read() as session:
        query = select(LetterRow.text, LetterRow.created_at).where(
            LetterRow.kind == "worklist", LetterRow.recipient == person
        )
        rows = session.execute(query).all()
    return next(text for text, at in rows if at.astimezone(ZONE).date() == wanted)


def flat(text: str) -> str:
    """Return a text without its line breaks and spaces."""
    return "".join(text.split())


def section_of(text: str, number: str = "2026-0001") -> str:
    """Return the heading of the section of a worklist that lists a ticket, "" where none does."""
    found = ""
    for line in text.split("\n"):
        if line.strip() in SECTIONS:
            found = line.strip()
        elif number in line and found and "#" not in line:
            return found
    return ""


async def marked(world: World) -> Got:
    """Have a complaint of 2 March marked as one: to be decided by 11 March."""
    return await command(world, office.WANG, await complain(world), "1")


def days(world: World, kind: str, recipient: str) -> list[date]:
    return [r.created_at.astimezone(ZONE).date() for r in letters(world, kind) if r.recipient == recipient]


def test_a_snoozed_ticket_leaves_the_urgent_sections_of_its_handler_alone_until_the_day(play: Any) -> None:
    async def story(world: World) -> None:
        answer = await command(world, office.WANG, await marked(world), "#暂缓 3月10日 等税务局答复")
        assert "暂缓至2026年3月10日" in answer.text
        await world.at("2026-03-10 12:00")
        assert section_of(worklist(world, office.WANG, "2026-03-09")) == "暂缓中"
        assert "等税务局答复" in worklist(world, office.WANG, "2026-03-09")
        assert section_of(worklist(world, office.WANG, "2026-03-10")) == "即将到期"
        supervisor = worklist(world, office.ZHOU, "2026-03-09")
        assert section_of(supervisor) == "即将到期", "supervisors see it where it stands"
        assert "暂缓至2026年3月10日（周二）：等税务局答复" in flat(supervisor)

    play(story)


def test_the_day_itself_and_every_breach_are_told_whatever_was_put_off(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await marked(world), "#暂缓 3月10日 等税务局答复")
        await world.at("2026-03-12 12:00")
        assert days(world, "reminder", office.WANG) == [date(2026, 3, 11), date(2026, 3, 12)]
        assert days(world, "reminder", office.ZHOU) == [date(2026, 3, 12)]

    play(story)


def test_no_ticket_is_put_off_to_a_date_or_past_it_and_the_latest_day_is_a_digit_away(play: Any) -> None:
    async def story(world: World) -> None:
        refused = await command(world, office.WANG, await marked(world), "#暂缓 3月11日 等税务局答复")
        assert "Snoozed" not in events(world)
        assert "最晚可到2026年3月10日" in flat(refused.text)
        await command(world, office.WANG, refused, "1")
        assert events(world)[-1] == "Snoozed"
        await world.at("2026-03-09 12:00")
        assert "等税务局答复" in worklist(world, office.WANG, "2026-03-09")

    play(story)


def test_ten_working_days_are_the_most_a_ticket_is_put_off(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.at("2026-03-03 10:00")
        mail = world.last(office.WANG, "2026-0001")
        refused = await command(world, office.WANG, mail, "#暂缓 3月18日 等现场勘查")
        assert "一次最多10个工作日" in refused.text
        assert "最晚可到2026年3月17日" in flat(refused.text)
        assert "Snoozed" not in events(world)
        await command(world, office.WANG, mail, "#暂缓 3月17日 等现场勘查")
        assert "Snoozed" in events(world)

    play(story)


def test_a_date_that_is_tomorrow_lets_nothing_be_put_off(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await marked(world)
        await world.at("2026-03-10 10:00")
        refused = await command(world, office.WANG, mail, "#暂缓 3月12日 等答复")
        assert "不能暂缓" in refused.text
        past = await command(world, office.WANG, mail, "#暂缓 昨天 等答复")
        assert "不能暂缓" in past.text
        assert "Snoozed" not in events(world)

    play(story)


def test_a_mail_of_the_complainant_brings_the_ticket_back_at_once(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await marked(world), "#暂缓 3月10日 等税务局答复")
        world.reply(GM, world.last(GM, "2026-0001"), "又停了一次，请尽快。")
        await world.work()
        await world.at("2026-03-09 12:00")
        assert section_of(worklist(world, office.WANG, "2026-03-09")) == "即将到期"

    play(story)


def test_a_step_ends_it_and_undoing_takes_it_back(play: Any) -> None:
    async def story(world: World) -> None:
        done = await command(world, office.WANG, await marked(world), "#暂缓 3月10日 等税务局答复")
        await command(world, office.WANG, done, "撤销")
        assert events(world)[-1] == "Undone"
        await world.at("2026-03-09 12:00")
        assert section_of(worklist(world, office.WANG, "2026-03-09")) == "即将到期"
        mail = world.last(office.WANG, "2026-0001")
        await command(world, office.WANG, mail, "#暂缓 3月10日 等税务局答复")
        await command(world, office.WANG, mail, "#补正 请补充营业执照")
        await world.at("2026-03-10 12:00")
        assert section_of(worklist(world, office.WANG, "2026-03-10")) != "暂缓中"

    play(story)


def test_a_notice_to_telephone_about_waits_until_the_day_and_comes_back_with_the_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.at("2026-03-03 10:00")  # served on the 2nd: to be confirmed by the 5th
        mail = world.last(office.WANG, "2026-0001")
        await command(world, office.WANG, mail, "#暂缓 3月10日 等投诉人出差回来")
        await world.at("2026-03-11 12:00")
        asked = [
            day
            for day in days(world, "worklist", office.WANG)
            if RING in flat(worklist(world, office.WANG, str(day)))
        ]
        assert asked == [date(2026, 3, 10)]

    play(story)


def test_who_neither_handles_nor_supervises_a_ticket_may_not_put_it_off(play: Any) -> None:
    async def story(world: World) -> None:
        await marked(world)
        world.write(office.LI, "命令", "#2026-0001 暂缓 3月9日 等等看")
        await world.work()
        laid_ready = world.inbox(office.LI)[-1]
        await command(world, office.LI, laid_ready, "1")
        assert "Snoozed" not in events(world)
        mail = world.last(office.WANG, "2026-0001")
        await command(world, office.WANG, mail, "#暂缓 3月9日")
        assert "Snoozed" not in events(world), "a reason is wanted"

    play(story)


def test_a_snooze_shows_in_the_story_of_the_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        done = await command(world, office.WANG, await marked(world), "#暂缓 3月10日 等税务局答复")
        shown = await command(world, office.WANG, done, "#查看")
        assert "暂缓至2026-03-10等税务局答复" in flat(shown.text)

    play(story)
