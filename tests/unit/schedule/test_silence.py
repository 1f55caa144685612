"""The thirty days of Art. 20 (6): counted in plain days, announced in time, stopped by any mail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail_desk.schedule import silence
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.policy import Inactivity

RULE = Inactivity(ground="no-participation")


def told(*story: e.Event) -> list[Recorded]:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return [Recorded(n, at, at, "desk", event) for n, event in enumerate(story, start=1)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.dates(date(2015, 1, 1), date(2026, 10, 1)), late=st.integers(0, 60))
def test_the_last_day_is_a_working_day_after_the_whole_period_and_well_after_the_announcement(
    calendar: Calendar, asked: date, late: int
) -> None:
    announced = silence.announce_on(RULE, asked, calendar) + timedelta(days=late)
    last = silence.last_day(RULE, asked, announced, calendar)
    assert calendar.is_working(last)
    assert (last - asked).days >= RULE.days
    assert (last - announced).days >= RULE.announce
    day = max(asked + timedelta(days=RULE.days), announced + timedelta(days=RULE.announce))
    assert not any(calendar.is_working(day + timedelta(days=n)) for n in range((last - day).days)), "no later"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.dates(date(2015, 1, 1), date(2026, 10, 1)))
def test_it_is_announced_on_a_working_day_within_the_period(calendar: Calendar, asked: date) -> None:
    day = silence.announce_on(RULE, asked, calendar)
    assert calendar.is_working(day)
    assert asked < day < asked + timedelta(days=RULE.days)
    assert silence.last_day(RULE, asked, day, calendar) == calendar.roll(asked + timedelta(days=RULE.days))


@pytest.mark.parametrize(
    "event",
    [
        e.FollowedUp(3, "complainant", verified=True),
        e.FollowedUp(3, "complainant", verified=False),
        e.FollowedUp(3, "unknown", verified=False),
        e.Confirmed("acceptance", 1, 3),
        ec.StatusAsked(3),
        ec.LanguageChosen("en", 3),
        ec.WithdrawalAsked(3),
        e.Suspended(1),
        e.Concluded("agreed", 1),
        e.Reopened(None, "accepted"),
    ],
)
def test_any_mail_of_the_complainant_and_any_decision_stops_it(event: e.Event) -> None:
    announced = ec.InactivityAnnounced(8, "2026-04-01")
    assert silence.waiting(told(ec.Awaited(7), announced)) == silence.Wait(1, 7, announced)
    assert silence.waiting(told(ec.Awaited(7), announced, event)) is None
    assert silence.stopped(told(ec.Awaited(7), announced, event))
    again = silence.waiting(told(ec.Awaited(7), announced, event, ec.Awaited(9)))
    assert again == silence.Wait(4, 9, None), "what was announced before counts no longer"


@pytest.mark.parametrize(
    "event", [e.Replied(1), ec.Progressed(1), e.Noted(1, None), e.FollowedUp(3, "organ", verified=True)]
)
def test_what_others_write_stops_nothing(event: e.Event) -> None:
    assert silence.waiting(told(ec.Awaited(7), event)) == silence.Wait(1, 7, None)


def test_what_was_taken_back_counts_no_longer() -> None:
    assert silence.waiting(told(ec.Awaited(7), e.Undone((1,)))) is None
    assert not silence.stopped(told(ec.Awaited(7), e.Undone((1,))))
