"""One day of an office, done with mails alone: a handler on the phone, a supervisor, a leader of few words.

Each mail is looked at when it comes (`tests/support/office_day.py`). At the end of the day stands how many each got. The
same day is lived in Chinese and in English, on the embedded servers and on Dovecot and Postfix, on both databases.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from mail_desk.demo.world import World
from office_day import (
    ANDROID,
    IPHONE,
    LI,
    MAIL_MASTER,
    WANG,
    ZHAO,
    ZHOU,
    Day,
    body,
    complain,
    flat,
    offered,
)
from told import GM, events, row, state

GLASS = "office@glass.example"


async def _morning(day: Day) -> None:
    """08:30 to 10:00: worklists, a complaint, one digit, one digit, one digit."""
    world, wang, zhou, zhao = day.world, day.wang, day.zhou, day.zhao
    await world.at("2026-03-03 08:31")
    for person in (wang, day.li, zhou):
        person.gets("3月3日工作清单：没有到期事项")
    zhao.hears_nothing()
    await world.at("2026-03-03 09:10")
    await complain(
        world, GM, "关于营业执照变更审批迟延的投诉", "您好：\n我公司的申请两个月没有答复，请协调。\n"
    )
    new = wang.gets("2026-0001 请承办：关于营业执照变更审批迟延的投诉")
    assert body(new)[0] == "来信 2026-0001 请您承办"
    assert "两个月没有答复" in new.text, "what it is about stands in the mail"
    assert offered(new)["1"] == "是投诉"
    read = zhao.gets("2026-0001 请阅：关于营业执照变更审批迟延的投诉")  # a key project of his
    assert offered(read)["1"] == "阅"
    await world.at("2026-03-03 09:25")
    await day.phone(wang, new, "1", IPHONE)
    marked = wang.gets("2026-0001 已执行：标记为投诉")
    assert offered(marked)["1"] == "材料齐备，予以受理"
    await day.phone(wang, marked, "1", MAIL_MASTER)
    accepted = wang.gets("2026-0001 已执行：予以受理")
    assert "2026年5月29日" in accepted.text, "by when it is to be concluded"
    review = zhou.gets("2026-0001 请审签：投诉受理通知书")
    assert offered(review) == {"1": "放行", "2": "退回（可写理由）"}
    assert "根据《外商投资企业投诉工作办法》，现决定予以受理" in flat(review.text)
    await day.desk(zhou, review, "1")
    assert "已放行" in zhou.gets("2026-0001 已执行：已放行").text
    await world.minutes(16)
    assert "受理通知书" in world.inbox(GM)[-1].subject
    day.quiet(wang, day.li, zhou, zhao)


async def _colleagues(day: Day) -> None:
    """10:30 to 11:30: a colleague's leave, a ticket for another hand, a matter for the leader."""
    world, wang, zhou, zhao = day.world, day.wang, day.zhou, day.zhao
    await world.at("2026-03-03 10:30")
    await complain(world, GLASS, "增值税退税迟迟不到账", "我公司的退税申请已四个月没有结果。")
    day.li.gets("2026-0002 请承办：增值税退税迟迟不到账")
    await day.desk(zhou, world.inbox(ZHOU)[-1], "#请假 李强 2026-03-04 2026-03-06")
    leave = zhou.gets("已执行：李强2026年3月4日至2026年3月6日不在岗")
    assert "在办来信由其代办" in flat(leave.text)
    await day.desk(zhou, leave, "#2026-0002 转办 王芳")
    ready = zhou.gets(
        "2026-0002 有 1 条命令未执行：#2026-0002 转办 王芳"
    )  # no letter about that ticket: one digit
    assert offered(ready) == {"1": "#2026-0002 转办 王芳"}
    await day.desk(zhou, ready, "1")
    zhou.gets("2026-0002 已执行：转办给王芳")
    assert "周敏" in wang.gets("2026-0002 请承办：增值税退税迟迟不到账").text
    assert "现由王芳办理" in flat(day.li.gets("2026-0002已转给他人办理").text)
    await world.at("2026-03-03 11:00")
    await day.phone(wang, world.last(WANG, "2026-0001"), "#直通车 企业新生产线无法投产，需市局协调", ANDROID)
    wang.gets("2026-0001 已执行：直通车")
    zhou.gets("直通车 2026-0001（抄送）：企业新生产线无法投产")
    train = zhao.gets("直通车 2026-0001：企业新生产线无法投产，需市局协调")
    assert offered(train)["1"] == "阅"
    await day.leader(train, "请抓紧办理")
    told = wang.gets("2026-0001 赵建国批示：请抓紧办理")
    assert body(told)[0] == "赵建国对 2026-0001 作出批示"
    zhou.gets("2026-0001 赵建国批示：请抓紧办理")
    day.quiet(day.li, zhao)


