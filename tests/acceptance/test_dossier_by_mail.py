"""The whole file of a ticket by mail: complete, marked, split, on record, and only for who may have it."""

from __future__ import annotations

import io
import random
import re
import zipfile
from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.inbound.parse import part_bytes
from told import GM, command, complain, events

PHOTO = ("现场照片.jpg", "image/jpeg", b"\xff\xd8 photograph" * 200)


def files(got: Got) -> dict[str, bytes]:
    return {a.filename: part_bytes(got.raw, a.index) for a in got.mail.attachments}


def originals(*mails: Got) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for got in mails:
        for name, data in files(got).items():
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    assert archive.testzip() is None
                    found |= {entry: archive.read(entry) for entry in archive.namelist()}
    return found


def page(got: Got) -> str:
    (html,) = [data.decode() for name, data in files(got).items() if name.endswith(".html")]
    return html


async def a_case(world: World) -> Got:
    """Have a complaint accepted, noted upon and answered; return the handler's first letter."""
    new = await complain(world, files=[PHOTO])
    await command(world, office.WANG, new, "#受理")
    await world.minutes(20)
    await command(world, office.WANG, new, "#备注 对方负责人态度强硬，只在内部说。")
    done = await command(world, office.WANG, new, "#答复 您好，正在核实。")
    await command(world, office.WANG, done, "撤销")
    await command(world, office.WANG, new, "#答复 您好，已经核实。")
    await world.minutes(20)
    world.reply(GM, world.last(GM), "谢谢，我们补充说明如下。")
    await world.work()
    return new


def test_the_whole_file_comes_with_index_proofs_dates_and_originals(play: Any) -> None:
    async def story(world: World) -> None:
        new = await a_case(world)
        done = await command(world, office.WANG, new, "#卷宗")
        assert "调阅已登记" in done.text
        got = world.last(office.WANG, "2026-0001 卷宗")
        html = page(got)
        for said in (
            "目录",
            "关于审批迟延的投诉",
            "已经核实",
            "补充说明",
            "对方服务器已接收",
            "洛高外诉受〔2026〕1号",
        ):
            assert said in html, said
        assert "第十九条" in html
        note = re.search(r"<article id=\"e\d+\" class=inside>(?:(?!</article>).)*态度强硬", html)
        assert note is not None
        assert html.count('class="undone"') >= 1
        assert any(name.endswith(".pdf") and data.startswith(b"%PDF") for name, data in files(got).items())
        kept = originals(got)
        assert PHOTO[2] in kept.values()
        assert any(name.endswith(".eml") and GM.encode() in data for name, data in kept.items())
        numbers = [int(n) for n in re.findall(r"<h3>(\d+)\.", html)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(name in html for name in kept)
        assert re.search(r"\[[A-Z2-7]{10}\]", html) is None, "the keys of letters are nobody else's"
        accepted = re.search(r"<article id=\"e\d+\"( class=inside)?><h3>\d+\. 受理<", html)
        assert accepted is not None
        assert accepted[1] is None, "what was decided is not internal"

    play(story)


def test_an_index_entry_stands_for_every_letter_that_left_and_every_mail_that_came(play: Any) -> None:
    async def story(world: World) -> None:
        new = await a_case(world)
        await command(world, office.WANG, new, "#dossier")
        html = page(world.last(office.WANG, "2026-0001 卷宗"))
        for got in world.inbox(GM):
            assert got.mail.message_id in html
        assert html.count("来信 M") >= 2

    play(story)


def test_another_handler_gets_no_dossier_and_superiors_do(play: Any) -> None:
    async def story(world: World) -> None:
        await a_case(world)
        world.write(office.LI, "卷宗", "#卷宗 2026-0001")
        world.write(office.ZHOU, "卷宗", "#卷宗 2026-0001")
        world.write(office.ZHAO, "卷宗", "#卷宗 2026-0001")
        await world.work()
        assert all("2026-0001 卷宗" not in got.subject for got in world.inbox(office.LI))
        assert "您不能查看" in world.inbox(office.LI)[-1].text
        assert files(world.last(office.ZHOU, "2026-0001 卷宗"))
        assert files(world.last(office.ZHAO, "2026-0001 卷宗"))
        assert events(world).count("DossierGiven") == 2

    play(story)


def test_every_file_given_out_stands_in_the_supervisors_next_worklist(play: Any) -> None:
    async def story(world: World) -> None:
        new = await a_case(world)
        await command(world, office.WANG, new, "#卷宗")
        await world.at("2026-03-03 09:00")
        assert "查看和调阅" in world.last(office.ZHOU, "工作清单").text
        assert "王芳" in world.last(office.ZHOU, "工作清单").text
        await world.at("2026-03-04 09:00")
        assert "查看和调阅" not in world.last(office.ZHOU, "工作清单").text

    play(story)


def test_a_file_larger_than_a_mail_comes_in_parts_and_nothing_is_lost(play: Any) -> None:
    async def story(world: World) -> None:
        small = world.settings.desk.model_copy(update={"letter_up_to_mb": 0.02})
        world.settings = world.settings.model_copy(update={"desk": small})
        await world.restart()
        many = [
            (f"附件{n}.bin", "application/octet-stream", random.Random(n).randbytes(9000)) for n in range(5)
        ]
        new = await complain(
            world, files=[*many, ("太大.bin", "application/octet-stream", random.Random(9).randbytes(30_000))]
        )
        await command(world, office.WANG, new, "#卷宗")
        parts = [got for got in world.inbox(office.WANG) if "2026-0001 卷宗" in got.subject]
        assert len(parts) > 2
        assert f"共 {len(parts)} 封" in parts[0].subject
        kept = originals(*parts)
        assert {data for _, _, data in many} <= set(kept.values())
        assert "太大.bin" in parts[0].text
        assert not any("太大" in name for name in kept)

    play(story)
