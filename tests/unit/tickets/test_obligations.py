"""Which notices a ticket owes: a decision is not done before its notice has reached the complainant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Event, Recorded
from mail_desk.tickets.obligations import owed

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
NOTICES = ("acceptance", "result")


def told(*happened: Event) -> list[str]:
    """Return what is owed after these events; a failed one with a mark."""
    recorded = [
        Recorded(seq, START + timedelta(hours=seq), START, "desk", event)
        for seq, event in enumerate(happened, start=1)
    ]
    return [o.notice + ("!" if o.failed_at else "") for o in owed(recorded)]


SENT = e.LetterQueued(7, "acceptance", "acceptance")


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ([], []),
        ([e.LetterQueued(7, "reply", "")], []),
        ([SENT], ["acceptance"]),
        ([SENT, e.NoticeServed("acceptance", 7)], []),
        ([SENT, e.NoticeServed("acceptance", 7), e.NoticeFailed("acceptance", 7)], ["acceptance!"]),
        ([SENT, e.NoticeFailed("acceptance", 7), e.Delivered("acceptance", "post", None, 3)], []),
        ([SENT, e.Delivered("acceptance", "hand", None, 3), e.NoticeFailed("acceptance", 7)], []),
        ([SENT, e.NoticeServed("acceptance", 0)], []),
        ([SENT, e.LetterCancelled(7, "sent back")], ["acceptance!"]),
        ([SENT, e.LetterCancelled(7, "undone"), e.Undone((1, 2))], []),
        ([SENT, e.NoticeFailed("acceptance", 7), e.Reopened(None, "examining")], []),
        ([SENT, e.NoticeServed("acceptance", 7), e.LetterQueued(9, "result", "result")], ["result"]),
    ],
)
def test_a_notice_is_owed_from_its_decision_until_it_has_reached_the_complainant(
    happened: list[Event], expected: list[str]
) -> None:
    assert told(*happened) == expected


def test_a_second_suspension_owes_a_second_notice() -> None:
    queued = e.LetterQueued(7, "suspension", "suspension")
    again = e.LetterQueued(8, "suspension", "suspension")
    assert told(queued, e.Delivered("suspension", "hand", None, 3), again) == ["suspension"]
    assert told(
        queued, e.Delivered("suspension", "hand", None, 3), again, e.NoticeFailed("suspension", 8)
    ) == ["suspension!"]


events_of_notices = st.one_of(
    [
        st.builds(e.LetterQueued, st.just(n + 1), st.just(name), st.just(name))
        for n, name in enumerate(NOTICES)
    ]
    + [st.builds(e.NoticeServed, st.just(name), st.just(n + 1)) for n, name in enumerate(NOTICES)]
    + [st.builds(e.NoticeFailed, st.just(name), st.just(n + 1)) for n, name in enumerate(NOTICES)]
    + [st.builds(e.Delivered, st.just(name), st.just("post"), st.none(), st.just(5)) for name in NOTICES]
)


@given(st.lists(events_of_notices, max_size=12))
def test_what_was_delivered_last_of_all_is_never_owed(happened: list[Event]) -> None:
    for name in NOTICES:
        assert name not in "".join(told(*happened, e.Delivered(name, "hand", None, 5)))


@given(st.lists(events_of_notices, max_size=12))
def test_each_notice_is_owed_at_most_once(happened: list[Event]) -> None:
    names = [name.rstrip("!") for name in told(*happened)]
    assert len(names) == len(set(names))
