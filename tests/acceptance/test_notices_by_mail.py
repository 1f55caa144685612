"""Formal notices by mail: numbered, made from Word templates, sealed on paper, sent with their scan."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.desk import register
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound.parse import part_bytes
from mail_desk.resources import shipped
from mail_desk.store.schema import LetterRow, LetterState, TicketRow
from mail_desk.tickets import obligations
from told import GM, command, complain, events, letters, news, row, state

SCAN = ("受理通知书（盖章）.pdf", "application/pdf", b"%PDF-1.4 signed and sealed\n" * 40)


def require(world: World, scan: str = "required") -> None:
    """Have the desk wait for paper, as a department would write it into its procedure."""
    path = Path(world.settings.directory) / "procedures"
    path.mkdir(exist_ok=True)
    text = (shipped("config") / "procedures" / "foreign-investment.toml").read_text("utf-8")
    (path / "foreign-investment.toml").write_text(text.replace('scan = "none"', f'scan = "{scan}"'), "utf-8")


async def waiting_for_paper(world: World, scan: str = "required") -> None:
    from mail_desk.config import Settings
    from mail_desk.config_files import load

    require(world, scan)
    loaded = load(Path(world.settings.directory))
    assert isinstance(loaded, Settings)
    world.settings = loaded
    await world.restart()


def files(got: Got) -> dict[str, bytes]:
    return {a.filename: part_bytes(got.raw, a.index) for a in got.mail.attachments}


def document(got: Got) -> str:
    (content,) = [data for name, data in files(got).items() if name.endswith(".docx")]
    return "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)


async def send(
    world: World, to: Got, text: str, *attached: tuple[str, str, bytes], by: str = office.WANG
) -> Got:
    world.reply(by, to, text, files=attached)
    await world.work()
    return world.inbox(by)[-1]


def registered(world: World) -> list[tuple[str, str]]:
    """Return every number of the register with what became of it; there must be no gap."""
    with world.daemon.store.read() as session:
        assert register.gaps(session) == []
        return [(entry.number, entry.state) for entry in register.entries(session)]


def owed(world: World) -> list[str]:
    with world.daemon.store.read() as session:
        case = Case(
            Work(session, world.daemon.rules, world.clock.now()), session.scalars(select(TicketRow)).one()
        )
        return [o.notice for o in obligations.owed(case.recorded)]


def test_a_notice_is_numbered_and_its_document_goes_to_the_handler_only(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        assert "洛高外诉受〔2026〕1号" in done.text
        words = document(done)
        assert "受理通知书" in words
        assert "洛高外诉受〔2026〕1号" in words
        assert "示例轴承（洛阳）有限公司" in words
        assert "60个工作日" in words
        await world.minutes(20)
        letter = world.last(GM, "受理通知书")
        assert "洛高外诉受〔2026〕1号" in letter.text
        assert letter.mail.attachments == ()
        assert state(world) == "accepted"

    play(story)


def test_each_kind_has_a_series_of_its_own_and_two_refusals_share_one(play: Any) -> None:
    async def story(world: World) -> None:
        for n, verb in enumerate(
            ("#不予受理 2 属民事纠纷", "#不予受理 3 请向税务局提出", "#受理", "#受理"), start=1
        ):
            new = await complain(world, subject=f"投诉{n}")
            ready = await command(world, office.WANG, new, "#投诉")
            await command(world, office.WANG, ready, verb)
        for ask in world.inbox(office.ZHOU):
            if "审批" in ask.subject or "不予受理" in ask.subject:
                await command(world, office.ZHOU, ask, "同意")
        await world.minutes(20)
        told = " ".join(got.text for got in world.inbox(GM))
        assert "洛高外诉不受〔2026〕1号" in told
        assert "洛高外诉不受〔2026〕2号" in told
        assert "洛高外诉受〔2026〕1号" in told
        assert "洛高外诉受〔2026〕2号" in told
        mine = [
            document(got) for got in world.inbox(office.WANG) if any(n.endswith(".docx") for n in files(got))
        ]
        assert any("该事项的处理机关及提出方式如下" in words for words in mine)

    play(story)


def test_an_undone_notice_leaves_its_number_void_and_the_next_one_goes_on(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        await command(world, office.WANG, done, "撤销")
        again = await command(world, office.WANG, new, "#受理")
        assert "洛高外诉受〔2026〕2号" in again.text
        assert registered(world) == [("洛高外诉受〔2026〕1号", "void"), ("洛高外诉受〔2026〕2号", "queued")]
        await world.minutes(20)
        assert registered(world)[1] == ("洛高外诉受〔2026〕2号", "sent")

    play(story)


def test_a_required_scan_holds_the_notice_until_it_comes_back_sealed(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        assert "签字盖章" in done.text
        assert "受理通知书" in document(done)
        await world.at("2026-03-04 17:00")
        assert letters(world, "acceptance") == []
        assert owed(world) == ["acceptance"]
        worklist = world.last(office.WANG, "工作清单")
        assert "待盖章发文的通知书" in worklist.text
        assert "洛高外诉受〔2026〕1号" in worklist.text

        sent = await send(world, done, "发文", SCAN)
        assert "受理通知书（盖章）.pdf" in sent.text
        await world.minutes(20)
        letter = world.last(GM, "受理通知书")
        assert files(letter) == {SCAN[0]: SCAN[2]}
        assert "洛高外诉受〔2026〕1号" in letter.text
        assert owed(world) == []
        await world.at("2026-03-05 09:00")
        assert "待盖章发文" not in world.last(office.WANG, "工作清单").text

    play(story)


def test_a_worklist_warns_when_the_legal_date_of_an_unsealed_notice_is_near(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        await command(world, office.WANG, new, "#受理")
        await world.at("2026-03-04 09:00")
        assert "法定期限快到了" not in world.last(office.WANG, "工作清单").text
        await world.at("2026-03-10 09:00")
        assert "法定期限快到了" in world.last(office.WANG, "工作清单").text

    play(story)


@pytest.mark.parametrize("attached", [(), (("通知书.docx", "application/octet-stream", b"PK draft" * 50),)])
def test_without_a_scan_a_required_one_does_not_leave_and_the_document_comes_again(
    play: Any, attached: Any
) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        refused = await send(world, done, "发文", *attached)
        assert "未发出" in refused.text
        if not attached:
            assert "洛高外诉受〔2026〕1号" in document(refused)
        await world.minutes(60)
        assert letters(world, "acceptance") == []
        assert state(world) == "accepted"

    play(story)


def test_an_optional_scan_waits_for_the_word_and_then_leaves_alone(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world, "optional")
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        await world.minutes(60)
        assert letters(world, "acceptance") == []
        await command(world, office.WANG, done, "1")  # the first thing offered
        await world.minutes(20)
        assert files(world.last(GM, "受理通知书")) == {}

    play(story)


def test_undoing_a_dispatch_lets_the_notice_wait_again_under_its_number(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        sent = await send(world, done, "#发文", SCAN)
        undone = await command(world, office.WANG, sent, "撤销")
        assert "已撤销" in undone.text
        await world.minutes(60)
        assert all("受理通知书" not in subject for subject in news(world, GM))
        await send(world, done, "#发文", SCAN)
        await world.minutes(20)
        assert "洛高外诉受〔2026〕1号" in world.last(GM, "受理通知书").text

    play(story)


def test_a_decision_that_waits_for_its_scan_can_be_undone_after_the_hold(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        done = await command(world, office.WANG, new, "#受理")
        await world.minutes(120)
        undone = await command(world, office.WANG, done, "撤销")
        assert "已撤销" in undone.text
        assert state(world) == "examining"
        assert owed(world) == []

    play(story)


def test_a_notice_handed_over_in_person_no_longer_waits(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        assert registered(world) == [("洛高外诉受〔2026〕1号", "waiting")]
        await command(world, office.WANG, done, "#送达 受理通知 当面")
        assert owed(world) == []
        assert registered(world) == [("洛高外诉受〔2026〕1号", "handed")]
        await world.at("2026-03-03 09:00")
        assert "待盖章发文" not in world.last(office.WANG, "工作清单").text

    play(story)


def test_an_approved_decision_sends_its_document_to_the_handler_and_not_to_who_approved(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        ready = await command(world, office.WANG, new, "#投诉")
        await command(world, office.WANG, ready, "#不予受理 2 属于合同纠纷，请通过诉讼解决。")
        approved = await command(world, office.ZHOU, world.last(office.ZHOU), "同意")
        assert files(approved) == {}
        answer = world.last(office.WANG, "已同意")
        assert "属于合同纠纷" in document(answer)
        assert "签字盖章" in answer.text
        await send(world, answer, "发文", ("盖章件.jpg", "image/jpeg", b"\xff\xd8 scan" * 30))
        await world.minutes(20)
        assert list(files(world.last(GM, "不予受理"))) == ["盖章件.jpg"]

    play(story)


def test_a_reviewed_letter_shows_its_scan_to_who_releases_it(play: Any) -> None:
    async def story(world: World) -> None:
        await waiting_for_paper(world)
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        await send(world, done, "发文", SCAN)
        request = world.last(office.ZHOU)
        assert files(request) == {SCAN[0]: SCAN[2]}
        returned = await command(world, office.ZHOU, request, "#退回 印章不清")
        assert "退回" in returned.text
        assert owed(world) == ["acceptance"]
        again = await send(world, world.last(office.WANG), "#2026-0001 发文", SCAN)
        assert SCAN[0] in again.text
        await command(world, office.ZHOU, world.last(office.ZHOU), "放行")
        await world.minutes(20)
        assert files(world.last(GM, "受理通知书")) == {SCAN[0]: SCAN[2]}

    play(story, outward="review")


def test_a_broken_template_stops_nothing_and_both_handler_and_operator_are_told(play: Any) -> None:
    async def story(world: World) -> None:
        own = Path(world.settings.directory) / "templates" / "notices"
        own.mkdir(parents=True)
        (own / "acceptance.docx").write_bytes(b"no Word document at all")
        world.settings = world.settings.model_copy(
            update={"template_dirs": (own.parent, *world.settings.template_dirs)}
        )
        await world.restart()
        new = await complain(world)
        done = await command(world, office.WANG, new, "#受理")
        assert "模板有误" in done.text
        assert files(done) == {}
        alarm = world.last(office.OPERATOR, "模板有误")
        assert "acceptance.docx" in alarm.text
        await world.minutes(20)
        assert "洛高外诉受〔2026〕1号" in world.last(GM, "受理通知书").text

    play(story)


# --- files ----------------------------------------------------------------------------------------

PLAN = ("整改方案.pdf", "application/pdf", b"%PDF plan" * 30)
MAP = ("厂区平面图.png", "image/png", b"\x89PNG map" * 30)


def test_files_leave_only_when_named_and_once(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world, files=[PLAN, MAP])
        await command(world, office.WANG, new, "#答复 您好，来信收到。")
        await world.minutes(20)
        assert files(world.last(GM)) == {}
        done = await command(world, office.WANG, new, "#答复 您好，随信附上方案。\n\n#附件 整改方案")
        assert "整改方案.pdf" in done.text
        await world.minutes(20)
        assert files(world.last(GM)) == {PLAN[0]: PLAN[2]}
        await command(world, office.WANG, new, "#答复 您好，再补充一点。")
        await world.minutes(20)
        assert files(world.last(GM)) == {}

    play(story)


def test_a_file_is_named_by_its_number_and_waits_for_the_next_letter(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world, files=[PLAN, MAP])
        named = await command(world, office.WANG, new, "#附件 M1-2")
        assert "厂区平面图.png" in named.text
        await world.minutes(60)
        await command(world, office.WANG, new, "#答复 您好，请查收附图。")
        await world.minutes(20)
        assert files(world.last(GM)) == {MAP[0]: MAP[2]}

    play(story)


def test_the_files_of_a_handlers_own_mail_leave_when_the_mail_says_so(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await send(world, new, "#答复 您好，复函见附件。", PLAN)
        await world.minutes(20)
        assert files(world.last(GM)) == {}
        await send(world, new, "#附件\n\n#答复 您好，复函见附件。", PLAN)
        await world.minutes(20)
        assert files(world.last(GM)) == {PLAN[0]: PLAN[2]}
        assert events(world).count("Enclosed") == 1

    play(story)


def test_a_file_nobody_knows_is_not_guessed_and_those_there_are_offered(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world, files=[PLAN, MAP])
        refused = await command(world, office.WANG, new, "#附件 合同")
        assert "未附上" in refused.text
        assert "M1-1 整改方案.pdf" in refused.text
        done = await command(world, office.WANG, refused, "1")
        assert "整改方案.pdf" in done.text

    play(story)


def test_an_undone_reply_gives_its_files_back(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world, files=[PLAN])
        await command(world, office.WANG, new, "#附件 M1-1")
        done = await command(world, office.WANG, new, "#答复 您好。")
        await command(world, office.WANG, done, "撤销")
        await command(world, office.WANG, new, "#答复 您好，改过了。")
        await world.minutes(20)
        assert files(world.last(GM)) == {PLAN[0]: PLAN[2]}

    play(story)


def test_files_too_large_for_one_letter_are_refused_when_they_are_named(play: Any) -> None:
    async def story(world: World) -> None:
        small = world.settings.desk.model_copy(update={"letter_up_to_mb": 0.0001})
        world.settings = world.settings.model_copy(update={"desk": small})
        await world.restart()
        new = await complain(world, files=[PLAN])
        refused = await command(world, office.WANG, new, "#附件 M1-1")
        assert "超过" in refused.text

    play(story)


def test_what_a_letter_carried_stands_in_the_record_by_its_digest(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world, files=[PLAN])
        await command(world, office.WANG, new, "#附件 M1-1\n#答复 您好。")
        await world.minutes(20)
        assert events(world)[-3:] != []
        with world.daemon.store.read() as session:
            sent = session.scalars(select(LetterRow).where(LetterRow.kind == "reply")).one()
            assert sent.state == LetterState.SENT
        assert row(world).last_seq == len(events(world))

    play(story)
