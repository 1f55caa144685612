"""Plays a page that promises something, row by row, and prints what came of it.

    python benchmarks/proof.py PAGE [--short]

PAGE is a Markdown page whose table names tests in its last column, as docs/faults.md does. Each is run, with
real servers where it wants them, in its long form (every byte, every thousand). Prints a line for each row:
tests, cases, failed, left out, and what they counted. Exit code 1 where a case failed or was left out.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\|(?: \d+ \|)? (?P<what>[^|]+) \|(?:[^|]*\|)?? (?P<tests>`test_[^|]+) \|$", re.MULTILINE)
NAME = re.compile(r"`(test_\w+)`")


@dataclass
class Came:
    """What came of one test, all its cases together."""

    outcomes: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@dataclass(eq=False)  # pytest keeps its plugins by identity
class Watch:
    """A plugin of pytest that listens."""

    came: defaultdict[str, Came] = field(default_factory=lambda: defaultdict(Came))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        one = self.came[report.location[2].partition("[")[0]]
        one.seconds += report.duration
        if report.when == "call" or report.outcome != "passed":
            one.outcomes[report.outcome] += 1
        if report.when == "call":
            one.counted.update({name: n for name, n in report.user_properties if isinstance(n, int)})


def rows(page: str) -> list[tuple[str, list[str]]]:
    """Return what each row of the page promises, and its tests."""
    return [(row["what"].strip(), NAME.findall(row["tests"])) for row in ROW.finditer(page)]


def places() -> dict[str, list[str]]:
    """Return in which files a test of this name is."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name].append(str(path.relative_to(ROOT)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Plays a page that promises something.")
    parser.add_argument("page", type=Path)
    parser.add_argument("--short", action="store_true")
    told = parser.parse_args()
    os.environ["MAIL_DESK_LONG"] = "" if told.short else "1"
    promised = rows(told.page.read_text(encoding="utf-8"))
    where = places()
    names = dict.fromkeys(name for _, tests in promised for name in tests)
    watch = Watch()
    os.chdir(ROOT)
    wanted = [f"{path}::{name}" for name in names for path in where[name]]
    limit = ["-o", "faulthandler_timeout=3600"]  # every byte of a session takes a while
    code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *limit, *wanted], plugins=[watch])
    print()
    bad = show(promised, watch)
    return 1 if bad or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else 0


def show(promised: list[tuple[str, list[str]]], watch: Watch) -> int:
    """Print the table; return how many rows do not hold."""
    bad = 0
    print(f"{'tests':>5} {'cases':>5} {'failed':>6} {'left out':>8} {'s':>6}  what was tried")
    for what, names in promised:
        came = [watch.came[name] for name in names]
        outcomes = sum((one.outcomes for one in came), Counter[str]())
        counted = sum((one.counted for one in came), Counter[str]())
        holds = not outcomes["failed"] and not outcomes["skipped"] and all(one.outcomes for one in came)
        bad += not holds
        told = "".join(f"; {n:,} {name}" for name, n in counted.items())
        print(
            f"{len(names):5} {sum(outcomes.values()):5} {outcomes['failed']:6} {outcomes['skipped']:8} "
            f"{sum(one.seconds for one in came):6.0f}  {what}{told}{'' if holds else '   <-- DOES NOT HOLD'}"
        )
    print(f"{len(promised)} rows, {bad} do not hold")
    return bad


if __name__ == "__main__":
    sys.exit(main())
