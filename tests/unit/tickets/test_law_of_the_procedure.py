"""Rows of the law's table that are no dates: what the shipped procedure holds, with the article as the name.

The dates are in tests/unit/schedule/test_law.py, what the desk does by mail in tests/acceptance/test_law_by_mail.py.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mail_desk.tickets.policy import Procedure, load

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    path = ROOT / "config" / "procedures" / "foreign-investment.toml"
    return load(tomllib.loads(path.read_text(encoding="utf-8")))


def test_order_article_13_materials_are_requested_in_one_notice_that_lists_them(procedure: Procedure) -> None:
    request = procedure.transition("request", "examining", "complaint")
    assert request is not None
    assert (request.notice, request.needs_words) == ("materials-request", True)
    assert procedure.transition("request", "awaiting-materials", "complaint") is None, "no second one"


def test_order_article_14_has_nine_grounds_of_non_acceptance_by_their_numbers(procedure: Procedure) -> None:
    grounds = procedure.grounds_of("decline")
    assert [g.number for g in grounds] == list(range(1, 10))
    assert [g.key for g in grounds] == [
        "not-foreign-invested", "out-of-scope", "other-body", "still-incomplete", "forged-or-no-facts",
        "repeated", "higher-body", "petition-office", "reconsideration-or-litigation",
    ]  # fmt: skip
    assert all("第十四条" in g.basis_zh and "Art. 14" in g.basis_en for g in grounds)


@pytest.mark.parametrize("state", ["examining", "awaiting-materials"])
def test_order_article_15_a_refusal_owes_a_notice_with_ground_and_reasons(
    procedure: Procedure, state: str
) -> None:
    decline = procedure.transition("decline", state, "complaint")
    assert decline is not None
    assert (decline.notice, decline.needs_ground, decline.needs_words) == ("refusal", True, True)
    assert decline.approval == "supervisor"


@pytest.mark.parametrize("state", ["received", "examining", "awaiting-materials"])
def test_order_article_15_acceptance_owes_a_notice(procedure: Procedure, state: str) -> None:
    accept = procedure.transition("accept", state, "complaint")
    assert accept is not None
    assert (accept.notice, accept.to) == ("acceptance", "accepted")


def test_order_article_19_an_extension_is_reasoned_approved_and_told_in_writing(procedure: Procedure) -> None:
    extend = procedure.transition("extend", "accepted", "complaint")
    assert extend is not None
    assert (extend.needs_words, extend.approval, extend.notice) == (True, "leader", "extension")
    assert procedure.limit("conclude").extension_cap == 0, "the Order states no cap"


def test_order_article_20_has_six_grounds_of_conclusion_and_two_rest_on_the_complainants_mail(
    procedure: Procedure,
) -> None:
    grounds = procedure.grounds_of("conclude")
    assert [g.number for g in grounds] == list(range(1, 7))
    assert [g.key for g in grounds if g.cites] == ["agreed", "withdrawn"]
    assert all("第二十条" in g.basis_zh and "Art. 20" in g.basis_en for g in grounds)


@pytest.mark.parametrize("state", ["accepted", "suspended"])
def test_order_article_20_a_conclusion_owes_its_result_in_writing(procedure: Procedure, state: str) -> None:
    conclude = procedure.transition("conclude", state, "complaint")
    assert conclude is not None
    assert (conclude.notice, conclude.needs_ground, conclude.needs_words) == ("result", True, True)
    limit = procedure.limit("result")
    assert (limit.amount, limit.unit, limit.start, limit.stop) == (
        3, "working-days", ("concluded",), ("served:result",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "amount", "unit", "article"),
    [
        ("decide", 7, "working-days", "第十三条、第十五条"),
        ("supplement", 15, "working-days", "第十三条"),
        ("conclude", 60, "working-days", "第十九条"),
        ("result", 3, "working-days", "第二十条"),
        ("report", 12, "calendar-months", "第二十一条"),
    ],
)
def test_every_limit_of_the_law_is_there_with_its_article(
    procedure: Procedure, limit: str, amount: int, unit: str, article: str
) -> None:
    found = procedure.limit(limit)
    assert (found.amount, found.unit, found.house) == (amount, unit, False)
    assert found.basis_zh.endswith(article)


def test_what_is_the_departments_own_rule_does_not_pretend_to_be_law(procedure: Procedure) -> None:
    own = {limit.key for limit in procedure.limits if limit.house}
    assert "triage" in own
    assert all("《外商投资企业投诉工作办法》" not in procedure.limit(key).basis_zh for key in own)
