"""The help card: every command of a role, and no other, on one screen of a phone."""

from __future__ import annotations

import pytest

from mail_desk.config import Role
from mail_desk.outbound import help_card
from mail_desk.tickets.commands_verbs import VERBS, Verb


def card(role: str, language: str) -> list[str]:
    """Return the commands a card names, without what stands behind them."""
    said = [line for _, line in help_card.rows(role, language)]  # type: ignore[arg-type]
    parts = [p for line in said for p in line.split(" · ")]
    return [p.split("\N{NO-BREAK SPACE}")[0].removeprefix("#") for p in parts]


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_card_holds_each_verb_the_role_may_use_once_and_no_other(role: str) -> None:
    mine = help_card.verbs_of(role)
    assert sorted(card(role, "en")) == sorted(verb.value for verb in mine)
    assert sorted(card(role, "zh")) == sorted(VERBS[verb].zh[0] for verb in mine)


def test_no_verb_is_on_nobodys_card() -> None:
    assert set().union(*(help_card.verbs_of(role.value) for role in Role)) == set(Verb)


def test_a_handler_reads_no_command_of_superiors_and_a_leader_five_lines() -> None:
    assert not {"approve", "release", "people", "instruct", "supervise"} & set(card("handler", "en"))
    assert {"approve", "release", "people"} <= set(card("supervisor", "en"))
    assert len(help_card.rows("leader", "zh")) == 5


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_card_fits_a_page(role: str) -> None:
    rows = help_card.rows(role, "zh")
    assert len(rows) <= 9
    assert sum(2 * len(line) for _, line in rows) <= 30 * 44, "lines of a phone, columns of a line"


def test_help_with_a_verb_says_what_it_does_with_an_example() -> None:
    assert help_card.about("延期", "zh") == "#延期：延长几个工作日，再写理由。例：#延期 20 需多部门会商"
    assert (
        help_card.about("#extend", "en")
        == "#extend\N{NO-BREAK SPACE}days\N{NO-BREAK SPACE}…: working days, then why"
    )
    assert help_card.about("", "zh") == help_card.about("怎么办", "zh") == ""
