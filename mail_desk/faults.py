"""Named points at which a test may have the process die, as by a power cut.

Nothing happens unless `MAIL_DESK_FAULT` stands in the environment when the process starts:

    MAIL_DESK_FAULT=before-spool-commit:2    die at the second passing of this point
    MAIL_DESK_FAULT=poison:WORDS             die whenever a mail that holds WORDS is read
    MAIL_DESK_FAULT=hang:WORDS               never end the reading of a mail that holds WORDS

The process dies by SIGKILL: no handler, no `finally`, nothing flushed. `docs/guarantees.md` says what
each of these deaths leaves behind; `tests/acceptance/test_crash.py` plays every one. This module never
raises and never logs.
"""

from __future__ import annotations

import itertools
import mmap
import os
import re
import signal

POINTS = (
    "before-spool-commit",
    "after-spool-commit",
    "attempt-counted",
    "parsed",
    "before-process-commit",
    "after-process-commit",
    "before-lease-commit",
    "after-lease-commit",
    "smtp-accepted",
    "recorded",
    "before-consequences-commit",
    "after-consequences-commit",
    "before-moments-commit",
    "after-moments-commit",
)

_NAME, _, _DETAIL = os.environ.get("MAIL_DESK_FAULT", "").partition(":")
_PASSINGS = itertools.count(1)


def point(name: str) -> None:
    """Die here if this passing is the one that was asked for."""
    if name == _NAME and next(_PASSINGS) == int(_DETAIL or 1):
        _die()


def reading(raw: bytes | mmap.mmap) -> None:
    """Die, or hang, if the mail about to be read is the poisonous one."""
    if _NAME not in ("poison", "hang") or not _DETAIL or raw.find(_DETAIL.encode()) < 0:
        return
    if _NAME == "poison":
        _die()
    re.match(r"(a+)+$", "a" * 64 + "b")  # for longer than the sun will shine, and no thread runs meanwhile


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
