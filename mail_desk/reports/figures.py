"""The figures of a period: what an inspection summary (检查情况) says, each by one short query.

A figure is the number of cases for which a plain condition holds, so whoever doubts one can filter
the workbook's rows by the same condition and count. "Complaints" are tickets marked as such and not
merged into another; enquiries and the rest are counted by kind only. States are those at the end of
the period (at `now`, where the period still runs); what is overdue is so *now*.

On time: a limit of the law that ended in the period was met before it ran out; late: it ended after
that; overdue: it has run out and goes on. A rate is the share of met in these three, never of
what is not due yet. Durations are working days after the start day (Civil Code Art. 201); the 90th
percentile is by nearest rank, so it is the duration of a real ticket. Limits of the department's own
(`house`) and those of the complainant are no business of these figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from mail_desk.config import Settings
from mail_desk.reports import behind, collector, organs, periods, reading, satisfaction, tally
from mail_desk.reports.behind import Behind
from mail_desk.reports.cases import Case, Identity, LimitLine
from mail_desk.reports.organs import OrganFigures
from mail_desk.reports.periods import Period
from mail_desk.reports.problems import Problem, common_problems
from mail_desk.reports.reading import MailFigures, Repeat
from mail_desk.reports.satisfaction import Satisfaction
from mail_desk.reports.sight import Sight
from mail_desk.reports.tally import Count, GroupFigures, HandlerFigures, LimitFigures, Spread, Totals
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.policy import Procedure

MERGED = "merged"
TREND_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Overdue:
    """A limit of the law that is past and not met, now."""

    identity: Identity
    limit: LimitLine
    days_late: int  # working days after the day it was due
    owner: str  # person key; "" where nobody has the ticket


@dataclass(frozen=True, slots=True)
class Unserved:
    """A notice of the law that failed and has not been served since."""

    number: str
    notice: str
    since: date


@dataclass(frozen=True, slots=True)
class Week:
    period: Period
    received: int
    concluded: int


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """Everything a summary says of a period. Complaints only, where nothing else is said."""

    period: Period
    before: Period
    now: datetime
    today: date  # the desk's day of `now`
    at: datetime  # the end of the period, or `now` while it runs: states are those of this instant
    totals: Totals
    totals_before: Totals | None  # None before the desk's first ticket
    received_by_kind: tuple[Count, ...]  # all tickets; "" for those nobody has marked yet
    received_by_channel: tuple[Count, ...]
    declined_by_ground: tuple[Count, ...]
    concluded_by_ground: tuple[Count, ...]
    transferred: int
    reopened: int
    unmarked: int  # tickets, open at the end, that nobody has marked yet
    ageing: tuple[Count, ...]  # of those open at the end: "0-7", … "61+"
    limits: tuple[LimitFigures, ...]
    spreads: tuple[Spread, ...]
    extensions: int
    handlers: tuple[HandlerFigures, ...]
    categories: tuple[GroupFigures, ...]
    enterprises: tuple[GroupFigures, ...]
    countries: tuple[GroupFigures, ...]
    repeats: tuple[Repeat, ...]
    overdue: tuple[Overdue, ...]  # the longest first
    weeks: tuple[Week, ...]
    unserved: tuple[Unserved, ...]
    quarantined: int  # waiting now
    mails: MailFigures
    satisfaction: Satisfaction  # of those who rated in the period
    cases: tuple[Case, ...] = field(repr=False)  # every ticket the figures count, by number
    organs: tuple[OrganFigures, ...] = ()  # what public bodies were asked, and answered
    totals_year_ago: Totals | None = None  # of the same months a year before; None where the desk had none
    channels: tuple[GroupFigures, ...] = ()
    problems: tuple[Problem, ...] = ()  # complaints received with much the same subject
    behind: Behind = field(default=Behind(), repr=False)  # what figures count that is no ticket


@collector.paused()
def collect(
    session: Session,
    period: Period,
    *,
    settings: Settings,
    procedures: Mapping[str, Procedure],
    calendar: Calendar,
    now: datetime,
    hidden_for: str | None = None,
) -> PeriodFigures:
    """Return the figures of a period as they are known at `now`.

    `procedures`: by key, or by `key@version` where several versions are in force.
    `hidden_for`: the reader's person key; tickets hidden from that person are left out throughout.
    KeyError: a ticket follows a procedure that is not among `procedures`.
    """
    zone = settings.desk.zone
    sight = Sight(procedures, calendar, zone)
    start, end = period.instants(zone)
    end = min(end, now)
    today = sight.day(now)
    before = periods.previous(period)
    trend = periods.steps(period, TREND_WEEKS)
    look = _Look(session, sight, settings, period, now, hidden_for)
    cases, overdue, concluded = look.read(before, trend)
    country = {row.key: row.country for row in settings.enterprises}
    complaints = [case for case in cases if case.complaint]
    counting = [case for case in cases if case.counts_down]
    shares = tally.shares(complaints, period, end)
    asked = organs.lines(session, period, end, sight, hidden_for)
    repeated = reading.repeats(session, _year_ago(period, zone), start, end, hidden_for)
    spans = [_cut(week.instants(zone), end) for week in trend]
    return PeriodFigures(
        period=period,
        before=before,
        now=now,
        today=today,
        at=end,
        totals=tally.totals_of(cases, period, end),
        totals_before=look.before,
        received_by_kind=tally.counted(
            MERGED if c.identity.merged else c.identity.kind for c in cases if c.received_on in period
        ),
        received_by_channel=tally.counted(c.identity.channel for c in complaints if c.received_on in period),
        declined_by_ground=tally.counted(c.ground for c in complaints if c.declined_on in period),
        concluded_by_ground=tally.counted(c.ground for c in complaints if c.concluded_on in period),
        transferred=sum(c.transferred_on in period for c in complaints),
        reopened=sum(c.reopened_on in period for c in complaints),
        unmarked=sum(c.open and not c.identity.merged and not c.identity.kind for c in cases),
        ageing=tally.ageing(complaints, min(period.last, today), sight),
        limits=tally.limit_figures(sight.statutory, counting, period, end),
        spreads=tally.spreads(complaints, period, sight),
        extensions=sum(on in period for c in complaints for on, _ in c.extensions),
        handlers=tally.handlers(complaints, period, end, sight),
        categories=tally.groups(shares, lambda c: c.identity.category),
        enterprises=tally.groups(shares, lambda c: c.identity.enterprise),
        countries=tally.groups(shares, lambda c: country.get(c.identity.enterprise, "")),
        repeats=repeated,
        overdue=overdue,
        weeks=tuple(
            Week(week, n, concluded[week])
            for week, n in zip(trend, reading.complaints_in(session, spans, hidden_for), strict=True)
        ),
        unserved=tuple(
            Unserved(c.identity.number, notice, since) for c in cases for since, notice in c.unserved
        ),
        quarantined=reading.quarantined(session),
        mails=reading.mails(session, start, end, hidden_for),
        satisfaction=satisfaction.collect(session, start, end, hidden_for),
        cases=tuple(cases),
        organs=organs.figures(asked),
        totals_year_ago=_year_ago_totals(session, sight, period, hidden_for),
        channels=tally.groups(shares, lambda c: c.identity.channel),
        problems=common_problems(complaints, period),
        behind=behind.collect(
            session, period, end, sight, complaints, asked, repeated, hidden_for, _year_ago(period, zone)
        ),
    )


class _Look:
    """One reading of every ticket of a period and of the one before it."""

    def __init__(
        self,
        session: Session,
        sight: Sight,
        settings: Settings,
        period: Period,
        now: datetime,
        hidden_for: str | None,
    ) -> None:
        self._session, self._sight, self._settings = session, sight, settings
        self._period, self._now, self._hidden_for = period, now, hidden_for
        self.before: Totals | None = None

    def read(
        self, before: Period, trend: tuple[Period, ...]
    ) -> tuple[list[Case], tuple[Overdue, ...], Counter[Period]]:
        """Return the cases as they were at the period's end, what is overdue now, and concluded a week."""
        sight, now, period = self._sight, self._now, self._period
        end = min(period.instants(sight.zone)[1], now)
        first, until = before.instants(sight.zone)
        compared = reading.any_ticket(self._session, until, self._hidden_for)
        earlier = tally.Adding(before, until)
        start = min(first if compared else end, periods.start_of(trend[0].first, sight.zone))
        cases: list[Case] = []
        overdue: list[Overdue] = []
        concluded: Counter[Period] = Counter()
        by_day = {week.first + n * periods.DAY: week for week in trend for n in range(week.days)}
        ids = reading.tickets_touching(self._session, start, now, self._hidden_for)
        for identity, held in reading.histories(self._session, ids):
            then = sight.case(identity, held, end) if identity.received_at < end else None
            latest = max([e.at for e in held], default=identity.received_at)  # backdated ones are not last
            if then is not None:
                if then.concluded_on is not None and then.complaint and then.concluded_on in by_day:
                    concluded[by_day[then.concluded_on]] += 1
                if _touches(then, period):
                    cases.append(then)
                if compared and identity.received_at < until:
                    past = then if latest < until else sight.case(identity, held, until)
                    if _touches(past, before):
                        earlier.add(past)
            current = then if then is not None and latest < end else sight.case(identity, held, now)
            overdue.extend(_overdue(current, now, sight, self._settings))
        overdue.sort(key=lambda o: (-o.days_late, o.limit.due_on, o.identity.number))
        self.before = earlier.totals if compared else None
        return cases, tuple(overdue), concluded


