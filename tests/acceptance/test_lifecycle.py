"""A complaint's whole road by mail: supplements, suspension, withdrawal, service, extension, approval on record."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.desk import outward
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.schedule.due import Due
from mail_desk.tickets.obligations import owed
from told import GM, command, complain, events, filed, letters, row, state

ZONE = ZoneInfo("Asia/Shanghai")

SCAN = ("回执.pdf", "application/pdf", b"%PDF-1.4 scan")


def refuse(world: World, refused: str, answer: str = "550 5.1.1 no such mailbox here") -> None:
    """Have the SMTP server refuse mail to a recipient."""
    smtp = world.backing._servers.smtp  # type: ignore[attr-defined]
    smtp.script = lambda envelope: answer if refused in map(str, envelope.rcpt_tos) else None


def case_of(world: World, session: Any, number: str = "2026-0001") -> Case:
    case = Case.by_number(Work(session, world.daemon.rules, world.clock.now()), number)
    assert case is not None
    return case


def dues(world: World, limit: str) -> list[Due]:
    with world.daemon.store.read() as session:
        return [d for d in case_of(world, session).dues if d.limit == limit]


def due_on(world: World, limit: str) -> date | None:
    """Return the date of a limit as it runs, None where it does not."""
    found = [d for d in dues(world, limit) if d.state == "running"]
    return found[-1].due_on if found else None


def unserved(world: World) -> list[str]:
    with world.daemon.store.read() as session:
        return [o.notice for o in owed(case_of(world, session).recorded)]


async def accepted(world: World) -> Got:
    """Play to an accepted complaint whose notice has left; return the enterprise's letter."""
    await command(world, office.WANG, await complain(world), "#受理")
    await world.minutes(16)
    assert state(world) == "accepted"
    return world.last(GM, "受理通知书")


async def says(world: World, to: Got, text: str, **more: Any) -> Got:
    """Have the enterprise answer, and return what its handler read last."""
    world.reply(GM, to, text, **more)
    await world.work()
    return world.inbox(office.WANG)[-1]


# --- supplements (Art. 13) ------------------------------------------------------------------------


async def awaiting(world: World) -> Got:
    new = await complain(world)
    marked = await command(world, office.WANG, new, "1")
    assert "依法只能一次" in marked.text, "the warning comes before the notice"
    await command(world, office.WANG, marked, "#补正 请补充营业执照和申请回执。")
    await world.minutes(16)
    return world.last(GM, "补正通知书")


def test_each_supplement_shows_both_dates_until_completeness_is_recorded(play: Any) -> None:
    async def story(world: World) -> None:
        asked = await awaiting(world)
        await world.at("2026-03-04 10:00")
        first = await says(world, asked, "先发营业执照。", files=[SCAN])
        assert first.text.count("2026年3月13日") >= 2, (
            "one date from the supplement, the same if complete today"
        )
        await world.at("2026-03-09 10:00")
        second = await says(world, asked, "申请回执在此。", files=[SCAN])
        assert "最早的补正（2026年3月4日）起算，2026年3月13日前" in second.text
        assert "最近的补正（2026年3月9日）起算，2026年3月18日前" in second.text
        assert due_on(world, "decide") == date(2026, 3, 13), "the earliest start is the safe one"
        await command(world, office.WANG, second, "#齐备")
        assert due_on(world, "decide") == date(2026, 3, 18)

    play(story)


def test_a_word_of_confirmation_is_no_supplement(play: Any) -> None:
    async def story(world: World) -> None:
        asked = await awaiting(world)
        before = len(world.inbox(office.WANG))
        world.reply(GM, asked, "收到，谢谢！")
        await world.work()
        assert filed(world)[-1] == "confirmation"
        assert events(world)[-1] == "Confirmed"
        assert len(world.inbox(office.WANG)) == before, "nobody is bothered with it"
        assert due_on(world, "supplement") is not None
        assert due_on(world, "decide") is None

    play(story)


def test_when_the_supplement_lapses_the_handler_is_told_with_the_ground_ready_or_goes_on(play: Any) -> None:
    async def story(world: World) -> None:
        await awaiting(world)  # 15 working days: to 23 March
        await world.at("2026-03-24 12:00")
        told = world.last(office.WANG, "提醒")
        assert "逾期未补正，不予受理" in told.text
        assert "现有材料已够，继续审查" in told.text
        await command(world, office.WANG, told, "1 经通知补正，逾期未补。")
        asked = world.last(office.ZHOU, "请审批")
        assert "经通知补正后，投诉材料仍不符合要求" in asked.text
        assert state(world) == "awaiting-materials"
        await command(world, office.ZHOU, asked, "1")
        assert state(world) == "declined"

    play(story)


