"""Notices nobody has confirmed: who is asked to ring, when, and that no circumstance loses the request."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.status import collect
from told import GM, command, complain

ZONE = ZoneInfo("Asia/Shanghai")
RING = "请打电话问一下"


async def accepted(world: World) -> None:
    """Have the notice of acceptance served on Monday 2 March: to be confirmed by the 5th."""
    await command(world, office.WANG, await complain(world), "#受理")
    await world.minutes(16)


def asked(world: World, what: str = RING) -> list[tuple[str, str]]:
    """Return who was asked, and in which letter."""
    return [
        (who, got.subject.partition("] ")[2].partition("：")[0])
        for who in (office.WANG, office.LI, office.ZHOU, office.ZHAO)
        for got in world.inbox(who)
        if what in got.text
    ]


def stuck(world: World) -> list[str]:
    """Return what the status says of moments that did not fire."""
    with world.daemon.store.read() as session:
        reasons = collect(session, world.settings, world.clock.now()).reasons
    return [reason for reason in reasons if "moment" in reason]


def test_a_leader_who_has_to_handle_a_ticket_is_asked_in_a_reminder(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "投诉王芳、李强、周敏", "王芳、李强、周敏对我公司的审批申请至今没有答复，请协调。")
        await world.work()
        await command(world, office.ZHAO, world.inbox(office.ZHAO)[-1], "#受理")
        await world.minutes(16)
        await world.at("2026-03-05 12:00")
        assert asked(world, "请电话询问是否收到《受理通知书》") == [(office.ZHAO, "提醒")]
        assert "0379-00000002" in world.last(office.ZHAO, "提醒").text
        await world.at("2026-03-16 12:00")
        assert len(asked(world, "请电话询问")) == 1
        assert stuck(world) == []

    play(story)


def test_no_leader_is_asked_to_ring_for_somebody_away(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        for person in ("王芳", "周敏"):
            world.reply(office.ZHOU, world.last(office.ZHOU, "工作清单"), f"#休假 {person} 3月4日 3月9日")
            await world.work()
        await world.at("2026-03-06 12:00")
        assert (asked(world), stuck(world)) == ([], [])
        await world.at("2026-03-11 12:00")
        assert asked(world) == [(office.WANG, "3月10日工作清单")]
        assert asked(world, "请电话询问") == []

    play(story)


def test_what_a_stopped_worklist_asked_the_next_one_asks(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        other = await complain(world, "other@bearings.example", "投诉：备案没有答复")
        world.clock.move_to(datetime(2026, 3, 5, 8, 30, tzinfo=ZONE))
        world.reply(office.WANG, other, "#回避 本人：亲属在该公司任职")
        await world.daemon.reminders.tick()  # the worklist of the day is queued …
        await world.work()
        await world.at("2026-03-10 12:00")
        assert asked(world) == [(office.WANG, "3月6日工作清单")]

    play(story)


def test_a_notice_that_went_out_twice_is_one_call(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        for days in (10, 20):
            await command(world, office.WANG, world.last(office.WANG, "2026-0001"), f"#延期 {days} 需会商")
            await command(world, office.ZHAO, world.last(office.ZHAO, "延长办理期限"), "同意")
            await world.minutes(16)
        await world.at("2026-03-05 12:00")
        listed = world.last(office.WANG, "工作清单").text
        assert listed.count("已电话确认收到《延期告知书》") == 1
        assert listed.count("已电话确认收到《受理通知书》") == 1

    play(story)


def test_a_worklist_in_the_afternoon_is_no_reason_for_an_alarm(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "_DIGESTS", office._DIGESTS.replace('"08:30"', '"16:00"', 1))

    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-05 15:00")
        assert (asked(world), stuck(world)) == ([], [])
        await world.at("2026-03-05 16:30")
        assert [who for who, _ in asked(world)] == [office.WANG]

    play(story)


def digits(got: Got) -> list[int]:
    """Return the digits a letter offers, in the order they are read."""
    lines = [line.strip().partition(" = ") for line in got.text.split("\n")]
    return [int(before) for before, found, _ in lines if found and before.isdigit()]


def test_the_digits_of_a_worklist_are_read_in_their_order(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-04 15:00")
        for n in range(3):
            await complain(world, f"gm{n}@bearings.example", f"投诉{n}：备案没有答复")
        await world.at("2026-03-05 12:00")
        listed = world.last(office.WANG, "工作清单")
        assert RING in listed.text
        assert digits(listed) == list(range(1, 10))

    play(story)
