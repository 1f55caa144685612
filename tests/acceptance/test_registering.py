"""Registering complaints that did not come to the desk by mail: stories by mail, in both languages."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.inbound.parse import part_bytes
from mail_desk.store.schema import LetterRow, Message, Meta, Moment
from told import GM, command, complain, events, filed, letters, row, state, tickets

ZONE = ZoneInfo("Asia/Shanghai")
CALL = "#登记\n昨天上午示例轴承张经理来电，反映11月停电影响生产，要求协调供电。电话13800000001。\n"


def flat(text: str) -> str:
    return "".join(text.split())


async def put_down(world: World, sender: str, text: str, **more: Any) -> Got:
    """Have somebody of the office write to the desk out of the blue, and return the answer."""
    world.write(sender, "登记", text, **more)
    await world.work()
    return world.last(sender)


def test_a_telephone_call_is_shown_first_and_opened_by_one_digit_with_its_true_day(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(world, office.LI, CALL)
        text = flat(shown.text)
        assert tickets(world) == 0, "nothing is opened before the digit"
        for said in (
            "收到日期：2026年3月3日",
            "渠道：电话",
            "投诉人：张经理",
            "电话：13800000001",
            "企业：示例轴承（洛阳）有限公司",
        ):
            assert said in text, said
        answer = await command(world, office.LI, shown, "1")
        assert "已登记为2026-0001" in flat(answer.text)
        made = row(world)
        assert (made.channel, made.enterprise, made.complainant_address) == ("telephone", "bearing", "")
        assert made.received_at.astimezone(ZONE).date() == date(2026, 3, 3)
        assert made.handler == "wang", "the rules choose, not the registrant"
        assert filed(world)[0] == "registered"
        letter = world.last(office.WANG, "请承办")
        assert "由李强登记，渠道：电话" in flat(letter.text)
        assert letters(world, "receipt") == []

    play(story, start="2026-03-04 10:00")


def test_limits_count_from_the_day_it_came_not_from_the_day_of_writing(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(
            world, office.ZHOU, "#登记\n渠道：来访\n收到日期：3月2日\n投诉人：王先生\n内容：厂区道路被挖断"
        )
        await command(world, office.ZHOU, shown, "1")
        answer = world.last(office.ZHOU, "已登记为")
        assert "2026年3月11日" in flat(answer.text), "seven working days from 2 March"

    play(story, start="2026-03-06 10:00")


def test_the_same_digit_opens_one_ticket_only(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(world, office.LI, CALL)
        await command(world, office.LI, shown, "1")
        again = await command(world, office.LI, shown, "1")
        assert tickets(world) == 1
        assert "已经登记，编号2026-0001" in flat(again.text)

    play(story, start="2026-03-04 10:00")


def test_what_is_missing_is_asked_for_and_one_line_completes_it(play: Any) -> None:
    async def story(world: World) -> None:
        asked = await put_down(
            world, office.LI, "#登记\n投诉人：王先生\n内容：厂区道路被挖断\n收到日期：昨天"
        )
        assert "还缺：渠道" in flat(asked.text)
        shown = await command(world, office.LI, asked, "2")  # 来访
        assert "渠道：来访" in flat(shown.text)
        assert tickets(world) == 0
        await command(world, office.LI, shown, "1")
        assert row(world).channel == "visit"

    play(story, start="2026-03-04 10:00")


def test_a_correction_needs_a_digit_of_its_own(play: Any) -> None:
    async def story(world: World) -> None:
        first = await put_down(world, office.LI, CALL)
        second = await command(world, office.LI, first, "2 投诉人：李总")
        assert "投诉人：李总" in flat(second.text)
        stale = await command(world, office.LI, first, "1")
        assert tickets(world) == 0, "the digit of the first letter confirms what that one showed"
        await command(world, office.LI, stale, "1")
        assert row(world).complainant_name == "李总"

    play(story, start="2026-03-04 10:00")


def test_a_day_to_come_is_refused_and_one_long_past_is_asked_about_twice(play: Any) -> None:
    async def story(world: World) -> None:
        form = "#登记\n渠道：来信\n投诉人：王先生\n内容：退税迟延\n收到日期："
        refused = await put_down(world, office.LI, form + "2026-03-20")
        assert "还没有到" in flat(refused.text)
        old = await put_down(world, office.LI, form + "2026-01-05")
        assert "三十天以上" in flat(old.text)
        shown = await command(world, office.LI, old, "1")
        assert tickets(world) == 0
        assert "尚未立件" in flat(shown.text)
        await command(world, office.LI, shown, "1")
        assert row(world).received_at.astimezone(ZONE).date() == date(2026, 1, 5)

    play(story, start="2026-03-04 10:00")


def test_the_higher_bodys_limit_is_reminded_of_until_it_is_reported_back(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(
            world, office.ZHOU, "#登记 今天示例市商务局转来王先生的投诉：退税迟延。上级要求3月20日前报结果。"
        )
        assert "上级期限：2026年3月20日" in flat(shown.text)
        answer = await command(world, office.ZHOU, shown, "1")
        assert "督办S1" in flat(answer.text)
        with world.daemon.store.read() as session:
            due = session.scalars(select(Moment).where(Moment.action == "supervision")).one()
        assert due.due_at.astimezone(ZONE).date() == date(2026, 3, 20)
        await world.at("2026-03-20 12:00")
        handler = row(world).handler
        reminded = [x for x in letters(world, "reminder") if x.person == handler]
        assert reminded, "who handles it is reminded on the day"
        assert "SupervisionReminded" in events(world)

    play(story, start="2026-03-04 10:00")


def test_an_english_registration_is_answered_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(
            world,
            office.LI,
            "#register\nchannel: phone\nreceived: yesterday\ncomplainant: Anna Keller\ntelephone: +49 89 1234567\ncompany: Example Bearings\nwords:\nThe permit has been pending since May.",
        )
        assert "Nothing has been opened yet" in shown.text
        assert "Telephone: +49 89 1234567" in shown.text
        answer = await command(world, office.LI, shown, "1")
        assert "Registered as 2026-0001 (telephone)" in answer.text.replace("\n", " ")
        assert row(world).language == "en"

    play(story, start="2026-03-04 10:00", staff_language="en")


# --- forwarded mails --------------------------------------------------------------------------------

INNER = "尊敬的领导：\n我公司厂区停水三天，请协调恢复供水。\n"


def attached(sender: str = "Anna Keller <anna@keller.example>") -> tuple[str, str, bytes]:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, office.LI, "停水投诉"
    mail["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    mail["Message-ID"] = "<inner@keller.example>"
    mail.set_content(INNER)
    return "停水投诉.eml", "message/rfc822", mail.as_bytes()


def forward(world: World, files: tuple[str, str, bytes], text: str = "#登记\n") -> None:
    outer = EmailMessage(policy=SMTP)
    outer["From"], outer["To"], outer["Subject"] = f"李强 <{office.LI}>", world.desk, "转发：停水投诉"
    outer["Message-ID"] = "<outer@office.example>"
    outer.set_content(text)
    outer.add_attachment(__import__("email").message_from_bytes(files[2], policy=SMTP), filename=files[0])
    world.backing.deliver(world.desk, outer.as_bytes(), folder="INBOX", when=world.now)


def test_a_mail_forwarded_as_attachment_is_registered_with_its_original_and_a_receipt_on_demand(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        world.meet("anna@keller.example")
        forward(world, attached())
        await world.work()
        shown = world.last(office.LI)
        text = flat(shown.text)
        assert "投诉人：AnnaKeller" in text
        assert "邮箱：anna@keller.example" in text
        assert "收到日期：2026年3月2日" in text
        assert "渠道：转发" in text
        await command(world, office.LI, shown, "2")
        made = row(world)
        assert (made.complainant_address, made.channel, made.subject) == (
            "anna@keller.example",
            "forwarded",
            "停水投诉",
        )
        receipt = world.last("anna@keller.example")
        assert "李强" not in receipt.text
        assert office.LI not in receipt.raw.decode("utf-8", "replace"), "nobody's address leaves"
        assert "outer@office.example" not in receipt.raw.decode("utf-8", "replace")
        with world.daemon.store.read() as session:
            source = session.scalars(select(Message).where(Message.filed_as == "registered")).one()
        assert source.ticket_id == made.id
        assert [a["content_type"] for a in source.attachments] == ["message/rfc822"]
        assert any(
            "停水投诉" in (a.filename or "") for a in world.last(office.WANG, "请承办").mail.attachments
        )

    play(story, start="2026-03-04 10:00")


def test_a_mail_forwarded_inline_is_read_below_the_command(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(
            world,
            office.LI,
            f'#登记\n\n-------- 转发邮件信息 --------\n发件人："安娜" <anna@keller.example>\n发送日期：2026-03-02 09:00:00\n收件人：{office.LI}\n主题：停水投诉\n\n{INNER}',
        )
        text = flat(shown.text)
        assert "投诉人：安娜" in text
        assert "内容：尊敬的领导：我公司厂区停水三天" in text
        await command(world, office.LI, shown, "1")
        assert row(world).complainant_address == "anna@keller.example"
        assert letters(world, "receipt") == []

    play(story, start="2026-03-04 10:00")


def test_a_forward_of_a_known_complainant_can_be_filed_on_the_open_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        forward(world, attached(f"总经理 <{GM}>"))
        await world.work()
        shown = world.last(office.LI)
        assert "归入同一投诉人的在办件2026-0001" in flat(shown.text)
        answer = await command(world, office.LI, shown, "1")
        assert "已归入2026-0001" in flat(answer.text)
        assert tickets(world) == 1
        assert "FollowedUp" in events(world)
        assert "由李强登记转来" in flat(world.last(office.WANG, "2026-0001").text)

    play(story, start="2026-03-04 10:00")


def test_nobody_but_its_writer_confirms_a_registration(play: Any) -> None:
    async def story(world: World) -> None:
        await put_down(world, office.LI, CALL)
        with world.daemon.store.read() as session:
            name, value = session.execute(
                select(Meta.name, Meta.value).where(Meta.name.startswith("registration/"))
            ).one()
        assert value
        number = name.rpartition("/")[2]
        refused = await put_down(world, office.WANG, f"#登记 M{number} open 00000000")
        assert "没有待确认的登记" in refused.text
        forged = await put_down(world, office.LI, f"#登记 M{number} open 00000000")
        assert "尚未立件" in flat(forged.text)
        assert tickets(world) == 0

    play(story, start="2026-03-04 10:00")


def test_a_leader_is_told_who_registers(play: Any) -> None:
    async def story(world: World) -> None:
        world.write(office.ZHAO, "登记", CALL)
        await world.work()
        assert tickets(world) == 0

    play(story, start="2026-03-04 10:00")


# --- a complainant without an address -----------------------------------------------------------------


async def accepted(world: World) -> Got:
    shown = await put_down(world, office.LI, CALL)
    await command(world, office.LI, shown, "1")
    marked = await command(world, office.WANG, world.last(office.WANG, "请承办"), "1")
    return await command(world, office.WANG, marked, "#受理")


def test_a_notice_to_somebody_without_an_address_is_printed_and_served_by_a_digit(play: Any) -> None:
    async def story(world: World) -> None:
        answer = await accepted(world)
        assert state(world) == "accepted"
        assert "没有电子邮箱" in flat(answer.text)
        assert "不通过邮件发出，请打印" in flat(answer.text)
        assert "予以受理" in answer.text
        assert "直接回复本信，写“收到”" not in flat(answer.text), "a letter on paper asks for no mail"
        assert "方括号代码" not in answer.text
        assert "到时自动发出" not in flat(answer.text), "nothing leaves by itself"
        assert "做错了" in answer.text
        assert "NoticeServed" not in events(world)
        await world.at("2026-03-06 12:00")
        with world.daemon.store.read() as session:
            assert (
                session.scalars(
                    select(LetterRow).where(LetterRow.recipient == "", LetterRow.sent_at.is_not(None))
                ).all()
                == []
            )
        worklist = next(x for x in reversed(letters(world, "worklist")) if x.person == "wang")
        with world.daemon.store.read() as session:
            text = session.scalar(select(LetterRow.text).where(LetterRow.id == worklist.id)) or ""
        assert "受理通知" in text
        listed = await command(world, office.WANG, answer, "#列表")
        assert "渠道：电话" in flat(listed.text)
        await command(world, office.WANG, answer, "2")
        assert events(world)[-1] == "Delivered"

    play(story, start="2026-03-04 10:00")


def test_a_decision_that_is_printed_can_be_undone_in_time(play: Any) -> None:
    async def story(world: World) -> None:
        answer = await accepted(world)
        undone = await command(world, office.WANG, answer, "撤销")
        assert "已撤销" in undone.text
        assert state(world) != "accepted"

    play(story, start="2026-03-04 10:00")


def test_a_ticket_without_address_lives_a_whole_life_without_a_letter_to_nobody(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await accepted(world), "3")
        reply = await command(
            world,
            office.WANG,
            world.last(office.WANG, "2026-0001"),
            "#2026-0001 答复 您好，已与供电部门联系。",
        )
        assert "没有发出" in flat(reply.text)
        await command(world, office.WANG, reply, "#2026-0001 进展 正在协调")
        await world.at("2026-04-20 12:00")
        done = await command(
            world, office.WANG, world.last(office.WANG, "2026-0001"), "#2026-0001 办结 2 已恢复供电"
        )
        assert "没有电子邮箱" in flat(done.text) or "同意" in flat(done.text) or "审批" in flat(done.text)
        with world.daemon.store.read() as session:
            outward = session.scalars(select(LetterRow).where(LetterRow.audience == "enterprise")).all()
            assert outward
            assert {x.state for x in outward} == {"failed"}
            assert {x.recipient for x in outward} == {""}

    play(story, start="2026-03-04 10:00")


def test_the_dossier_of_a_registered_ticket_holds_who_registered_it_and_the_printed_notice(play: Any) -> None:
    async def story(world: World) -> None:
        answer = await accepted(world)
        await command(world, office.WANG, answer, "#卷宗")
        got = world.last(office.WANG, "2026-0001 卷宗")
        page = next(a for a in got.mail.attachments if a.filename.endswith(".html"))
        text = part_bytes(got.raw, page.index).decode()
        assert "没有电子邮箱，打印后另行送达" in text
        assert "李强" in text
        assert "13800000001" in text
        assert "张经理 &lt;&gt;" not in text

    play(story, start="2026-03-04 10:00")


def test_search_finds_what_was_registered(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        assert "找到1件" in (await put_down(world, office.ZHOU, "#搜索 供电 张经理")).text

    play(story, start="2026-03-04 10:00")


def test_a_registration_that_nobody_confirms_is_shown_again_each_working_morning(play: Any) -> None:
    async def story(world: World) -> None:
        await put_down(world, office.LI, CALL)
        await world.at("2026-03-05 12:00")
        again = world.last(office.LI, "请核对后确认")
        assert "投诉人：张经理" in flat(again.text)
        assert len([g for g in world.inbox(office.LI) if "请核对后确认" in g.subject]) == 2
        await command(world, office.LI, again, "1")
        assert tickets(world) == 1
        await world.at("2026-03-06 12:00")
        assert len([g for g in world.inbox(office.LI) if "请核对后确认" in g.subject]) == 2, "it is open now"

    play(story, start="2026-03-04 10:00")


def test_a_registration_is_dropped_by_a_digit(play: Any) -> None:
    async def story(world: World) -> None:
        shown = await put_down(world, office.LI, CALL)
        dropped = await command(world, office.LI, shown, "3")
        assert "已放弃" in dropped.text
        late = await command(world, office.LI, shown, "1")
        assert "没有待确认的登记" in late.text
        await world.at("2026-03-05 12:00")
        assert len([g for g in world.inbox(office.LI) if "请核对后确认" in g.subject]) == 1
        assert tickets(world) == 0

    play(story, start="2026-03-04 10:00")