def test_going_on_with_what_there_is_counts_from_the_day_it_is_said(play: Any) -> None:
    async def story(world: World) -> None:
        await awaiting(world)
        await world.at("2026-03-24 12:00")
        await command(world, office.WANG, world.last(office.WANG, "提醒"), "2")
        assert state(world) == "examining"
        assert due_on(world, "supplement") is None
        assert due_on(world, "decide") == date(2026, 4, 2), "7 working days after 24 March"

    play(story)


def test_a_decision_that_needs_approval_is_to_be_put_forward_some_days_before(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "1")  # decide by 11 March
        await world.at("2026-03-09 12:00")
        told = world.last(office.WANG, "工作清单")
        assert "须审批的决定最迟2026年3月9日报批" in "".join(told.text.split())
        await command(world, office.WANG, told, "#2026-0001 不予受理 2 属于民事纠纷。")
        assert "2026-0001" in world.last(office.ZHOU, "请审批").subject
        await world.at("2026-03-10 12:00")
        listed = "".join(world.last(office.WANG, "工作清单").text.split())
        assert "须审批的决定" not in listed, "it was put forward"

    play(story)


# --- suspension -----------------------------------------------------------------------------------


def test_a_suspension_needs_approval_stops_the_clock_and_tells_the_complainant(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)  # 2 March: conclude by 29 May
        before = due_on(world, "conclude")
        await world.at("2026-03-09 10:00")
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#中止 等待司法鉴定结论。")
        assert state(world) == "accepted"
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批：中止办理"), "同意")
        assert state(world) == "suspended"
        await world.minutes(16)
        assert "等待司法鉴定结论" in world.last(GM, "中止办理通知书").text
        await world.at("2026-03-23 10:00")
        assert [d.state for d in dues(world, "conclude")] == ["paused"]
        shown = world.last(office.WANG, "已同意")
        await command(world, office.WANG, shown, "#恢复 鉴定结论已出具。")
        assert state(world) == "accepted"
        after = due_on(world, "conclude")
        assert before is not None
        assert after is not None
        assert world.daemon.rules.calendar.between(before, after) == 10, "9 to 23 March: ten working days"
        await world.minutes(16)
        told = world.last(GM, "恢复办理通知书").text
        assert f"{after.year}年{after.month}月{after.day}日" in told

    play(story)


# --- withdrawal and agreement (Art. 20) -----------------------------------------------------------


def test_agreement_without_a_mail_of_the_complainant_concludes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        told = await command(world, office.WANG, world.last(office.WANG, "已执行"), "#办结 1 已解决。")
        assert "没有投诉人本人的后续来信" in told.text
        assert "Proposed" not in events(world)
        assert "Cited" not in events(world)

    play(story)


