"""A procedure that could never close a case for want of an answer, or would without announcing it, is told so."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mail_desk.tickets.policy import Inactivity, Procedure, load
from mail_desk.tickets.soundness import soundness


@pytest.fixture(scope="module")
def shipped() -> Procedure:
    path = Path(__file__).parents[3] / "config" / "procedures" / "foreign-investment.toml"
    return load(tomllib.loads(path.read_text(encoding="utf-8")))


def told(procedure: Procedure, **changes: object) -> str:
    return "\n".join(soundness(procedure.model_copy(update=changes)))


def test_the_shipped_procedure_is_sound_and_counts_thirty_days_announced_ten_before(
    shipped: Procedure,
) -> None:
    assert shipped.progress_every == 15
    assert shipped.inactivity == Inactivity(ground="no-participation", days=30, announce=10)
    assert "inactivity" not in told(shipped)


def test_a_ground_that_is_none_of_a_conclusion_is_named(shipped: Procedure) -> None:
    assert '"out-of-scope"' in told(shipped, inactivity=Inactivity(ground="out-of-scope"))


def test_an_announcement_before_the_start_is_named(shipped: Procedure) -> None:
    rule = Inactivity(ground="no-participation", days=10, announce=10)
    assert "announced 10 days before its end" in told(shipped, inactivity=rule)


def test_a_procedure_where_nobody_can_wait_is_named(shipped: Procedure) -> None:
    rows = tuple(row for row in shipped.transitions if row.verb != "await")
    assert '"await"' in told(shipped, transitions=rows)
