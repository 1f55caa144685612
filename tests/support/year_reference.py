"""What a year should have brought, worked out day by day from the ledger alone.

A clerk with a wall calendar: reads the facts of each ticket as they became known, counts days one by one,
and writes down whom to remind and whom to tell, and when. Shares no code with `mail_desk.schedule`; the
limits' figures come from the procedure's file, their meaning from docs/time.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.policy import Limit, Procedure
from year_play import Play

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
NINE, EVENING = time(9), time(20)

Told = tuple[int, datetime, str, str, str]  # ticket, instant, limit, step, reader


@dataclass(frozen=True)
class Fact:
    name: str
    at: datetime
    days: int = 0


@dataclass
class Running:
    """One time that a limit runs, or ran, on a ticket."""

    number: int
    began: date
    started: datetime
    total: int
    ended: date | None = None
    fulfilled: bool = False
    totals: list[tuple[date, int]] = field(default_factory=list)  # before each extension, and its day


@dataclass
class WallCalendar:
    """Which days are worked, as the files said at an instant."""

    play: Play
    _known: dict[bool, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worked = cache(self._worked)

    def late(self, instant: datetime) -> bool:
        published = self.play.plan.published
        return published is not None and instant < published

    def _worked(self, day: date, *, late: bool) -> bool:
        last = self.play.plan.first.year + (0 if late else 1)
        for year in sorted(self.play.years, key=lambda y: -y.year):
            if year.year <= last:
                if any(d.day == day for d in year.working):
                    return True
                if any(d.day == day for d in year.holiday):
                    return False
        return day.weekday() < 5

    def after(self, day: date, count: int, *, late: bool) -> date:
        """Return the last of `count` working days after `day`."""
        while count:
            day += DAY
            count -= self.worked(day, late=late)
        return day

    def before(self, day: date, count: int, *, late: bool) -> date:
        while count:
            day -= DAY
            count -= self.worked(day, late=late)
        return day


def facts(told: Sequence[Recorded]) -> list[Fact]:
    """Return what happened to a ticket, in order of when it was so."""
    marks = [r for r in told if isinstance(r.event, e.Marked)]
    failed = {r.event.letter for r in told if isinstance(r.event, e.NoticeFailed)}
    found: list[Fact] = []
    awaited = False
    for r in told:
        x = r.event
        if isinstance(x, e.Received):
            found.append(Fact("received", r.at))
        elif isinstance(x, e.Marked):
            found.append(Fact(f"marked:{x.kind if r is marks[-1] else 'superseded'}", r.at))
        elif isinstance(x, e.MaterialsRequested):
            awaited = True
        elif isinstance(x, e.FollowedUp) and x.role == "complainant" and x.verified and awaited:
            found.append(Fact("supplement", r.at))
        elif isinstance(x, e.NoticeServed) and x.letter not in failed:
            found.append(Fact(f"served:{x.notice}", r.at))
        elif isinstance(x, e.Extended):
            found.append(Fact("extended", r.at, x.days))
        elif isinstance(x, (e.Completed, e.Accepted, e.Declined, e.Concluded, e.Transferred, e.Closed)):
            found.append(Fact(_PLAIN[type(x)], r.at))
            awaited = awaited and isinstance(x, e.Concluded)
    return sorted(found, key=lambda f: f.at)


_PLAIN: dict[type[e.Event], str] = {
    e.Completed: "complete", e.Accepted: "accepted", e.Declined: "declined", e.Concluded: "concluded",
    e.Transferred: "transferred", e.Closed: "closed",
}  # fmt: skip


def _is(fact: Fact, patterns: Iterable[str]) -> bool:
    return any(fact.name.startswith(p[:-1]) if p.endswith("*") else fact.name == p for p in patterns)


def runs(limit: Limit, known: Sequence[Fact]) -> list[Running]:
    """Read the facts in order: every time the limit ran."""
    every: list[Running] = []
    now: Running | None = None
    over = False
    for fact in known:
        day = fact.at.astimezone(ZONE).date()
        if now is not None:
            assert not _is(fact, (*limit.pause, *limit.resume)), "nobody pauses in this year"
            if _is(fact, (*limit.stop, *limit.void)) or (_is(fact, limit.restart) and day != now.began):
                now.ended, now.fulfilled = day, _is(fact, limit.stop)
                now = None
            elif fact.name == limit.extended_by:
                now.totals.append((day, now.total))
                now.total += fact.days
        if _is(fact, limit.final):
            over = True
        elif now is None and not over and _is(fact, (*limit.start, *limit.restart)):
            now = Running(len(every) + 1, day, fact.at, limit.amount)
            every.append(now)
    return every


class Clerk:
    """Goes through the year of one ticket."""

    def __init__(self, play: Play, procedure: Procedure, wall: WallCalendar) -> None:
        self.play, self.procedure, self.wall = play, procedure, wall
        self.end = datetime.combine(play.plan.last, time(23, 59), ZONE)

    def expected(self, ticket: int, told: Sequence[Recorded]) -> list[Told]:
        """Return whom the desk had to tell of this ticket's limits, and when."""
        told = [r for r in told if not isinstance(r.event, (e.Reminded, e.Escalated))]
        claimed: set[str] = set()
        found: list[Told] = []
        known: list[Recorded] = []
        waiting = list(told)
        for instant in self._instants(told):
            while waiting and waiting[0].recorded_at <= instant:
                known.append(waiting.pop(0))
            found += self._at(ticket, instant, known, claimed)
        return found

    def _instants(self, told: Sequence[Recorded]) -> list[datetime]:
        """Return when somebody would look: at nine each day, on return, and whenever something happened."""
        looks = {r.recorded_at.astimezone(ZONE) for r in told}
        looks |= {back for _, back in self.play.plan.down}
        if self.play.plan.published is not None:
            looks.add(self.play.plan.published)
        day = told[0].recorded_at.astimezone(ZONE).date()
        while day <= self.play.plan.last:
            looks.add(datetime.combine(day, NINE, ZONE))
            day += DAY
        return sorted(look for look in looks if self._awake(look) and look <= self.end)

    def _awake(self, look: datetime) -> bool:
        if any(a <= look < b for a, b in self.play.plan.down):
            return False
        local = look.astimezone(ZONE)
        return self.wall.worked(local.date(), late=self.wall.late(look)) and NINE <= local.time() <= EVENING

    def _at(self, ticket: int, instant: datetime, known: Sequence[Recorded], claimed: set[str]) -> list[Told]:
        if not known:
            return []
        happened, found = facts(known), list[Told]()
        for limit in self.procedure.limits:
            run = next((r for r in runs(limit, happened) if r.ended is None), None)
            if run is None:
                continue
            latest: dict[str, tuple[date, int, str]] = {}
            for day, order, step, to in self._steps(limit, run, instant):
                due = datetime.combine(day, NINE, ZONE)
                key = f"{limit.key}/{run.number}/{step}/{to}@{self._due(limit, run, instant)}"
                if due <= instant and due > run.started and key not in claimed:
                    claimed.add(key)
                    latest[to] = max(latest.get(to, (date.min, 0, "")), (day, order, step))
            for to, (_, _, step) in latest.items():
                reader = self._reader(known, to, instant)
                if reader:
                    found.append((ticket, instant, limit.key, step if to == "owner" else to, reader))
        return found

    def _due(self, limit: Limit, run: Running, instant: datetime) -> date:
        late = self.wall.late(instant)
        if limit.unit == "working-days":
            return self.wall.after(run.began, run.total, late=late)
        assert limit.unit == "calendar-months", "of other units the clerk knows no example"
        month = run.began.year * 12 + run.began.month - 1 + run.total
        day = date(month // 12, month % 12 + 1, min(run.began.day, 28))
        return day if self.wall.worked(day, late=late) else self.wall.after(day, 1, late=late)

    def ended_late(self, limit: Limit, run: Running, instant: datetime) -> bool:
        """Say whether a run ended, or goes on, after its day, or had passed it before it was extended."""
        after = (run.ended or instant.astimezone(ZONE).date()) > self._due(limit, run, instant)
        missed = (Running(0, run.began, run.started, total) for _, total in run.totals)
        earlier = zip(run.totals, missed, strict=True)
        return after or (
            run.ended is not None and any(day > self._due(limit, was, instant) for (day, _), was in earlier)
        )

    def morning_after(self, limit: Limit, run: Running, whole_days: int, instant: datetime) -> datetime:
        """Return when somebody is to hear that so many whole working days have passed since a breach."""
        late = self.wall.late(instant)
        day = self.wall.after(self._due(limit, run, instant), whole_days + 1, late=late)
        return datetime.combine(day, NINE, ZONE)

    def first_look(self, morning: datetime) -> datetime:
        """Return that morning, or where the desk was down then, the first working one on which it was up."""
        while not self._awake(morning):
            morning += DAY
        return morning

    def _steps(self, limit: Limit, run: Running, instant: datetime) -> Iterable[tuple[date, int, str, str]]:
        late, due = self.wall.late(instant), self._due(limit, run, instant)
        for before in limit.remind:
            step = f"due-{before}" if before else "due"
            yield self.wall.before(due, before, late=late), 0, step, "owner"
        today = instant.astimezone(ZONE).date()
        day, count = due, 0
        while day < today:
            day, count = self.wall.after(day, 1, late=late), count + 1
            if limit.remind_after_daily:
                yield day, count, f"late+{count}", "owner"
            for rung in limit.escalate:
                if rung.after + 1 == count:
                    yield day, count, f"late+{count}", rung.to

    def _reader(self, known: Sequence[Recorded], to: str, instant: datetime) -> str:
        """Return who hears of it: who is there instead of somebody on leave."""
        if to == "leader":
            return "zhao"
        day = instant.astimezone(ZONE).date()
        handler = [r.event.handler for r in known if isinstance(r.event, e.Assigned)][-1]
        stands_in = {"li": "wang", "wang": "zhou", "zhou": ""}
        if to == "supervisor":
            return "zhao" if handler == "zhou" or self.play.away("zhou", day) else "zhou"
        while handler and self.play.away(handler, day):
            handler = stands_in[handler]
        return handler or "zhao"
