"""The connection cut after every single byte of a session: what is said is true each time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from cutting_proxy import cutting_proxy
from mail_desk.clock import ManualClock
from mail_desk.outbound.refusals import Deferred, Delivered, Outcome, Stage, Uncertain
from mail_desk.outbound.smtp import SmtpSession, Timeouts
from mail_desk.outbound.wire import stuffed
from scripted_smtp import scripted_smtp
from sender_world import plain

RAW = b"Subject: cut\r\n\r\nwords\r\n.dot\r\n"


async def session_lengths() -> dict[str, int]:
    """Return how many bytes each side says in an undisturbed session, up to the last reply."""
    async with scripted_smtp() as server, cutting_proxy("127.0.0.1", server.port) as proxy:
        outcome = await send(proxy.port)
        assert isinstance(outcome, Delivered)
        return dict(proxy.passed)


async def send(port: int) -> Outcome:
    clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
    session = SmtpSession(plain(port), "a@desk.example", lambda: "code", clock, timeouts=Timeouts(5, 5, 5, 5))
    outcome = await session.send("a@desk.example", "b@example.net", RAW)
    session._drop()
    return outcome


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_session_cut_after_any_byte_is_told_truly(side: str) -> None:
    async def play() -> dict[str, int]:
        told: dict[str, int] = {}
        whole = (await session_lengths())[side]
        for after in range(whole):
            async with scripted_smtp() as server, cutting_proxy("127.0.0.1", server.port) as proxy:
                proxy.of, proxy.after = side, after
                outcome = await send(proxy.port)
                while proxy.open or server.busy:  # noqa: ASYNC110 - until the server has read what came
                    await asyncio.sleep(0.0005)
            kind = type(outcome).__name__
            told[kind] = told.get(kind, 0) + 1
            if isinstance(outcome, Deferred):
                assert server.taken == [], f"taken, and said to be deferred ({side} byte {after})"
                assert outcome.stage is not Stage.END
            elif isinstance(outcome, Delivered):
                assert len(server.taken) == 1
            else:
                assert isinstance(outcome, Uncertain), f"{outcome} ({side} byte {after})"
        return told

    told = asyncio.run(play())
    assert told.pop("Deferred") > 100
    # Uncertain only once the dot has been handed to the network: a short message and its dot are one
    # breath, of which nobody can say how much the server heard; or within the reply to it.
    assert set(told) <= {"Uncertain", "Delivered"}
    assert told["Uncertain"] <= (
        len(stuffed(RAW) + b".\r\n") if side == "client" else len("250 2.0.0 queued as 1\r\n")
    )