def test_the_only_mail_since_acceptance_is_cited_and_shown_to_who_approves(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        followed = await says(world, notice, "问题已经解决，同意终结。")
        told = await command(world, office.WANG, followed, "#办结 1 已协调解决。")
        assert "依据投诉人2026年3月2日来信M3" in told.text
        asked = world.last(office.ZHOU, "请审批")
        assert "来信M3" in asked.text
        await command(world, office.ZHOU, asked, "1")
        assert state(world) == "concluded"
        assert row(world).state == "concluded"

    play(story)


def test_of_several_mails_the_handler_chooses_by_a_digit_and_loses_no_word(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        await says(world, notice, "另有一事请教。")
        followed = await says(world, notice, "问题已经解决，同意终结。")
        told = await command(world, office.WANG, followed, "#办结 1 已协调解决。")
        assert "请选择以哪一封来信为据" in told.text
        assert "Proposed" not in events(world)
        again = await command(world, office.WANG, told, "2")
        assert "来信M4" in again.text
        assert "已协调解决" in world.last(office.ZHOU, "请审批").text

    play(story)


def test_a_mail_that_is_not_the_complainants_is_refused_as_ground(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        await says(world, notice, "问题已经解决，同意终结。")
        told = await command(
            world, office.WANG, world.last(office.WANG, "补充来信"), "#办结 1 M2 已协调解决。"
        )
        assert "M2不是投诉人" in told.text
        assert "Proposed" not in events(world)

    play(story)


def test_a_withdrawal_before_acceptance_ends_the_complaint_and_is_confirmed(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        followed = await says(world, world.last(GM), "我公司决定撤回投诉。")
        told = await command(world, office.WANG, followed, "#撤诉")
        assert "撤诉（依据投诉人2026年3月2日来信M2）" in told.text
        assert state(world) == "withdrawn"
        await world.minutes(16)
        assert "2026年3月2日收到您书面撤回的来信" in world.last(GM, "撤回投诉确认书").text
        assert due_on(world, "decide") is None
        assert unserved(world) == []

    play(story)


def test_a_withdrawal_after_acceptance_is_a_conclusion_with_approval_and_result(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        followed = await says(world, notice, "我公司决定撤回投诉。")
        await command(world, office.WANG, followed, "#撤诉")
        assert state(world) == "accepted"
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        assert state(world) == "concluded"
        await world.minutes(16)
        result = world.last(GM, "处理结果通知书").text
        assert "投诉人书面撤回投诉" in result
        assert "第二十条" in result

    play(story)


def test_nobody_withdraws_a_complaint_for_the_complainant(play: Any) -> None:
    async def story(world: World) -> None:
        told = await command(world, office.WANG, await complain(world), "#撤诉")
        assert "没有投诉人本人的后续来信" in told.text
        assert state(world) == "received"

    play(story)


# --- service (送达) -------------------------------------------------------------------------------


async def concluded(world: World) -> Got:
    """Play to a conclusion whose result is still held; return the handler's letter."""
    notice = await accepted(world)
    await says(world, notice, "问题已经解决，同意终结。")
    await command(world, office.WANG, world.last(office.WANG, "补充来信"), "#办结 1 已协调解决。")
    await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
    assert state(world) == "concluded"
    return world.last(office.WANG, "已同意")


def test_a_ticket_is_not_closed_while_its_notice_is_owed(play: Any) -> None:
    async def story(world: World) -> None:
        handled = await concluded(world)
        told = await command(world, office.WANG, handled, "#结案")
        assert "尚未送出" in told.text
        assert state(world) == "concluded"
        refuse(world, GM)
        await world.minutes(16)
        failed = world.last(office.WANG, "信未送达")
        told = await command(world, office.WANG, failed, "#结案")
        assert "没有送达" in told.text
        assert state(world) == "concluded"
        await world.at("2026-03-03 12:00")
        assert "未送达的通知" in world.last(office.WANG, "工作清单").text

    play(story)


@pytest.mark.parametrize("typed", ["#受理", "#补正 请补充营业执照。"])
def test_a_decision_whose_notice_cannot_be_written_is_not_taken(
    play: Any, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    async def story(world: World) -> None:
        marked = await command(world, office.WANG, await complain(world), "1")
        monkeypatch.setattr(outward, "post", lambda *_, **__: None)
        told = await command(world, office.WANG, marked, typed)
        assert "决定没有作出" in told.text
        assert state(world) == "examining"
        assert events(world)[-1] == "Marked", "nothing of it stays"
        assert due_on(world, "decide") == date(2026, 3, 11)

    play(story)


def test_delivery_by_post_is_put_on_record_with_its_day_and_scan_and_meets_the_limit(play: Any) -> None:
    async def story(world: World) -> None:
        await concluded(world)
        refuse(world, GM)
        await world.minutes(16)
        await world.at("2026-03-04 10:00")
        world.reply(
            office.WANG,
            world.last(office.WANG, "信未送达"),
            "#送达 处理结果通知 邮寄 3月3日 EMS123",
            files=[SCAN],
        )
        await world.work()
        told = world.inbox(office.WANG)[-1]
        assert "2026年3月3日邮寄送达" in told.text
        assert "回执.pdf" in told.text
        assert unserved(world) == []
        (result,) = dues(world, "result")
        assert result.state == "met"
        assert result.met_at is not None
        assert result.met_at.date() == date(2026, 3, 3)
        await command(world, office.WANG, told, "#结案")
        assert state(world) == "closed"
        await world.at("2026-03-05 12:00")
        assert "未送达的通知" not in world.last(office.WANG, "工作清单").text

    play(story)


def test_a_refusal_that_did_not_arrive_stays_on_the_worklist_of_a_finished_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        marked = await command(world, office.WANG, new, "1")
        await command(world, office.WANG, marked, "#不予受理 2 属于民事纠纷。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        refuse(world, GM)
        await world.minutes(16)
        assert state(world) == "declined"
        await world.at("2026-03-03 12:00")
        for person in (office.WANG, office.ZHOU):
            shown = world.last(person, "工作清单").text
            assert "不予受理通知书" in shown
            assert "0379-00000002" in shown
        assert "未送达" not in world.last(office.LI, "工作清单").text
        handed = world.last(office.WANG, "信未送达")
        assert "今天已电话送达" in handed.text
        await command(world, office.WANG, handed, "1")
        assert unserved(world) == []

    play(story)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("#送达 处理结果通知 邮寄 3月1日", "不能早于"),
        ("#送达 处理结果通知 邮寄 明天", "还没有到"),
        ("#送达 处理结果通知 托人带去", "看不懂送达方式"),
        ("#送达 移送通知 邮寄", "没有需要送达的"),
        ("#送达 处理结果通知", "没有找到对应的人工回信"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(play: Any, typed: str, said: str) -> None:
    async def story(world: World) -> None:
        told = await command(world, office.WANG, await concluded(world), typed)
        assert said in told.text
        assert "Delivered" not in events(world)

    play(story)


def test_without_a_confirmation_the_handler_is_reminded_once_to_telephone(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)  # Monday 2 March
        await world.at("2026-03-04 12:00")
        assert "请打电话" not in world.last(office.WANG, "工作清单").text
        await world.at("2026-03-05 12:00")
        told = world.last(office.WANG, "工作清单")
        asked = told.text.partition("请打电话问一下")[2].partition("\n\n\n")[0]
        for said in ("受理通知书", "0379-00000002", "2026年3月2日"):
            assert said in asked
        digit = re.search(r"(\d) = 2026-0001 已电话确认", asked)
        assert digit is not None
        await world.at("2026-03-06 12:00")
        assert "请打电话" not in world.last(office.WANG, "工作清单").text, "said once"
        answered = await command(world, office.WANG, told, digit[1])
        assert "电话确认收到《受理通知书》" in answered.text
        assert events(world)[-1] == "Confirmed"
        assert [d.number for d in dues(world, "conclude")] == [1], "no clock moves"

    play(story)


@pytest.mark.parametrize("words", ["收到", "已收到，谢谢。", "Received, thank you!", "收到\n\n张三"])
def test_with_a_confirmation_nobody_is_reminded(play: Any, words: str) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        world.reply(GM, notice, words, name="张三")
        await world.at("2026-03-12 12:00")
        assert "Confirmed" in events(world)
        for list_ in world.inbox(office.WANG):
            assert "请打电话" not in list_.text

    play(story)


def test_whose_handler_is_away_somebody_else_is_asked_to_telephone(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)  # Monday 2 March
        world.reply(office.ZHOU, world.last(office.ZHOU, "工作清单"), "#休假 王芳 3月4日 3月9日")
        await world.at("2026-03-10 12:00")
        asked = [
            (got.mail.date.astimezone(ZONE).date(), who)
            for who in (office.WANG, office.LI, office.ZHOU)
            for got in world.inbox(who)
            if "请打电话问一下" in got.text and got.mail.date is not None
        ]
        assert asked == [(date(2026, 3, 5), office.ZHOU)]

    play(story)


# --- extension (Art. 19) --------------------------------------------------------------------------


def test_an_extension_is_asked_for_in_time_or_by_a_superior(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        due = due_on(world, "conclude")
        assert due == date(2026, 5, 28)
        await world.at("2026-05-22 12:00")
        told = await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#延期 20 需会商")
        assert "太迟" in told.text
        assert "2026年5月21日" in told.text
        assert "Proposed" not in events(world)
        world.reply(office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 延期 20 需会商")
        await world.work()
        assert "Proposed" in events(world)

    play(story)


async def asks(world: World) -> Got:
    """Have the handler ask for an extension, and return the leader's letter."""
    await accepted(world)
    await world.at("2026-05-18 10:00")
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#延期 20 需多部门会商")
    return world.last(office.ZHAO, "延长办理期限")


def test_silence_is_no_extension_and_is_recorded_when_the_date_comes(play: Any) -> None:
    async def story(world: World) -> None:
        asked = await asks(world)
        assert "不回复不等于同意" in asked.text
        await world.at("2026-05-28 20:00")
        assert "ProposalLapsed" not in events(world)
        await world.at("2026-05-29 12:00")
        assert events(world).count("ProposalLapsed") == 1
        assert "视为不同意" in world.last(office.WANG, "逾期未批复").text
        late = await command(world, office.ZHAO, asked, "同意")
        assert "没有待审批的事项" in late.text
        assert "Extended" not in events(world)

    play(story)


def test_a_yes_in_the_night_after_the_date_comes_too_late(play: Any) -> None:
    async def story(world: World) -> None:
        asked = await asks(world)
        await world.at("2026-05-29 00:10")
        told = await command(world, office.ZHAO, asked, "同意")
        assert "不回复不等于同意" in told.text
        assert events(world).count("ProposalLapsed") == 1
        assert "Extended" not in events(world)

    play(story)


def test_an_oral_approval_is_put_on_record_told_to_the_complainant_and_read_by_the_leader(play: Any) -> None:
    async def story(world: World) -> None:
        await asks(world)
        await world.at("2026-05-20 10:00")
        world.reply(
            office.ZHOU,
            world.last(office.ZHOU, "工作清单"),
            "#2026-0001 代录 赵建国 口头 昨天 同意，抓紧办",
            files=[SCAN],
        )
        await world.work()
        told = world.inbox(office.ZHOU)[-1]
        assert "代录：赵建国2026年5月19日口头同意" in told.text
        assert [e for e in events(world) if e in ("ApprovalRecorded", "Extended")] == [
            "ApprovalRecorded",
            "Extended",
        ]
        assert due_on(world, "conclude") == date(2026, 6, 26)
        await world.minutes(16)
        assert "2026年6月26日" in world.last(GM, "延期告知书").text
        await world.at("2026-05-25 12:00")
        digest = world.last(office.ZHAO, "周报")
        assert "本期延期" in digest.text
        assert "2026-0001 2026年5月19日口头同意：同意，抓紧办（周敏代录" in digest.text
        await world.at("2026-06-01 12:00")
        assert "代录" not in world.last(office.ZHAO, "周报").text, "once"

    play(story)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("#2026-0001 代录 赵建国 同意延期", "口头还是书面"),
        ("#2026-0001 代录 李强 口头 昨天", "不能代录他人"),
        ("#2026-0001 代录 赵建国 书面 2026-01-05", "日期须在收件之后"),
    ],
)
def test_what_is_put_on_record_names_who_how_and_when(play: Any, typed: str, said: str) -> None:
    async def story(world: World) -> None:
        await asks(world)
        world.reply(office.ZHOU, world.last(office.ZHOU, "工作清单"), typed)
        await world.work()
        assert said in world.inbox(office.ZHOU)[-1].text
        assert "Extended" not in events(world)

    play(story)


def test_a_handler_puts_no_superiors_word_on_record(play: Any) -> None:
    async def story(world: World) -> None:
        await asks(world)
        told = await command(world, office.WANG, world.last(office.WANG, "已执行"), "#代录 赵建国 口头 昨天")
        assert "没有权限" in told.text
        assert "Extended" not in events(world)

    play(story)


# --- the report after a year (Art. 21) ------------------------------------------------------------


def test_the_years_report_stands_in_no_list_until_it_is_near(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-04 12:00")
        assert due_on(world, "report") == date(2027, 3, 2)
        for person in (office.WANG, office.ZHOU):
            assert "一年未结" not in world.last(person, "工作清单").text
        assert "一年未结" not in world.last(office.WANG, "已执行").text
        world.reply(office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 报告 高新管〔2026〕8号")
        await world.work()
        assert dues(world, "report")[0].state == "met"
        assert due_on(world, "report") is None

    play(story)


def test_a_second_suspension_is_served_and_told_by_a_notice_of_its_own(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        for _ in range(2):
            await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#中止 等待鉴定。")
            await command(world, office.ZHOU, world.last(office.ZHOU, "请审批：中止办理"), "1")
            assert unserved(world) == ["suspension"]
            await world.minutes(16)
            assert unserved(world) == []
            await command(world, office.WANG, world.last(office.WANG, "已同意"), "#恢复 鉴定结论已出具。")
            await world.minutes(16)
        assert len(letters(world, "suspension")) == len(letters(world, "resumption")) == 2
        assert due_on(world, "conclude") == date(2026, 5, 28), "nothing lost within a day"

    play(story)
