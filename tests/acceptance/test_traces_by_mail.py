"""Files that leave say nothing of who made them; what cannot be taken out is told to who named them, in time to stop it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

import traced_files as t
from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.inbound.parse import part_bytes
from mail_desk.store import raw
from mail_desk.store.schema import Message
from told import GM, command, complain

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def confirmed(world: World, who: str, to: Got, text: str, *files: tuple[str, str, bytes]) -> Got:
    world.reply(who, to, text, files=files)
    await world.work()
    said = world.inbox(who)[-1]
    return await command(world, who, said, "1") if "还差一步" in said.text else said


def carried(got: Got) -> dict[str, bytes]:
    return {a.filename: t.everything_in(part_bytes(got.raw, a.index)) for a in got.mail.attachments}


def flat(got: Got) -> str:
    return "".join(line.strip() for line in got.text.splitlines())


def test_a_file_attached_for_the_complainant_leaves_without_its_author_and_the_original_stays(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        said = await confirmed(
            world, office.WANG, first, "#附件\n#答复 您好，见附件。",
            ("答复.docx", WORD, t.word()), ("现场.jpg", "image/jpeg", t.photo()), ("批复.pdf", "application/pdf", t.pdf()),
        )  # fmt: skip
        assert "请注意" not in flat(said)
        await world.minutes(16)
        got = carried(world.inbox(GM)[-1])
        assert sorted(got) == ["批复.pdf", "现场.jpg", "答复.docx"]
        for name, inside in got.items():
            assert t.AUTHOR.encode() not in inside, name
            assert t.PLACE not in inside, name
        with world.daemon.store.read() as session:
            command_mail = session.scalars(
                select(Message).where(Message.filed_as == "command").order_by(Message.id)
            ).all()
            assert any(len(m.attachments) == 3 for m in command_mail)

    play(story)


def test_comments_changes_and_signatures_are_named_in_the_transcript_while_undo_still_stops_them(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        said = await confirmed(
            world, office.WANG, first, "#附件\n#答复 您好，见附件。",
            ("修订稿.docx", WORD, t.word(tracked=True)), ("盖章.pdf", "application/pdf", t.signed_pdf()),
            ("旧版.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)),
        )  # fmt: skip
        told = flat(said)
        assert "修订稿.docx 含修订痕迹" in told
        assert "盖章.pdf 有电子签名，未作改动" in told
        assert "旧版.doc 此类文件可能带有作者等信息" in told
        await command(world, office.WANG, said, "#撤销")
        await world.minutes(20)
        assert not any(got.mail.attachments for got in world.inbox(GM))

    play(story)


def test_who_releases_a_letter_reads_what_its_files_still_say(play: Any) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        await confirmed(
            world, office.WANG, first, "#附件\n#答复 您好，见附件。",
            ("答复.docx", WORD, t.word()), ("修订稿.docx", WORD, t.word(tracked=True)),
        )  # fmt: skip
        asked = flat(world.last(office.ZHOU, "请审签"))
        assert "请先看附件：修订稿.docx 含修订痕迹" in asked.replace("**", "")
        assert "答复.docx 含" not in asked.replace("修订稿.docx 含", "")
        await confirmed(
            world, office.WANG, first, "#附件\n#答复 另附表。", ("表.docx", WORD, t.word("表", comment=True))
        )
        await world.at("2026-03-03 08:31")
        listed, known = world.last(office.ZHOU, "工作清单"), len(world.inbox(office.ZHOU))
        await command(world, office.ZHOU, listed, "#2026-0001 放行")  # which of the two?
        again = [got for got in world.inbox(office.ZHOU)[known:] if "请审签" in got.subject]
        told = sorted(flat(got).partition("请先看附件：")[2].replace("**", "")[:6] for got in again)
        assert told == ["修订稿.do", "表.docx"]
        assert all(got.mail.attachments for got in again)

    play(story, outward="review")


def test_a_lost_original_keeps_nobody_from_releasing(play: Any) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        for name in ("甲.docx", "乙.docx"):
            await confirmed(world, office.WANG, first, "#附件\n#答复 您好。", (name, WORD, t.word(name)))
        await world.at("2026-03-03 08:31")
        listed, known = world.last(office.ZHOU, "工作清单"), len(world.inbox(office.ZHOU))
        with world.daemon.store.write() as session:
            for message in session.scalars(select(Message).where(Message.filed_as == "command")):
                raw.raw_path(world.daemon.rules.spool_dir, message.raw_sha256 or "").unlink(missing_ok=True)
        await command(world, office.ZHOU, listed, "#2026-0001 放行")
        again = [got for got in world.inbox(office.ZHOU)[known:] if "请审签" in got.subject]
        assert len(again) == 2

    play(story, outward="review")


def test_a_signed_file_leaves_byte_for_byte(play: Any) -> None:
    async def story(world: World) -> None:
        first = await complain(world)
        signed = t.signed_pdf()
        await confirmed(
            world, office.WANG, first, "#附件\n#答复 您好。", ("盖章.pdf", "application/pdf", signed)
        )
        await world.minutes(16)
        assert carried(world.inbox(GM)[-1]) == {"盖章.pdf": signed}

    play(story)


def test_a_file_for_a_public_body_is_cleaned_too_and_what_stays_in_it_is_said(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        first = await complain(world)
        await command(world, office.WANG, first, "1")
        said = await confirmed(
            world, office.WANG, first, "#征询 市场监管局 5个工作日内，请说明情况。\n附件：情况.docx、表.docx",
            ("情况.docx", WORD, t.word()), ("表.docx", WORD, t.word("表", comment=True)),
        )  # fmt: skip
        assert "表.docx 含批注" in flat(said)
        assert "情况.docx 含" not in flat(said)
        await world.minutes(16)
        got = carried(world.inbox(office.BUREAU)[-1])
        assert t.AUTHOR.encode() not in got["情况.docx"]

    play(story)
