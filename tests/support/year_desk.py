"""A year of the office without servers: mails go straight to intake, letters are marked sent or returned.

Everybody in it follows dice that are thrown the same way each time (`seed`): enterprises complain and
supplement or forget to, handlers decide in time or late, go on leave, servers refuse letters, the desk is
down for some days, the next year's calendar comes late. What the desk made of it stands in its store and in
`Play.log`; `year_reference` says independently what it should have made of it.
"""

from __future__ import annotations

import abc
import asyncio
import hashlib
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.header import Header
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, func, select

from mail_desk.clock import ManualClock
from mail_desk.config import CalendarYear, FolderRole, Leave, Settings
from mail_desk.config_files import load
from mail_desk.daemon import rules_of
from mail_desk.demo import office
from mail_desk.desk import consequences
from mail_desk.desk.work import Work
from mail_desk.inbound.intake import Intake
from mail_desk.inbound.mail import FailedRecipient
from mail_desk.inbound.mailbox import Fetched, FolderState
from mail_desk.outbound import outbox, pacing
from mail_desk.schedule.reminders import Reminders
from mail_desk.store.schema import LetterRow, LetterState, LetterTicket, Moment
from mail_desk.store.session import Store

ZONE = ZoneInfo("Asia/Shanghai")
INBOX = FolderState("INBOX", FolderRole.INBOX, 1, 0)
SENT = FolderState("已发送", FolderRole.SENT, 1, 0)
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Plan:
    """What is to happen, and when."""

    first: date
    last: date
    tickets: int
    a_day: int = 10  # complaints a working day, until all have come
    seed: int = 4
    outward: str = "auto"
    per_day: int = 200  # letters, as shipped
    leave: tuple[tuple[str, date, date], ...] = ()
    down: tuple[tuple[datetime, datetime], ...] = ()  # the process is not there
    published: datetime | None = None  # when the next year's calendar arrives; None: it is there at once


@dataclass
class Log:
    """What the world saw of the desk."""

    served: Counter[str] = field(default_factory=Counter)  # notices that SMTP accepted, by kind
    refused: Counter[str] = field(default_factory=Counter)
    bounced: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    ticks: int = 0


