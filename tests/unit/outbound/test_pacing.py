"""How much may leave, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mail_desk.config import Budget
from mail_desk.outbound.letters import Pacing
from mail_desk.outbound.pacing import (
    account_pause,
    allowance,
    batch_size,
    bundles_fit,
    day_of,
    own_share,
    retry_delay,
    room_for_bundles,
)

budgets = st.builds(Budget, per_day=st.integers(1, 500), statutory_reserve=st.integers(0, 500))
counts = st.fixed_dictionaries({pacing: st.integers(0, 300) for pacing in Pacing})


def sent(statutory: int = 0, answer: int = 0, confirmation: int = 0, bundle: int = 0) -> dict[Pacing, int]:
    return dict(zip(Pacing, (statutory, answer, confirmation, bundle), strict=True))


def test_on_a_fresh_day_bundles_may_use_least_and_statutory_letters_all() -> None:
    allowed = allowance(Budget(per_day=200, statutory_reserve=40), sent())
    assert allowed == sent(200, 144, 136, 128)


def test_others_stop_at_the_reserve_and_statutory_letters_go_on() -> None:
    allowed = allowance(Budget(per_day=200, statutory_reserve=40), sent(answer=160))
    assert allowed == sent(40, 0, 0, 0)


def test_statutory_letters_sent_do_not_use_up_what_others_may_send_until_the_day_is_full() -> None:
    budget = Budget(per_day=200, statutory_reserve=40)
    assert allowance(budget, sent(statutory=40))[Pacing.ANSWER] == 144
    assert allowance(budget, sent(statutory=150))[Pacing.ANSWER] == 34
    assert allowance(budget, sent(statutory=200)) == sent()


def test_bundles_yield_first_but_for_their_own_share_which_is_for_nobody_else() -> None:
    budget = Budget(per_day=100, statutory_reserve=0)
    assert allowance(budget, sent(confirmation=80)) == sent(20, 10, 5, 10)
    assert allowance(budget, sent(confirmation=80, bundle=5)) == sent(15, 10, 5, 5)
    assert allowance(budget, sent(answer=90)) == sent(10, 0, 0, 10)
    assert allowance(budget, sent(answer=65, bundle=15)) == sent(20, 20, 15, 0), (
        "used up: no class waits for it"
    )


def test_however_much_else_is_queued_a_days_worklists_and_reminders_leave() -> None:
    budget = Budget(per_day=200, statutory_reserve=40)
    assert room_for_bundles(budget, sent(), sent(confirmation=500)) == 16
    assert room_for_bundles(budget, sent(), sent(answer=500, confirmation=500)) == 16
    assert room_for_bundles(budget, sent(confirmation=136), sent(confirmation=500, bundle=12)) == 4
    assert room_for_bundles(budget, sent(), sent()) == 128


@given(budgets, counts, counts, st.integers(1, 30))
def test_bundles_that_fit_leave_today_to_the_last_one(
    budget: Budget, gone: dict[Pacing, int], queued: dict[Pacing, int], letters: int
) -> None:
    assume(bundles_fit(budget, gone, queued, letters))
    assume(letters <= own_share(budget))
    gone, left = dict(gone), {**queued, Pacing.BUNDLE: queued[Pacing.BUNDLE] + letters}
    while (allowed := allowance(budget, gone)) and (
        following := next((p for p in Pacing if left[p] and allowed[p]), None)
    ):
        gone[following] += 1
        left[following] -= 1
    assert left[Pacing.BUNDLE] == 0


@pytest.mark.parametrize("per_day", [2, 10, 64, 200])
def test_a_fresh_day_has_room_for_bundles_however_small_the_budget(per_day: int) -> None:
    budget = Budget(per_day=per_day, statutory_reserve=0)
    assert bundles_fit(budget, sent(), sent(confirmation=500), 40)


@given(budgets, counts)
def test_no_class_may_ever_pass_the_day_or_a_more_important_one(
    budget: Budget, gone: dict[Pacing, int]
) -> None:
    allowed = allowance(budget, gone)
    figures = [allowed[pacing] for pacing in Pacing]
    assert figures[:3] == sorted(figures[:3], reverse=True)
    assert figures[3] <= figures[1] + max(0, own_share(budget) - gone[Pacing.BUNDLE])
    assert all(0 <= figure <= max(0, budget.per_day - sum(gone.values())) for figure in figures)


@given(budgets, counts)
def test_the_reserve_is_never_touched_by_others(budget: Budget, gone: dict[Pacing, int]) -> None:
    others = sum(gone.values()) - gone[Pacing.STATUTORY]
    left = allowance(budget, gone)[Pacing.ANSWER]
    assert left == 0 or others + left <= budget.per_day - budget.statutory_reserve


def test_retries_double_to_the_longest_and_then_give_up() -> None:
    budget = Budget(retry_first_minutes=2, retry_longest_minutes=120, give_up_hours=72)
    minutes: list[float] = []
    while (delay := retry_delay(budget, len(minutes) + 1)) is not None:
        minutes.append(delay.total_seconds() / 60)
    assert minutes[:8] == [2, 4, 8, 16, 32, 64, 120, 120]
    assert 70 * 60 < sum(minutes) <= 72 * 60


@given(st.floats(0.1, 60), st.floats(0.1, 600), st.floats(1, 100))
def test_giving_up_is_final_and_comes_in_time(first: float, longest: float, hours: float) -> None:
    assume(longest * 2000 > hours * 60)
    budget = Budget(retry_first_minutes=first, retry_longest_minutes=longest, give_up_hours=hours)
    delays = [retry_delay(budget, attempts) for attempts in range(1, 60)]
    kept = [delay for delay in delays if delay is not None]
    assert delays[: len(kept)] == kept, "once given up, given up"
    assert sum(kept, timedelta()) <= timedelta(hours=hours) + timedelta(seconds=1)


@pytest.mark.parametrize(("spacing", "size"), [(0, 100), (0.001, 100), (0.1, 10), (0.5, 2), (1, 1), (60, 1)])
def test_a_slow_account_takes_few_letters_at_a_time(spacing: float, size: int) -> None:
    assert batch_size(Budget(spacing_seconds=spacing)) == size


def test_a_day_is_the_desks_calendar_day() -> None:
    start, end = day_of(datetime(2026, 11, 23, 17, 0, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    assert start.astimezone(UTC) == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert end - start == timedelta(days=1)


def test_a_day_with_a_clock_change_is_as_long_as_it_is() -> None:
    start, end = day_of(datetime(2026, 10, 25, 12, 0, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=25)


def test_an_account_is_left_alone_longer_each_time_and_longest_after_a_refused_login() -> None:
    plain = [account_pause(n, credentials=False) for n in range(1, 40)]
    refused = [account_pause(n, credentials=True) for n in range(1, 40)]
    assert plain == sorted(plain)
    assert plain[0] == timedelta(minutes=1)
    assert plain[-1] == timedelta(minutes=30)
    assert (refused[0], refused[-1]) == (timedelta(minutes=30), timedelta(hours=6))
    assert account_pause(1, credentials=False, at_least=timedelta(hours=2)) == timedelta(hours=2)
