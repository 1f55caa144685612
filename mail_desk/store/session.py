"""Engine, transactions and the store thread: how the rest of the desk reaches its tables.

One `Store` a process. SQLAlchemy is used synchronously, in one thread of its own (`run`), so that a
slow disk never stops the event loop and no two parts of one process ever wait for each other's lock.

SQLite: write-ahead log, `synchronous=FULL` (a commit survives a power cut), foreign keys enforced,
the driver in autocommit with explicit `BEGIN IMMEDIATE` for writers. The sqlite3 module's own
transaction control would begin late (lock errors in mid-transaction) and commit around savepoints.
One process works a data directory, by `flock`; commands that only look need no lock.
PostgreSQL: psycopg 3, connections checked before use, several daemons at once.

This module never holds domain rules and never retries: a failed transaction is the caller's to repeat.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from mail_desk.store import migrations

T = TypeVar("T")

# Broken infrastructure (database gone, locked, disk full), as opposed to a bug: loops wait and go on.
StoreUnavailable = (OperationalError, InterfaceError)
# The same, and a disk that takes no file of a large mail: full, read-only, failing.
BROKEN = (*StoreUnavailable, OSError)

LOCK_NAME = "mail-desk.lock"
DECIDING = 0x6D61696C  # the advisory lock of `decide`: "mail"
BUSY_TIMEOUT = 30_000  # ms a writer waits for another process (a command beside the daemon)


class StoreLockedError(RuntimeError):
    """Another process works this data directory. `pid` is None where it could not be read."""

    def __init__(self, path: Path, pid: int | None) -> None:
        self.path = path
        self.pid = pid
        who = f"process {pid}" if pid is not None else "another process"
        super().__init__(f"{who} already works the data directory {path.parent} (lock {path.name})")


class Store:
    """The database of one desk."""

    def __init__(self, url: str, *, data_dir: Path | None = None) -> None:
        parsed = _with_driver(make_url(url))
        self.url = parsed
        self.data_dir = data_dir if data_dir is not None else _directory_of(parsed)
        self._engine = _engine(parsed)
        self._writing = self._engine.execution_options(mail_desk_begin="BEGIN IMMEDIATE")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._lock_file: IO[str] | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def engine(self) -> Engine:
        """The engine itself, for backup, verification and tests."""
        return self._engine

    @property
    def alone(self) -> bool:
        """Whether this process holds the data directory: no other one can be sending or reading."""
        return self._lock_file is not None

    def migrate(self) -> None:
        """Bring the tables to the newest revision, in one transaction; safe to call at each start."""
        migrations.upgrade(self._writing)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write: committed at the end, rolled back on any exception.

        Rows stay readable afterwards (`expire_on_commit=False`). `session.begin_nested()` gives a
        real savepoint on both databases.
        """
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def decide(self) -> Iterator[Session]:
        """As `write`, and no other daemon decides meanwhile: what was looked up holds until the commit.

        Whether a mail is known, what a ticket's last event is, whether a letter was written already: such
        questions are asked here and acted upon. On SQLite writers are alone anyway; on PostgreSQL this
        takes an advisory lock that ends with the transaction. Senders write beside it, under their leases.
        """
        with self.write() as session:
            if self.dialect == "postgresql":
                session.execute(select(func.pg_advisory_xact_lock(DECIDING)))
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that only looks: whatever the caller changed is dropped at the end.

        Rows stay readable afterwards, which an explicit rollback would undo.
        """
        with Session(self._engine, autoflush=False) as session:
            yield session

    async def run(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - fn's own
        """Call `fn` in the store thread and return what it returns.

        Cancelling the awaiting task does not stop a transaction half-way: it runs to its end.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(fn, *args, **kwargs))

    def lock(self) -> None:
        """Claim the data directory for this process, until `close`.

        PostgreSQL and stores in memory need none. Raises StoreLockedError, naming the other process.
        """
        if self.dialect != "sqlite" or self.data_dir is None or self._lock_file is not None:
            return
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.data_dir / LOCK_NAME
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            found = file.read().strip()
            file.close()
            raise StoreLockedError(path, int(found) if found.isdecimal() else None) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._lock_file = file

    def close(self) -> None:
        """Finish what runs in the store thread, close connections, give the lock back."""
        self._thread.shutdown(wait=True)
        self._engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()  # closing releases the flock; the file itself stays
            self._lock_file = None


def _with_driver(url: URL) -> URL:
    """Name the driver where the operator's URL leaves it open."""
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def _directory_of(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or _in_memory(url):
        return None
    return Path(str(url.database)).resolve().parent


def _engine(url: URL) -> Engine:
    """Make the engine. Values never stand in its errors: they would be words of complaints in a log."""
    backend = url.get_backend_name()
    if backend == "postgresql":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if backend != "sqlite":
        msg = f"expected a sqlite or postgresql store, not {backend}"
        raise ValueError(msg)
    if _in_memory(url):  # one shared connection, or each would see its own empty database
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _create_private(Path(str(url.database)))
        engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private(path: Path) -> None:
    """Make the file readable by its owner only; SQLite gives its log files the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # driver autocommit: only _begin_sqlite begins transactions
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    """Begin explicitly; a writer takes the write lock at once, so it never fails half-way."""
    connection.exec_driver_sql(connection.get_execution_options().get("mail_desk_begin", "BEGIN"))
