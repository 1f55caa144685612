"""What 100,000 open moments cost: an idle look at the clock, and claiming what has become due.

    python benchmarks/moments.py [MOMENTS, 100000 unless told] [--store URL]

*Idle*: one tick of the reminders' loop when nothing is due, in milliseconds of the clock and of this
process's processor time (which other work on the machine does not lengthen). *Claim*: 1,000, then 10,000
moments of 100 tickets a thousand, all due at once; linear means that the time a moment stays the same.
`--store` names an empty database (SQLite in memory of the disk cache unless told).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import structlog
from sqlalchemy import insert, update

from mail_desk.clock import ManualClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import rules_of
from mail_desk.demo import office
from mail_desk.schedule.reminders import Reminders
from mail_desk.store.schema import Moment, TicketRow
from mail_desk.store.session import Store

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in the office
IDLE = 5.0  # ms: what an idle tick may cost


def settings_in(directory: Path) -> Settings:
    servers = office.Servers("127.0.0.1", 1, "127.0.0.1", 1)
    loaded = load(office.write(directory / "config", servers))
    assert isinstance(loaded, Settings), loaded
    return loaded


def fill(store: Store, moments: int, settings: Settings) -> None:
    """Put open moments of the coming year into the store, some for each ticket."""
    procedure = rules_of(settings).procedure
    tickets = max(1, moments // 10)
    with store.write() as session:
        session.execute(
            insert(TicketRow),
            [
                {
                    "id": n, "number": f"2026-{n:06}", "state": "closed", "closed_at": NOON, "procedure": procedure.key,
                    "procedure_version": procedure.version, "received_at": NOON, "language": "zh",
                    "channel": "mail", "complainant_name": "", "complainant_address": f"a{n}@firm.example",
                    "subject": "", "hidden_from": [], "last_seq": 0, "last_hash": "",
                }
                for n in range(1, tickets + 1)
            ],
        )  # fmt: skip
        session.execute(
            insert(Moment),
            [
                {
                    "key": f"bench/{n}", "due_at": NOON + timedelta(days=30 + n % 200), "action": "bench",
                    "ticket_id": 1 + n % tickets, "data": {}, "state": "pending",
                }
                for n in range(moments)
            ],
        )  # fmt: skip


def idle(reminders: Reminders, rounds: int = 200) -> tuple[float, float]:
    """Return the median milliseconds of an idle tick, and those of processor time."""

    async def measure() -> tuple[float, float]:
        await reminders.tick()  # plans the day
        clock, used = [], time.process_time()
        for _ in range(rounds):
            began = time.perf_counter()
            assert await reminders.tick() == 0
            clock.append(time.perf_counter() - began)
        return 1000 * median(clock), 1000 * (time.process_time() - used) / rounds

    return asyncio.run(measure())


def claim(store: Store, reminders: Reminders, count: int) -> float:
    """Make so many moments due, claim them, and return the seconds of processor time it took."""
    with store.write() as session:
        first = session.query(Moment.id).filter_by(state="pending", action="bench").order_by(Moment.id)
        ids = [row[0] for row in first.limit(count)]
        for start in range(0, count, 500):
            some = ids[start : start + 500]
            session.execute(update(Moment).where(Moment.id.in_(some)).values(due_at=NOON))
    used = time.process_time()
    claimed = asyncio.run(reminders.tick())
    assert claimed == count, claimed
    return time.process_time() - used


def main() -> int:
    parser = argparse.ArgumentParser(description="What open moments cost.")
    parser.add_argument("moments", type=int, nargs="?", default=100_000)
    parser.add_argument("--store", default="")
    told = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        settings = settings_in(directory)
        store = Store(told.store or f"sqlite:///{directory / 'moments.db'}", data_dir=directory)
        store.migrate()
        fill(store, told.moments, settings)
        reminders = Reminders(store, rules_of(settings), ManualClock(NOON))
        clock, used = idle(reminders)
        print(f"{told.moments} open moments, idle tick: {clock:.2f} ms ({used:.2f} ms of processor time)")
        each = []
        for count in (1_000, 10_000):
            seconds = claim(store, reminders, min(count, told.moments // 4))
            each.append(1e6 * seconds / count)
            print(f"claiming {count:>6} due moments: {seconds:.2f} s, {each[-1]:.0f} µs a moment")
        store.close()
    return 0 if used < IDLE and each[1] < 2 * each[0] else 1


if __name__ == "__main__":
    sys.exit(main())
