"""The figures against a count that shares no code with them: plain loops over what was generated.

The oracle reads no table and knows neither `ticket.facts` nor `deadlines`: it walks the script of each
ticket and the calendar day by day, with the test procedure's three limits of the law written out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mail_desk.reports.periods import Period, month_of, previous, week_of
from mail_desk.tickets import events as e

HOLIDAYS = {date(2026, 10, n) for n in range(1, 8)}
MADE_UP = {date(2026, 10, 10)}
ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Africa/Cairo")
BEGIN = datetime(2026, 8, 15, tzinfo=UTC)


# --- scripts: what happens to a ticket --------------------------------------------------------------


@dataclass
class Script:
    number: int
    received: datetime
    handler: str | None
    category: str | None
    enterprise: str | None
    channel: str
    address: str
    hidden: list[str]
    kind: str | None = None
    merged: bool = False
    steps: list[tuple[datetime, e.Event]] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)  # positions in steps


def script(rng: random.Random, number: int) -> Script:
    """Make up a plausible life: marks, decisions, extensions, notices that fail, reopenings, undoings."""
    at = BEGIN + timedelta(minutes=rng.randrange(75 * 24 * 60))
    if rng.random() < 0.2:
        at -= timedelta(days=365)
    made = Script(
        number, at, rng.choice(["wang", "li", None]), rng.choice(["tax", "land", None]),
        rng.choice(["acme", "nippon", None]), rng.choice(["mail", "mail", "adopted"]),
        f"c{rng.randrange(6)}@E.example", rng.choice([[], [], ["li"]]),
    )  # fmt: skip

    def step(event: e.Event, days: float = 8) -> None:
        nonlocal at
        at += timedelta(minutes=rng.randrange(1, int(days * 24 * 60)))
        made.steps.append((at, event))

    def undoing() -> bool:
        if rng.random() > 0.15:
            return False
        made.undone.add(len(made.steps) - 1)
        step(e.Undone((len(made.steps) + 1,)), 0.1)  # numbers begin at 1, and Received is the first
        return True

    made.kind = rng.choice(["complaint", "complaint", "complaint", "enquiry", None])
    if made.kind is not None:
        step(e.Marked(made.kind))
    if made.kind == "enquiry":
        step(e.Replied(1))
        if rng.random() < 0.5:
            step(e.Closed())
        return made
    if rng.random() < 0.1:
        step(e.Merged("2026-9999"))
        made.merged = True
        return made
    if made.kind is None:
        return made
    for _ in range(rng.choice([1, 1, 2])):
        if not _one_round(rng, made, step, undoing):
            break
        step(e.Reopened(None, "examining" if isinstance(made.steps[-1][1], e.Declined) else "accepted"))
    return made


def _one_round(rng: random.Random, made: Script, step: Any, undoing: Any) -> bool:
    """Play up to the end of the road; False where the ticket stays on the way."""
    letter = 10 * len(made.steps)
    way = rng.random()
    if way < 0.15:
        return False
    if way < 0.3:
        step(e.Declined(rng.choice(["private", "other"]), 1))
        return not undoing()
    if way < 0.35:
        step(e.Transferred("bureau", 1))
        return not undoing()
    step(e.Accepted(), 14)
    if undoing():
        return False
    if rng.random() < 0.3:
        step(e.Extended(rng.randrange(1, 8), 1))
        undoing()
    if rng.random() < 0.5:
        step(e.Replied(1))
    if rng.random() < 0.2:
        return False
    step(e.Concluded("agreed", 1), 25)
    if undoing():
        return False
    if rng.random() < 0.7:
        step(e.NoticeServed("result", letter), 6)
        if rng.random() < 0.3:
            step(e.NoticeFailed("result", letter), 1)
            if rng.random() < 0.5:
                step(e.NoticeServed("result", letter + 1), 4)
    if rng.random() < 0.3:
        return False
    step(e.Closed())
    return not undoing()


def put(world: Any, s: Script) -> None:
    columns = {
        "kind": s.kind, "handler": s.handler, "category": s.category, "enterprise": s.enterprise,
        "channel": s.channel, "complainant_address": s.address, "hidden_from": s.hidden,
        "merged_into": s.number if s.merged else None,
    }  # fmt: skip
    world.ticket(s.received, *s.steps, **columns)


# --- the slow count ---------------------------------------------------------------------------------


def working(day: date) -> bool:
    return day in MADE_UP or (day.weekday() < 5 and day not in HOLIDAYS)


def between(a: date, b: date) -> int:
    n, day = 0, a
    while day < b:
        day += timedelta(days=1)
        n += working(day)
    return n


def after(start: date, days: int) -> date:
    while days:
        start += timedelta(days=1)
        days -= working(start)
    return start


@dataclass
class Run:
    key: str
    started: date
    days: int
    ended: date | None = None
    met: bool = False

    @property
    def due(self) -> date:
        return after(self.started, self.days)

    def how(self, today: date) -> str:
        """Return the outcome on the morning of `today`."""
        if self.ended is None:
            return "overdue" if today > self.due else "running"
        if self.ended > self.due:
            return "late"
        return "met" if self.met else ""


class Seen:
    """A script up to an instant, walked once from the beginning."""

    def __init__(self, s: Script, until: datetime, zone: ZoneInfo) -> None:
        self.s = s
        self.received = s.received.astimezone(zone).date()
        self.on: dict[str, date] = {}
        self.ground = ""
        self.extensions: list[date] = []
        self.runs: list[Run] = []
        self.unserved = False
        self.days = {self.received}
        self._start("decide", self.received, 7)
        steps = [
            (at, event)
            for n, (at, event) in enumerate(s.steps)
            if n not in s.undone and not isinstance(event, e.Undone) and at < until
        ]
        self.bounced = {event.letter for _, event in steps if isinstance(event, e.NoticeFailed)}
        for at, event in steps:
            self._walk(at.astimezone(zone).date(), event)

    def _running(self, key: str) -> Run | None:
        return next((run for run in self.runs if run.key == key and run.ended is None), None)

    def _start(self, key: str, day: date, days: int) -> None:
        if self._running(key) is None:
            self.runs.append(Run(key, day, days))

    def _end(self, key: str, day: date, *, met: bool) -> None:
        run = self._running(key)
        if run is not None:
            run.ended, run.met = day, met
            self.days.add(day)

    def _walk(self, day: date, event: e.Event) -> None:
        match event:
            case e.Marked("enquiry"):
                self._end("decide", day, met=False)
            case e.Accepted():
                self._end("decide", day, met=True)
                self._start("conclude", day, 10)
                self._set("accepted", day)
            case e.Declined(ground):
                self._end("decide", day, met=True)
                self._set("declined", day)
                self.ground = ground
            case e.Transferred():
                self._end("decide", day, met=True)
                self._end("conclude", day, met=False)
                self._set("transferred", day)
                self.ground = ""
            case e.Extended(days):
                run = self._running("conclude")
                if run is not None:
                    run.days += days
                self.extensions.append(day)
                self.days.add(day)
            case e.Concluded(ground):
                self._end("conclude", day, met=True)
                self._start("result", day, 3)
                self._set("concluded", day)
                self.ground = ground
            case e.Closed() | e.Merged():
                for key in ("decide", "conclude", "result"):
                    self._end(key, day, met=False)
                self._set("closed", day)
            case e.Reopened(_, to):
                for key in ("declined", "transferred", "concluded", "closed"):
                    self.on.pop(key, None)
                self.ground = ""
                self._set("reopened", day)
                if to == "accepted":
                    self._start("conclude", day, 10)
            case e.NoticeServed(_, letter):
                if letter not in self.bounced:
                    self._end("result", day, met=True)
                    self.unserved = False
                    self._answer(day)
            case e.NoticeFailed():
                self.unserved = True
            case e.Replied():
                self._answer(day)

    def _set(self, key: str, day: date) -> None:
        self.on[key] = day
        self.days.add(day)

    def _answer(self, day: date) -> None:
        if "answered" not in self.on:
            self._set("answered", day)

    @property
    def complaint(self) -> bool:
        return self.s.kind == "complaint" and not self.s.merged

    @property
    def law(self) -> list[Run]:
        return self.runs if self.s.kind in ("complaint", None) and not self.s.merged else []

    @property
    def open(self) -> bool:
        return not {"declined", "transferred", "concluded", "closed"} & set(self.on)

    def settled(self) -> date:
        return min(self.on[k] for k in ("declined", "transferred", "concluded", "closed") if k in self.on)


class Slow:
    """All scripts at the end of a period."""

    def __init__(self, scripts: list[Script], period: Period, now: datetime, zone: ZoneInfo) -> None:
        midnight = datetime.combine(period.last + timedelta(days=1), datetime.min.time(), zone)
        self.end = min(midnight.astimezone(UTC), now)
        self.today = self.end.astimezone(zone).date()
        self.period = period
        self.seen = [
            Seen(s, self.end, zone)
            for s in scripts
            if s.received < self.end and s.received.astimezone(zone).date() <= period.last
        ]
        self.complaints = [x for x in self.seen if x.complaint]

    def on(self, key: str) -> list[Seen]:
        return [x for x in self.complaints if key in x.on and x.on[key] in self.period]

    def received(self, which: list[Seen]) -> list[Seen]:
        return [x for x in which if x.received in self.period]

    def runs(self, key: str | None, outcome: str) -> int:
        return sum(
            run.how(self.today) == outcome and (run.ended is None or run.ended in self.period)
            for x in self.seen
            for run in x.law
            if key in (None, run.key)
        )

    def totals(self) -> dict[str, int]:
        return {
            "received": len(self.received(self.complaints)), "accepted": len(self.on("accepted")),
            "declined": len(self.on("declined")), "concluded": len(self.on("concluded")),
            "closed": len(self.on("closed")), "open_at_end": sum(x.open for x in self.complaints),
            "met": self.runs(None, "met"), "late": self.runs(None, "late"), "overdue": self.runs(None, "overdue"),
        }  # fmt: skip


def tally(values: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def shown(counts: Any) -> dict[str, int]:
    return {c.key: c.number for c in counts}


def spread(days: list[int]) -> tuple[int, float | None, int | None]:
    days = sorted(days)
    n = len(days)
    if not n:
        return 0, None, None
    middle = days[n // 2] if n % 2 else (days[n // 2 - 1] + days[n // 2]) / 2
    rank = next(k for k in range(1, n + 1) if k * 10 >= n * 9)
    return n, middle, days[rank - 1]


def spans(slow: Slow) -> Iterator[tuple[int, float | None, int | None]]:
    yield spread([between(x.received, x.on["answered"]) for x in slow.on("answered")])
    decided = []
    for x in slow.complaints:
        days = [x.on[k] for k in ("accepted", "declined", "transferred") if k in x.on]
        if days and min(days) in slow.period:
            decided.append(between(x.received, min(days)))
    yield spread(decided)
    yield spread([between(x.on["accepted"], x.on["concluded"]) for x in slow.on("concluded")])


def in_hand(slow: Slow) -> dict[str, list[int]]:
    """Count total, refused, on time, late, open, overdue by handler."""
    found: dict[str, list[int]] = {}
    for x in slow.complaints:
        if not x.open and x.settled() not in slow.period:
            continue
        row = found.setdefault(x.s.handler or "", [0] * 6)
        row[0] += 1
        if x.open:
            row[4] += 1
            row[5] += any(run.how(slow.today) == "overdue" for run in x.law)
        elif "concluded" in x.on:
            ran = [run for run in x.law if run.key == "conclude" and run.ended == x.on["concluded"]]
            row[3 if any(run.how(slow.today) == "late" for run in ran) else 2] += 1
        else:
            row[1] += 1
    return found


# --- the property -----------------------------------------------------------------------------------


@st.composite
def questions(draw: Any) -> tuple[list[Script], Period, datetime, str]:
    rng = draw(st.randoms(use_true_random=False))
    scripts = [script(rng, n) for n in range(1, draw(st.integers(0, 12)) + 1)]
    first = date(2026, 8, 20) + timedelta(days=rng.randrange(70))
    period = rng.choice(
        [month_of(first), week_of(first), Period(first, first), Period(first, first + timedelta(days=40))]
    )
    zone = draw(st.sampled_from(ZONES))
    start = datetime.combine(period.first, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    now = start + timedelta(minutes=rng.randrange(1, 70 * 24 * 60))
    if scripts and rng.random() < 0.5:  # somebody writes in the very last, or first, moment of the period
        edge = datetime.combine(
            period.last + timedelta(days=1), datetime.min.time(), ZoneInfo(zone)
        ).astimezone(UTC)
        scripts[0].received = rng.choice(
            [edge, edge - timedelta(microseconds=1), start, start - timedelta(microseconds=1)]
        )
        scripts[0].steps, scripts[0].undone, scripts[0].merged = [], set(), False
    return scripts, period, now, zone


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(question=questions(), reader=st.sampled_from([None, "li", "wang"]))
def test_every_figure_agrees_with_a_slow_count(
    new_world: Any, question: tuple[list[Script], Period, datetime, str], reader: str | None
) -> None:
    scripts, period, now, zone_name = question
    zone = ZoneInfo(zone_name)
    world = new_world(zone_name)
    try:
        for s in scripts:
            put(world, s)
        f = world.figures(period.first, period.last, now, hidden_for=reader)
    finally:
        world.close()
    scripts = [s for s in scripts if reader not in s.hidden]
    slow = Slow(scripts, period, now, zone)
    assert {name: getattr(f.totals, name) for name in slow.totals()} == slow.totals()
    for limit in f.limits:
        for outcome in ("met", "late", "overdue", "running"):
            assert getattr(limit, outcome) == slow.runs(limit.key, outcome), (limit.key, outcome)
    _counts(f, slow)
    _people(f, slow, scripts, now, zone)
    before = previous(period)
    if f.totals_before is None:
        assert not any(s.received.astimezone(zone).date() <= before.last for s in scripts)
    else:
        earlier = Slow(scripts, before, now, zone).totals()
        assert {name: getattr(f.totals_before, name) for name in earlier} == earlier
    ago = _same_months_a_year_ago(period)
    if f.totals_year_ago is None:
        assert ago is None or not any(s.received.astimezone(zone).date() <= ago.last for s in scripts)
    else:
        assert ago is not None
        then = Slow(scripts, ago, now, zone).totals()
        assert {name: getattr(f.totals_year_ago, name) for name in then} == then


def _same_months_a_year_ago(period: Period) -> Period | None:
    """Return it by hand: only for a period of whole months."""
    after_last = period.last + timedelta(days=1)
    if period.first.day != 1 or after_last.day != 1:
        return None
    last = after_last.replace(year=after_last.year - 1) - timedelta(days=1)
    return Period(period.first.replace(year=period.first.year - 1), last)


def _counts(f: Any, slow: Slow) -> None:
    arrived = slow.received(slow.seen)
    assert shown(f.received_by_kind) == tally("merged" if x.s.merged else x.s.kind or "" for x in arrived)
    assert shown(f.received_by_channel) == tally(x.s.channel for x in slow.received(slow.complaints))
    assert shown(f.declined_by_ground) == tally(x.ground for x in slow.on("declined"))
    assert shown(f.concluded_by_ground) == tally(x.ground for x in slow.on("concluded"))
    assert (f.transferred, f.reopened) == (len(slow.on("transferred")), len(slow.on("reopened")))
    assert f.unmarked == sum(x.open and x.s.kind is None and not x.s.merged for x in slow.seen)
    assert f.extensions == sum(day in slow.period for x in slow.complaints for day in x.extensions)
    last = min(slow.period.last, slow.today)
    ages = [between(x.received, last) for x in slow.complaints if x.open]
    assert [c.number for c in f.ageing] == [
        sum(low <= age <= high for age in ages)
        for low, high in ((0, 7), (8, 15), (16, 30), (31, 60), (61, 10_000))
    ]
    assert [(s.cases, s.median, s.ninth_decile) for s in f.spreads] == list(spans(slow))
    assert [w.received for w in f.weeks] == [
        sum(x.received in w.period for x in slow.complaints) for w in f.weeks
    ]
    assert [w.concluded for w in f.weeks] == [
        sum("concluded" in x.on and x.on["concluded"] in w.period for x in slow.complaints) for w in f.weeks
    ]
    assert sum(c.received for c in f.channels) == f.totals.received
    assert sum(c.open for c in f.channels) == f.totals.open_at_end
    assert {g.key: [g.received, g.concluded, g.open] for g in f.categories} == {
        key: row
        for key in {x.s.category or "" for x in slow.complaints}
        if any(row := [
            sum((x.s.category or "") == key for x in which)
            for which in (slow.received(slow.complaints), slow.on("concluded"), [x for x in slow.complaints if x.open])
        ])
    }  # fmt: skip


def _people(f: Any, slow: Slow, scripts: list[Script], now: datetime, zone: ZoneInfo) -> None:
    assert {h.key: [h.total, h.refused, h.on_time, h.late, h.open, h.overdue] for h in f.handlers} == in_hand(
        slow
    )
    assert all(h.total == h.refused + h.on_time + h.late + h.open for h in f.handlers)
    today = now.astimezone(zone).date()
    present = [Seen(s, now, zone) for s in scripts if s.received < now]
    assert {(o.identity.ticket, o.limit.key, o.limit.due_on, o.days_late) for o in f.overdue} == {
        (x.s.number, run.key, run.due, between(run.due, today))
        for x in present
        for run in x.law
        if run.how(today) == "overdue"
    }
    year = slow.period.last - timedelta(days=365)
    year = min(year, slow.period.first)
    came: dict[str, list[date]] = {}
    for x in slow.complaints:
        if x.received >= year:
            came.setdefault(x.s.address.lower(), []).append(x.received)
    assert {r.address: (r.in_period, r.in_year) for r in f.repeats} == {
        who: (sum(day in slow.period for day in days), len(days))
        for who, days in came.items()
        if len(days) > 1 and any(day in slow.period for day in days)
    }
    numbers = {c.identity.ticket for c in f.cases}
    assert {x.s.number for x in slow.seen if x.days & set(_days(slow.period))} <= numbers
    assert {u.number for u in f.unserved} <= {f"2026-{x.s.number:04}" for x in slow.seen if x.unserved}


def _days(period: Period) -> list[date]:
    return [period.first + timedelta(days=n) for n in range(period.days)]


@pytest.mark.parametrize("zone", ZONES)
def test_each_mail_lies_in_exactly_one_month_of_its_zone(zone: str, new_world: Any) -> None:
    world = new_world(zone)
    edge = datetime(2026, 10, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for minutes in (-1, 0, 1):
        world.ticket(edge + timedelta(minutes=minutes), kind="complaint")
    september = world.figures(date(2026, 9, 1), date(2026, 9, 30), edge + timedelta(days=1))
    october = world.figures(date(2026, 10, 1), date(2026, 10, 31), edge + timedelta(days=1))
    world.close()
    assert (september.totals.received, october.totals.received) == (1, 2)
