"""The desk is down when reports are due: each leaves once it runs, once; a worklist of yesterday does not.

No server takes part: the store, the rules and the loop that fires moments, under a clock that is moved.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mail_desk.clock import ManualClock
from mail_desk.config import Digest
from mail_desk.demo import paper_office
from mail_desk.desk.case import Case
from mail_desk.desk.work import Rules, Work
from mail_desk.schedule.reminders import Reminders
from mail_desk.store.schema import LetterRow, Moment, TicketRow
from mail_desk.store.session import Store
from mail_desk.tickets import events as e
from mail_desk.tickets.events_leaders import Supervised

ZONE = ZoneInfo("Asia/Shanghai")
UP = ("2025-12-29 10:00", "2025-12-31 10:00")
BACK = ("2026-01-07 09:30", "2026-01-07 15:00", "2026-01-08 10:00")  # the first working days are over
OWED = {
    "week": "2025-12-29", "month": "2025-12-01", "two-months": "2025-11-01", "quarter": "2025-10-01", "year": "2025-01-01",
}  # fmt: skip
Kind = Literal["week", "month", "two-months", "quarter", "year"]
KINDS: tuple[Kind, ...] = ("week", "month", "two-months", "quarter", "year")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def rules_in(folder: Path) -> Rules:
    """Return an office in which Zhao and a body outside get every kind of report, and Chen her week."""
    made = paper_office.rules(folder, "zh")
    inside = [
        Digest(key=f"in-{kind}", title_zh=kind, title_en=kind, period=kind, to=("zhao",), workbook=False)
        for kind in KINDS
    ]
    outside = [
        Digest(
            key=f"out-{kind}", title_zh=kind, title_en=kind, period=kind, addresses=("a@organ.example", "b@organ.example"),
            scope="circular", workbook=False,
        )
        for kind in KINDS
    ]  # fmt: skip
    digests = made.settings.digests.model_copy(update={"digest": (*inside, *outside)})
    return replace(made, settings=made.settings.model_copy(update={"digests": digests}))


@pytest.fixture
def letters(tmp_path: Path) -> list[LetterRow]:
    """Play the days, the desk down over New Year, and return what was written."""
    rules = rules_in(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'down.db'}", data_dir=tmp_path)
    store.migrate()
    clock = ManualClock(at(UP[0]))
    with store.decide() as session:
        work = Work(session, rules, clock.now())
        row = TicketRow(
            number="2025-0001", state="received", procedure="foreign-investment",
            procedure_version=rules.procedure.version, received_at=clock.now(), language="zh",
            complainant_name="丁", complainant_address="d@e.example", subject="投诉",
        )  # fmt: skip
        session.add(row)
        session.flush()
        case = Case(work, row, [])
        case.record(e.Received(None, "mail"), actor="desk")
        case.record(e.Assigned("wang", "x"), actor="desk")
        case.record(Supervised(1, "chen", "2026-01-20", "", case.keep("请抓紧"), 0), actor="chen")
        case.settle()
    asyncio.run(_pass(store, rules, clock))
    with store.read() as session:
        waiting = select(Moment.key).where(Moment.state == "pending", Moment.due_at <= clock.now())
        assert session.scalars(waiting).all() == []
        found = list(session.scalars(select(LetterRow)))
    store.close()
    return found


async def _pass(store: Store, rules: Rules, clock: ManualClock) -> None:
    for stretch in (UP, BACK):  # a new process after the break
        reminders = Reminders(store, rules, clock)
        for instant in stretch:
            clock.move_to(at(instant))
            await reminders.tick()
            await Reminders(store, rules, clock).tick()  # and one beside it claims nothing twice


def written(letters: list[LetterRow], kind: str) -> Counter[str]:
    return Counter(str(row.dedupe) for row in letters if row.kind == kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_of_each_kind_leaves_late_and_once_to_each_reader(
    letters: list[LetterRow], kind: Kind
) -> None:
    inside = {f"digest/in-{kind}/{OWED[kind]}/zhao": 1}
    assert {k: n for k, n in written(letters, "digest").items() if f"in-{kind}/{OWED[kind]}" in k} == inside
    outside = {f"digest/out-{kind}/{OWED[kind]}/{x}@organ.example": 1 for x in "ab"}
    assert {
        k: n for k, n in written(letters, "circular").items() if f"out-{kind}/{OWED[kind]}" in k
    } == outside
    late = [row for row in letters if row.dedupe in {*inside, *outside}]
    assert {row.created_at.astimezone(ZONE) for row in late} == {at(BACK[0])}


def test_a_leaders_week_leaves_late_and_once(letters: list[LetterRow]) -> None:
    found = [row for row in letters if row.kind == "leader-week" and row.person == "chen"]
    assert [row.dedupe for row in found if "2025-12-29" in str(row.dedupe)] == ["leader-week/chen/2025-12-29"]


def test_worklists_of_days_gone_by_are_dropped_and_todays_leaves(letters: list[LetterRow]) -> None:
    days = {key.rsplit("/", 1)[1] for key in written(letters, "worklist")}
    assert days == {"2025-12-29", "2025-12-31", "2026-01-07", "2026-01-08"}
    assert set(written(letters, "worklist").values()) == {1}


def test_being_down_is_no_alarm(letters: list[LetterRow]) -> None:
    assert [row.subject for row in letters if row.kind == "alarm" and "汇总" in row.subject] == []
