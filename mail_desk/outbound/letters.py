"""Every kind of letter the desk writes, with the typed context its template sees.

A template may use only what its context holds, so this file is also the list of what may leave.
Outward contexts (audience ENTERPRISE or ORGAN) hold no staff address, no internal note and no words
of staff but those written behind an outward verb. `docs/letters.md` is checked against `KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class Audience(StrEnum):
    ENTERPRISE = "enterprise"
    ORGAN = "organ"
    STAFF = "staff"
    LEADER = "leader"
    OPERATOR = "operator"

    @property
    def outward(self) -> bool:
        return self in (Audience.ENTERPRISE, Audience.ORGAN)


class Pacing(StrEnum):
    """Class of a letter in the daily budget, most important first."""

    STATUTORY = "statutory"  # notices the law asks for; have a reserve
    ANSWER = "answer"  # other words to enterprises and organs
    CONFIRMATION = "confirmation"  # receipts, transcripts, single notices to staff
    BUNDLE = "bundle"  # worklists, reminders, digests


class LetterKind(StrEnum):
    RECEIPT = "receipt"
    MATERIALS_REQUEST = "materials-request"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    EXTENSION = "extension"
    REPLY = "reply"
    RESULT = "result"
    TRANSFER = "transfer"
    WITHDRAWAL = "withdrawal"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    ORGAN_QUESTION = "organ-question"
    NEW_TICKET = "new-ticket"
    FOLLOW_UP = "follow-up"
    REMINDER = "reminder"
    WORKLIST = "worklist"
    TRANSCRIPT = "transcript"
    APPROVAL_REQUEST = "approval-request"
    APPROVAL_ANSWER = "approval-answer"
    REVIEW_REQUEST = "review-request"
    BEFORE_DESK = "before-desk"
    QUARANTINED = "quarantined"
    SERVICE_FAILED = "service-failed"
    TELEPHONE = "telephone"
    SENT_BY_HAND = "sent-by-hand"
    LINKS_EXPIRE = "links-expire"
    DATES_MOVED = "dates-moved"
    INSTRUCTION = "instruction"
    DIGEST = "digest"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What the desk knows of a kind. `per_ticket` is prose for docs/letters.md."""

    audience: Audience  # the usual one; reminders and approvals also go to leaders
    pacing: Pacing
    auto: Literal["no", "auto-replied", "auto-generated"]  # Auto-Submitted, RFC 3834 §5
    per_ticket: str


_E, _O, _S, _L, _P = (
    Audience.ENTERPRISE, Audience.ORGAN, Audience.STAFF, Audience.LEADER, Audience.OPERATOR,
)  # fmt: skip
_STAT, _ANSW, _CONF, _BUND = Pacing.STATUTORY, Pacing.ANSWER, Pacing.CONFIRMATION, Pacing.BUNDLE

