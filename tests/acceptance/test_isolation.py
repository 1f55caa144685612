"""A defect in one step of the time path: the others go on, the operator hears of it, it is tried again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk import digesting, notify, worklists
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.store.schema import LetterState, Meta
from told import GM, command, complain, events, letters, news, state


def test_a_moment_that_fails_stops_no_other_and_fires_once_it_is_mended(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = worklists.compose

    def broken(work: Work, person: Any) -> None:
        compose(work, person)
        if person.key == "li":
            raise ZeroDivisionError(person.key)

    async def story(world: World) -> None:
        def lists(address: str) -> int:
            return len([s for s in news(world, address, worklists=True) if "工作清单" in s])

        assert lists(office.LI) == lists(office.WANG) == 1
        monkeypatch.setattr(worklists, "compose", broken)
        with capture_logs():
            await world.at("2026-03-03 08:35")
            assert (lists(office.LI), lists(office.WANG), lists(office.ZHOU)) == (1, 2, 2)
            await complain(world)
            await world.at("2026-03-03 11:00")
        assert lists(office.LI) == 1
        assert [s for s in news(world, office.OPERATOR) if "worklist" in s], "the operator is told"
        assert len(letters(world, "alarm")) == 1, "once, though it was tried three times"
        monkeypatch.setattr(worklists, "compose", compose)
        await world.at("2026-03-03 12:00")
        assert (lists(office.LI), lists(office.WANG), lists(office.ZHOU)) == (2, 2, 2)

    play(story)


def test_consequences_that_cannot_be_drawn_for_one_letter_are_drawn_for_the_others_and_later_for_it(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = notify.service_failed

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    async def story(world: World) -> None:
        smtp = world.backing._servers.smtp  # type: ignore[attr-defined]
        new = await complain(world)
        smtp.script = lambda envelope: "550 5.1.1 nobody" if "b@b.example" in envelope.rcpt_tos else None
        monkeypatch.setattr(notify, "service_failed", broken)
        world.write("b@b.example", "另一件", "请协调。")
        with capture_logs():
            await world.work()
            await command(world, office.WANG, new, "#受理")
            await world.minutes(16)
        assert "NoticeServed" in events(world), "the other letter's fate is on record"
        assert "受理通知书" in news(world, GM)[-1]
        (failed,) = (x for x in letters(world, "receipt") if x.state == LetterState.FAILED)
        assert not failed.reported
        monkeypatch.setattr(notify, "service_failed", tell)
        await world.work()
        assert [s for s in news(world, office.WANG) + news(world, office.LI) if "信未送达" in s]

    play(story)


def test_a_day_that_cannot_be_planned_is_planned_within_the_hour_and_the_operator_is_told(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = digesting.owed

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    async def story(world: World) -> None:
        monkeypatch.setattr(digesting, "owed", broken)
        with capture_logs():
            await world.at("2026-03-03 08:35")
            assert letters(world, "worklist")[-1].created_at < world.now.replace(hour=0), "none of today yet"
            await complain(world)
            assert news(world, GM), "mail is answered meanwhile"
        monkeypatch.setattr(digesting, "owed", owed)
        await world.at("2026-03-03 10:00")
        assert [s for s in news(world, office.OPERATOR) if "plan of the day" in s]
        assert letters(world, "worklist")[-1].created_at > world.now.replace(hour=0)

    play(story)


def test_a_ticket_whose_dates_cannot_be_counted_stops_neither_the_start_nor_the_others(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = Case.settle

    def broken(self: Case) -> None:
        if self.row.number == "2026-0001":
            raise ZeroDivisionError
        settle(self)

    async def story(world: World) -> None:
        await complain(world)
        await complain(world, "office@glass.example", "另一件")
        monkeypatch.setattr(Case, "settle", broken)
        with world.daemon.store.write() as session:
            session.execute(delete(Meta).where(Meta.name == "calendar-files"))
        with capture_logs():
            await world.restart()
            await world.work()
        assert [s for s in news(world, office.OPERATOR) if "calendar, 2026-0001" in s]
        assert state(world, "2026-0002") == "received"

    play(story)
