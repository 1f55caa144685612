"""Notices that somebody set the machine's clock, or that the machine slept: for one clear line in the log.

Nothing depends on it: leases are guarded by fences, moments by their keys, so that a clock which jumps and
comes back makes nothing happen twice. What was queued while it was wrong bears the wrong time, though, and
whoever wonders should find the reason.
"""

from __future__ import annotations

from mail_desk.clock import Clock

NOTICED = 60.0  # seconds; smaller corrections are everyday life


class Steps:
    """Compares what the clock shows with what has passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now()

    def _now(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def since_last(self) -> float:
        """Return by how many seconds the clock was set since the last question; 0 where it was not."""
        step, self._offset = self._now() - self._offset, self._now()
        return step if abs(step) >= NOTICED else 0.0
