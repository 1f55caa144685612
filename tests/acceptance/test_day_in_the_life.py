"""One day of an office, done with mails alone: a handler on the phone, a supervisor, a leader of few words.

Each mail is looked at when it comes: what its subject says, what stands first, which digits it offers. At the end of
the day stands how many each of them got.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape
from pathlib import Path
from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import GM, events, row, state

WANG, LI, ZHOU, ZHAO = office.WANG, office.LI, office.ZHOU, office.ZHAO
GLASS = "office@glass.example"
REPLIES = Path(__file__).parents[1] / "corpus" / "replies"
IPHONE, ANDROID, MAIL_MASTER = "apple", "gmail", "mailmaster"


def by_phone(world: World, sender: str, to: Got, typed: str, client: str) -> None:
    """Have somebody answer as a phone does: HTML only, the words on top, a signature, the letter quoted."""
    page = (REPLIES / f"{client}.html").read_text(encoding="utf-8")
    signature = {IPHONE: "发自我的iPhone", ANDROID: "", MAIL_MASTER: "发自我的手机"}[client]
    words = "<br>".join(escape(line) for line in typed.split("\n"))
    quoted = "<br>".join(escape(line) for line in to.text.splitlines())
    page = page.replace("同意。", f"{words}<br><br>{signature}" if signature else words, 1)
    page = page.replace("#close", quoted, 1)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, world.desk, f"Re: {to.subject}"
    mail["Date"], mail["Message-ID"] = format_datetime(world.now), make_msgid(domain="phone.example")
    mail["In-Reply-To"] = f"<{to.mail.message_id}>"
    mail.set_content(page, subtype="html")
    world.backing.deliver(world.desk, mail.as_bytes(), folder="INBOX", when=world.clock.now())


class Person:
    """Somebody with a mailbox, who reads each mail once."""

    def __init__(self, world: World, address: str) -> None:
        self.world, self.address, self.read = world, address, 0

    def gets(self, *subjects: str) -> Got:
        """Say that just these came since the last look; return the newest. Each must make sense by itself."""
        fresh = self.world.inbox(self.address)[self.read :]
        self.read += len(fresh)
        said = [got.subject.partition("] ")[2] or got.subject for got in fresh]
        assert len(said) == len(subjects), said
        for got, words in zip(fresh, subjects, strict=True):
            assert words in got.subject, said
            understandable(got)
        return fresh[-1]

    def hears_nothing(self) -> None:
        assert self.world.inbox(self.address)[self.read :] == []


def body(got: Got) -> list[str]:
    """Return the lines below the mark that replies stand above."""
    lines = [line.strip() for line in got.text.splitlines()]
    start = next((n + 1 for n, line in enumerate(lines) if "请在此行以上回复" in line), 0)
    return [line for line in lines[start:] if line]


def flat(text: str) -> str:
    return "".join(text.replace("│", "").split())


def offered(got: Got) -> dict[str, str]:
    """Return the digits a letter offers and what each stands for."""
    return dict(re.findall(r"^ *(\d)(?: …)? = (.+)$", got.text, re.MULTILINE))


def understandable(got: Got) -> None:
    """Hold what every letter to staff must do on a phone's screen."""
    subject = got.subject.partition("] ")[2]
    assert 4 <= len(subject) <= 60, subject
    first = body(got)[0]
    assert 2 <= len(first) <= 60, first
    digits = offered(got)
    assert list(digits) == [str(n) for n in range(1, len(digits) + 1)]
    assert ("请回复一个数字" in got.text) is bool(digits)


async def complain(world: World, sender: str, subject: str, text: str) -> None:
    world.meet(sender)
    world.write(sender, subject, text)
    await world.work()


class Day:
    """The people of the story, and what they do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wang, self.li = Person(world, WANG), Person(world, LI)
        self.zhou, self.zhao = Person(world, ZHOU), Person(world, ZHAO)
        self.few: list[str] = []  # what the leader typed

    async def phone(self, who: Person, to: Got, typed: str, client: str) -> None:
        by_phone(self.world, who.address, to, typed, client)
        await self.world.work()

    async def desk(self, who: Person, to: Got, typed: str) -> None:
        self.world.reply(who.address, to, typed)
        await self.world.work()

    async def leader(self, to: Got, typed: str) -> None:
        self.few.append(typed)
        await self.phone(self.zhao, to, typed, IPHONE)

    def quiet(self, *people: Person) -> None:
        for person in people:
            person.hears_nothing()


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
THAT_DAY = {WANG: 14, LI: 2, ZHOU: 13, ZHAO: 3}


def test_a_day_of_a_handler_on_the_phone_a_supervisor_and_a_leader_of_five_characters(play: Any) -> None:
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
            "投诉办理延期通知书（2026-0001）",
            "投诉处理结果通知书（2026-0001）",
        ]
        assert "Undone" not in events(world)

    play(story, outward="review")
