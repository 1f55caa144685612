"""What the desk's process is killed in, and what of it may be told afterwards: lost, doubled, twice.

Three stories: a morning's work with one death at a named point; a stream of complaints with deaths at
moments drawn from a seed; the same worked by two daemons of one store, of which one is killed, or stopped
beyond its lease and woken. Played by tests/acceptance/test_crash.py in a short form, by `make crash` in a
long one.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crash_world import (
    FILED,
    KILLED,
    LEFT,
    OPENS,
    ZONE,
    Account,
    CrashWorld,
    Processes,
    crash_world,
    processes,
)
from mail_desk.demo import office
from told import GM, complain

SECOND = "plant2@bearings.example"
TAX = "finance@textile.example"
LATE = "buero@glass.example"
THIRD = "plant3@bearings.example"
PEOPLE = (GM, SECOND, THIRD, TAX, LATE)
LEASED = timedelta(minutes=30)  # longer than any lease
PER_ROUND = 3  # complaints before each death, and as many while the process works
ONCE = ("Received", "Assigned", "LetterQueued")  # events of a complaint that nobody has worked yet

# A machine may be so slow that no death, counted from the start, comes as late as a letter leaves: a third is
# counted from the opening, a third from the first mail that is filed, a third from the first letter that has left.
STAGES = ((OPENS, 0.4), (FILED, 1.0), (LEFT, 0.1))  # and within how many seconds

# Here letters may be on the wire, accepted and not recorded: the one place of a duplicate.
UNRECORDED = ("smtp-accepted", "recorded")


@dataclass(frozen=True)
class Verdict:
    """The counts of docs/guarantees.md: what was expected, and what there is instead."""

    messages: int
    letters: int
    messages_lost: int
    tickets_doubled: int
    transitions_twice: int
    letters_lost: int
    letters_doubled: int
    unexplained: int  # of these, not in the one documented place, or with other bytes
    differences: tuple[str, ...]  # anything else that is not as without a death

    @property
    def bad(self) -> int:
        wrong = (self.messages_lost, self.tickets_doubled, self.transitions_twice, self.letters_lost)
        return sum(wrong) + self.unexplained + len(self.differences)


def judge(account: Account, expected: Account) -> Verdict:
    """Compare what there is with what there would be without a death."""
    parts = ("messages", "tickets", "events", "letters")
    found = {name: getattr(account, name) for name in parts}
    wanted = {name: getattr(expected, name) for name in parts}
    lost = {name: wanted[name] - found[name] for name in parts}
    more = {name: found[name] - wanted[name] for name in parts}
    told = [f"{name} lacks {n} x {key}" for name in parts for key, n in lost[name].items()]
    told += [f"{name} has {n} x {key} more" for name in parts for key, n in more[name].items()]
    told += [f"chain of ticket {number} is broken" for number in account.broken]
    return Verdict(
        messages=sum(found["messages"].values()),
        letters=sum(found["letters"].values()),
        messages_lost=sum(lost["messages"].values()),
        tickets_doubled=sum(more["tickets"].values()),
        transitions_twice=sum(more["events"].values()),
        letters_lost=sum(lost["letters"].values()) + len(account.unsent) + len(account.lost),
        letters_doubled=len(account.doubled),
        unexplained=len(account.unexplained) + len(account.altered),
        differences=(*told, *account.unsent, *account.lost, *account.unexplained, *account.altered),
    )


# --- one death at a named point ---------------------------------------------------------------------


async def _before(crash: CrashWorld) -> None:
    """Two complaints of yesterday, with their letters."""
    world = crash.world
    for address in PEOPLE:
        world.meet(address)
    await world.work()
    await complain(world, GM, "昨日来信一")
    await complain(world, SECOND, "昨日来信二")
    world.clock.move_to(world.clock.now() + timedelta(days=1, minutes=20))


def _load(crash: CrashWorld) -> None:
    """Fill a morning: complaints, a copy in junk, commands, a supplement, an automatic answer."""
    world = crash.world
    first, second = (got for got in world.inbox(office.WANG) if "请承办" in got.subject)
    again = world.write(TAX, "今日来信一：重复收费", "退税至今未到账，请协调。")
    world.backing.deliver(world.desk, again, folder="垃圾邮件", when=world.clock.now())
    world.write(LATE, "今日来信二：税务", "退税一事至今没有答复。", charset="gb18030")
    world.reply(office.WANG, first, "#受理")
    world.reply(office.WANG, second, "1")
    world.reply(GM, world.last(GM, "来信已收到"), "补充材料。", files=[("a.pdf", "application/pdf", b"%PDF")])
    world.write(SECOND, "自动回复", "外出。", headers=[("Auto-Submitted", "auto-replied")])
    world.write(THIRD, "今日来信三", "许可证迟迟不下。")


async def morning(source: Processes, directory: Path, fault: str, **options: Any) -> Account:
    """Play the morning; where a fault is named, the process dies there and another one goes on."""
    with crash_world(source, directory, "2026-03-02 08:45", **options) as crash:
        await _before(crash)
        _load(crash)
        await crash.rest()
        crash.start("run", "--once", MAIL_DESK_FAULT=fault)
        code = crash.ended()
        assert code == (KILLED if fault else 0), crash.log.read_text(encoding="utf-8")
        crash.world.clock.advance(timedelta(minutes=5))
        await crash.drain()
        try:
            return crash.account()
        finally:
            await crash.world.close()


# --- deaths at any moment, under load ---------------------------------------------------------------


async def under_fire(
    source: Processes, directory: Path, kills: int, *, seed: int = 20261123, **options: Any
) -> Account:
    """Have mail come in while the desk is killed again and again, at moments drawn from a seed."""
    draw = random.Random(seed)
    # Within a working day, and far enough apart that what a death left uncertain is looked for meanwhile.
    apart = timedelta(minutes=min(2.0, 480 / kills))
    options = {"max_attempts": 10, "per_day": 100_000} | options
    with crash_world(source, directory, "2026-03-02 08:45", **options) as crash:
        world = crash.world
        await world.work()
        await crash.rest()
        for kill in range(kills):
            _complaints(crash, kill, "before")
            process = crash.start("run")
            _complaints(crash, kill, "meanwhile")
            since, within = STAGES[kill % len(STAGES)]
            code = crash.kill(process, after=draw.uniform(0, within), since=since)
            assert code == KILLED, crash.log.read_text(encoding="utf-8")
            world.clock.advance(apart)
        await crash.drain()
        try:
            return crash.account()
        finally:
            await world.close()


def _complaints(crash: CrashWorld, kill: int, when: str) -> None:
    for number in range(PER_ROUND):
        sender = f"{when}{kill}n{number}@enterprise.example"
        crash.world.meet(sender)
        crash.world.write(sender, f"{when} {kill} {number} 重复收费", "请协调退税。")


def all_filed_once(account: Account, kills: int) -> Account:
    """Return what there is where each complaint became one ticket with one receipt and one assignment."""
    rounds = [(w, k, n) for w in ("before", "meanwhile") for k in range(kills) for n in range(PER_ROUND)]
    subjects = [f"{w} {k} {n} 重复收费" for w, k, n in rounds]
    expected = Account(
        messages=Counter((s, "INBOX", "opened", "done") for s in subjects),
        tickets=Counter((s, "received", "li") for s in subjects),
        events=Counter((s, type_name) for s in subjects for type_name in ONCE),
        letters=Counter(("receipt", f"{w}{k}n{n}@enterprise.example", "sent") for w, k, n in rounds),
    )
    expected.letters["new-ticket", office.LI, "sent"] = len(subjects)
    # Worklists and what is told of limits depend on how late in the day the deaths were over.
    for key, count in account.letters.items():
        if key[0] not in ("receipt", "new-ticket") and key[2] == "sent" and count == 1:
            expected.letters[key] = 1
    return expected


# --- two daemons of one store -----------------------------------------------------------------------


async def two_daemons(
    directory: Path, rounds: int, *, stopped: bool, seed: int = 7, **options: Any
) -> Account:
    """Have two processes work one store; in each round one is killed, or stopped beyond its lease and woken."""
    draw = random.Random(seed)
    options = {"max_attempts": 10, "per_day": 100_000} | options
    step = directory / "step"
    # Two sources first, then the world: the processes are gone before their servers are.
    with processes() as one, processes() as other:  # noqa: SIM117
        with crash_world(one, directory, "2026-03-02 08:45", **options) as crash:
            world = crash.world
            await world.work()
            await crash.rest()
            for number in range(rounds):
                _complaints(crash, number, "before")
                set_clock(step, timedelta(0))
                victim = crash.start("run", source=one, TEST_STEP=str(step))
                peer = crash.start("run", source=other, TEST_STEP=str(step))
                _complaints(crash, number, "meanwhile")
                crash.opened(2)
                time.sleep(draw.uniform(0, 0.5))  # noqa: ASYNC251 - nothing else happens in this process
                if stopped:
                    os.kill(victim, signal.SIGSTOP)
                    time.sleep(0.2)  # noqa: ASYNC251
                    # Half an hour passes for everybody: what the stopped one leased is no longer its own.
                    world.clock.advance(LEASED)
                    set_clock(step, LEASED)
                    crash.ended(source=other, within=3)
                    os.kill(victim, signal.SIGCONT)
                    crash.ended(source=one, within=0.3)
                os.kill(victim, signal.SIGKILL)
                assert crash.ended(source=one) == KILLED, crash.log.read_text(encoding="utf-8")
                ended = crash.ended(source=other, within=0.3)
                assert ended is None, (
                    f"the other one ended with {ended}: {crash.log.read_text(encoding='utf-8')}"
                )
                os.kill(peer, signal.SIGTERM)
                assert crash.ended(source=other) == 0, crash.log.read_text(encoding="utf-8")
                world.clock.advance(timedelta(minutes=2))
            await crash.drain()
            try:
                return crash.account()
            finally:
                await world.close()


def set_clock(file: Path, span: timedelta) -> None:
    """Have the clock of every process show so much more than when it was started."""
    new = file.with_suffix(".new")
    new.write_text(str(span.total_seconds()), encoding="ascii")
    new.replace(file)


def at(text: str) -> datetime:
    """Return a local instant such as "2026-03-02 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)
