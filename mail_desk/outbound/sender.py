"""The loop that empties the outbox: expire → lease → send → record.

`SENDING` is committed before SMTP begins; every result is recorded under the fence of its lease,
many in one commit while SMTP goes on. A letter whose record is lost is found by its lease, searched
for in the Sent folder and, if need be, sent again: `docs/guarantees.md`.

What a server says about one letter moves that letter (back-off, then failure); what it says about
the account (unreachable, login refused, daily limit) pauses the account and costs no letter an
attempt. Nothing here decides what a letter says or who hears of its fate: the desk reads
`outbox.unreported`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from mail_desk import faults
from mail_desk.clock import Clock
from mail_desk.config import Account, Settings
from mail_desk.inbound.providers import smtp_server
from mail_desk.outbound import outbox, pacing, pauses, uncertain
from mail_desk.outbound.outbox import Leased
from mail_desk.outbound.pauses import Pause
from mail_desk.outbound.recording import Recorder, Result
from mail_desk.outbound.refusals import (
    LOST,
    CredentialsRefused,
    Deferred,
    Delivered,
    Outcome,
    Refused,
    Reply,
    Scope,
    Uncertain,
    Why,
)
from mail_desk.outbound.smtp import SmtpSession, Timeouts
from mail_desk.store import restored
from mail_desk.store.session import Store, StoreUnavailable

log = structlog.get_logger("mail_desk.sender")

POLL: Final = 1.0  # s between looks at an empty outbox; `wake` ends the wait
HANG_UP_AFTER: Final = 30.0  # s without letters, then kept connections are closed
LEASE_SPARE: Final = timedelta(minutes=5)  # for the letters of a batch that come before
LOST_IN_A_ROW: Final = 3  # broken connections that mean the server, not the letter
FAILURES_TO_ALARM: Final = 3  # a server may be away for a moment without anybody being told


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something the operator must know, in the desk's staff language."""

    account: str
    key: str  # stable, see refusals.Why
    title: str
    what_happened: str
    what_to_do: str
    detail: str


@dataclass(slots=True)
class _Channel:
    """What the sender remembers of one account between steps."""

    account: Account
    sessions: list[SmtpSession]
    failures: int = 0  # of the account, in a row
    lost: int = 0  # connections, in a row
    proven: bool = False  # the server has taken or judged a letter since the last failure
    pause: Pause | None = None
    pause_changed: bool = False  # and not yet kept in the store
    alarms: list[Alarm] = field(default_factory=list)  # not yet handed on
    alarmed: set[str] = field(default_factory=set)  # reasons the operator knows of
    next_at: float = 0.0  # clock.monotonic() from which the next letter may go
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)  # spaces letters
    door: asyncio.Lock = field(default_factory=asyncio.Lock)  # lets in one connection until proven
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def paused(self, now: datetime) -> bool:
        return self.pause is not None and now < self.pause.until

    def works(self) -> None:
        """Take note that the server has taken or judged a letter: whatever was wrong is over."""
        self.lost, self.proven = 0, True
        if self.pause is not None:
            self.failures, self.pause, self.pause_changed = 0, None, True
            self.alarmed.clear()


