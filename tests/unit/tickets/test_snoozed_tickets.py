"""What ends a snooze: a step, a mail from outside, nothing else; undoing that brings it back."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded, from_data, to_data
from mail_desk.tickets.events_notes import Categorised, Snoozed, Suggested
from mail_desk.tickets.policy import Procedure, load
from mail_desk.tickets.ticket import Ticket, fold

ROOT = Path(__file__).parents[3]
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    path = ROOT / "config" / "procedures" / "foreign-investment.toml"
    return load(tomllib.loads(path.read_text(encoding="utf-8")))


def folded(procedure: Procedure, *events: e.Event) -> Ticket:
    """Fold events an hour apart, after a complaint was received, assigned, marked and put off."""
    first = (e.Received(1, "mail"), e.Assigned("wang", "x"), e.Marked("complaint"), Snoozed("2026-03-10", 7))
    return fold(
        [
            Recorded(n, START + timedelta(hours=n), START + timedelta(hours=n), "wang", event)
            for n, event in enumerate((*first, *events), start=1)
        ],
        procedure,
    )


def test_a_ticket_put_off_says_until_when_and_why(procedure: Procedure) -> None:
    ticket = folded(procedure)
    assert (ticket.snoozed_until, ticket.snoozed_why) == (date(2026, 3, 10), 7)


@pytest.mark.parametrize(
    "event",
    [
        e.FollowedUp(2, "complainant", verified=True),
        e.FollowedUp(2, "complainant", verified=False),
        e.FollowedUp(2, "unknown", verified=False),
        e.Confirmed("acceptance", 1, 2),
        e.MaterialsRequested(1),
        e.Completed(),
        e.Accepted(),
        e.Proposed("decline", "repeated", "", 0, 1, "zhou"),
        e.Marked("enquiry"),
        e.Assigned("li", "x"),
    ],
)
def test_a_mail_from_outside_or_a_step_ends_it(procedure: Procedure, event: e.Event) -> None:
    assert folded(procedure, event).snoozed_until is None


@pytest.mark.parametrize(
    "event",
    [
        e.Noted(1, None),
        e.Replied(1),
        e.Reminded("decide", "due-1", "wang"),
        e.LetterQueued(1, "reply", ""),
        e.FollowedUp(2, "staff", verified=True),
        Categorised("tax", ""),
        Suggested(1),
        e.Linked("2026-0002", "related"),
    ],
)
def test_what_moves_nothing_leaves_it(procedure: Procedure, event: e.Event) -> None:
    assert folded(procedure, event).snoozed_until == date(2026, 3, 10)


def test_undoing_what_ended_it_brings_it_back_and_undoing_it_ends_it(procedure: Procedure) -> None:
    assert folded(procedure, e.Accepted(), e.Undone((5,))).snoozed_until == date(2026, 3, 10)
    assert folded(procedure, e.Undone((4,))).snoozed_until is None


def test_the_latest_snooze_counts(procedure: Procedure) -> None:
    assert folded(procedure, Snoozed("2026-03-05", 8)).snoozed_until == date(2026, 3, 5)


@pytest.mark.parametrize("event", [Snoozed("2026-03-10", 7), Categorised("tax", "land"), Suggested(3)])
def test_what_staff_note_reads_back_from_the_ledger(event: e.Event) -> None:
    assert from_data(type(event).__name__, to_data(event)) == event


def test_a_link_of_an_older_ledger_continues_the_other_ticket() -> None:
    assert from_data("Linked", {"ticket": "2026-0001"}) == e.Linked("2026-0001", "continues")
