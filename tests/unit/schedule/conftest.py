"""Calendars and procedures as shipped, and the two of another shape from tests/data."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mail_desk.config import CalendarYear
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.policy import Procedure, load

ROOT = Path(__file__).resolve().parents[3]


def _procedure(path: Path) -> Procedure:
    return load(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def zone() -> ZoneInfo:
    return ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="session")
def years() -> tuple[CalendarYear, ...]:
    """Return the shipped calendar files."""
    files = sorted((ROOT / "config" / "calendar").glob("cn-*.toml"))
    return tuple(CalendarYear.model_validate(tomllib.loads(f.read_text(encoding="utf-8"))) for f in files)


@pytest.fixture(scope="session")
def calendar(years: tuple[CalendarYear, ...]) -> Calendar:
    return Calendar(years)


@pytest.fixture(scope="session")
def procedure() -> Procedure:
    return _procedure(ROOT / "config" / "procedures" / "foreign-investment.toml")


@pytest.fixture(scope="session")
def petition() -> Procedure:
    return _procedure(ROOT / "tests" / "data" / "procedures" / "petition.toml")


@pytest.fixture(scope="session")
def first_answer() -> Procedure:
    return _procedure(ROOT / "tests" / "data" / "procedures" / "first-answer.toml")


@pytest.fixture(scope="session")
def beijing(zone: ZoneInfo) -> Callable[[str], datetime]:
    """Read "2026-11-23 09:12" as Beijing time."""
    return lambda text: datetime.fromisoformat(text).replace(tzinfo=zone)
