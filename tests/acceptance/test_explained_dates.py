"""Every date the desk states is explained on request: by mail, on the terminal, and in a sentence outward."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from mail_desk import cli, operator_dates
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk.work import Work
from mail_desk.store.schema import EventRow, LetterRow
from told import GM, command, complain, letters


def flat(text: str) -> str:
    """Return a text without its line breaks and spaces."""
    return "".join(text.split())


def count(world: World) -> int:
    with world.daemon.store.read() as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


def text_of(world: World, kind: str) -> str:
    with world.daemon.store.read() as session:
        query = select(LetterRow.text).where(LetterRow.kind == kind).order_by(LetterRow.id.desc())
        return flat(session.scalars(query.limit(1)).one())


def test_every_date_of_a_ticket_is_explained_by_one_word_in_reply(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.at("2026-03-03 10:00")
        mail = world.last(office.WANG, "2026-0001")
        before = count(world)
        answer = flat((await command(world, office.WANG, mail, "期限")).text)
        assert count(world) == before, "it only reads"
        for said in (
            "2026年5月28日（周四）", "办结投诉", "《受理通知书》送达", "60个工作日",
            "《外商投资企业投诉工作办法》第十九条", "2026-04-04至04-06清明节", "2026-05-09劳动节",
            "收到来件", "按期完成", "《民法典》第二百零一条",
        ):  # fmt: skip
            assert said in answer, said
        assert answer.index("办结投诉") < answer.index("受理审查"), "what runs comes first"
        superior = flat(
            (await command(world, office.ZHOU, world.inbox(office.ZHOU)[-1], "#2026-0001 期限")).text
        )
        assert "60个工作日" in superior
        world.write(office.ZHAO, "查询", "#2026-0001 期限")
        await world.work()
        assert "60个工作日" in flat(world.inbox(office.ZHAO)[-1].text), (
            "leaders too, without a letter to answer"
        )

    play(story)


def test_show_has_the_dates_in_short_and_says_how_to_ask_why(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.at("2026-03-03 10:00")
        shown = flat((await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#查看")).text)
        assert "办结投诉2026年5月28日" in shown
        assert "受理审查2026年3月11日·按期完成" in shown, "what was met stands there too"
        assert "#2026-0001期限" in shown
        assert "《民法典》" not in shown, "the long story is another word away"

    play(story)


def test_a_ticket_hidden_from_somebody_is_not_explained_to_that_person(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "投诉李强", "贵单位李强同志拖延审批，请处理。")
        await world.work()
        world.write(office.LI, "查询", "#2026-0001 期限")
        await world.work()
        assert "没有您可以办理的来信" in world.inbox(office.LI)[-1].text

    play(story)


def test_a_worklist_says_how_its_dates_are_counted_and_which_year_is_not_published(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.at("2026-11-03 12:00")
        said = text_of(world, "worklist")
        assert "日期怎么算" in said
        assert "2027年尚未公布" in said
        assert "#编号期限" in said

    play(story, start="2026-11-02 09:00")


def test_a_worklist_without_dates_says_nothing_of_counting(play: Any) -> None:
    async def story(world: World) -> None:
        await world.at("2026-03-03 12:00")
        assert "日期怎么算" not in text_of(world, "worklist")

    play(story)


def test_letters_that_leave_say_from_when_and_how_their_date_is_counted(play: Any) -> None:
    async def story(world: World) -> None:
        mail = await complain(world)
        first = "自2026年3月2日收到来件的次日起计算7个工作日；周末和法定节假日不计，调休上班日计入。"
        assert first in text_of(world, "receipt")
        await command(world, office.WANG, mail, "1")
        await command(world, office.WANG, mail, "#补正 请补充营业执照")
        assert "自本通知送达的次日起计算15个工作日" in text_of(world, "materials-request")
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#受理")
        assert "自本通知送达的次日起计算60个工作日" in text_of(world, "acceptance")
        await world.at("2026-03-05 10:00")
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#延期 20 需多部门会商")
        await command(world, office.ZHAO, world.last(office.ZHAO, "2026-0001"), "同意")
        extended = text_of(world, "extension")
        assert "《受理通知书》送达的次日起计算80个工作日（含延长的20个工作日）" in extended

    play(story)


def test_the_terminal_explains_the_same_dates_and_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await world.at("2026-03-03 10:00")
        before = count(world)
        with world.daemon.store.read() as session:
            work = Work(session, world.daemon.rules, world.clock.now())
            text = operator_dates.explained(work, "2026-0001")
            assert operator_dates.explained(work, "2026-0999") is None
        assert text is not None
        for said in (
            "办结投诉：2026年5月28日（周四）",
            "  依据：《外商投资企业投诉工作办法》第十九条",
            "  起算：",
            "受理审查：",
        ):
            assert said in text
        assert count(world) == before
        assert len(letters(world, "transcript")) == 1

    play(story)


def test_the_terminal_says_when_there_is_no_such_ticket(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    assert run.invoke(cli.app, ["init", "config"]).exit_code == 0
    assert run.invoke(cli.app, ["show", "2026-0001", "--dates"]).exit_code == 1
