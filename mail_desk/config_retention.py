"""`retention` of desk.toml: for how many years after closing the law has a file kept, by what the mail was.

Afterwards nothing is erased by itself: a supervisor is told once a year what may be, and erases it by command.
Art. 24 of the Measures (MOFCOM Order 3 of 2020) has every case archived; how many years is for the office to say.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Years = Annotated[int, Field(ge=0, le=100)]


class Retention(BaseModel):
    """Years after closing; 0: may be erased as soon as it is closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    complaint: Years = 10
    enquiry: Years = 3
    correspondence: Years = 10
    advert: Years = 0
    other: Years = 1

    def years(self, kind: str) -> int:
        """Return the years of a kind; of mails nobody marked, the longest."""
        return int(getattr(self, kind, self.complaint))
