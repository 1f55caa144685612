"""A year of the desk under a fast clock, checked against a clerk with a wall calendar.

    python benchmarks/year.py [TICKETS, 2000 unless told] [--review] [--since DAY] [--until DAY] [--seed N]

Ten complaints a working day, leave of handlers and supervisor, the public holidays of 2025, three days of
downtime across a public holiday, notices that are refused or come back, next year's calendar in November.
Mails go straight to intake and letters are only marked sent: no server takes part. Prints what was
checked, every fault found, and the letters a day by class against the shipped budget. Exit code 1 where
anything does not hold. `--review`: with every outward letter released by the supervisor, as shipped.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from year_checks import Year
from year_desk import Plan, at
from year_play import Play

LEAVE = (
    ("li", date(2025, 2, 10), date(2025, 2, 14)),
    ("wang", date(2025, 4, 14), date(2025, 4, 18)),
    ("li", date(2025, 4, 16), date(2025, 4, 17)),  # both away: the supervisor stands in
    ("zhou", date(2025, 6, 16), date(2025, 6, 20)),  # the leader supervises
    ("li", date(2025, 8, 4), date(2025, 8, 15)),
    ("wang", date(2025, 9, 28), date(2025, 9, 30)),
)
DOWN = ((at(date(2025, 5, 30), 8, 0), at(date(2025, 6, 2), 8, 0)),)  # the Dragon Boat Festival


def main() -> int:
    parser = argparse.ArgumentParser(description="A simulated year, checked.")
    parser.add_argument("tickets", type=int, nargs="?", default=2000)
    parser.add_argument("--review", action="store_true")
    parser.add_argument("--since", type=date.fromisoformat, default=date(2025, 1, 2))
    parser.add_argument("--until", type=date.fromisoformat, default=date(2025, 12, 31))
    parser.add_argument("--seed", type=int, default=4)
    told = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    plan = Plan(
        told.since,
        told.until,
        told.tickets,
        seed=told.seed,
        outward="review" if told.review else "auto",
        leave=LEAVE,
        down=DOWN,
        published=at(date(2025, 11, 12), 12, 0),
    )
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        play = Play(plan, Path(directory))
        play.run()
        played = time.perf_counter() - began
        year = Year(play)
        faults = year.faults()
        show(year, played)
        play.store.close()
    for fault in faults[:40]:
        print(f"FAULT {fault}")
    for what, times in Counter(fault.partition(":")[0] for fault in faults[40:]).items():
        print(f"FAULT {what}: {times} more")
    print(f"{len(faults)} faults")
    return 1 if faults else 0


def show(year: Year, seconds: float) -> None:
    """Print the year's figures."""
    play, told = year.play, year.reminded()
    breaches = Counter(limit for _, limit, _ in year.breaches())
    to = Counter(step if step in ("supervisor", "leader") else "owner" for _, _, _, step, _ in told)
    print(f"{len(year.told)} tickets, {play.log.mails} mails, {len(year.letters)} letters in {seconds:.0f} s")
    print(
        f"served {dict(play.log.served)}, refused {dict(play.log.refused)}, came back {dict(play.log.bounced)}"
    )
    print(f"told of limits {dict(to)}, as expected {len(year.expected)}; breaches {dict(breaches)}")
    print(f"the year's summary: {year.figures.totals}")
    print(f"letters by kind: {dict(Counter(x.kind for x in year.letters).most_common())}")
    print(f"letters a working day, outward = {play.plan.outward}, budget {play.settings.budget.per_day}:")
    print("\n".join(year.table()))


if __name__ == "__main__":
    sys.exit(main())
