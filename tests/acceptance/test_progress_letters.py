"""How a complainant hears of its complaint without asking: progress, by itself after long silence, a new contact."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from told import GM, command, complain, events, letters, news, state


def every(world: World, working_days: int) -> None:
    """Have the procedure owe a letter after fewer working days, for a short story; 0: never."""
    rules: Any = world.daemon.rules.procedures
    rules["foreign-investment"] = rules["foreign-investment"].model_copy(
        update={"progress_every": working_days}
    )


async def accepted(world: World, text: str = "#受理") -> Got:
    """Play to an accepted complaint whose notice left on 2 March 2026; return the notice."""
    await command(world, office.WANG, await complain(world), text)
    await world.minutes(16)
    assert state(world) == "accepted"
    return world.last(GM, "受理通知书")


async def in_english(world: World) -> Got:
    world.meet(GM)
    world.write(GM, "Complaint about a permit", "Dear Sirs,\nour permit has been delayed without reasons.\n")
    await world.work()
    await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#accept")
    await world.minutes(16)
    return world.last(GM, "accepted")


# --- the handler's own line -----------------------------------------------------------------------


def test_progress_goes_out_with_the_handlers_words_and_the_date_and_can_be_undone(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        told = await command(
            world, office.WANG, world.last(office.WANG, "已执行"), "#进展 已与税务部门会商，正在核实。"
        )
        assert "告知投诉人办理进展" in told.text
        await command(world, office.WANG, told, "#撤销")
        await world.minutes(16)
        assert not any("办理进展" in s for s in news(world, GM))
        await command(
            world, office.WANG, world.last(office.WANG, "已执行"), "#进展 已与税务部门会商，正在核实。"
        )
        await world.minutes(16)
        letter = world.last(GM, "办理进展")
        assert "已与税务部门会商，正在核实。" in letter.text
        assert "2026年5月28日" in letter.text
        assert not list(letter.mail.all("auto-submitted"))

    play(story)


def test_progress_without_words_is_refused_and_nothing_leaves(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#进展")
        assert letters(world, "progress") == []
        assert "Progressed" not in events(world)

    play(story)


def test_progress_in_review_waits_for_the_supervisor_and_the_desks_own_text_does_not(play: Any) -> None:
    async def story(world: World) -> None:
        await command(world, office.WANG, await complain(world), "#受理")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审签"), "1")
        await world.minutes(16)
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#进展 正在核实。")
        assert letters(world, "progress")[0].state == "review"
        every(world, 2)
        await world.at("2026-03-04 12:00")
        (stage,) = letters(world, "stage")
        assert stage.state == "sent"
        assert "正在核实" not in world.last(GM, "正在办理").text, "words wait for their release"
        assert letters(world, "progress")[0].state == "review"

    play(story, outward="review")


# --- by itself ------------------------------------------------------------------------------------


def test_after_fifteen_working_days_of_silence_stage_and_date_go_out_and_were_foretold(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)  # 2 March; 15 working days: 23 March
        await world.at("2026-03-18 12:00")
        assert "自动去信" not in world.last(office.WANG, "工作清单").text
        await world.at("2026-03-19 12:00")
        told = world.last(office.WANG, "工作清单").text
        assert "2026年3月23日" in told
        assert "#2026-0001 进展" in told
        await world.at("2026-03-20 18:00")
        assert letters(world, "stage") == []
        await world.at("2026-03-23 12:00")
        letter = world.last(GM, "正在办理")
        assert "已经受理，正在办理" in letter.text
        assert "2026年5月28日" in letter.text
        assert "0379-00000000" in letter.text
        assert list(letter.mail.all("auto-submitted")) == ["auto-generated"]
        assert "王芳" not in letter.text
        every(world, 2)
        await world.at("2026-03-24 18:00")
        assert len(letters(world, "stage")) == 1
        await world.at("2026-03-26 12:00")
        assert len(letters(world, "stage")) == 2, "once a period, and again after the next one"

    play(story)


def test_every_letter_to_the_complainant_begins_the_count_anew(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        every(world, 3)
        await world.at("2026-03-04 10:00")
        await command(world, office.WANG, world.last(office.WANG, "工作清单"), "#2026-0001 进展 正在核实。")
        await world.at("2026-03-06 18:00")
        assert letters(world, "stage") == []
        await world.at("2026-03-09 12:00")
        assert len(letters(world, "stage")) == 1

    play(story)


def test_nothing_goes_by_itself_while_suspended_nor_after_the_conclusion(play: Any) -> None:
    async def story(world: World) -> None:
        every(world, 2)
        await accepted(world)
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#中止 等待鉴定。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批：中止办理"), "1")
        await world.at("2026-03-06 12:00")
        assert letters(world, "stage") == []
        await command(world, office.WANG, world.last(office.WANG, "已同意"), "#恢复 鉴定已出具。")
        await world.minutes(16)
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#办结 3 诉求没有法律依据。")
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审批：办结"), "1")
        await world.at("2026-03-12 12:00")
        assert letters(world, "stage") == []

    play(story)


def test_an_enquiry_and_a_complaint_not_yet_accepted_get_none(play: Any) -> None:
    async def story(world: World) -> None:
        every(world, 2)
        await complain(world)
        await world.at("2026-03-06 12:00")
        assert letters(world, "stage") == []

    play(story)


def test_a_procedure_that_says_never_writes_none_and_downtime_makes_no_flood(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        every(world, 0)
        await world.at("2026-03-10 12:00")
        assert letters(world, "stage") == []
        every(world, 2)
        await world.at("2026-03-11 12:00")
        assert len(letters(world, "stage")) == 1, "some periods late: one letter"

    play(story)


def test_a_line_whose_letter_was_refused_goes_again_with_the_next_one(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        smtp = world.backing._servers.smtp  # type: ignore[attr-defined]
        smtp.script = lambda envelope: "550 5.7.1 no" if GM in map(str, envelope.rcpt_tos) else None
        await command(world, office.WANG, world.last(office.WANG, "已执行"), "#进展 正在核实。")
        await world.minutes(16)
        assert letters(world, "progress")[0].state == "failed"
        smtp.script = None
        every(world, 2)
        await world.at("2026-03-04 12:00")
        assert "正在核实。" in world.last(GM, "办理进展").text
        assert letters(world, "stage") == []

    play(story)


def test_in_english_the_letter_says_stage_and_date_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        await in_english(world)
        every(world, 2)
        await world.at("2026-03-04 12:00")
        letter = world.last(GM, "being handled")
        assert "accepted and being handled" in letter.text
        assert "28 May 2026" in letter.text
        assert not any("\u4e00" <= c <= "\u9fff" for c in letter.subject)

    play(story)


# --- a new contact --------------------------------------------------------------------------------


def test_a_new_handler_is_told_to_the_complainant_by_a_letter_of_its_own_at_the_end_of_the_day(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-03 09:30")
        await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 转办 李强")
        await world.at("2026-03-03 16:30")
        assert letters(world, "new-contact") == []
        await world.at("2026-03-03 17:30")
        letter = world.last(GM, "承办人员已调整")
        assert "0379-00000000" in letter.text
        assert "李强" not in letter.text, "names only where the department shows them"
        assert office.LI not in letter.raw.decode("utf-8", "replace")
        assert len(letters(world, "new-contact")) == 1
        await world.at("2026-03-05 18:00")
        assert len(letters(world, "new-contact")) == 1

    play(story)


def test_a_letter_that_leaves_the_same_day_names_the_new_contact_and_none_follows(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-03 09:30")
        await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 转办 李强")
        await command(world, office.LI, world.last(office.LI, "2026-0001"), "#进展 正在核实。")
        await world.minutes(16)
        assert "由新的承办人员继续办理" in "".join(world.last(GM, "办理进展").text.split())
        await world.at("2026-03-04 18:00")
        assert letters(world, "new-contact") == []

    play(story)


def test_before_acceptance_and_for_a_days_leave_nobody_is_told_of_a_contact(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "#转办 李强")
        await world.at("2026-03-03 18:00")
        await command(world, office.LI, world.last(office.LI, "2026-0001"), "#受理")
        await world.minutes(16)
        await command(world, office.LI, world.last(office.LI, "2026-0001"), "#请假 2026-03-04 2026-03-06")
        await world.at("2026-03-09 18:00")
        assert letters(world, "new-contact") == []
        assert "ContactTold" not in events(world)

    play(story)


def test_a_change_that_was_taken_back_the_same_day_is_not_told(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-03 09:30")
        await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 转办 李强")
        await command(world, office.ZHOU, world.last(office.ZHOU, "已执行"), "#2026-0001 转办 王芳")
        await world.at("2026-03-04 18:00")
        assert letters(world, "new-contact") == []

    play(story)


def test_in_english_and_with_names_shown_the_contact_has_its_name_and_the_departments_number(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        desk = world.settings.desk.model_copy(
            update={"show_handler_name": True, "contact_telephone": "0379-11112222"}
        )
        object.__setattr__(world.daemon.rules.settings, "desk", desk)
        await in_english(world)
        await world.at("2026-03-03 09:30")
        await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 转办 李强")
        await world.at("2026-03-03 18:00")
        letter = world.last(GM, "new contact")
        assert "Li Qiang" in letter.text
        assert "0379-11112222" in letter.text
        assert office.LI not in letter.raw.decode("utf-8", "replace")

    play(story)
