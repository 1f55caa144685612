"""Whatever hours the desk is down: each obligation is told, once, and by one letter a reader and tick.

No server takes part: the store, the rules and the loop that fires moments, under a clock that is moved.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter
from sqlalchemy import select

from mail_desk.clock import ManualClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import rules_of
from mail_desk.demo import office
from mail_desk.desk.case import Case
from mail_desk.desk.work import Rules, Work
from mail_desk.outbound.letters import Letter, Rendered
from mail_desk.schedule.reminders import Reminders
from mail_desk.store.schema import EventRow, LetterRow, Moment, TicketRow
from mail_desk.store.session import Store
from mail_desk.tickets import events as e

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 4, 1), date(2026, 4, 14)  # over Qingming: 4 to 6 April are off
STOPS = (time(0, 1), time(8, 30), time(9, 0), time(19, 0))
HOURS = ((LAST - FIRST).days - 1) * 24  # the last day is always up

# Tickets by day of arrival, and whether they were accepted: what falls due in these weeks.
TICKETS = ((date(2026, 3, 24), False), (date(2026, 3, 31), False), (date(2026, 1, 8), True))
# from the second hour on: before the desk was opened it owes no digest
downs = st.lists(st.tuples(st.integers(1, HOURS), st.integers(1, 120)), max_size=4)


@dataclass
class Weeks:
    """What became of some weeks with the desk down now and then."""

    told: set[tuple[int, str, str]] = field(default_factory=set)  # ticket, limit, reader
    steps: Counter[tuple[int, str, str, str]] = field(default_factory=Counter)
    said_at: dict[tuple[int, str, str], datetime] = field(default_factory=dict)  # the last time
    letters: Counter[tuple[str, str, datetime]] = field(default_factory=Counter)
    digests: Counter[str] = field(default_factory=Counter)
    worklists: Counter[tuple[str, date]] = field(default_factory=Counter)
    waiting: list[str] = field(default_factory=list)  # moments due and not fired
    moments: list[tuple[int, str, str, datetime]] = field(default_factory=list)

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text("Weeks")  # what is in it would drown the example that failed


@dataclass(frozen=True)
class Desk:
    """An empty store to copy, and the rules."""

    first: Path
    rules: Rules

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        printer.text("Desk")


class _Blank:
    """Renders nothing: what letters look like is shown elsewhere, and costs most of the time."""

    def render(self, _letter: Letter, *, message_id: str, tag: str, **_more: object) -> Rendered:
        return Rendered(f"[{tag}] letter", "letter", "", message_id.encode())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Give an empty store to copy, with tickets on file, and the rules."""
    folder = tmp_path_factory.mktemp("weeks")
    loaded = load(
        office.write(folder / "config", office.Servers("127.0.0.1", 1, "127.0.0.1", 1), per_day=500)
    )
    assert isinstance(loaded, Settings), loaded
    rules = replace(rules_of(loaded), renderer=_Blank())  # type: ignore[arg-type] # letters are counted, not read
    store = Store(f"sqlite:///{folder / 'first.db'}", data_dir=folder)
    store.migrate()
    with store.write() as session:
        for number, (arrived, accepted) in enumerate(TICKETS, start=1):
            at = datetime.combine(arrived, time(10), ZONE)
            row = TicketRow(
                number=f"2026-{number:04}", state="received", procedure="foreign-investment",
                procedure_version="2020-10-01", received_at=at, language="zh", complainant_name="丁",
                complainant_address=f"gm{number}@bearings.example", subject="投诉",
            )  # fmt: skip
            session.add(row)
            session.flush()
            case = Case(Work(session, rules, at), row, [])
            case.record(e.Received(None, "mail"), actor="desk")
            case.record(e.Assigned("wang", "x"), actor="desk")
            if accepted:
                case.record(e.Accepted(), actor="wang")
                case.record(e.NoticeServed("acceptance", 1), actor="desk")
            case.settle()
    store.close()
    return Desk(folder / "first.db", rules)


