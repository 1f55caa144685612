"""What the clock makes of a ticket: reminders, escalations, worklists and digests, by day and once."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mail_desk.config import CalendarYear, DayName
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import LetterRow, Moment
from told import GM, STRANGER, command, complain, letters, row, state, tickets

ZONE = ZoneInfo("Asia/Shanghai")
STAFF = (office.WANG, office.LI, office.ZHOU)


def written(world: World, kind: str, recipient: str = "") -> list[datetime]:
    """Return when letters of a kind were written, in local time."""
    return [
        letter.created_at.astimezone(ZONE)
        for letter in letters(world, kind)
        if recipient in ("", letter.recipient)
    ]


def days(world: World, kind: str, recipient: str = "") -> list[date]:
    return [at.date() for at in written(world, kind, recipient)]


def by_the_clock(world: World) -> list[LetterRow]:
    """Return the letters to staff and leaders that no mail caused."""
    with world.daemon.store.read() as session:
        query = select(LetterRow).where(LetterRow.audience.in_(("staff", "leader"))).order_by(LetterRow.id)
        return [r for r in session.scalars(query) if not (r.cause or "").startswith("message:")]


def working_days(world: World, first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    span = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in span if world.daemon.rules.calendar.is_working(day)]


# --- reminders and escalation ---------------------------------------------------------------------


def test_unmarked_mail_goes_to_the_supervisor_after_one_working_day(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)  # Friday
        await world.at("2026-03-09 18:00")
        assert days(world, "reminder", office.WANG) == [date(2026, 3, 9)]
        assert days(world, "reminder", office.ZHOU) == []
        await world.at("2026-03-10 12:00")
        assert days(world, "reminder", office.ZHOU) == [date(2026, 3, 10)]
        assert "2026-0001" in world.last(office.ZHOU, "2026-0001").text

    play(story, start="2026-03-06 10:00")


def test_a_marked_mail_is_not_reported_to_the_supervisor(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        await world.at("2026-03-10 12:00")
        assert days(world, "reminder", office.ZHOU) == []

    play(story, start="2026-03-06 10:00")


def test_a_late_decision_climbs_from_the_handler_to_the_supervisor_to_the_leader(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")  # decide by 11 March
        await world.at("2026-03-12 08:00")
        assert days(world, "reminder", office.WANG) == [date(2026, 3, 11)], "before, the worklist is enough"
        assert days(world, "reminder", office.ZHOU) == []
        await world.at("2026-03-12 12:00")
        assert days(world, "reminder", office.ZHOU) == [date(2026, 3, 12)]
        assert days(world, "reminder", office.ZHAO) == []
        await world.at("2026-03-17 12:00")
        assert days(world, "reminder", office.ZHAO) == [date(2026, 3, 17)]
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#受理")
        await world.at("2026-03-20 18:00")
        assert days(world, "reminder", office.WANG)[-1] == date(2026, 3, 17), "silence once it is done"

    play(story)


def test_a_month_over_qingming_brings_a_reminder_each_working_day_and_nothing_at_night(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")  # decide by 1 April
        await world.at("2026-04-04 23:30")
        world.meet(STRANGER)
        world.write(STRANGER, "投诉", "许可证迟迟不批。")  # Saturday night, Qingming
        await world.at("2026-04-30 22:00")
        told = by_the_clock(world)
        assert len(told) > 100
        for letter in told:
            for at in (letter.created_at, letter.sent_at):
                assert at is not None
                local = at.astimezone(ZONE)
                assert world.daemon.rules.calendar.is_working(local.date()), (letter.kind, local)
                assert 8 <= local.hour < 20, (letter.kind, local)
        assert date(2026, 4, 6) not in {r.created_at.astimezone(ZONE).date() for r in told}, "a Monday"
        late = [d for d in days(world, "reminder", office.WANG) if d > date(2026, 4, 1)]
        assert late == working_days(world, "2026-04-02", "2026-04-30"), "every working day, without end"
        for person in STAFF:
            assert days(world, "worklist", person) == working_days(world, "2026-03-23", "2026-04-30")

    play(story, start="2026-03-23 09:00")


def test_what_became_due_long_ago_is_not_told_at_night_or_on_a_weekend(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        world.clock.move_to(datetime(2026, 3, 14, 22, 0, tzinfo=ZONE))  # down until Saturday night
        before = len(by_the_clock(world))
        await world.restart()
        await world.work()
        assert len(by_the_clock(world)) == before
        await world.at("2026-03-16 07:30")
        assert len(by_the_clock(world)) == before
        await world.at("2026-03-16 12:00")
        assert days(world, "reminder", office.WANG)[-1] == date(2026, 3, 16)

    play(story)


def test_after_downtime_over_a_holiday_each_reader_gets_one_bundle_and_nothing_twice(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")  # decide by 2 April
        for n in range(3):
            await world.minutes(20)
            world.meet(STRANGER)
            world.write(STRANGER, f"投诉 {n}", "许可证迟迟不批。")
            await world.work()
        await world.at("2026-04-01 20:00")
        kinds = ("reminder", "worklist")
        before = {(k, p): len(written(world, k, p)) for k in kinds for p in (*STAFF, office.ZHAO)}
        world.clock.move_to(datetime(2026, 4, 7, 10, 0, tzinfo=ZONE))  # the 2nd to the 7th: down
        await world.restart()
        await world.work()
        for person in (*STAFF, office.ZHAO):
            grown = {k: len(written(world, k, person)) - before[k, person] for k in kinds}
            assert grown["worklist"] == (0 if person == office.ZHAO else 1), person
            assert grown["reminder"] <= 1, person
        assert len(written(world, "reminder", office.WANG)) == before["reminder", office.WANG] + 1
        bundle = letters(world, "reminder")[-1]
        count = len(by_the_clock(world))
        await world.restart()
        await world.work()
        assert len(by_the_clock(world)) == count, "nothing twice"
        assert bundle.created_at == world.clock.now()

    play(story, start="2026-03-24 09:00")


# --- worklists ------------------------------------------------------------------------------------


def test_the_worklist_comes_each_working_morning_also_when_nothing_is_due(play: Any) -> None:
    async def story(world: World) -> None:
        await world.at("2026-03-11 12:00")
        for person in STAFF:
            assert days(world, "worklist", person) == working_days(world, "2026-03-02", "2026-03-11")
        assert "没有逾期" in world.last(office.LI, "工作清单").text
        assert days(world, "worklist", office.ZHAO) == []

    play(story)


def test_the_supervisor_sees_the_dates_of_the_next_fifteen_working_days_and_handlers_do_not(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")  # decide by 11 March
        await command(world, office.WANG, await complain(world, subject="另一件投诉"), "#受理")  # far off
        await world.at("2026-03-03 12:00")
        shown = world.last(office.ZHOU, "工作清单").text
        assert "今后15个工作日的期限" in shown
        section = shown.partition("今后15个工作日的期限")[2].partition("其他在办")[0]
        assert "2026年3月11日" in section
        assert "2026-0001" in section
        assert "2026-0002" not in section
        assert "今后15个工作日" not in world.last(office.WANG, "工作清单").text

    play(story)


def test_somebody_on_leave_gets_no_worklist_and_the_substitute_sees_the_tickets(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "增值税退税投诉", "退税迟迟不到账。")
        await world.work()
        assert row(world).handler == "li"
        await world.at("2026-03-06 12:00")
        assert days(world, "worklist", office.LI) == [date(2026, 3, d) for d in (2, 3, 6)]
        lists = [g for g in world.inbox(office.WANG) if "工作清单" in g.subject]
        shown = [("2026-0001" in g.text) for g in lists]
        assert shown == [False, False, True, True, False], "Li's leave: the 4th and 5th"

    play(story, leave="[{ first = 2026-03-04, last = 2026-03-05 }]")


# --- digests --------------------------------------------------------------------------------------


def test_digests_come_once_a_period_and_none_for_the_time_before_the_desk(play: Any) -> None:
    async def story(world: World) -> None:
        await world.at("2026-03-08 20:00")
        assert letters(world, "digest") == [], "nothing is owed for before the 4th of March"
        await world.at("2026-04-02 12:00")
        weekly = [s for s in (g.subject for g in world.inbox(office.ZHAO)) if "周报" in s]
        monthly = [s for s in (g.subject for g in world.inbox(office.ZHAO)) if "月报" in s]
        assert (len(weekly), len(monthly)) == (4, 1)
        assert len(set(weekly)) == 4
        assert days(world, "digest") == [date(2026, 3, d) for d in (9, 16, 23, 30)] + [date(2026, 4, 1)]

    play(story, start="2026-03-04 09:00")


def test_a_digest_that_fell_into_downtime_comes_late_and_once(play: Any) -> None:
    async def story(world: World) -> None:
        world.clock.move_to(datetime(2026, 3, 18, 10, 0, tzinfo=ZONE))
        await world.restart()
        await world.work()
        await world.restart()
        await world.work()
        subjects = [g.subject for g in world.inbox(office.ZHAO)]
        assert len(subjects) == len(set(subjects)) == 2, "the weeks to 8 and to 15 March"
        assert days(world, "digest") == [date(2026, 3, 18)] * 2

    play(story, start="2026-03-04 09:00")


# --- the day's budget -----------------------------------------------------------------------------


def test_bundles_beyond_their_share_wait_for_the_next_day_and_statutory_letters_do_not(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)  # Friday: to be marked by Monday
        world.write(GM, "另一件投诉", "另一件事。")
        await world.work()
        await world.at("2026-03-09 08:00")
        for n in range(15):
            sender = f"p{n}@crowd.example"
            world.meet(sender)
            world.write(sender, f"投诉 {n}", "许可证迟迟不批。")
        await world.at("2026-03-09 10:00")
        world.reply(office.WANG, new, "#受理")
        await world.at("2026-03-09 23:00")
        assert state(world) == "accepted"
        assert letters(world, "acceptance")[0].sent_at is not None, "from the reserve"
        assert days(world, "worklist").count(date(2026, 3, 9)) == 3, "from what confirmations leave alone"
        assert date(2026, 3, 9) not in days(world, "digest")
        assert date(2026, 3, 9) not in days(world, "reminder")
        assert tickets(world) == 17
        await world.at("2026-03-10 12:00")
        assert days(world, "worklist", office.ZHOU)[-1] == date(2026, 3, 10)
        assert days(world, "reminder", office.WANG) == [date(2026, 3, 10)]
        assert (
            "2026-0002" in letters(world, "reminder")[0].subject + world.last(office.WANG, "2026-0002").text
        )
        at = Counter(w.hour for w in written(world, "worklist") if w.date() == date(2026, 3, 10))
        assert set(at) == {8}

    play(story, start="2026-03-06 10:00", per_day=64)


# --- the calendar ---------------------------------------------------------------------------------


def test_a_calendar_that_is_published_later_moves_provisional_dates_and_their_moments(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.minutes(16)
        held = [d for d in world.last(office.WANG, "已执行").text.splitlines() if "暂定" in d]
        assert held, "60 working days end in a year without a calendar: provisional"
        before = pending(world)
        spring = tuple(
            DayName(day=date(2027, 2, d), name="春节", name_en="Spring Festival") for d in range(1, 12)
        )
        year = CalendarYear(year=2027, source="pretend notice", holiday=spring)
        world.settings = world.settings.model_copy(update={"calendar": (*world.settings.calendar, year)})
        await world.restart()
        await world.work()
        await world.at("2026-11-10 12:00")
        (notice,) = letters(world, "dates-moved")
        assert notice.recipient == office.WANG
        told = "".join(world.last(office.WANG, "日期有变动").text.split())
        assert "2026-0001" in told
        assert "原为2027年2月1日" in told, "sixty working days from 9 November, the Spring Festival unknown"
        assert "现为2027年2月12日" in told
        after = pending(world)
        assert set(after) != set(before)
        assert before["due@2027-02-01"] == local("2027-02-01 09:00")
        assert after["due@2027-02-12"] == local("2027-02-12 09:00")
        assert "due@2027-02-01" not in after
        await world.restart()
        await world.work()
        assert pending(world) == after
        assert len(letters(world, "dates-moved")) == 1, "told once"

    play(story, start="2026-11-09 09:00")


def test_a_calendar_that_moves_no_date_is_not_news(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")  # decide by 18 November: settled
        year = CalendarYear(
            year=2027, source="pretend notice", holiday=(DayName(day=date(2027, 1, 1), name="元旦"),)
        )
        world.settings = world.settings.model_copy(update={"calendar": (*world.settings.calendar, year)})
        await world.restart()
        await world.at("2026-11-10 12:00")
        assert letters(world, "dates-moved") == []

    play(story, start="2026-11-09 09:00")


def pending(world: World, limit: str = "conclude") -> dict[str, datetime]:
    """Return when the moments of a limit are due, by step and date."""
    with world.daemon.store.read() as session:
        query = select(Moment).where(Moment.state == "pending", Moment.key.like(f"ticket/1/{limit}/%"))
        return {m.key.rpartition("/")[2]: m.due_at for m in session.scalars(query)}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize("late", [3, 40])
def test_a_store_shows_no_moment_that_can_never_fire(play: Any, late: int) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        await world.advance_to(world.clock.now() + timedelta(days=late))
        due = pending(world, "decide")
        assert due, "there is always a next one"
        assert all(at > world.clock.now() for at in due.values())

    play(story)
