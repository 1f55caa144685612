"""The first look into a mailbox, interrupted or under new numbers: old mail never becomes a ticket by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import world_backings
from crash_world import ZONE
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.inbound import reader
from mail_desk.inbound.mailbox import Mailbox
from mail_desk.inbound.refusals import MailboxUnavailable
from mail_desk.store.schema import Message, MessageState
from told import GM, letters, number_anew, tickets

START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)


@pytest.fixture
def old_mailbox(tmp_path: Path) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Give a function that plays a story on an unopened mailbox with five old mails, two of them alike."""

    def run(story: Callable[[World], Awaitable[None]]) -> None:
        async def played() -> None:
            worlds: list[World] = []

            def now() -> datetime:
                return worlds[0].clock.now()

            with world_backings.embedded(now) as made:
                world = World(made, tmp_path, START)
                worlds.append(world)
                world.meet(GM)
                for n in (1, 2, 3, 3, 5):
                    raw = f"From: {GM}\r\nSubject: old {n}\r\n\r\nPlease help.\r\n".encode()
                    made.deliver(world.desk, raw, folder="INBOX", when=START - timedelta(days=9 - n))
                try:
                    await story(world)
                finally:
                    await world.close()

        asyncio.run(played())

    return run


def before_desk(world: World) -> int:
    with world.daemon.store.read() as session:
        found = session.scalars(select(Message).where(Message.state == MessageState.BEFORE_DESK))
        return len(found.all())


@pytest.mark.parametrize("lost_at", [1, 2, 3])
def test_a_first_opening_that_is_interrupted_registers_all_old_mail_at_the_next_one(
    old_mailbox: Any, monkeypatch: pytest.MonkeyPatch, lost_at: int
) -> None:
    headers, calls = Mailbox.headers, []

    def lost(self: Mailbox, *given: Any) -> Any:
        calls.append(given)
        if len(calls) == lost_at:
            raise MailboxUnavailable("lost")
        return headers(self, *given)

    monkeypatch.setattr(reader, "HEADERS", 2)
    monkeypatch.setattr(Mailbox, "headers", lost)

    async def story(world: World) -> None:
        drained = await world.work()
        assert drained.problems
        await world.restart()
        await world.work()
        await world.minutes(70)
        assert (tickets(world), before_desk(world)) == (0, 5)
        assert world.inbox(GM) == []
        listed = letters(world, "before-desk")
        assert [x.recipient for x in listed] == [office.ZHOU]

    old_mailbox(story)


def test_old_mail_under_a_new_uidvalidity_is_still_old_after_the_hourly_count_and_a_restart(
    old_mailbox: Any,
) -> None:
    async def story(world: World) -> None:
        await world.work()
        assert (tickets(world), before_desk(world)) == (0, 5)
        number_anew(world)
        await world.daemon.readers[0].hang_up()
        await world.minutes(70)
        await world.restart()
        await world.minutes(70)
        assert (tickets(world), before_desk(world)) == (0, 5)
        world.write(GM, "new", "Please help.")
        await world.work()
        assert tickets(world) == 1

    old_mailbox(story)
