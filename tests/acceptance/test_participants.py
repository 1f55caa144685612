"""Who may write on a ticket: an unknown address that answers is heard, told nothing, and admitted by who may."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import Message, Participant
from told import GM, command, complain, events, filed, letters, row

LAWYER = "lawyer@law.example"
WANG = office.WANG


def participants(world: World) -> dict[str, str]:
    with world.daemon.store.read() as session:
        rows = session.scalars(select(Participant).where(Participant.ticket_id == row(world).id))
        return {r.address: r.role for r in rows}


def last_message(world: World) -> Message:
    with world.daemon.store.read() as session:
        return session.scalars(select(Message).order_by(Message.id.desc())).first()  # type: ignore[return-value]


async def answered(world: World, sender: str, words: str, to: Got | None = None, **more: Any) -> None:
    world.reply(sender, to or world.last(GM), words, **more)
    await world.work()


async def begin(world: World) -> None:
    new = await complain(world)
    await command(world, WANG, new, "1")
    world.meet(LAWYER)


def test_an_unknown_address_gets_a_receipt_without_contents_and_the_known_one_is_told(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        before = len(world.inbox(GM))
        await answered(world, LAWYER, "我是代理律师，请告知进展。材料见附件。")
        assert filed(world)[-1] == "follow-up"
        assert last_message(world).verified is False
        receipt = world.inbox(LAWYER)
        assert len(receipt) == 1
        assert "2026-0001" not in receipt[0].subject + receipt[0].text.split("\n>")[0]
        assert "审批" not in receipt[0].text
        asked = world.inbox(GM)[before:]
        assert len(asked) == 1
        assert LAWYER in asked[0].text
        assert "代理律师" not in asked[0].text
        assert participants(world) == {GM: "complainant"}

    play(story)


def test_the_receipt_opens_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        await answered(world, LAWYER, "请告知进展。")
        await answered(world, LAWYER, "同意", to=world.inbox(LAWYER)[0])
        assert participants(world) == {GM: "complainant"}
        assert "ParticipantAdmitted" not in events(world)
        assert last_message(world).verified is False

    play(story)


def test_one_word_of_the_known_address_admits_the_other(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        await answered(
            world, LAWYER, "补充一份材料，请查收。", files=[("a.pdf", "application/pdf", b"%PDF-1.4 x")]
        )
        await answered(world, GM, "同意。谢谢！", to=world.last(GM, "请核实"))
        assert filed(world)[-1] == "admission"
        assert participants(world)[LAWYER] == "complainant"
        assert "可就此件来信" in world.last(WANG, "2026-0001").text
        await answered(world, LAWYER, "再补充一句。")
        assert last_message(world).verified is True

    play(story)


def test_anything_but_yes_admits_nobody(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        await answered(world, LAWYER, "请告知进展。")
        question = world.last(GM, "请核实")
        for words in ("不同意", "是谁？", "同意吗", "我不认识这个人", "同意，但须先给我看"):
            await answered(world, GM, words, to=question)
            assert LAWYER not in participants(world)
        await answered(world, LAWYER, "同意", to=question)  # the other address cannot admit itself
        assert LAWYER not in participants(world)

    play(story)


def test_the_handler_admits_by_one_digit_and_undoes_it(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        await answered(world, LAWYER, "请告知进展。")
        told = world.last(WANG, "2026-0001")
        digit = next(line.strip()[0] for line in told.text.splitlines() if "投诉人的另一地址" in line)
        await command(world, WANG, told, digit)
        assert participants(world)[LAWYER] == "complainant"
        await command(world, WANG, world.inbox(WANG)[-1], "撤销")
        assert LAWYER not in participants(world)

    play(story)


def test_an_agent_needs_a_power_of_attorney_on_file(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        await answered(
            world, LAWYER, "附授权委托书。", files=[("授权委托书.pdf", "application/pdf", b"%PDF-1.4 y")]
        )
        mail = f"M{last_message(world).id}"
        told = world.last(WANG, "2026-0001")
        await command(world, WANG, told, f"#参与人 {mail} 代理人")
        assert "授权委托书" in world.inbox(WANG)[-1].text
        assert LAWYER not in participants(world)
        await command(world, WANG, told, f"#参与人 {mail} 代理人，授权委托书见 {mail}")
        assert participants(world)[LAWYER] == "agent"
        await command(world, WANG, told, "#查看")
        assert f"授权委托书 {mail}" in world.inbox(WANG)[-1].text.replace("\n", "")
        await command(world, WANG, told, f"#participant remove {LAWYER}")
        assert LAWYER not in participants(world)
        await command(world, WANG, told, f"#participant remove {GM}")
        assert participants(world) == {GM: "complainant"}

    play(story)


def test_somebody_in_copy_is_never_written_to(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(LAWYER)
        world.write(GM, "关于审批迟延的投诉", "审批迟延。", headers=[("Cc", LAWYER)])
        await world.work()
        await command(world, WANG, world.last(WANG, "请承办"), "1")
        await command(world, WANG, world.last(WANG, "请承办"), "#答复 您好，已收悉。")
        await world.minutes(16)
        assert len(letters(world, "reply")) == 1
        assert world.inbox(LAWYER) == []

    play(story)


def test_a_machine_with_a_key_is_not_written_to(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        before = len(world.inbox(GM))
        letter = world.last(GM)
        world.write(
            LAWYER,
            f"自动回复：{letter.subject}",
            "我不在办公室。",
            in_reply_to=letter.mail.message_id,
            headers=[("Auto-Submitted", "auto-replied")],
        )
        await world.work()
        assert world.inbox(LAWYER) == []
        assert len(world.inbox(GM)) == before

    play(story)


def test_a_complainant_is_asked_at_most_three_times_a_day(play: Any) -> None:
    async def story(world: World) -> None:
        await begin(world)
        letter = world.last(GM)
        for n in range(5):
            world.meet(f"x{n}@elsewhere.example")
            await answered(world, f"x{n}@elsewhere.example", f"第{n}个陌生人", to=letter)
        assert len(letters(world, "sender-question")) == 3

    play(story)
