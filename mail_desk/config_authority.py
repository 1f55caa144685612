"""`[authority]` of desk.toml: what a command mail has to prove, by verb and by the sender's domain.

Which verbs ask for more by themselves stands in `tickets/grades.py`; here is what an office may change.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Grade = Literal["token", "strong"]
# How a mail of a domain proves its author: by DKIM (verified by the desk), by the provider's own word,
# by either, by the key of the letter alone (a closed mail system of one's own), or never.
Prove = Literal["dkim", "provider", "either", "token", "never"]


def _domain(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", value.strip()):
        msg = "expected a domain such as example.gov.cn"
        raise ValueError(msg)
    return value.strip().lower()


class Authority(BaseModel):
    """What a command needs besides the letter's key and a known address."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    default: Grade = "strong"  # of verbs that speak outward, decide, or change people
    verbs: dict[str, Grade] = {}  # exceptions
    prove: dict[Annotated[str, BeforeValidator(_domain)], Prove] = {}  # by the domain of the sender
    otherwise: Prove = "dkim"  # for domains not named
    confirm_minutes: int = Field(default=120, ge=5, le=24 * 60)  # how long a confirmation can be given
    attempts_per_day: int = Field(default=3, ge=1, le=100)  # failed checks of one person, then an alarm
    dns_seconds: float = Field(default=5, gt=0, le=30)  # for one look-up of a key

    def way_of(self, address: str) -> Prove:
        """Return how a mail from this address proves its author: of the domain, else of one above it."""
        domain = address.rpartition("@")[2].lower()
        while "." in domain:
            if domain in self.prove:
                return self.prove[domain]
            domain = domain.partition(".")[2]
        return self.otherwise
