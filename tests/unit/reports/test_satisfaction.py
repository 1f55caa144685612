"""Ratings in the figures: the latest of a ticket, in its period, without what the reader may not see."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from mail_desk.tickets import events_complainants as ec

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


def at(month: int, day: int) -> datetime:
    """Return noon in Beijing on a day of 2026."""
    return datetime(2026, month, day, 4, tzinfo=UTC)


def test_of_a_ticket_the_latest_rating_of_the_period_counts(world: Any) -> None:
    world.ticket(at(9, 1), (at(9, 5), ec.Rated(1, 7)), (at(9, 6), ec.Rated(5, 8)))
    world.ticket(at(9, 1), (at(9, 7), ec.Rated(2, 9)))
    world.ticket(at(8, 1), (at(8, 31), ec.Rated(1, 1)), (at(10, 1), ec.Rated(1, 2)))
    found = world.figures(*SEPTEMBER, at(10, 8)).satisfaction
    assert (found.rated, found.total, found.dissatisfied) == (2, 7, 1)
    assert found.mean == 3.5


def test_a_ticket_hidden_from_the_reader_is_not_counted(world: Any) -> None:
    world.ticket(at(9, 1), (at(9, 5), ec.Rated(1, 7)), hidden_from=["chen"])
    assert world.figures(*SEPTEMBER, at(10, 8), hidden_for="chen").satisfaction.rated == 0
    assert world.figures(*SEPTEMBER, at(10, 8), hidden_for="liu").satisfaction.rated == 1


def test_the_digest_says_it_in_both_languages_and_is_silent_where_nobody_rated(world: Any) -> None:
    assert world.digest(world.figures(*SEPTEMBER, at(10, 8))).satisfaction == ""
    world.ticket(at(9, 1), (at(9, 5), ec.Rated(2, 7)))
    figures = world.figures(*SEPTEMBER, at(10, 8))
    assert world.digest(figures).satisfaction == "平均 2.0 分（1 件评价，满分 5 分），不满意 1 件，占 100%。"
    english = world.digest(figures, "en").satisfaction
    assert english == "2.0 of 5 on average, from 1 rating; 1 dissatisfied (100%)."
    world.ticket(at(9, 2), (at(9, 6), ec.Rated(5, 8)), hidden_from=[])
    pleased = world.figures(date(2026, 9, 6), date(2026, 9, 6), at(10, 8))
    assert world.digest(pleased).satisfaction == "平均 5.0 分（1 件评价，满分 5 分），没有不满意的。"
    assert (
        world.digest(pleased, "en").satisfaction == "5.0 of 5 on average, from 1 rating; nobody dissatisfied."
    )
