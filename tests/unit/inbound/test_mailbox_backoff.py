from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound.backoff import Backoff

chance = st.floats(min_value=0, max_value=1, exclude_max=True)


def test_the_ceiling_doubles_up_to_the_longest_delay() -> None:
    backoff = Backoff(lambda: 1.0, shortest=5, longest=60)
    assert [backoff.next() for _ in range(6)] == [10, 20, 40, 60, 60, 60]
    assert backoff.failures == 6


def test_success_starts_it_again() -> None:
    backoff = Backoff(lambda: 1.0, shortest=5, longest=60)
    first = backoff.next()
    backoff.next()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.next() == first


@given(st.lists(chance, min_size=1, max_size=40), st.floats(0.1, 100), st.floats(1, 100))
def test_every_delay_lies_between_the_bounds(draws: list[float], shortest: float, factor: float) -> None:
    drawn = iter(draws)
    backoff = Backoff(lambda: next(drawn), shortest=shortest, longest=shortest * factor)
    for _ in draws:
        assert shortest <= backoff.next() <= max(shortest, shortest * factor) * (1 + 1e-9)


@pytest.mark.parametrize(("shortest", "longest"), [(0, 5), (-1, 5), (6, 5)])
def test_bounds_that_make_no_sense_are_refused(shortest: float, longest: float) -> None:
    with pytest.raises(ValueError, match="back-off"):
        Backoff(lambda: 0.5, shortest=shortest, longest=longest)
