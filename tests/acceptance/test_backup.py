"""A backup is taken while the desk works; the restored desk goes on, and neither repeats nor skips a letter."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

import world_backings
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store import backup, copying
from mail_desk.store.backup import BackupError
from mail_desk.store.schema import LetterState, Message, MessageState
from mail_desk.store.session import Store
from told import GM, complain, events, letters, news, state, tickets

ZONE = ZoneInfo("Asia/Shanghai")
SENT = "已发送"


def kept(world: World, directory: Path, name: str = "copy") -> Path:
    target = directory / name
    secret = [account.secret.file for account in world.settings.account if account.secret.file is not None]
    backup.write(
        world.daemon.store, world.daemon.rules.spool_dir, directory / "config", target, secret=secret
    )
    return target


async def lose_everything(world: World, directory: Path) -> None:
    """The server burns down: nothing is left but backup and mailbox."""
    await world.daemon.close()
    shutil.rmtree(directory / "data")


async def start_again(world: World, directory: Path, copy: Path, store: str | None = None) -> None:
    """Bring the backup into a new data directory, or another database, and start the desk there."""
    if store is not None:
        desk = world.settings.desk.model_copy(update={"store": store})
        world.settings = world.settings.model_copy(update={"desk": desk})
    daemon = Daemon(world.settings, world.clock)
    daemon.store.lock()
    backup.restore(copy, daemon.store, daemon.rules.spool_dir, world.clock.now())
    daemon.store.close()
    world.daemon = Daemon(world.settings, world.clock)
    world.daemon.open()


def test_a_restored_desk_sends_what_was_waiting_once_and_repeats_nothing_that_had_left(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.reply(office.WANG, new, "#受理")
        await world.minutes(2)  # the acceptance is still held
        copy = kept(world, tmp_path)
        before = news(world, GM)
        await lose_everything(world, tmp_path)
        await world_waits(world, 30)
        await start_again(world, tmp_path, copy)
        await world.minutes(60)
        assert state(world) == "accepted"
        assert tickets(world) == 1
        assert news(world, GM) == [*before, "投诉受理通知书（2026-0001）"]
        assert [r.state for r in letters(world, "acceptance")] == [LetterState.SENT]
        assert events(world).count("NoticeServed") == 1

    play(story)


async def world_waits(world: World, minutes: int) -> None:
    """Let time pass while no desk is there."""
    world.clock.move_to(world.clock.now() + timedelta(minutes=minutes))


def test_a_letter_that_left_after_the_backup_is_found_in_the_sent_folder_and_not_sent_again(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.reply(office.WANG, new, "#受理")
        await world.minutes(2)
        copy = kept(world, tmp_path)
        await world.minutes(30)  # it leaves; the provider keeps a copy
        notice = world.inbox(GM)[-1]
        assert "受理通知书" in notice.subject
        world.backing.deliver(office.DESK, notice.raw, folder=SENT, when=world.clock.now())
        await lose_everything(world, tmp_path)
        await start_again(world, tmp_path, copy)
        assert [r.state for r in letters(world, "acceptance")] == [LetterState.UNCERTAIN]
        await world.minutes(60)
        assert [r.state for r in letters(world, "acceptance")] == [LetterState.SENT]
        assert sum("受理通知书" in subject for subject in news(world, GM)) == 1

    play(story)


def test_mail_that_came_after_the_backup_is_fetched_again_from_the_mailbox(play: Any, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await complain(world)
        copy = kept(world, tmp_path)
        world.write("office@glass.example", "另一件", "重复收费，请处理。")
        await world.work()
        assert tickets(world) == 2
        await lose_everything(world, tmp_path)
        await start_again(world, tmp_path, copy)
        assert tickets(world) == 1
        await world.work()
        assert tickets(world) == 2

    play(story)


@pytest.fixture(name="elsewhere")
def _elsewhere(store_url: str, tmp_path: Path) -> str:
    """The database the backup is brought into: the one of `store_url`, empty."""
    del tmp_path
    return store_url


def test_a_backup_goes_into_either_database_with_every_row_as_it_was(elsewhere: str, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.work()
        big = "很长的材料" * 800_000  # lies in a file of its own
        new = await complain(world)
        world.write(GM, "补充说明", big)
        world.reply(office.WANG, new, "#补正 请补充营业执照\n#备注 已电话联系")
        await world.minutes(20)
        copy = kept(world, tmp_path)
        was = picture(world.daemon.store)
        assert (copy / "raw").is_dir()
        await lose_everything(world, tmp_path)
        await start_again(world, tmp_path, copy, elsewhere)
        assert picture(world.daemon.store) == was
        world.write(GM, "再补充一份", "见附件。")  # and counts on
        await world.minutes(1)
        with world.daemon.store.read() as session:
            assert set(session.scalars(select(Message.state))) == {MessageState.DONE}

    asyncio.run(_played(story, tmp_path))


async def _played(story: Any, tmp_path: Path) -> None:
    worlds: list[World] = []

    def now() -> datetime:
        return worlds[0].clock.now()

    with world_backings.embedded(now) as made:
        start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
        world = World(made, tmp_path, start)
        worlds.append(world)
        try:
            await story(world)
        finally:
            await world.close()


def picture(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in copying.tables()
            # Restoring doubts letters that wait, and notes among the small facts that it took place.
            if table.name not in ("letter", "meta")
        }


def test_a_damaged_backup_is_refused_by_name_and_nothing_is_written(play: Any, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await complain(world)
        copy = kept(world, tmp_path)
        assert backup.check(copy) == []
        database = copy / "store.sqlite"
        raw = bytearray(database.read_bytes())
        raw[len(raw) // 2] ^= 1
        database.write_bytes(raw)
        (copy / "config" / "desk.toml").unlink()
        assert backup.check(copy) == ["config/desk.toml is missing", "store.sqlite is not what was written"]
        fresh = Store(f"sqlite:///{tmp_path}/fresh/mail-desk.db")
        with pytest.raises(BackupError, match=r"store\.sqlite is not what was written"):
            backup.restore(copy, fresh, tmp_path / "fresh" / "raw", world.clock.now())
        fresh.close()
        assert backup.check(tmp_path) == [f"{tmp_path} is no backup: it has no SHA256SUMS"]

    play(story)


def test_a_backup_never_goes_over_a_store_that_holds_something_nor_over_another_backup(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        copy = kept(world, tmp_path)
        with pytest.raises(BackupError, match="not empty"):
            backup.restore(copy, world.daemon.store, world.daemon.rules.spool_dir, world.clock.now())
        with pytest.raises(BackupError, match="exists already"):
            kept(world, tmp_path)
        assert tickets(world) == 1

    play(story)


def test_a_backup_is_readable_by_its_owner_only_and_holds_no_password(play: Any, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await complain(world)
        copy = kept(world, tmp_path)
        assert copy.stat().st_mode & 0o077 == 0
        for name in ("store.sqlite", "SHA256SUMS"):
            assert (copy / name).stat().st_mode & 0o077 == 0, name
        for path in copy.rglob("*"):
            if path.is_file() and path.name != "store.sqlite":
                assert office.PASSWORD.encode() not in path.read_bytes(), path

    play(story)
