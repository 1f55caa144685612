"""How a server stops listening so that nobody is left at a socket with nobody at its other end.

asyncio hands an accepted connection to its protocol, and a stream's to its task, some turns of the loop later. A
server that is closed before that drops the connection without closing it (Python 3.11: `Server._attach`), and who
hangs up on all connections before that does not know of it.
"""

from __future__ import annotations

import asyncio

_TURNS = 5  # accepted, transport, connection made, task, and one to spare


async def stop_listening(server: asyncio.Server) -> None:
    """Accept nobody any more, wait until whoever was accepted has begun, and close the server."""
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
