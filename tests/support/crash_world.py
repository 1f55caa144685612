"""A desk whose real process dies, and an account of what that did.

The servers outlive the desk: embedded ones live in the test process. `Processes` starts `mail-desk` as a
process of its own, with a clock that shows the story's date; `CrashWorld.drain` finishes the work with
another daemon, later that day, when every lease has ended. `account` tells what there is afterwards in
words that do not depend on the order in which it came about.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select as rows
from sqlalchemy.orm import undefer

from dovecot import Dovecot
from mail_desk.config import FolderRole
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.demo.world import World
from mail_desk.store.schema import EventRow, LetterRow, LetterState, Message, TicketRow
from mail_desk.store.verification import verify
from postfix import Postfix
from world_backings import CrowdBacking, EmbeddedBacking, without_mail

ZONE = ZoneInfo("Asia/Shanghai")
STUCK = 60.0  # s after which a process that should have ended is a failure
KILLED = -signal.SIGKILL
SENT = "已发送"
# What the process logs when it has got so far.
OPENS, FILED, LEFT = b'"desk opens"', b'"message filed"', b'"event": "letter"'
RESIDENTS = (office.DESK, office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR)
_TAG = re.compile(r"\[[A-Z2-7]{10}\] ?")  # of the letter that is answered: random


class Processes:
    """Starts desk processes, one at a time."""

    def __init__(self) -> None:
        self._source = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("desk_process.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, arguments: list[str], *, now: datetime, log: Path, **environment: str) -> int:
        """Start `mail-desk ARGUMENTS` and return its process id."""
        order = {
            "arguments": arguments,
            "environment": environment,
            "log": str(log),
            "now": now.isoformat(),
        }
        self._pipe(self._source.stdin).write(json.dumps(order) + "\n")
        self._pipe(self._source.stdin).flush()
        return int(self._pipe(self._source.stdout).readline())

    def ended(self, within: float = STUCK) -> int | None:
        """Return the exit code, negative for a signal; None if the process goes on after `within` seconds."""
        output = self._pipe(self._source.stdout)
        if not select.select([output], [], [], within)[0]:
            return None
        return int(output.readline())

    def close(self) -> None:
        self._pipe(self._source.stdin).close()
        self._source.wait(STUCK)
        self._pipe(self._source.stdout).close()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@contextlib.contextmanager
def processes() -> Iterator[Processes]:
    source = Processes()
    try:
        yield source
    finally:
        source.close()


@dataclass
class Account:
    """What there is after all work is done, in words that do not depend on order."""

    messages: Counter[tuple[str, ...]] = field(default_factory=Counter)  # subject, folder, filed as, state
    tickets: Counter[tuple[str, ...]] = field(default_factory=Counter)  # subject, state, handler
    events: Counter[tuple[str, ...]] = field(default_factory=Counter)  # subject, type
    letters: Counter[tuple[str, ...]] = field(default_factory=Counter)  # kind, recipient, state
    broken: list[str] = field(default_factory=list)  # chains
    unsent: list[str] = field(default_factory=list)  # letters that reached no end
    lost: list[str] = field(default_factory=list)  # sent, and in nobody's mailbox
    doubled: list[str] = field(default_factory=list)  # Message-IDs that arrived twice
    unexplained: list[str] = field(default_factory=list)  # doubled without having been uncertain twice
    altered: list[str] = field(default_factory=list)  # a copy whose bytes are not the queued ones

    @property
    def sound(self) -> bool:
        return not (self.broken or self.unsent or self.lost or self.unexplained or self.altered)


class CrashWorld:
    """One desk, its servers, and the processes that work it."""

    def __init__(
        self,
        backing: EmbeddedBacking | CrowdBacking,
        source: Processes,
        directory: Path,
        start: str,
        **options: Any,
    ) -> None:
        self._backing = backing
        self._source = source
        self._directory = directory
        self._logged = 0  # bytes of the log before the process that was started last
        self.world = World(
            backing,
            directory,
            datetime.fromisoformat(start).replace(tzinfo=ZONE),
            hold_minutes=0,
            **options,
        )

    @property
    def log(self) -> Path:
        return self._directory / "process.log"

    def now(self) -> datetime:
        return self.world.clock.now()

    async def rest(self) -> None:
        """Have this process's own daemon step aside."""
        await self.world.daemon.close()

    def start(self, *arguments: str, source: Processes | None = None, **environment: str) -> int:
        """Start `mail-desk ARGUMENTS` at the world's present instant. `source`: beside the usual one."""
        if source is None or source is self._source:
            self._logged = self.log.stat().st_size if self.log.exists() else 0
        config = ["--config", str(self._directory / "config")]
        return (source or self._source).start(
            [*arguments, *config], now=self.now(), log=self.log, **environment
        )

    def ended(self, within: float = STUCK, source: Processes | None = None) -> int | None:
        return (source or self._source).ended(within)

    def opened(self, processes: int = 1) -> int | None:
        """Wait until what was started begins to work; return the exit code if it ended instead."""
        return self._logs(OPENS, processes)

    def _logs(self, line: bytes, times: int = 1) -> int | None:
        """Wait until the log says this so often; return the exit code if the process ended before."""
        code, end = None, time.monotonic() + STUCK
        while code is None and self._log_since().count(line) < times:
            assert time.monotonic() < end, f"the process does not come to log {line.decode()}"
            code = self.ended(within=0.01)
        return code

    def _log_since(self) -> bytes:
        if not self.log.exists():  # the process was forked and has not got so far yet
            return b""
        with self.log.open("rb") as file:
            file.seek(self._logged)
            return file.read()

    def kill(self, process: int, after: float, since: bytes = OPENS) -> int:
        """Kill a process that goes on, `after` seconds from when it logged `since`; return its exit code."""
        code = self._logs(since)
        if code is None:
            code = self.ended(within=after)
        if code is None:
            os.kill(process, signal.SIGKILL)
            code = self.ended()
        assert code is not None, "a killed process does not end"
        return code

    async def drain(self) -> None:
        """Open another daemon and finish everything within an hour: leases end, searches take place."""
        self.world.daemon = Daemon(self.world.settings, self.world.clock)
        self.world.daemon.open()
        for minutes in (25, 2, 6, 6, 21):
            await self.world.minutes(minutes)

    def account(self) -> Account:
        """Count what there is now."""
        found = Account()
        with self.world.daemon.store.read() as session:
            for m in session.scalars(rows(Message).where(Message.role != FolderRole.SENT.value)):
                found.messages[_TAG.sub("", str(m.subject)), m.folder, str(m.filed_as), m.state] += 1
            subjects = {}
            for t in session.scalars(rows(TicketRow)):
                subjects[t.id] = t.subject
                found.tickets[t.subject, t.state, str(t.handler)] += 1
            for e in session.scalars(rows(EventRow)):
                found.events[subjects[e.ticket_id], e.type] += 1
            letters = list(session.scalars(rows(LetterRow).options(undefer(LetterRow.raw))))
            found.broken = list(verify(session, self.world.daemon.rules.spool_dir).broken)
        for letter in letters:
            found.letters[letter.kind, letter.recipient, letter.state] += 1
            if letter.state not in (LetterState.SENT, LetterState.CANCELLED):
                found.unsent.append(f"{letter.kind} to {letter.recipient}: {letter.state}")
        self._look_at_mailboxes(letters, found)
        return found

    def _look_at_mailboxes(self, letters: list[LetterRow], found: Account) -> None:
        if isinstance(self._backing, CrowdBacking):
            self._backing.settle()
        arrived = {a: self.world.inbox(a) for a in {letter.recipient for letter in letters}}
        for letter in letters:
            mails = arrived.get(letter.recipient, [])
            copies = [m for m in mails if m.mail.message_id == letter.message_id]
            if letter.state == LetterState.SENT and not copies:
                found.lost.append(f"{letter.kind} to {letter.recipient}")
            if len(copies) > 1:
                found.doubled.append(letter.message_id)
                if len(copies) > 1 + letter.searches // 2:
                    found.unexplained.append(f"{letter.kind} to {letter.recipient}: {len(copies)} copies")
            found.altered += [letter.message_id for m in copies if not m.raw.endswith(letter.raw)]


@contextlib.contextmanager
def crash_world(
    source: Processes,
    directory: Path,
    start: str,
    *,
    keeps_sent: bool = False,
    real: tuple[Dovecot, Postfix] | None = None,
    **options: Any,
) -> Iterator[CrashWorld]:
    """Give a world over fresh embedded servers, or over real ones emptied of all mail.

    With `keeps_sent` the (embedded) provider files what it has accepted.
    """
    made: list[CrashWorld] = []
    if real is not None:
        dovecot, postfix = real
        without_mail(dovecot, postfix)
        yield CrashWorld(CrowdBacking(dovecot, postfix, RESIDENTS), source, directory, start, **options)
        return

    def now() -> datetime:
        return made[0].now()

    with EmbeddedServers(now) as servers:
        if keeps_sent:

            def keep(envelope: Any) -> None:
                servers.deliver(office.DESK, envelope.content, folder=SENT, when=now())

            servers.smtp.script = keep
        made.append(CrashWorld(EmbeddedBacking(servers), source, directory, start, **options))
        yield made[0]
