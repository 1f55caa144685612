"""The sender against a server that follows a script: budget, pauses, retries, crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from letter_rows import START
from mail_desk.clock import ManualClock, SystemClock
from mail_desk.outbound import outbox, recording, uncertain
from mail_desk.outbound import sender as sender_module
from mail_desk.outbound.letters import Pacing
from mail_desk.outbound.sender import LOST_IN_A_ROW
from mail_desk.outbound.smtp import Timeouts
from mail_desk.store import restored
from mail_desk.store.schema import LetterRow, LetterState
from mail_desk.store.session import Store
from scripted_smtp import CUT, SILENCE, ScriptedSmtp, scripted_smtp
from sender_world import World, plain, settings_for

S = LetterState
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/store.sqlite")
    opened.migrate()
    yield opened
    opened.close()


def play(store: Store, story: Callable[[World, ScriptedSmtp], Awaitable[None]], **budget: Any) -> None:
    async def run() -> None:
        async with scripted_smtp() as server:
            await story(World(store, settings_for(plain(server.port), **budget)), server)

    asyncio.run(run())


def clock_of(world: World) -> ManualClock:
    assert isinstance(world.clock, ManualClock)
    return world.clock


def test_what_is_due_is_sent_and_draining_again_sends_nothing(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(250)
        sender = world.sender()
        assert await sender.drain("main") == 250
        assert await sender.drain("main") == 0
        assert world.states() == [S.SENT] * 250
        assert len({taken.raw for taken in server.taken}) == len(server.taken) == 250
        assert {taken.sender for taken in server.taken} == {"desk@desk.example"}
        await sender.close()

    play(store, story, connections=3)


def test_sending_is_committed_before_smtp_begins(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        (letter_id,) = world.queue()
        seen: list[str] = []

        class Watching(list[object]):
            def __bool__(self) -> bool:
                seen.append(world.row(letter_id).state)
                return False

        server.on["CONNECT"] = Watching()  # type: ignore[assignment]
        sender = world.sender()
        await sender.step("main")
        assert seen == [S.SENDING]
        await sender.close()

    play(store, story)


def test_letters_keep_their_distance_over_all_connections(store: Store) -> None:
    async def story(world: World, _server: ScriptedSmtp) -> None:
        world.queue(5)
        sender = world.sender()
        await sender.drain("main")
        assert world.clock.now() - START >= timedelta(seconds=8)
        await sender.close()

    play(store, story, spacing_seconds=2, connections=2)


def test_the_daily_budget_holds_back_and_midnight_frees_it(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(10)
        world.queue(3, pacing=Pacing.STATUTORY.value)
        world.queue(10, pacing=Pacing.BUNDLE.value)
        sender = world.sender()
        await sender.drain("main")
        with store.read() as session:
            day = outbox.sent_on(session, "main", START - timedelta(days=1), START + timedelta(days=1))
        assert day == {Pacing.STATUTORY: 3, Pacing.ANSWER: 5, Pacing.CONFIRMATION: 0, Pacing.BUNDLE: 1}
        clock_of(world).advance(timedelta(days=1))
        await sender.drain("main")
        assert len(server.taken) == 9 + 5 + 1, "the other answers, and of the bundles their own share"
        await sender.close()

    play(store, story, per_day=10, statutory_reserve=4)


def test_a_deferred_letter_comes_again_with_growing_patience_and_then_fails(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        (letter_id,) = world.queue()
        server.on["RCPT"] = ["450 4.2.0 greylisted"] * 3
        sender = world.sender()
        waits = []
        while world.row(letter_id).state == S.QUEUED:
            before = clock_of(world).now()
            await sender.drain("main")
            waits.append((world.row(letter_id).not_before - before) / MINUTE)
            clock_of(world).move_to(max(before, world.row(letter_id).not_before))
        row = world.row(letter_id)
        assert (row.state, row.attempts, waits[:2]) == (S.FAILED, 3, [2, 4])
        assert "given up after 3 attempts: 450 4.2.0 greylisted" in (row.last_reply or "")
        assert not server.taken
        await sender.close()

    play(store, story, retry_first_minutes=2, retry_longest_minutes=4, give_up_hours=0.15)


def test_a_refused_letter_fails_at_once_and_the_others_go(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(3)
        server.on["RCPT"] = [None, "550 5.1.1 unknown"]
        sender = world.sender()
        await sender.drain("main")
        assert world.states() == [S.SENT, S.FAILED, S.SENT]
        with store.write() as session:
            assert len(outbox.unreported(session, 10)) == 3
        await sender.close()

    play(store, story)


def test_a_refused_login_pauses_the_account_alarms_once_and_costs_no_attempt(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        ids = world.queue(50)
        server.on["AUTH"] = ["535 Error: authentication failed"] * 9
        sender = world.sender()
        for _ in range(60):
            await sender.drain("main")
            clock_of(world).advance(MINUTE)
        assert server.verbs().count("AUTH") == 2, "at 0 and 30 minutes: no hammering"
        assert [alarm.key for alarm in world.alarms] == ["credentials-refused"]
        assert "授权码" in world.alarms[0].what_happened
        assert {world.row(i).attempts for i in ids} == {0}
        assert world.states() == [S.QUEUED] * 50
        server.on["AUTH"] = []
        await sender.resume("main")
        await sender.drain("main")
        assert world.states() == [S.SENT] * 50
        await sender.close()

    play(store, story, connections=3)


def test_a_pause_outlives_the_process_for_cron_but_a_mended_account_works_at_once(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue()
        server.on["AUTH"] = ["535 no"] * 3
        for _ in range(5):
            sender = world.sender()
            assert await sender.drain("main") in (0, 1)
            await sender.close()
            clock_of(world).advance(MINUTE)
        assert server.verbs().count("AUTH") == 1
        server.on["AUTH"] = []
        await sender.resume("main")
        fresh = world.sender()
        await fresh.drain("main")
        assert world.states() == [S.SENT]
        await fresh.close()

    play(store, story)


def test_a_server_that_is_away_pauses_the_account_and_alarms_only_when_it_lasts(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        (letter_id,) = world.queue()
        server.on["CONNECT"] = ["421 busy", CUT, "421 busy", None]
        sender = world.sender()
        alarms = []
        for _ in range(4):
            await sender.drain("main")
            alarms.append(len(world.alarms))
            clock_of(world).advance(timedelta(minutes=31))
        assert alarms == [0, 0, 1, 1]
        row = world.row(letter_id)
        assert (row.state, row.attempts) == (S.SENT, 1)
        await sender.close()

    play(store, story)


def test_connections_broken_again_and_again_are_the_servers_fault(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(50)
        server.on["RCPT"] = [CUT] * 50
        sender = world.sender()
        await sender.drain("main")
        assert server.connections == LOST_IN_A_ROW
        assert world.states().count(S.QUEUED) == 50
        await sender.close()

    play(store, story)


def test_a_server_that_takes_letters_and_says_nothing_is_left_alone_after_the_third(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(20)
        server.on["END"] = [SILENCE] * 20
        sender = world.sender()
        await sender.drain("main")
        assert world.states().count(S.UNCERTAIN) == LOST_IN_A_ROW
        assert world.states().count(S.QUEUED) == 20 - LOST_IN_A_ROW
        await sender.close()

    play(store, story)


def test_a_lost_reply_is_searched_for_and_found(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        (letter_id,) = world.queue()
        server.on["END"] = [SILENCE]
        sender = world.sender()
        await sender.drain("main")
        assert world.states() == [S.UNCERTAIN]
        assert world.sent_folder is not None
        world.sent_folder.add(world.row(letter_id).message_id)
        clock_of(world).advance(timedelta(minutes=10))
        await sender.drain("main")
        assert world.states() == [S.SENT]
        assert len(server.taken) == 1
        await sender.close()

    play(store, story)


def test_a_lost_reply_not_found_twice_is_sent_again_the_one_place_of_a_duplicate(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue()
        server.on["END"] = [SILENCE]
        sender = world.sender()
        for _ in range(3):
            await sender.drain("main")
            clock_of(world).advance(timedelta(minutes=10))
        assert world.states() == [S.SENT]
        assert len(world.searched) == 2
        assert len(server.taken) == 2
        assert len({taken.raw for taken in server.taken}) == 1, "same bytes, same Message-ID"
        await sender.close()

    play(store, story)


def test_a_sender_killed_within_a_batch_loses_nothing_and_doubles_nothing_that_was_recorded(
    store: Store,
) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(20)
        server.on["MAIL"] = [*[None] * 10, SILENCE]
        victim = world.sender()
        task = asyncio.create_task(victim.step("main"))
        while server.verbs().count("MAIL") < 11:  # noqa: ASYNC110 - the server tells nothing else
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert world.states().count(S.SENT) == 10
        assert world.states().count(S.QUEUED) == 9, "given back: SMTP had not begun"
        assert world.sent_folder is not None
        world.sent_folder |= {taken.raw.split(b">")[0].split(b"<")[1].decode() for taken in server.taken}
        successor = world.sender()
        for _ in range(4):
            clock_of(world).advance(timedelta(minutes=30))
            await successor.drain("main")
        assert world.states() == [S.SENT] * 20
        assert len(server.taken) == len({taken.raw for taken in server.taken}) == 20
        await successor.close()

    play(store, story)


def test_a_sender_that_wakes_after_its_lease_does_not_begin_smtp(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(3)

        class Sleepy(ManualClock):
            async def sleep(self, seconds: float) -> None:
                await super().sleep(seconds + 3600)  # the machine was suspended meanwhile

        world.clock = Sleepy(START)
        sender = world.sender()
        await sender.step("main")
        assert len(server.taken) == 1
        assert world.states() == [S.SENT, S.QUEUED, S.QUEUED]
        await sender.close()

    play(store, story, spacing_seconds=0.3)


def test_results_wait_for_a_store_that_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(5)
        record_all, failures = recording.record_all, iter(range(4))

        def locked(*args: object) -> list[bool]:
            if next(failures, None) is not None:
                raise OperationalError("UPDATE", {}, Exception("database is locked"))
            return record_all(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(recording, "record_all", locked)
        sender = world.sender()
        assert await sender.drain("main") == 5
        assert world.states() == [S.SENT] * 5
        assert len(server.taken) == 5
        await sender.close()

    play(store, story)


def test_results_that_could_not_be_written_are_uncertain_not_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(2)

        def gone(*_args: object) -> bool:
            raise OperationalError("UPDATE", {}, Exception("disk is full"))

        sender = world.sender()
        with monkeypatch.context() as patched:
            patched.setattr(recording, "record_all", gone)
            with pytest.raises(OperationalError):
                await sender.step("main")
        await sender.step("main")
        assert world.states() == [S.UNCERTAIN] * 2
        assert len(server.taken) == 2
        await sender.close()

    play(store, story)


def test_the_loop_sends_what_comes_and_stops_when_told(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.clock = SystemClock()
        sender = world.sender()
        stop = asyncio.Event()
        running = asyncio.create_task(sender.run(stop))
        await asyncio.sleep(0.05)
        world.queue(3)
        sender.wake()
        async with asyncio.timeout(30):
            while world.states() != [S.SENT] * 3:  # noqa: ASYNC110 - the row is the signal
                await asyncio.sleep(0.005)
            stop.set()
            await running
        assert "QUIT" in server.verbs()

    play(store, story)


@pytest.mark.parametrize("stage", ["AUTH", "DATA", "END"])
def test_who_looks_into_the_sent_folder_never_hangs_up_on_who_sends(
    store: Store, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        monkeypatch.setattr(sender_module, "POLL", 0.001)
        monkeypatch.setattr(sender_module, "HANG_UP_AFTER", -1.0)  # a slow server, seen at once
        world.clock, world.timeouts = SystemClock(), Timeouts(5, 5, 5, 5)
        world.queue(1)
        waiting, go_on = server.pause_at(stage)
        stop = asyncio.Event()
        running = asyncio.create_task(world.sender().run(stop))
        async with asyncio.timeout(30):
            await waiting.wait()
            await asyncio.sleep(0.05)  # many looks of the other loop
            go_on.set()
            while world.states() == [S.SENDING]:  # noqa: ASYNC110 - the row is the signal
                await asyncio.sleep(0.005)
            stop.set()
            await running
        assert world.states() == [S.SENT]
        assert server.connections == 1
        with store.read() as session:
            queued = session.get_one(LetterRow, 1).raw
        assert [taken.raw for taken in server.taken] == [queued]

    play(store, story)


def test_the_loop_outlives_a_store_that_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World, _server: ScriptedSmtp) -> None:
        expire, failures = uncertain.expire_leases, iter(range(3))

        def away(*args: object, **options: object) -> list[int]:
            if next(failures, None) is not None:
                raise OperationalError("BEGIN", {}, Exception("connection refused"))
            return expire(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(uncertain, "expire_leases", away)
        monkeypatch.setattr(sender_module, "POLL", 0.01)
        world.clock = SystemClock()
        world.queue(1)
        stop = asyncio.Event()
        running = asyncio.create_task(world.sender().run(stop))
        async with asyncio.timeout(30):
            while world.states() != [S.SENT]:  # noqa: ASYNC110 - the row is the signal
                await asyncio.sleep(0.005)
            stop.set()
            await running

    play(store, story)


def test_a_letter_written_after_a_restore_is_looked_for_before_it_leaves_however_late_that_is(
    store: Store,
) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        with store.write() as session:
            restored.note(session, START)
        found, new = world.queue(2, searches=outbox.OWED, state=S.REVIEW)
        world.sent_folder = {world.row(found).message_id}
        clock_of(world).advance(timedelta(days=30))
        with store.write() as session:
            for letter_id in (found, new):
                assert outbox.release(session, letter_id, world.clock.now(), world.clock.now())
        sender = world.sender()
        assert await sender.step("main") == 0, "nothing leaves unlooked for"
        await sender.drain("main")
        assert world.states() == [S.SENT] * 2
        assert len(server.taken) == 1
        assert world.searched == [world.row(i).message_id for i in (found, new)], "once each"
        await sender.close()

    play(store, story)


def test_each_attempt_is_one_log_line_without_the_address(store: Store) -> None:
    async def story(world: World, server: ScriptedSmtp) -> None:
        world.queue(2, recipient="zhangsan@example.net")
        server.on["RCPT"] = ["550 5.1.1 unknown"]
        sender = world.sender()
        with capture_logs() as lines:
            await sender.drain("main")
        letters = [line for line in lines if line["event"] == "letter"]
        assert [line["outcome"] for line in letters] == ["refused", "delivered"]
        assert {"letter", "kind", "account", "to", "attempt", "reply", "ms", "message_id"} <= set(letters[0])
        assert "zhangsan" not in repr(lines)
        await sender.close()

    play(store, story)
