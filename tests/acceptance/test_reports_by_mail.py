"""Reports that leave the house, and what a leader can ask back of a report: played by mail."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import openpyxl
from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.inbound.parse import part_bytes
from mail_desk.store.schema import LetterRow, Moment
from told import GM, command, complain, letters

ABOVE, WIDER = "tousu@higher.example", "office@bureau.example"
REPORTS = f"""
[[digest]]
key = "higher-body"
title_zh = "外商投资企业投诉工作情况报告"
title_en = "Report on complaints"
period = "two-months"
when = "次月第2个工作日 10:00"
addresses = ["{ABOVE}"]
reader_zh = "市商务局"
reader_en = "the Bureau"
scope = "higher-body"

[[digest]]
key = "circular"
title_zh = "投诉办理情况通报"
title_en = "Circular on complaints"
period = "quarter"
when = "first working day 10:00"
addresses = ["{WIDER}"]
reader_zh = "各有关单位"
scope = "circular"
"""


async def busy(world: World) -> None:
    """Have one complaint concluded with a suggestion, and one lie about."""
    for address in (ABOVE, WIDER):
        world.meet(address)
    new = await complain(world, subject="关于机密主题的投诉")
    await command(world, office.WANG, new, "1")
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#受理")
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#建议 统一退税材料清单")
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#备注 内部机密意见")
    world.reply(GM, world.last(GM), "同意你们的处理意见。")
    await world.work()
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#办结 1 问题已解决")
    await command(world, office.ZHOU, world.last(office.ZHOU, "审批"), "同意")


def files(got: Got) -> list[tuple[str, bytes]]:
    return [(a.filename, part_bytes(got.raw, a.index)) for a in got.mail.attachments]


def whole(got: Got) -> str:
    """Return a mail with its workbook unpacked."""
    seen = [got.subject, got.text]
    for name, content in files(got):
        seen.append(name)
        with zipfile.ZipFile(BytesIO(content)) as parts:
            seen += [parts.read(name).decode("utf-8") for name in parts.namelist()]
    return "\n".join(seen)


def test_the_circular_names_nobody_and_the_higher_body_reads_of_cases_and_advice(play: Any) -> None:
    async def story(world: World) -> None:
        await busy(world)
        await world.at("2026-05-08 12:00")
        assert [row.recipient for row in letters(world, "circular")] == [WIDER, ABOVE]
        circular, report = world.last(WIDER, "通报"), world.last(ABOVE, "情况报告")
        assert circular.mail.date is not None
        assert circular.mail.date.date().isoformat() == "2026-04-01"
        assert report.mail.date is not None
        assert report.mail.date.date().isoformat() == "2026-05-07", (
            "the second working day after a long holiday"
        )
        assert "各有关单位" in circular.text
        assert "市商务局" in report.text
        inside = ("王芳", "周敏", "赵建国", GM, "内部机密意见", office.WANG)
        for name in (*inside, "2026-0001", "机密主题", "示例轴承", "统一退税材料清单"):
            assert name not in whole(circular), name
        for name in inside:
            assert name not in whole(report), name
        assert "统一退税材料清单" in report.text
        assert "2026-0001" in report.text

    play(story, digests=REPORTS)


def test_an_answer_to_the_circular_orders_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await busy(world)
        await world.at("2026-04-01 12:00")
        before = [row.kind for row in letters(world, "transcript")]
        world.reply(WIDER, world.last(WIDER, "通报"), "#2026-0001 重新办理 请再查\n1")
        await world.work()
        assert [row.kind for row in letters(world, "transcript")] == before

    play(story, digests=REPORTS)


def test_a_leader_asks_for_the_tickets_behind_a_figure_and_they_stand_in_the_workbook(play: Any) -> None:
    async def story(world: World) -> None:
        for n in (1, 2, 3):
            new = await complain(world, subject=f"关于退税迟迟不到账的投诉（第{n}笔）")
            await command(world, office.WANG, new, f"#2026-{n:04} 投诉")
        await world.at("2026-04-01 12:00")
        digest = world.last(office.ZHAO, "月报")
        assert "热点问题" in digest.text
        ((_, book),) = files(digest)
        rows = list(openpyxl.load_workbook(BytesIO(book))["台账"].iter_rows(values_only=True))
        headers = [str(h).split("\n")[0] for h in rows[0]]
        opened = [r for r in rows[1:] if r[headers.index("期末未办结")] == "是"]
        world.reply(office.ZHAO, digest, "#列表 未办结")
        await world.work()
        told = world.inbox(office.ZHAO)[-1].text
        assert f"未办结：{len(opened)}件（2026-03-01至2026-03-31）" in told
        for row in opened:
            assert str(row[0]) in told
        world.reply(office.ZHAO, digest, "#list overdue")
        await world.work()
        assert "overdue：3件" in world.inbox(office.ZHAO)[-1].text

    play(story)


def test_a_leader_asks_for_the_mails_behind_a_figure_and_is_answered_with_a_table(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#建议 统一退税材料清单")
        await world.at("2026-04-01 12:00")
        digest = world.last(office.ZHAO, "月报")
        ((_, book),) = files(digest)
        rows = list(openpyxl.load_workbook(BytesIO(book))["邮件"].iter_rows(values_only=True))[1:]
        world.reply(office.ZHAO, digest, "#列表 邮件")
        await world.work()
        told = world.inbox(office.ZHAO)[-1].text
        assert f"邮件：{len(rows)}行（2026-03-01至2026-03-31）" in told
        for row in rows:
            assert str(row[0]) in told
        world.reply(office.ZHAO, digest, "#列表 建议")
        await world.work()
        assert "统一退税材料清单" in world.inbox(office.ZHAO)[-1].text
        world.reply(office.ZHAO, digest, "#列表 满意度")
        await world.work()
        assert "满意度：0行" in world.inbox(office.ZHAO)[-1].text, "nothing is an answer too, to who asked"

    play(story)


def test_one_digit_under_an_overdue_ticket_supervises_it(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        await world.at("2026-04-01 12:00")
        digest = world.last(office.ZHAO, "月报")
        assert "督办：4月" in digest.text
        world.reply(office.ZHAO, digest, "2")
        await world.work()
        assert "请抓紧办结并报告" in world.last(office.WANG, "督办").text

    play(story)


def test_a_report_that_could_not_leave_is_told_to_operator_and_supervisor_once(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")
        await world.at("2026-03-09 08:00")
        with world.daemon.store.decide() as session:  # due two days ago, and the budget is gone
            for n in range(60):
                session.add(
                    LetterRow(
                        kind="reply",
                        pacing="statutory",
                        audience="staff",
                        account="desk",
                        recipient=f"x{n}@o.example",
                        language="zh",
                        subject="x",
                        message_id=f"x{n}@o.example",
                        tag=f"x{n}",
                        raw=b"x",
                        text="x",
                        cause="test",
                        created_at=world.clock.now(),
                        not_before=world.clock.now().replace(year=2027),
                        state="queued",
                    )
                )
            session.add(
                Moment(
                    key="digest/weekly/2026-02-23",
                    due_at=world.clock.now().replace(day=6),
                    action="digest",
                    data={"digest": "weekly", "first": "2026-02-23"},
                    state="pending",
                )
            )
        await world.at("2026-03-09 10:00")
        told = [row for row in letters(world, "alarm") if "汇总未能送达" in row.subject]
        assert sorted(row.recipient for row in told) == sorted([office.OPERATOR, office.ZHOU])
        with world.daemon.store.read() as session:
            owed = session.scalars(select(Moment).where(Moment.key == "digest/weekly/2026-02-23")).one()
            assert owed.state == "pending", "late rather than never"

    play(story, per_day=60)
