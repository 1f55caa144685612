"""The main steps of a complaint on a mailbox with NetEase's habits: what it refuses, hides and forgets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import netease_smtp
import world_backings
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import LetterState
from told import GM, command, filed, letters, news, row, state, tickets

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)


@pytest.fixture(params=["late", "never"])
def netease(request: pytest.FixtureRequest) -> Iterator[world_backings.NetEaseBacking]:
    """Give the servers with NetEase's habits: copies of sent mail appear late, or never."""
    dovecot, postfix = request.getfixturevalue("dovecot"), request.getfixturevalue("postfix")
    world_backings.without_mail(dovecot, postfix)
    with world_backings.netease(dovecot, postfix, keeps_sent=request.param) as made:
        yield made


def play_on(backing: world_backings.NetEaseBacking, directory: Path, story: Any) -> None:
    async def played() -> None:
        world = World(backing, directory, START, provider="netease")
        world.meet(GM)
        try:
            await world.work()
            await story(world)
        finally:
            await world.close()

    asyncio.run(played())


def test_a_complaint_goes_its_way_and_every_letter_arrives_once(
    netease: world_backings.NetEaseBacking, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        await world.at("2026-03-02 09:10")
        world.write(
            GM,
            "关于审批的投诉",
            "我公司的变更登记至今没有办。",
            name="张三",
            charset="gb18030",
            folder="广告邮件",
        )
        await world.work()
        assert tickets(world) == 1
        assert news(world, GM) == ["来信已收到，编号 2026-0001"]
        netease.smtp.store_late_copies()
        await command(world, office.WANG, world.last(office.WANG, "请承办"), "1")
        netease.smtp.store_late_copies()
        assert state(world) == "examining"

        await world.at("2026-03-02 14:00")
        refused: Counter[str] = Counter()

        def suspicious(envelope: Any) -> bytes | None:
            if GM in envelope.rcpt_tos and not refused[GM]:
                refused[GM] += 1
                return netease_smtp.SAYINGS["suspected spam, later"]
            return None

        netease.smtp.script = suspicious
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#补正 营业执照复印件")
        await world.minutes(16)
        (request,) = letters(world, "materials-request")
        assert request.state == LetterState.QUEUED, "deferred, not given up"
        assert "DT:SPM" in (request.last_reply or "")
        assert "疑似垃圾邮件" in (request.last_reply or ""), "GBK is read"
        assert state(world) == "awaiting-materials"
        await world.minutes(30)
        (request,) = letters(world, "materials-request")
        assert request.state == LetterState.SENT
        assert [s for s in news(world, GM) if "补正" in s] == ["投诉材料补正通知书（2026-0001）"]
        netease.smtp.store_late_copies()

        await world.at("2026-03-04 09:00")
        world.reply(
            GM,
            world.last(GM, "补正"),
            "附上材料。",
            name="张三",
            files=[("执照.pdf", "application/pdf", b"%PDF")],
        )
        await world.work()
        assert "supplement" in filed(world)
        await world.at("2026-03-05 10:00")
        await command(world, office.WANG, world.last(office.WANG, "补充来信"), "#受理")
        await world.minutes(16)
        netease.smtp.store_late_copies()
        assert state(world) == "accepted"
        assert news(world, GM)[-1] == "投诉受理通知书（2026-0001）"
        await world.restart()
        await world.minutes(90)
        assert len(news(world, GM)) == 3, "nothing twice, whatever Sent holds"
        assert tickets(world) == 1
        assert set(filed(world)) <= {"opened", "command", "supplement", "own"}
        assert row(world).enterprise == "bearing"

    play_on(netease, tmp_path, story)


def test_a_refused_sender_address_raises_an_alarm_and_the_letters_wait(
    netease: world_backings.NetEaseBacking, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        foreign = b"553 Mail from must equal authorized user"
        netease.smtp.script = lambda _: foreign
        world.write(GM, "投诉", "审批迟延。")
        await world.work()
        assert world.inbox(GM) == []
        alarms = [letter.recipient for letter in letters(world, "alarm")]
        assert alarms == [office.OPERATOR]
        netease.smtp.script = None
        await world.minutes(24 * 60)
        assert news(world, GM) == ["来信已收到，编号 2026-0001"], "once the account is mended"
        assert "553" in world.last(office.OPERATOR).text

    play_on(netease, tmp_path, story)
