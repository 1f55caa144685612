"""A letter that waits for its release is found from every letter about its ticket, and never lies about unseen."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import World
from told import GM, command, complain, letters


def states(world: World, kind: str) -> list[str]:
    return [letter.state for letter in letters(world, kind)]


async def accepted(world: World) -> None:
    """Have a complaint accepted, and its notice wait for the supervisor."""
    await command(world, office.WANG, await complain(world), "#受理")
    assert states(world, "acceptance") == ["review"]


def test_a_reminder_says_whose_release_a_notice_waits_for_and_releases_it_by_a_digit(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-03-12 09:05")  # the decision was due on the 11th
        told = world.last(office.WANG, "逾期")
        assert "等待周敏放行" in "".join(told.text.split())
        assert "放行：" not in told.text, "not the handler's to release"
        escalated = world.last(office.ZHOU, "逾期")
        assert "= 放行：投诉受理通知书" in escalated.text
        digit = escalated.text.partition(" = 放行")[0][-1]
        done = await command(world, office.ZHOU, escalated, digit)
        assert "已放行" in done.text
        await world.minutes(16)
        assert states(world, "acceptance") == ["sent"]

    play(story, outward="review")


def test_the_verb_with_a_number_releases_it_from_any_letter_that_is_good_for_the_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await complain(world, "other@valves.example", "投诉：备案没有答复")
        await world.at("2026-03-03 08:31")
        bundle = world.last(office.ZHOU, "工作清单")
        done = await command(world, office.ZHOU, bundle, "#2026-0001 放行")
        assert "已放行" in done.text
        again = await command(world, office.ZHOU, bundle, "#2026-0001 放行")
        assert "没有待放行的信件" in again.text
        nothing = await command(world, office.ZHOU, bundle, "#放行")
        assert "#放行M12；#2026-0003放行" in "".join(nothing.text.split())

    play(story, outward="review")


def test_where_two_letters_wait_it_asks_which_and_sends_their_requests_anew(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#答复 请补充联系电话。")
        await world.at("2026-03-03 08:31")
        before = len(letters(world, "review-request"))
        asked = await command(world, office.ZHOU, world.last(office.ZHOU, "工作清单"), "#2026-0001 放行")
        assert "有2封信待放行" in asked.text
        assert len(letters(world, "review-request")) == before + 2
        assert states(world, "acceptance") + states(world, "reply") == ["review", "review"]
        await command(world, office.ZHOU, world.last(office.ZHOU, "请审签：投诉受理通知书"), "1")
        await world.minutes(16)
        assert states(world, "acceptance") + states(world, "reply") == ["sent", "review"]

    play(story, outward="review")


def test_nobody_is_told_of_a_stage_before_the_notice_of_acceptance_has_arrived(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await world.at("2026-04-10 12:00")  # far more than 15 working days
        assert letters(world, "stage") == []
        assert [got for got in world.inbox(GM) if "正在办理" in got.subject] == []
        assert "进度告知" not in world.last(office.WANG, "工作清单").text

    play(story, outward="review")


def test_neither_a_handler_nor_a_leader_beside_a_supervisor_releases_a_letter(play: Any) -> None:
    async def story(world: World) -> None:
        await accepted(world)
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#放行")
        await command(world, office.WANG, world.last(office.WANG, "2026-0001"), "#直通车 情况紧急")
        await command(world, office.ZHAO, world.last(office.ZHAO, "2026-0001"), "#2026-0001 放行")
        assert states(world, "acceptance") == ["review"]

    play(story, outward="review")
