"""Counting cases: one short pure function a figure. What the words mean is told in `figures.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from mail_desk.reports.cases import Case, LimitLine, Outcome
from mail_desk.reports.periods import Period
from mail_desk.reports.sight import Sight

Share = tuple[Case, bool, bool, bool, bool]
AGE_BUCKETS = ((0, 7), (8, 15), (16, 30), (31, 60), (61, None))  # working days since arrival
FIRST_DECISION, CONCLUSION, FIRST_ANSWER = "first-decision", "conclusion", "first-answer"


@dataclass(frozen=True, slots=True)
class Count:
    key: str
    number: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Working days from one fact to another, over the cases where the second fell in the period."""

    key: str
    cases: int
    median: float | None
    ninth_decile: int | None


@dataclass(frozen=True, slots=True)
class LimitFigures:
    """How one limit of the law was kept."""

    key: str
    met: int
    late: int  # met, or moot, only after it had run out
    overdue: int  # at the end of the period
    running: int  # at the end of the period, not due yet

    @property
    def on_time_rate(self) -> float | None:
        return rate(self.met, self.met + self.late + self.overdue)


@dataclass(frozen=True, slots=True)
class HandlerFigures:
    """The complaints in one person's hands: total = refused + on_time + late + open."""

    key: str  # "" for those that have no handler
    total: int
    refused: int  # declined, transferred, or closed without a conclusion
    on_time: int  # concluded in time
    late: int  # concluded late
    open: int
    overdue: int  # open, and past a limit of the law

    @property
    def conclusion_rate(self) -> float | None:
        return rate(self.on_time + self.late, self.total - self.refused)

    @property
    def on_time_rate(self) -> float | None:
        return rate(self.on_time, self.on_time + self.late + self.overdue)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Complaints of one category, enterprise or country."""

    key: str
    received: int
    concluded: int
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The few numbers that are compared with the period before."""

    received: int = 0
    accepted: int = 0
    declined: int = 0
    concluded: int = 0
    closed: int = 0
    open_at_end: int = 0
    met: int = 0
    late: int = 0
    overdue: int = 0

    @property
    def on_time_rate(self) -> float | None:
        return rate(self.met, self.met + self.late + self.overdue)


def rate(part: int, whole: int) -> float | None:
    """Return part of whole, None where there is nothing to speak of."""
    return part / whole if whole else None


class Adding:
    """Totals of a period, one case after the other; keeps none of them."""

    def __init__(self, period: Period, at: datetime) -> None:
        self._period, self._at = period, at
        self._n: Counter[str] = Counter()

    def add(self, case: Case) -> None:
        n, period = self._n, self._period
        if case.complaint:
            for name, day in (
                ("received", case.received_on), ("accepted", case.accepted_on), ("declined", case.declined_on),
                ("concluded", case.concluded_on), ("closed", case.closed_on),
            ):  # fmt: skip
                if day is not None and period.first <= day <= period.last:
                    n[name] += 1
            if case.open:
                n["open_at_end"] += 1
        if case.counts_down:
            for line in case.limits:
                n[standing(line, period, self._at)] += 1

    @property
    def totals(self) -> Totals:
        return Totals(**{name: self._n[name] for name in Totals.__slots__})


def totals_of(cases: Iterable[Case], period: Period, at: datetime) -> Totals:
    """Count what is compared between periods; takes any iterable, keeps nothing."""
    adding = Adding(period, at)
    for case in cases:
        adding.add(case)
    return adding.totals


def standing(line: LimitLine, period: Period, at: datetime) -> str:
    """Return how a limit counts in a period; "" where it was met outside of it, or became moot."""
    outcome = line.outcome(at)
    if outcome is Outcome.VOID or (line.ended_on is not None and line.ended_on not in period):
        return ""
    return outcome.value


def counted(keys: Iterable[str]) -> tuple[Count, ...]:
    """Count equal keys, most frequent first."""
    found = Counter(keys)
    return tuple(Count(key, n) for key, n in sorted(found.items(), key=lambda item: (-item[1], item[0])))


