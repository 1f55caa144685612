"""The desk killed everywhere and at any moment, counted: nothing lost, nothing done twice.

    python benchmarks/crash.py [DEATHS, 500 unless told] [--stores sqlite,postgresql] [--rounds N] [--seed N]

The real process, real Dovecot and Postfix, each database. SIGKILL at every named point
(`mail_desk/faults.py`), then at DEATHS random moments while complaints come in; on PostgreSQL two daemons
of one store as well, of which one is killed, or stopped beyond its lease and woken, N times. After each
story the work is finished and counted against what there would be without a death. Prints a table; exit
code 1 where anything was lost, or doubled outside the one place that docs/guarantees.md names.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

import dovecot as dovecot_server
import postfix as postfix_server
import postgres as postgres_server
from crash_story import (
    UNRECORDED,
    Verdict,
    all_filed_once,
    judge,
    morning,
    two_daemons,
    under_fire,
)
from crash_world import Account, Processes, processes
from mail_desk import faults

COLUMNS = "{:<44}{:<11}{:>6}{:>6}{:>8}{:>6}{:>8}{:>7}{:>7}{:>8}{:>6}{:>6}"
HEADS = COLUMNS.format(
    "died", "store", "deaths", "mails", "letters", "lost", "tickets", "steps", "letters", "letters", "not", "s"
)  # fmt: skip
SECOND = COLUMNS.format("", "", "", "", "", "mails", "doubled", "twice", "lost", "doubled", "doc.", "")


@dataclass
class Table:
    """The cases, printed as they end."""

    bad: int = 0
    letters_doubled: int = 0

    def play(
        self, name: str, store: str, deaths: int, case: Callable[[Path, str], Coroutine[Any, Any, Verdict]]
    ) -> None:
        began = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory() as directory:
                told = asyncio.run(case(Path(directory), name))
        except Exception:  # noqa: BLE001 - a story that broke off is a fault of this case; the others are played
            self.bad += 1
            print(f"{name:<44}{store:<11} FAULT: the story broke off", flush=True)
            traceback.print_exc(file=sys.stdout)
            return
        line = COLUMNS.format(
            name, store, deaths, told.messages, told.letters, told.messages_lost, told.tickets_doubled,
            told.transitions_twice, told.letters_lost, told.letters_doubled, told.unexplained,
            round(time.perf_counter() - began),
        )  # fmt: skip
        print(line, flush=True)
        for difference in told.differences[:20]:
            print(f"    FAULT {difference}")
        self.bad += bool(told.bad)
        self.letters_doubled += told.letters_doubled


@dataclass
class Machine:
    """What every case is played on."""

    source: Processes
    dovecot: dovecot_server.Dovecot
    postfix: postfix_server.Postfix
    postgres: postgres_server.Postgres | None

    @contextlib.contextmanager
    def store(self, kind: str) -> Iterator[dict[str, Any]]:
        """Give the options of a world on an empty store."""
        options: dict[str, Any] = {"real": (self.dovecot, self.postfix)}
        if kind != "postgresql":
            yield options
            return
        assert self.postgres is not None
        url = self.postgres.url()
        yield options | {"store": url}
        self.postgres.drop(url)


def main() -> int:
    parser = argparse.ArgumentParser(description="The desk killed everywhere and at any moment, counted.")
    parser.add_argument("deaths", type=int, nargs="?", default=500)
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--seed", type=int, default=20261123)
    told = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    stores = told.stores.split(",")
    lacking = [dovecot_server.lacking(), postfix_server.lacking()]
    lacking += [postgres_server.lacking()] if "postgresql" in stores else []
    if missing := [it for it in lacking if it]:
        print(f"This needs {', '.join(missing)}: see scripts/install-test-servers.", file=sys.stderr)
        return 2
    table = Table()
    print(HEADS, SECOND, sep="\n")
    with contextlib.ExitStack() as stack:
        dovecot = stack.enter_context(dovecot_server.running_dovecot())
        machine = Machine(
            stack.enter_context(processes()),
            dovecot,
            stack.enter_context(postfix_server.running_postfix(dovecot)),
            stack.enter_context(postgres_server.running_postgres()) if "postgresql" in stores else None,
        )
        for store in stores:
            _play_all(table, machine, store, told)
    print(
        f"{table.bad} cases with a fault; {table.letters_doubled} letters arrived twice, "
        "each with the same Message-ID and bytes, after its reply was lost"
    )
    return 1 if table.bad else 0


def _play_all(table: Table, machine: Machine, store: str, told: argparse.Namespace) -> None:
    undisturbed: list[Account] = []

    async def at_a_point(directory: Path, name: str) -> Verdict:
        with machine.store(store) as options:
            fault = "" if name == "not at all" else name
            account = await morning(machine.source, directory, fault, **options)
        if not undisturbed:
            undisturbed.append(account)
        verdict = judge(account, undisturbed[0])
        assert fault in UNRECORDED or not verdict.letters_doubled, "doubled where no letter was on its way"
        return verdict

    async def at_any_moment(directory: Path, _name: str) -> Verdict:
        with machine.store(store) as options:
            account = await under_fire(machine.source, directory, told.deaths, seed=told.seed, **options)
        return judge(account, all_filed_once(account, told.deaths))

    async def one_of_two(directory: Path, name: str) -> Verdict:
        with machine.store(store) as options:
            account = await two_daemons(
                directory, told.rounds, stopped="stopped" in name, seed=told.seed, **options
            )
        return judge(account, all_filed_once(account, told.rounds))

    table.play("not at all", store, 0, at_a_point)
    for point in faults.POINTS:
        table.play(point, store, 1, at_a_point)
    table.play("at random moments, under load", store, told.deaths, at_any_moment)
    if store == "postgresql":
        table.play("one of two daemons", store, told.rounds, one_of_two)
        table.play("one of two, stopped beyond its lease, woken", store, told.rounds, one_of_two)


if __name__ == "__main__":
    sys.exit(main())
