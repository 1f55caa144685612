"""Two daemons by mistake, or on purpose: one store, one mailbox, and still nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crash_world import ZONE, CrashWorld, Processes, crash_world, processes
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from told import complain


@pytest.fixture(scope="module")
def source() -> Iterator[Processes]:
    with processes() as running:
        yield running


@pytest.mark.parametrize("arguments", [("run",), ("run", "--once")])
def test_a_second_run_on_the_same_directory_says_who_works_it_and_ends_with_one(
    play: Any, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    async def story(world: Any) -> None:
        second = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "mail_desk", *arguments, "--config", str(tmp_path / "config")],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert second.returncode == 1
        assert f"process {os.getpid()} already works" in " ".join(second.stderr.split())
        await complain(world)  # and the first goes on

    play(story)


async def _both(crash: CrashWorld, other: Daemon) -> None:
    """Have both daemons work at once until neither finds anything more."""
    for _ in range(3):
        await asyncio.gather(crash.world.daemon.once(), other.once())


def test_a_moment_fires_once_though_two_daemons_claim_it_at_once(
    source: Processes, tmp_path: Path, postgres: Any
) -> None:
    async def story() -> None:
        url = postgres.url()
        with crash_world(source, tmp_path, "2026-03-02 08:00", store=url) as crash:
            world = crash.world
            await world.work()
            daemons = [world.daemon] + [Daemon(world.settings, world.clock) for _ in range(3)]
            for day in (2, 3, 4, 5, 6, 9):
                world.clock.move_to(datetime(2026, 3, day, 9, 0, tzinfo=ZONE))
                fired = await asyncio.gather(*(daemon.reminders.tick() for daemon in daemons))
                assert sum(fired) == 4 + (day == 9), (
                    f"worklists, who did nothing, on Monday the digest: {fired}"
                )
            await world.daemon.once()
            letters = crash.account().letters
            assert {n for (kind, *_), n in letters.items() if kind == "worklist"} == {6}
            assert letters["digest", office.ZHAO, "sent"] == 1
            for daemon in daemons:
                await daemon.close()
        postgres.drop(url)

    asyncio.run(story())


@pytest.mark.parametrize("attempt", range(2))
def test_two_daemons_on_one_mailbox_file_every_message_once_and_send_every_letter_once(
    source: Processes, tmp_path: Path, postgres: Any, attempt: int
) -> None:
    async def story() -> None:
        url = postgres.url()
        with crash_world(source, tmp_path, "2026-03-02 08:00", store=url) as crash:
            world = crash.world
            other = Daemon(world.settings, world.clock)
            other.open()
            await _both(crash, other)
            senders = [f"a{n}@enterprise.example" for n in range(40)]
            for number, sender in enumerate(senders):
                world.meet(sender)
                raw = world.write(sender, f"来信{number} 重复收费", "请协调退税。")
                if number % 4 == 0:
                    world.backing.deliver(world.desk, raw, folder="垃圾邮件", when=world.clock.now())
            await _both(crash, other)
            world.clock.move_to(datetime(2026, 3, 2, 8, 31, tzinfo=ZONE))
            await _both(crash, other)
            for _ in range(4):
                world.clock.advance(timedelta(minutes=10))
                await _both(crash, other)
            account = crash.account()
            assert account.sound, account
            assert account.doubled == []
            filed = Counter(filed_as for _, _, filed_as, _ in account.messages.elements())
            assert filed == {"opened": 40, "duplicate": 10}
            assert account.tickets == Counter((f"来信{n} 重复收费", "received", "li") for n in range(40))
            once = ("Received", "Assigned", "LetterQueued")
            assert account.events == Counter((f"来信{n} 重复收费", t) for n in range(40) for t in once)
            assert account.letters["worklist", office.LI, "sent"] == 1
            assert all(account.letters["receipt", sender, "sent"] == 1 for sender in senders)
            assert sum(account.letters.values()) == 40 + 40 + 3
            await other.close()
            await world.close()
        postgres.drop(url)

    asyncio.run(story())
