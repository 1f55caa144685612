"""The machine below the desk fails: its disk, its database, its clock. The desk says so, waits, and goes on."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from crash_story import at, set_clock
from crash_world import Processes, crash_world, processes
from mail_desk import daemon as daemons
from mail_desk.clock import ManualClock
from mail_desk.clock_steps import Steps
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.inbound import reader
from mail_desk.outbound import sender
from mail_desk.store import session
from running_desk import running, until
from told import GM, filed, letters, news, tickets

WORDS = "许可证迟迟不下，请协调。"


@pytest.fixture(scope="module")
def source() -> Iterator[Processes]:
    with processes() as made:
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits that are of no interest here take a moment."""
    monkeypatch.setattr(session, "BUSY_TIMEOUT", 100)
    monkeypatch.setattr(daemons, "TICK", 0.2)
    monkeypatch.setattr(reader, "STORE_PAUSE", 0.2, raising=False)
    monkeypatch.setattr(sender, "POLL", 0.1)


@contextmanager
def locked(daemon: Daemon) -> Iterator[None]:
    """Hold the database's write lock, as a stuck backup does."""
    other = sqlite3.connect(str(daemon.store.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def every_connection(daemon: Daemon, during: str, after: str) -> Iterator[None]:
    """Have each connection to the database say `during` when it is opened; `after` once it is over."""

    def say(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(during.replace("PAGES", str(pages)))

    event.listen(daemon.store.engine, "connect", say)
    daemon.store.engine.dispose()
    yield
    event.remove(daemon.store.engine, "connect", say)
    event.listen(daemon.store.engine, "connect", lambda connection, _record: connection.execute(after))
    daemon.store.engine.dispose()


def full(daemon: Daemon) -> Any:
    return every_connection(daemon, "PRAGMA max_page_count=PAGES", "PRAGMA max_page_count=1000000000")


def read_only(daemon: Daemon) -> Any:
    return every_connection(daemon, "PRAGMA query_only=ON", "PRAGMA query_only=OFF")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(locked, "locked", id="database locked"),
        pytest.param(full, "full", id="disk full"),
        pytest.param(read_only, "readonly", id="read-only directory"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_a_store_that_cannot_be_written_is_waited_for_and_nothing_is_lost(
    play: Any, broken: Callable[[Daemon], Any], words: str
) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        with capture_logs() as lines:

            def said() -> list[Any]:
                # Each loop for itself: who reads, who keeps the limits, who sends.
                return [x for x in lines if "store" in x["event"] and words in str(x.get("why", ""))]

            async with running(world) as daemon:
                await until(lambda: any(x["event"] == "mailbox-opened" for x in lines), "the desk works")
                with broken(daemon):
                    for number in range(30):
                        world.write(GM, f"投诉 {number}", WORDS * 200)
                    await until(lambda: len(said()) >= 3, "it says so")
                    assert tickets(world) == 0
                await until(lambda: tickets(world) == 30, "all is filed")
                await until(lambda: news(world, GM), "the receipt arrives")
        await world.work()
        assert filed(world) == ["opened"] * 30
        assert len(letters(world, "receipt")) == 1, "a burst has one receipt"

    play(story)


@pytest.mark.usefixtures("quick")
def test_a_disk_too_full_for_a_large_mail_is_waited_for(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def story(world: World) -> None:
        world.meet(GM)
        spool = world.daemon.rules.spool_dir
        with capture_logs() as lines, monkeypatch.context() as patched:
            async with running(world):
                patched.setattr(os, "fsync", no_space)
                world.write(GM, "大件", WORDS, files=[("a.pdf", "application/pdf", b"%PDF" + b"x" * 500_000)])
                await until(lambda: [x for x in lines if "No space left" in str(x.get("why"))], "it says so")
                assert list(spool.rglob("*.eml")) == list(spool.rglob("*.part")) == []
                patched.undo()
                await until(lambda: tickets(world) == 1, "it is filed")
        assert len(list(spool.rglob("*.eml"))) == 1
        assert filed(world) == ["opened"]

    play(story)


def test_a_database_server_that_is_gone_for_a_while_is_waited_for(
    tmp_path: Path, postgres: Any, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    async def story() -> None:
        url = postgres.url()
        with processes() as source, crash_world(source, tmp_path, "2026-03-02 09:00", store=url) as crash:
            world = crash.world
            world.meet(GM)
            await world.work()
            with capture_logs() as lines:

                def away(what: str) -> bool:
                    return any(x["event"] == what for x in lines)

                async with running(world):
                    await until(lambda: away("mailbox-opened"), "the desk works")
                    postgres.stop()
                    try:
                        world.write(GM, "投诉", WORDS)
                        await until(lambda: away("store unavailable"), "who reads says so")
                        await until(lambda: away("store-unavailable"), "who sends says so")
                    finally:
                        postgres.start()
                    await until(lambda: tickets(world) == 1, "it is filed")
                    await until(lambda: news(world, GM), "the receipt arrives")
            assert filed(world) == ["opened"]
            assert len(letters(world, "receipt")) == 1
            await world.close()
        postgres.drop(url)

    asyncio.run(story())


# --- time -----------------------------------------------------------------------------------------


class _Machine(ManualClock):
    """A clock that is set by hand: what has passed is told apart from what it shows."""

    passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def show(self, seconds: float, *, passed: float) -> None:
        self._now += timedelta(seconds=seconds)
        self.passed += passed


def test_a_clock_that_is_set_is_noticed_and_everyday_corrections_are_not() -> None:
    clock = _Machine(at("2026-03-02 09:00"))
    steps = Steps(clock)
    for shown, passed, told in ((5, 5, 0), (86_405, 5, 86_400), (5, 5, 0), (-86_395, 5, -86_400), (35, 5, 0)):
        clock.show(shown, passed=passed)
        assert steps.since_last() == pytest.approx(told)


def test_a_clock_set_a_day_forward_and_back_again_makes_nothing_happen_twice(
    source: Processes, tmp_path: Path
) -> None:
    async def story() -> None:
        step = tmp_path / "step"
        with crash_world(source, tmp_path, "2026-03-02 08:45") as crash:
            world = crash.world
            await world.work()
            await crash.rest()
            set_clock(step, timedelta(0))
            process = crash.start("run", TEST_STEP=str(step), TEST_TICK="0.2")
            crash.opened()
            senders = [f"s{n}@enterprise.example" for n in range(9)]
            for number, sender in enumerate(senders):
                if number % 3 == 0:  # right, a day late, right again
                    set_clock(step, timedelta(days=number % 2))
                    await asyncio.sleep(1)
                world.meet(sender)
                world.write(sender, f"投诉 {number} 重复收费", WORDS)
            await until(lambda: all(world.inbox(s) for s in senders), "the receipts arrive")
            os.kill(process, signal.SIGTERM)
            assert crash.ended() == 0
            said = crash.log.read_text(encoding="utf-8")
            assert said.count('"the clock was set, or the machine slept"') == 2
            await crash.drain()
            await world.at("2026-03-03 10:00")  # what was queued on the wrong day goes on the right one
            account = crash.account()
            assert account.sound, account
            assert account.doubled == []
            assert {n for key, n in account.messages.items()} == {1}
            assert sum(account.tickets.values()) == 9
            assert all(account.letters["receipt", sender, "sent"] == 1 for sender in senders)
            await world.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("friday", "sunday", "monday"),
    [
        pytest.param("2026-03-27", "2026-03-29", "2026-03-30", id="02:00 becomes 03:00"),
        pytest.param("2026-10-23", "2026-10-25", "2026-10-26", id="03:00 becomes 02:00"),
    ],
)
def test_over_the_night_the_clocks_change_nothing_is_left_out_and_nothing_comes_twice(
    play: Any, friday: str, sunday: str, monday: str
) -> None:
    async def story(world: World) -> None:
        berlin = {"desk": world.settings.desk.model_copy(update={"timezone": "Europe/Berlin"})}
        world.settings = world.settings.model_copy(update=berlin)
        await world.restart()
        world.meet(GM)
        for number, when in enumerate((f"{friday} 20:00", f"{sunday} 01:30", f"{sunday} 03:30")):
            await world.at(when)
            world.write(GM, f"投诉 {number}", WORDS)
        await world.at(f"{monday} 12:00")
        lists = [x for x in letters(world, "worklist") if x.recipient == office.ZHOU]
        told = [x.created_at.astimezone(world.settings.desk.zone).isoformat()[:16] for x in lists]
        assert told[-1] == f"{monday}T08:30", "by the clock on the wall"
        assert len(told) == 2, "once a working day: on Friday when the desk opened, and on Monday"
        assert filed(world) == ["opened"] * 3

    play(story, start=f"{friday} 09:00")