KINDS: dict[LetterKind, KindSpec] = {
    LetterKind.RECEIPT: KindSpec(_E, _CONF, "auto-replied", "1, when a new mail opens the ticket"),
    LetterKind.MATERIALS_REQUEST: KindSpec(_E, _STAT, "no", "0-1, by the law only once"),
    LetterKind.ACCEPTANCE: KindSpec(_E, _STAT, "no", "0-1"),
    LetterKind.REFUSAL: KindSpec(_E, _STAT, "no", "0-1"),
    LetterKind.EXTENSION: KindSpec(_E, _STAT, "no", "0-1, more where the procedure allows"),
    LetterKind.REPLY: KindSpec(_E, _ANSW, "no", "as often as the handler answers"),
    LetterKind.RESULT: KindSpec(_E, _STAT, "no", "0-1, when concluded"),
    LetterKind.TRANSFER: KindSpec(_E, _STAT, "no", "0-1"),
    LetterKind.WITHDRAWAL: KindSpec(_E, _STAT, "no", "0-1, when withdrawn before acceptance"),
    LetterKind.SUSPENSION: KindSpec(_E, _STAT, "no", "1 for each suspension"),
    LetterKind.RESUMPTION: KindSpec(_E, _STAT, "no", "1 for each suspension"),
    LetterKind.ORGAN_QUESTION: KindSpec(_O, _ANSW, "no", "one for each organ asked"),
    LetterKind.NEW_TICKET: KindSpec(_S, _CONF, "auto-generated", "1, and 1 at each reassignment"),
    LetterKind.FOLLOW_UP: KindSpec(_S, _CONF, "auto-generated", "1 for each mail filed"),
    LetterKind.REMINDER: KindSpec(_S, _BUND, "auto-generated", "0 in a ticket kept in time; one mail bundles all tickets"),
    LetterKind.WORKLIST: KindSpec(_S, _BUND, "auto-generated", "none of its own: 1 a person and working day"),
    LetterKind.TRANSCRIPT: KindSpec(_S, _CONF, "auto-replied", "1 for each command mail"),
    LetterKind.APPROVAL_REQUEST: KindSpec(_S, _CONF, "auto-generated", "1 for each decision to approve"),
    LetterKind.APPROVAL_ANSWER: KindSpec(_S, _CONF, "auto-generated", "1 for each decision to approve"),
    LetterKind.REVIEW_REQUEST: KindSpec(_S, _CONF, "auto-generated", "1 for each outward letter where outward = review"),
    LetterKind.BEFORE_DESK: KindSpec(_S, _BUND, "auto-generated", "none: once for a new mailbox"),
    LetterKind.QUARANTINED: KindSpec(_S, _CONF, "auto-generated", "none: 1 for each quarantined mail"),
    LetterKind.SERVICE_FAILED: KindSpec(_S, _CONF, "auto-generated", "1 for each person told that a letter did not arrive"),
    LetterKind.TELEPHONE: KindSpec(_S, _BUND, "auto-generated", "0-1 for each notice nobody has confirmed"),
    LetterKind.SENT_BY_HAND: KindSpec(_S, _CONF, "auto-generated", "1 for each answer written in the webmail"),
    LetterKind.LINKS_EXPIRE: KindSpec(_S, _CONF, "auto-generated", "0-2 for a mail that only links to its files"),
    LetterKind.DATES_MOVED: KindSpec(_S, _BUND, "auto-generated", "none: 1 a handler when a calendar moves dates"),
    LetterKind.INSTRUCTION: KindSpec(_S, _CONF, "auto-generated", "1 for each instruction of a leader"),
    LetterKind.DIGEST: KindSpec(_L, _BUND, "auto-generated", "none of its own: 1 a leader and period"),
    LetterKind.ALARM: KindSpec(_P, _CONF, "auto-generated", "none: when the operator must act"),
}  # fmt: skip


# --- views: what templates are shown of tickets ---------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Choice:
    """One numbered next step: replying with `number` does what `command` says."""

    number: int
    label: str  # in the letter's language
    command: str  # as one could type it, e.g. "#2026-0003 complaint"
    needs_words: bool = False  # the verb wants text behind it: "3 <your text>"


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


# --- contexts: one a kind -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceiptContext:
    ticket: TicketView
    reply_by: date  # by when the sender hears whether it is accepted or what is missing
    provisional: bool
    files: tuple[FileView, ...]
    cloud: tuple[CloudView, ...]  # files the mail only links to: please send them


@dataclass(frozen=True, slots=True)
class MaterialsRequestContext:
    ticket: TicketView
    words: str
    supplement_days: int  # working days, from the arrival of this letter
    supplement_by: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class AcceptanceContext:
    ticket: TicketView
    words: str  # may be empty
    conclude_days: int
    conclude_by: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class RefusalContext:
    ticket: TicketView
    ground: str  # its wording in the letter's language
    basis: str
    words: str


@dataclass(frozen=True, slots=True)
class ExtensionContext:
    ticket: TicketView
    words: str  # the reason
    conclude_by: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class ReplyContext:
    ticket: TicketView
    words: str
    chinese_authoritative: bool  # the reader writes English and the words are Chinese


@dataclass(frozen=True, slots=True)
class ResultContext:
    ticket: TicketView
    ground: str
    basis: str
    words: str


@dataclass(frozen=True, slots=True)
class TransferContext:
    ticket: TicketView
    body: str  # the body it goes to
    words: str


@dataclass(frozen=True, slots=True)
class WithdrawalContext:
    ticket: TicketView
    words: str  # may be empty
    withdrawn_on: date  # arrival of the mail that said so


@dataclass(frozen=True, slots=True)
class SuspensionContext:
    ticket: TicketView
    words: str  # the reason


