"""Contexts of letters inside the house: to handlers, supervisors, organ contacts of our own and the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from mail_desk.outbound.letters_dates import Calendars, DateView, ExplainedTicket
from mail_desk.outbound.letters_reports import ReportTable
from mail_desk.outbound.letters_views import (
    Choice,
    CloudView,
    FileView,
    MovedDate,
    NumberedList,
    Preview,
    ReminderItem,
    TicketView,
    TranscriptLine,
    WaitingMail,
)


@dataclass(frozen=True, slots=True)
class NewTicketContext:
    ticket: TicketView
    reader: str
    assigned_because: str
    by: str  # who assigned it; "" for the desk
    words: str  # the complaint's new words
    files: tuple[FileView, ...]
    cloud: tuple[CloudView, ...]
    warnings: tuple[str, ...]  # sentences: no receipt was sent because …, perhaps belongs to …
    for_information: bool = False  # a leader's copy: somebody else handles it


@dataclass(frozen=True, slots=True)
class FollowUpContext:
    ticket: TicketView
    reader: str
    sender: str  # name <address>
    role: Literal["complainant", "organ", "staff", "unknown"]
    verified: bool
    words: str
    files: tuple[FileView, ...]
    cloud: tuple[CloudView, ...]
    warnings: tuple[str, ...]
    dates: tuple[str, ...] = ()  # sentences: of a supplement, from when the decision is counted


@dataclass(frozen=True, slots=True)
class OrganAnswerContext:
    """A mail that is perhaps the answer to a question: the handler says whether it is."""

    ticket: TicketView
    reader: str
    sender: str  # name <address>
    organ: str  # who was asked
    asked: tuple[tuple[str, str], ...]  # (reference, what was asked), the questions it may answer
    why: tuple[str, ...]  # sentences: what makes it look like the answer, and what does not
    verified: bool  # it answers our letter and came from the organ
    words: str
    files: tuple[FileView, ...]
    cloud: tuple[CloudView, ...]
    reference: str  # of the mail: M12


@dataclass(frozen=True, slots=True)
class ReminderContext:
    reader: str
    escalated: bool  # the reader supervises the owners
    items: tuple[ReminderItem, ...]


@dataclass(frozen=True, slots=True)
class WorklistContext:
    reader: str
    day: date
    supervising: bool
    overdue: tuple[ReminderItem, ...]
    due_soon: tuple[ReminderItem, ...]  # within the next days the config says
    unmarked: tuple[ReminderItem | TicketView, ...]  # nobody has said yet what they are
    other: tuple[TicketView, ...]
    waiting_mails: tuple[WaitingMail, ...]
    letters_in_review: tuple[tuple[str, str], ...]  # ticket number, subject
    operator: str  # whom to call when this mail does not come
    unserved: tuple[tuple[str, str, str, str, str], ...] = ()  # number, notice, who, telephone, since when
    undecided: tuple[WaitingMail, ...] = ()  # perhaps supplements; `reason`: of which ticket
    coming: tuple[tuple[str, str, str], ...] = ()  # a supervisor's: day, how many, which fall due
    organs: tuple[
        tuple[str, str, str, str], ...
    ] = ()  # open questions: reference, organ, by when, how it stands
    answers: tuple[WaitingMail, ...] = ()  # perhaps answers of organs; `reason`: to which questions
    by_itself: tuple[tuple[str, str, str], ...] = ()  # day, ticket, which letter the desk will write
    unsealed: tuple[tuple[str, str, str, str, str], ...] = ()  # ticket, notice, its number, since, until when
    seal_soon: bool = False  # one of these has two working days left, or less
    snoozed: tuple[TicketView, ...] = ()  # the handler put them off
    counted: Calendars | None = None  # by which calendars the dates shown are counted
    supervised: tuple[ReminderItem, ...] = ()  # what leaders want reported back, by when
    trains: tuple[str, ...] = ()  # sentences: what was put straight to a leader
    assisting: tuple[TicketView, ...] = ()  # of others, where the reader helps
    dossiers: tuple[
        tuple[str, str, str], ...
    ] = ()  # a supervisor's: whole files given out: ticket, who, when
    erasable: tuple[
        tuple[str, str, str], ...
    ] = ()  # once a year: kind, how many, which tickets may be erased
    to_telephone: tuple[
        tuple[str, str, str, str, str], ...
    ] = ()  # notices nobody has confirmed: number, notice, who, telephone, sent on
    telephoned: tuple[Choice, ...] = ()  # the steps that put on record that the first of them arrived


@dataclass(frozen=True, slots=True)
class TranscriptContext:
    reader: str
    lines: tuple[TranscriptLine, ...]
    previews: tuple[Preview, ...]
    undo_until: datetime | None  # `undo` stops the letters until then
    note: str  # words that were filed as an internal note
    not_sent: bool  # the note looks addressed to the enterprise: say so, offer to send it
    listing: tuple[TicketView, ...]  # answer to `list`
    shown: tuple[tuple[str, str, str], ...]  # answer to `show`: (date, who, what)
    shown_ticket: TicketView | None
    help_card: bool
    about: str = ""  # number of the one ticket the commands were about
    leader: str = ""  # whose reply it was, where the reader is that leader's supervisor
    said: str = ""  # what the leader wrote
    explained: tuple[ExplainedTicket, ...] = ()  # answer to `explain`
    dates: tuple[DateView, ...] = ()  # of the ticket shown, in short
    help_for: str = "handler"  # role whose commands the help card holds
    tables: tuple[ReportTable, ...] = ()  # answers to `list` about figures that count no tickets
    urgent: bool = False  # something of this was not done, and a date of the ticket is today
    numbered: tuple[NumberedList, ...] = ()  # what may stand behind the steps that are offered


@dataclass(frozen=True, slots=True)
class ApprovalRequestContext:
    ticket: TicketView
    reader: str
    decision: str  # verb: decline, conclude, transfer, extend
    ground: str
    words: str
    by: str
    preview: Preview | None
    answer_by: date | None  # silence has which effect is in the template
    body: str = ""  # of a transfer: where it goes
    days: int = 0  # of an extension: working days
    until: date | None = None  # and the date it would bring


@dataclass(frozen=True, slots=True)
class ApprovalAnswerContext:
    ticket: TicketView
    reader: str
    decision: str
    approved: bool
    by: str
    words: str
    preview: Preview | None
    lapsed: bool = False  # nobody answered before the date: silence is no approval
    notices: tuple[str, ...] = ()  # sentences: the number of the formal notice, and what to do with it


@dataclass(frozen=True, slots=True)
class ReviewRequestContext:
    ticket: TicketView
    reader: str
    by: str
    preview: Preview
    due_on: date | None
    traces: tuple[str, ...] = ()  # what its files may still say of who made them


@dataclass(frozen=True, slots=True)
class BeforeDeskContext:
    reader: str
    mailbox: str
    total: int
    entries: tuple[WaitingMail, ...]  # newest first, may be cut: total says how many there are


@dataclass(frozen=True, slots=True)
class QuarantinedContext:
    reader: str
    mail: WaitingMail


@dataclass(frozen=True, slots=True)
class ServiceFailedContext:
    ticket: TicketView
    reader: str
    letter_subject: str
    recipient: str
    diagnostic: str
    statutory: bool
    telephone: str


@dataclass(frozen=True, slots=True)
class SentByHandContext:
    ticket: TicketView
    reader: str
    words: str
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class LinksExpireContext:
    """Files a mail only links to can soon no longer be had, and nobody has sent them."""

    ticket: TicketView
    reader: str
    received_on: date  # of the mail that links to them
    until: date  # the last day
    last_day: bool  # it is today
    files: tuple[CloudView, ...]


@dataclass(frozen=True, slots=True)
class DatesMovedContext:
    """The calendar changed: what one handler has to know. All dates, one letter."""

    reader: str
    dates: tuple[MovedDate, ...]


@dataclass(frozen=True, slots=True)
class NoParticipationContext:
    """The announced time is over: the case may be concluded, with what shows that it was announced."""

    ticket: TicketView
    reader: str
    last_day: date
    letters: tuple[tuple[str, str, str], ...]  # day, subject, served or not and to whom


@dataclass(frozen=True, slots=True)
class DossierContext:
    """A ticket's whole file, or a part of it where one mail cannot carry all."""

    ticket: TicketView
    reader: str
    part: int
    parts: int
    entries: int
    printed: bool  # a PDF comes with it
    left_out: tuple[str, ...]  # originals larger than one letter may carry
