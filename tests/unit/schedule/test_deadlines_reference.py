"""Dates against an independent slow reference that lives through every single day, 2015 to 2027."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail_desk.config import CalendarYear, DayName
from mail_desk.schedule.deadlines import dues, plan
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Limit, Procedure

ONE_DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")
NAMES = ("begin", "again", "done", "moot", "more", "halt", "go")
# A clerk who reads the facts of a day in the evening; the day counted if the clock ran that morning.
HORIZON = 420

stories = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 120), st.integers(0, 23 * 60), st.integers(0, 20)),
    max_size=12,
)
starts = st.dates(date(2015, 1, 1), date(2027, 6, 30))
no_health = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Clerk:
    """One instance, as somebody with a wall calendar keeps it."""

    began: date
    total: int
    counted: list[date] = field(default_factory=list)  # days that counted, end or no end
    if_resumed: list[date] = field(default_factory=list)  # … and those a pause still going on swallows
    halted: bool = False
    missed: bool = False  # the date had passed when an extension moved it
    ended: date | None = None
    met: bool = False


def lived_through(limit: Limit, facts: list[Fact], calendar: Calendar) -> list[Clerk]:
    """Go from day to day: in the morning a day counts or not, then the facts of the day happen."""
    every: list[Clerk] = []
    now: Clerk | None = None
    if not facts:
        return every
    day = facts[0].at.astimezone(ZONE).date()
    last = facts[-1].at.astimezone(ZONE).date() + timedelta(days=HORIZON)
    waiting = list(facts)
    while day <= last:
        worked = limit.unit == "calendar-days" or calendar.is_working(day)
        for clerk in every:
            if worked:
                (clerk.if_resumed if clerk.halted else clerk.counted).append(day)
        while waiting and waiting[0].at.astimezone(ZONE).date() == day:
            fact = waiting.pop(0)
            if now is not None:
                if fact.name in ("done", "moot") or (fact.name == "again" and now.began != day):
                    now.ended, now.met = day, fact.name == "done"
                    now.halted, now.if_resumed = False, []
                    now = None
                elif fact.name == "more":
                    if len(now.counted) >= now.total and rolled(now.counted[now.total - 1], calendar) < day:
                        now.missed = True
                    now.total += fact.amount
                elif fact.name == "halt":
                    now.halted = True
                elif fact.name == "go":
                    now.halted, now.if_resumed = False, []
            if now is None and fact.name in ("begin", "again"):
                now = Clerk(day, limit.amount)
                every.append(now)
        day += ONE_DAY
    return every


def rolled(day: date, calendar: Calendar) -> date:
    while not calendar.is_working(day):
        day += ONE_DAY
    return day


def expected(clerk: Clerk, calendar: Calendar) -> tuple[date, str]:
    paused = clerk.halted and len(clerk.counted) < clerk.total
    days = sorted(clerk.counted + clerk.if_resumed) if paused else clerk.counted
    end = rolled(days[clerk.total - 1], calendar)
    if clerk.ended is None:
        return end, "paused" if paused else "running"
    if clerk.met:
        return end, "met" if clerk.ended <= end and not clerk.missed else "met-late"
    return end, "void" if clerk.ended <= end and not clerk.missed else "lapsed"


def limit_of(amount: int, unit: str) -> Limit:
    return Limit.model_validate(
        {
            "key": "x", "name_zh": "限", "name_en": "x", "basis_zh": "条", "basis_en": "art.",
            "amount": amount, "unit": unit, "start": ["begin"], "restart": ["again"], "stop": ["done"],
            "void": ["moot"], "pause": ["halt"], "resume": ["go"], "extended_by": "more",
            "remind": [5, 2, 0], "remind_after_daily": True,
            "escalate": [{"after": 0, "to": "supervisor"}, {"after": 3, "to": "leader"}],
        }
    )  # fmt: skip


def facts_of(start: date, story: list[tuple[str, int, int, int]]) -> list[Fact]:
    midnight = datetime(start.year, start.month, start.day, tzinfo=ZONE)
    told = [Fact(name, midnight + timedelta(days=d, minutes=m), n) for name, d, m, n in story]
    return sorted([Fact("begin", midnight), *told], key=lambda fact: fact.at)


@no_health
@given(
    start=starts,
    story=stories,
    amount=st.integers(1, 70),
    unit=st.sampled_from(["working-days", "calendar-days"]),
)
def test_any_sequence_of_facts_gives_the_dates_a_clerk_would_find(
    procedure: Procedure,
    calendar: Calendar,
    start: date,
    story: list[tuple[str, int, int, int]],
    amount: int,
    unit: str,
) -> None:
    limit = limit_of(amount, unit)
    facts = facts_of(start, story)
    alone = procedure.model_copy(update={"limits": (limit,)})
    found = [(due.due_on, due.state.value) for due in dues(alone, facts, calendar, ZONE)]
    assert found == [expected(clerk, calendar) for clerk in lived_through(limit, facts, calendar)]


@no_health
@given(start=starts, halt=st.integers(0, 90), length=st.integers(0, 200), amount=st.integers(1, 80))
def test_pausing_and_resuming_neither_loses_nor_gains_a_working_day(
    procedure: Procedure, calendar: Calendar, start: date, halt: int, length: int, amount: int
) -> None:
    alone = procedure.model_copy(update={"limits": (limit_of(amount, "working-days"),)})
    facts = facts_of(start, [("halt", halt, 600, 0), ("go", halt + length, 660, 0)])
    (due,) = dues(alone, facts, calendar, ZONE)
    first, last = start + timedelta(days=halt), start + timedelta(days=halt + length)
    run_before = min(amount, calendar.between(start, first))
    run_after = calendar.between(max(last, start), due.due_on) if due.due_on > last else 0
    assert run_before + run_after == amount


fabricated = st.lists(st.dates(date(2026, 12, 29), date(2027, 12, 31)), max_size=25, unique=True)


@no_health
@given(
    start=st.dates(date(2026, 6, 1), date(2027, 3, 1)),
    story=stories,
    amount=st.integers(1, 70),
    moved=fabricated,
)
def test_a_calendar_that_arrives_late_moves_only_what_was_provisional(
    procedure: Procedure,
    years: tuple[CalendarYear, ...],
    start: date,
    story: list[tuple[str, int, int, int]],
    amount: int,
    moved: list[date],
) -> None:
    arrived = CalendarYear(
        year=2027,
        source="made up",
        holiday=tuple(DayName(day=d, name="假") for d in moved if d.weekday() < 5),
        working=tuple(DayName(day=d, name="班") for d in moved if d.weekday() >= 5),
    )
    old, new = Calendar(years), Calendar([*years, arrived])
    alone = procedure.model_copy(update={"limits": (limit_of(amount, "working-days"),)})
    facts = facts_of(start, story)
    before, after = dues(alone, facts, old, ZONE), dues(alone, facts, new, ZONE)
    assert [(d.number, d.started_at) for d in before] == [(d.number, d.started_at) for d in after]
    for was, now in zip(before, after, strict=True):
        begin = was.started_at.astimezone(ZONE).date()
        end = max(was.due_on, now.due_on)
        alike = all(
            old.is_working(begin + timedelta(days=n)) == new.is_working(begin + timedelta(days=n))
            for n in range((end - begin).days + 1)
        )
        if not was.provisional:
            assert was == now
        if alike:
            assert was.due_on == now.due_on
    keys_before = {p.key for p in plan(alone, before, old, ZONE, at=datetime.min.time().replace(hour=8))}
    keys_after = {p.key for p in plan(alone, after, new, ZONE, at=datetime.min.time().replace(hour=8))}
    dates = {(d.number, d.due_on) for d in before} & {(d.number, d.due_on) for d in after}
    for number, day in dates:
        mine = f"x/{number}/late+1@{day}"
        assert (mine in keys_before) == (mine in keys_after)


@no_health
@given(start=starts, story=stories, amount=st.integers(1, 70))
def test_planned_keys_are_unique_and_moments_lie_on_working_days_after_the_start(
    procedure: Procedure, calendar: Calendar, start: date, story: list[tuple[str, int, int, int]], amount: int
) -> None:
    limit = limit_of(amount, "working-days")
    alone = procedure.model_copy(update={"limits": (limit,)})
    found = dues(alone, facts_of(start, story), calendar, ZONE)
    planned = plan(alone, found, calendar, ZONE, at=datetime.min.time().replace(hour=8, minute=30))
    assert len({p.key for p in planned}) == len(planned)
    assert [p.at for p in planned] == sorted(p.at for p in planned)
    running = [d for d in found if d.state == "running"]
    assert bool(running) == bool(planned)
    for moment in planned:
        local = moment.at.astimezone(ZONE)
        assert calendar.is_working(local.date())
        assert (local.hour, local.minute) == (8, 30)
        assert moment.at > running[0].started_at
