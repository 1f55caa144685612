"""On the last day: what was not done says so first; and what an English reader is told of Chinese words."""

from __future__ import annotations

from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import World
from told import GM, command, complain

KARIN = "karin@keller.example"


def subject(got: Any) -> str:
    return str(got.subject.partition("] ")[2])


def test_a_typing_error_on_the_last_day_is_answered_with_a_subject_that_says_not_done(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        early = await command(world, office.WANG, new, "#受里")
        assert not subject(early).startswith("未生效")
        await command(world, office.WANG, new, "#投诉")
        await world.at("2026-03-11 15:00")  # the seventh working day
        late = await command(world, office.WANG, new, "#受里")
        assert subject(late).startswith("未生效 · "), subject(late)
        words = await command(world, office.WANG, new, "您好，贵公司的申请已转税务部门。")
        assert subject(words).startswith("未生效 · "), "words that look sent and are not"
        done = await command(world, office.WANG, late, "1")
        assert "受理" in subject(done)
        assert not subject(done).startswith("未生效")

    play(story, hold_minutes=0)


def test_the_same_in_english(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "关于审批迟延的投诉", "您好：\n我公司的申请至今没有答复，请协调。\n")
        await world.work()
        new = world.last(office.WANG, "for you")
        await command(world, office.WANG, new, "#complaint")
        await world.at("2026-03-11 15:00")
        late = await command(world, office.WANG, new, "#acept")
        assert subject(late).startswith("NOT DONE · "), subject(late)

    play(story, staff_language="en")


def test_an_english_reader_hears_which_text_counts_and_whether_a_translation_follows(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(KARIN)
        world.write(
            KARIN, "Complaint about a permit", "Dear desk,\nour permit has not been issued. Please help.\n"
        )
        await world.work()
        new = world.last(office.WANG, "请承办")
        warned = await command(world, office.WANG, new, "#答复 贵公司的申请已转行政审批局办理，请等候通知。")
        assert "译文" in warned.text
        await world.minutes(20)
        bare = world.inbox(KARIN)[-1].text
        assert "in Chinese, which is the authoritative version" in " ".join(bare.split())
        both = await command(
            world,
            office.WANG,
            new,
            "#答复 贵公司的申请已转行政审批局办理，请等候通知。\nTranslation: Your application is with the permit office.",
        )
        assert "要附译文" not in both.text
        await world.minutes(20)
        text = " ".join(world.inbox(KARIN)[-1].text.split())
        assert "The Chinese text below is the authoritative version; a translation follows it." in text
        assert "Your application is with the permit office." in text

    play(story)
