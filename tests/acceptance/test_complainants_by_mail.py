"""What complainants ask by one word, by mail: how it stands, the language, a withdrawal, a rating."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import EventRow
from told import GM, STRANGER, command, complain, events, filed, letters, row, state, tickets

SCAN = ("凭证.pdf", "application/pdf", b"%PDF-1.4 scan")


async def accepted(world: World) -> Got:
    await command(world, office.WANG, await complain(world), "#受理")
    await world.minutes(16)
    return world.last(GM, "受理通知书")


async def in_english(world: World) -> Got:
    world.meet(GM)
    world.write(GM, "Complaint about a permit", "Dear Sirs,\nour permit has been delayed without reasons.\n")
    await world.work()
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#accept")
    await world.minutes(16)
    return world.last(GM, "accepted")


async def says(world: World, to: Got, text: str) -> Got:
    """Have the complainant answer a letter; return what it received last."""
    world.reply(GM, to, text)
    await world.work()
    return world.inbox(GM)[-1]


async def stranger_says(world: World, to: Got, text: str) -> None:
    """Have somebody else answer a letter that was not written to it."""
    world.meet(STRANGER)
    world.reply(STRANGER, to, text)
    await world.work()


def staff_heard(world: World) -> int:
    return len(world.inbox(office.WANG)) + len(world.inbox(office.ZHOU))


# --- how it stands --------------------------------------------------------------------------------


def test_status_is_answered_at_once_with_stage_date_and_telephone_and_nobody_is_bothered(play: Any) -> None:
    async def story(world: World) -> None:
        receipt = await complain(world)
        heard = staff_heard(world)
        first = await says(world, world.last(GM, "来信已收到"), "您好，请问进度？谢谢")
        assert "正在审查是否受理" in first.text
        assert "2026年3月11日" in first.text
        assert "待甄别" not in first.text, "no word of the inside"
        assert staff_heard(world) == heard
        await command(world, office.WANG, receipt, "#受理")
        await world.minutes(16)
        answer = await says(world, world.last(GM, "受理通知书"), "进度")
        assert "已经受理，正在办理" in answer.text
        assert "2026年5月28日" in answer.text
        assert "0379-00000000" in answer.text
        assert "王芳" not in answer.text
        assert list(answer.mail.all("auto-submitted")) == ["auto-replied"]
        assert filed(world)[-1] == "status"
        assert events(world).count("StatusAsked") == 2

    play(story)


def test_status_in_english_and_by_number_in_a_mail_of_its_own(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await in_english(world)
        answer = await says(world, notice, "Status please\n\nBest regards")
        assert "accepted and being handled" in answer.text
        assert "28 May 2026" in answer.text
        world.write(GM, "2026-0001", "What is the status?")
        await world.work()
        assert "accepted and being handled" in world.inbox(GM)[-1].text
        assert len(letters(world, "status")) == 2

    play(story)


def test_status_from_a_stranger_tells_nothing_and_goes_to_nobody_else(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        world.meet(STRANGER)
        world.reply(STRANGER, notice, "进度")
        world.write(STRANGER, "2026-0001", "进度")
        await world.work()
        assert letters(world, "status") == []
        assert all("正在办理" not in got.text for got in world.inbox(STRANGER))

    play(story)


def test_an_automatic_mail_and_one_with_files_or_more_words_are_ordinary_mails(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        world.write(
            GM,
            f"回复：{notice.subject}",
            "进度",
            headers=[("Auto-Submitted", "auto-replied")],
            in_reply_to=notice.mail.message_id,
        )
        await world.work()
        world.reply(GM, notice, "进度", files=[SCAN])
        world.reply(GM, notice, "进度如何？我们已经等了三周，生产受到影响，请尽快答复。")
        await world.work()
        assert letters(world, "status") == []
        assert filed(world)[-2:] == ["follow-up", "follow-up"]

    play(story)


def test_status_is_answered_up_to_the_quota_of_a_day_then_a_person_reads_it(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        quota = world.settings.budget.automatic_per_sender_and_day
        for n in range(quota + 1):
            world.reply(GM, notice, f"进度{'！' * n}")
            await world.work()
        assert len(letters(world, "status")) == quota - 1, "the receipt counts too"
        assert filed(world)[-1] == "follow-up"

    play(story)


# --- language -------------------------------------------------------------------------------------


def test_the_language_of_the_letters_is_switched_by_one_word_and_back(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        answer = await says(world, notice, "English please")
        assert "write to you in English" in answer.subject
        assert row(world).language == "en"
        await command(
            world, office.WANG, world.last(office.WANG, "已执行"), "#进展 We have met the tax office."
        )
        await world.minutes(16)
        assert "How your complaint stands" in world.inbox(GM)[-1].subject
        back = await says(world, world.inbox(GM)[-1], "中文")
        assert "今后用中文给您写信" in back.subject
        assert row(world).language == "zh"

    play(story)


def test_a_stranger_switches_no_language(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        await stranger_says(world, notice, "English")
        world.write(GM, "2026-0001", "English")  # no key of a letter
        await world.work()
        assert row(world).language == "zh"
        assert "LanguageChosen" not in events(world)

    play(story)


# --- withdrawal -----------------------------------------------------------------------------------


async def confirmed(world: World) -> Got:
    """Play to a confirmed withdrawal of an accepted complaint; return the handler's letter."""
    notice = await accepted(world)
    asked = await says(world, notice, "撤回投诉")
    assert "请确认是否撤回投诉" in asked.subject
    await says(world, asked, "确认撤回")
    return world.last(office.WANG, "补充来信")


