"""Tells the service manager that the desk is ready, alive, or stopping; and knows which of its loops stands still.

The protocol is sd_notify(3): datagrams to the socket named by $NOTIFY_SOCKET. Without one (a terminal, cron, a
container) nothing is sent. With `WatchdogSec=` in the unit the service manager wants to hear of the desk at least
that often, and starts it again where it does not: so it is told only while every loop goes on.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

SHORTEST = 1.0  # seconds between two signs of life
LONGEST = 30.0


class ServiceManager:
    """What started us, if it wants to hear of us."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        usec = environ.get("WATCHDOG_USEC", "")
        half = int(usec) / 2_000_000 if usec.isdecimal() else LONGEST
        self.interval = max(SHORTEST, min(LONGEST, half))  # seconds between two signs of life

    def tell(self, state: str) -> bool:
        """Send one state, such as READY=1; say whether somebody listens. Never raises."""
        if not self._address:
            return False
        # An address that begins with @ lies in the abstract namespace of Linux: unix(7).
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.connect(address)
                out.sendall(state.encode())
        except OSError:
            return False
        return True


class Pulse:
    """When each loop was last seen to go on."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic`: seconds from any origin."""
        self._monotonic = monotonic
        self._allowed: dict[str, float] = {}
        self._seen: dict[str, float] = {}

    def expect(self, name: str, seconds: float) -> Callable[[], None]:
        """Watch a loop from now on; return what it calls at each turn, at least every `seconds`."""
        self._allowed[name] = seconds
        self._seen[name] = self._monotonic()

        def beat() -> None:
            self._seen[name] = self._monotonic()

        return beat

    def silent(self) -> list[str]:
        """Return the loops that have not gone on for longer than they may."""
        now = self._monotonic()
        return [name for name, seconds in self._allowed.items() if now - self._seen[name] > seconds]
