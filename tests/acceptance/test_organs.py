"""Questions to public bodies by mail: what leaves, what comes back, who is reminded, what stays inside."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import LetterState, Message
from told import GM, command, complain, events, filed, letters, news, row, tickets

PRIVATE = "bureau_clerk@free.example"
DUTY = "duty.desk@market.gov.example"
SECRET = ("秘密合同.pdf", "application/pdf", b"%PDF-1.4 secret-bytes\n")
NAMED = ("变更申请表.pdf", "application/pdf", b"%PDF-1.4 named-bytes\n")


def everything(raw: bytes) -> str:
    """Return whatever a reader could find in a letter: headers, parts, names of files, bytes."""
    found = [raw.decode("latin-1")]
    for part in message_from_bytes(raw, policy=policy.default).walk():
        found += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart():
            found.append((part.get_payload(decode=True) or b"").decode("utf-8", "replace"))  # type: ignore[union-attr]
    return "\n".join(found)


async def asked(
    world: World, text: str = "#征询 市场监管局 请函告变更申请的办理情况。", **more: Any
) -> tuple[Got, Got]:
    """Complain and ask; return the handler's letter and what the organ received."""
    world.meet(office.BUREAU)
    new = await complain(world, **more)
    await command(world, office.WANG, new, text)
    await world.minutes(16)
    return new, world.inbox(office.BUREAU)[-1]


# --- what leaves ------------------------------------------------------------------------------------


def test_a_question_holds_the_words_the_named_file_and_a_reference_and_nothing_else(play: Any) -> None:
    async def story(world: World) -> None:
        new, question = await asked(
            world,
            "#征询 市场监管局 5个工作日内，请函告变更申请的办理情况。\n附件：变更申请表.pdf",
            files=[SECRET, NAMED],
        )
        assert "征2026-0001-1" in question.subject
        assert "请函告变更申请的办理情况" in question.text
        assert "2026年3月9日" in question.text, "five working days after the second of March"
        assert [a.filename for a in question.mail.attachments] == ["变更申请表.pdf"]
        assert "附件：变更申请表" not in question.text.replace("随信附件", "")
        said = everything(question.raw)
        assert "named-bytes" in said
        inside = (
            "秘密合同",
            "secret-bytes",
            "张三",
            GM,
            "bearings",
            "至今没有答复",
            "审批迟延",
            "王芳",
            office.WANG,
        )
        assert [word for word in inside if word in said] == []
        assert new.mail.message_id not in said

    play(story)


