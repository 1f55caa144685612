"""The only place that knows what time it is.

Everything else receives a `Clock`. `SystemClock` is the daemon's; `ManualClock` stands still until
a test or the demo moves it; `OffsetClock` runs at normal speed from another date (the demo's
`--keep`). All instants are aware and in UTC; the desk's own time zone is applied where a calendar
day is meant, never here.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the desk may ask of time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin, for measuring durations only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock's time."""
        ...


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class OffsetClock(SystemClock):
    """Real speed, another date: starts at `start` and runs on from there."""

    def __init__(self, start: datetime) -> None:
        self._offset = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


class ManualClock:
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            msg = "a clock needs an aware start"
            raise ValueError(msg)
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def move_to(self, instant: datetime) -> None:
        """Go forward to `instant`; going back is refused, as it hides test errors."""
        if instant < self._now:
            msg = f"clock would go back from {self._now} to {instant}"
            raise ValueError(msg)
        self._now = instant.astimezone(UTC)

    def advance(self, delta: timedelta) -> None:
        """Go forward by `delta`."""
        self.move_to(self._now + delta)
