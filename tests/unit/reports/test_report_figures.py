from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from mail_desk.tickets import events as e


def at(month: int, day: int, hour: int = 4) -> datetime:
    """Return an instant of 2026; 4:00 UTC is noon in Beijing."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
NOW = at(10, 8, 1)
COMPLAINT = e.Marked("complaint")


def test_an_empty_desk_has_zeros_and_no_rates(world: Any) -> None:
    f = world.figures(*SEPTEMBER, NOW)
    assert f.totals.received == 0
    assert f.totals_before is None
    assert f.totals.on_time_rate is None
    assert f.cases == f.overdue == f.handlers == f.repeats == ()
    assert (f.mails.received, f.mails.accounted) == (0, 0)
    assert len(f.weeks) == 8


def test_a_complaint_kept_in_time_counts_once_everywhere(world: Any) -> None:
    world.ticket(
        at(9, 1), (at(9, 2), COMPLAINT), (at(9, 3), e.Accepted()), (at(9, 4), e.Replied(1)),
        (at(9, 10), e.Concluded("agreed", 1)), (at(9, 11), e.NoticeServed("result", 5)), (at(9, 14), e.Closed()),
        category="tax", enterprise="acme", state="closed",
    )  # fmt: skip
    f = world.figures(*SEPTEMBER, NOW)
    t = f.totals
    assert (t.received, t.accepted, t.concluded, t.closed, t.open_at_end) == (1, 1, 1, 1, 0)
    assert [(x.key, x.met, x.late, x.overdue) for x in f.limits] == [
        ("decide", 1, 0, 0), ("conclude", 1, 0, 0), ("result", 1, 0, 0),
    ]  # fmt: skip
    assert [(s.key, s.cases, s.median, s.ninth_decile) for s in f.spreads] == [
        ("first-answer", 1, 3, 3), ("first-decision", 1, 2, 2), ("conclusion", 1, 5, 5),
    ]  # fmt: skip
    (row,) = f.handlers
    assert (row.key, row.total, row.on_time, row.late, row.open, row.on_time_rate) == ("wang", 1, 1, 0, 0, 1)
    assert [(g.key, g.received) for g in f.countries] == [("DE", 1)]
    assert [(g.key, g.received, g.concluded) for g in f.categories] == [("tax", 1, 1)]
    assert f.overdue == ()
