"""A world for each story: which servers and which database it is played on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest

import world_backings
from mail_desk.demo.world import World

ZONE = ZoneInfo("Asia/Shanghai")


class MakeWorld(Protocol):
    def __call__(self, start: str, **options: Any) -> World: ...


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.servers)])
def backing(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give the embedded servers, then Dovecot and Postfix."""
    clock: list[World] = []

    def now() -> datetime:
        return clock[0].clock.now()

    with ExitStack() as stack:
        if request.param == "embedded":
            made: Any = stack.enter_context(world_backings.embedded(now))
        else:
            dovecot = request.getfixturevalue("dovecot")
            postfix = request.getfixturevalue("postfix")
            world_backings.without_mail(dovecot, postfix)
            made = world_backings.RealBacking(dovecot, postfix)
        made.worlds = clock
        yield made


@pytest.fixture
def make_world(backing: Any, store_url: str, tmp_path: Path) -> MakeWorld:
    """Give a maker of worlds on this backing and this database."""

    def make(start: str, **options: Any) -> World:
        instant = datetime.fromisoformat(start).replace(tzinfo=ZONE)
        world = World(backing, tmp_path, instant, store=store_url, **options)
        backing.worlds.append(world)
        return world

    return make


@pytest.fixture
def play(tmp_path: Path) -> Any:
    """Give a function that plays a story on the embedded servers and SQLite: quick, for many cases.

    `play(story, start="2026-03-02 09:00", **options)` calls `story(world)` after the desk has opened
    its mailbox.
    """

    def run(story: Any, start: str = "2026-03-02 09:00", **options: Any) -> None:
        async def played() -> None:
            worlds: list[World] = []
            instant = datetime.fromisoformat(start).replace(tzinfo=ZONE)

            def now() -> datetime:
                return worlds[0].clock.now()

            with world_backings.embedded(now) as made:
                world = World(made, tmp_path, instant, **options)
                worlds.append(world)
                try:
                    await world.work()
                    await story(world)
                finally:
                    await world.close()

        asyncio.run(played())

    return run
