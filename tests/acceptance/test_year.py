"""Seven weeks of the simulated year: `benchmarks/year.py` plays the whole of it.

They hold leave, the National Day, three days of downtime across it, notices that are refused or come back,
and a calendar of the next year that arrives late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from year_checks import Year
from year_desk import Plan, at
from year_play import Play

PLAN = Plan(
    date(2025, 9, 8),
    date(2025, 10, 24),
    60,
    a_day=4,
    leave=(
        ("li", date(2025, 9, 15), date(2025, 9, 19)),
        ("wang", date(2025, 9, 18), date(2025, 9, 22)),
        ("zhou", date(2025, 10, 9), date(2025, 10, 10)),
    ),
    down=((at(date(2025, 9, 30), 8, 0), at(date(2025, 10, 3), 8, 0)),),
    published=at(date(2025, 10, 17), 12, 0),
)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    play = Play(PLAN, tmp_path_factory.mktemp("year"))
    play.run()
    yield Year(play)
    play.store.close()


@pytest.mark.slow
def test_no_reminder_is_missed_or_sent_twice_none_at_night_and_the_figures_add_up(year: Year) -> None:
    assert year.faults() == []


@pytest.mark.slow
def test_the_weeks_hold_what_they_are_to_prove_something_about(year: Year) -> None:
    told = year.reminded()
    steps = {step for _, _, _, step, _ in told}
    assert {"due", "late+1", "supervisor"} <= steps
    assert {reader for *_, reader in told} >= {"wang", "li", "zhou"}
    assert year.play.log.refused.total() + year.play.log.bounced.total() >= 1
    assert len(year.told) == PLAN.tickets
    assert len({limit for _, limit, _ in year.breaches()}) >= 3


@pytest.mark.slow
def test_the_checks_find_a_reminder_that_is_missing_and_one_that_came_twice(year: Year) -> None:
    first = year.expected.pop(0)
    assert any(fault.startswith("not expected") for fault in year.faults())
    year.expected += [first, first]
    assert any(fault.startswith("missed") for fault in year.faults())
    year.expected.pop()
    assert year.faults() == []
