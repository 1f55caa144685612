"""Reports that do not arrive: who is told, that the other readers have theirs, and that each leaves late rather than never."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk import circulars
from mail_desk.reports import digest as digests
from mail_desk.store.schema import LetterRow, LetterState
from told import command, complain, letters
from undelivered import refuse, report

FIRST, SECOND = "tousu@higher.example", "office@bureau.example"
TWO_READERS = """
[[digest]]
key = "inside"
title_zh = "督办周报"
title_en = "Weekly for supervisors"
period = "week"
when = "first working day 10:00"
to = ["zhao", "zhou"]
"""
TWO_OUTSIDE = f"""
[[digest]]
key = "circular"
title_zh = "投诉办理情况通报"
title_en = "Circular on complaints"
period = "week"
when = "first working day 10:00"
addresses = ["{FIRST}", "{SECOND}"]
reader_zh = "各有关单位"
scope = "circular"
"""
SENT_ON = "2026-03-09 10:05"


def alarms(world: World) -> list[LetterRow]:
    return [row for row in letters(world, "alarm") if "汇总未能送达" in row.subject]


def told(world: World) -> list[str]:
    return sorted(row.recipient for row in alarms(world))


def reports(world: World, kind: str, title: str) -> dict[str, LetterRow]:
    return {row.recipient: row for row in letters(world, kind) if title in row.subject}


BOTH = sorted([office.OPERATOR, office.ZHOU])


def test_a_digest_refused_for_one_of_its_readers_reaches_the_other_and_is_told_once(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        refuse(world, lambda r: r == office.ZHAO, "550 5.1.1 no such mailbox here")
        await world.at(SENT_ON)
        found = reports(world, "digest", "督办周报")
        assert found[office.ZHAO].state == LetterState.FAILED
        assert found[office.ZHOU].state == LetterState.SENT
        assert "督办周报" in world.last(office.ZHOU, "督办周报").subject
        mine = [row for row in alarms(world) if "督办周报" in row.subject]
        assert sorted(row.recipient for row in mine) == BOTH
        alarm = world.last(office.OPERATOR, "督办周报")
        assert office.ZHAO in alarm.text
        assert "no such mailbox here" in alarm.text
        before = told(world)
        await world.at("2026-03-10 12:00")
        assert told(world) == before, "once"

    play(story, digests=TWO_READERS)


def test_a_circular_refused_for_one_body_reaches_the_other_and_is_told_to_operator_and_supervisor(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        for address in (FIRST, SECOND):
            world.meet(address)
        await command(world, office.WANG, await complain(world), "1")
        refuse(world, lambda r: r == FIRST, "552 5.2.2 mailbox full")
        await world.at(SENT_ON)
        found = reports(world, "circular", "通报")
        assert (found[FIRST].state, found[SECOND].state) == (LetterState.FAILED, LetterState.SENT)
        assert world.last(SECOND, "通报")
        assert told(world) == BOTH
        assert FIRST in world.last(office.ZHOU, "汇总未能送达").text

    play(story, digests=TWO_OUTSIDE)


def test_a_digest_that_comes_back_days_later_is_told_once(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        await world.at(SENT_ON)
        letter = reports(world, "digest", "督办周报")[office.ZHAO]
        assert letter.state == LetterState.SENT
        assert alarms(world) == []
        await world.at("2026-03-11 10:00")
        report(world, letter.message_id, office.ZHAO)
        await world.work()
        assert told(world) == BOTH
        report(world, letter.message_id, office.ZHAO)
        await world.minutes(30)
        assert told(world) == BOTH, "the same server says it again"

    play(story, digests=TWO_READERS)


def test_a_digest_the_server_puts_off_for_a_day_is_told_and_leaves_when_it_may(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        refuse(world, lambda r: r == office.ZHAO, "451 4.3.0 try again later")
        await world.at(SENT_ON)
        assert alarms(world) == [], "a delay of minutes is no alarm"
        await world.at("2026-03-10 12:00")
        mine = [row for row in alarms(world) if "督办周报" in row.subject]
        assert sorted(row.recipient for row in mine) == BOTH
        refuse(world, lambda _: False, "")
        await world.at("2026-03-11 12:00")
        assert reports(world, "digest", "督办周报")[office.ZHAO].state == LetterState.SENT

    play(story, digests=TWO_READERS)


def test_a_digest_that_cannot_be_written_for_one_reader_is_told_once_and_leaves_once_mended(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = digests.compose

    def broken(*given: Any, **more: Any) -> Any:
        if more["reader"] == "赵建国":
            raise ZeroDivisionError("templates/zh/digest.j2")
        return compose(*given, **more)

    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        monkeypatch.setattr(digests, "compose", broken)
        with capture_logs():
            await world.at("2026-03-09 13:05")
        assert set(reports(world, "digest", "督办周报")) == {office.ZHOU}, "the other reader has it"
        mine = [row for row in alarms(world) if "督办周报" in row.subject]
        assert sorted(row.recipient for row in mine) == BOTH, "once, though it was tried each hour"
        assert "templates/zh/digest.j2" in world.last(office.OPERATOR, "督办周报").text
        monkeypatch.setattr(digests, "compose", compose)
        await world.at("2026-03-09 14:10")
        found = reports(world, "digest", "督办周报")
        assert {address: row.state for address, row in found.items()} == {
            office.ZHAO: LetterState.SENT,
            office.ZHOU: LetterState.SENT,
        }
        assert len([r for r in letters(world, "digest") if "督办周报" in r.subject]) == 2, "nobody has two"

    play(story, digests=TWO_READERS)


def test_a_circular_that_cannot_be_written_is_told_and_leaves_once_mended(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = circulars.compose

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    async def story(world: World) -> None:
        for address in (FIRST, SECOND):
            world.meet(address)
        await command(world, office.WANG, await complain(world), "1")
        monkeypatch.setattr(circulars, "compose", broken)
        with capture_logs():
            await world.at("2026-03-09 12:05")
        assert letters(world, "circular") == []
        assert told(world) == sorted([*BOTH, *BOTH]), "one for each reader"
        monkeypatch.setattr(circulars, "compose", compose)
        await world.at("2026-03-09 13:10")
        assert sorted(reports(world, "circular", "通报")) == sorted([FIRST, SECOND])

    play(story, digests=TWO_OUTSIDE)
