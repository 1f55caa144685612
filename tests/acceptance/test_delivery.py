"""Letters that do not arrive: what is owed again, who is told, and what a forged report can do (nothing)."""

from __future__ import annotations

from typing import Any

import pytest

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.store.schema import LetterRow, LetterState
from told import GM, STRANGER, command, complain, events, filed, letters, news, tickets
from undelivered import refuse, report

TELEPHONE = "0379-00000002"  # of the enterprise, in the ledger


def running(world: World, number: str = "2026-0001") -> list[str]:
    with world.daemon.store.read() as session:
        case = Case.by_number(Work(session, world.daemon.rules, world.clock.now()), number)
        assert case is not None
        return [due.limit for due in case.running]


async def accepted(world: World) -> LetterRow:
    """Play to an acceptance notice that SMTP has accepted."""
    await command(world, office.WANG, await complain(world), "#受理")
    await world.minutes(16)
    assert "conclude" in running(world)
    assert "decide" not in running(world)
    return letters(world, "acceptance")[0]


def test_an_acceptance_notice_refused_by_smtp_is_owed_again_and_people_are_told_whom_to_ring(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        refuse(world, lambda r: r == GM, "550 5.1.1 no such mailbox here")
        await command(world, office.WANG, new, "#受理")
        await world.minutes(16)
        assert letters(world, "acceptance")[0].state == LetterState.FAILED
        assert "NoticeServed" not in events(world)
        assert "decide" in running(world), "no notice, no acceptance in the sense of the law"
        assert "conclude" not in running(world)
        for person in (office.WANG, office.ZHOU):
            told = world.last(person, "信未送达")
            assert TELEPHONE in told.text
            assert GM in told.text
            assert "no such mailbox here" in told.text

    play(story)


def test_a_notice_that_bounces_later_is_owed_again_from_then_on(play: Any) -> None:
    async def story(world: World) -> None:
        letter = await accepted(world)
        await world.minutes(60)
        report(world, letter.message_id, GM)
        await world.work()
        assert filed(world)[-1] == "bounce"
        assert events(world).count("NoticeFailed") == 1
        assert "decide" in running(world)
        assert "conclude" not in running(world)
        for person in (office.WANG, office.ZHOU):
            assert TELEPHONE in world.last(person, "信未送达").text
        report(world, letter.message_id, GM)  # the same server says it again
        await world.work()
        assert events(world).count("NoticeFailed") == 1
        assert len([s for s in news(world, office.WANG) if "信未送达" in s]) == 1

    play(story)


def test_a_receipt_that_bounces_is_shown_to_the_handler_and_moves_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        before = running(world)
        report(world, letters(world, "receipt")[0].message_id, GM)
        await world.work()
        assert running(world) == before
        assert "信未送达" in world.last(office.WANG, "信未送达").subject
        assert all("信未送达" not in s for s in news(world, office.ZHOU))

    play(story)


@pytest.mark.parametrize(
    "about", ["forged.0123456789abcdef@desk.example", "", "aaaaaaaaaa.0123456789abcdef@desk.example"]
)
def test_a_forged_report_without_our_key_changes_nothing_and_is_shown_once_as_unproven(
    play: Any, about: str
) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        before, limits = events(world), running(world)
        report(world, about, GM)
        await world.work()
        report(world, about, GM)
        await world.work()
        assert events(world) == before
        assert running(world) == limits
        told = [letter.recipient for letter in letters(world, "service-failed")]
        assert told == [office.WANG, office.ZHOU], "some providers name no letter: somebody should ring"
        assert "未经核实" in world.last(office.WANG, "信未送达").text
        assert "视为尚未送达" not in world.last(office.WANG, "信未送达").text
        assert tickets(world) == 1

    play(story)


def test_a_forged_report_about_somebody_never_written_to_is_filed_in_silence(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        report(world, "", STRANGER)
        await world.work()
        assert filed(world)[-1] == "automatic"
        assert letters(world, "service-failed") == []

    play(story)


def test_a_report_that_names_somebody_else_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        letter = await accepted(world)
        before = events(world)
        report(world, letter.message_id, STRANGER)
        await world.work()
        assert events(world) == before
        assert letters(world, "service-failed") == []

    play(story)


@pytest.mark.parametrize(("status", "action"), [("4.4.7", "delayed"), ("4.2.2", "failed")])
def test_a_temporary_report_changes_nothing(play: Any, status: str, action: str) -> None:
    async def story(world: World) -> None:
        letter = await accepted(world)
        before = events(world)
        report(world, letter.message_id, GM, status=status, action=action)
        await world.work()
        assert events(world) == before
        assert letters(world, "service-failed") == []

    play(story)


def test_letters_to_staff_that_bounce_do_not_loop_and_the_operator_hears_of_it_once_a_day(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        for letter in letters(world, "new-ticket") + letters(world, "worklist"):
            if letter.recipient == office.WANG:
                report(world, letter.message_id, office.WANG)
        count = len(letters(world, "new-ticket"))
        await world.work()
        await world.minutes(120)
        assert len(letters(world, "new-ticket")) == count
        assert tickets(world) == 1
        assert [letter.recipient for letter in letters(world, "alarm")] == [office.OPERATOR]
        assert office.WANG in world.last(office.OPERATOR).text

    play(story)


def test_an_alarm_that_bounces_raises_no_alarm(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        refuse(world, lambda r: r in (office.WANG, office.OPERATOR), "550 5.1.1 no such mailbox here")
        await command_without_answer(world)
        await world.minutes(120)
        assert len(letters(world, "alarm")) == 1
        report(world, letters(world, "alarm")[0].message_id, office.OPERATOR)
        await world.work()
        assert len(letters(world, "alarm")) == 1

    play(story)


async def command_without_answer(world: World) -> None:
    world.reply(office.WANG, world.last(office.WANG, "请承办"), "1")
    await world.work()


def test_a_refused_letter_to_an_organ_is_told_to_the_handler(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        refuse(world, lambda r: r == office.BUREAU, "550 5.1.1 no such mailbox here")
        await command(world, office.WANG, new, "#征询 市场监管局 请说明进展。")
        await world.minutes(16)
        assert office.BUREAU in world.last(office.WANG, "信未送达").text

    play(story)
