"""What a tick costs that finds nothing to do, on a store with a past and a future.

    python benchmarks/idle.py [ROWS]

Fills a store with ROWS sent letters (200 of them today) and ROWS pending moments, all still to come,
then prints the processor time and the SQL statements of one idle tick of the time path, of the sender
and of the intake; and of the question whether bundles have room, which is asked once something is due.
A statement that reads a whole table is named.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from end_to_end import Meter
from sqlalchemy import insert, text, update

from mail_desk import logs
from mail_desk.clock import ManualClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Pacing
from mail_desk.schedule import reminders
from mail_desk.store.schema import LetterRow, Moment

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 of a working day in Beijing
TODAY = 200  # letters sent since midnight
TIMES = 50


def fill(daemon: Daemon, rows: int) -> None:
    """Write the past and the future."""
    account = daemon.settings.routes.staff
    letters = [
        {
            "kind": "receipt", "pacing": Pacing.STATUTORY.value, "audience": "enterprise",
            "account": account, "recipient": f"contact{n}@enterprise{n}.example", "language": "zh",
            "subject": "x", "message_id": f"{n}@desk.example", "tag": f"{n:010d}", "raw": b"x", "text": "x",
            "created_at": NOW, "not_before": NOW, "state": "sent", "reported": True, "choices": [],
            "sent_at": NOW - (timedelta(hours=1) if n < TODAY else timedelta(days=1, minutes=n)),
        }
        for n in range(rows)
    ]  # fmt: skip
    moments = [
        {
            "key": f"future/{n}", "due_at": NOW + timedelta(days=1, minutes=n), "action": "remind",
            "data": {}, "state": "pending",
        }
        for n in range(rows)
    ]  # fmt: skip
    with daemon.store.write() as session:
        session.execute(update(LetterRow).values(state="cancelled"))  # today's worklists: no server is here
        session.execute(insert(LetterRow), letters)
        session.execute(insert(Moment), moments)


def scans(daemon: Daemon, statements: set[str]) -> list[str]:
    """Return which statements SQLite would answer by reading a whole table."""
    found = []
    with daemon.store.engine.connect() as connection:
        for statement in sorted(statements):
            if statement.startswith("SELECT"):
                marks = {f"p{n}": None for n in range(statement.count("?"))}
                named = statement
                for mark in marks:
                    named = named.replace("?", f":{mark}", 1)
                plan = connection.execute(text(f"EXPLAIN QUERY PLAN {named}"), marks)
                found += [
                    f"{row[3]}: {' '.join(statement.split())[:90]}"
                    for row in plan
                    if row[3].startswith("SCAN ")
                ]
    return found


async def measure(directory: Path, rows: int) -> None:
    loaded = load(office.write(directory / "config", office.Servers("127.0.0.1", 1, "127.0.0.1", 1)))
    if not isinstance(loaded, Settings):
        raise SystemExit("\n".join(map(str, loaded)))
    daemon = Daemon(loaded, ManualClock(NOW))
    daemon.open()
    while await daemon.reminders.tick():
        pass  # plans the day and fires what is due today
    fill(daemon, rows)
    account = loaded.routes.staff

    def room() -> None:
        with daemon.store.write() as session:
            reminders.room_for_bundles(Work(session, daemon.rules, NOW), ["digest"])

    parts: dict[str, Callable[[], object]] = {
        "time path": daemon.reminders.tick,
        "sender": lambda: daemon.sender.drain(account),
        "intake": daemon.intake.process,
        "room for bundles": lambda: daemon.store.run(room),
    }
    for name, part in parts.items():
        await part()  # type: ignore[misc] # each is awaitable
        meter = Meter(daemon)
        began = time.process_time()
        for _ in range(TIMES):
            await part()  # type: ignore[misc]
        cost = 1000 * (time.process_time() - began) / TIMES
        seen = {statement for texts in meter.texts.values() for statement in texts}
        print(f"{cost:8.3f} ms  {sum(meter.statements.values()) / TIMES:5.1f} statements  {name}")
        for line in scans(daemon, seen):
            print(f"          reads a whole table: {line}")
        meter.remove()
    await daemon.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    logs.configure(level="error")
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="mail-desk-idle-") as folder:
        print(f"one idle tick, {rows} sent letters and {rows} pending moments")
        asyncio.run(measure(Path(folder), rows))


if __name__ == "__main__":
    main()