class Desk(abc.ABC):
    """One desk, one year."""

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan = plan
        self.dice = random.Random(plan.seed)
        self.log = Log()
        servers = office.Servers("127.0.0.1", 1, "127.0.0.1", 1)
        loaded = load(office.write(directory / "config", servers, outward=plan.outward, per_day=plan.per_day))
        assert isinstance(loaded, Settings), loaded
        self.years = loaded.calendar
        self.clock = ManualClock(at(plan.first, 7, 30))
        self.settings = self._with_leave(loaded)
        (directory / "data").mkdir(exist_ok=True)
        self.store = Store(f"sqlite:///{directory / 'year.db'}", data_dir=directory / "data")
        self.store._thread = _Here()
        event.listen(self.store.engine, "connect", _without_waiting_for_the_disk)
        self.store.migrate()
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._uids = {INBOX.name: 0, SENT.name: 0}
        self._mailbox: list[tuple[FolderState, Fetched]] = []
        self._seen = 0  # letters up to here are known,
        self._waiting: set[int] = set()  # and of them these have not left
        self._start()

    def _with_leave(self, settings: Settings) -> Settings:
        people = [
            p.model_copy(
                update={"leave": tuple(Leave(first=a, last=b) for k, a, b in self.plan.leave if k == p.key)}
            )
            for p in settings.people.person
        ]
        staff = settings.people.model_copy(update={"person": tuple(people)})
        return settings.model_copy(update={"people": staff, "calendar": self._published()})

    def _published(self) -> tuple[CalendarYear, ...]:
        late = self.plan.published is not None and self.clock.now() < self.plan.published
        return tuple(y for y in self.years if y.year <= self.plan.first.year + (0 if late else 1))

    def _start(self) -> None:
        """Start the daemon's parts anew, as after a crash or a change of files."""
        self.rules = rules_of(self.settings)
        self.intake = Intake(self.store, self.rules, self.clock)
        self.reminders = Reminders(self.store, self.rules, self.clock)
        for folder in (INBOX, SENT):
            self.intake.cursor("desk", folder)

    def _calendar_arrives(self) -> None:
        """Put next year's file into the configuration, and start again."""
        self.settings = self.settings.model_copy(update={"calendar": self._published()})
        self._start()

    # --- time -------------------------------------------------------------------------------------

    def later(self, when: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._order), act))

    def working(self, day: date) -> bool:
        """Say whether people work, whatever the desk has been told of the calendar."""
        for year in reversed(self.years):
            if any(d.day == day for d in year.working):
                return True
            if any(d.day == day for d in year.holiday):
                return False
        return day.weekday() < 5

    def away(self, person: str, day: date) -> bool:
        return any(k == person and a <= day <= b for k, a, b in self.plan.leave)

    def office_time(self, start: datetime, working_days: float) -> datetime:
        """Return an instant of office hours some working days after `start`."""
        day = start.astimezone(ZONE).date()
        for _ in range(int(working_days)):
            day += timedelta(days=1)
            while not self.working(day):
                day += timedelta(days=1)
        while not self.working(day):
            day += timedelta(days=1)
        # Everybody writes at one of a few minutes of the hour, so that mails come in batches.
        when = at(day, 9, 7) + timedelta(minutes=20 * self.dice.randrange(0, 23))
        return when if when > start else self.office_time(at(day, 0, 0) + timedelta(days=1), 0)

    def run(self) -> None:
        """Play it to its end."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        asyncio.get_running_loop().set_default_executor(_Here())
        self.write_script()
        for _, back in self.plan.down:
            self.later(back, self._start)
        if self.plan.published is not None:
            self.later(self.plan.published, self._calendar_arrives)
        end = at(self.plan.last, 23, 59)
        while (now := self._next()) <= end:
            if self._is_down(now):
                # Nobody is there to look at the clock; people write all the same.
                self.clock.move_to(max(now, self.clock.now()))
                self._act(now)
                continue
            self.clock.move_to(max(now, self.clock.now()))
            self._act(now)
            await self._work()
        self.clock.move_to(end)

    def _is_down(self, now: datetime) -> bool:
        return any(a <= now < b for a, b in self.plan.down)

    def _act(self, now: datetime) -> None:
        while self._queue and self._queue[0][0] <= now:
            heapq.heappop(self._queue)[2]()

    def _next(self) -> datetime:
        """Return when something happens next: to people, to moments, to letters, at fixed times of day."""
        now = self.clock.now()
        local = now.astimezone(ZONE)
        fixed = [
            stop
            for day in (local.date(), local.date() + timedelta(days=1))
            for stop in (at(day, 0, 1), at(day, 8, 30), at(day, 9, 0))
            if stop > now
        ]
        waits = [fixed[0], *([self._queue[0][0]] if self._queue else [])]
        waits += [end for start, end in self.plan.down if start <= now < end]
        if not self._is_down(now):
            with self.store.read() as session:
                moment = session.scalar(
                    select(func.min(Moment.due_at)).where(Moment.state == "pending", Moment.due_at > now)
                )
                letter = session.scalar(
                    select(func.min(LetterRow.not_before)).where(
                        LetterRow.state == LetterState.QUEUED, LetterRow.not_before > now
                    )
                )
            waits += [t for t in (moment, letter) if t is not None]
        return max(now, min(waits))

    async def _work(self) -> None:
        """Do what the daemon's loops do at this instant, until nothing moves."""
        for _ in range(50):
            moved = self._read()
            moved += await self.intake.process()
            moved += await self.reminders.tick()
            moved += self._send()
            self.log.ticks += 1
            if not moved:
                return
        raise AssertionError("work makes work without end")

    # --- mail -------------------------------------------------------------------------------------

    def mail(
        self, sender: str, subject: str, text: str, *, answers: LetterRow | None = None, sent_to: str = ""
    ) -> None:
        """Put a mail into the desk's mailbox (or into its Sent folder)."""
        folder = SENT if sent_to else INBOX
        self._uids[folder.name] += 1
        uid, now = self._uids[folder.name], self.clock.now()
        head = [
            f"From: {sender}",
            f"To: {sent_to or office.DESK}",
            f"Subject: {Header(subject, 'utf-8', maxlinelen=900).encode()}",
            f"Date: {format_datetime(now)}",
            f"Message-ID: <{folder.role.value}{uid}@{sender.rpartition('@')[2]}>",
            "MIME-Version: 1.0",
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: 8bit",
        ]
        if answers is not None:
            head += [f"In-Reply-To: <{answers.message_id}>", f"References: <{answers.message_id}>"]
        raw = "\r\n".join([*head, "", text, ""]).encode()
        digest = hashlib.sha256(raw).hexdigest()
        item = Fetched("desk", folder.name, folder.role, 1, uid, now, len(raw), digest, raw, None)
        self._mailbox.append((folder, item))
        self.log.mails += 1

    def _read(self) -> int:
        for folder, item in self._mailbox:
            self.intake.spool(folder, [item], through=item.uid)
        count = len(self._mailbox)
        self._mailbox.clear()
        return count

    def _send(self) -> int:
        """Send what the day's budget admits; some servers refuse, some letters come back."""
        now, budget = self.clock.now(), self.settings.budget
        start, end = pacing.day_of(now, ZONE)
        sent = 0
        while True:
            with self.store.write() as session:
                allowed = pacing.allowance(budget, outbox.sent_on(session, "desk", start, end))
                leased = outbox.lease(
                    session,
                    account="desk",
                    now=now,
                    owner="year",
                    limit=100,
                    lease_for=LEASE,
                    allowed=allowed,
                )
                for letter in leased:
                    self._hand_over(session, letter, now)
            if not leased:
                break
            sent += len(leased)
        self._deliver()
        return sent

    def _hand_over(self, session: Any, letter: outbox.Leased, now: datetime) -> None:
        fate = self.dice.random()
        row = session.get_one(LetterRow, letter.id)
        if row.notice and fate < 0.02:
            outbox.record_failed(session, letter.id, letter.fence, reply="550 5.1.1 no such user", now=now)
            self.log.refused[row.notice] += 1
            return
        outbox.record_sent(session, letter.id, letter.fence, reply="250 ok", now=now)
        if row.notice:
            self.log.served[row.notice] += 1
            if fate < 0.05:
                wait = timedelta(minutes=self.dice.randrange(2, 3000), seconds=13)
                self.later(now + wait, lambda: self._returned(letter.id))

    def _returned(self, letter_id: int) -> None:
        now = self.clock.now()
        if self._is_down(now):
            end = next(b for a, b in self.plan.down if a <= now < b)
            self.later(end + timedelta(minutes=5), lambda: self._returned(letter_id))
            return
        with self.store.decide() as session:
            letter = session.get_one(LetterRow, letter_id)
            failed = FailedRecipient(letter.recipient, True, "5.2.2", "mailbox full")
            consequences.bounced(Work(session, self.rules, now), letter, (failed,), now)
            self.log.bounced[letter.notice or ""] += 1

    def _deliver(self) -> None:
        """Let people find their letters, in order."""
        with self.store.read() as session:
            new = session.scalars(select(LetterRow.id).where(LetterRow.id > self._seen)).all()
            self._seen = max(new, default=self._seen)
            self._waiting |= set(new)
            sent = session.scalars(
                select(LetterRow)
                .where(LetterRow.id.in_(self._waiting), LetterRow.state == LetterState.SENT)
                .order_by(LetterRow.id)
            ).all()
            named = {
                row.id: session.scalars(
                    select(LetterTicket.ticket_id).where(LetterTicket.letter_id == row.id)
                ).all()
                for row in sent
                if row.kind == "reminder"
            }
            never = (LetterState.FAILED, LetterState.CANCELLED)
            self._waiting -= set(
                session.scalars(
                    select(LetterRow.id).where(LetterRow.id.in_(self._waiting), LetterRow.state.in_(never))
                )
            )
            session.expunge_all()
        for row in sent:
            self._waiting.discard(row.id)
            self.got(row, named.get(row.id, ()))

    @abc.abstractmethod
    def write_script(self) -> None:
        """Throw the dice for everything that comes from outside."""

    @abc.abstractmethod
    def got(self, row: LetterRow, named: Sequence[int]) -> None:
        """Have a reader find a letter. `named`: the tickets a bundle is about."""


class _Here(ThreadPoolExecutor):
    """Runs what it is given at once: handing work to another thread costs more than the work."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
            done.set_exception(error)
        return done


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def at(day: date, hour: int, minute: int) -> datetime:
    """Return an instant of the office's own clock."""
    return datetime.combine(day, time(hour, minute), ZONE)
