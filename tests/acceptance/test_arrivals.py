"""What becomes of each kind of mail that arrives: ticket, follow-up, duplicate, or filed without an answer."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import Message
from told import GM, STRANGER, command, complain, events, filed, letters, news, row, state, tickets

JUNK_LIKE = ("垃圾邮件", "广告邮件", "订阅邮件")
COLLEAGUE = "colleague@bearings.example"


def receipts(world: World, address: str) -> list[str]:
    return [letter.recipient for letter in letters(world, "receipt") if letter.recipient == address]


def messages(world: World) -> list[Message]:
    with world.daemon.store.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def put(world: World, raw: bytes, folder: str = "INBOX") -> None:
    world.backing.deliver(world.desk, raw, folder=folder, when=world.clock.now())


def plain(sender: str, subject: str, text: str, *, message_id: str = "") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, office.DESK, subject
    mail["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    if message_id:
        mail["Message-ID"] = f"<{message_id}>"
    mail.set_content(text)
    return mail.as_bytes()


# --- who gets a receipt ---------------------------------------------------------------------------


def test_mail_of_an_organ_gets_no_receipt_and_waits_in_the_worklist_with_its_date(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        world.write(office.BUREAU, "关于召开座谈会的函", "请派员参加。")
        await world.work()
        assert tickets(world) == 1
        assert world.inbox(office.BUREAU) == []
        assert "机关来函" in world.last(office.WANG, "请承办").text
        await world.at("2026-03-03 08:31")
        worklist = world.last(office.WANG, "工作清单")
        assert "关于召开座谈会的函" in worklist.text
        assert "3月2日" in worklist.text

    play(story)


@pytest.mark.parametrize("folder", JUNK_LIKE)
def test_a_strangers_mail_in_a_junk_like_folder_is_a_ticket_without_receipt(play: Any, folder: str) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "关于许可证的投诉", "我公司的许可证迟迟不批。", folder=folder)
        await world.work()
        assert tickets(world) == 1
        assert world.inbox(STRANGER) == []
        assert folder in world.last(office.WANG, "请承办").text

    play(story)


@pytest.mark.parametrize("folder", JUNK_LIKE)
def test_an_enterprise_of_the_ledger_gets_its_receipt_even_from_a_junk_like_folder(
    play: Any, folder: str
) -> None:
    async def story(world: World) -> None:
        await complain(world, folder=folder)
        assert receipts(world, GM) == [GM]

    play(story)


def test_an_answer_with_a_key_is_filed_on_its_ticket_even_from_the_junk_folder(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world, STRANGER)
        receipt = world.last(STRANGER)
        world.write(
            STRANGER,
            f"Re: {receipt.subject}",
            "补充说明",
            folder="垃圾邮件",
            in_reply_to=receipt.mail.message_id,
        )
        await world.work()
        assert tickets(world) == 1
        assert filed(world)[-1] == "follow-up"
        assert messages(world)[-1].verified

    play(story)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("List-Id", "<news.example>"),
        ("X-Auto-Response-Suppress", "All"),
        ("Return-Path", "<>"),
    ],
)
def test_what_asks_for_no_automatic_answer_opens_a_ticket_and_gets_none(
    play: Any, header: str, value: str
) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "每月通讯", "本月新闻。", headers=[(header, value)])
        await world.work()
        assert world.inbox(STRANGER) == []
        assert tickets(world) == 1

    play(story)


def test_an_out_of_office_answer_to_a_receipt_opens_nothing_and_is_not_answered(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        before = events(world)
        receipt = world.last(GM)
        for _ in range(3):
            world.write(
                GM,
                f"自动回复: {receipt.subject}",
                "我正在休假，3月20日回来。",
                in_reply_to=receipt.mail.message_id,
                headers=[("Auto-Submitted", "auto-replied")],
            )
            await world.work()
            await world.minutes(30)
        assert tickets(world) == 1
        assert events(world) == before
        assert receipts(world, GM) == [GM]
        assert filed(world)[1:] == ["automatic"] * 3

    play(story)


def test_a_members_out_of_office_answer_runs_no_command(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.write(
            office.WANG,
            f"自动回复: {new.subject}",
            "1\n我正在休假。",
            in_reply_to=new.mail.message_id,
            headers=[("Auto-Submitted", "auto-replied")],
        )
        await world.work()
        assert state(world) == "received"
        assert letters(world, "transcript") == []

    play(story)


def test_mail_from_the_desks_own_address_and_a_letter_that_comes_back_are_not_answered(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        put(world, world.last(GM).raw)  # the enterprise's server forwards everything back
        world.write(world.desk, "回复：来信", "抄送自己", to=f"{STRANGER}, {world.desk}")
        count = len(letters(world, "receipt"))
        await world.work()
        assert filed(world)[1:] == ["own", "own"]
        assert tickets(world) == 1
        assert len(letters(world, "receipt")) == count

    play(story)


def test_a_note_written_from_the_mailbox_to_itself_becomes_a_ticket_without_a_receipt(play: Any) -> None:
    async def story(world: World) -> None:
        world.write(world.desk, "电话投诉登记", "某企业来电反映停电，请办理。")
        await world.work()
        assert filed(world) == ["opened"]
        assert letters(world, "receipt") == []

    play(story)


def test_an_answer_from_the_webmail_with_a_copy_to_ourselves_is_filed_by_its_sent_copy(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        asked = world.inbox(world.desk)[0]
        raw = world.write(
            world.desk,
            f"回复：{asked.subject}",
            "您好，已收到，正在办理。",
            to=f"{GM}, {world.desk}",
            in_reply_to=asked.mail.message_id,
        )
        world.backing.deliver(world.desk, raw, folder="已发送", when=world.clock.now())
        await world.work()
        assert filed(world)[1:] == ["own", "by-hand"]
        assert new.subject

    play(story)


def test_a_burst_of_mails_gets_one_receipt_and_each_mail_is_kept(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        for n in range(5):
            world.write(STRANGER, f"投诉 {n}", f"第{n}件事。")
        await world.work()
        assert tickets(world) == 5
        assert receipts(world, STRANGER) == [STRANGER]

    play(story)


def test_a_sender_gets_no_more_automatic_answers_a_day_than_the_quota(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        quota = world.settings.budget.automatic_per_sender_and_day
        for n in range(quota + 3):
            world.write(STRANGER, f"投诉 {n}", f"第{n}件事。")
            await world.minutes(11)
        assert tickets(world) == quota + 3
        assert len(receipts(world, STRANGER)) == quota

    play(story)


def test_a_quota_protects_the_address_that_answers_would_go_to(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        for n in range(4):
            world.write(f"x{n}@spoof.example", f"投诉 {n}", "内容", headers=[("Reply-To", STRANGER)])
        await world.work()
        assert receipts(world, STRANGER) == [STRANGER], "a burst, whoever it says it is from"

    play(story)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("您好，我公司要投诉。", "来信已收到"),
        ("Dear Sirs, we complain about the delay of our permit.", "received"),
    ],
)
def test_the_receipt_speaks_the_senders_language(play: Any, text: str, heading: str) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "投诉" if "您" in text else "Complaint", text)
        await world.work()
        assert heading in world.last(STRANGER).subject

    play(story)


# --- one mail, one ticket -------------------------------------------------------------------------


def test_the_same_mail_in_two_folders_and_to_two_addresses_is_one_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        raw = world.write(STRANGER, "投诉", "许可证迟迟不批。")
        put(world, b"Received: from mx2 by second.example; Mon, 2 Mar 2026 09:00:01 +0800\r\n" + raw)
        put(world, b"X-Folder: copy\r\n" + raw, "垃圾邮件")
        await world.work()
        put(world, raw, "订阅邮件")  # a person copies it about later
        await world.minutes(30)
        assert tickets(world) == 1
        assert filed(world) == ["opened", "duplicate", "duplicate", "duplicate"]
        assert receipts(world, STRANGER) == [STRANGER]

    play(story)


def test_a_reused_message_id_with_other_words_is_a_mail_of_its_own(play: Any) -> None:
    async def story(world: World) -> None:
        put(world, plain(STRANGER, "投诉一", "第一件", message_id="same@client.example"))
        put(world, plain(STRANGER, "投诉二", "第二件", message_id="same@client.example"))
        put(world, plain(STRANGER, "投诉三", "没有编号"))
        await world.work()
        assert filed(world) == ["opened"] * 3

    play(story)


def test_an_empty_mail_and_one_without_a_sender_are_kept_for_a_person_to_see(play: Any) -> None:
    async def story(world: World) -> None:
        put(world, b"")
        put(world, b"\r\n\r\n")
        put(world, plain(STRANGER, "", ""))
        put(world, b"Subject: nobody\r\n\r\nnobody wrote this\r\n")
        await world.work()
        assert all(m.state == "done" and m.filed_as for m in messages(world))
        assert tickets(world) >= 2
        assert "nobody wrote this" in "".join(g.text for g in world.inbox(office.WANG))

    play(story)


def test_characters_beyond_gb2312_under_its_label_are_read(play: Any) -> None:
    async def story(world: World) -> None:
        text = "我公司镕喆㙍精密机械有限公司投诉：收費過高。"
        raw = (
            f"From: {STRANGER}\r\nTo: {office.DESK}\r\nSubject: =?gb2312?B?".encode()
            + b"zbbL3w==?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gb2312\r\n"
            b"Content-Transfer-Encoding: 8bit\r\n\r\n" + text.encode("gb18030") + b"\r\n"
        )
        put(world, raw)
        await world.work()
        told = "".join(g.text for g in world.inbox(office.WANG))
        assert "镕喆㙍精密机械" in told
        assert "收費過高" in told
        assert row(world).subject == "投诉"

    play(story)


# --- answers --------------------------------------------------------------------------------------


def test_an_answer_is_filed_by_references_alone(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        receipt = world.last(GM)
        world.write(GM, "关于上次的事", "补充两点。", in_reply_to=receipt.mail.message_id)
        await world.work()
        assert (filed(world)[-1], messages(world)[-1].verified, tickets(world)) == ("follow-up", True, 1)

    play(story)


def test_an_answer_is_filed_by_its_subject_tag_alone(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        receipt = world.last(GM)
        world.write(GM, f"回复：{receipt.subject}", "补充两点。")
        await world.work()
        assert (filed(world)[-1], messages(world)[-1].verified, tickets(world)) == ("follow-up", True, 1)

    play(story)


def test_a_number_and_a_known_address_attach_as_unverified_and_move_no_clock(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        done = world.inbox(office.WANG)[-1]
        await command(world, office.WANG, done, "#补正 营业执照复印件")
        await world.minutes(16)
        assert state(world) == "awaiting-materials"
        count = len(world.inbox(GM))
        world.write(
            GM, "2026-0001 的材料", "附上营业执照。", files=[("执照.pdf", "application/pdf", b"%PDF")]
        )
        await world.work()
        assert (filed(world)[-1], messages(world)[-1].verified) == ("follow-up", False)
        assert state(world) == "awaiting-materials"
        with world.daemon.store.write() as session:
            from mail_desk.desk.case import Case
            from mail_desk.desk.work import Work

            case = Case.by_number(Work(session, world.daemon.rules, world.clock.now()), "2026-0001")
            assert case is not None
            assert [d.limit for d in case.running] == ["supplement"], "no new time begins"
        assert len(world.inbox(GM)) == count, "nothing goes back"
        assert "身份未核实" in world.last(office.WANG, "2026-0001").text

    play(story)


def test_a_strangers_guessed_number_opens_a_ticket_of_its_own(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        before = events(world)
        world.meet(STRANGER)
        world.write(
            STRANGER,
            "回复：来信已收到，编号 2026-0001",
            "请把材料发给我。",
            in_reply_to="forged@desk.example",
        )
        await world.work()
        assert tickets(world) == 2
        assert events(world) == before
        assert "2026-0002" in world.last(STRANGER).subject

    play(story)


@pytest.mark.parametrize("value", ["<>", "< >", "<a@b> <>", "gibberish"])
def test_an_empty_in_reply_to_links_nothing(play: Any, value: str) -> None:
    async def story(world: World) -> None:
        for n in range(2):
            put(
                world,
                f"In-Reply-To: {value}\r\nReferences: {value}\r\n".encode()
                + plain(f"p{n}@x.example", "投诉", f"第{n}件"),
            )
        await world.work()
        assert filed(world) == ["opened", "opened"]

    play(story)


def test_an_answer_from_a_colleagues_address_is_shown_as_unverified(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        receipt = world.last(GM)
        world.write(COLLEAGUE, f"Re: {receipt.subject}", "我来补充。", in_reply_to=receipt.mail.message_id)
        await world.work()
        assert (filed(world)[-1], messages(world)[-1].verified, tickets(world)) == ("follow-up", False, 1)
        assert COLLEAGUE in world.last(office.WANG, "2026-0001").text

    play(story)


def test_an_answer_long_after_closing_opens_a_new_ticket_and_one_soon_after_does_not(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        receipt = world.last(GM)
        await command(world, office.WANG, new, "2")
        await command(world, office.WANG, world.inbox(office.WANG)[-1], "#结案")
        assert state(world) == "closed"
        await world.at("2026-03-20 10:00")
        world.reply(GM, receipt, "还有一个问题。")
        await world.work()
        assert (tickets(world), filed(world)[-1]) != (2, "opened")
        assert tickets(world) == 1
        await world.at("2026-04-08 10:00")
        world.reply(GM, receipt, "又有新的事情。")
        world.write(GM, "2026-0001 之后", "另一件事。")
        await world.work()
        assert tickets(world) == 3, "by key or by number: what comes after a month is a new matter"

    play(story)


# --- a fresh mail of somebody who has an open ticket ----------------------------------------------


def test_a_fresh_mail_of_a_participant_is_merged_by_one_digit_and_later_mails_land_on_the_target(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        await world.minutes(30)
        world.write(GM, "补充材料", "附上次所说的合同。")
        await world.work()
        assert tickets(world) == 2
        second = world.last(office.WANG, "2026-0002")
        digit = (
            next(line for line in second.text.splitlines() if "并入" in line).strip().split()[0].strip(".、)")
        )
        receipt = world.last(GM)
        assert "2026-0002" in receipt.subject
        await command(world, office.WANG, second, digit)
        assert row(world, "2026-0002").merged_into == row(world).id
        assert "FollowedUp" in events(world)
        world.reply(GM, receipt, "还有一份。")
        world.write(GM, "2026-0002 的附件", "最后一份。")
        await world.work()
        assert [m.ticket_id for m in messages(world)[-2:]] == [row(world).id] * 2
        assert tickets(world) == 2

    play(story)


# --- Reply-To -------------------------------------------------------------------------------------


def test_letters_go_where_the_sender_wishes_and_the_sender_stays_who_wrote(play: Any) -> None:
    async def story(world: World) -> None:
        form, real = "form@bearings.example", "real.person@elsewhere.example"
        world.meet(real)
        world.meet(form)
        world.write(form, "投诉", "审批迟延。", headers=[("Reply-To", real)])
        await world.work()
        assert world.inbox(form) == []
        receipt = world.last(real, "来信已收到")
        assert row(world).complainant_address == form
        assert row(world).enterprise == "bearing", "the ledger goes by From"
        assert real in world.last(office.WANG, "请承办").text
        world.reply(real, receipt, "补充。")
        await world.work()
        assert (filed(world)[-1], messages(world)[-1].verified) == ("follow-up", True)
        await command(world, office.WANG, world.last(office.WANG, "请承办"), "#受理")
        await world.minutes(16)
        assert "受理通知书" in news(world, real)[-1]

    play(story)


@pytest.mark.parametrize("wished", [office.WANG, office.DESK, office.BUREAU])
def test_a_reply_to_that_points_into_the_house_is_not_followed(play: Any, wished: str) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "投诉", "审批迟延。", headers=[("Reply-To", wished)])
        await world.work()
        assert [letter.recipient for letter in letters(world, "receipt")] == [STRANGER]

    play(story)


def test_a_reply_to_of_a_ledger_enterprise_gives_a_stranger_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(STRANGER, "投诉", "审批迟延。", headers=[("Reply-To", GM)], folder="垃圾邮件")
        await world.work()
        assert row(world).enterprise is None
        assert world.inbox(GM) == []

    play(story)


# --- staff ----------------------------------------------------------------------------------------


def test_staff_who_forward_a_mail_without_command_open_a_ticket_without_receipt(play: Any) -> None:
    async def story(world: World) -> None:
        world.write(
            office.LI,
            "转发：企业来信",
            "---------- 转发的邮件 ----------\n发件人: x@y.example\n\n请协调用电问题。",
        )
        await world.work()
        assert tickets(world) == 1
        assert letters(world, "receipt") == []
        assert "内部人员来信" in "".join(g.text for g in world.inbox(office.WANG) + world.inbox(office.LI))

    play(story)


def test_a_mail_that_names_everybody_is_hidden_from_nobody(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "投诉", "我们找过王芳、李强、周敏和赵建国，都没有答复。")
        await world.work()
        assert row(world).hidden_from == []
        assert row(world).handler == "wang"

    play(story)


def test_a_mail_that_names_the_handler_goes_past_that_person(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "投诉", "王芳拖延不办。")
        await world.work()
        assert row(world).hidden_from == ["wang"]
        assert row(world).handler != "wang"
        assert news(world, office.WANG) == []

    play(story)
