"""How long to wait before the next try: exponential, with full jitter, between two bounds.

Pure: it neither waits nor asks the time, and its randomness comes in as an argument. The bounds
matter with Chinese providers: reconnecting every 15 seconds has got accounts blocked.
"""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """A sequence of delays in seconds; `reset` after success starts it again."""

    def __init__(self, random: Callable[[], float], *, shortest: float = 5, longest: float = 900) -> None:
        """Take `random` as a source of numbers in [0, 1), e.g. `random.SystemRandom().random`."""
        if not 0 < shortest <= longest:
            raise ValueError(f"a back-off needs 0 < shortest <= longest, not {shortest} and {longest}")
        self._random = random
        self._shortest = shortest
        self._longest = longest
        self._ceiling = shortest
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many delays were handed out since the last success."""
        return self._failures

    def next(self) -> float:
        """Return the delay before the next try: uniform between `shortest` and a doubling ceiling."""
        self._failures += 1
        self._ceiling = min(self._longest, self._ceiling * 2)
        return self._shortest + self._random() * (self._ceiling - self._shortest)

    def reset(self) -> None:
        """Note a success."""
        self._ceiling = self._shortest
        self._failures = 0
