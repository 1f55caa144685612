from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from mail_desk.store.schema import Row
from mail_desk.tickets import events as e

BEGIN = datetime(2026, 8, 31, 15, 59, tzinfo=UTC)  # a minute before September in Beijing


def fill(world: Any) -> None:
    """Put in tickets of every sort, some hidden, with their mails."""
    for n in range(40):
        at = BEGIN + timedelta(hours=17 * n, minutes=n % 3)
        steps: list[tuple[datetime, e.Event]] = [(at, e.Marked("complaint"))]
        if n % 3:
            steps.append((at + timedelta(days=n % 13), e.Accepted()))
            steps.append((at + timedelta(days=15), e.Concluded("agreed", 1)))
        if n % 4 == 1:
            steps.append((at + timedelta(days=16), e.NoticeServed("result", n)))
            steps.append((at + timedelta(days=17), e.Closed()))
        if n % 9 == 4:
            steps.append((at + timedelta(days=18), e.Undone((len(steps) + 1,))))
        world.ticket(
            at, *steps, hidden_from=["li", "a_b"] if n % 5 == 0 else [], category="tax",
            complainant_address=f"C{n % 7}@e.example",
        )  # fmt: skip
        world.mail(at, filed_as="opened", ticket_id=n + 1)


@pytest.mark.parametrize("reader", [None, "li", "a_b", "axb"])
def test_the_figures_are_the_same_on_both_databases(
    store_url: str, world_in: Any, new_world: Any, reader: str | None
) -> None:
    engine = create_engine(store_url)
    Row.metadata.create_all(engine)
    worlds = [world_in(Session(engine, expire_on_commit=False), engine), new_world("Asia/Shanghai")]
    now = datetime(2026, 10, 8, 1, tzinfo=UTC)
    try:
        for world in worlds:
            fill(world)
        here, there = (w.figures(date(2026, 9, 1), date(2026, 9, 30), now, hidden_for=reader) for w in worlds)
    finally:
        for world in worlds:
            world.close()
    assert here == there
    assert (
        len(here.cases)
        == here.mails.received + 1 - (reader in ("li", "a_b"))
        == (32 if reader in ("li", "a_b") else 40)
    )
    assert (here.totals_before is None) == (reader in ("li", "a_b"))  # the one of August is hidden
    assert here.totals.concluded > 0 < len(here.repeats)
