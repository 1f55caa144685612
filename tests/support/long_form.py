"""Whether tests are to be played in their long form: every byte, every thousand (`make faults`, `make hostile`)."""

from __future__ import annotations

import os

LONG = os.environ.get("MAIL_DESK_LONG", "") not in ("", "0")
