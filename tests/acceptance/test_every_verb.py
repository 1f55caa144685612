"""Every verb, in Chinese and in English, by mail: what the answer says, which letters follow, who is refused.

The rows stand in tests/support/verb_stories.py. On one backing and in one language all of them are played side by
side in two worlds; each test here looks at one row. Dovecot and Postfix in both languages, the embedded servers in one.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

import verb_world
import world_backings
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.tickets.commands_verbs import VERBS, Verb
from verb_play import EN, Boxes, Play, play_all
from verb_stories import ALONE, PAPER, STORIES, TOGETHER

CALLED = tuple(office.NAMES[a] for a in (office.WANG, office.LI, office.ZHOU, office.ZHAO))
INSIDE = (*CALLED, "Wang Fang", "Li Qiang", "Zhou Min", "Zhao Jianguo", "@office.example")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# A line of an English letter may hold the number of a document or the name of a rule; more is Chinese prose.
FEW = 9


class Played:
    """All stories of one language on one backing, each with what was wrong in it."""

    def __init__(self) -> None:
        self.plays: dict[Verb, Play] = {}
        self.outside: list[str] = []  # what enterprises, organs and strangers received
        self.inside: list[str] = []  # what staff and leaders received


async def _play(made: Any, directory: Path, language: str, played: Played) -> None:
    for paper in (False, True):
        world: World = verb_world.make(made, directory / f"paper-{paper}", language, paper=paper)
        made.worlds[:] = [world]
        try:
            await verb_world.opened(world)
            boxes = Boxes(world)
            number = EN if language == "en" else 0
            plays = [Play(story, world, boxes, number) for story in (PAPER if paper else TOGETHER)]
            await play_all(world, plays, boxes)
            for story in () if paper else ALONE:
                plays.append(Play(story, world, boxes, number))
                await play_all(world, plays[-1:], boxes)
            played.plays |= {play.story.verb: play for play in plays}
            for address in sorted(world._met - {world.desk, office.OPERATOR}):
                got = boxes.of(address)
                if address.endswith("@office.example"):
                    played.inside += [f"{g.subject}\n{g.text}" for g in got]
                else:
                    played.outside += [f"{g.subject}\n{g.text}\n{g.mail.headers}" for g in got]
        finally:
            await world.close()


def test_every_verb_has_one_story() -> None:
    assert sorted(story.verb for story in STORIES) == sorted(VERBS)


def test_every_story_says_what_is_answered_what_follows_and_who_is_refused() -> None:
    for story in STORIES:
        assert all(story.typed), story.verb
        assert story.told is None or all(story.told), story.verb
        assert story.refused.told is None or all(story.refused.told), story.verb
        assert all(c.says is None or all(c.says) for c in story.letters), story.verb


@pytest.mark.parametrize(
    ("backing", "language"),
    [
        pytest.param("real", "zh", marks=pytest.mark.servers),
        pytest.param("real", "en", marks=pytest.mark.servers),
        ("embedded", "zh"),
    ],
)
def test_every_verb_does_what_its_story_says(
    request: pytest.FixtureRequest, tmp_path: Path, backing: str, language: str
) -> None:
    worlds: list[World] = []

    def now() -> datetime:
        return worlds[0].clock.now()

    with ExitStack() as stack:
        if backing == "embedded":
            made: Any = stack.enter_context(world_backings.embedded(now))
        else:
            dovecot, postfix = request.getfixturevalue("dovecot"), request.getfixturevalue("postfix")
            world_backings.without_mail(dovecot, postfix)
            made = world_backings.RealBacking(dovecot, postfix)
        made.worlds = worlds
        played = Played()
        with capture_logs():  # a trace on the terminal takes seconds
            asyncio.run(_play(made, tmp_path, language, played))
    assert sorted(played.plays) == sorted(VERBS)
    wrong = [play for play in played.plays.values() if play.problem is not None]
    assert wrong == [], "\n".join(
        f"--- {play.story.verb}\n{''.join(traceback.format_exception(play.problem)[-3:])}" for play in wrong
    )
    assert all(play.finished for play in played.plays.values())
    _nobody_inside_is_named(played.outside)
    _in_one_language(played.inside, language)


def _nobody_inside_is_named(received: list[str]) -> None:
    """Look at everything enterprises, organs and strangers received, headers too."""
    assert len(received) > len(STORIES)
    for text in received:
        assert [word for word in INSIDE if word in text] == [], text


def _in_one_language(received: list[str], language: str) -> None:
    """Look at everything staff and leaders received: the office's language is the letters' language."""
    for text in received:
        if language == "zh":
            assert CHINESE.search(text), text
            continue
        assert [name for name in CALLED if name in text] == [], text
        assert [line for line in text.splitlines() if len(CHINESE.findall(line)) > FEW] == [], text
