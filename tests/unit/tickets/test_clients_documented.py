"""docs/clients.md names no client as checked without a reply of it in the corpus, and says how many."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
REPLIES = ROOT / "tests" / "corpus" / "replies"
TABLE = PAGE.split("| Client |", 1)[1].split("\n\n", 1)[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines()[2:]]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_client_named_as_checked_has_a_reply_that_tests_read(row: list[str]) -> None:
    _, plain, html, _ = row
    named = {f"{n}.txt" for n in re.findall(r"`(\w+)`", plain)}
    named |= {f"{n}.html" for n in re.findall(r"`(\w+)`", html)}
    assert named, "nothing shows that it was checked"
    assert {name for name in named if not (REPLIES / name).exists()} == set()


def test_what_was_not_checked_is_in_no_row() -> None:
    missing = PAGE.split("## Not checked", 1)[1]
    rows = " ".join(row[0] for row in ROWS)
    for client in ("Xiaomi", "DingTalk", "WeCom", "Feishu", "Lotus Notes"):
        assert client in missing
        assert client not in rows


def test_the_tests_it_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)
    assert len(named) >= 3
    assert [name for name in named if not (ROOT / name).exists()] == []