def test_a_withdrawal_is_told_to_the_handler_confirmed_by_reply_and_offered_by_one_digit(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        asked = await says(world, notice, "撤回投诉")
        told = world.inbox(office.WANG)[-1]
        assert "已请其书面确认" in "".join(told.text.split())
        assert "办理撤诉" not in told.text, "not offered before it is confirmed"
        refused = await command(world, office.WANG, told, "#撤诉 M3")
        assert "还没有确认撤回" in refused.text
        assert state(world) == "accepted"
        noted = await says(world, asked, "确认撤回")
        assert "2026年3月5日" in noted.text, "three working days to think again"
        offered = world.inbox(office.WANG)[-1]
        assert "办理撤诉" in offered.text
        assert state(world) == "accepted", "the desk never withdraws by itself"
        await command(world, office.WANG, offered, "1")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        assert state(world) == "concluded"
        await world.minutes(16)
        assert "投诉人书面撤回投诉" in world.last(GM, "处理结果通知书").text

    play(story)


def test_in_english_a_withdrawal_before_acceptance_ends_it_and_revoke_reopens_it(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(
            GM, "Complaint about a permit", "Dear Sirs,\nour permit has been delayed without reasons.\n"
        )
        await world.work()
        asked = await says(world, world.inbox(GM)[-1], "Please withdraw our complaint.\n\nKind regards")
        assert "Please confirm" in asked.subject
        await says(world, asked, "Confirm")
        await command(world, office.WANG, world.inbox(office.WANG)[-1], "1")
        assert state(world) == "withdrawn"
        await world.minutes(16)
        ended = world.last(GM, "withdrawn")
        await world.at("2026-03-05 10:00")
        answer = await says(world, ended, "Revoke")
        assert "goes on" in answer.subject
        assert state(world) == "examining"
        assert "WithdrawalRevoked" in events(world)
        assert "撤销了撤回" in world.inbox(office.WANG)[-1].text

    play(story)


@pytest.mark.parametrize("released", [False, True])
def test_revoking_stops_what_waits_for_approval_and_reopens_what_is_concluded(
    play: Any, released: bool
) -> None:
    async def story(world: World) -> None:
        offered = await confirmed(world)
        await command(world, office.WANG, offered, "1")
        request = world.last(office.ZHOU, "请审批")
        if released:
            await command(world, office.ZHOU, request, "1")
            assert state(world) == "concluded"
        await says(world, world.last(GM, "撤回投诉的确认"), "撤销撤回")
        assert state(world) == "accepted"
        await world.minutes(20)
        assert not any("处理结果通知书" in got.subject for got in world.inbox(GM))
        if not released:
            late = await command(world, office.ZHOU, request, "1")
            assert "没有待审批的事项" in late.text
        told = await command(world, office.WANG, offered, "1")
        assert "已经撤销撤回" in told.text

    play(story)


def test_a_withdrawal_is_not_revoked_too_late_nor_by_somebody_else(play: Any) -> None:
    async def story(world: World) -> None:
        await confirmed(world)
        noted = world.last(GM, "撤回投诉的确认")
        await stranger_says(world, noted, "撤销撤回")
        assert "WithdrawalRevoked" not in events(world)
        await world.at("2026-03-06 10:00")  # the third working day was the fifth
        await says(world, noted, "撤销撤回")
        assert "WithdrawalRevoked" not in events(world)
        assert filed(world)[-1] == "follow-up", "a person reads it"

    play(story)


@pytest.mark.parametrize("how", ["stranger", "without a key", "unconfirmed"])
def test_a_forged_withdrawal_comes_to_nothing(play: Any, how: str) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        if how == "stranger":
            await stranger_says(world, notice, "撤回投诉")
        elif how == "without a key":
            world.write(GM, "2026-0001", "撤回投诉")
        else:
            asked = await says(world, notice, "撤回投诉")
            await stranger_says(world, asked, "确认撤回")
            await says(world, notice, "确认撤回")  # in answer to another letter
        await world.work()
        assert "WithdrawalConfirmed" not in events(world)
        assert state(world) == "accepted"
        assert all("办理撤诉" not in got.text for got in world.inbox(office.WANG))

    play(story)


def test_a_longer_mail_about_withdrawing_is_an_ordinary_mail(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        world.reply(GM, notice, "如果贵局本周能够协调解决，我们愿意撤回投诉。")
        await world.work()
        assert "WithdrawalAsked" not in events(world)
        assert filed(world)[-1] == "follow-up"

    play(story)


# --- rating ---------------------------------------------------------------------------------------


async def result(world: World) -> Got:
    await accepted(world)
    await command(world, office.WANG, world.last(office.WANG, "已执行"), "#办结 3 诉求没有法律依据。")
    await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
    await world.minutes(16)
    return world.last(GM, "处理结果通知书")


def scores(world: World) -> list[int]:
    with world.daemon.store.read() as session:
        found = session.scalars(select(EventRow).where(EventRow.type == "Rated").order_by(EventRow.seq))
        return [event.data["score"] for event in found]


def test_a_digit_in_answer_to_the_result_rates_it_and_stands_in_the_digest(play: Any) -> None:
    async def story(world: World) -> None:
        told = await result(world)
        assert "5为非常满意" in "".join(told.text.split())
        heard = staff_heard(world)
        thanks = await says(world, told, "２")
        assert "谢谢您的评价" in thanks.subject
        again = await says(world, told, "4分")
        assert "谢谢您的评价" in again.subject
        assert scores(world) == [2, 4]
        assert staff_heard(world) == heard
        await world.at("2026-03-09 12:00")
        digest = "".join(world.last(office.ZHAO, "周报").text.split())
        assert "满意度" in digest
        assert "平均4.0分（1件" in digest, "the latest counts"

    play(story)


def test_a_digit_rates_nothing_in_answer_to_another_letter_or_from_a_stranger(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        await says(world, notice, "5")
        told = await result_of(world)
        await stranger_says(world, told, "5")
        world.write(GM, "2026-0001", "5")
        await world.work()
        assert scores(world) == []
        assert tickets(world) == 1

    play(story)


async def result_of(world: World) -> Got:
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#办结 3 诉求没有法律依据。")
    await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
    await world.minutes(16)
    return world.last(GM, "处理结果通知书")


def test_a_command_of_staff_in_a_complainants_mail_is_no_command(play: Any) -> None:
    async def story(world: World) -> None:
        notice = await accepted(world)
        for words in ("#撤诉 M1", "#结案", "1同意", "#2026-0001 办结 3 完", "#withdraw"):
            world.reply(GM, notice, words)
            await world.work()
            assert filed(world)[-1] == "follow-up"
        assert state(world) == "accepted"
        assert "WithdrawalAsked" not in events(world)

    play(story)


def test_silence_one_word_and_a_wait_are_the_same_on_every_store(make_world: Any) -> None:
    async def story() -> None:
        world: Any = make_world("2026-03-02 09:00")
        rules: Any = world.daemon.rules.procedures
        made = rules["foreign-investment"]
        rule = made.inactivity.model_copy(update={"days": 3, "announce": 1})
        rules["foreign-investment"] = made.model_copy(update={"progress_every": 2, "inactivity": rule})
        try:
            await world.work()
            notice = await accepted(world)
            told = await command(
                world, office.WANG, world.last(office.WANG, "已执行"), "#答复 请说明申请日期。"
            )
            await world.minutes(16)
            await command(world, office.WANG, told, "#待答复")
            await world.at("2026-03-04 12:00")
            assert len(letters(world, "inactivity")) == 1
            assert "已经受理，正在办理" in (await says(world, notice, "进度")).text
            await world.at("2026-03-06 12:00")
            assert len(letters(world, "stage")) == 1
            assert letters(world, "no-participation") == [], "a word stopped the count"
        finally:
            await world.close()

    asyncio.run(story())
