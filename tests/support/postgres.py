"""A real PostgreSQL from Debian's packages, with a fresh database for whoever asks.

Runs as a non-root user (`postgres` where we are root, else as we are), without any durability: what
a crash does to PostgreSQL is PostgreSQL's business. The code under test is told nothing of that.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from servers import LOOPBACK, Daemon, free_ports, run, scratch_directory, unprivileged

_USER = "desk"
_INITDB_OPTIONS = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")


def _binaries() -> Path | None:
    """Return the newest server's program directory; what `postgres` on PATH is, nobody knows."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists()]
    return max(found, key=lambda path: int(re.sub(r"\D.*", "", path.parent.name) or 0), default=None)


def lacking() -> str:
    """Return what this machine lacks to run it, "" where it lacks nothing."""
    return "" if _binaries() else "PostgreSQL (Debian: postgresql)"


class Postgres:
    """The server, as tests see it."""

    def __init__(self, root: Path, run_as: tuple[int, int] | None, binaries: Path) -> None:
        self.host = LOOPBACK
        (self.port,) = free_ports(1)
        self.log = root / "postgres.log"
        self._socket_directory = root
        self._names = itertools.count(1)
        self._prepared: dict[str, str] = {}
        data = root / "data"
        run(
            [binaries / "initdb", f"--username={_USER}", f"--pgdata={data}", *_INITDB_OPTIONS],
            run_as=run_as,
        )
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": root,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "max_connections": 50,
            "autovacuum": "off",
            "timezone": "America/Caracas",  # neither UTC nor the desk's: who forgets a zone finds out
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self._daemon = Daemon(
            "PostgreSQL",
            [binaries / "postgres", "-D", data, *options],
            log=self.log,
            run_as=run_as,
            stop_signal=signal.SIGINT,  # "fast": rolls back and disconnects
        )

    @property
    def running(self) -> bool:
        return self._daemon.running

    def start(self) -> None:
        self._daemon.start(self._lets_in)

    def stop(self) -> None:
        """Break every connection and listen no more; `start()` brings every database back."""
        self._daemon.stop()

    def url(self, *, prepare: Callable[[str], None] | None = None) -> str:
        """Return the SQLAlchemy URL of a database nobody has used yet.

        With `prepare`, the database is a copy of one that `prepare(url)` made ready, once: cheaper
        than running migrations for every test. `prepare` must leave no connection open.
        """
        template = "template1"
        if prepare is not None:
            kind = f"{prepare.__module__}.{prepare.__qualname__}"
            if kind not in self._prepared:
                name = self._create("template1")
                prepare(self._url(name))
                self._prepared[kind] = name
            template = self._prepared[kind]
        return self._url(self._create(template))

    def drop(self, url: str) -> None:
        """Remove the database of a URL, whoever is still connected."""
        name = url.rpartition("/")[2]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{_USER}@{self.host}:{self.port}/{name}"

    def _create(self, template: str) -> str:
        name = f"desk_{os.getpid()}_{next(self._names)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _execute(self, statement: sql.Composed) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    def _connection(self) -> psycopg.Connection:
        # Over the unix socket, and not to template1: a template may have no other user while copied.
        return psycopg.connect(
            host=str(self._socket_directory), port=self.port, user=_USER, dbname="postgres", autocommit=True
        )

    def _lets_in(self) -> bool:
        try:
            self._connection().close()
        except psycopg.OperationalError:
            return False
        return True


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Give a running server, gone with all its databases afterwards."""
    binaries = _binaries()
    if binaries is None:
        raise RuntimeError(f"this machine lacks {lacking()}")
    run_as = unprivileged("postgres")
    with scratch_directory("db", run_as) as root:
        server = Postgres(root, run_as, binaries)
        try:
            server.start()
            yield server
        finally:
            server.stop()
