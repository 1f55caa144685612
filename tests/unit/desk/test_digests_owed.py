"""Which inspection summaries are owed on a day."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from mail_desk.config import CalendarYear, Digest
from mail_desk.desk import digesting
from mail_desk.resources import shipped
from mail_desk.schedule.workdays import Calendar

WEEKLY = Digest(key="w", title_zh="周报", title_en="Weekly", period="week", to=("zhao",))


def calendar() -> Calendar:
    files = sorted(Path(shipped("config") / "calendar").glob("cn-*.toml"))
    return Calendar(CalendarYear(**tomllib.loads(f.read_text(encoding="utf-8"))) for f in files)


def test_a_week_of_holidays_loses_no_digest_though_two_leave_on_one_day() -> None:
    found = list(digesting.owed(WEEKLY, date(2026, 2, 9), date(2026, 2, 24), calendar()))
    assert [(p.first, day) for p, day in found] == [
        (date(2026, 2, 9), date(2026, 2, 24)),
        (date(2026, 2, 16), date(2026, 2, 24)),
    ]


def test_nothing_is_owed_for_a_period_that_is_not_over() -> None:
    assert list(digesting.owed(WEEKLY, date(2026, 3, 2), date(2026, 3, 6), calendar())) == []


def test_what_was_owed_during_downtime_is_owed_still() -> None:
    found = list(digesting.owed(WEEKLY, date(2026, 3, 2), date(2026, 4, 1), calendar()))
    assert [p.first for p, _ in found] == [date(2026, 3, d) for d in (2, 9, 16, 23)]
