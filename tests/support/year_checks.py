"""What must hold of a year that was played: each check returns sentences about what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.outbound.letters import Pacing
from mail_desk.reports.figures import collect
from mail_desk.reports.periods import Period
from mail_desk.store import ledger
from mail_desk.store.schema import (
    LetterRow,
    LetterState,
    LetterTicket,
    Message,
    MessageState,
    Moment,
    TicketRow,
)
from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from year_play import Play
from year_reference import DAY, ZONE, Clerk, Told, WallCalendar, facts, runs

BY_CLOCK = ("reminder", "worklist", "digest")


@dataclass(frozen=True)
class Sent:
    """A letter, as far as checks ask."""

    id: int
    kind: str
    pacing: str
    person: str
    subject: str
    created: datetime
    sent: datetime | None
    may_leave: datetime
    state: str
    tickets: frozenset[int]


class Year:
    """A year that was played, with all that is known of it."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.wall = WallCalendar(play)
        self.clerk = Clerk(play, play.rules.procedure, self.wall)
        with play.store.read() as session:
            ids = list(session.scalars(select(TicketRow.id).order_by(TicketRow.id)))
            self.told: dict[int, list[Recorded]] = ledger.load_many(session, ids)
            self.letters = [self._sent(session, row) for row in session.scalars(select(LetterRow))]
            moments = select(Moment).where(Moment.state == "done", Moment.ticket_id.is_not(None))
            self._to = {f"moment:{m.id}": m.data["to"] for m in session.scalars(moments) if "to" in m.data}
            waiting = select(Message.id).where(Message.state != MessageState.DONE)
            self.unread = len(session.scalars(waiting).all())
            self.figures = collect(
                session,
                Period(date(play.plan.first.year, 1, 1), play.plan.last),
                settings=play.settings,
                procedures=play.rules.procedures,
                calendar=play.rules.calendar,
                now=play.clock.now(),
            )
        self.expected: list[Told] = [
            told for ticket, events in self.told.items() for told in self.clerk.expected(ticket, events)
        ]

    def _sent(self, session: Session, row: LetterRow) -> Sent:
        named = select(LetterTicket.ticket_id).where(LetterTicket.letter_id == row.id)
        tickets = session.scalars(named).all() if row.kind == "reminder" else ()
        return Sent(
            row.id, row.kind, row.pacing, row.person or "", row.subject, row.created_at.astimezone(ZONE),
            row.sent_at.astimezone(ZONE) if row.sent_at else None, row.not_before.astimezone(ZONE),
            row.state, frozenset(tickets),
        )  # fmt: skip

    def faults(self) -> list[str]:
        """Return everything that does not hold."""
        return [
            *self._reminders(),
            *self._in_letters(),
            *self._hours(),
            *self._worklists(),
            *self._digests(),
            *self._breaches(),
            *self._figures(),
            *self._budget(),
            *([f"{self.unread} mails were not filed"] if self.unread else []),
        ]

    # --- reminders --------------------------------------------------------------------------------

    def reminded(self) -> list[Told]:
        """Return what the desk told people of limits, by its ledger."""
        found: list[Told] = []
        limits = {limit.key for limit in self.play.rules.procedure.limits}
        for ticket, events in self.told.items():
            for r in events:
                if isinstance(r.event, e.Reminded) and r.event.limit in limits:
                    found.append((ticket, r.recorded_at, r.event.limit, r.event.step, r.event.to))
                elif isinstance(r.event, e.Escalated) and r.event.limit in limits:
                    rank = self._to[r.cause or ""]
                    found.append((ticket, r.recorded_at, r.event.limit, rank, r.event.to))
        return found

    def _reminders(self) -> Iterator[str]:
        """No reminder missed, none twice, each at its time to its reader."""
        wanted, got = Counter(map(_in_utc, self.expected)), Counter(map(_in_utc, self.reminded()))
        for what, difference in (("missed", wanted - got), ("not expected", got - wanted)):
            yield from (f"{what}: {self._said(told)}" for told in sorted(difference.elements()))

    def _said(self, told: Told) -> str:
        ticket, instant, limit, step, reader = told
        return f"ticket {ticket}, {instant.astimezone(ZONE):%m-%d %H:%M}, {limit} {step} to {reader}"

    def _in_letters(self) -> Iterator[str]:
        """Each reminder of the ledger stands in one letter, and each reader got one letter at a time."""
        written: Counter[tuple[str, datetime, int]] = Counter()
        at_once: Counter[tuple[str, datetime]] = Counter()
        for letter in self.letters:
            if letter.kind == "reminder":
                at_once[letter.person, letter.created] += 1
                written.update((letter.person, letter.created, ticket) for ticket in letter.tickets)
        told = {(reader, at.astimezone(ZONE), ticket) for ticket, at, _, _, reader in self.reminded()}
        yield from (f"in no letter: {lost}" for lost in sorted(told - set(written)))
        yield from (f"a letter about nothing: {odd}" for odd in sorted(set(written) - told))
        yield from (f"{n} letters at once: {who}" for who, n in at_once.items() if n > 2)

    def _hours(self) -> Iterator[str]:
        """Nothing the clock causes is written or leaves at night, on a weekend or on a holiday."""
        for letter in self.letters:
            if letter.kind in BY_CLOCK:
                for at in (letter.created, letter.sent):
                    if at is None or not self._office(at):
                        yield f"{letter.kind} to {letter.person} outside working time: {at}"

    def _office(self, at: datetime) -> bool:
        worked = self.wall.worked(at.date(), late=self.wall.late(at))
        return worked and time(8) <= at.time() < time(20)

    def _worklists(self) -> Iterator[str]:
        """One worklist each working morning to each of staff who is there."""
        got = Counter((x.person, x.created.date()) for x in self.letters if x.kind == "worklist")
        wanted: Counter[tuple[str, date]] = Counter()
        day = self.play.plan.first
        while day <= self.play.plan.last:
            at = datetime.combine(day, time(8, 30), ZONE)
            up = not any(a <= at < b for a, b in self.play.plan.down)
            if up and self._office(at):
                wanted.update((p, day) for p in ("wang", "li", "zhou") if not self.play.away(p, day))
            day += DAY
        yield from (f"worklist missed: {x}" for x in (wanted - got).elements())
        yield from (f"worklist too many: {x}" for x in (got - wanted).elements())

    def _digests(self) -> Iterator[str]:
        """One for each week and month whose sending day has come, none twice."""
        subjects = [x.subject.partition("] ")[2] for x in self.letters if x.kind == "digest"]
        if len(subjects) != len(set(subjects)):
            yield "a digest came twice"
        first, last = self.play.plan.first, self.play.plan.last
        owed, day = 0, first
        while day <= last:
            ends_month = (day + DAY).day == 1
            sent_on = self.wall.after(day, 1, late=self.wall.late(datetime.combine(day, time(12), ZONE)))
            owed += ((day.weekday() == 6) + ends_month) * (sent_on <= last)
            day += DAY
        if len(subjects) != owed:
            yield f"{len(subjects)} digests, {owed} owed"

    # --- breaches ---------------------------------------------------------------------------------

    def breaches(self) -> dict[tuple[int, str, int], list[str]]:
        """Return each run of a limit that passed its day: (ticket, limit, number) → to whom it had to go."""
        found: dict[tuple[int, str, int], list[str]] = {}
        now = self.play.clock.now()
        for ticket, events in self.told.items():
            for limit in self.play.rules.procedure.limits:
                for run in runs(limit, facts(events)):
                    if self.clerk.ended_late(limit, run, now):
                        found[ticket, limit.key, run.number] = [rung.to for rung in limit.escalate]
        return found

    def _breaches(self) -> Iterator[str]:
        """Whatever was still open on the morning after its day, with the desk up, was told to the supervisor."""
        told = {(ticket, limit, to) for ticket, _, limit, to, _ in self.reminded()}
        now = self.play.clock.now()
        limits = {limit.key: limit for limit in self.play.rules.procedure.limits}
        for ticket, key, number in self.breaches():
            limit = limits[key]
            run = next(r for r in runs(limit, facts(self.told[ticket])) if r.number == number)
            for rung in limit.escalate:
                morning = self.clerk.first_look(self.clerk.morning_after(limit, run, rung.after, now))
                if run.ended is not None and run.ended <= morning.date():
                    continue
                if morning <= now and (ticket, key, rung.to) not in told:
                    yield f"breach of {key} on ticket {ticket} was not told to the {rung.to}"

    # --- figures ----------------------------------------------------------------------------------

    def _figures(self) -> Iterator[str]:
        """The summary of the year says what the events say."""
        found = self.figures.totals
        counted = Counter[str]()
        limits = [x for x in self.play.rules.procedure.limits if not x.house and x.owner != "complainant"]
        now = self.play.clock.now()
        for events in self.told.values():
            marks = [r.event.kind for r in events if isinstance(r.event, e.Marked)]
            if not marks or marks[-1] != "complaint":
                continue
            names = {type(r.event) for r in events}
            counted.update(
                {
                    "received": 1,
                    "accepted": e.Accepted in names,
                    "declined": e.Declined in names,
                    "concluded": e.Concluded in names,
                }
            )
            for limit in limits:
                for run in runs(limit, facts(events)):
                    late = self.clerk.ended_late(limit, run, now)
                    if run.ended is None:
                        counted["overdue"] += late
                    elif late:
                        counted["late"] += 1
                    elif run.fulfilled:
                        counted["met"] += 1
        for name in ("received", "accepted", "declined", "concluded", "met", "late", "overdue"):
            if getattr(found, name) != counted[name]:
                yield f"the summary says {name} {getattr(found, name)}, the events {counted[name]}"
        every = (r.event for held in self.told.values() for r in held)
        served = Counter(x.notice for x in every if isinstance(x, e.NoticeServed) and x.letter > 0)
        if served != self.play.log.served:
            yield f"served by the ledger {served}, by the servers {self.play.log.served}"

    # --- letters ----------------------------------------------------------------------------------

    def by_day(self) -> dict[date, Counter[str]]:
        """Return how many letters of each class left on each day."""
        days: dict[date, Counter[str]] = {}
        for letter in self.letters:
            if letter.sent is not None:
                days.setdefault(letter.sent.date(), Counter())[letter.pacing] += 1
        return days

    def _budget(self) -> Iterator[str]:
        per_day = self.play.settings.budget.per_day
        for day, counts in self.by_day().items():
            if counts.total() > per_day:
                yield f"{counts.total()} letters on {day}, {per_day} are allowed"
        for letter in self.letters:
            left = letter.sent is not None or letter.state not in (LetterState.QUEUED, LetterState.SENDING)
            if not left and letter.may_leave < self.play.clock.now() - timedelta(days=1):
                yield f"{letter.kind} {letter.id} has waited since {letter.may_leave}"

    def table(self) -> list[str]:
        """Return letters by class and working day while complaints came, as a table of Markdown."""
        busy = {x.created.date() for x in self.letters if x.kind == "receipt"}
        days = {d: c for d, c in self.by_day().items() if d in busy and self.play.working(d)}
        lines = ["| Class | a day, mean | 95 of 100 days at most | most |", "| --- | ---: | ---: | ---: |"]
        rows = [(p.value, [c[p.value] for c in days.values()]) for p in Pacing]
        rows.append(("together", [c.total() for c in days.values()]))
        for name, counts in rows:
            ordered = sorted(counts)
            ninety_five = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
            lines.append(f"| {name} | {sum(counts) / len(counts):.1f} | {ninety_five} | {ordered[-1]} |")
        return lines


def _in_utc(told: Told) -> Told:
    ticket, at, limit, step, reader = told
    return ticket, at.astimezone(ZONE).replace(tzinfo=None).replace(tzinfo=ZONE), limit, step, reader
