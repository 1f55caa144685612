"""How long a busy quarter takes to summarise: generated tickets, figures, digest and workbook.

    python benchmarks/reports.py [tickets, 100000 unless told] [URL of an empty database, SQLite unless told]

Prints seconds (of the clock, and in brackets of this process's processor time, which other work on the
machine does not lengthen), and the peak of resident memory after each step; the database itself is made by another
process, so that what making it took is not counted. The quarter is the third of 2026; every tenth ticket
arrived in the quarter before, so that there is something to compare with.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from mail_desk import config_files
from mail_desk.config import Settings
from mail_desk.reports import workbook
from mail_desk.reports.figures import PeriodFigures, collect
from mail_desk.reports.periods import Period
from mail_desk.resources import shipped
from mail_desk.schedule.workdays import Calendar
from mail_desk.store.schema import EventRow, Row, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import policy

T = TypeVar("T")

QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
NOW = datetime(2026, 10, 9, 1, tzinfo=UTC)
BATCH = 2000


def story(rng: random.Random, received: datetime) -> Iterator[tuple[datetime, e.Event]]:
    """Yield what happens to one complaint, letters and notes included."""
    at = received

    def later(days: float) -> datetime:
        nonlocal at
        at += timedelta(days=rng.random() * days)
        return at

    yield at, e.Received(None, "mail")
    yield at, e.Assigned("wang", "least load")
    yield later(0.01), e.LetterQueued(rng.randrange(10**6), "receipt", "")
    yield later(2), e.Marked("complaint" if rng.random() < 0.8 else "enquiry")
    yield later(1), e.Noted(1, None)
    if rng.random() < 0.15:
        yield later(5), e.Declined("civil-dispute", 1)
        yield later(1), e.NoticeServed("refusal", rng.randrange(10**6))
        return
    yield later(8), e.Accepted()
    yield later(0.01), e.LetterQueued(rng.randrange(10**6), "acceptance", "acceptance")
    yield later(0.1), e.NoticeServed("acceptance", rng.randrange(10**6))
    if rng.random() < 0.1:
        yield later(20), e.Extended(10, 1)
    yield later(30), e.Replied(1)
    if rng.random() < 0.8:
        yield later(60), e.Concluded("agreed", 1)
        yield later(2), e.NoticeServed("result", rng.randrange(10**6))
        yield later(2), e.Closed()


def carried(rng: random.Random, event: e.Event) -> dict[str, Any]:
    """Return an event's data as large as the ledger makes it."""
    data = e.to_data(event)
    if "words" in data:
        data |= {"words": rng.randrange(10**6), "digest": f"{rng.getrandbits(256):064x}"}
    return data


def fill(url: str, tickets: int) -> None:
    """Put the tickets in."""
    rng = random.Random(6)
    engine = create_engine(url)
    Row.metadata.create_all(engine)
    with Session(engine) as session:
        for first in range(1, tickets + 1, BATCH):
            rows: list[dict[str, Any]] = []
            events: list[dict[str, Any]] = []
            for n in range(first, min(first + BATCH, tickets + 1)):
                begin = datetime(2026, 4, 1, tzinfo=UTC) if n % 10 == 0 else datetime(2026, 7, 1, tzinfo=UTC)
                received = begin + timedelta(days=90 * rng.random())
                told = [(at, event) for at, event in story(rng, received) if at < NOW]
                kind = next((x.kind for _, x in told if isinstance(x, e.Marked)), None)
                rows.append({
                    "id": n, "number": f"2026-{n:06}", "state": "accepted", "kind": kind,
                    "procedure": "foreign-investment", "procedure_version": "1", "received_at": received,
                    "closed_at": next((at for at, x in told if isinstance(x, (e.Closed, e.Declined))), None),
                    "handler": rng.choice(("wang", "li", "zhou")), "enterprise": None, "category": None,
                    "language": "zh", "channel": "mail", "complainant_name": f"某某外商投资有限公司{n}",
                    "complainant_address": f"contact{rng.randrange(tickets)}@enterprise.example",
                    "subject": f"关于行政审批迟延的投诉，第{n}件：请贵局协调处理", "hidden_from": [],
                    "last_seq": len(told), "last_hash": "0" * 64,
                })  # fmt: skip
                events += [
                    {
                        "ticket_id": n, "seq": seq, "type": type(x).__name__, "at": at, "recorded_at": at,
                        "actor": "wang", "data": carried(rng, x), "previous": "0" * 64, "hash": "0" * 64,
                    }
                    for seq, (at, x) in enumerate(told, start=1)
                ]  # fmt: skip
            session.execute(insert(TicketRow), rows)
            session.execute(insert(EventRow), events)
        session.commit()
    engine.dispose()


def peak() -> int:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timed(step: str, work: Callable[[], T]) -> T:
    """Do the work and print what it took."""
    begun, used = time.perf_counter(), time.process_time()
    done = work()
    clock, processor = time.perf_counter() - begun, time.process_time() - used
    print(f"{step:<10}{clock:>8.2f} s ({processor:.2f} s){peak():>6} MB at most")
    return done


def measure(url: str, settings: Settings) -> None:
    """Print what each step takes."""
    procedures = {p.key: p for p in (policy.load(raw) for raw in settings.procedures)}
    calendar = Calendar(settings.calendar)
    print(f"{'started':<10}{peak():>26} MB at most")

    def summarise() -> PeriodFigures:
        with Session(create_engine(url)) as session:
            return collect(
                session, QUARTER, settings=settings, procedures=procedures, calendar=calendar, now=NOW
            )

    figures = timed("figures", summarise)
    book = timed(
        "workbook",
        lambda: workbook.ledger(figures, settings=settings, procedures=procedures, calendar=calendar),
    )
    print(f"{len(figures.cases)} tickets, workbook of {len(book) / 1e6:.1f} MB, {figures.totals}")


def main() -> None:
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        code = f"import runpy; runpy.run_path({__file__!r})['fill']({url!r}, {tickets})"
        subprocess.run([sys.executable, "-c", code], check=True)
        found = config_files.load(shipped("config"))
        assert isinstance(found, Settings), found
        measure(url, found)


if __name__ == "__main__":
    main()
