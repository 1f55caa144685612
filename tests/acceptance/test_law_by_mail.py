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
ABOVE = "tousu@higher.example"
OBJECTION = "第二十二条，向上一级投诉工作机构"
HIGHER_BODY = f"""
[[digest]]
key = "higher-body"
title_zh = "外商投资企业投诉工作情况报告"
title_en = "Report on complaints"
period = "two-months"
when = "first working day 10:00"
addresses = ["{ABOVE}"]
reader_zh = "市商务局"
reader_en = "the Bureau"
scope = "higher-body"
"""


def flat(text: str) -> str:
    """Return a text without its line breaks and spaces."""
    return "".join(text.split())


def flat_lines(text: str) -> str:
    """Return a text with its folded lines joined."""
    return "".join(line.strip() for line in text.splitlines())


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


def test_order_articles_10_to_12_whoever_examines_sees_what_a_complaint_must_hold_and_asks_by_number(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        marked = await command(world, office.WANG, await complain(world), "1")
        assert "5说明此事是否已由上级投诉工作机构受理或者办结" in flat(marked.text)
        assert "哪一项理由" in marked.text, "the nine grounds of Art. 14"
        wrong = await command(world, office.WANG, marked, "#补正 1、9")
        assert "没有第9项" in flat(wrong.text)
        assert "7 = 委托他人投诉的" in flat_lines(wrong.text)
        asked = await command(world, office.WANG, wrong, "#补正 １、5\n另请补充2025年审计报告。")
        assert "没有" not in asked.subject
        notice = text_of(world, "materials-request")
        for said in ("1.投诉人的名称或者姓名", "2.说明此事是否已由上级", "另请补充2025年审计报告。"):
            assert said in notice, said
        assert "被投诉人" not in notice, "what nobody asked for"
        again = await command(world, office.WANG, asked, "#备注 已电话说明")
        assert "哪一项理由" not in again.text, "the lists are shown when they are new, not with every answer"

    play(story)


def test_order_article_11_the_choice_takes_the_numbers_and_the_notice_is_in_the_complainants_language(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        text = "We complain about the customs office. It has kept our machine for three months. Please help."
        world.write(GM, "Complaint: customs valuation of our machine", text)
        await world.work()
        mail = world.last(office.WANG, "2026-0001")
        marked = await command(world, office.WANG, mail, "1")
        asked = await command(world, office.WANG, marked, "2 6、2")
        notice = text_of(world, "materials-request")
        assert "1.name,addressandcontactdetailsofthebodyorpersoncomplainedabout;" in notice
        assert "2.aChinesetranslationofevidenceandmaterialsinaforeignlanguage." in notice
        assert "译文" not in asked.text, "nothing to translate"

    play(story)


def test_a_number_with_words_behind_it_is_a_quantity_and_no_item(play: Any) -> None:
    async def story(world: World) -> None:
        marked = await command(world, office.WANG, await complain(world), "1")
        await command(world, office.WANG, marked, "#补正 2 份采购合同的复印件")
        notice = text_of(world, "materials-request")
        assert "2份采购合同的复印件" in notice
        assert "被投诉人" not in notice

    play(story)


def test_order_article_25_every_two_months_the_higher_body_is_told_what_came_and_how_it_stands(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        world.meet(ABOVE)
        await command(world, office.WANG, await complain(world), "#受理")
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#建议 统一退税材料清单")
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#办结 3 收费依据充分。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        await complain(world, "other@valves.example", "投诉：备案没有答复")
        await world.at("2026-07-02 12:00")
        sent = [got for got in world.inbox(ABOVE) if "情况报告" in got.subject]
        periods = [(g.mail.date.date().isoformat() if g.mail.date else "") for g in sent]
        assert periods == ["2026-05-06", "2026-07-01"], "each two months once, from the day the desk opened"
        report = flat(sent[0].text)
        for said in ("收到", "受理", "没有法律依据", "统一退税材料清单", "2026-0002"):
            assert said in report, said

    play(story, digests=HIGHER_BODY)
