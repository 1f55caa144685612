"""A limit counted once for all tickets of the same days, against the same limit counted for each ticket by itself.

`Sight` leaves out facts that change nothing where a limit stands, and shares what it counted and told. Here it looks at
thousands of made-up histories, most of them nonsense, in which every kind of fact comes at any place.
"""

from __future__ import annotations

import random
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mail_desk.config import CalendarYear, DayName
from mail_desk.reports.cases import Identity, LimitLine
from mail_desk.reports.sight import Sight
from mail_desk.schedule.deadlines import dues
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets import events as e
from mail_desk.tickets import policy
from mail_desk.tickets.ticket import facts

ROOT = Path(__file__).parents[3]
PROCEDURES = [
    ROOT / "config/procedures/foreign-investment.toml",
    *sorted((ROOT / "tests/data/procedures").glob("*.toml")),
]
BEGIN = datetime(2026, 8, 30, tzinfo=UTC)


def calendar() -> Calendar:
    days = tuple(DayName(day=date(2026, 10, n), name="国庆节") for n in range(1, 8))
    return Calendar(
        [CalendarYear(year=y, source="test", holiday=days if y == 2026 else ()) for y in (2026, 2027)]
    )


def history(rng: random.Random, procedure: policy.Procedure) -> list[e.Recorded]:
    """Return a history within few days, so that many tickets have facts on the same ones at other hours."""
    states = [state.key for state in procedure.states]
    notices = [notice.key for notice in procedure.notices] or ["result"]
    kinds: list[Any] = [
        lambda: e.Marked(rng.choice(["complaint", "enquiry"])),
        lambda: e.MaterialsRequested(1),
        lambda: e.FollowedUp(1, "complainant", True),
        e.Completed,
        e.Accepted,
        lambda: e.Declined("other", 1),
        lambda: e.Extended(rng.randrange(1, 12), 1),
        lambda: e.Suspended(1),
        lambda: e.Resumed(1),
        lambda: e.Concluded("agreed", 1),
        lambda: e.Transferred("bureau", 1),
        lambda: e.Withdrawn(1),
        e.Closed,
        lambda: e.Reopened(None, rng.choice(states)),
        lambda: e.NoticeServed(rng.choice(notices), rng.randrange(3)),
        lambda: e.NoticeFailed(rng.choice(notices), rng.randrange(3)),
    ]
    at = BEGIN + timedelta(hours=rng.randrange(72))
    told = [e.Recorded(1, at, at, "", e.Received(None, "mail"))]
    for seq in range(2, rng.randrange(2, 12)):
        at += timedelta(minutes=rng.choice([0, 30, 600, 1440, 20_000]))
        then = at - timedelta(days=rng.randrange(1, 4)) if rng.random() < 0.1 else at  # put on record later
        told.append(e.Recorded(seq, then, at, "", rng.choice(kinds)()))
    return told


def alone(
    procedure: policy.Procedure, told: list[e.Recorded], counted: Calendar, zone: ZoneInfo
) -> tuple[LimitLine, ...]:
    """Return what the deadlines say of one ticket, limit by limit, as `LimitLine` words it."""
    law = [limit.key for limit in procedure.limits if not limit.house and limit.owner != "complainant"]
    found = dues(procedure, facts(told), counted, zone)

    def day(at: datetime | None) -> date | None:
        return None if at is None else at.astimezone(zone).date()

    return tuple(
        LimitLine(due.limit, day(due.started_at), due.due_on, due.due_at, day(due.ended_at), due.state, due.provisional)  # type: ignore[arg-type]
        for key in law
        for due in found
        if due.limit == key
    )  # fmt: skip


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda path: path.stem)
def test_tickets_that_share_a_count_have_the_dates_each_would_have_alone(path: Path) -> None:
    rng = random.Random(7)
    procedure = policy.load(tomllib.loads(path.read_text(encoding="utf-8")))
    zone, counted = ZoneInfo("Asia/Shanghai"), calendar()
    sight = Sight({procedure.key: procedure}, counted, zone)
    for n in range(1500):
        told = history(rng, procedure)
        identity = Identity(
            n, f"2026-{n:04}", "complaint", "", "mail", "zh", procedure.key, procedure.version, told[0].at,
            "", "", "", "", "", "", False,
        )  # fmt: skip
        until = max(r.at for r in told) + timedelta(days=1)
        case = sight.case(identity, told, until)
        assert case.limits == alone(procedure, told, counted, zone), told
        assert case == Sight({procedure.key: procedure}, counted, zone).case(identity, told, until), told
