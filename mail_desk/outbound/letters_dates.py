"""What letters show of dates that are explained: each with its start, its rule and how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.outbound.letters_views import LimitView


@dataclass(frozen=True, slots=True)
class DateView:
    """One instance of one limit, running or ended."""

    limit: LimitView
    day: str  # in words, with its weekday
    times: int  # the how manieth time this limit runs; 0 where it only ran once
    state: str  # running, paused, met, met-late, void, lapsed
    late: bool  # it is missed, or was when it ended
    stands: str  # in words: how it ended, when and by what
    parts: tuple[tuple[str, str], ...]  # label and statement, in order


@dataclass(frozen=True, slots=True)
class ExplainedTicket:
    """All dates of one ticket."""

    number: str
    subject: str
    dates: tuple[DateView, ...]


@dataclass(frozen=True, slots=True)
class Calendars:
    """The years that the dates of a letter run through."""

    published: tuple[int, ...]  # the State Council's notice is known
    guessed: tuple[int, ...]  # Monday to Friday is assumed
