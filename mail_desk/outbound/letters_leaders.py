"""Contexts of what leaders and the operator read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail_desk.outbound.letters_reports import ReportTable
from mail_desk.outbound.letters_views import (
    Bar,
    Choice,
    Figure,
    LimitView,
    Preview,
    ReminderItem,
    TicketView,
)


@dataclass(frozen=True, slots=True)
class InstructionContext:
    ticket: TicketView
    reader: str
    by: str
    words: str
    supervision: LimitView | None = None  # where the words say by when
    owes: str = ""  # who has to report back
    recorded_by: str = ""  # who put the leader's words on record; "" for the leader
    ended: bool = False  # the supervision was called off
    urged: bool = False  # no instruction of a leader: a superior asks for more speed


@dataclass(frozen=True, slots=True)
class ThroughTrainContext:
    """A major difficulty, put straight to a leader."""

    ticket: TicketView
    reader: str
    by: str
    leader: str
    summary: str
    words: str  # the complaint, its beginning
    done: tuple[str, ...]  # sentences
    copy: bool  # the reader is not the leader


@dataclass(frozen=True, slots=True)
class ReportBackContext:
    """What was done on a supervision, to the leader who set it."""

    ticket: TicketView
    reader: str
    by: str
    words: str
    asked: str  # the leader's words
    asked_on: date
    due_on: date
    late: bool


@dataclass(frozen=True, slots=True)
class AskedItem:
    """Something that waited for a leader's weekly mail: a decision, or a complaint to know of."""

    number: int  # the digit that answers it
    ticket: TicketView
    what: str
    by: str  # who proposes it, "" where nothing is proposed
    words: str
    answer_by: date | None
    preview: Preview | None


@dataclass(frozen=True, slots=True)
class LeaderWeekContext:
    """The weekly mail of a leader who reads no weekly digest."""

    reader: str
    first: date
    last: date
    asked: tuple[AskedItem, ...]
    asked_choices: tuple[Choice, ...]
    trains: tuple[str, ...]
    directions: tuple[tuple[str, str, str, str], ...]
    directed: str
    recorded: tuple[str, ...]


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
    organs: tuple[ReminderItem, ...] = ()  # questions to organs that are not answered in time
    recorded: tuple[str, ...] = ()  # sentences: what was put on record as this reader's word
    trains: tuple[str, ...] = ()  # sentences: what was put straight to the leader
    trained: str = ""  # how many of them, and how many are open
    directions: tuple[tuple[str, str, str, str], ...] = ()  # ticket, what was wanted, by when, how it stands
    directed: str = ""  # the numbers of these
    asked: tuple[AskedItem, ...] = ()  # what waited for this weekly mail
    asked_choices: tuple[Choice, ...] = ()
    suggestions: tuple[tuple[str, str], ...] = ()  # ticket number, measure or suggestion of the period
    satisfaction: str = ""  # a sentence, "" where nobody has rated
    concluded_by_week: tuple[Bar, ...] = ()
    ageing: tuple[Bar, ...] = ()  # of those open at the end
    tables: tuple[ReportTable, ...] = ()
    late: int = 0  # tickets past a limit of the law, also where the scope lists none
    came: str = ""  # a sentence: by which channels, and what else came; "" where nothing did
    by_month: bool = False  # the trend is drawn in months


@dataclass(frozen=True, slots=True)
class AlarmContext:
    title: str
    what_happened: str
    what_to_do: str
    detail: str
