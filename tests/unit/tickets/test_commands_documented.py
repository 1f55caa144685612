"""docs/commands.md says everything that can be typed, and nothing else."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from mail_desk.tickets.commands import PROBLEMS, Command, Verb, read
from mail_desk.tickets.commands_verbs import KINDS, NOTICES, VERBS

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text("utf-8")
ROWS = {m[1]: m[0] for m in reversed(list(re.finditer(r"^\| `([^`]+)` \|.*$", PAGE, re.MULTILINE)))}


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_stands_in_the_docs_with_its_aliases_and_roles(verb: Verb) -> None:
    spec, row = VERBS[verb], ROWS[verb.value]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1].split(" · ") == list(spec.zh)
    assert re.findall(r"`([^`]+)`", cells[2]) == list(spec.en)
    assert cells[4] == spec.roles
    assert cells[5] == ("yes" if spec.outward else "–")
    assert cells[7] == f"`{spec.example}`"


def test_the_docs_know_no_verb_that_does_not_exist() -> None:
    section = PAGE.split("## Verbs", 1)[1].split("###", 1)[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) == {verb.value for verb in Verb}


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_stands_in_the_docs(code: str) -> None:
    zh, en = PROBLEMS[code]
    for text in (zh, en):
        for piece in re.split(r"\{\w+\}", text):
            assert piece in ROWS[code]


@pytest.mark.parametrize(("key", "names"), [*KINDS.items(), *NOTICES.items()])
def test_every_kind_and_notice_stands_in_the_docs(key: str, names: tuple[str, ...]) -> None:
    assert f"| `{key}` | {' · '.join(names)} |" in PAGE


def test_what_the_docs_show_as_a_hash_line_runs() -> None:
    shown = [
        t
        for t in re.findall(r"`([#＃][^`\n]+)`", PAGE.split("## What never", 1)[0])
        if not re.search(r"[\[…]|^#\d$", t)
    ]
    assert len(shown) >= 4
    for typed in shown:
        assert all(isinstance(item, Command) for item in read(typed, today=date(2026, 11, 23)).items), typed


def test_the_roles_are_those_of_the_shipped_procedure() -> None:
    path = Path(__file__).parents[3] / "config" / "procedures" / "foreign-investment.toml"
    allowed: dict[str, set[str]] = {}
    for transition in tomllib.loads(path.read_text("utf-8"))["transitions"]:
        allowed.setdefault(transition["verb"], set()).update(transition["by"])
    assert allowed
    for verb, roles in allowed.items():
        assert set(VERBS[Verb(verb)].roles.split(", ")) == roles, verb
