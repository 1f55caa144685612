"""From a ticket's record to its case: what procedure, calendar and time zone make of the events.

Pure but for a memory: the same count of working days is asked for thousands of times in one summary,
so each is counted once. One `Sight` serves one summary and is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from mail_desk.reports.cases import Case, Identity, LimitLine, case_of
from mail_desk.schedule.deadlines import Due, dues
from mail_desk.schedule.workdays import Calendar, Count
from mail_desk.tickets.events import Fact, Recorded
from mail_desk.tickets.policy import Limit, Owner, Procedure, matches
from mail_desk.tickets.ticket import facts_of, live

Dated = tuple[str, date, int]  # a fact by the day it fell on: name, day, amount
CONCLUDED = "concluded"  # the fact that ends the work on an accepted complaint


class _Remembered(Calendar):
    """The same calendar, counting each span once."""

    def __init__(self, calendar: Calendar) -> None:
        self.__dict__.update(calendar.__dict__)
        self._add = cache(calendar.add)
        self._passing = cache(calendar.passing)
        self._between = cache(calendar.between)

    def add(self, start: date, working_days: int) -> Count:
        return self._add(start, working_days)

    def passing(self, after: date, until: date) -> Count:
        return self._passing(after, until)

    def between(self, a: date, b: date) -> int:
        return self._between(a, b)


class Sight:
    """How the tickets of one desk are looked at."""

    def __init__(self, procedures: Mapping[str, Procedure], calendar: Calendar, zone: ZoneInfo) -> None:
        self.zone = zone
        self._procedures = procedures
        self._calendar = _Remembered(calendar)
        self._counted: dict[tuple[str, str], tuple[_Counted, ...]] = {}
        self._days: dict[float, date] = {}
        owed = [limit for p in procedures.values() for limit in p.limits if _owed_by_law(limit)]
        self.statutory: tuple[str, ...] = tuple(dict.fromkeys(limit.key for limit in owed))
        self.concluding = frozenset(
            limit.key for limit in owed if any(matches(fact, CONCLUDED) for fact in limit.stop)
        )

    def day(self, instant: datetime) -> date:
        """Return the desk's day of an instant."""
        # Days begin on a quarter of an hour of UTC everywhere since the 1970s, and tickets are younger.
        quarter = instant.timestamp() // 900
        day = self._days.get(quarter)
        if day is None:
            day = self._days[quarter] = instant.astimezone(self.zone).date()
        return day

    def working_days(self, after: date, until: date) -> int:
        """Return the number of working days in (after, until]."""
        return self._calendar.between(after, until)

    def procedure(self, identity: Identity) -> Procedure:
        """Return what a ticket follows: its own version where it is kept, else the one of that key."""
        versioned = f"{identity.procedure}@{identity.procedure_version}"
        found = self._procedures.get(versioned) or self._procedures.get(identity.procedure)
        if found is None:
            msg = f"ticket {identity.number} follows procedure {versioned}, which config does not have"
            raise KeyError(msg)
        return found

    def owner(self, identity: Identity, limit: str) -> Owner:
        """Return whose step a limit is."""
        return self.procedure(identity).limit(limit).owner

    def case(self, identity: Identity, recorded: Sequence[Recorded], until: datetime) -> Case:
        """Return the ticket as it stood just before `until`.

        What was taken back later was never so: an undone event is left out at every instant.
        """
        held = [r for r in live(recorded) if r.at < until]
        return case_of(identity, held, self._limits(identity, held), self.day)

    def _limits(self, identity: Identity, held: Sequence[Recorded]) -> tuple[LimitLine, ...]:
        if identity.merged:
            return ()
        name = (identity.procedure, identity.procedure_version)
        if name not in self._counted:
            whole = self.procedure(identity)
            law = [limit for limit in whole.limits if _owed_by_law(limit)]
            self._counted[name] = tuple(_Counted(whole, limit, self) for limit in law)
        found = facts_of(held)
        dated = [(fact.name, self.day(fact.at), fact.amount) for fact in found]
        return tuple([line for counted in self._counted[name] for line in counted.lines(dated, found)])

    def dues(self, procedure: Procedure, found: Sequence[Fact]) -> tuple[Due, ...]:
        """Return the due dates of one ticket."""
        return dues(procedure, found, self._calendar, self.zone)


class _Names(dict[str, bool]):
    """Whether a fact is one of those that some patterns name; each fact is looked at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)

    def __missing__(self, fact: str) -> bool:
        self[fact] = found = any(matches(pattern, fact) for pattern in self._patterns)
        return found


class _Stage:
    """Where a limit stands after some facts, each on its day: all tickets of which that is true share it."""

    __slots__ = ("following", "lines", "matters", "over", "running")

    def __init__(self, *, running: bool, over: bool, matters: _Names) -> None:
        self.running, self.over = running, over  # an instance runs; perhaps none may begin any more
        self.matters = matters  # which facts change anything from here
        self.following: dict[Dated, _Stage] = {}
        self.lines: tuple[LimitLine, ...] | None = None


class _Counted:
    """One limit of one procedure, counted once for all tickets whose facts fall on the same days.

    Limits count days, so two tickets received on one day and accepted on another have the same dates
    to the last detail, whatever else happened to them: a fact that changes nothing where a limit stands
    is passed over. Only limits in hours are counted each time.
    """

    def __init__(self, procedure: Procedure, limit: Limit, sight: Sight) -> None:
        self._alone = procedure.model_copy(update={"limits": (limit,)})
        self._by_days = limit.unit != "working-hours"
        self._sight = sight
        begins = (*limit.start, *limit.restart)
        self._begins, self._ends = _Names(begins), _Names((*limit.stop, *limit.void))
        self._final = _Names(limit.final)
        self._idle = _Names((*begins, *limit.final))
        ends = (*limit.stop, *limit.void, *limit.final)
        moves = (*limit.pause, *limit.resume, *filter(None, (limit.extended_by,)))
        self._moves = _Names((*begins, *ends, *moves))
        self._first = _Stage(running=False, over=False, matters=self._idle)

    def lines(self, dated: Sequence[Dated], found: Sequence[Fact]) -> tuple[LimitLine, ...]:
        """Return every run of the limit; `found` in order of the instants, `dated`: the same by their days."""
        if not self._by_days:
            return self._count(found)
        stage = self._first
        for key in dated:
            if stage.matters[key[0]]:
                stage = stage.following.get(key) or self._follow(stage, key)
        if stage.lines is None:
            stage.lines = self._count(found)
        return stage.lines

    def _follow(self, stage: _Stage, key: Dated) -> _Stage:
        """Make the stage after a fact. Where the rules leave it open here, more facts matter: none is missed."""
        begins, final = self._begins[key[0]], self._final[key[0]]
        running = begins or (stage.running and not self._ends[key[0]])
        over = final or (stage.over and not begins)
        matters = self._moves if running else self._begins if over else self._idle
        stage.following[key] = made = _Stage(running=running, over=over, matters=matters)
        return made

    def _count(self, mine: Sequence[Fact]) -> tuple[LimitLine, ...]:
        return tuple(
            LimitLine(
                key=due.limit,
                started_on=self._sight.day(due.started_at),
                due_on=due.due_on,
                due_at=due.due_at,
                ended_on=None if due.ended_at is None else self._sight.day(due.ended_at),
                state=due.state,
                provisional=due.provisional,
            )
            for due in self._sight.dues(self._alone, mine)
        )


def _owed_by_law(limit: Limit) -> bool:
    """Say whether the law sets this limit to the department: figures are about no other."""
    return not limit.house and limit.owner != "complainant"