async def _afternoon(day: Day) -> None:
    """14:00 to 17:30: more time, the second complaint, and the first one ends."""
    world, wang, zhou, zhao = day.world, day.wang, day.zhou, day.zhao
    await world.at("2026-03-03 14:00")
    await day.phone(wang, world.last(WANG, "2026-0001"), "#延期 20 需多部门会商", IPHONE)
    wang.gets("2026-0001 已执行：延期20个工作日")
    asked = zhao.gets("2026-0001 请审批：延长办理期限（王芳报）")
    assert body(asked)[0] == "请审批：延长办理期限"
    assert "需多部门会商" in asked.text
    await day.leader(asked, "同意")
    wang.gets("2026-0001 延长办理期限：已同意（赵建国）")
    zhou.gets("赵建国的回信：2026-0001 已执行：同意")
    await world.at("2026-03-03 15:00")
    await day.phone(wang, world.last(WANG, "2026-0002"), "1", MAIL_MASTER)
    marked = wang.gets("2026-0002 已执行：标记为投诉")
    await day.phone(wang, marked, "1", ANDROID)
    wang.gets("2026-0002 已执行：予以受理")
    await day.desk(zhou, zhou.gets("2026-0002 请审签：投诉受理通知书"), "放行")
    zhou.gets("2026-0002 已执行：已放行")
    await world.at("2026-03-03 16:00")
    world.reply(GM, world.last(GM, "受理通知书"), "新执照已经领到，同意终结投诉，谢谢。")
    await world.work()
    agreed = wang.gets("2026-0001 投诉人补充来信")
    assert "同意终结投诉" in agreed.text
    await day.phone(wang, agreed, "#办结 1 市场监管局已核发新执照。", IPHONE)
    wang.gets("2026-0001 已执行：办结")
    end = zhou.gets("2026-0001 请审批：办结（王芳报）")
    assert "市场监管局已核发新执照" in end.text
    await day.desk(zhou, end, "1")
    zhou.gets("2026-0001 已执行：同意")
    wang.gets("2026-0001 办结：已同意（周敏）")
    await world.at("2026-03-03 17:30")
    day.quiet(wang, day.li, zhou, zhao)


# How many mails each got that day, worklists and answers to their own mails among them.
THAT_DAY = {WANG: 14, LI: 3, ZHOU: 13, ZHAO: 3}


def live(make_world: Any, story: Callable[[World], Coroutine[Any, Any, None]], **options: Any) -> None:
    """Open a desk on one of the backings and live a day in it."""

    async def lived() -> None:
        world = make_world("2026-03-02 09:00", outward="review", **options)
        try:
            await world.work()
            await story(world)
        finally:
            await world.close()

    asyncio.run(lived())


def test_a_day_of_a_handler_on_the_phone_a_supervisor_and_a_leader_of_five_characters(
    make_world: Any,
) -> None:
    async def story(world: World) -> None:
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
        assert [got.subject.partition("] ")[2] for got in world.inbox(GM)] == [
            "来信已收到，编号 2026-0001",
            "投诉受理通知书（2026-0001）",
            "投诉办理延期告知书（2026-0001）",
            "投诉处理结果通知书（2026-0001）",
        ]
        assert "Undone" not in events(world)

    live(make_world, story)
