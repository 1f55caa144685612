"""Which further mails count: verified ones, from the day they arrived, while they are on the ticket."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Event, Recorded
from mail_desk.tickets.policy import Procedure, load
from mail_desk.tickets.ticket import facts, fold, live

SHIPPED = Path(__file__).resolve().parents[3] / "config" / "procedures" / "foreign-investment.toml"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return load(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))


def story(*told: tuple[int, Event]) -> list[Recorded]:
    """Return events of (day since when they hold, event), recorded in this order."""
    days = [START + timedelta(days=day) for day, _ in told]
    return [
        Recorded(seq, at, max(days[:seq]), "desk", event)
        for seq, (at, (_, event)) in enumerate(zip(days, told, strict=True), start=1)
    ]


ASKED = (
    (0, e.Received(1, "mail")),
    (0, e.Marked("complaint")),
    (2, e.MaterialsRequested(1)),
)


def supplements(events: list[Recorded]) -> list[datetime]:
    return [fact.at for fact in facts(events) if fact.name == "supplement"]


def test_an_unverified_mail_moves_nothing_until_somebody_says_what_it_is(procedure: Procedure) -> None:
    seen = (5, e.FollowedUp(2, "complainant", verified=False))
    waiting = story(*ASKED, seen)
    assert supplements(waiting) == []
    assert fold(waiting, procedure).supplemented_at is None
    said = story(*ASKED, seen, (5, e.FollowedUp(2, "complainant", verified=True)))
    assert supplements(said) == [START + timedelta(days=5)]
    assert fold(said, procedure).supplemented_at == START + timedelta(days=5)


def test_what_arrived_before_materials_were_asked_for_supplements_nothing(procedure: Procedure) -> None:
    events = story(*ASKED, (1, e.FollowedUp(2, "complainant", verified=True)))
    assert supplements(events) == []
    assert fold(events, procedure).supplemented_at is None


def test_a_mail_that_left_counts_no_longer_and_counts_again_when_it_is_merged_back(
    procedure: Procedure,
) -> None:
    mail = (5, e.FollowedUp(2, "complainant", verified=True))
    gone = story(*ASKED, mail, (6, e.Separated(2, "2026-0002")))
    assert supplements(gone) == []
    assert fold(gone, procedure).supplemented_at is None
    back = story(*ASKED, mail, (6, e.Separated(2, "2026-0002")), mail)
    assert supplements(back) == [START + timedelta(days=5)]


def test_only_the_mail_that_left_is_forgotten() -> None:
    mails = [(4 + n, e.FollowedUp(n, "complainant", verified=True)) for n in range(2, 5)]
    events = story(*ASKED, *mails, (9, e.Separated(3, "2026-0002")))
    assert [r.event.message for r in live(events) if isinstance(r.event, e.FollowedUp)] == [2, 4]


@given(
    st.lists(
        st.one_of(
            st.builds(e.FollowedUp, st.integers(1, 4), st.just("complainant"), verified=st.booleans()),
            st.builds(e.Separated, st.integers(1, 4), st.just("2026-0002")),
        ),
        max_size=30,
    )
)
def test_a_mail_counts_exactly_if_it_was_filed_after_it_last_left(told: list[Event]) -> None:
    events = story(*((n, event) for n, event in enumerate(told)))
    held = {r.event.message for r in live(events) if isinstance(r.event, e.FollowedUp)}
    expected = set()
    for event in told:
        if isinstance(event, e.FollowedUp):
            expected.add(event.message)
        elif isinstance(event, e.Separated):
            expected.discard(event.message)
    assert held == expected


def test_a_second_mark_says_the_kind_and_the_first_one_when_somebody_looked() -> None:
    told = story((0, e.Received(1, "mail")), (1, e.Marked("enquiry")), (9, e.Marked("complaint")))
    marks = [(fact.name, fact.at) for fact in facts(told) if fact.name.startswith("marked:")]
    assert marks == [
        ("marked:superseded", START + timedelta(days=1)),
        ("marked:complaint", START + timedelta(days=9)),
    ]
