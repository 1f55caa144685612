"""What a report may show to whom: `[scope.NAME]` of digests.toml. Pure.

Figures that name nobody are shown in every scope; whatever names somebody, or repeats somebody's words, only
where the scope's table says so. What is not listed is not shown: a new thing to show is hidden until listed.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

Show = Literal[
    "handler-names",  # who handles, owes, proposes; figures by handler
    "organs",  # names of public bodies, and how they answer
    "enterprises",  # names and countries of enterprises; figures by them
    "complainants",  # names and addresses of complainants
    "ticket-numbers",  # numbers, and with them a row a ticket
    "subjects",  # subjects, and common problems by similar subject
    "closed-cases",  # what was concluded in the period, case by case
    "suggestions",  # measures and suggestions, in their words
    "words",  # instructions, reports and other words of leaders and staff
    "record",  # where mails went, quarantine, notices not served, the head of the record
]
EVERYTHING: tuple[Show, ...] = get_args(Show)
LEADING_GROUP = "leading-group"


class Scope(BaseModel):
    """One circle of readers."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    show: tuple[Show, ...]
    outside: bool = False  # may go to addresses that stand in no people.toml

    def shows(self, what: Show) -> bool:
        return what in self.show


WHOLE = Scope(show=EVERYTHING)
"""The leading group's, where digests.toml says nothing else."""
