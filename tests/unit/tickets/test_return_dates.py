"""The last day away that an automatic answer names; nothing where it names none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config import Leave
from mail_desk.tickets import absences
from mail_desk.tickets.return_dates import last_day_away

TODAY = date(2026, 3, 2)  # a Monday

CASES = [
    ("我于3月2日至3月6日外出，请致电0379-12345678", date(2026, 3, 6)),
    ("I am out of the office until 13 March and will reply then.", date(2026, 3, 13)),
    ("I am out of office from 2 March to 6 March 2026.", date(2026, 3, 6)),
    ("I will be back on Monday, 9 March", date(2026, 3, 8)),
    ("I am returning 9 March.", date(2026, 3, 8)),
    ("出差中，3月9日返岗，急事联系李强。", date(2026, 3, 8)),
    ("本人正在休假，2026年3月9日（周一）上班", date(2026, 3, 8)),
    ("休假至下周五", date(2026, 3, 13)),
    ("收到您3月1日来信，我将于3月10日回来", date(2026, 3, 9)),
    ("我在休假，1月5日返岗。", None),  # a year ahead is no leave, but an old text
    ("Out of office", None),
    ("谢谢来信，尽快回复", None),
    ("Call 0379-20260309 in urgent cases", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "last"), CASES, ids=[text or "empty" for text, _ in CASES])
def test_the_last_day_away_is_read(text: str, last: date | None) -> None:
    assert last_day_away(text, TODAY) == last


@given(st.text(max_size=300), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_whatever_the_text_the_day_is_none_or_to_come(text: str, today: date) -> None:
    last = last_day_away(text, today)
    assert last is None or today <= last


def test_two_spans_with_only_a_weekend_between_are_one_absence() -> None:
    leave = [
        Leave(first=date(2026, 3, 9), last=date(2026, 3, 13)),
        Leave(first=date(2026, 3, 2), last=date(2026, 3, 6)),
        Leave(first=date(2026, 3, 17), last=date(2026, 3, 17)),
    ]

    def working(day: date) -> bool:
        return day.weekday() < 5

    assert absences.run(leave, date(2026, 3, 4), working) == (date(2026, 3, 2), date(2026, 3, 13))
    assert absences.run(leave, date(2026, 3, 8), working) == (date(2026, 3, 2), date(2026, 3, 13))
    assert absences.run(leave, date(2026, 3, 16), working) is None
    assert absences.run(leave, date(2026, 3, 17), working) == (date(2026, 3, 17), date(2026, 3, 17))
