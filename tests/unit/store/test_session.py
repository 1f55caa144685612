"""Transactions, durability settings, the directory lock, and migrations that match the tables."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from mail_desk.store import session as session_module
from mail_desk.store.schema import Meta, Participant
from mail_desk.store.session import LOCK_NAME, Store, StoreLockedError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/data/store.sqlite")
    opened.migrate()
    yield opened
    opened.close()


def test_a_commit_survives_a_power_cut_and_foreign_keys_hold(store: Store) -> None:
    with store.read() as session:
        pragma = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_the_database_is_readable_by_its_owner_only(store: Store) -> None:
    with store.write() as session:
        session.add(Meta(name="a", value="b"))
    assert store.data_dir is not None
    modes = {path.name: path.stat().st_mode & 0o777 for path in store.data_dir.iterdir()}
    assert set(modes.values()) == {0o600}
    assert store.data_dir.stat().st_mode & 0o077 == 0


def test_an_exception_rolls_everything_back(store: Store) -> None:
    def write_and_break() -> None:
        with store.write() as session:
            session.add(Meta(name="a", value="b"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_break()
    with store.read() as session:
        assert session.get(Meta, "a") is None


def test_a_savepoint_undoes_its_part_only(store: Store) -> None:
    def part(session: Session) -> None:
        with session.begin_nested():
            session.add(Meta(name="inside", value=""))
            session.add(Participant(ticket_id=99, address="x", name="", role="agent"))  # no such ticket

    with store.write() as session:
        session.add(Meta(name="before", value=""))
        with pytest.raises(IntegrityError):
            part(session)
        session.add(Meta(name="after", value=""))
    with store.read() as session:
        assert [session.get(Meta, name) is not None for name in ("before", "inside", "after")] == [
            True,
            False,
            True,
        ]


def test_rows_stay_readable_after_their_transaction(store: Store) -> None:
    with store.write() as session:
        written = Meta(name="a", value="b")
        session.add(written)
    assert written.value == "b"
    with store.read() as session:
        read = session.get_one(Meta, "a")
    assert read.value == "b"


def test_what_a_reader_changes_is_dropped(store: Store) -> None:
    with store.read() as session:
        session.add(Meta(name="a", value="b"))
    with store.read() as session:
        assert session.get(Meta, "a") is None


def test_a_reader_sees_one_moment_while_others_write(store: Store) -> None:
    with store.read() as reader:
        assert reader.get(Meta, "a") is None
        with store.write() as writer:
            writer.add(Meta(name="a", value="b"))
        assert reader.scalar(text("SELECT count(*) FROM meta")) == 0


def test_a_writer_holds_the_lock_from_its_first_statement_even_a_reading_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "BUSY_TIMEOUT", 1)
    impatient = Store(store.url.render_as_string())
    with store.write() as first, impatient.write() as second:
        assert first.get(Meta, "a") is None
        with pytest.raises(OperationalError, match="locked"):
            second.get(Meta, "a")
    impatient.close()


def test_work_runs_in_one_thread_and_comes_back_in_order(store: Store) -> None:
    async def run() -> None:
        threads = await asyncio.gather(*[store.run(threading.current_thread) for _ in range(10)])
        assert {thread.name for thread in threads} == {"store_0"}
        order: list[int] = []
        await asyncio.gather(*[store.run(order.append, n) for n in range(50)])
        assert order == list(range(50))
        assert await store.run(lambda *, a: a + 1, a=1) == 2

    asyncio.run(run())


def test_a_cancelled_caller_leaves_no_half_transaction(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with store.write() as session:
            session.add(Meta(name="a", value="b"))
            begun.set()
            go_on.wait(5)

    async def run() -> None:
        task = asyncio.create_task(store.run(slow))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        go_on.set()
        await store.run(lambda: None)

    asyncio.run(run())
    with store.read() as session:
        assert session.get(Meta, "a") is not None


def test_a_second_process_is_refused_by_name_of_the_first(store: Store) -> None:
    store.lock()
    store.lock()  # harmless
    assert store.alone
    script = (
        "import sys\nfrom mail_desk.store.session import Store, StoreLockedError\n"
        "try:\n    Store(sys.argv[1]).lock()\nexcept StoreLockedError as error:\n    print(error.pid)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, store.url.render_as_string()],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert found.stdout.strip() == str(os.getpid())


def test_the_lock_ends_with_the_store_and_not_with_the_file(store: Store) -> None:
    store.lock()
    other = Store(store.url.render_as_string())
    with pytest.raises(StoreLockedError, match=f"process {os.getpid()}"):
        other.lock()
    assert not other.alone
    store.close()
    other.lock()
    assert other.data_dir is not None
    assert (other.data_dir / LOCK_NAME).read_text() == f"{os.getpid()}\n"
    other.close()


def test_a_store_in_memory_is_one_store(tmp_path: Path) -> None:
    memory = Store("sqlite://")
    memory.migrate()
    memory.lock()
    with memory.write() as session:
        session.add(Meta(name="a", value="b"))
    with memory.read() as session:
        assert session.get(Meta, "a") is not None
    memory.close()


def test_another_database_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="expected a sqlite or postgresql store, not mysql"):
        Store("mysql://localhost/x")


def test_a_failed_migration_leaves_the_old_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("power cut")

    path = tmp_path / "store.sqlite"
    monkeypatch.setattr(op, "batch_alter_table", broken)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(RuntimeError, match="power cut"):
        store.migrate()
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


def test_instants_come_back_aware_and_naive_ones_are_refused(store: Store) -> None:
    from mail_desk.store.schema import Lease

    at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    with store.write() as session:
        session.add(Lease(name="a", owner="b", fence=1, until=at))
    with store.read() as session:
        assert session.get_one(Lease, "a").until == at
    with pytest.raises(Exception, match="naive instant"), store.write() as session:
        session.add(Lease(name="c", owner="b", fence=1, until=datetime(2026, 11, 23, 9, 30)))  # noqa: DTZ001 - the point