def test_the_transcript_shows_the_whole_letter_and_warns_of_what_gives_the_complainant_away(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        new = await complain(world, files=[NAMED], name="张三")
        done = await command(world, office.WANG, new, "#征询 market 请说明张三申请的办理情况。\n附件 1")
        flat = done.text.replace("\n", "").replace(" ", "")
        assert "关于商请提供有关情况的函（征2026-0001-1）" in flat
        assert "请说明张三申请的办理情况" in flat
        assert "随信附件：变更申请表.pdf" in flat
        assert "文中写有投诉人信息（张三）" in flat
        assert "变更申请表.pdf是投诉人提交的材料" in flat
        assert "撤销" in done.text

    play(story)


def test_a_file_that_is_not_there_stops_the_letter_and_the_right_one_is_a_digit_away(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        new = await complain(world, files=[SECRET, NAMED])
        wrong = await command(
            world, office.WANG, new, "#征询 市场监管局 3个工作日内，请说明。\n附件：变更申请.pdf"
        )
        assert letters(world, "organ-question") == []
        assert "2. 变更申请表.pdf" in wrong.text
        await command(world, office.WANG, wrong, "1")
        await world.minutes(16)
        question = world.inbox(office.BUREAU)[-1]
        assert [a.filename for a in question.mail.attachments] == ["变更申请表.pdf"]
        assert "2026年3月5日" in question.text
        assert "个工作日内" not in question.text

    play(story)


def test_an_unknown_organ_is_refused_and_the_known_ones_are_offered_with_the_question_written(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        new = await complain(world)
        wrong = await command(world, office.WANG, new, "#征询 水务局 请说明停水原因。")
        assert letters(world, "organ-question") == []
        await command(world, office.WANG, wrong, "1")
        assert len(letters(world, "organ-question")) == 1

    play(story)


def test_the_body_complained_about_is_asked_for_its_statement_in_other_words(play: Any) -> None:
    async def story(world: World) -> None:
        _, letter = await asked(world, "#陈述 市场监管局 请就未按时办结的原因和依据作出说明。")
        assert "陈述意见的函（陈2026-0001-1）" in letter.subject
        assert "被投诉人应当配合投诉处理工作" in letter.text.replace("\n", "")
        assert "第三十条" in letter.text
        assert "张三" not in everything(letter.raw)

    play(story)


def test_a_question_in_english_goes_out_in_english_with_a_reference_to_be_read_out(play: Any) -> None:
    async def story(world: World) -> None:
        new, letter = await asked(
            world, "#ask market within 3 working days: When was the application decided?"
        )
        assert "Request for information (Q2026-0001-1)" in letter.subject
        assert "5 March 2026" in letter.text
        assert "When was the application decided?" in letter.text
        statement = await command(
            world, office.WANG, new, "#statement market Please explain why nothing was decided."
        )
        assert "Request for a statement (S2026-0001-2)" in statement.text
        world.reply(office.BUREAU, letter, "It was decided on 11 March.")
        await world.work()
        offer = (
            world.last(office.WANG, "Q2026")
            if "Q2026" in world.inbox(office.WANG)[-1].subject
            else world.inbox(office.WANG)[-1]
        )
        await command(world, office.WANG, offer, "#answer")
        assert "OrganAnswered" in events(world)

    play(story)


def test_a_question_taken_back_never_was_and_its_number_is_not_given_again(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        new = await complain(world)
        done = await command(world, office.WANG, new, "#征询 市场监管局 请说明。")
        await command(world, office.WANG, done, "撤销")
        assert letters(world, "organ-question")[0].state == LetterState.CANCELLED
        again = await command(world, office.WANG, new, "#征询 市场监管局 请说明情况。")
        assert "征2026-0001-2" in again.text
        await world.at("2026-03-31 12:00")
        assert all("征2026-0001-1" not in s for s in news(world, office.BUREAU))

    play(story)


# --- what comes back --------------------------------------------------------------------------------


def test_a_reply_is_offered_as_the_answer_and_one_digit_makes_it_that(play: Any) -> None:
    async def story(world: World) -> None:
        _, question = await asked(world)
        world.reply(
            office.BUREAU,
            question,
            "已于3月11日办结，详见附件。",
            files=[("回函.pdf", "application/pdf", b"%PDF")],
        )
        await world.work()
        offer = world.last(office.WANG, "回函")
        assert "征2026-0001-1" in offer.subject
        assert "直接回复了我们的函" in offer.text
        assert "未核实" not in offer.text
        assert "OrganAnswered" not in events(world), "nothing is recorded before the handler says so"
        done = await command(world, office.WANG, offer, "1")
        assert "市场监管局对征2026-0001-1的回函" in done.text.replace("\n", "")
        assert events(world).count("OrganAnswered") == 1
        assert tickets(world) == 1
        assert len(world.inbox(office.BUREAU)) == 1, "no receipt goes to the organ"
        await world.at("2026-04-30 12:00")
        assert len(world.inbox(office.BUREAU)) == 1, "nobody is reminded of what has been answered"
        assert all("3月11日办结" not in got.text for got in world.inbox(GM))

    play(story)


def test_a_scan_named_after_the_reference_is_the_answer_wherever_it_comes_from(play: Any) -> None:
    async def story(world: World) -> None:
        await asked(world)
        scan = ("关于征２０２６－０００１－１的材料.pdf", "application/pdf", b"%PDF-1.4 scan")
        world.meet(PRIVATE)
        world.write(PRIVATE, "材料", "请查收。", files=[scan])
        await world.work()
        assert tickets(world) == 1
        offer = world.last(office.WANG, "征2026-0001-1")
        assert "写有函号征2026-0001-1" in offer.text.replace("\n", "")
        assert "身份未核实" in offer.text
        assert f"{PRIVATE} 不是市场监管局的地址" in offer.text.replace("\n", "")
        assert world.inbox(PRIVATE) == [], "whoever names a reference gets nothing back"
        await command(world, office.WANG, offer, "1")
        assert "OrganAnswered" in events(world)

    play(story)


def test_a_mail_of_the_organ_without_a_word_of_the_question_is_offered_too(play: Any) -> None:
    async def story(world: World) -> None:
        await asked(world)
        world.write(DUTY, "办理情况", "经查已办结。", name="值班室")
        await world.work()
        assert tickets(world) == 1
        offer = world.last(office.WANG, "征2026-0001-1")
        assert "可能是市场监管局的答复" in offer.text
        done = await command(world, office.WANG, offer, "#回函 M3 征2026-1-1")
        assert "回函" in done.text
        assert "OrganAnswered" in events(world)

    play(story)


def test_what_is_no_answer_becomes_a_ticket_of_its_own_with_its_true_day_and_no_receipt(play: Any) -> None:
    async def story(world: World) -> None:
        await asked(world)
        world.meet(DUTY)
        world.write(DUTY, "关于召开会议的通知", "定于3月12日开会。")
        await world.work()
        arrived = world.clock.now()
        assert tickets(world) == 1
        await world.at("2026-03-04 10:00")
        offer = world.last(office.WANG, "可能是有关部门的答复")
        done = await command(world, office.WANG, offer, "2")
        assert "不是回函" in done.text
        assert tickets(world) == 2
        assert row(world, "2026-0002").received_at == arrived
        assert "Separated" in events(world)
        assert world.inbox(DUTY) == []

    play(story)


def test_a_mail_that_may_answer_two_questions_is_asked_of_both_and_opens_no_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await asked(world)
        other = await complain(world, "gm@glass.example", "关于收费的投诉")
        if "2026-0002" not in other.subject:
            other = world.last(office.LI, "2026-0002")
            await command(world, office.LI, other, "#征询 市场监管局 请说明收费依据。")
        else:
            await command(world, office.WANG, other, "#征询 市场监管局 请说明收费依据。")
        await world.minutes(16)
        world.write(DUTY, "回复", "经核实，均已办理。")
        await world.work()
        assert tickets(world) == 2
        assert filed(world)[-1] == "organ-mail"
        handler = office.WANG if row(world, "2026-0002").handler == "wang" else office.LI
        second = world.last(handler, "征2026-0002-1")
        assert "征2026-0001-1" in world.last(office.WANG, "征2026-0001-1").subject
        await command(world, handler, second, "1")
        assert "OrganAnswered" in events(world, "2026-0002")
        assert "NotAnswer" in events(world), "the other handler is asked no more"
        await world.at("2026-03-03 08:31")
        assert "待确认的回函" not in world.last(office.WANG, "工作清单").text

    play(story)


def test_an_organ_that_writes_from_a_private_mailbox_without_a_reference_is_shown_to_who_asked(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await asked(world)
        world.meet(PRIVATE)
        world.write(
            PRIVATE,
            "关于企业变更登记情况的复函",
            "贵单位来函收悉。经查，已办结。\n市场监管局",
            files=[("复函.pdf", "application/pdf", b"%PDF")],
        )
        await world.work()
        assert tickets(world) == 2, "nobody but a person can know: it opens a ticket as any mail does"
        offer = world.last(office.WANG, "征2026-0001-1")
        assert "2026-0002" in offer.text
        await command(world, office.WANG, offer, "1")
        assert "OrganAnswered" in events(world)
        assert row(world, "2026-0002").merged_into == row(world).id

    play(story)


def test_a_paper_or_spoken_answer_is_put_on_record_with_its_words(play: Any) -> None:
    async def story(world: World) -> None:
        new, _ = await asked(world)
        done = await command(world, office.WANG, new, "#回函 征2026-0001-1 电话答复：3月11日已办结")
        assert "回函" in done.text
        assert "OrganAnswered" in events(world)
        assert "Noted" in events(world)

    play(story)


def test_answer_before_words_asks_whether_the_complainant_was_meant(play: Any) -> None:
    async def story(world: World) -> None:
        new, _ = await asked(world)
        told = await command(world, office.WANG, new, "#answer Thank you for your letter.")
        assert letters(world, "reply") == []
        assert "OrganAnswered" not in events(world)
        assert "作为答复发给投诉人" in told.text
        number = next(n for n in range(1, 9) if f"{n} = 作为答复发给投诉人" in told.text)
        await command(world, office.WANG, told, str(number))
        assert len(letters(world, "reply")) == 1

    play(story)


def test_an_organ_that_only_says_received_has_not_answered_and_bothers_nobody(play: Any) -> None:
    async def story(world: World) -> None:
        _, question = await asked(world, "#征询 市场监管局 3个工作日内，请说明办理情况。")
        before = len(world.inbox(office.WANG))
        world.reply(office.BUREAU, question, "收到。")
        await world.work()
        assert len(world.inbox(office.WANG)) == before
        await world.at("2026-03-06 12:00")
        assert "催复函" in world.inbox(office.BUREAU)[-1].subject

    play(story)


def test_a_mail_nobody_has_judged_is_shown_to_the_supervisor_even_when_its_tickets_are_finished(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        new, _ = await asked(world)
        await command(world, office.WANG, new, "#征询 市场监管局 请再说明收费依据。")
        await world.minutes(16)
        other = await complain(world, "gm@glass.example", "关于收费的投诉")
        handler = office.WANG if row(world, "2026-0002").handler == "wang" else office.LI
        await command(world, handler, world.last(handler, "2026-0002"), "#征询 市场监管局 请说明收费依据。")
        await world.minutes(16)
        world.write(DUTY, "回复", "均已办理。")
        await world.work()
        assert filed(world)[-1] == "organ-mail"
        await command(world, office.WANG, new, "#非投诉 广告")
        await command(world, handler, world.last(handler, "2026-0002"), "#2026-0002 非投诉 广告")
        await world.at("2026-03-03 08:31")
        assert "待确认的回函" in world.last(office.ZHOU, "工作清单").text
        assert other is not None

    play(story)


def test_a_complainant_who_names_a_reference_is_not_taken_for_the_organ(play: Any) -> None:
    async def story(world: World) -> None:
        await asked(world)
        world.write(GM, "关于2026-0001：征2026-0001-1", "我们听说已发函征2026-0001-1。", name="张三")
        await world.work()
        assert "AnswerSeen" not in events(world)
        assert letters(world, "organ-answer") == []

    play(story)


def test_a_late_second_letter_about_an_answered_question_stays_on_its_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        _, question = await asked(world)
        world.reply(office.BUREAU, question, "已办结。")
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "征2026-0001-1"), "1")
        world.write(DUTY, "补充：征2026-0001-1", "补充材料。")
        await world.work()
        assert tickets(world) == 1
        assert "已经有过答复" in world.last(office.WANG, "征2026-0001-1").text

    play(story)


# --- time -------------------------------------------------------------------------------------------


def test_an_organ_is_reminded_the_day_after_then_every_few_days_three_times_at_most(play: Any) -> None:
    async def story(world: World) -> None:
        await asked(world, "#征询 市场监管局 3个工作日内，请说明办理情况。")
        await world.at("2026-03-05 12:00")
        assert len(world.inbox(office.BUREAU)) == 1
        told = world.last(office.WANG, "提醒")
        assert "市场监管局答复征2026-0001-1" in told.text.replace("\n", "")
        await world.at("2026-03-06 12:00")
        reminder = world.inbox(office.BUREAU)[1]
        assert "催复函" in reminder.subject
        assert "请说明办理情况" in reminder.text
        await world.at("2026-05-30 12:00")
        sent = [f"{letter.sent_at:%m-%d}" for letter in letters(world, "organ-reminder") if letter.sent_at]
        assert sent == ["03-06", "03-13", "03-20"]
        said = "\n".join(everything(got.raw) for got in world.inbox(office.BUREAU))
        assert [word for word in ("张三", GM, "bearings", "至今没有答复", "王芳") if word in said] == []

    play(story)


def test_while_a_mail_waits_for_the_handlers_word_the_organ_is_not_reminded(play: Any) -> None:
    async def story(world: World) -> None:
        _, question = await asked(world, "#征询 市场监管局 3个工作日内，请说明办理情况。")
        world.reply(office.BUREAU, question, "收到，正在核实。")
        await world.work()
        await world.at("2026-03-10 12:00")
        assert len(world.inbox(office.BUREAU)) == 1
        list_ = world.last(office.WANG, "工作清单")
        assert "待确认的回函" in list_.text
        await command(world, office.WANG, list_, "#非回函 M3")
        assert "NotAnswer" in events(world), "the worklist's own words work, without a ticket"
        assert tickets(world) == 1, "it replied to our letter: it stays on the ticket"
        await world.at("2026-03-11 12:00")
        assert "催复函" in world.inbox(office.BUREAU)[-1].subject

    play(story)


def test_a_late_organ_stands_in_the_worklists_and_before_the_leader_with_a_digit(play: Any) -> None:
    async def story(world: World) -> None:
        new, _ = await asked(world, "#征询 市场监管局 3个工作日内，请说明办理情况。")
        await command(world, office.WANG, new, "#受理")
        await world.at("2026-03-04 08:31")
        assert "征2026-0001-1" in world.last(office.WANG, "工作清单").text
        assert "征2026-0001-1" not in world.last(office.ZHOU, "工作清单").text
        await world.at("2026-03-09 09:31")
        for person in (office.WANG, office.ZHOU):
            text = world.last(person, "工作清单").text
            assert "征2026-0001-1" in text
            assert "逾期2个工作日" in text.replace(" ", "")
        digest = world.last(office.ZHAO, "周报")
        assert "有关部门逾期未复" in digest.text
        assert "市场监管局答复征2026-0001-1" in digest.text.replace("\n", "").replace(" ", "")
        await command(world, office.ZHAO, digest, "1 请与市场监管局主要负责人沟通")
        assert "Instructed" in events(world)

    play(story)


def test_a_ticket_that_is_finished_asks_nobody_any_more(play: Any) -> None:
    async def story(world: World) -> None:
        new, _ = await asked(world, "#征询 市场监管局 3个工作日内，请说明办理情况。")
        await command(world, office.WANG, new, "#非投诉 广告")
        await world.at("2026-03-20 12:00")
        assert len(world.inbox(office.BUREAU)) == 1

    play(story)


def test_a_question_that_waits_for_release_reminds_nobody_before_it_has_left(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        new = await complain(world)
        await command(world, office.WANG, new, "#征询 市场监管局 2个工作日内，请说明办理情况。")
        await world.at("2026-03-09 12:00")
        assert world.inbox(office.BUREAU) == []
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审签"), "1")
        await world.at("2026-03-10 12:00")
        assert [("催复" in got.subject) for got in world.inbox(office.BUREAU)] == [False, True]

    play(story, outward="review")


# --- what stays inside ------------------------------------------------------------------------------


def test_the_body_complained_about_receives_only_what_was_asked_of_it(play: Any) -> None:
    async def story(world: World) -> None:
        new, _ = await asked(world, "#陈述 市场监管局 请就办理时限说明依据。", files=[SECRET])
        await command(world, office.WANG, new, "#受理")
        await command(world, office.WANG, new, "#备注 市场监管局可能有问题")
        world.reply(office.BUREAU, world.inbox(office.BUREAU)[-1], "说明如下。")
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "陈2026-0001-1"), "1")
        await command(world, office.WANG, new, "#办结 3 经核实，已核发执照。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
        await world.at("2026-03-20 12:00")
        assert len(world.inbox(office.BUREAU)) == 1
        with world.daemon.store.read() as session:
            kinds = {x.kind for x in letters(world, "organ-statement")}
            assert kinds == {"organ-statement"}
            mails = session.scalars(select(Message).where(Message.from_address == office.BUREAU)).all()
            assert [m.filed_as for m in mails] == ["follow-up"]

    play(story)


def test_words_of_the_organ_in_an_answer_to_the_complainant_are_pointed_out(play: Any) -> None:
    async def story(world: World) -> None:
        _, question = await asked(world)
        secret = "该企业法定代表人涉嫌提供虚假材料，我局正在立案调查，请勿外传。"
        world.reply(office.BUREAU, question, secret)
        await world.work()
        offer = world.last(office.WANG, "征2026-0001-1")
        warned = await command(world, office.WANG, offer, f"#答复 您好，市场监管局称：{secret}")
        assert "与有关部门的回函相同" in warned.text.replace("\n", "")
        plain = await command(world, office.WANG, offer, "#答复 您好，我们正在与有关部门核实，将尽快答复。")
        assert "与有关部门的回函相同" not in plain.text.replace("\n", "")

    play(story)