class Sender:
    """Sends the letters of all accounts. One object a process."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        password_for: Callable[[Account], str],
        clock: Clock,
        sent_search: Callable[[str, str], Awaitable[uncertain.Found]],
        on_alarm: Callable[[Alarm], Awaitable[None]],
        *,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Connect nothing yet.

        `password_for` is asked at each connection, so a renewed code is used without a restart.
        `sent_search(account, message_id)` says since when the Sent folder holds the message, False where
        it does not, None where it cannot be looked into. `on_alarm` is told once of each thing that lasts.
        """
        self._store = store
        self._settings = settings
        self._budget = settings.budget
        self._password_for = password_for
        self._clock = clock
        self._sent_search = sent_search
        self._on_alarm = on_alarm
        self._timeouts = timeouts or Timeouts()
        self._longest = timedelta(seconds=self._timeouts.longest)
        self._lease_for = self._longest + LEASE_SPARE
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._channels: dict[str, _Channel] = {}
        self._in_flight: set[int] = set()  # leased by this process and not yet recorded
        self._stop: asyncio.Event | None = None

    # --- loops ----------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; letters then on the wire are finished, the others given back."""
        self._stop = stop
        try:
            async with asyncio.TaskGroup() as group:
                for account in self._settings.account:
                    group.create_task(self._run(account.name, stop, self.step), name=f"send {account.name}")
                    group.create_task(self._run(account.name, stop, self.search), name=f"find {account.name}")
        finally:
            await self.close()

    async def _run(self, account: str, stop: asyncio.Event, step: Callable[[str], Awaitable[int]]) -> None:
        channel = self._channel(account)
        while not stop.is_set():
            try:
                handled = await step(account)
            except StoreUnavailable as error:
                log.warning("store-unavailable", account=account, why=str(error).splitlines()[0])
                handled = 0
            if handled == 0:
                await self._hang_up_idle(channel)
                await self._wait(POLL, stop, channel.wake)
                channel.wake.clear()

    def wake(self) -> None:
        """Tell the loops that letters have been queued. To be called in the event loop's thread."""
        for channel in self._channels.values():
            channel.wake.set()

    async def drain(self, account: str) -> int:
        """Send until nothing that is due now may go; return how many letters moved.

        Honours a pause an earlier process came to. Letters put off, held or over the budget stay.
        """
        channel = self._channel(account)
        if channel.pause is None:
            channel.pause = await self._store.run(self._kept_pause, account)
            channel.failures = channel.pause.failures if channel.pause is not None else 0
        moved = 0
        while looked := await self.search(account):
            moved += looked
        while handled := await self.step(account):
            moved += handled
        return moved

    async def resume(self, account: str) -> None:
        """End a pause at once: the operator has mended the cause."""
        channel = self._channel(account)
        channel.works()
        channel.proven = False
        channel.pause_changed = True  # an earlier process may have left one in the store
        await self._tell(channel)

    async def close(self) -> None:
        """Take leave of all servers."""
        for channel in self._channels.values():
            for session in channel.sessions:
                await session.close()

    # --- one batch ------------------------------------------------------------------------------------

    async def step(self, account: str) -> int:
        """Handle one batch of an account and return how many letters moved; 0: nothing to do now.

        Raises StoreUnavailable; letters then in hand end uncertain or stay queued, never lost.
        """
        channel = self._channel(account)
        now = self._clock.now()
        await self._store.run(self._expire, now)
        if channel.paused(now):
            return 0
        leased = await self._store.run(self._lease, account, now)
        if not leased:
            return 0
        waiting = deque(leased)
        recorder = Recorder(self._store, self._budget, self._clock)
        try:
            async with asyncio.TaskGroup() as group:
                for session in channel.sessions[: len(leased)]:
                    group.create_task(self._work(channel, session, waiting, recorder))
        finally:
            try:
                await recorder.finish(waiting)
            finally:
                self._in_flight.difference_update(letter.id for letter in leased)
        await self._tell(channel)
        return len(leased) - len(waiting)

    async def _work(
        self, channel: _Channel, session: SmtpSession, waiting: deque[Leased], recorder: Recorder
    ) -> None:
        """Send letters over one connection until none waits or the account pauses."""
        while waiting and not self._halted(channel):
            await self._space(channel)
            # Until the server has taken a letter, one connection at a time: a wrong password is then
            # tried once, not once for each connection.
            async with contextlib.nullcontext() if channel.proven else channel.door:
                if not waiting or self._halted(channel):
                    return
                if waiting[0].lease_until - self._clock.now() < self._longest:
                    return  # too late to begin: the lease could end while SMTP goes on
                letter = waiting.popleft()
                began = self._clock.monotonic()
                outcome = await session.send(channel.account.address, letter.recipient, letter.raw)
                faults.point("smtp-accepted")
                recorder.add(Result(letter, outcome, self._clock.now(), self._clock.monotonic() - began))
                self._learn(channel, outcome)

    def _halted(self, channel: _Channel) -> bool:
        return channel.paused(self._clock.now()) or (self._stop is not None and self._stop.is_set())

    async def _space(self, channel: _Channel) -> None:
        """Keep letters of one account `spacing_seconds` apart, over all its connections."""
        spacing = self._budget.spacing_seconds
        if spacing <= 0:
            return
        async with channel.gate:
            pause = channel.next_at - self._clock.monotonic()
            if pause > 0:
                await self._wait(pause, self._stop)
            channel.next_at = self._clock.monotonic() + spacing

    async def search(self, account: str) -> int:
        """Look for uncertain letters in the Sent folder; return how many looks were taken.

        After a restore also for those that may have left before it: what is found stays unsent.
        """
        due = await self._store.run(self._to_search, account, self._clock.now())
        for letter in due:
            found = await self._sent_search(account, letter.message_id)
            counted = await self._store.run(self._searched, letter, found, self._clock.now())
            if not counted and letter.searches == outbox.OWED:
                return 0  # the mailbox is away: no use in asking for the next one now
            log.info(
                "letter-searched", letter=letter.id, account=account, found=_said(found), counted=counted,
                message_id=letter.message_id,
            )  # fmt: skip
        return len(due)

    # --- what an outcome means for the account --------------------------------------------------------

    def _learn(self, channel: _Channel, outcome: Outcome) -> None:
        match outcome:
            case Delivered() | Refused():
                channel.works()
            case Deferred(scope=Scope.LETTER):
                channel.lost = 0
            case Deferred(scope=Scope.CONNECTION, why=why, reply=reply):
                self._loses(channel, why, reply)
            case Uncertain(reply=reply):
                self._loses(channel, LOST, reply)
            case Deferred(scope=Scope.ACCOUNT, why=why, reply=reply, pause=pause, alarm=alarm):
                self._fails(channel, why, reply, pause=pause, alarm=alarm)
            case CredentialsRefused(reply=reply, why=why):
                self._fails(channel, why, reply, credentials=True, alarm=True)

    def _loses(self, channel: _Channel, why: Why, reply: Reply) -> None:
        """Count connections broken in a row: some are a letter's bad luck, many are the server's state."""
        channel.lost += 1
        if channel.lost >= LOST_IN_A_ROW:
            self._fails(channel, why, reply)

    def _fails(
        self,
        channel: _Channel,
        why: Why,
        reply: Reply,
        *,
        pause: timedelta = timedelta(0),
        credentials: bool = False,
        alarm: bool = False,
    ) -> None:
        """Pause the account, once for all its connections, and have the operator told where needed."""
        now = self._clock.now()
        if channel.paused(now):
            return
        channel.failures += 1
        channel.lost, channel.proven = 0, False
        wait = pacing.account_pause(channel.failures, credentials=credentials, at_least=pause)
        channel.pause = Pause(now + wait, channel.failures, why.key)
        channel.pause_changed = True
        log.warning(
            "account-paused", account=channel.account.name, why=why.key, reply=str(reply),
            failures=channel.failures, until=channel.pause.until.isoformat(),
        )  # fmt: skip
        if (alarm or channel.failures >= FAILURES_TO_ALARM) and why.key not in channel.alarmed:
            channel.alarmed.add(why.key)
            channel.alarms.append(self._alarm(channel.account.name, channel.pause, why, reply))

    async def _tell(self, channel: _Channel) -> None:
        """Keep what has changed about the account's pause, and hand on its alarms."""
        if channel.pause_changed:
            channel.pause_changed = False
            await self._store.run(self._keep_pause, channel.account.name, channel.pause)
        while channel.alarms:
            await self._on_alarm(channel.alarms.pop(0))

    def _alarm(self, name: str, pause: Pause, why: Why, reply: Reply) -> Alarm:
        again = pause.until.astimezone(self._settings.desk.zone).strftime("%Y-%m-%d %H:%M")
        if self._settings.desk.staff_language == "zh":
            title, happened = f"账号 {name} 暂停发信", why.zh
            to_do = f"信件都在队列中，没有丢失；排除原因后将于 {again} 自动重试，重启服务可立即重试。"
        else:
            title, happened = f"account {name} has stopped sending", why.en
            to_do = f"No letter is lost, all wait. The next try is at {again}; a restart tries at once."
        return Alarm(name, why.key, title, happened, to_do, str(reply))

    # --- inside the store thread ----------------------------------------------------------------------

    def _expire(self, now: datetime) -> None:
        with self._store.write() as session:
            ended = uncertain.expire_leases(
                session, now, keep=self._in_flight, owner=self._owner, alone=self._store.alone
            )
        for letter_id in ended:
            log.warning("letter", letter=letter_id, outcome="uncertain", why="lease-ended")

    def _lease(self, account: str, now: datetime) -> list[Leased]:
        start, end = pacing.day_of(now, self._settings.desk.zone)
        ids: list[int] = []
        try:
            with self._store.write() as session:
                if not outbox.anything_due(session, account, now):
                    return []
                sent = outbox.sent_on(session, account, start, end)
                leased = outbox.lease(
                    session,
                    account=account,
                    now=now,
                    owner=self._owner,
                    limit=pacing.batch_size(self._budget),
                    lease_for=self._lease_for,
                    allowed=pacing.allowance(self._budget, sent),
                )
                ids = [letter.id for letter in leased]
                self._in_flight.update(ids)  # before the commit: no other step may take them for dropped
                faults.point("before-lease-commit")
        except BaseException:
            self._in_flight.difference_update(ids)
            raise
        faults.point("after-lease-commit")
        return leased

    def _to_search(self, account: str, now: datetime) -> list[uncertain.Unsure]:
        with self._store.read() as session:
            due = uncertain.uncertain_to_search(session, now, account=account)
            if restored.ever(session):  # a letter may wait for its release for weeks
                due += uncertain.owing_a_look(session, account=account)
            return due

    def _searched(self, letter: uncertain.Unsure, found: uncertain.Found, now: datetime) -> bool:
        with self._store.write() as session:
            if letter.searches == outbox.OWED:
                return uncertain.record_looked(session, letter.id, found, now)
            return uncertain.record_searched(session, letter.id, letter.fence, found, now)

    def _kept_pause(self, account: str) -> Pause | None:
        with self._store.read() as session:
            return pauses.kept(session, account)

    def _keep_pause(self, account: str, pause: Pause | None) -> None:
        with self._store.write() as session:
            if pause is None:
                pauses.forget(session, account)
            else:
                pauses.keep(session, account, pause)

    # --- connections and waiting ----------------------------------------------------------------------

    def _channel(self, name: str) -> _Channel:
        if name not in self._channels:
            account = self._settings.account_named(name)
            server = smtp_server(account)
            sessions = [
                SmtpSession(
                    server,
                    account.login,
                    lambda: self._password_for(account),
                    self._clock,
                    timeouts=self._timeouts,
                )
                for _ in range(self._budget.connections)
            ]
            self._channels[name] = _Channel(account, sessions)
        return self._channels[name]

    async def _hang_up_idle(self, channel: _Channel) -> None:
        for session in channel.sessions:
            idle = session.idle_seconds
            if idle is not None and idle > HANG_UP_AFTER:
                await session.close()

    async def _wait(self, seconds: float, *events: asyncio.Event | None) -> None:
        """Sleep on the desk's clock until the time is over or one of the events is set."""
        sleeping: list[asyncio.Task[object]] = [asyncio.create_task(self._clock.sleep(seconds))]
        sleeping += [asyncio.create_task(event.wait()) for event in events if event is not None]
        try:
            await asyncio.wait(sleeping, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in sleeping:
                task.cancel()
            await asyncio.gather(*sleeping, return_exceptions=True)


def _said(found: uncertain.Found) -> bool | None:
    return None if found is None else bool(found)
