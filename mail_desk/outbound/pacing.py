"""How much may leave, and when: arithmetic over the daily budget. Pure.

Providers block accounts that send too much or too fast, and say beforehand neither how much nor how
fast. So a budget of letters a day, a pause between two letters, a reserve that only statutory
letters may touch, and shares that make bundles yield before confirmations, and those before answers.
But a worklist or reminder that waits for others is a limit missed: a small part of the day is for bundles
alone, however much else is queued.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from mail_desk.config import Budget
from mail_desk.outbound.letters import Pacing

# Of what is left beside the reserve: these shares stop when so much has gone to letters that are not statutory,
CONFIRMATIONS_STOP, BUNDLES_STOP = 0.95, 0.8
BUNDLES_OWN = 0.1  # save for this share, which is for bundles alone

PAUSE_FIRST = timedelta(minutes=1)  # an account whose server fails is left alone so long,
CREDENTIALS_PAUSE = timedelta(minutes=30)  # one whose login was refused so long, doubling each time,
PAUSE_LONGEST = timedelta(minutes=30)  # up to these
CREDENTIALS_LONGEST = timedelta(hours=6)


def allowance(budget: Budget, sent: Mapping[Pacing, int]) -> dict[Pacing, int]:
    """Return how many letters of each class may still go today.

    Statutory letters may use the whole day's budget; the others together stop at `per_day` less the reserve.
    Answers and confirmations leave the bundles' own 10 % of that alone, and confirmations 5 % more; bundles yield
    at 80 %, but for their own. The figures overlap: a letter taken from one class counts against the following
    ones, as `outbox.lease` does.
    """
    left = max(0, budget.per_day - sum(sent.values()))
    others = sum(count for pacing, count in sent.items() if pacing is not Pacing.STATUTORY)
    unreserved = _unreserved(budget)
    own = max(0, own_share(budget) - sent.get(Pacing.BUNDLE, 0))

    def up_to(share: float) -> int:
        return max(0, min(left, ceil(unreserved * share) - others))

    return {
        Pacing.STATUTORY: left,
        Pacing.ANSWER: max(0, up_to(1) - own),
        Pacing.CONFIRMATION: max(0, up_to(CONFIRMATIONS_STOP) - own),
        Pacing.BUNDLE: max(min(own, up_to(1)), up_to(BUNDLES_STOP)),
    }


def own_share(budget: Budget) -> int:
    """Return how many letters of a day are for bundles alone: 10 % of what is left beside the reserve."""
    unreserved = _unreserved(budget)
    return min(ceil(unreserved * BUNDLES_OWN), unreserved // 2)  # of a tiny budget not everything


def _unreserved(budget: Budget) -> int:
    return max(0, budget.per_day - budget.statutory_reserve)


def room_for_bundles(budget: Budget, sent: Mapping[Pacing, int], queued: Mapping[Pacing, int]) -> int:
    """Return how many bundles may be written now so that they leave today: what is queued goes first.

    Of the other classes only as many as may leave today: a heap that takes days would keep worklists and
    reminders waiting as long.
    """
    ahead = dict(sent)
    for pacing in Pacing:  # in this order they leave
        waiting = queued.get(pacing, 0)
        leaving = waiting if pacing is Pacing.BUNDLE else min(waiting, allowance(budget, ahead)[pacing])
        ahead[pacing] = ahead.get(pacing, 0) + leaving
    return allowance(budget, ahead)[Pacing.BUNDLE]


def bundles_fit(
    budget: Budget, sent: Mapping[Pacing, int], queued: Mapping[Pacing, int], letters: int
) -> bool:
    """Say whether so many bundles, written now, all leave today.

    What were left over would leave right after midnight: stale, and at night. A budget whose own share of
    bundles is smaller than that is asked for the share: else none would ever be written.
    """
    return room_for_bundles(budget, sent, queued) >= max(1, min(letters, own_share(budget)))


def day_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the start and the end of the calendar day `now` falls on, in the desk's time zone."""
    today = now.astimezone(zone).date()
    return (
        datetime.combine(today, time(), zone),
        datetime.combine(today + timedelta(days=1), time(), zone),
    )


def batch_size(budget: Budget) -> int:
    """Return how many letters to lease at once: about a second's worth, 1 to 100.

    A crash makes a leased batch uncertain, so slow accounts take one letter at a time.
    """
    if budget.spacing_seconds <= 0:
        return 100
    return max(1, min(100, int(1 / budget.spacing_seconds)))


def retry_delay(budget: Budget, attempts: int) -> timedelta | None:
    """Return how long to wait after the `attempts`-th failed attempt (from 1), or None to give up.

    Doubles from `retry_first_minutes` to `retry_longest_minutes`; gives up once the waits would sum
    to more than `give_up_hours`. A function of the attempts alone: time in which the account was
    paused costs a letter nothing.
    """
    longest = budget.retry_longest_minutes
    waited = 0.0
    wait = min(budget.retry_first_minutes, longest)
    for _ in range(attempts - 1):
        waited += wait
        wait = min(wait * 2, longest)
        if waited > budget.give_up_hours * 60:
            return None
    if waited + wait > budget.give_up_hours * 60:
        return None
    return timedelta(minutes=wait)


def account_pause(failures: int, *, credentials: bool, at_least: timedelta = timedelta(0)) -> timedelta:
    """Return how long to leave an account alone after so many failures in a row (from 1)."""
    first, longest = (CREDENTIALS_PAUSE, CREDENTIALS_LONGEST) if credentials else (PAUSE_FIRST, PAUSE_LONGEST)
    doublings = min(failures - 1, 16)  # keeps the product small; the bound below decides
    return max(at_least, min(longest, first * (1 << doublings)))
