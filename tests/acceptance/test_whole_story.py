"""One complaint from its first mail to the leaders' digest, on every backing and every database."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import TicketRow

if TYPE_CHECKING:
    from tests.acceptance.conftest import MakeWorld

GM = "gm@bearings.example"


def state_of(world: World, number: str = "2026-0001") -> str:
    with world.daemon.store.read() as session:
        return session.scalars(select(TicketRow).where(TicketRow.number == number)).one().state


def subjects(world: World, address: str) -> list[str]:
    """Return the subjects without tag, worklists left out."""
    found = [got.subject.partition("] ")[2] for got in world.inbox(address)]
    return [s for s in found if "工作清单" not in s]


async def _opening(world: World) -> None:
    await world.work()
    await world.at("2026-03-02 09:30")
    world.write(
        GM,
        "关于营业执照变更审批迟延的投诉",
        "您好：\n我公司2025年12月提交的营业执照变更申请，至今没有答复，请协调。\n\n张三 总经理\n",
        name="张三",
        charset="gb18030",
        files=[("申请表.txt", "text/plain", "申请日期 2025-12-08".encode())],
    )
    await world.work()
    assert subjects(world, GM) == ["来信已收到，编号 2026-0001"]
    receipt = world.last(GM)
    # 7 working days after 2 March, the start day not counted (Art. 13, 15; Civil Code 201).
    assert "2026年3月11日" in receipt.text
    assert "2026-0001" in receipt.text
    assert "投诉工作办法" in receipt.text
    assert receipt.mail.get("auto-submitted") == "auto-replied"
    new = world.last(office.WANG)
    assert "申请表.txt" in [a.filename for a in new.mail.attachments]
    assert "1 = 是投诉" in new.text
    assert state_of(world) == "received"


async def _to_supplement(world: World) -> None:
    await world.at("2026-03-02 10:00")
    world.reply(office.WANG, world.last(office.WANG, "请承办"), "1")
    await world.work()
    assert state_of(world) == "examining"
    world.reply(office.WANG, world.last(office.WANG, "已执行"), "2 请补充营业执照复印件和变更申请回执。")
    await world.work()
    assert state_of(world) == "awaiting-materials"
    assert "撤销" in world.last(office.WANG, "已执行").text
    assert len(subjects(world, GM)) == 1, "the letter is held for fifteen minutes"
    await world.minutes(16)
    assert subjects(world, GM)[1:] == ["投诉材料补正通知书（2026-0001）"]
    request = world.last(GM)
    assert "营业执照复印件和变更申请回执" in request.text
    assert "2026年3月23日" in request.text, "15 working days from 2 March (Art. 13)"
    assert "王芳" not in request.text, "staff are not named outside"
    await world.at("2026-03-04 09:00")
    world.reply(
        GM, request, "附上补充材料。", name="张三", files=[("营业执照.pdf", "application/pdf", b"%PDF-1.4")]
    )
    await world.work()
    follow_up = world.last(office.WANG, "补充来信")
    assert "营业执照.pdf" in [a.filename for a in follow_up.mail.attachments]


async def _to_extension(world: World) -> None:
    await world.at("2026-03-05 09:00")
    world.reply(office.WANG, world.last(office.WANG, "补充来信"), "#齐备\n#受理")
    await world.work()
    assert state_of(world) == "accepted"
    await world.minutes(16)
    accepted = world.last(GM)
    assert accepted.subject.endswith("投诉受理通知书（2026-0001）")
    assert "2026年6月2日" in accepted.text, "60 working days from 5 March 2026 (Art. 19)"
    await world.at("2026-03-06 10:00")
    world.reply(office.WANG, world.last(office.WANG, "已执行"), "#延期 20 涉及市场监管局和税务局，需要会商")
    await world.work()
    asked = world.last(office.ZHAO, "延长办理期限")
    assert "涉及市场监管局和税务局" in asked.text
    world.reply(office.ZHAO, asked, "同意")
    await world.work()
    await world.minutes(16)
    assert world.last(GM).subject.endswith("投诉办理延期告知书（2026-0001）")
    assert "2026年7月1日" in world.last(GM).text, "80 working days; 19 June is a holiday"
    assert "已获同意" in world.last(office.WANG, "延长办理期限").text


async def _to_close(world: World) -> None:
    await world.at("2026-03-09 11:00")
    world.reply(
        office.WANG,
        world.last(office.WANG, "已执行"),
        "#答复 我处已与市场监管局协调，将于本周给出结果。",
    )
    await world.work()
    await world.minutes(16)
    assert "已与市场监管局协调" in world.last(GM).text
    world.reply(GM, world.last(GM), "新执照已经领到，同意终结投诉。", name="张三")
    await world.at("2026-03-10 11:00")
    world.reply(office.WANG, world.last(office.WANG, "补充来信"), "#办结 1 市场监管局已核发新执照。")
    await world.work()
    assert state_of(world) == "accepted", "concluding needs the supervisor"
    world.reply(office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
    await world.work()
    assert state_of(world) == "concluded"
    world.reply(office.WANG, world.last(office.WANG, "办结"), "#结案")
    await world.work()
    assert state_of(world) == "concluded", "the notice of the result has not left yet"
    await world.minutes(16)
    result = world.last(GM)
    assert result.subject.endswith("投诉处理结果通知书（2026-0001）")
    assert "市场监管局已核发新执照" in result.text
    assert "示例市商务局" in result.text, "objection to the higher body (Art. 22)"
    world.reply(office.WANG, world.last(office.WANG, "办结"), "#结案")
    await world.work()
    assert state_of(world) == "closed"


async def _digest(world: World) -> None:
    await world.at("2026-04-01 12:00")
    digest = world.last(office.ZHAO, "月报")
    assert "办结 1 件" in digest.text
    book = next(a for a in digest.mail.attachments if a.filename.endswith(".xlsx"))
    from mail_desk.inbound.parse import part_bytes

    sheets = openpyxl.load_workbook(BytesIO(part_bytes(digest.raw, book.index)))
    assert any("2026-0001" in str(cell.value) for sheet in sheets for row in sheet.rows for cell in row)


async def _nothing_else(world: World) -> None:
    assert subjects(world, GM) == [
        "来信已收到，编号 2026-0001",
        "投诉材料补正通知书（2026-0001）",
        "投诉受理通知书（2026-0001）",
        "投诉办理延期告知书（2026-0001）",
        "关于您来信的答复（2026-0001）",
        "投诉处理结果通知书（2026-0001）",
    ]
    for got in world.inbox(GM):
        for secret in ("王芳", "周敏", "赵建国", office.WANG, office.ZHOU, office.ZHAO):
            assert secret not in got.text
            assert secret not in "\n".join(value for _, value in got.mail.headers)
    assert subjects(world, office.OPERATOR) == []
    before = {a: len(world.inbox(a)) for a in (GM, office.WANG, office.ZHOU, office.ZHAO)}
    await world.restart()
    await world.work()
    after = {a: len(world.inbox(a)) for a in before}
    assert after == before, "running again changes nothing"


def test_a_complaint_is_received_supplemented_accepted_extended_answered_concluded_and_reported(
    make_world: MakeWorld,
) -> None:
    async def story() -> None:
        world: Any = make_world("2026-03-02 08:00")
        world.meet(GM)
        try:
            for part in (_opening, _to_supplement, _to_extension, _to_close, _digest, _nothing_else):
                await part(world)
        finally:
            await world.close()

    asyncio.run(story())
