"""The real process is killed everywhere and at any time: nothing is lost, nothing is done twice.

Each story is played by `mail-desk` processes against servers that outlive them. What comes of it is
compared with the same story without a death. The only thing that may differ is stated in
docs/guarantees.md: a letter that SMTP accepted and nobody recorded arrives once more, with the same
Message-ID and the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crash_story import (
    PEOPLE,
    PER_ROUND,
    SECOND,
    THIRD,
    UNRECORDED,
    all_filed_once,
    judge,
    morning,
    two_daemons,
    under_fire,
)
from crash_world import KILLED, Account, Processes, crash_world, processes
from mail_desk import faults
from mail_desk.demo import office
from told import GM


@pytest.fixture(scope="module")
def source() -> Iterator[Processes]:
    with processes() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(source: Processes, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The story without a death."""
    account = asyncio.run(morning(source, tmp_path_factory.mktemp("undisturbed"), ""))
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


@pytest.mark.parametrize("point", faults.POINTS)
def test_a_death_at_this_point_loses_nothing_and_does_nothing_twice(
    source: Processes, undisturbed: Account, tmp_path: Path, point: str
) -> None:
    account = asyncio.run(morning(source, tmp_path, point))
    _same(account, undisturbed)
    if point == "smtp-accepted":
        assert account.doubled, "the one place where a letter arrives twice"
    elif point not in UNRECORDED:
        assert account.doubled == []


@pytest.mark.parametrize("point", UNRECORDED)
def test_a_letter_that_the_sent_folder_holds_is_not_sent_again(
    source: Processes, undisturbed: Account, tmp_path: Path, point: str
) -> None:
    account = asyncio.run(morning(source, tmp_path, point, keeps_sent=True))
    _same(account, undisturbed)
    assert account.doubled == []


@pytest.mark.parametrize("point", faults.POINTS)
def test_a_death_at_this_point_is_survived_on_postgresql(
    source: Processes, undisturbed: Account, tmp_path: Path, postgres: Any, point: str
) -> None:
    url = postgres.url()
    account = asyncio.run(morning(source, tmp_path, point, store=url))
    postgres.drop(url)
    _same(account, undisturbed)
    if point not in UNRECORDED:
        assert account.doubled == []


# --- at any time ------------------------------------------------------------------------------------


def _all_filed_once(account: Account, kills: int) -> None:
    verdict = judge(account, all_filed_once(account, kills))
    assert verdict.bad == 0, verdict
    assert verdict.messages == kills * 2 * PER_ROUND
    assert verdict.letters >= 2 * verdict.messages


def test_fifteen_deaths_at_any_time_under_load_lose_nothing_and_do_nothing_twice(
    source: Processes, tmp_path: Path
) -> None:
    _all_filed_once(asyncio.run(under_fire(source, tmp_path, 15)), 15)


def test_five_deaths_at_any_time_are_survived_on_postgresql(
    source: Processes, tmp_path: Path, postgres: Any
) -> None:
    url = postgres.url()
    account = asyncio.run(under_fire(source, tmp_path, 5, store=url))
    postgres.drop(url)
    _all_filed_once(account, 5)


# --- with real servers ------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["after-spool-commit", "before-process-commit", "smtp-accepted"])
def test_a_death_at_this_point_is_survived_with_dovecot_and_postfix(
    source: Processes, undisturbed: Account, tmp_path: Path, dovecot: Any, postfix: Any, point: str
) -> None:
    account = asyncio.run(morning(source, tmp_path, point, real=(dovecot, postfix)))
    verdict = judge(account, undisturbed)
    assert verdict.bad == 0, verdict
    assert bool(verdict.letters_doubled) == (point == "smtp-accepted")


def test_ten_deaths_at_any_time_are_survived_with_dovecot_postfix_and_postgresql(
    source: Processes, tmp_path: Path, dovecot: Any, postfix: Any, postgres: Any
) -> None:
    url = postgres.url()
    account = asyncio.run(under_fire(source, tmp_path, 10, seed=3, store=url, real=(dovecot, postfix)))
    postgres.drop(url)
    _all_filed_once(account, 10)


@pytest.mark.parametrize("stopped", [False, True], ids=["killed", "stopped beyond its lease and woken"])
def test_one_of_two_daemons_dies_or_sleeps_and_nothing_is_lost_or_done_twice(
    tmp_path: Path, postgres: Any, stopped: bool
) -> None:
    url = postgres.url()
    account = asyncio.run(two_daemons(tmp_path, 3, stopped=stopped, store=url))
    postgres.drop(url)
    _all_filed_once(account, 3)


# --- a mail that kills ------------------------------------------------------------------------------


def _worked_until_it_ends_well(
    source: Processes, directory: Path, words: str, **environment: Any
) -> tuple[list[int | None], str]:
    """Have three mails worked of which the second says `words`; return each exit code, and what was logged.

    In the end the second must be put aside, and the others filed as if it had never come.
    """
    codes: list[int | None] = []
    logged: list[str] = []

    async def story() -> None:
        with crash_world(source, directory, "2026-03-02 09:00") as crash:
            world = crash.world
            for address in PEOPLE:
                world.meet(address)
            await world.work()
            world.write(GM, "第一封", "请协调。")
            world.write(SECOND, "第二封", words)
            world.write(THIRD, "第三封", "请协调。")
            await crash.rest()
            while len(codes) < 6 and (not codes or codes[-1] != 0):
                crash.start("run", "--once", **environment)
                codes.append(crash.ended())
            logged.append(crash.log.read_text(encoding="utf-8"))
            await crash.drain()
            account = crash.account()
            assert account.sound, account
            assert {m for m in account.messages if m[0] != "None"} == {
                ("第一封", "INBOX", "opened", "done"),
                ("第三封", "INBOX", "opened", "done"),
            }
            assert sum(account.messages.values()) == 3, "the third is kept"
            assert any(state == "quarantined" for *_, state in account.messages)
            assert "1" in world.last(office.ZHOU, "M2").text
            await world.close()

    asyncio.run(story())
    return codes, logged[0]


def test_a_mail_that_kills_the_process_is_quarantined_after_three_deaths_and_the_others_are_filed(
    source: Processes, tmp_path: Path
) -> None:
    codes, _ = _worked_until_it_ends_well(
        source, tmp_path, "please cough: deadly-content", MAIL_DESK_FAULT="poison:deadly-content"
    )
    assert codes == [KILLED] * 3 + [0]


def test_a_mail_that_hangs_the_process_ends_it_each_time_and_is_quarantined_after_three(
    source: Processes, tmp_path: Path
) -> None:
    codes, said = _worked_until_it_ends_well(
        source,
        tmp_path,
        "never: endless-content",
        MAIL_DESK_FAULT="hang:endless-content",
        TEST_PATIENCE="2",
    )
    assert codes == [1] * 3 + [0]
    assert said.count("Timeout (0:00:02)!") == 3, "it says where it stood"
    assert said.count("in reading") == 3
