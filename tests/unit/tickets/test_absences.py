"""Days away, as people write them and as they add up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config import Leave
from mail_desk.tickets.absences import Asked, Note, end_of, merged, read

TODAY = date(2026, 3, 2)
DAYS = [TODAY + timedelta(days=n) for n in range(-5, 40)]
spans = st.tuples(st.sampled_from(DAYS), st.integers(0, 12)).map(
    lambda s: (s[0], s[0] + timedelta(days=s[1]))
)


@pytest.mark.parametrize(
    ("words", "who", "first", "last"),
    [
        ("2026-03-09 2026-03-13", "", date(2026, 3, 9), date(2026, 3, 13)),
        ("3月9日至3月13日", "", date(2026, 3, 9), date(2026, 3, 13)),
        ("李强 3月9日到3月13日", "李强", date(2026, 3, 9), date(2026, 3, 13)),
        ("Li Qiang from 2026-03-09 to 2026-03-13", "Li Qiang", date(2026, 3, 9), date(2026, 3, 13)),
        ("明天", "", date(2026, 3, 3), date(2026, 3, 3)),
        ("2026-02-27 2026-03-03", "", date(2026, 2, 27), date(2026, 3, 3)),
    ],
)
def test_days_are_read_as_people_write_them(words: str, who: str, first: date, last: date) -> None:
    assert read(words, TODAY) == Asked(who, first, last)


@pytest.mark.parametrize(
    "words", ["", "下个月", "3月13日 3月9日", "2025-01-01 2025-01-03", "2026-03-09 2028-03-09"]
)
def test_what_is_no_span_to_come_is_refused(words: str) -> None:
    assert read(words, TODAY) is None


@given(
    configured=st.lists(spans, max_size=3),
    notes=st.lists(st.tuples(st.sampled_from(["away", "here"]), spans), max_size=6),
)
def test_of_all_that_was_said_of_a_day_the_last_word_holds(
    configured: list[tuple[date, date]], notes: list[tuple[str, tuple[date, date]]]
) -> None:
    found = merged(
        [Leave(first=a, last=b) for a, b in configured],
        [Note(kind, a, b) for kind, (a, b) in notes],  # type: ignore[arg-type]
    )
    for day in DAYS:
        said = [kind for kind, (a, b) in notes if a <= day <= b]
        away = said[-1] == "away" if said else any(a <= day <= b for a, b in configured)
        assert any(span.first <= day <= span.last for span in found) == away


def test_coming_back_ends_todays_leave_and_else_calls_off_the_next() -> None:
    now, later = (
        Leave(first=date(2026, 3, 1), last=date(2026, 3, 5)),
        Leave(first=date(2026, 4, 1), last=date(2026, 4, 2)),
    )
    assert end_of([now, later], TODAY) == Note("here", TODAY, date(2026, 3, 5))
    assert end_of([later], TODAY) == Note("here", date(2026, 4, 1), date(2026, 4, 2))
    assert end_of([Leave(first=date(2026, 1, 1), last=date(2026, 1, 2))], TODAY) is None
