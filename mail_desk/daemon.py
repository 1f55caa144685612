"""Composition root: builds every part from the settings and runs them in one task group.

Two ways to run: `once` drains mailbox, moments and outbox and returns (for cron and the demo); `run`
goes on until it is told to stop. A loop that dies takes the daemon down, loudly, for the service
manager to start it again.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from mail_desk import config_secrets
from mail_desk.clock import Clock
from mail_desk.clock_steps import Steps
from mail_desk.config import Account, Settings
from mail_desk.desk import alarms
from mail_desk.desk.work import Rules, Work
from mail_desk.inbound.intake import Intake
from mail_desk.inbound.mailbox import Mailbox
from mail_desk.inbound.reader import Reader
from mail_desk.inbound.refusals import MailboxUnavailable, RefusedCredentials
from mail_desk.inbound.signatures import Keys
from mail_desk.outbound.render import Renderer
from mail_desk.outbound.sender import Alarm, Sender
from mail_desk.outbound.uncertain import Found
from mail_desk.schedule.reminders import Reminders
from mail_desk.schedule.workdays import Calendar
from mail_desk.store.session import BROKEN, Store
from mail_desk.tickets import policy
from mail_desk.watchdog import Pulse, ServiceManager

log = structlog.get_logger()

TICK = 5.0  # seconds between two looks at the clock's moments
# Seconds a loop may take for one turn before the service manager is no longer told that the desk lives: longer
# than the slowest server's time limits and the largest mails, shorter than a working day without a desk.
READING = 900.0
DECIDING = 900.0
ROUNDS = 50  # of one drain: more would mean that work makes work without end


def default_url(settings: Settings) -> str:
    """Return the store's URL: the configured one, else SQLite in the data directory."""
    return settings.desk.store or f"sqlite:///{settings.data_dir / 'mail-desk.db'}"


def rules_of(settings: Settings) -> Rules:
    """Build what does not change while the daemon runs."""
    procedures = {p.key: p for p in (policy.load(data) for data in settings.procedures)}
    return Rules(
        settings=settings,
        procedures=procedures,
        calendar=Calendar(settings.calendar),
        renderer=Renderer(settings.template_dirs, settings.desk.office, settings.desk.zone),
        spool_dir=settings.data_dir / "raw",
    )


@dataclass
class Drained:
    """What a drain did, and what stood in its way."""

    messages: int = 0
    letters: int = 0
    moments: int = 0
    problems: list[str] = field(default_factory=list)


