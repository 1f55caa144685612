"""Stepping back from a ticket, and co-handlers: who may not see it finds nothing of it anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import LetterRow, LetterTicket
from told import STRANGER, command, events, letters, row

SECRET = "蓝鲸项目"  # stands in the subject: wherever it shows, the ticket shows


async def about_tax(world: World, subject: str = f"增值税退税 {SECRET}") -> Got:
    world.meet(STRANGER)
    world.write(STRANGER, subject, f"退税迟迟不到账。{subject}")
    await world.work()
    return world.last(office.LI, "请承办")


def said(mails: Sequence[Got], *, but: str = "不再由您办理") -> list[str]:
    """Return the mails that show anything of the ticket, besides the one that ends it."""
    return [
        g.subject
        for g in mails
        if but not in g.subject and (SECRET in g.text + g.subject or "2026-0001" in g.text + g.subject)
    ]


async def nothing_for(world: World, who: str, *, known: int) -> None:
    """Have somebody ask for everything and a week go by; nothing of the ticket may come."""
    for words in ("#列表", "#查看 2026-0001", "#2026-0001 备注 看看", "#卷宗 2026-0001", "#期限 2026-0001"):
        world.reply(who, world.inbox(who)[-1], words)
        await world.minutes(30)
    await world.at("2026-03-17 12:00")
    later = world.inbox(who)[known:]
    # Their own words come back to them; what the desk adds must not.
    assert [s for s in said(later) if SECRET in s] == []
    for got in later:
        assert SECRET not in got.raw.decode("utf-8", "replace"), got.subject
        assert SECRET not in got.text, got.subject
        for attached in got.mail.attachments:
            assert attached.filename is None or SECRET not in attached.filename


def test_a_handler_steps_back_and_finds_nothing_of_the_ticket_any_more(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        await about_tax(world, "增值税又一件")
        answer = await command(world, office.LI, got, "#回避 本人与投诉人有亲属关系")
        assert "您已回避" in answer.text
        assert row(world).hidden_from == ["li"]
        assert row(world).handler == "wang"
        assert "Hidden" in events(world)
        assert "原经办人回避" in world.last(office.WANG, "请承办").text
        about = world.last(office.ZHOU, "回避")
        assert "亲属关系" in about.text, "the superior reads why"
        assert "亲属" not in world.last(office.WANG, "请承办").text
        known = len(world.inbox(office.LI))
        # the old letter's key is dead, by digit and by words
        again = await command(world, office.LI, got, "1")
        assert "没有您可以办理的来信" in again.text or "未" in again.text
        assert row(world).kind is None
        assert SECRET not in again.text
        world.reply(office.ZHOU, world.last(office.ZHOU, "2026-0001"), "#2026-0001 投诉")
        await world.work()
        await nothing_for(world, office.LI, known=known)
        assert "2026-0002" in "".join(g.text for g in world.inbox(office.LI)[known:]), (
            "the other one is there"
        )

    play(story)


def test_a_superior_recuses_a_handler_who_is_told_nothing_but_that(play: Any) -> None:
    async def story(world: World) -> None:
        await about_tax(world)
        await world.at("2026-03-03 10:00")  # worklists and reminders have named it
        listed = world.last(office.ZHOU, "工作清单")
        known = len(world.inbox(office.LI))
        answer = await command(world, office.ZHOU, listed, "#2026-0001 回避 李强 投诉人反映其态度")
        assert "李强已回避" in answer.text
        relieved = world.last(office.LI, "不再由您办理")
        assert "态度" not in relieved.text
        assert SECRET not in relieved.text
        with world.daemon.store.read() as session:
            vouching = session.scalars(
                select(LetterTicket)
                .join(LetterRow, LetterRow.id == LetterTicket.letter_id)
                .where(LetterRow.person == "li", LetterTicket.ticket_id == row(world).id)
            ).all()
            living = session.scalars(
                select(LetterRow).where(
                    LetterRow.person == "li",
                    LetterRow.ticket_id == row(world).id,
                    LetterRow.tag_dead_at.is_(None),
                )
            ).all()
        assert vouching == []
        assert living == []
        await nothing_for(world, office.LI, known=known)

    play(story)


def test_a_recused_superior_is_passed_over_by_escalation_worklist_and_review(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        await world.at("2026-03-03 10:00")
        listed = world.last(office.ZHOU, "工作清单")
        answer = await command(world, office.ZHOU, listed, "#2026-0001 回避 本人：原系同事")
        assert "您已回避" in answer.text
        assert row(world).handler == "li", "the handler stays"
        known = len(world.inbox(office.ZHOU))
        await world.at("2026-03-05 12:00")
        escalated = [x.recipient for x in letters(world, "reminder") if "督促" in x.subject]
        assert office.ZHAO in escalated, "the next one"
        assert office.ZHOU not in escalated
        await command(world, office.LI, got, "1")
        await command(
            world, office.LI, world.last(office.LI, "2026-0001"), "#2026-0001 移送 市商务局：属其职权"
        )
        asked = [x.recipient for x in letters(world, "approval-request")]
        assert asked == [office.ZHAO]
        await nothing_for(world, office.ZHOU, known=known)

    play(story)


def test_what_waits_for_a_recused_superior_goes_to_the_next_one(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        await command(world, office.LI, got, "1")
        await command(world, office.LI, got, "#2026-0001 移送 市商务局：属其职权")
        asked = world.last(office.ZHOU, "2026-0001")
        await command(world, office.ZHOU, asked, "#回避 原系同事")
        assert [x.recipient for x in letters(world, "approval-request")] == [office.ZHOU, office.ZHAO]
        await command(world, office.ZHOU, asked, "1")
        assert row(world).state != "transferred", "the old key is dead"
        await command(
            world, office.ZHAO, world.last(office.ZHAO, letters(world, "approval-request")[-1].tag), "1"
        )
        assert row(world).state == "transferred"

    play(story)


def test_nobody_steps_back_without_a_reason_nor_for_a_colleague_nor_takes_it_back(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        for words in ("#回避", "#回避 王芳 有关系"):
            answer = await command(world, office.LI, got, words)
            assert "✗" in answer.text
            assert row(world).hidden_from == []
        answer = await command(world, office.LI, got, "#回避 有亲属关系")
        undone = await command(world, office.LI, answer, "#撤销")
        assert "不能由本人撤销" in undone.text
        assert row(world).hidden_from == ["li"]

    play(story)


def test_the_last_one_who_could_handle_it_does_not_step_back(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "投诉", "王芳、李强、赵建国三人推诿。")
        await world.work()
        assert row(world).handler == "zhou"
        answer = await command(world, office.ZHOU, world.last(office.ZHOU, "请承办"), "#回避 有关系")
        assert "没有人可以办理" in answer.text
        assert row(world).hidden_from == ["li", "wang", "zhao"]

    play(story)


def test_a_co_handler_sees_notes_and_asks_and_decides_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        got = await about_tax(world)
        await command(world, office.LI, got, "1")
        refused = await command(world, office.LI, got, "#协办 张三")
        assert "不能请“张三”协办" in refused.text
        answer = await command(world, office.LI, got, "#协办 王芳")
        assert "王芳协办" in answer.text
        mine = world.last(office.WANG, "2026-0001")
        assert "请您协办" in mine.text
        await command(world, office.WANG, mine, "#备注 已查企业档案")
        assert "Noted" in events(world)
        asked = await command(world, office.WANG, mine, "#征询 market 5个工作日内，请问该企业登记情况？")
        assert "✗" not in asked.text, asked.text
        refused = await command(world, office.WANG, mine, "#受理")
        assert "您没有权限" in refused.text
        listed = await command(world, office.WANG, mine, "#列表")
        assert SECRET in listed.text
        assert "另协办1件" in listed.text
        await world.at("2026-03-03 08:40")
        assert SECRET in world.last(office.WANG, "工作清单").text
        answer = await command(
            world, office.LI, world.last(office.LI, "2026-0001"), "#2026-0001 协办 移除 王芳"
        )
        assert "不再协办" in answer.text
        refused = await command(world, office.WANG, mine, "#备注 再看看")
        assert events(world).count("Noted") == 1
        await world.at("2026-03-04 08:40")
        assert SECRET not in world.last(office.WANG, "工作清单").text

    play(story)


def test_recusal_and_co_handling_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(STRANGER)
        world.write(STRANGER, "Delay of our permit", "Dear Sir, our permit is late.")
        await world.work()
        got = world.last(office.WANG, "2026-0001")
        answer = await command(world, office.WANG, got, "#team Li Qiang")
        assert "Li Qiang helps" in answer.text
        assert row(world).handler == "wang"
        answer = await command(world, office.WANG, got, "#recuse a relative of mine works there")
        assert "You have stepped back" in answer.text
        assert row(world).handler == "li", "the co-handler is the other handler"
        about = world.last(office.ZHOU, "stepped back")
        assert "a relative of mine works there" in about.text

    play(story, staff_language="en")