def limit_figures(
    keys: Iterable[str], cases: Iterable[Case], period: Period, at: datetime
) -> tuple[LimitFigures, ...]:
    """Count how each of the limits was kept over the cases."""
    n = Counter([(line.key, standing(line, period, at)) for case in cases for line in case.limits])
    return tuple(
        LimitFigures(key, *(n[key, outcome] for outcome in ("met", "late", "overdue", "running")))
        for key in keys
    )


def ageing(complaints: Iterable[Case], day: date, sight: Sight) -> tuple[Count, ...]:
    """Count the open ones by their age in working days on `day`."""
    ages = Counter(age(sight.working_days(case.received_on, day)) for case in complaints if case.open)
    return tuple(Count(bucket, ages[bucket]) for bucket in (age(low) for low, _ in AGE_BUCKETS))


def age(days: int) -> str:
    """Return the bucket of an age in working days: 16-30."""
    low, high = next((a, b) for a, b in reversed(AGE_BUCKETS) if max(days, 0) >= a)
    return f"{low}+" if high is None else f"{low}-{high}"


def spreads(complaints: list[Case], period: Period, sight: Sight) -> tuple[Spread, ...]:
    """Return the durations of what came to its end in the period."""

    def spread(key: str, start: Callable[[Case], date | None], end: Callable[[Case], date | None]) -> Spread:
        spans = ((start(case), end(case)) for case in complaints)
        days = sorted(
            sight.working_days(a, b) for a, b in spans if a is not None and b is not None and b in period
        )
        if not days:
            return Spread(key, 0, None, None)
        return Spread(key, len(days), median(days), days[-(-len(days) * 9 // 10) - 1])

    return (
        spread(FIRST_ANSWER, lambda c: c.received_on, lambda c: c.answered_on),
        spread(FIRST_DECISION, lambda c: c.received_on, lambda c: c.decided_on),
        spread(CONCLUSION, lambda c: c.accepted_on, lambda c: c.concluded_on),
    )


def handlers(
    complaints: Iterable[Case], period: Period, at: datetime, sight: Sight
) -> tuple[HandlerFigures, ...]:
    """Count the complaints in each person's hands, the most first."""
    found: dict[str, Counter[str]] = {}
    for case in complaints:
        if case.open or case.settled_on in period:
            row = found.setdefault(case.identity.handler, Counter())
            for name in _in_hand(case, at, sight):
                row[name] += 1
    rows = [
        HandlerFigures(key, n["total"], n["refused"], n["on_time"], n["late"], n["open"], n["overdue"])
        for key, n in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.total, row.key)))


def _in_hand(case: Case, at: datetime, sight: Sight) -> list[str]:
    if case.open:
        overdue = case.overdue(at)
        return ["total", "open", "overdue"] if overdue else ["total", "open"]
    if case.concluded_on is None:
        return ["total", "refused"]
    return ["total", "late" if concluded_late(case, at, sight) else "on_time"]


def concluded_late(case: Case, at: datetime, sight: Sight) -> bool:
    """Say whether the conclusion that stands came after its limit had run out."""
    return case.concluded_on is not None and any(
        line.key in sight.concluding
        and line.ended_on == case.concluded_on
        and line.outcome(at) is Outcome.LATE
        for line in case.limits
    )


def shares(complaints: Iterable[Case], period: Period, at: datetime) -> list[Share]:
    """Return what each case adds to the groups it belongs to: received, concluded, open, overdue."""
    return [
        (c, c.received_on in period, c.concluded_on in period, c.open, c.open and c.overdue(at))
        for c in complaints
    ]


def groups(shares: Iterable[Share], key_of: Callable[[Case], str]) -> tuple[GroupFigures, ...]:
    """Count complaints by any key of theirs, the most received first."""
    found: dict[str, list[int]] = {}
    for case, received, concluded, open_, overdue in shares:
        key = key_of(case)
        row = found.get(key)
        if row is None:
            row = found[key] = [0, 0, 0, 0]
        row[0] += received
        row[1] += concluded
        row[2] += open_
        row[3] += overdue
    rows = [GroupFigures(key, *row) for key, row in found.items() if any(row)]
    return tuple(sorted(rows, key=lambda row: (-row.received, -row.open, row.key)))
