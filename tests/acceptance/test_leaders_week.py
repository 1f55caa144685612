"""A leader's one mail a week: what waits for it, what goes alone, and how it is answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk import leader_pace, leader_week
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.reports import directions, periods
from mail_desk.store.schema import Moment
from told import command, complain, events, letters


async def extension(world: World, subject: str = "关于审批迟延的投诉") -> None:
    """Have Wang accept a complaint and propose an extension, which is the leader's to grant."""
    new = await complain(world, subject=subject)
    await command(world, office.WANG, new, "1")
    await command(world, office.WANG, world.last(office.WANG, subject), "#受理")
    await world.minutes(30)
    await command(world, office.WANG, world.last(office.WANG, subject), "#延期 20 需多部门会商")


def test_decisions_wait_for_the_weekly_mail_and_several_are_answered_in_one_line(play: Any) -> None:
    async def story(world: World) -> None:
        await extension(world)
        await extension(world, "另一件投诉")
        await complain(world, subject="第三件投诉")
        await world.at("2026-03-06 18:00")
        assert world.inbox(office.ZHAO) == [], (
            "nothing of it is an emergency, the key project's complaint neither"
        )
        await world.at("2026-03-09 12:00")
        digest = world.inbox(office.ZHAO)
        assert len(digest) == 1
        assert "需多部门会商" in digest[0].text
        assert "延期20个工作日" in digest[0].text
        assert "重点项目" in digest[0].text
        world.reply(office.ZHAO, digest[0], "1同意 2不同意")
        await world.work()
        assert "Extended" in events(world, "2026-0001")
        assert "ProposalRefused" in events(world, "2026-0002")
        assert len(world.inbox(office.ZHAO)) == 1, "and no mail answers the leader"
        told = world.last(office.ZHOU, "赵建国的回信")
        assert "1同意 2不同意" in told.text

    play(story, leaders="weekly")


def test_a_decision_nobody_answered_is_asked_for_alone_two_working_days_before_its_date(play: Any) -> None:
    async def story(world: World) -> None:
        await extension(world)
        with world.daemon.store.read() as session:
            moment = session.scalars(select(Moment).where(Moment.action == "ask-leader")).one()
            ask = moment.due_at.astimezone(world.settings.desk.zone)
        calendar = world.daemon.rules.calendar
        assert calendar.between(ask.date(), calendar.forward(date(2026, 3, 2), 60)) == 2
        with world.daemon.store.decide() as session:
            row = session.scalars(select(Moment).where(Moment.action == "ask-leader")).one()
            leader_week.ask(Work(session, world.daemon.rules, world.clock.now()), row)
        await world.work()
        assert "需多部门会商" in world.last(office.ZHAO, "请审批").text

    play(story, leaders="weekly")


def test_a_decision_waits_only_where_two_working_days_are_left_after_the_weekly_mail(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)  # Monday the 2nd; the next weekly mail leaves on Monday the 9th
        with world.daemon.store.decide() as session:
            work = Work(session, world.daemon.rules, world.clock.now())
            case = Case.by_number(work, "2026-0001")
            zhao, zhou = (
                p for p in (work.people.by_key("zhao"), work.people.by_key("zhou")) if p is not None
            )
            assert case is not None
            assert leader_pace.next_day(work) == date(2026, 3, 9)
            assert not leader_pace.waits(case, zhao, date(2026, 3, 6))
            assert not leader_pace.waits(case, zhao, date(2026, 3, 10))
            assert leader_pace.waits(case, zhao, date(2026, 3, 11))
            assert not leader_pace.waits(case, zhou, date(2026, 6, 1)), "a supervisor is asked at once"

    play(story, leaders="weekly")


def test_a_leader_without_a_weekly_digest_gets_a_letter_only_where_there_is_something(play: Any) -> None:
    async def story(world: World) -> None:
        def compose() -> None:
            with world.daemon.store.decide() as session:
                work = Work(session, world.daemon.rules, world.clock.now())
                leader_week.compose(work, "zhao", date(2026, 3, 2))

        compose()
        await world.work()
        assert letters(world, "leader-week") == []
        await extension(world)
        compose()
        await world.work()
        mail = world.inbox(office.ZHAO)[-1]
        assert "请您决定" in mail.subject
        world.reply(office.ZHAO, mail, "1")
        await world.work()
        assert "Extended" in events(world)

    play(story, leaders="weekly")


def test_the_figures_count_what_leaders_wanted_and_how_it_stands(play: Any) -> None:
    async def story(world: World) -> None:
        await extension(world)
        copy = world.last(office.ZHAO, "请阅")
        for words in ("请抓紧办理", "请3月4日前报我", "请3月30日前报我", "请3月31日前报我"):
            world.reply(office.ZHAO, copy, words)
            await world.work()
        await command(world, office.WANG, world.last(office.WANG, "3月30日前"), "#回报 S2 已办")
        await world.at("2026-03-06 12:00")
        week = periods.of("week", date(2026, 3, 2))
        with world.daemon.store.read() as session:
            now, zone = world.clock.now(), world.settings.desk.zone
            found = directions.collect(session, week, zone=zone, now=now, final={"closed"})
            other = directions.collect(session, week, zone=zone, now=now, final={"closed"}, leader="nobody")
            hidden = directions.collect(session, week, zone=zone, now=now, final=set(), hidden_for="li")
        assert found.supervised == 3
        states = {line.name: line.state for line in found.lines}
        assert states == {"": "passed-on", "S1": "overdue", "S2": "reported", "S3": "open"}
        assert found.count("overdue", "open") == 2
        assert {line.owes for line in found.lines} == {"wang"}
        assert other.lines == ()
        assert len(hidden.lines) == 4, "nothing is hidden from Li"

    play(story)
