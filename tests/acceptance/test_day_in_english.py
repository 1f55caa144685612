"""The day of `test_day_in_the_life.py` in an office that works in English, with enterprises that write English."""

from __future__ import annotations

import asyncio
from typing import Any

from mail_desk.demo.world import World
from office_day import ANDROID, IPHONE, LI, MAIL_MASTER, WANG, ZHAO, ZHOU, Day, body, complain, flat, offered
from told import GM, events, row, state

GLASS = "office@glass.example"


async def _morning(day: Day) -> None:
    """08:30 to 10:00: worklists, a complaint, two digits, a release."""
    world, wang, zhou, zhao = day.world, day.wang, day.zhou, day.zhao
    await world.at("2026-03-03 08:31")
    for person in (wang, day.li, zhou):
        person.gets("Worklist 3 Mar: nothing is due")
    await world.at("2026-03-03 09:10")
    await complain(
        world,
        GM,
        "Complaint about delayed licence change",
        "Dear Sir or Madam,\nour application has not been answered for two months. Please help.\n",
    )
    new = wang.gets("2026-0001 for you: Complaint about delayed licence change")
    assert body(new)[0] == "Letter 2026-0001 is yours to handle"
    assert "not been answered for two months" in " ".join(new.text.split())
    assert offered(new)["1"] == "It is a complaint"
    assert offered(zhao.gets("2026-0001 for your information"))["1"] == "Read"
    await day.phone(wang, new, "1", IPHONE)
    marked = wang.gets("2026-0001 Done: Marked as a complaint")
    assert offered(marked)["1"] == "Complete: accept it"
    await day.phone(wang, marked, "Option 1", MAIL_MASTER)
    assert "29 May 2026" in wang.gets("2026-0001 Done: Accepted").text, "by when it is to be concluded"
    review = zhou.gets("2026-0001 for release: Your complaint has been accepted")
    assert offered(review)["1"] == "Release it"
    await day.desk(zhou, review, "1")
    zhou.gets("2026-0001 Done: Released")
    await world.minutes(16)
    assert "Your complaint has been accepted (2026-0001)" in world.inbox(GM)[-1].subject
    day.quiet(wang, day.li, zhou, zhao)


async def _colleagues(day: Day) -> None:
    """10:30 to 11:30: a leave, a ticket for another hand, a matter for the leader."""
    world, wang, zhou, zhao = day.world, day.wang, day.zhou, day.zhao
    await world.at("2026-03-03 10:30")
    await complain(world, GLASS, "VAT refund still not paid", "No result of our VAT refund for four months.")
    day.li.gets("2026-0002 for you: VAT refund still not paid")
    await day.desk(zhou, world.inbox(ZHOU)[-1], "#leave Li Qiang 2026-03-04 2026-03-06")
    leave = zhou.gets("Done: Li Qiang is away from 4 March 2026 to 6 March 2026")
    await day.desk(zhou, leave, "#2026-0002 assign wang")
    ready = zhou.gets("2026-0002")  # no letter about that ticket: one digit
    assert offered(ready) == {"1": "#2026-0002 assign wang"}
    await day.desk(zhou, ready, "1")
    zhou.gets("2026-0002 Done: Assigned to Wang Fang")
    assert "Zhou Min" in wang.gets("2026-0002 for you: VAT refund still not paid").text
    assert "Wang Fang handles it now" in " ".join(
        day.li.gets("2026-0002: somebody else handles it now").text.split()
    )
    await world.at("2026-03-03 11:00")
    words = "#through-train The new line cannot start; the city bureau is needed"
    await day.phone(wang, world.last(WANG, "2026-0001"), words, ANDROID)
    wang.gets("2026-0001 Done: Put straight to Zhao Jianguo")
    zhou.gets("Through-train 2026-0001 (copy)")
    train = zhao.gets("Through-train 2026-0001: The new line cannot start")
    await day.leader(train, "Hurry")
    assert (
        body(wang.gets("2026-0001 instruction of Zhao Jianguo: Hurry"))[0]
        == "Zhao Jianguo instructs on 2026-0001"
    )
    zhou.gets("2026-0001 instruction of Zhao Jianguo: Hurry")
    day.quiet(day.li, zhao)


async def _afternoon(day: Day) -> None:
    """14:00 to 17:30: more time, the second complaint, and the first one ends."""
    world, wang, zhou, zhao = day.world, day.wang, day.zhou, day.zhao
    await world.at("2026-03-03 14:00")
    await day.phone(wang, world.last(WANG, "2026-0001"), "#extend 20 several departments must confer", IPHONE)
    wang.gets("2026-0001 Done: Extended by 20 working days")
    asked = zhao.gets("2026-0001 for approval: extend the time limit (from Wang Fang)")
    assert "several departments must confer" in asked.text
    await day.leader(asked, "Agree")
    wang.gets("2026-0001 extend the time limit: approved (Zhao Jianguo)")
    zhou.gets("Reply of Zhao Jianguo: 2026-0001 Done: Approved")
    await world.at("2026-03-03 15:00")
    await day.phone(wang, world.last(WANG, "2026-0002"), "complaint", MAIL_MASTER)
    marked = wang.gets("2026-0002 Done: Marked as a complaint")
    await day.phone(wang, marked, "1", ANDROID)
    wang.gets("2026-0002 Done: Accepted")
    await day.desk(zhou, zhou.gets("2026-0002 for release"), "release")
    zhou.gets("2026-0002 Done: Released")
    await world.at("2026-03-03 16:00")
    world.reply(
        GM, world.last(GM, "has been accepted"), "We have the licence now and agree to end the complaint."
    )
    await world.work()
    agreed = wang.gets("2026-0001")
    assert "agree to end the complaint" in " ".join(agreed.text.split())
    await day.phone(wang, agreed, "#conclude 1 The new licence has been issued.", IPHONE)
    wang.gets("2026-0001 Done: Concluded")
    end = zhou.gets("2026-0001 for approval: conclude (from Wang Fang)")
    assert "The new licence has been issued" in end.text
    await day.desk(zhou, end, "1")
    zhou.gets("2026-0001 Done: Approved")
    wang.gets("2026-0001 conclude: approved (Zhou Min)")
    await world.at("2026-03-03 17:30")
    day.quiet(wang, day.li, zhou, zhao)


THAT_DAY = {WANG: 14, LI: 3, ZHOU: 13, ZHAO: 3}  # mails each got, as in Chinese


def test_the_same_day_in_english_takes_as_many_mails_and_the_leader_as_few_characters(
    make_world: Any,
) -> None:
    async def lived() -> None:
        world: World = make_world("2026-03-02 09:00", outward="review", staff_language="en")
        try:
            await world.work()
            day = Day(world)
            for person in (day.wang, day.li, day.zhou, day.zhao):
                person.read = len(world.inbox(person.address))  # of the day before
            before = {a: len(world.inbox(a)) for a in THAT_DAY}
            for part in (_morning, _colleagues, _afternoon):
                await part(day)
            assert {a: len(world.inbox(a)) - before[a] for a in THAT_DAY} == THAT_DAY
            assert max(map(len, day.few)) <= 5
            assert [row(world, n).handler for n in ("2026-0001", "2026-0002")] == ["wang", "wang"]
            assert (state(world), state(world, "2026-0002")) == ("concluded", "accepted")
            assert "Undone" not in events(world)
            for got in world.inbox(GM):
                assert "Dear" in flat(got.text) or "Notice" in got.text, got.subject
        finally:
            await world.close()

    asyncio.run(lived())
