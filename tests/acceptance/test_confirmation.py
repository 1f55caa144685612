"""Where a mail does not prove its author, one digit in answer to the desk's own letter does: once, and in time."""

from __future__ import annotations

from typing import Any

from forging import ELSEWHERE, EVIL, HOUSE, Pen
from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.desk import staff_test
from mail_desk.desk.work import Work
from signing import Keys, sign
from told import GM, command, complain, events, filed, letters, state

STRONG = "confirm_minutes = 120\nattempts_per_day = 3"
WANG = office.WANG


def keys() -> Keys:
    known = Keys()
    for domain in (HOUSE, ELSEWHERE):
        known.publish(domain)
    return known


def replies(world: World) -> int:
    return len(letters(world, "reply"))


async def say(world: World, to: Got, words: str) -> Got:
    """Have Wang answer a letter in a mail that proves nothing, and return the desk's answer."""
    await command(world, WANG, to, words)
    return world.inbox(WANG)[-1]


async def outside(world: World, sender: str, to: Got, words: str) -> None:
    world.reply(sender, to, words)
    await world.work()


def test_one_digit_confirms_and_works_once(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        asked = await say(world, new, "#答复 您好，已收悉。")
        assert replies(world) == 0
        assert "还差一步确认" in asked.text
        assert "2 小时" in asked.text
        await say(world, asked, "1")
        assert replies(world) == 1
        again = await say(world, asked, "1 ")
        assert "还差一步确认" in again.text
        assert replies(world) == 1

    play(story, authority=STRONG)


def test_a_confirmation_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.settings = world.settings.model_copy(
            update={"desk": world.settings.desk.model_copy(update={"staff_language": "en"})}
        )
        await world.restart()
        world.write(GM, "Delay of our permit", "Our permit has been delayed for months.")
        await world.work()
        asked = await say(world, world.inbox(WANG)[-1], "#reply Hello, we have your letter.")
        assert "One step is missing" in asked.text
        await say(world, asked, "1")
        assert replies(world) == 1

    play(story, authority=STRONG)


def test_one_digit_confirms_all_lines_of_a_mail(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        asked = await say(world, new, "#受理\n#答复 您好，已经受理。\n#备注 内部的话")
        assert state(world) == "received"
        assert events(world).count("Noted") == 1  # what stays inside needs no more than the key
        assert "确认，执行以上2条" in asked.text
        await say(world, asked, "1")
        assert state(world) == "accepted"
        assert replies(world) == 1

    play(story, authority=STRONG)


def test_a_confirmation_ends_with_its_time(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        asked = await say(world, new, "#受理")
        await world.minutes(121)
        late = await say(world, asked, "1")
        assert state(world) == "received"
        await say(world, late, "1")
        assert state(world) == "accepted"

    play(story, authority=STRONG)


def test_a_confirmation_covers_the_very_words_it_was_asked_for(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        asked = await say(world, new, "#答复 您好，第一稿。")
        await say(world, asked, "#答复 您好，另外的话。")
        assert replies(world) == 0

    play(story, authority=STRONG)


def test_only_the_reader_of_the_confirmation_can_give_it(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.meet(EVIL)
        pen = Pen(world, new)
        await say(world, new, "#受理")
        for raw in (pen.mail(words="1"), pen.foreign(f"From: {EVIL}", words="1"), pen.mail(words="1\n#受理")):
            world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
            await world.work()
            assert state(world) in ("received", "examining")  # 1 of the first letter: it is a complaint

    play(story, authority=STRONG)


def test_files_that_came_with_the_commands_leave_when_one_digit_confirms_them(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.reply(
            WANG,
            new,
            "#附件 指南.pdf\n#答复 您好，请看附件。",
            files=[("指南.pdf", "application/pdf", b"%PDF-1.4 guide")],
        )
        await world.work()
        assert replies(world) == 0
        await say(world, world.inbox(WANG)[-1], "1")
        assert replies(world) == 1
        await world.minutes(16)
        sent = world.inbox(GM)[-1].mail
        assert [a.filename for a in sent.attachments if not a.inline] == ["指南.pdf"]

    play(story, authority=STRONG)


def test_an_automatic_answer_confirms_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        asked = await say(world, new, "#受理")
        raw = Pen(world, asked).mail(
            words="1", fields="Auto-Submitted: auto-replied\r\n", answers=asked.mail.message_id
        )
        world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
        await world.work()
        assert state(world) == "received"
        assert filed(world)[-1] == "automatic"

    play(story, authority=STRONG)


def test_what_the_config_grades_lower_needs_the_key_only(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await say(world, new, "#受理")
        assert state(world) == "accepted"
        asked = await say(world, new, "#答复 您好")
        assert "还差一步确认" in asked.text

    play(story, authority='verbs = { accept = "token" }')


async def _test(world: World) -> Got:
    with world.daemon.store.decide() as session:
        sent = staff_test.send(Work(session, world.daemon.rules, world.clock.now()), ["wang"])
    assert WANG in sent
    await world.work()
    return world.last(WANG, "发信人验证")


async def _deliver(world: World, raw: bytes) -> Got:
    world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
    await world.work()
    return world.inbox(WANG)[-1]


def test_the_staff_test_learns_how_mail_proves_itself_and_later_mail_without_it_is_refused(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await say(world, new, "#备注 一")
        assert events(world).count("Noted") == 1  # nothing is known yet: the key is enough for a note
        letter = await _test(world)
        answer = await _deliver(
            world, sign(Pen(world, letter).mail(words="1", subject=letter.subject), HOUSE)
        )
        assert "能证明出自本人（DKIM）" in answer.text
        told = await say(world, new, "#备注 二")
        assert events(world).count("Noted") == 1
        assert "平时都带有发信人验证" in told.text
        words = await say(world, new, "没有命令的话")
        assert "平时都带有发信人验证" in words.text
        assert events(world).count("Noted") == 1
        await say(world, told, "1")
        assert events(world).count("Noted") == 2
        pen = Pen(world, new, count=10)
        await _deliver(world, pen.signed())
        assert replies(world) == 1

    play(story, authority="attempts_per_day = 100", keys=keys())


def test_what_phone_and_computer_both_prove_is_what_counts(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        letter = await _test(world)
        await _deliver(world, sign(Pen(world, letter).mail(words="1", subject=letter.subject), HOUSE))
        await say(world, letter, "1")  # from the phone, without a signature
        await say(world, new, "#备注 从手机")
        assert events(world).count("Noted") == 1

    play(story, authority="attempts_per_day = 100", keys=keys())


def test_somebody_whose_mail_proves_nothing_is_told_so(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        answer = await say(world, await _test(world), "1")
        assert "不能证明出自本人" in answer.text
        assert "须再回复一个数字确认" in answer.text

    play(story, authority=STRONG)


def test_repeated_failed_checks_alarm_the_supervisor_and_the_operator_once_a_day(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        pen = Pen(world, new)
        for _ in range(2):
            await _deliver(world, pen.signed().replace("您好".encode(), "不予".encode()))
            await _deliver(world, f"From: {WANG}\r\n".encode() + pen.signed())  # two authors
        alarms = [g for g in world.inbox(office.ZHOU) if "冒用王芳" in g.subject]
        assert len(alarms) == 1
        assert "3 封" in alarms[0].text
        assert len([g for g in world.inbox(office.OPERATOR) if "冒用王芳" in g.subject]) == 1
        assert replies(world) == 0

    play(story, authority=STRONG, keys=keys())


def test_a_new_address_is_admitted_by_the_old_one(play: Any) -> None:
    new_address = "wangfang1988@phone-new.example"

    async def story(world: World) -> None:
        new = await complain(world)
        world.meet(new_address)
        await outside(world, new_address, new, "#受理")
        assert state(world) == "received"
        assert world.inbox(new_address) == []
        assert filed(world)[-1] == "stranger"
        asked = world.last(WANG, "这是您发的吗")
        assert new_address in asked.text
        assert "#受理" in asked.text
        await command(world, WANG, asked, "1")
        assert state(world) == "accepted"
        await outside(world, new_address, world.inbox(WANG)[-1], "#备注 从新地址")
        assert events(world).count("Noted") == 1
        twice = await say(world, asked, "1")
        assert "已经处理过" in twice.text

    play(story, authority='otherwise = "token"')


def test_an_address_that_is_denied_stays_outside(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.meet(EVIL)
        await outside(world, EVIL, new, "#受理")
        asked = world.last(WANG, "这是您发的吗")
        answer = await say(world, asked, "2")
        assert "不会执行" in answer.text
        assert state(world) == "received"
        await outside(world, EVIL, new, "#受理")
        assert state(world) == "received"
        assert world.inbox(EVIL) == []
        assert any("暂存" in g.text for g in world.inbox(office.ZHOU))

    play(story, authority=STRONG)


def test_was_this_you_is_answered_in_its_own_letter_only(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.meet(EVIL)
        await outside(world, EVIL, new, "#受理")
        held = f"M{len(filed(world))}"
        answer = await say(world, new, f"#确认 {held}")
        assert "只能用来回复" in answer.text
        assert state(world) == "received"

    play(story)
