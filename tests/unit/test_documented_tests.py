"""The pages that promise something name the test of it, and the test is there."""

from __future__ import annotations

import ast
import re
import runpy
from functools import cache
from pathlib import Path

import pytest

from mail_desk import faults
from mail_desk.store.schema import MessageState

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ROW = re.compile(r"^\| (\d*) \| (.*?) \| `([\w/]+\.py)` \| (.*) \|$", re.MULTILINE)
NAME = re.compile(r"`(test_\w+)`(?!\.)")


@cache
def _names_in(path: Path) -> frozenset[str]:
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(n.name for n in found if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


@cache
def _all_names() -> frozenset[str]:
    return frozenset().union(*(_names_in(path) for path in (ROOT / "tests").rglob("test_*.py")))


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_invariant_names_a_test_and_each_named_test_is_where_the_page_says() -> None:
    number = 0
    named: dict[int, list[str]] = {}
    for shown, _, file, tests in ROW.findall(page("invariants.md")):
        number = int(shown or number)
        names = NAME.findall(tests)
        assert names, f"invariant {number}, {file}: names no test"
        missing = set(names) - _names_in(ROOT / "tests" / file)
        assert not missing, f"{file} has no {', '.join(sorted(missing))}"
        named.setdefault(number, []).extend(names)
    assert sorted(named) == list(range(1, 15)), "the design has fourteen invariants"


@pytest.mark.parametrize("name", sorted(path.name for path in DOCS.glob("*.md")))
def test_a_page_names_only_tests_that_exist(name: str) -> None:
    assert set(NAME.findall(page(name))) <= _all_names()


def _between(start: str, end: str) -> set[str]:
    text = page("guarantees.md").partition(start)[2].partition(end)[0]
    assert text, f"guarantees.md has no part {start!r}"
    return set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))


def test_the_page_of_guarantees_holds_every_state_of_a_message() -> None:
    states = {value for name, value in vars(MessageState).items() if name.isupper()}
    assert _between("## The states of a message", "## What moves a message") == states


def test_the_page_of_guarantees_says_what_a_death_at_each_point_leaves() -> None:
    assert _between("## What a crash leaves of the path", "## What else can go wrong") == set(faults.POINTS)


def test_every_point_at_which_a_test_may_kill_lies_on_the_path_once() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "mail_desk").rglob("*.py"))
    assert sorted(re.findall(r'faults\.point\("([a-z-]+)"\)', code)) == sorted(faults.POINTS)


PROVEN = ("faults.md", "hostile.md", "wounds.md")


@pytest.mark.parametrize("name", PROVEN)
def test_every_row_of_a_page_that_make_plays_names_tests(name: str) -> None:
    shown = [line for line in page(name).splitlines() if line.startswith("|")][2:]
    played = runpy.run_path(str(ROOT / "benchmarks" / "proof.py"))["rows"](page(name))
    assert len(played) == len(shown), "a row that is not played"
    assert all(tests for _, tests in played)


def test_each_of_the_twenty_eight_wounds_has_its_tests() -> None:
    numbers = re.findall(r"^\| (\d+) \|", page("wounds.md"), re.MULTILINE)
    assert numbers == [str(n) for n in range(1, 29)]
