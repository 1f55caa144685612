"""拆分 by mail: one mail holds several matters, and one of them becomes a ticket with its own files and true date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.reports import reading
from mail_desk.store import verification
from mail_desk.store.schema import Message, TicketRow
from told import GM, command, events, letters, row, tickets

PERMIT = ("许可证.pdf", "application/pdf", b"%PDF-1.4 permit")
REFUND = ("退税申请表.pdf", "application/pdf", b"%PDF-1.4 refund")
LEDGER = ("明细.csv", "text/csv", b"a,b\n1,2\n")
TWO = "您好：\n一、我公司的许可证申请至今没有答复。\n二、增值税退税迟迟不到账。\n请协调。\n"


async def of_two_matters(world: World, text: str = TWO, subject: str = "关于许可证和退税的投诉") -> Got:
    world.meet(GM)
    world.write(GM, subject, text, files=(PERMIT, REFUND, LEDGER))
    await world.work()
    return world.last(office.WANG, "请承办")


async def confirmed(world: World, who: str, to: Got, text: str) -> Got:
    said = await command(world, who, to, text)
    return await command(world, who, said, "1") if "还差一步" in said.text else said


def test_named_files_and_a_subject_become_a_ticket_with_the_true_day_of_arrival(play: Any) -> None:
    async def story(world: World) -> None:
        first = await of_two_matters(world)
        await command(world, office.WANG, first, "1")
        await world.at("2026-03-05 10:00")
        said = await confirmed(world, office.WANG, first, "#拆分 附件2、附件3 增值税退税迟延\n请先看申请表")
        made = row(world, "2026-0002")
        assert "已拆分为 2026-0002：增值税退税迟延，收到日期2026年3月2日" in said.text
        assert "退税申请表.pdf、明细.csv" in said.text
        assert made.received_at == row(world).received_at, "limits count from the day the mail came"
        assert made.subject == "增值税退税迟延"
        assert made.kind == "complaint", "as the first one was said to be"
        assert "2026年3月11日前决定是否受理" in said.text
        taken = world.last(office.WANG if made.handler == "wang" else office.LI, "请承办")
        assert [a.filename for a in taken.mail.attachments] == ["退税申请表.pdf", "明细.csv"]
        assert "由 2026-0001（关于许可证和退税的投诉）拆分而来" in taken.text
        assert "请先看申请表" in taken.text
        assert "许可证申请至今没有答复" in taken.text, "the mail is shown whole"
        assert events(world).count("SplitOff") == 1
        assert row(world).closed_at is None
        with world.daemon.store.read() as session:
            query = select(Message).join(TicketRow, TicketRow.id == Message.ticket_id)
            kept = session.scalars(query.where(TicketRow.number == "2026-0001").order_by(Message.id)).first()
            assert kept is not None
            assert len(kept.attachments) == 3, "the first ticket keeps all it had"
            assert verification.verify(session, world.settings.data_dir / "raw").broken == ()

    play(story)


def test_the_complainant_is_told_the_second_number_and_nothing_meant_for_colleagues(play: Any) -> None:
    async def story(world: World) -> None:
        first = await of_two_matters(world)
        await confirmed(world, office.WANG, first, "#拆分 附件2 增值税退税迟延\n此人难缠，小心答复")
        told = world.inbox(GM)[-1]
        assert "编号 2026-0002" in told.subject
        assert "（编号 2026-0001）还反映了“增值税退税迟延”" in told.text
        assert "退税申请表.pdf" in told.text
        assert "许可证.pdf" not in told.text
        assert "难缠" not in told.text
        world.reply(GM, told, "补充一份退税材料。")
        await world.work()
        with world.daemon.store.read() as session:
            last = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
            assert session.get_one(TicketRow, last.ticket_id).number == "2026-0002", "answers find their way"

    play(story)


def test_in_english_by_the_name_of_a_file(play: Any) -> None:
    async def story(world: World) -> None:
        first = await of_two_matters(
            world,
            "Dear Sir or Madam,\nour permit was not answered, and the VAT refund is late. Please help.\n",
            "Permit and VAT refund",
        )
        said = await confirmed(world, office.WANG, first, "#split 退税申请表.pdf Delay of the VAT refund")
        assert "2026-0002：Delay of the VAT refund" in said.text
        told = world.inbox(GM)[-1]
        assert "A further matter of your letter, number 2026-0002" in told.subject
        assert "also raises “Delay of the VAT refund”" in told.text

    play(story)


def test_without_a_subject_or_with_a_file_that_is_not_there_nothing_is_split(play: Any) -> None:
    async def story(world: World) -> None:
        first = await of_two_matters(world)
        for words, answer in (
            ("#拆分 附件2", "请写明新件的主题"),
            ("#拆分 附件7 退税", "此件没有“附件7”。此件的文件：1 许可证.pdf；2 退税申请表.pdf；3 明细.csv"),
            ("#拆分 M99 退税", "此件没有“M99”"),
            (f"#拆分 附件2 {'退' * 81}", "主题最多80个字"),
        ):
            said = await confirmed(world, office.WANG, first, words)
            assert answer in "".join(said.text.split("\n  ")), words
        assert tickets(world) == 1

    play(story)


def test_who_is_named_in_the_first_ticket_does_not_see_the_second_one_either(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "投诉", "一、王芳态度恶劣。\n二、我公司的许可证没有答复。\n", files=(PERMIT,))
        await world.work()
        assert row(world).hidden_from == ["wang"]
        handler = office.ZHOU if row(world).handler == "zhou" else office.LI
        await confirmed(world, handler, world.last(handler, "请承办"), "#拆分 附件1 许可证申请没有答复")
        made = row(world, "2026-0002")
        assert made.hidden_from == ["wang"]
        assert made.handler != "wang"
        assert not any(x.person == "wang" for x in letters(world, "new-ticket"))

    play(story)


def test_a_mail_split_is_one_mail_in_the_figures(play: Any) -> None:
    async def story(world: World) -> None:
        first = await of_two_matters(world)
        now = world.clock.now()
        with world.daemon.store.read() as session:
            before = reading.mails(session, now - timedelta(days=1), now + timedelta(days=1), None).received
        await confirmed(world, office.WANG, first, "#拆分 附件2 增值税退税迟延")
        with world.daemon.store.read() as session:
            after = reading.mails(session, now - timedelta(days=1), now + timedelta(days=1), None).received
            copies = list(session.scalars(select(Message).where(Message.role == "split")))
        assert len(copies) == 1
        commands = 2 if tickets(world) == 2 and len(world.inbox(office.WANG)) > 3 else 1
        assert after - before in (1, commands), "the command mails came in, the copy did not"

    play(story)