def play(desk: Desk, down: list[tuple[int, int]]) -> Weeks:
    """Let the weeks pass, the desk down for some hours each from some hour on; it starts anew after each."""
    first, rules = desk.first, desk.rules
    midnight = datetime.combine(FIRST, time(0), ZONE)
    spans = [(midnight + timedelta(hours=a), midnight + timedelta(hours=min(a + n, HOURS))) for a, n in down]
    stops = [
        datetime.combine(FIRST + timedelta(days=n), at, ZONE)
        for n in range((LAST - FIRST).days + 1)
        for at in STOPS
    ]
    instants = sorted({*stops, *(end for _, end in spans)})
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(first, Path(folder) / "weeks.db")
        clock = ManualClock(midnight)
        store = Store(f"sqlite:///{folder}/weeks.db", data_dir=Path(folder))
        try:
            asyncio.run(_pass(store, rules, clock, instants, spans))
            return _read(store, clock.now())
        finally:
            store.close()


async def _pass(
    store: Store,
    rules: Rules,
    clock: ManualClock,
    instants: list[datetime],
    spans: list[tuple[datetime, datetime]],
) -> None:
    reminders = Reminders(store, rules, clock)
    was_down = False
    for now in instants:
        clock.move_to(max(now, clock.now()))
        if any(start <= now < end for start, end in spans):
            was_down = True
            continue
        if was_down:
            reminders, was_down = Reminders(store, rules, clock), False
        await reminders.tick()


def _read(store: Store, now: datetime) -> Weeks:
    weeks = Weeks()
    with store.read() as session:
        for r in session.scalars(select(EventRow).where(EventRow.type.in_(("Reminded", "Escalated")))):
            told = (r.ticket_id, r.data["limit"], r.data["to"])
            weeks.told.add(told)
            weeks.steps[(*told, r.data.get("step", "escalated"))] += 1
            weeks.said_at[told] = max(r.at, weeks.said_at.get(told, r.at))
        query = select(LetterRow.kind, LetterRow.recipient, LetterRow.created_at, LetterRow.dedupe)
        for kind, recipient, at, dedupe in session.execute(query):
            if kind == "worklist":
                weeks.worklists[recipient, at.astimezone(ZONE).date()] += 1
            elif kind == "digest":
                weeks.digests[str(dedupe)] += 1
            else:
                weeks.letters[kind, recipient, at] += 1
        for moment in session.scalars(select(Moment).where(Moment.due_at <= now)):
            if moment.state == "pending":
                weeks.waiting.append(moment.key)
            elif moment.state == "done" and moment.ticket_id is not None:
                to = moment.data["to"]
                weeks.moments.append((moment.ticket_id, moment.data["limit"], to, moment.due_at))
    return weeks


@pytest.fixture(scope="module")
def undisturbed(desk: Desk) -> Weeks:
    """Give the same weeks without any downtime."""
    return play(desk, [])


def test_the_weeks_hold_what_they_are_to_prove_something_about(undisturbed: Weeks) -> None:
    limits = {limit for _, limit, _ in undisturbed.told}
    readers = {reader for *_, reader in undisturbed.told}
    assert limits >= {"triage", "decide", "conclude"}
    assert readers == {"wang", "zhou", "zhao"}, "the whole ladder"
    assert len(undisturbed.digests) >= 2
    assert undisturbed.waiting == []


@settings(max_examples=6)
@given(down=downs)
def test_after_any_downtime_each_obligation_is_told_once(
    desk: Desk, undisturbed: Weeks, down: list[tuple[int, int]]
) -> None:
    weeks = play(desk, down)
    assert weeks.waiting == [], "nothing that fell due waits"
    assert weeks.told == undisturbed.told, "nobody who is to be told of a limit is left out, nobody added"
    assert {step: n for step, n in weeks.steps.items() if n > 1} == {}, "no step twice"
    for ticket, limit, to, due_at in weeks.moments:
        readers = {"owner": ("wang", "zhou"), "supervisor": ("zhou",), "leader": ("zhao",)}[to]
        latest = max(weeks.said_at.get((ticket, limit, r), due_at - timedelta(1)) for r in readers)
        assert latest >= due_at, (ticket, limit, to, "what fell due was said then or later")
    assert max(weeks.letters.values()) <= 2, "one letter a reader and tick; as a superior, one more"
    assert weeks.digests == undisturbed.digests, "each digest once, late rather than never"
    assert set(weeks.worklists.values()) == {1}, "one worklist a day at most"
    assert set(weeks.worklists) <= set(undisturbed.worklists)


def test_the_check_sees_an_obligation_that_was_lost(
    desk: Desk, undisturbed: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_desk.schedule.reminders.reminding.remind", lambda *_given: None)
    assert play(desk, [(10, 30)]).told != undisturbed.told