def _touches(case: Case, period: Period) -> bool:
    """Say whether a case belongs to a period: something happened in it, or was still to be done."""
    return (
        case.received_on in period  # true of most, and asked for in less time than the rest
        or case.finished_on is None
        or case.finished_on >= period.first
        or any(line.ended_on is None for line in case.limits)
        or any(day in period for day in case.days())
    )


def _overdue(case: Case, now: datetime, sight: Sight, settings: Settings) -> Iterator[Overdue]:
    if not case.counts_down:
        return
    for line in case.limits:
        if line.overdue(now):
            owner = case.identity.handler
            if sight.owner(case.identity, line.key) == "supervisor":
                person = settings.people.by_key(owner)
                owner = (person.supervisor if person is not None else None) or ""
            yield Overdue(case.identity, line, sight.working_days(line.due_on, sight.day(now)), owner)


def _year_ago_totals(session: Session, sight: Sight, period: Period, hidden_for: str | None) -> Totals | None:
    """Count the same months of the year before, where there were tickets then."""
    ago = periods.year_ago(period)
    if ago is None:
        return None
    start, end = ago.instants(sight.zone)
    if not reading.any_ticket(session, end, hidden_for):
        return None
    ids = reading.tickets_touching(session, start, end, hidden_for)
    seen = (sight.case(identity, held, end) for identity, held in reading.histories(session, ids))
    return tally.totals_of((c for c in seen if _touches(c, ago)), ago, end)


def _cut(span: tuple[datetime, datetime], end: datetime) -> tuple[datetime, datetime]:
    return min(span[0], end), min(span[1], end)


def _year_ago(period: Period, zone: ZoneInfo) -> datetime:
    """Return the instant from which earlier complaints make a repeated one: a year up to the period's end."""
    return periods.start_of(min(period.first, period.last - timedelta(days=365)), zone)
