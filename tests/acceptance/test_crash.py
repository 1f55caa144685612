"""The real process is killed everywhere and at any time: nothing is lost, nothing is done twice.

Each story is played by `mail-desk` processes against servers that outlive them. What comes of it is
compared with the same story without a death. The only thing that may differ is stated in
docs/guarantees.md: a letter that SMTP accepted and nobody recorded arrives once more, with the same
Message-ID and the same bytes.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crash_world import KILLED, Account, CrashWorld, Processes, crash_world, processes
from mail_desk import faults
from mail_desk.demo import office
from told import GM, complain

SECOND = "plant2@bearings.example"
TAX = "finance@textile.example"
LATE = "buero@glass.example"
THIRD = "plant3@bearings.example"
PEOPLE = (GM, SECOND, THIRD, TAX, LATE)


@pytest.fixture(scope="module")
def source() -> Iterator[Processes]:
    with processes() as running:
        yield running


# --- the story --------------------------------------------------------------------------------------


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


async def _played(source: Processes, directory: Path, fault: str, **options: Any) -> Account:
    """Play the story; where a fault is named, the process dies there and another one goes on."""
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


@pytest.fixture(scope="module")
def undisturbed(source: Processes, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The story without a death."""
    account = asyncio.run(_played(source, tmp_path_factory.mktemp("undisturbed"), ""))
    assert account.sound, account
    assert not account.doubled
    assert sum(account.tickets.values()) == 5
    assert account.events["昨日来信一", "NoticeServed"] == 1
    assert account.letters["worklist", office.ZHOU, "sent"] == 2, "moments of both days"
    return account


def _same(account: Account, undisturbed: Account) -> None:
    assert account.sound, account
    assert account.messages == undisturbed.messages
    assert account.tickets == undisturbed.tickets
    assert account.events == undisturbed.events
    assert account.letters == undisturbed.letters


# --- at every named point ---------------------------------------------------------------------------

UNRECORDED = ("smtp-accepted", "recorded")  # here letters may be on the wire, accepted and not recorded


@pytest.mark.parametrize("point", faults.POINTS)
def test_a_death_at_this_point_loses_nothing_and_does_nothing_twice(
    source: Processes, undisturbed: Account, tmp_path: Path, point: str
) -> None:
    account = asyncio.run(_played(source, tmp_path, point))
    _same(account, undisturbed)
    if point == "smtp-accepted":
        assert account.doubled, "the one place where a letter arrives twice"
    elif point not in UNRECORDED:
        assert account.doubled == []


@pytest.mark.parametrize("point", UNRECORDED)
def test_a_letter_that_the_sent_folder_holds_is_not_sent_again(
    source: Processes, undisturbed: Account, tmp_path: Path, point: str
) -> None:
    account = asyncio.run(_played(source, tmp_path, point, keeps_sent=True))
    _same(account, undisturbed)
    assert account.doubled == []


@pytest.mark.parametrize("point", faults.POINTS)
def test_a_death_at_this_point_is_survived_on_postgresql(
    source: Processes, undisturbed: Account, tmp_path: Path, postgres: Any, point: str
) -> None:
    url = postgres.url()
    account = asyncio.run(_played(source, tmp_path, point, store=url))
    postgres.drop(url)
    _same(account, undisturbed)
    if point not in UNRECORDED:
        assert account.doubled == []


# --- at any time ------------------------------------------------------------------------------------


async def _under_fire(source: Processes, directory: Path, kills: int, **options: Any) -> Account:
    """Have mail come in while the desk is killed again and again, at moments drawn from a fixed seed."""
    draw = random.Random(20261123)
    with crash_world(source, directory, "2026-03-02 08:45", max_attempts=10, **options) as crash:
        world = crash.world
        await world.work()
        await crash.rest()
        for kill in range(kills):
            _complaints(crash, kill, "before")
            process = crash.start("run")
            _complaints(crash, kill, "meanwhile")
            assert crash.kill(process, after=draw.uniform(0, 0.4)) == KILLED, crash.log.read_text()
            world.clock.advance(timedelta(minutes=2))
        await crash.drain()
        try:
            return crash.account()
        finally:
            await world.close()


def _complaints(crash: CrashWorld, kill: int, when: str) -> None:
    for number in range(3):
        sender = f"{when}{kill}n{number}@enterprise.example"
        crash.world.meet(sender)
        crash.world.write(sender, f"{when} {kill} {number} 重复收费", "请协调退税。")


def _all_filed_once(account: Account, kills: int) -> None:
    subjects = [
        f"{w} {k} {n} 重复收费" for w in ("before", "meanwhile") for k in range(kills) for n in range(3)
    ]
    assert account.sound, account
    assert account.messages == Counter((s, "INBOX", "opened", "done") for s in subjects)
    assert account.tickets == Counter((s, "received", "li") for s in subjects)
    once = ("Received", "Assigned", "LetterQueued")
    assert account.events == Counter((s, type_name) for s in subjects for type_name in once)
    assert account.letters["new-ticket", office.LI, "sent"] == len(subjects)
    receipts = {recipient: n for (kind, recipient, _), n in account.letters.items() if kind == "receipt"}
    assert len(receipts) == len(subjects)
    assert set(receipts.values()) == {1}


def test_fifteen_deaths_at_any_time_under_load_lose_nothing_and_do_nothing_twice(
    source: Processes, tmp_path: Path
) -> None:
    _all_filed_once(asyncio.run(_under_fire(source, tmp_path, 15)), 15)


def test_five_deaths_at_any_time_are_survived_on_postgresql(
    source: Processes, tmp_path: Path, postgres: Any
) -> None:
    url = postgres.url()
    account = asyncio.run(_under_fire(source, tmp_path, 5, store=url))
    postgres.drop(url)
    _all_filed_once(account, 5)


# --- a mail that kills ------------------------------------------------------------------------------


def test_a_mail_that_kills_the_process_is_quarantined_after_three_deaths_and_the_others_are_filed(
    source: Processes, tmp_path: Path
) -> None:
    async def story() -> None:
        with crash_world(source, tmp_path, "2026-03-02 09:00") as crash:
            world = crash.world
            for address in PEOPLE:
                world.meet(address)
            await world.work()
            world.write(GM, "第一封", "请协调。")
            world.write(SECOND, "第二封", "please cough: deadly-content")
            world.write(THIRD, "第三封", "请协调。")
            await crash.rest()
            codes: list[int | None] = []
            while not codes or codes[-1] != 0:
                crash.start("run", "--once", MAIL_DESK_FAULT="poison:deadly-content")
                codes.append(crash.ended())
            assert codes == [KILLED] * 3 + [0]
            await crash.drain()
            account = crash.account()
            assert account.sound, account
            assert {m for m in account.messages if m[0] != "None"} == {
                ("第一封", "INBOX", "opened", "done"),
                ("第三封", "INBOX", "opened", "done"),
            }
            assert sum(account.messages.values()) == 3, "the third is kept"
            assert any(state == "quarantined" for *_, state in account.messages)
            told = world.last(office.ZHOU, "M2")
            assert "1" in told.text
            await world.close()

    asyncio.run(story())
