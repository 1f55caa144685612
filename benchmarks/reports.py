"""How long a busy quarter takes to summarise: generated tickets, figures, digest and workbook.

    python benchmarks/reports.py [tickets, 100000 unless told] [URL of an empty database, SQLite unless told]

Prints seconds of the processor and of the clock (which other work on the machine lengthens) and the peak of
resident memory after each step. The database itself is made by another process, so that what making it took
is not counted. First comes a bare loop, in a process of its own: it reads the same tickets and events, and
writes each ticket with the days of its events as a line of zipped text, knowing no calendar and counting
nothing; the ratio to it says what summarising costs, whatever the machine. The quarter is the third of 2026;
every tenth ticket arrived in the quarter before, so that there is something to compare with.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, insert, select
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


def timed(step: str, work: Callable[[], T]) -> tuple[T, float]:
    """Do the work, print what it took, and return the seconds of the processor too."""
    begun, used = time.perf_counter(), time.process_time()
    done = work()
    clock, processor = time.perf_counter() - begun, time.process_time() - used
    print(
        f"{step:<12}{processor:>6.2f} s of the processor {clock:>6.2f} s of the clock {peak():>4} MB at most"
    )
    return done, processor


def bare(url: str) -> float:
    """Print what the least takes that could be called reading the tickets and writing them down."""

    def loop() -> None:
        ticket, event = TicketRow.__table__, EventRow.__table__
        days: dict[int, list[str]] = defaultdict(list)
        with create_engine(url).connect() as connection:
            columns = (event.c.ticket_id, event.c.type, event.c.at, event.c.data)
            for id_, type_, at, data in connection.execute(
                select(*columns).order_by(event.c.ticket_id, event.c.seq)
            ):
                days[id_].append(f"{type_} {at:%Y-%m-%d} {data.get('notice', '')}")
            with (
                zipfile.ZipFile(BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive,
                archive.open("tickets", "w") as file,
            ):
                for row in connection.execute(select(ticket).order_by(ticket.c.id)):
                    file.write(("\t".join(map(str, (*row, *days[row[0]]))) + "\n").encode())

    return timed("bare loop", loop)[1]


def measure(url: str, settings: Settings) -> float:
    """Print what each step takes, and return the seconds of the processor for all."""
    procedures = {p.key: p for p in (policy.load(raw) for raw in settings.procedures)}
    calendar = Calendar(settings.calendar)
    print(f"{'started':<12}{peak():>50} MB at most")

    def summarise() -> PeriodFigures:
        with Session(create_engine(url)) as session:
            return collect(
                session, QUARTER, settings=settings, procedures=procedures, calendar=calendar, now=NOW
            )

    figures, summarising = timed("figures", summarise)
    book, writing = timed(
        "workbook",
        lambda: workbook.ledger(figures, settings=settings, procedures=procedures, calendar=calendar),
    )
    print(f"{len(figures.cases)} tickets, workbook of {len(book) / 1e6:.1f} MB, {figures.totals}")
    return summarising + writing


def main() -> None:
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    found = config_files.load(shipped("config"))
    assert isinstance(found, Settings), found
    with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(1, maxtasksperchild=1) as aside:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        aside.apply(fill, (url, tickets))
        least = aside.apply(bare, (url,))
        used = measure(url, found)
    print(
        f"Figures and workbook of a quarter of {tickets} tickets: {used:.1f} s of the processor, "
        f"{used / least:.1f} times the bare loop, {peak()} MB at most."
    )


if __name__ == "__main__":
    main()
