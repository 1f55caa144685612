"""A process that empties an outbox, to be killed: `python sender_process.py URL PORT CONNECTIONS`."""

from __future__ import annotations

import asyncio
import sys

from mail_desk.clock import SystemClock
from mail_desk.store.session import Store
from sender_world import World, plain, settings_for


async def main(url: str, port: int, connections: int) -> None:
    store = Store(url)
    store.lock()
    world = World(store, settings_for(plain(port), connections=connections), clock=SystemClock())
    sender = world.sender()
    print("begins", flush=True)  # noqa: T201 - the test waits for it
    await sender.drain("main")
    await sender.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
