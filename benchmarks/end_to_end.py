"""Messages per second end to end, as a ratio to a bare loop over the same servers in the same run.

    python benchmarks/end_to_end.py [MESSAGES] [--store URL] [--profile | --statements]

*Desk*: IMAP fetch → spooled → parsed → ticket → receipt and letter to the handler accepted by SMTP.
*Bare*: IMAP fetch → bytes into one SQLite table → two small mails a message accepted by SMTP; nothing
parsed, decided, rendered. Both use the demo's embedded servers, which run in a process of their own,
on loopback. The servers' own time is in both figures. Below them stands what each transaction of the
store thread costs a message: its own processor time, which a busy machine does not change, and SQL
statements (BEGIN and COMMIT not counted). `--store` must name a database that may be filled.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import multiprocessing
import pstats
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiosmtplib
import imapclient
from sqlalchemy import event

from mail_desk import logs
from mail_desk.clock import ManualClock, SystemClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BARE = "bare@desk.example"


class Meter:
    """What each function costs that the daemon runs in the store thread."""

    def __init__(self, daemon: Daemon) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.statements: Counter[str] = Counter()
        self.texts: dict[str, Counter[str]] = {}
        self.working = ""
        self._store, self._run = daemon.store, daemon.store.run
        daemon.store.run = self._measured  # type: ignore[method-assign]
        event.listen(daemon.store.engine, "before_cursor_execute", self._count)

    def remove(self) -> None:
        """Measure no longer."""
        self._store.run = self._run  # type: ignore[method-assign]
        event.remove(self._store.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, text: str, *_: Any) -> None:  # noqa: ANN401
        if not text.startswith(("SAVEPOINT", "RELEASE", "BEGIN")):
            self.statements[self.working] += 1
            self.texts.setdefault(self.working, Counter())[text] += 1

    async def _measured(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        def work() -> Any:  # noqa: ANN401 - fn's own
            self.working = fn.__qualname__
            began = time.thread_time()
            try:
                return fn(*args, **kwargs)
            finally:
                self.seconds[self.working] += time.thread_time() - began

        return await self._run(work)

    def print(self, messages: int, *, texts: bool) -> None:
        for name, seconds in sorted(self.seconds.items(), key=lambda item: -item[1]):
            each = 1000 * seconds / messages
            print(f"  {each:7.3f} ms  {self.statements[name] / messages:6.2f} statements  {name}")
            for text, count in self.texts.get(name, Counter()).most_common() if texts else ():
                print(f"      {count / messages:6.2f}  {' '.join(text.split())[:150]}")


def complaint(number: int) -> bytes:
    """Return one complaint, each from an enterprise of its own."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Enterprise {number} <contact{number}@enterprise{number}.example>"
    mail["To"] = office.DESK
    mail["Subject"] = f"关于第{number}号审批事项的投诉"
    mail["Message-ID"] = f"<{number}@enterprise.example>"
    mail["Date"] = START
    mail.set_content(f"您好：\n我公司第{number}号申请至今没有答复，请协调办理。\n" + "情况说明。\n" * 20)
    return mail.as_bytes()


def serve(count: int, pipe: Connection) -> None:
    """Run the servers in this process until told to stop."""
    with EmbeddedServers(lambda: START) as servers:
        for address in (office.DESK, BARE):
            servers.add_user(address, office.PASSWORD)
        pipe.send((servers.imap_port, servers.smtp_port))
        while (order := pipe.recv()) != "stop":
            for number in range(count):
                servers.deliver(order, complaint(number), when=START + timedelta(minutes=1))
            pipe.send("filled")


async def desk(
    directory: Path, ports: tuple[int, int], pipe: Connection, store: str, *, profile: bool
) -> tuple[float, int, Meter]:
    """Return the seconds the desk took, the letters it sent and what its transactions cost."""
    servers = office.Servers("127.0.0.1", ports[0], "127.0.0.1", ports[1])
    loaded = load(office.write(directory / "config", servers, per_day=10**6))
    if not isinstance(loaded, Settings):
        raise SystemExit("\n".join(map(str, loaded)))
    if store:
        loaded = loaded.model_copy(update={"desk": loaded.desk.model_copy(update={"store": store})})
    daemon = Daemon(loaded, ManualClock(START))
    daemon.open()
    await daemon.once()  # opens the folders: what comes now is new
    pipe.send(office.DESK)
    pipe.recv()
    meter = Meter(daemon)
    profiler = cProfile.Profile()
    began = time.perf_counter()
    if profile:
        profiler.enable()
    drained = await daemon.once()
    profiler.disable()
    seconds = time.perf_counter() - began
    await daemon.close()
    if profile:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    return seconds, drained.letters, meter


async def bare(directory: Path, ports: tuple[int, int], pipe: Connection, letters: int) -> float:
    """Return the seconds of a loop that only fetches, stores and sends as many letters."""
    pipe.send(BARE)
    pipe.recv()
    small = complaint(0)
    began = time.perf_counter()
    with imapclient.IMAPClient("127.0.0.1", port=ports[0], ssl=False) as client:
        client.login(BARE, office.PASSWORD)
        client.select_folder("INBOX", readonly=True)
        fetched = client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE"])
    with sqlite3.connect(directory / "bare.db") as database:
        database.execute("create table mail (uid integer primary key, raw blob)")
        rows = [(uid, data[b"BODY[]"]) for uid, data in fetched.items()]
        database.executemany("insert into mail values (?, ?)", rows)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=ports[1], start_tls=False) as smtp:
        await smtp.login(BARE, office.PASSWORD)
        for _ in range(letters):
            await smtp.sendmail(BARE, [office.WANG], small)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("messages", nargs="?", type=int, default=500)
    parser.add_argument("--store", default="", metavar="URL", help="an empty PostgreSQL database")
    parser.add_argument("--profile", action="store_true", help="of the event loop's thread")
    parser.add_argument("--statements", action="store_true", help="show each statement")
    options = parser.parse_args()
    logs.configure(level="error")
    ours, theirs = multiprocessing.Pipe()
    servers = multiprocessing.Process(target=serve, args=(options.messages, theirs))
    servers.start()
    try:
        ports = ours.recv()
        with tempfile.TemporaryDirectory(prefix="mail-desk-bench-") as folder:
            directory = Path(folder)
            run = desk(directory, ports, ours, options.store, profile=options.profile)
            seconds, letters, meter = asyncio.run(run)
            base = asyncio.run(bare(directory, ports, ours, letters))
    finally:
        ours.send("stop")
        servers.join(10)
    n = options.messages
    print(f"{n} messages, {letters} letters, {SystemClock().now():%Y-%m-%d}")
    print(f"desk  {seconds:6.2f} s  {n / seconds:7.0f} messages/s")
    print(f"bare  {base:6.2f} s  {n / base:7.0f} messages/s")
    print(f"ratio desk/bare {seconds / base:.2f}")
    meter.print(n, texts=options.statements)


if __name__ == "__main__":
    main()
