"""Ends a process in which the work on one mail never ends: a regular expression that blows up, a loop.

Such a step may hold the interpreter, so that no timer of Python's ever runs. `faulthandler` watches from
a thread of its own in C: it writes where every thread stands to standard error and ends the process with
code 1. The service manager starts it again, the attempt is counted already, and after `max_attempts` such
deaths the mail is quarantined (docs/guarantees.md).

Nothing is watched until `enable` is called, by the commands that work a mailbox: a program that has the
desk inside it, as the tests do, is not ended.
"""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 120.0  # for one mail: 100 MB are read in a sixth of it on a slow machine

_state = {"on": False}


def enable() -> None:
    """Watch from now on."""
    _state["on"] = True


@contextmanager
def limited() -> Iterator[None]:
    """End the process where the block takes longer than SECONDS. One block at a time."""
    if not _state["on"]:
        yield
        return
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
