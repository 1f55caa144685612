"""What letters show of tickets, limits, mails and files: the parts their contexts are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class LimitView:
    """A time limit of one ticket on the day the letter is written."""

    key: str
    label: str  # in the letter's language
    due_on: date
    days_left: int  # working days; 0 on the day itself, negative when late
    provisional: bool  # counted through a year whose calendar is not yet published
    basis: str  # the article, in the letter's language
    prepare_by: date | None = None  # a decision that needs approval is put forward by then


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as staff and leaders see it. Outward templates use number and received_on only."""

    number: str
    subject: str
    kind: str  # "", complaint, enquiry, correspondence, advert, other
    state: str  # key of a state; labels are in templates/<language>/labels.toml
    complainant: str
    complainant_address: str
    enterprise: str
    telephone: str
    category: str
    handler: str  # name, "" while nobody
    received_on: date
    limits: tuple[LimitView, ...]  # running ones, most urgent first
    snoozed: str = ""  # a sentence: put off until when and why; "" where it is not
    channel: str = ""  # how it came, where not by mail: telephone, visit …


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whom a complainant asks: the office, and its handler only where the department shows names."""

    telephone: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class StepDate:
    """A date of the procedure as a complainant is told it."""

    label: str
    due_on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One numbered next step: replying with `number` does what `command` says."""

    number: int
    label: str  # in the letter's language
    command: str  # as one could type it, e.g. "#2026-0003 complaint"
    needs_words: bool = False  # the verb wants text behind it: "3 <your text>"


@dataclass(frozen=True, slots=True)
class NumberedList:
    """What the numbers behind a verb stand for, such as the grounds of a refusal."""

    verb: str
    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class FileView:
    filename: str
    size: int  # bytes
    attached: bool  # travels with this letter


@dataclass(frozen=True, slots=True)
class CloudView:
    filename: str
    size: str
    expires: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter that a verb caused, shown in full to who caused it."""

    to: str
    subject: str
    text: str
    leaves_at: datetime | None  # None: waits for a release
    files: tuple[str, ...] = ()
    to_print: bool = False  # its reader has no address: it is printed and handed over


@dataclass(frozen=True, slots=True)
class ReminderItem:
    ticket: TicketView
    limit: LimitView
    owner: str  # whose step it is
    choices: tuple[Choice, ...]
    said: str = ""  # a sentence: which letter waits for whose release


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that waits for a person: quarantined, or from before the desk."""

    reference: str  # M12: what a command calls it
    received_on: date
    sender: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    typed: str  # the line as typed
    done: bool
    what: str  # what it did, or why it was refused and what would have worked
    before: str = ""
    after: str = ""
    waits: bool = False  # nothing is wrong with it: it is shown first, and a digit does it


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date that a calendar file moved."""

    ticket: TicketView
    limit: LimitView  # with the new date
    was: date


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart made of table cells. `share` is 0..1 of the longest."""

    label: str
    value: str
    share: float
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    change: str  # against the previous period, "" where there is none
