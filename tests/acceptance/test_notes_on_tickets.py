"""What staff note on tickets by mail: a category, another ticket it belongs to, a suggestion for the digest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import LetterRow
from told import GM, STRANGER, command, complain, events, row


def flat(text: str) -> str:
    """Return a text without its line breaks and spaces."""
    return "".join(text.split())


def test_a_ticket_is_filed_under_a_category_by_its_name_or_its_key(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        before = row(world).category
        assert before == "approval", "as the routing found"
        done = await command(world, office.WANG, mail, "#分类 税费")
        assert row(world).category == "tax"
        await command(world, office.WANG, mail, "#category approval")
        assert row(world).category == "approval"
        await command(world, office.WANG, mail, "#分类 Taxes and fees")
        assert row(world).category == "tax"
        assert events(world).count("Categorised") == 3
        assert "税费" in done.text

    play(story)


def test_undoing_a_category_goes_back_to_what_the_routing_said(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        before = row(world).category
        assert before != "tax"
        done = await command(world, office.WANG, mail, "#分类 tax")
        await command(world, office.WANG, done, "撤销")
        assert row(world).category == before

    play(story)


def test_an_unknown_category_is_answered_with_the_list_and_a_digit_files_it(play: Any) -> None:
    async def story(world: World) -> None:
        refused = await command(world, office.WANG, await complain(world), "#分类 饮食")
        assert "没有“饮食”这一类" in refused.text
        assert "Categorised" not in events(world)
        await command(world, office.WANG, refused, "1")
        assert row(world).category == "tax"
        empty = await command(world, office.WANG, refused, "#分类")
        assert "归入哪一类" in empty.text

    play(story)


def test_a_link_is_seen_in_the_story_of_both_tickets(play: Any) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        world.write(GM, "关于厂区门前道路施工的投诉", "道路施工三个月，货车无法进出。")
        await world.work()
        second = world.last(office.WANG, "2026-0002")
        done = await command(world, office.WANG, second, "#2026-0002 关联 2026-0001")
        assert "与2026-0001关联" in flat(done.text)
        for number, other in (("2026-0001", "2026-0002"), ("2026-0002", "2026-0001")):
            shown = await command(world, office.WANG, first, f"#查看 {number}")
            assert f"关联{other}" in flat(shown.text), number
            assert events(world, number).count("Linked") == 1
        again = await command(world, office.WANG, second, "#2026-0002 关联 2026-0001")
        assert "已经与2026-0001关联" in flat(again.text)
        itself = await command(world, office.WANG, second, "#2026-0002 关联 2026-0002")
        assert "就是这一件" in itself.text
        await command(world, office.WANG, done, "撤销")
        shown = await command(world, office.WANG, first, "#查看 2026-0001")
        assert "Undone" in events(world, "2026-0001"), "undone on both"

    play(story)


def test_a_ticket_hidden_from_somebody_cannot_be_linked_or_found_by_it(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "投诉王芳", "贵单位王芳同志拖延审批，请处理。")
        await world.work()
        hidden = row(world, "2026-0001")
        mail = await complain(world, STRANGER, "道路施工影响运输")
        me = next(p for p in world.settings.people.person if office.WANG in p.addresses)
        assert me.key in hidden.hidden_from
        answer = await command(world, office.WANG, mail, "#2026-0002 关联 2026-0001")
        none = await command(world, office.WANG, mail, "#2026-0002 关联 2026-0777")
        assert "没有来信2026-0001" in flat(answer.text)
        assert "没有来信2026-0777" in flat(none.text), "one answer for both: it does not tell"
        assert "Linked" not in events(world, "2026-0001")

    play(story)


def test_suggestions_of_the_period_stand_in_the_digest_and_its_workbook(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        done = await command(world, office.WANG, mail, "#建议 请供电部门检修前五日书面通知企业")
        assert "建议已记下" in done.text
        assert done.text.count("由此产生的信件") == 0, "nothing leaves"
        taken_back = await command(world, office.WANG, mail, "#建议 这一条写错了")
        await command(world, office.WANG, taken_back, "撤销")
        await world.at("2026-04-02 12:00")
        with world.daemon.store.read() as session:
            query = select(LetterRow.text, LetterRow.created_at)
            rows = session.execute(query.where(LetterRow.kind == "digest").order_by(LetterRow.id)).all()
        texts = [flat(text) for text, _ in rows]
        assert "建议" in texts[0]
        assert "2026-0001" in texts[0]
        assert "请供电部门检修前五日书面通知企业" in texts[0]
        assert "这一条写错了" not in texts[0]
        later = [text for text, (_, at) in zip(texts, rows, strict=True) if at.month == 3 and at.day > 15]
        assert later
        assert not any("请供电部门检修前五日书面通知企业" in text for text in later), "of its own period only"

    play(story)
