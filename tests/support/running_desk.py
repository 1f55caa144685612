"""A daemon that runs on, at real speed from the story's date, while a test breaks things around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mail_desk.clock import OffsetClock
from mail_desk.daemon import Daemon
from mail_desk.demo.world import World

LONG = 40.0  # s: a loaded machine; what takes so long has not happened


async def until(condition: Callable[[], Any], what: str, *, seconds: float = LONG) -> None:
    """Return as soon as `condition()` holds; fail, naming `what`, after `seconds`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        assert loop.time() < end, f"{what}: not within {seconds:g} s"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Daemon]:
    """Have the world's desk run on; its own daemon stands aside and looks after the store again later."""
    await world.daemon.close()
    daemon = Daemon(world.settings, OffsetClock(world.clock.now()))
    daemon.open()
    stop = asyncio.Event()
    work = asyncio.create_task(daemon.run(stop))
    world.daemon = daemon  # who asks the world looks into this one's store
    try:
        yield daemon
    finally:
        stop.set()
        try:
            await work
        finally:
            await daemon.close()
            world.daemon = Daemon(world.settings, world.clock)
            world.daemon.open()
