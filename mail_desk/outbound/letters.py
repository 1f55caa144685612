"""Every kind of letter the desk writes, and which typed context its template sees.

A template may use only what its context holds: `letters_outward` is therefore the list of what may leave the
office, `letters_staff` and `letters_leaders` of what is read inside. `docs/letters.md` is checked against `KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mail_desk.outbound.letters_authority import (
    SenderQuestionContext,
    SenderUnknownContext,
    StaffTestContext,
    SuspicionContext,
    WasThisYouContext,
)
from mail_desk.outbound.letters_kinds import KINDS, Audience, KindSpec, LetterKind, Pacing
from mail_desk.outbound.letters_leaders import (
    AlarmContext,
    AskedItem,
    DigestContext,
    InstructionContext,
    LeaderWeekContext,
    ReportBackContext,
    ThroughTrainContext,
)
from mail_desk.outbound.letters_outward import (
    AcceptanceContext,
    ExtensionContext,
    InactivityContext,
    MaterialsRequestContext,
    NewContactContext,
    OrganQuestionContext,
    OrganReminderContext,
    ProgressContext,
    ReceiptContext,
    RefusalContext,
    ReplyContext,
    ResultContext,
    ResumptionContext,
    ShortAnswerContext,
    StageContext,
    StatusContext,
    SuspensionContext,
    TransferContext,
    WithdrawalCheckContext,
    WithdrawalContext,
)
from mail_desk.outbound.letters_people import (
    AbsenceContext,
    GivenTicket,
    HandoverContext,
    PeopleChangedContext,
    PersonTicket,
    RelievedContext,
    SettingsChangedContext,
    SettingsPart,
    WelcomeContext,
)
from mail_desk.outbound.letters_reports import CircularContext, ReportChart, ReportTable
from mail_desk.outbound.letters_staff import (
    ApprovalAnswerContext,
    ApprovalRequestContext,
    BeforeDeskContext,
    DatesMovedContext,
    DossierContext,
    FollowUpContext,
    LinksExpireContext,
    NewTicketContext,
    NoParticipationContext,
    OrganAnswerContext,
    QuarantinedContext,
    ReminderContext,
    ReviewRequestContext,
    SentByHandContext,
    ServiceFailedContext,
    TranscriptContext,
    WorklistContext,
)
from mail_desk.outbound.letters_views import (
    Bar,
    Choice,
    CloudView,
    ContactView,
    Figure,
    FileView,
    LimitView,
    MovedDate,
    NumberedList,
    Preview,
    ReminderItem,
    StepDate,
    TicketView,
    TranscriptLine,
    WaitingMail,
)

__all__ = [
    "CONTEXTS",
    "KINDS",
    "AbsenceContext",
    "AcceptanceContext",
    "AlarmContext",
    "ApprovalAnswerContext",
    "ApprovalRequestContext",
    "AskedItem",
    "Audience",
    "Bar",
    "BeforeDeskContext",
    "Choice",
    "CircularContext",
    "CloudView",
    "ContactView",
    "Context",
    "DatesMovedContext",
    "DigestContext",
    "DossierContext",
    "ExtensionContext",
    "Figure",
    "File",
    "FileView",
    "FollowUpContext",
    "GivenTicket",
    "HandoverContext",
    "InactivityContext",
    "InstructionContext",
    "KindSpec",
    "LeaderWeekContext",
    "Letter",
    "LetterKind",
    "LimitView",
    "LinksExpireContext",
    "MaterialsRequestContext",
    "MovedDate",
    "NewContactContext",
    "NewTicketContext",
    "NoParticipationContext",
    "NumberedList",
    "OrganAnswerContext",
    "OrganQuestionContext",
    "OrganReminderContext",
    "Pacing",
    "PeopleChangedContext",
    "PersonTicket",
    "Preview",
    "ProgressContext",
    "QuarantinedContext",
    "ReceiptContext",
    "RefusalContext",
    "RelievedContext",
    "ReminderContext",
    "ReminderItem",
    "Rendered",
    "ReplyContext",
    "ReportBackContext",
    "ReportChart",
    "ReportTable",
    "ResultContext",
    "ResumptionContext",
    "ReviewRequestContext",
    "SenderQuestionContext",
    "SenderUnknownContext",
    "SentByHandContext",
    "ServiceFailedContext",
    "SettingsChangedContext",
    "SettingsPart",
    "ShortAnswerContext",
    "StaffTestContext",
    "StageContext",
    "StatusContext",
    "StepDate",
    "SuspensionContext",
    "SuspicionContext",
    "ThroughTrainContext",
    "TicketView",
    "TranscriptContext",
    "TranscriptLine",
    "TransferContext",
    "WaitingMail",
    "WasThisYouContext",
    "WelcomeContext",
    "WithdrawalCheckContext",
    "WithdrawalContext",
    "WorklistContext",
]


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
    | ProgressContext
    | StageContext
    | NewContactContext
    | InactivityContext
    | StatusContext
    | ShortAnswerContext
    | WithdrawalCheckContext
    | OrganQuestionContext
    | OrganReminderContext
    | NewTicketContext
    | FollowUpContext
    | OrganAnswerContext
    | ReminderContext
    | WorklistContext
    | TranscriptContext
    | ApprovalRequestContext
    | ApprovalAnswerContext
    | ReviewRequestContext
    | BeforeDeskContext
    | QuarantinedContext
    | ServiceFailedContext
    | SentByHandContext
    | LinksExpireContext
    | DatesMovedContext
    | DossierContext
    | NoParticipationContext
    | InstructionContext
    | LeaderWeekContext
    | ReportBackContext
    | ThroughTrainContext
    | DigestContext
    | CircularContext
    | AlarmContext
    | AbsenceContext
    | HandoverContext
    | WelcomeContext
    | PeopleChangedContext
    | SettingsChangedContext
    | RelievedContext
    | StaffTestContext
    | WasThisYouContext
    | SuspicionContext
    | SenderUnknownContext
    | SenderQuestionContext
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
    LetterKind.PROGRESS: ProgressContext,
    LetterKind.STAGE: StageContext,
    LetterKind.NEW_CONTACT: NewContactContext,
    LetterKind.INACTIVITY: InactivityContext,
    LetterKind.STATUS: StatusContext,
    LetterKind.SHORT_ANSWER: ShortAnswerContext,
    LetterKind.WITHDRAWAL_CHECK: WithdrawalCheckContext,
    LetterKind.ORGAN_QUESTION: OrganQuestionContext,
    LetterKind.ORGAN_STATEMENT: OrganQuestionContext,
    LetterKind.ORGAN_REMINDER: OrganReminderContext,
    LetterKind.NEW_TICKET: NewTicketContext,
    LetterKind.FOLLOW_UP: FollowUpContext,
    LetterKind.ORGAN_ANSWER: OrganAnswerContext,
    LetterKind.REMINDER: ReminderContext,
    LetterKind.WORKLIST: WorklistContext,
    LetterKind.TRANSCRIPT: TranscriptContext,
    LetterKind.APPROVAL_REQUEST: ApprovalRequestContext,
    LetterKind.APPROVAL_ANSWER: ApprovalAnswerContext,
    LetterKind.REVIEW_REQUEST: ReviewRequestContext,
    LetterKind.BEFORE_DESK: BeforeDeskContext,
    LetterKind.QUARANTINED: QuarantinedContext,
    LetterKind.SERVICE_FAILED: ServiceFailedContext,
    LetterKind.SENT_BY_HAND: SentByHandContext,
    LetterKind.LINKS_EXPIRE: LinksExpireContext,
    LetterKind.DATES_MOVED: DatesMovedContext,
    LetterKind.DOSSIER: DossierContext,
    LetterKind.NO_PARTICIPATION: NoParticipationContext,
    LetterKind.INSTRUCTION: InstructionContext,
    LetterKind.LEADER_WEEK: LeaderWeekContext,
    LetterKind.REPORT_BACK: ReportBackContext,
    LetterKind.THROUGH_TRAIN: ThroughTrainContext,
    LetterKind.DIGEST: DigestContext,
    LetterKind.CIRCULAR: CircularContext,
    LetterKind.ALARM: AlarmContext,
    LetterKind.STAFF_TEST: StaffTestContext,
    LetterKind.WAS_THIS_YOU: WasThisYouContext,
    LetterKind.SUSPICION: SuspicionContext,
    LetterKind.SENDER_UNKNOWN: SenderUnknownContext,
    LetterKind.SENDER_QUESTION: SenderQuestionContext,
    LetterKind.ABSENCE: AbsenceContext,
    LetterKind.HANDOVER: HandoverContext,
    LetterKind.WELCOME: WelcomeContext,
    LetterKind.PEOPLE_CHANGED: PeopleChangedContext,
    LetterKind.SETTINGS_CHANGED: SettingsChangedContext,
    LetterKind.RELIEVED: RelievedContext,
}


# --- a letter on its way to the renderer ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """An attachment, with its bytes."""

    filename: str
    content_type: str
    data: bytes
    kept: tuple[str, ...] = ()  # what may say who made it and could not be taken out: keys of `traces.WORDS`


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
    new_contact: ContactView | None = None  # the handler has changed: said below the words of this letter


@dataclass(frozen=True, slots=True)
class Rendered:
    """Final: these bytes leave, at every attempt the same."""

    subject: str
    text: str
    html: str
    raw: bytes
