"""Files that are only linked to, materials in pieces, answers to closed tickets, the same thing twice."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.store.schema import Message
from told import GM, STRANGER, command, complain, events, filed, letters, row, state, tickets

ZONE = ZoneInfo("Asia/Shanghai")
LINKS = (
    "您好，材料见附件。\n\n从QQ邮箱发来的超大附件\n\n证据材料.zip (1.26G, 2026年3月12日 17:10 到期)\n"
    "进入下载页面：https://mail.qq.com/cgi-bin/ftnExs_download?k=0&code=abcd\n"
)
PDF = ("执照.pdf", "application/pdf", b"%PDF-1.4 licence")
ZIP = ("证据材料.ZIP", "application/zip", b"PK\x03\x04 evidence")


def messages(world: World) -> list[Message]:
    with world.daemon.store.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def digit(letter: Got, words: str) -> str:
    """Return the number a letter offers for a step."""
    match = re.search(rf"^\s*(\d)\b[^\n]*{words}", letter.text, re.MULTILINE)
    assert match is not None, letter.text
    return match[1]


# --- files that are only linked to ----------------------------------------------------------------


def test_linked_files_are_asked_for_and_their_end_is_told_twice_unless_they_came(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于环评迟延的投诉", LINKS)
        await world.work()
        receipt = world.last(GM)
        assert "请补发文件" in receipt.text
        assert "证据材料.zip" in receipt.text
        (message,) = messages(world)
        assert message.linked == [
            {
                "filename": "证据材料.zip",
                "size": "1.26G",
                "expires": "2026年3月12日 17:10",
                "until": "2026-03-12",
            }
        ]
        assert message.attachments == [], "not held, and never fetched"
        new = world.last(office.WANG, "请承办")
        assert "回执已请来信人补发" in new.text
        shown = await command(world, office.WANG, new, "#查看")
        assert "未持有，只有链接：证据材料.zip" in shown.text.replace("\n", "")
        await world.at("2026-03-10 08:59")
        assert letters(world, "links-expire") == []
        await world.at("2026-03-10 09:01")
        (told,) = letters(world, "links-expire")
        assert told.person == "wang"
        assert "文件链接将于3月12日失效" in told.subject
        await world.at("2026-03-12 09:01")
        assert len(letters(world, "links-expire")) == 2
        last = world.last(office.WANG, "今天失效")
        answers = len(world.inbox(GM))
        await command(world, office.WANG, last, digit(last, "作为附件补发"))
        await world.minutes(16)
        asked = world.inbox(GM)[answers:]
        assert len(asked) == 1
        assert "证据材料.zip" in asked[0].text
        assert "普通附件" in asked[0].text

    play(story)


def test_a_file_of_that_name_ends_the_reminders(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于环评迟延的投诉", LINKS)
        await world.work()
        await world.at("2026-03-10 09:30")
        assert len(letters(world, "links-expire")) == 1
        world.reply(GM, world.last(GM), "补发文件。", files=[ZIP])
        await world.work()
        await world.at("2026-03-13 10:00")
        assert len(letters(world, "links-expire")) == 1

    play(story)


def test_a_supplement_that_only_links_gets_no_receipt_and_the_handler_can_ask_with_one_digit(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        receipt = world.last(GM)
        count = len(world.inbox(GM))
        world.reply(GM, receipt, LINKS)
        await world.work()
        assert filed(world)[-1] == "follow-up"
        assert len(world.inbox(GM)) == count, "no automatic receipt for a further mail"
        told = world.last(office.WANG, "补充来信")
        assert "只有链接" in told.text
        await command(world, office.WANG, told, digit(told, "作为附件补发"))
        await world.minutes(16)
        assert "证据材料.zip" in world.inbox(GM)[-1].text
        await world.at("2026-03-10 09:01")
        assert len(letters(world, "links-expire")) == 1, "the links of a further mail are followed too"

    play(story)


def test_nobody_is_reminded_of_links_of_a_closed_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "咨询", LINKS)
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "请承办"), "#广告")
        assert state(world) == "closed"
        await world.at("2026-03-13 10:00")
        assert letters(world, "links-expire") == []

    play(story)


# --- materials in pieces --------------------------------------------------------------------------


async def asked_for_materials(world: World) -> None:
    new = await complain(world)
    await command(world, office.WANG, new, "1")
    await command(world, office.WANG, world.inbox(office.WANG)[-1], "#补正 营业执照复印件")
    await world.minutes(16)
    assert state(world) == "awaiting-materials"


def dates(world: World, number: str = "2026-0001") -> dict[str, str]:
    """Return the running limits of a ticket and their last days."""
    with world.daemon.store.write() as session:
        case = Case.by_number(Work(session, world.daemon.rules, world.clock.now()), number)
        assert case is not None
        return {d.limit: d.due_on.isoformat() for d in case.running}


def test_pieces_without_reference_wait_for_the_handler_and_count_from_their_own_arrival(play: Any) -> None:
    async def story(world: World) -> None:
        await asked_for_materials(world)
        before, count = dates(world), len(world.inbox(GM))
        await world.at("2026-03-04 10:00")
        world.write(GM, "材料2", "见附件", files=[PDF])
        await world.work()
        assert (tickets(world), filed(world)[-1]) == (1, "follow-up")
        assert dates(world) == before, "no clock moves until the handler says so"
        assert len(world.inbox(GM)) == count
        told = world.last(office.WANG, "未核实")
        assert "可能是补充材料" in told.text
        assert PDF[0] in told.text
        await world.at("2026-03-09 10:00")
        worklist = world.last(office.WANG, "工作清单")
        assert "待认定的来信" in worklist.text
        assert "#2026-0001 是补充 M4" in worklist.text
        done = await command(world, office.WANG, told, digit(told, "是补充材料"))
        assert "2026年3月4日收到" in done.text
        assert dates(world) == {"decide": "2026-03-13"}, "seven working days from its arrival, not from today"
        done = await command(world, office.WANG, done, "#齐备")
        assert "自2026年3月4日起算" in done.text
        await world.at("2026-03-10 10:00")
        assert "待认定的来信" not in world.last(office.WANG, "工作清单").text

    play(story)


def test_a_piece_that_is_something_new_becomes_a_ticket_with_its_true_arrival(play: Any) -> None:
    async def story(world: World) -> None:
        await asked_for_materials(world)
        before = dates(world)
        await world.at("2026-03-04 10:00")
        world.write(GM, "材料2", "见附件", files=[PDF])
        await world.work()
        await world.at("2026-03-05 10:00")
        told = world.last(office.WANG, "未核实")
        await command(world, office.WANG, told, digit(told, "另立一件"))
        assert tickets(world) == 2
        assert row(world, "2026-0002").received_at.astimezone(ZONE).isoformat()[:16] == "2026-03-04T10:00"
        assert dates(world) == before
        assert events(world)[-1] == "Separated"
        assert "2026-0002" in world.last(GM).subject, "its receipt"
        new = world.last(office.WANG, "2026-0002 请承办")
        assert "原归入 2026-0001" in new.text
        merged = await command(world, office.WANG, new, "#并入 2026-0001")
        assert row(world, "2026-0002").merged_into == row(world).id, merged.text
        assert dates(world) == {"decide": "2026-03-13"}, "merged back, it counts again"

    play(story)


def test_more_than_one_open_ticket_or_a_matter_of_its_own_opens_a_ticket_that_one_digit_merges(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await asked_for_materials(world)
        world.write(
            GM, "关于海关查验迟延的投诉", "见附件", files=[("海关.pdf", "application/pdf", b"%PDF customs")]
        )
        await world.work()
        assert tickets(world) == 2
        await world.minutes(20)
        world.write(GM, "材料3", "见附件", files=[PDF])
        await world.work()
        assert tickets(world) == 3, "of two open tickets only a person can tell which"
        new = world.last(office.WANG, "2026-0003 请承办")
        await command(world, office.WANG, new, digit(new, "2026-0001"))
        assert row(world, "2026-0003").merged_into == row(world).id

    play(story)


def test_late_pieces_and_pieces_of_strangers_open_tickets(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        world.meet(STRANGER)
        world.write(STRANGER, "材料2", "见附件", files=[PDF])
        await world.at("2026-03-20 10:00")
        world.write(GM, "材料2", "见附件", files=[("合同.pdf", "application/pdf", b"%PDF contract")])
        await world.work()
        assert filed(world) == ["opened"] * 3

    play(story)


# --- answers to closed tickets --------------------------------------------------------------------


async def closed_enquiry(world: World) -> Got:
    """Have an enquiry closed, and return the receipt its sender may answer."""
    new = await complain(world)
    receipt = world.last(GM)
    await command(world, office.WANG, new, "2")
    await command(world, office.WANG, world.inbox(office.WANG)[-1], "#结案")
    assert state(world) == "closed"
    return receipt


def test_by_default_an_answer_is_filed_on_the_closed_ticket_and_1_reopens_it(play: Any) -> None:
    async def story(world: World) -> None:
        receipt = await closed_enquiry(world)
        await world.at("2026-03-20 10:00")
        world.reply(GM, receipt, "还有一个问题。")
        await world.work()
        assert (state(world), tickets(world)) == ("closed", 1)
        told = world.last(office.WANG, "补充来信")
        assert digit(told, "重新办理") == "1"
        assert digit(told, "另立一件") == "2"
        await command(world, office.WANG, told, "1")
        assert state(world) == "open"

    play(story)


def test_an_answer_to_a_closed_ticket_can_be_made_a_ticket_by_its_handler(play: Any) -> None:
    async def story(world: World) -> None:
        receipt = await closed_enquiry(world)
        world.reply(GM, receipt, "另外投诉海关查验迟延，请协调。")
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "补充来信"), "2")
        assert (state(world), tickets(world)) == ("closed", 2)
        assert "2026-0001" in world.last(office.WANG, "2026-0002 请承办").text

    play(story)


def test_after_the_days_a_new_ticket_names_the_old_one_to_its_handler(play: Any) -> None:
    async def story(world: World) -> None:
        receipt = await closed_enquiry(world)
        await world.at("2026-04-08 10:00")
        world.reply(GM, receipt, "又有新的投诉：海关查验迟延。")
        await world.work()
        assert (state(world), tickets(world)) == ("closed", 2)
        new = world.last(office.WANG, "2026-0002 请承办")
        assert "已结案的 2026-0001" in new.text
        assert "Linked" in events(world, "2026-0002")
        assert "2026-0002" in world.last(GM).subject

    play(story)


@pytest.mark.parametrize(
    ("policy", "after", "count"),
    [
        ('{ days = 10, before = "reopen", after = "new" }', "open", 1),
        ('{ days = 10, before = "new", after = "new" }', "closed", 2),
        ('{ days = 10, before = "file", after = "file" }', "closed", 1),
    ],
)
def test_the_department_chooses_what_becomes_of_an_answer(
    play: Any, policy: str, after: str, count: int
) -> None:
    async def story(world: World) -> None:
        receipt = await closed_enquiry(world)
        await world.at("2026-03-05 10:00")
        world.reply(GM, receipt, "还有一个问题。")
        await world.work()
        assert (state(world), tickets(world)) == (after, count)

    play(story, closed_reply=policy)


def test_what_cannot_be_verified_never_reopens(play: Any) -> None:
    async def story(world: World) -> None:
        await closed_enquiry(world)
        world.write(GM, "2026-0001 还有问题", "请重新办理。")
        await world.work()
        assert (state(world), filed(world)[-1]) == ("closed", "follow-up")
        assert digit(world.last(office.WANG, "未核实"), "重新办理") == "1"

    play(story, closed_reply='{ before = "reopen" }')


# --- the same thing twice -------------------------------------------------------------------------

LONG = (
    "我公司系德国独资企业，街道办事处以环境整治为由对厂区停水停电，未出具任何书面文件，已造成两条生产线停产。\n"
    "请求立即恢复供水供电，并说明依据。\n"
)


def test_the_same_mail_sent_again_opens_a_ticket_whose_handler_is_told_and_can_merge(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于停水停电的投诉", LONG, files=[PDF])
        await world.work()
        await world.at("2026-03-03 10:00")
        world.write(GM, "关于停水停电的投诉", "您好！\n" + LONG, files=[PDF])
        await world.work()
        assert filed(world) == ["opened", "opened"], "nothing is dropped silently"
        new = world.last(office.WANG, "2026-0002 请承办")
        assert "完全相同" in new.text
        assert "重复来信" in new.text
        assert "可能是其补充材料" not in new.text, "one ticket is named once"
        await command(world, office.WANG, new, digit(new, "并入"))
        assert row(world, "2026-0002").merged_into == row(world).id

    play(story)


def test_the_same_file_from_somebody_else_and_the_same_words_of_a_colleague_are_told(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.meet(STRANGER)
        world.write(GM, "关于停水停电的投诉", LONG, files=[PDF])
        await world.work()
        world.write(
            STRANGER, "求助", "我们也遇到同样的情况，请看附件里的函件。", files=[("copy.pdf", *PDF[1:])]
        )
        world.write("sales@bearings.example", "停电", "领导您好：" + LONG)
        await world.work()
        assert tickets(world) == 3
        assert "附件“copy.pdf”与 2026-0001" in world.last(office.LI, "2026-0002").text
        assert "内容与 2026-0001" in world.last(office.WANG, "2026-0003").text

    play(story)


def test_a_near_ticket_is_not_shown_to_whom_it_is_hidden_from(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于停水停电的投诉", "王芳拖延不办。" + LONG, files=[PDF])
        await world.work()
        assert row(world).hidden_from == ["wang"]
        world.meet(STRANGER)
        world.write(STRANGER, "求助", LONG, files=[PDF])
        world.write(GM, "再次来信", LONG)
        await world.work()
        shown = "".join(got.text + got.subject for got in world.inbox(office.WANG))
        assert "2026-0002" in shown
        assert "2026-0001" not in shown

    play(story)


def test_organs_that_were_written_to_as_well_are_named(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world, headers=[("Cc", f"{office.BUREAU}, x@elsewhere.example")])
        text = world.last(office.WANG, "请承办").text
        organ = world.settings.people.organ_of(office.BUREAU)
        assert organ is not None
        assert f"{organ.name}（{office.BUREAU}）" in text.replace("\n", "")
        assert "x@elsewhere.example" in text

    play(story)


def test_links_of_a_mail_that_got_no_receipt_can_be_asked_for_with_one_digit(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "关于环评迟延的投诉", LINKS, folder="垃圾邮件")
        await world.work()
        assert world.inbox(STRANGER) == []
        new = world.last(office.WANG, "请承办")
        assert "没有自动请来信人补发" in new.text
        await command(world, office.WANG, new, digit(new, "作为附件补发"))
        await world.minutes(16)
        assert "证据材料.zip" in world.inbox(STRANGER)[-1].text

    play(story)


# --- references -----------------------------------------------------------------------------------


def test_references_of_200_ids_find_our_letter_among_them(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        ours = world.last(GM).mail.message_id
        ids = [f"{n}.{'x' * 40}@client.example" for n in range(200)]
        ids[120] = ours
        world.write(GM, "关于上次的事", "补充两点。", in_reply_to=ids[-1], references=ids[:-1])
        await world.work()
        assert (filed(world)[-1], messages(world)[-1].verified) == ("follow-up", True)

    play(story)


def test_a_forged_report_without_our_key_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        before = events(world)
        receipt = world.last(GM)
        forged = receipt.mail.message_id.replace(receipt.mail.message_id[:4], "aaaa")
        world.write(
            "mailer-daemon@elsewhere.example",
            "Undelivered Mail Returned to Sender",
            f"<{GM}>: host mx.bearings.example said: 550 5.1.1 user unknown\n\nMessage-ID: <{forged}>\n",
            in_reply_to=forged,
            headers=[("Auto-Submitted", "auto-replied")],
        )
        await world.work()
        assert events(world) == before
        assert tickets(world) == 1
        assert filed(world)[-1] in ("bounce-unproven", "automatic")

    play(story)


# --- the same on every server and database ---------------------------------------------------------


def test_pieces_links_and_near_tickets_on_every_server_and_database(make_world: Any) -> None:
    async def story() -> None:
        world = make_world("2026-03-02 09:00")
        try:
            await world.work()
            world.meet(GM)
            world.meet(STRANGER)
            world.write(GM, "关于停水停电的投诉", LONG + LINKS)
            await world.work()
            world.write(GM, "材料2", "见附件", files=[PDF])
            await world.work()
            assert filed(world) == ["opened", "follow-up"]
            told = world.last(office.WANG, "未核实")
            await command(world, office.WANG, told, digit(told, "另立一件"))
            world.write(STRANGER, "求助", LONG, files=[PDF])
            await world.work()
            assert tickets(world) == 3
            shown = world.inbox(office.WANG) + world.inbox(office.LI)
            assert [g for g in shown if "2026-0003" in g.subject and "附件“执照.pdf”与 2026-0002" in g.text]
            await world.at("2026-03-10 09:01")
            assert len(letters(world, "links-expire")) == 1
        finally:
            await world.close()

    asyncio.run(story())


def test_a_mail_called_a_supplement_by_mistake_is_taken_back(play: Any) -> None:
    async def story(world: World) -> None:
        await asked_for_materials(world)
        before = dates(world)
        await world.at("2026-03-04 10:00")
        world.write(GM, "材料2", "见附件", files=[PDF])
        await world.work()
        told = world.last(office.WANG, "未核实")
        done = await command(world, office.WANG, told, digit(told, "是补充材料"))
        assert dates(world) != before
        again = await command(world, office.WANG, told, digit(told, "是补充材料"))
        assert "没有待认定的来信" in again.text, "once is enough"
        await command(world, office.WANG, done, "撤销")
        assert dates(world) == before
        typed = await command(world, office.WANG, told, "#是补充")
        assert "M4 是补充材料" in typed.text, "without a number: the mail that waits"

    play(story)


def test_in_english_the_same_is_said_and_offered(play: Any) -> None:
    async def story(world: World) -> None:
        customer = "anna@overseas.example"
        world.meet(customer)
        text = "Dear Sirs, we complain about the water and power cut at our plant. The evidence is linked below.\n\n"
        link = "evidence.zip (120 MB) expires in 7 days\nhttps://we.tl/t-abcdef\n"
        world.write(customer, "Complaint about water and power", text + link, name="Anna Keller")
        await world.work()
        linked = messages(world)[0].linked
        assert linked is not None
        assert linked[0]["until"] == "2026-03-09"
        world.write(customer, "Documents 2", "Please find attached.", files=[PDF])
        await world.work()
        assert filed(world) == ["opened", "follow-up"]
        (told,) = letters(world, "follow-up")
        assert told.choices[0]["command"] == "#2026-0001 supplement M2"
        assert told.choices[1]["command"] == "#2026-0001 separate M2"
        await world.at("2026-03-05 09:01")
        (reminder,) = letters(world, "links-expire")
        assert (
            "Your letter of 2 March 2026 only links to the following files" in reminder.choices[0]["command"]
        )

    play(story)
