"""docs/commands.md says who may use what, what it must prove, and why it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mail_desk.config import Role
from mail_desk.tickets.commands import Verb
from mail_desk.tickets.commands_verbs import VERBS
from mail_desk.tickets.grades import Grade, grade
from mail_desk.tickets.refusals import REFUSALS
from mail_desk.tickets.roles import READING, ROLES

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


def test_every_role_stands_in_the_docs_and_every_role_of_the_config_is_one() -> None:
    for role, (zh, does_zh, does_en) in ROLES.items():
        assert f"| {role} | {zh} | {does_zh} | {does_en} |" in section("Who may")
    assert {role.value for role in Role} <= set(ROLES)
    assert {r for spec in VERBS.values() for r in spec.roles.split(", ")} <= set(ROLES) | {"former"}


def test_every_verb_stands_under_its_grade() -> None:
    rows = dict(
        re.findall(
            r"^\| (read|token|strong) \| ([^|]*) \|", section("What a command must prove"), re.MULTILINE
        )
    )
    for kind in Grade:
        assert set(re.findall(r"`([^`]+)`", rows[kind.value])) == {v.value for v in Verb if grade(v) is kind}


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_stands_in_the_docs(code: str) -> None:
    zh, en = REFUSALS[code]
    assert f"| `{code}` | {zh} | {en} |" in section("Refusals")


def test_the_docs_know_no_refusal_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `([^`]+)` \|", section("Refusals"), re.MULTILINE)) == set(REFUSALS)


@pytest.mark.parametrize("verb", [v for v in Verb if VERBS[v].outward])
def test_whatever_leaves_the_office_is_strong(verb: Verb) -> None:
    assert grade(verb) is Grade.STRONG


@pytest.mark.parametrize(
    "name", ["approve", "refuse", "accept", "decline", "conclude", "close", "assign", "leave", "release"]
)
def test_what_decides_or_changes_people_is_strong(name: str) -> None:
    assert grade(Verb(name)) is Grade.STRONG
    assert grade(Verb(name), default="token") is Grade.TOKEN
    assert grade(Verb(name), exceptions={name: "token"}) is Grade.TOKEN


def test_no_setting_lets_reading_ask_for_more_or_a_reader_change_anything() -> None:
    assert grade(Verb.SHOW, exceptions={"show": "strong"}) is Grade.READ
    assert not {v.value for v in Verb if VERBS[v].outward} & READING
