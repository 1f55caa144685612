"""Staff and leaders work by replying: what is done, what is refused, what can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from mail_desk.config import Routes
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import LetterState, Message
from told import GM, STRANGER, command, complain, events, letters, news, row, state, tickets


def test_undo_within_the_hold_stops_the_letter_and_restores_the_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        done = await command(world, office.WANG, new, "#受理")
        assert state(world) == "accepted"
        await world.minutes(5)
        undone = await command(world, office.WANG, done, "撤销")
        assert "已撤销" in undone.text
        assert state(world) == "examining"
        await world.minutes(60)
        assert letters(world, "acceptance")[0].state == LetterState.CANCELLED
        assert all("受理通知书" not in s for s in news(world, GM))

    play(story)


def test_undo_after_the_letter_has_left_is_refused_and_changes_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        await world.minutes(20)
        assert "受理通知书" in news(world, GM)[-1]
        refused = await command(world, office.WANG, done, "撤销")
        assert "来不及" in refused.text
        assert state(world) == "accepted"

    play(story)


def test_undo_twice_undoes_once(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        done = await command(world, office.WANG, new, "1")
        await command(world, office.WANG, done, "#撤销")
        again = await command(world, office.WANG, done, "#撤销")
        assert "撤销过" in again.text
        assert state(world) == "received"
        assert events(world).count("Undone") == 1

    play(story)


def test_a_command_without_a_token_is_laid_ready_and_runs_only_by_its_answer(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        world.write(office.WANG, "受理", "#2026-0001 受理")
        await world.work()
        assert state(world) == "received"
        ready = world.inbox(office.WANG)[-1]
        assert "未执行" in ready.text
        await command(world, office.WANG, ready, "1")
        assert state(world) == "accepted"

    play(story)


def test_a_stolen_tag_from_another_address_does_nothing(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.meet(STRANGER)
        world.write(STRANGER, f"Re: {new.subject}", "#受理", in_reply_to=new.mail.message_id)
        await world.work()
        assert state(world) == "received"
        assert all("请承办" not in got.subject for got in world.inbox(STRANGER))

    play(story)


def test_a_display_name_gives_no_authority(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.write(
            STRANGER, f"Re: {new.subject}", "1", name=f"王芳 {office.WANG}", in_reply_to=new.mail.message_id
        )
        await world.work()
        assert state(world) == "received"

    play(story)


@pytest.mark.parametrize(
    "author",
    [
        f"From: {office.WANG}\r\nFrom: {STRANGER}",
        f"From: {STRANGER}\r\nFrom: {office.WANG}",
        f"From: {office.WANG}, {STRANGER}",
    ],
)
def test_a_mail_with_two_authors_has_nobodys_authority(play: Any, author: str) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        head = f"{author}\r\nTo: {world.desk}\r\nSubject: Re\r\nMessage-ID: <two@client.example>"
        raw = f"{head}\r\nIn-Reply-To: <{new.mail.message_id}>\r\n\r\n1\r\n".encode()
        world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
        await world.work()
        assert state(world) == "received"

    play(story)


def test_an_answer_of_two_authors_moves_no_clock(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        await command(world, office.WANG, new, "#补正 营业执照复印件")
        await world.minutes(16)
        letter = world.last(GM, "补正").mail.message_id
        head = f"From: {GM}\r\nFrom: {STRANGER}\r\nTo: {world.desk}\r\nSubject: Re\r\nMessage-ID: <two@client.example>"
        raw = f"{head}\r\nIn-Reply-To: <{letter}>\r\n\r\nmaterials\r\n".encode()
        world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
        await world.work()
        with world.daemon.store.read() as session:
            assert session.scalars(select(Message).order_by(Message.id.desc())).first().verified is False  # type: ignore[union-attr]

    play(story)


def test_staff_mail_and_alarms_take_the_accounts_their_routes_name(play: Any) -> None:
    async def story(world: World) -> None:
        extra = [
            world.settings.account[0].model_copy(
                update={
                    "name": name,
                    "address": f"{name}@desk.example",
                    "username": world.desk,
                    "read": False,
                }
            )
            for name in ("inside", "alarm")
        ]
        routes = Routes(outward="desk", staff="inside", alarms="alarm")
        world.settings = world.settings.model_copy(
            update={"account": (*world.settings.account, *extra), "routes": routes}
        )
        await world.restart()
        new = await complain(world)
        assert new.mail.author.address == "inside@desk.example"
        assert world.last(GM).mail.author.address == world.desk
        await world.daemon._alarm("test", "something", "detail")
        await world.work()
        assert world.inbox(office.OPERATOR)[-1].mail.author.address == "alarm@desk.example"

    play(story)


def test_reply_to_is_no_identity(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.write(
            STRANGER,
            f"Re: {new.subject}",
            "1",
            in_reply_to=new.mail.message_id,
            headers=[("Reply-To", office.WANG), ("Sender", office.WANG)],
        )
        await world.work()
        assert state(world) == "received"

    play(story)


def test_a_handler_cannot_work_on_another_handlers_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        world.write("office@glass.example", "关于收费的投诉", "重复收费，请处理。")
        await world.work()
        other = world.last(office.LI, "请承办")
        refused = await command(world, office.LI, other, "#2026-0001 受理")
        assert state(world) == "received"
        assert "未执行" in refused.text
        again = await command(world, office.LI, refused, "1")
        assert state(world) == "received"
        assert "王芳" in again.text

    play(story)


def test_words_without_a_command_are_an_internal_note_and_never_leave(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        noted = await command(world, office.WANG, new, "这家企业去年也来信反映过，先电话了解。")
        assert "Noted" in events(world)
        assert "先电话了解" in noted.text
        await world.minutes(60)
        assert news(world, GM) == ["来信已收到，编号 2026-0001"]

    play(story)


def test_words_that_look_meant_for_the_enterprise_are_not_sent_until_one_digit_says_so(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        held = await command(world, office.WANG, new, "张总您好，您反映的事项正在办理，请放心。")
        assert "没有发" in held.text or "未发" in held.text
        await world.minutes(30)
        assert len(news(world, GM)) == 1
        await command(world, office.WANG, held, "1")
        await world.minutes(16)
        assert "请放心" in world.last(GM).text

    play(story)


def test_a_command_inside_the_quotation_is_not_carried_out(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        world.write(
            office.WANG,
            f"回复：{new.subject}",
            '\n\n在 2026-03-02 09:00，"窗口" <tousu@desk.example> 写道：\n> #受理\n> 1\n',
            in_reply_to=new.mail.message_id,
        )
        await world.work()
        assert state(world) == "received"

    play(story)


def test_the_same_command_mail_in_two_folders_runs_once_and_is_answered_once(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        raw = world.reply(office.WANG, new, "1")
        world.backing.deliver(world.desk, raw, folder="垃圾邮件", when=world.clock.now())
        await world.work()
        assert events(world).count("Marked") == 1
        assert len(letters(world, "transcript")) == 1

    play(story)


def test_refusing_needs_the_supervisor_and_a_ground(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        asked = await command(world, office.WANG, new, "#不予受理 属于民事纠纷，请向法院起诉。")
        assert state(world) == "examining"
        assert "1 =" in asked.text, "the grounds are offered as digits, the words are kept"
        await command(world, office.WANG, asked, "2")
        request = world.last(office.ZHOU, "请审批")
        assert "民事纠纷" in request.text
        await command(world, office.ZHOU, request, "2 理由不充分，请再核实")
        assert state(world) == "examining"
        told = world.inbox(office.WANG)[-1]
        assert "理由不充分" in told.text
        await world.minutes(60)
        assert news(world, GM) == ["来信已收到，编号 2026-0001"]

    play(story)


def test_a_handler_cannot_approve_the_own_proposal(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        await command(world, office.WANG, new, "#不予受理 2 民事纠纷，请向法院起诉。")
        refused = await command(world, office.WANG, new, "#同意")
        assert state(world) == "examining"
        assert "周敏" in refused.text

    play(story)


def test_a_refusal_that_was_approved_goes_out_with_the_objection(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        await command(world, office.WANG, new, "#不予受理 2 民事纠纷，请向法院起诉。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "同意")
        assert state(world) == "declined"
        await world.minutes(16)
        refusal = world.last(GM)
        assert "不予受理" in refusal.subject
        assert "示例市商务局" in refusal.text

    play(story)


def test_review_holds_every_outward_letter_but_the_receipt_for_a_supervisor(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        assert news(world, GM) == ["来信已收到，编号 2026-0001"]
        await command(world, office.WANG, new, "#受理")
        await world.minutes(120)
        assert len(news(world, GM)) == 1
        request = world.inbox(office.ZHOU)[-1]
        assert "受理通知书" in request.text
        await command(world, office.ZHOU, request, "1")
        await world.minutes(16)
        assert "受理通知书" in news(world, GM)[-1]

    play(story, outward="review")


def test_a_letter_sent_back_by_the_supervisor_never_leaves_and_the_handler_hears_why(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "#受理 请放心")
        await command(world, office.ZHOU, world.inbox(office.ZHOU)[-1], "2 请先核实企业资格")
        assert state(world) == "received"
        assert "请先核实企业资格" in world.inbox(office.WANG)[-1].text
        await world.minutes(120)
        assert len(news(world, GM)) == 1

    play(story, outward="review")


def test_free_words_of_a_leader_are_an_instruction_and_read_is_only_read(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        copy = world.last(office.ZHAO, "2026-0001")
        await command(world, office.ZHAO, copy, "阅")
        assert events(world)[-1] == "Read"
        await command(world, office.ZHAO, copy, "请抓紧办理")
        assert "Instructed" in events(world)
        assert "请抓紧办理" in world.inbox(office.WANG)[-1].text
        assert "请抓紧办理" in world.inbox(office.ZHOU)[-1].text

    play(story)


def test_an_assigned_ticket_ends_the_old_handlers_key(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.ZHOU, await _shown(world), "#2026-0001 转办 李强 请接办")
        assert row(world).handler == "li"
        assert "请接办" in world.last(office.LI, "请承办").text
        await command(world, office.WANG, new, "#受理")
        assert state(world) == "received"

    async def _shown(world: World) -> Any:
        world.write(office.ZHOU, "#show", "#show 2026-0001")
        await world.work()
        return world.inbox(office.ZHOU)[-1]

    play(story)


def test_somebody_named_in_a_complaint_neither_handles_it_nor_finds_it(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "对王芳的投诉", "经办人王芳多次推诿，请调查。", name="张三")
        await world.work()
        assert row(world).handler == "li"
        assert news(world, office.WANG) == []
        world.write(office.WANG, "#list", "#list")
        await world.work()
        assert "2026-0001" not in world.inbox(office.WANG)[-1].text
        world.write(office.WANG, "x", "#show 2026-0001")
        await world.work()
        answer = world.inbox(office.WANG)[-1].text
        assert "推诿" not in answer
        await world.at("2026-03-03 09:00")
        worklists = [got for got in world.inbox(office.WANG) if "工作清单" in got.subject]
        assert len(worklists) == 2
        assert all("2026-0001" not in got.text for got in worklists)

    play(story)


def test_help_list_and_show_are_answered_to_a_known_address_without_a_token(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        for text in ("帮助", "#列表", "#查看 2026-0001"):
            world.write(office.WANG, "请教", text)
            await world.work()
        helped, listed, shown = world.inbox(office.WANG)[-3:]
        assert "受理" in helped.text
        assert "2026-0001" in listed.text
        assert "收到来信" in shown.text
        assert tickets(world) == 1

    play(story)


def test_a_typing_error_is_answered_with_the_corrected_command_ready(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        wrong = await command(world, office.WANG, new, "#accpt")
        assert state(world) == "received"
        await command(world, office.WANG, wrong, "1")
        assert state(world) == "accepted"

    play(story)


def test_an_organ_is_asked_with_the_handlers_words_only_and_its_answer_stays_inside(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(office.BUREAU)
        new = await complain(world)
        await command(world, office.WANG, new, "#受理")
        await command(world, office.WANG, new, "#征询 市场监管局 请函告某企业变更申请的办理情况。")
        await world.minutes(16)
        question = world.inbox(office.BUREAU)[-1]
        assert "请函告某企业变更申请的办理情况" in question.text
        for inside in ("张三", "bearings", "至今没有答复", "关于审批迟延", "王芳"):
            assert inside not in question.text + question.subject
        world.reply(office.BUREAU, question, "已于3月11日办结。")
        await world.work()
        assert "已于3月11日办结" in world.inbox(office.WANG)[-1].text
        await world.minutes(60)
        assert all("3月11日办结" not in got.text for got in world.inbox(GM))

    play(story)


def test_words_about_several_tickets_are_not_filed_but_offered_for_each(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        await complain(world, subject="关于重复收费的投诉")
        await world.at("2026-03-12 10:00")
        bundle = world.last(office.WANG, "提醒：2 件")
        asked = await command(world, office.WANG, bundle, "都在办理中")
        assert "Noted" not in events(world) + events(world, "2026-0002")
        assert "看不出" in asked.text
        await command(world, office.WANG, asked, "1")
        assert "Noted" in events(world, "2026-0002")

    play(story)


def test_a_command_below_the_quotation_is_offered_and_not_run(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        quoted = "\n".join(f"> {line}" for line in new.text.splitlines())
        world.write(
            office.WANG,
            f"Re: {new.subject}",
            f"On 2 March, the desk wrote:\n{quoted}\n#受理\n",
            in_reply_to=new.mail.message_id,
        )
        await world.work()
        assert state(world) == "received"
        await command(world, office.WANG, world.inbox(office.WANG)[-1], "1")
        assert state(world) == "accepted"

    play(story)


def test_send_sends_the_note_that_was_not_sent(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        held = await command(world, office.WANG, new, "张总您好，您反映的事项正在办理。")
        await command(world, office.WANG, held, "#发送")
        await world.minutes(16)
        assert "正在办理" in world.last(GM).text

    play(story)


def test_an_auto_responder_that_hides_its_nature_is_not_answered_for_ever(play: Any) -> None:
    async def story(world: World) -> None:
        latest = await complain(world)
        for _ in range(25):
            world.reply(office.WANG, latest, "您的邮件我已收到，将尽快处理。")
            await world.minutes(1)
            latest = world.inbox(office.WANG)[-1]
        assert len(letters(world, "transcript")) < 15

    play(story)
