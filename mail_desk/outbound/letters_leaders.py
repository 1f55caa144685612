"""Contexts of what leaders and the operator read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail_desk.outbound.letters_views import Bar, Figure, ReminderItem, TicketView


@dataclass(frozen=True, slots=True)
class InstructionContext:
    ticket: TicketView
    reader: str
    by: str
    words: str


@dataclass(frozen=True, slots=True)
class DigestContext:
    title: str
    reader: str
    first: date
    last: date
    headline: str  # the one sentence a leader must know
    figures: tuple[Figure, ...]
    overdue: tuple[ReminderItem, ...]
    on_time_by_handler: tuple[Bar, ...]
    received_by_week: tuple[Bar, ...]
    by_category: tuple[Bar, ...]
    accounted: str  # "N mails received, N accounted for"
    chain_head: str  # head over all chains, hex, shortened
    workbook: str  # file name, "" where none is attached
    extensions: int = 0  # granted in the period
    recorded: tuple[str, ...] = ()  # sentences: oral or paper approvals of this reader put on record


@dataclass(frozen=True, slots=True)
class AlarmContext:
    title: str
    what_happened: str
    what_to_do: str
    detail: str