class Daemon:
    """One desk, ready to work."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        password_for: Callable[[Account], str] | None = None,
        keys: Keys | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.rules = rules_of(settings)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.rules.spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store = Store(default_url(settings), data_dir=settings.data_dir)
        self._password_for = password_for or _password
        self.intake = Intake(self.store, self.rules, clock, keys=keys)
        self.reminders = Reminders(self.store, self.rules, clock)
        self.readers = [self._reader(a) for a in settings.account if a.read]
        self.sender = Sender(
            self.store, settings, self._password_for, clock, self._find_sent, self._sender_alarm
        )
        self._processing = asyncio.Lock()

    def _reader(self, account: Account) -> Reader:
        def mailbox() -> Mailbox:
            return Mailbox(
                account,
                self._password_for(account),
                spool_dir=self.rules.spool_dir,
                clock=self.clock,
            )

        return Reader(
            account,
            mailbox=mailbox,
            intake=self.intake,
            store=self.store,
            clock=self.clock,
            on_alarm=self._alarm,
        )

    def open(self) -> None:
        """Lock the data directory and bring the tables up to date."""
        self.store.lock()
        self.store.migrate()

    async def close(self) -> None:
        for reader in self.readers:
            await reader.close()
        await self.sender.close()
        self.store.close()

    async def _find_sent(self, account: str, message_id: str) -> Found:
        reader = next((r for r in self.readers if r.account.name == account), None)
        return None if reader is None else await reader.find_sent(message_id)

    async def _alarm(self, key: str, what: str, detail: str) -> None:
        await self.store.run(self._write_alarm, key, what, what, detail)

    async def _sender_alarm(self, alarm: Alarm) -> None:
        detail = f"{alarm.what_to_do}\n{alarm.detail}"
        key = f"smtp-{alarm.key}/{alarm.account}"
        await self.store.run(self._write_alarm, key, alarm.title, alarm.what_happened, detail)

    def _write_alarm(self, key: str, title: str, what: str, detail: str) -> None:
        with self.store.decide() as session:
            alarms.raise_alarm(Work(session, self.rules, self.clock.now()), key, title, what, detail)

    # --- once -------------------------------------------------------------------------------------

    async def once(self) -> Drained:
        """Drain mailboxes, moments and outbox until nothing moves."""
        result = Drained()
        for _ in range(ROUNDS):
            moved = await self._round(result)
            if not moved:
                break
        return result

    async def _round(self, result: Drained) -> int:
        before = (result.messages, result.letters, result.moments)
        for reader in self.readers:
            name = reader.account.name
            if any(p.startswith(f"{name}: ") for p in result.problems):
                continue
            try:
                await reader.poll()
            except (MailboxUnavailable, RefusedCredentials) as error:
                result.problems.append(f"{name}: {error}")
                log.warning("mailbox unavailable", action="poll", account=name, why=str(error))
                if isinstance(error, RefusedCredentials):
                    await self._alarm(f"imap-credentials/{name}", error.explanation, str(error))
                elif error.needs_person:
                    await self._alarm(f"imap-unavailable/{name}", error.explanation, str(error))
        result.messages += await self.intake.process()
        result.moments += await self.reminders.tick()
        for account in self.settings.account:
            result.letters += await self.sender.drain(account.name)
        result.moments += await self.reminders.tick()
        return sum((result.messages, result.letters, result.moments)) - sum(before)

    # --- run --------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Work until stopped by `stop`, SIGTERM or SIGINT."""
        stop = stop or asyncio.Event()
        manager, pulse = ServiceManager(os.environ), Pulse(self.clock.monotonic)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        log.info("desk opens", action="start", pid=os.getpid(), accounts=len(self.settings.account))
        async with asyncio.TaskGroup() as group:
            for reader in self.readers:
                reader.beat = pulse.expect(f"read {reader.account.name}", READING)
                group.create_task(reader.run(stop, self._came), name=f"read {reader.account.name}")
            group.create_task(self._tick(stop, pulse.expect("moments", DECIDING)), name="moments")
            group.create_task(self.sender.run(stop), name="send")
            group.create_task(_show_life(stop, manager, pulse), name="life")
            manager.tell("READY=1")
        log.info("desk closes", action="stop")

    async def _came(self) -> None:
        async with self._processing:
            if await self.intake.process():
                self.sender.wake()

    async def _tick(self, stop: asyncio.Event, beat: Callable[[], None]) -> None:
        steps = Steps(self.clock)
        while not stop.is_set():
            beat()
            if step := steps.since_last():
                log.warning("the clock was set, or the machine slept", action="clock", seconds=round(step))
            try:
                async with self._processing:
                    if await self.reminders.tick():
                        self.sender.wake()
            except BROKEN as error:
                log.warning("store unavailable", action="retry", why=str(error).splitlines()[0], seconds=TICK)
            try:
                async with asyncio.timeout(TICK):
                    await stop.wait()
            except TimeoutError:
                continue


async def _show_life(stop: asyncio.Event, manager: ServiceManager, pulse: Pulse) -> None:
    """Tell the service manager that the desk lives, while every loop goes on."""
    while not stop.is_set():
        silent = pulse.silent()
        if silent:
            log.error("a loop stands still", action="watchdog", loops=silent)
        else:
            manager.tell("WATCHDOG=1")
        try:
            async with asyncio.timeout(manager.interval):
                await stop.wait()
        except TimeoutError:
            continue
    manager.tell("STOPPING=1")


def _password(account: Account) -> str:
    return config_secrets.secret(account.secret, os.environ)
