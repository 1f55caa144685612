"""Rows of the law's table as the desk keeps them by mail, with the article as the name.

Dates are in tests/unit/schedule/test_law.py, what the procedure holds in tests/unit/tickets/test_law_of_the_procedure.py.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import LetterRow, Message
from told import GM, command, complain, events, letters, state

LAWYER = "lawyer@chambers.example"
OBJECTION = "第二十二条，向上一级投诉工作机构"


def flat(text: str) -> str:
    """Return a text without its line breaks and spaces."""
    return "".join(text.split())


def text_of(world: World, kind: str) -> str:
    with world.daemon.store.read() as session:
        query = select(LetterRow.text).where(LetterRow.kind == kind).order_by(LetterRow.id.desc())
        return flat(session.scalars(query.limit(1)).one())


def test_order_article_8_every_receipt_says_that_complaining_does_not_affect_other_remedies(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        assert "投诉不影响您依法申请行政复议或者提起行政诉讼" in text_of(world, "receipt")

    play(story)


def test_order_article_12_an_agent_is_admitted_only_with_a_power_of_attorney_on_file(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        world.meet(LAWYER)
        world.reply(LAWYER, world.last(GM), "我是代理律师，授权委托书见附件。")
        await world.work()
        with world.daemon.store.read() as session:
            mail = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
        letter = world.last(office.WANG, "2026-0001")
        refused = await command(world, office.WANG, letter, f"#参与人 M{mail} 代理人")
        assert "代理人须有授权委托书" in flat(refused.text)
        done = await command(world, office.WANG, letter, f"#参与人 M{mail} 代理人，授权委托书见 M{mail}")
        assert "作为代理人可就此件来信" in flat(done.text)

    play(story)


def test_order_article_13_a_second_notice_of_missing_materials_is_refused(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        await command(world, office.WANG, mail, "1")
        await command(world, office.WANG, mail, "#补正 请补充营业执照")
        await world.minutes(20)  # it left
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#齐备")
        assert state(world) == "examining"
        refused = await command(
            world, office.WANG, world.last(office.WANG, "2026-0001"), "#补正 请再补充授权委托书"
        )
        assert "补正通知依法只发一次（第十三条）" in flat(refused.text)
        assert len(letters(world, "materials-request")) == 1
        assert events(world).count("MaterialsRequested") == 1

    play(story)


def test_order_articles_14_15_and_22_a_refusal_names_ground_article_reasons_and_where_to_object(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        await command(world, office.WANG, mail, "1")
        bare = await command(world, office.WANG, mail, "#不予受理 2")
        assert "Proposed" not in events(world), "reasons are part of a refusal"
        assert "✗" in bare.text
        without = await command(world, office.WANG, mail, "#不予受理 属于双方合同纠纷，建议协商或者仲裁。")
        assert "Proposed" not in events(world), "so is its ground"
        assert "✗" in without.text
        await command(world, office.WANG, mail, "#不予受理 2 属于双方合同纠纷，建议协商或者仲裁。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        assert state(world) == "declined"
        notice = text_of(world, "refusal")
        for said in ("民商事纠纷", "第十四条", "属于双方合同纠纷，建议协商或者仲裁。", OBJECTION):
            assert said in notice, said

    play(story)


def test_order_articles_20_and_22_a_result_names_ground_article_and_where_to_object(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        await command(world, office.WANG, mail, "#受理")
        await world.at("2026-03-03 10:00")
        mail = world.last(office.WANG, "2026-0001")
        await command(world, office.WANG, mail, "#办结 3 经核实，所诉收费依据充分，诉求没有法律依据。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        assert state(world) == "concluded"
        result = text_of(world, "result")
        for said in ("没有法律依据", "第二十条", "所诉收费依据充分", OBJECTION):
            assert said in result, said

    play(story)


def test_order_article_23_what_staff_note_stays_inside(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        for words in ("#备注 内部：税务局称系误报", "#建议 内部：请完善流程", "#暂缓 3月4日 内部：等税务局"):
            await command(world, office.WANG, mail, words)
        await command(world, office.WANG, mail, "#受理")
        await world.minutes(20)
        assert not any("内部" in got.text for got in world.inbox(GM))

    play(story)