@dataclass(frozen=True, slots=True)
class ResumptionContext:
    ticket: TicketView
    words: str
    conclude_by: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class OrganQuestionContext:
    """Holds no view of the ticket: an organ may be the one complained about."""

    reference: str
    organ: str
    words: str
    answer_by: date


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
class ReminderItem:
    ticket: TicketView
    limit: LimitView
    owner: str  # whose step it is
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ReminderContext:
    reader: str
    escalated: bool  # the reader supervises the owners
    items: tuple[ReminderItem, ...]


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that waits for a person: quarantined, or from before the desk."""

    reference: str  # M12: what a command calls it
    received_on: date
    sender: str
    subject: str
    reason: str


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


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    typed: str  # the line as typed
    done: bool
    what: str  # what it did, or why it was refused and what would have worked
    before: str = ""
    after: str = ""


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


@dataclass(frozen=True, slots=True)
class ReviewRequestContext:
    ticket: TicketView
    reader: str
    by: str
    preview: Preview
    due_on: date | None


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
class TelephoneContext:
    """A notice was sent and nobody has confirmed that it arrived."""

    ticket: TicketView
    reader: str
    letter_subject: str
    recipient: str
    sent_on: date
    days: int  # working days since
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
class MovedDate:
    """A date that a calendar file moved."""

    ticket: TicketView
    limit: LimitView  # with the new date
    was: date


@dataclass(frozen=True, slots=True)
class DatesMovedContext:
    """The calendar changed: what one handler has to know. All dates, one letter."""

    reader: str
    dates: tuple[MovedDate, ...]


@dataclass(frozen=True, slots=True)
class InstructionContext:
    ticket: TicketView
    reader: str
    by: str
    words: str


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


Context = (
    ReceiptContext
    | MaterialsRequestContext
    | AcceptanceContext
    | RefusalContext
    | ExtensionContext
    | ReplyContext
    | ResultContext
    | TransferContext
    | WithdrawalContext
    | SuspensionContext
    | ResumptionContext
    | OrganQuestionContext
    | NewTicketContext
    | FollowUpContext
    | ReminderContext
    | WorklistContext
    | TranscriptContext
    | ApprovalRequestContext
    | ApprovalAnswerContext
    | ReviewRequestContext
    | BeforeDeskContext
    | QuarantinedContext
    | ServiceFailedContext
    | TelephoneContext
    | SentByHandContext
    | LinksExpireContext
    | DatesMovedContext
    | InstructionContext
    | DigestContext
    | AlarmContext
)

CONTEXTS: dict[LetterKind, type[Context]] = {
    LetterKind.RECEIPT: ReceiptContext,
    LetterKind.MATERIALS_REQUEST: MaterialsRequestContext,
    LetterKind.ACCEPTANCE: AcceptanceContext,
    LetterKind.REFUSAL: RefusalContext,
    LetterKind.EXTENSION: ExtensionContext,
    LetterKind.REPLY: ReplyContext,
    LetterKind.RESULT: ResultContext,
    LetterKind.TRANSFER: TransferContext,
    LetterKind.WITHDRAWAL: WithdrawalContext,
    LetterKind.SUSPENSION: SuspensionContext,
    LetterKind.RESUMPTION: ResumptionContext,
    LetterKind.ORGAN_QUESTION: OrganQuestionContext,
    LetterKind.NEW_TICKET: NewTicketContext,
    LetterKind.FOLLOW_UP: FollowUpContext,
    LetterKind.REMINDER: ReminderContext,
    LetterKind.WORKLIST: WorklistContext,
    LetterKind.TRANSCRIPT: TranscriptContext,
    LetterKind.APPROVAL_REQUEST: ApprovalRequestContext,
    LetterKind.APPROVAL_ANSWER: ApprovalAnswerContext,
    LetterKind.REVIEW_REQUEST: ReviewRequestContext,
    LetterKind.BEFORE_DESK: BeforeDeskContext,
    LetterKind.QUARANTINED: QuarantinedContext,
    LetterKind.SERVICE_FAILED: ServiceFailedContext,
    LetterKind.TELEPHONE: TelephoneContext,
    LetterKind.SENT_BY_HAND: SentByHandContext,
    LetterKind.LINKS_EXPIRE: LinksExpireContext,
    LetterKind.DATES_MOVED: DatesMovedContext,
    LetterKind.INSTRUCTION: InstructionContext,
    LetterKind.DIGEST: DigestContext,
    LetterKind.ALARM: AlarmContext,
}


# --- a letter on its way to the renderer ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """An attachment, with its bytes."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What the desk asks the renderer for."""

    kind: LetterKind
    language: Literal["zh", "en"]
    to_name: str
    to_address: str
    context: Context
    choices: tuple[Choice, ...] = ()
    files: tuple[File, ...] = ()
    in_reply_to: str = ""  # message id without brackets
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """Final: these bytes leave, at every attempt the same."""

    subject: str
    text: str
    html: str
    raw: bytes
