"""From a ticket's record to its case: what procedure, calendar and time zone make of the events.

Pure but for a memory: the same count of working days is asked for thousands of times in one summary,
so each is counted once. One `Sight` serves one summary and is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from mail_desk.reports.cases import Case, Identity, LimitLine, steps_of
from mail_desk.schedule.deadlines import Due, dues
from mail_desk.schedule.workdays import ONE_DAY, Calendar, Count
from mail_desk.tickets import events as e
from mail_desk.tickets.events import Fact, Recorded
from mail_desk.tickets.policy import Limit, Owner, Procedure, matches
from mail_desk.tickets.ticket import facts_of, live

_Pick = Callable[[Sequence[date]], object]
_Known = dict[object, tuple[LimitLine, ...]]  # runs of a limit by the day or days of the facts it hangs on
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
QUARTER = 900  # seconds
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


class _Days(dict[float, date]):
    """The desk's days by quarters of an hour since 1970 (UTC).

    Days begin on a quarter of an hour of UTC everywhere since the 1970s, and tickets are younger.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def __missing__(self, quarter: float) -> date:
        day = self[quarter] = datetime.fromtimestamp(quarter * QUARTER, self._zone).date()
        return day


class Sight:
    """How the tickets of one desk are looked at."""

    def __init__(self, procedures: Mapping[str, Procedure], calendar: Calendar, zone: ZoneInfo) -> None:
        self.zone = zone
        self._procedures = procedures
        self._calendar = _Remembered(calendar)
        self._counted: dict[tuple[str, str], _Limits] = {}
        self._stories: dict[tuple[object, ...], _Story] = {}
        self._days = _Days(zone)
        owed = [limit for p in procedures.values() for limit in p.limits if _owed_by_law(limit)]
        self.statutory: tuple[str, ...] = tuple(dict.fromkeys(limit.key for limit in owed))
        self.concluding = frozenset(
            limit.key for limit in owed if any(matches(fact, CONCLUDED) for fact in limit.stop)
        )

    def day(self, instant: datetime) -> date:
        """Return the desk's day of an instant."""
        return self._days[instant.timestamp() // QUARTER]

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
        at = [r.at for r in held]
        known = self._days
        days = [known[instant.timestamp() // QUARTER] for instant in at]  # `day`, a million times
        story = self._story(held, at)
        return story.steps.case(
            identity, self.day(identity.received_at), days, self._limits(identity, story, at, days)
        )

    def _story(self, held: Sequence[Recorded], at: list[datetime]) -> _Story:
        """Return what follows from the events, perhaps as it was told of another ticket to which the same happened."""
        kinds = [type(r.event) for r in held]
        key: tuple[object, ...] = tuple(
            [_SAYS[kind](r.event) if kind in _SAYS else kind for kind, r in zip(kinds, held, strict=True)]
        )
        if e.NoticeFailed in kinds:
            key += tuple(r.event.letter for r in held if isinstance(r.event, e.NoticeServed))
        if at != sorted(at):  # some were dated back
            key += (_order(at),)
        story = self._stories.get(key)
        if story is None:
            story = self._stories[key] = _Story(held, at)
        return story

    def _limits(
        self, identity: Identity, story: _Story, at: Sequence[datetime], days: Sequence[date]
    ) -> tuple[LimitLine, ...]:
        if identity.merged:
            return ()
        name = (identity.procedure, identity.procedure_version)
        counted = self._counted.get(name)
        if counted is None:
            counted = self._counted[name] = _Limits(self.procedure(identity), self)
        return counted.lines(story, at, days)

    def dues(self, procedure: Procedure, found: Sequence[Fact]) -> tuple[Due, ...]:
        """Return the due dates of one ticket."""
        return dues(procedure, found, self._calendar, self.zone)


# What the story of a ticket asks of an event besides its type; of a notice that failed, also its letter.
_SAYS: dict[type[e.Event], Callable[[Any], object]] = {
    e.Marked: lambda it: (e.Marked, it.kind),
    e.FollowedUp: lambda it: (e.FollowedUp, it.role, it.verified),
    e.Declined: lambda it: (e.Declined, it.ground),
    e.Concluded: lambda it: (e.Concluded, it.ground),
    e.Extended: lambda it: (e.Extended, it.days),
    e.NoticeServed: lambda it: (e.NoticeServed, it.notice),
    e.NoticeFailed: lambda it: (e.NoticeFailed, it.notice, it.letter),
    e.Delivered: lambda it: (e.Delivered, it.notice),
    e.Reopened: lambda it: (e.Reopened, it.to),
}


def _order(at: Sequence[datetime]) -> tuple[int, ...]:
    """Return the numbers of the events in order of their instants; of one instant, as recorded."""
    return tuple(sorted(range(len(at)), key=lambda n: at[n]))


class _Story:
    """What follows from the events of a ticket, whatever the days they fell on: told once for all tickets to which
    the same happened in the same order. Events go by their numbers.
    """

    __slots__ = ("facts", "steps")

    def __init__(self, held: Sequence[Recorded], at: Sequence[datetime]) -> None:
        self.steps = steps_of(held)
        order = _order(at)
        # `facts_of` gives each fact the instant of its event. Here an event's instant only says which one it is.
        named = {_SOME_DAY + place * ONE_DAY: n for place, n in enumerate(order)}
        instants = {n: instant for instant, n in named.items()}
        told = facts_of([r._replace(at=instants[n]) for n, r in enumerate(held)])
        self.facts = tuple((fact.name, named[fact.at], fact.amount) for fact in told)


class _Limits:
    """The limits of one procedure that the law sets the department."""

    def __init__(self, procedure: Procedure, sight: Sight) -> None:
        self._law = [_Counted(procedure, limit, sight) for limit in procedure.limits if _owed_by_law(limit)]
        self._of_story: dict[_Story, list[tuple[_Counted, _Pick, _Known]]] = {}

    def lines(self, story: _Story, at: Sequence[datetime], days: Sequence[date]) -> tuple[LimitLine, ...]:
        """Return every run of every limit on a ticket; `at` and `days`: of its events."""
        shared = self._of_story.get(story)
        if shared is None:
            shared = self._of_story[story] = [(counted, *counted.shared(story)) for counted in self._law]
        found: list[LimitLine] = []
        for counted, pick, known in shared:
            decisive = pick(days)
            lines = known.get(decisive)
            if lines is None:
                lines = counted.count([Fact(name, at[n], amount) for name, n, amount in story.facts])
                if counted.by_days:
                    known[decisive] = lines
            found += lines
        return tuple(found)


class _Counted:
    """One limit of one procedure, counted once for all tickets whose facts fall on the same days.

    Limits count days, so two tickets received on one day and accepted on another have the same dates
    to the last detail, whatever else happened to them: facts that change nothing where a limit stands
    are left out. Only limits in hours are counted each time.
    """

    def __init__(self, procedure: Procedure, limit: Limit, sight: Sight) -> None:
        self._alone = procedure.model_copy(update={"limits": (limit,)})
        self._limit, self._sight = limit, sight
        self._known: dict[tuple[tuple[str, int], ...], _Known] = {}
        self.by_days = limit.unit != "working-hours"

    def shared(self, story: _Story) -> tuple[_Pick, _Known]:
        """Return what picks the decisive days among those of a ticket's events, and the runs known by them."""
        mine = list(self._decisive(story))
        known = self._known.setdefault(tuple((name, amount) for name, _, amount in mine), {})
        return itemgetter(*(n for _, n, _ in mine)) if mine else _nothing, known

    def _decisive(self, story: _Story) -> Iterator[tuple[str, int, int]]:
        """Yield the facts that may change something; where the rules leave it open here, more of them."""
        limit = self._limit
        begins = (*limit.start, *limit.restart)
        ends = (*limit.stop, *limit.void)
        moves = (*limit.pause, *limit.resume, *filter(None, (limit.extended_by,)))
        running = over = False  # an instance runs; perhaps none may begin any more
        for fact in story.facts:
            name = fact[0]
            beginning, final = _any(begins, name), _any(limit.final, name)
            if beginning or (final and not over) or (running and _any((*ends, *moves), name)):
                yield fact
                running = beginning or (running and not _any(ends, name))
                over = final or (over and not beginning)

    def count(self, mine: Sequence[Fact]) -> tuple[LimitLine, ...]:
        """Return every run of the limit on a ticket with these facts."""
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


def _nothing(_days: Sequence[date]) -> object:
    return ()


def _any(patterns: Iterable[str], fact: str) -> bool:
    return any(matches(pattern, fact) for pattern in patterns)


def _owed_by_law(limit: Limit) -> bool:
    """Say whether the law sets this limit to the department: figures are about no other."""
    return not limit.house and limit.owner != "complainant"
