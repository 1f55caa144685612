"""Contexts of what leaves the office, to enterprises and organs: nothing else can.

They hold no staff address, no internal note and no words of staff but those written behind an outward verb.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from mail_desk.outbound.letters_views import CloudView, ContactView, FileView, StepDate, TicketView


@dataclass(frozen=True, slots=True)
class ReceiptContext:
    ticket: TicketView
    reply_by: date  # by when the sender hears whether it is accepted or what is missing
    provisional: bool
    files: tuple[FileView, ...]
    cloud: tuple[CloudView, ...]  # files the mail only links to: please send them
    counting: str = ""  # a sentence: from when and how the date is counted
    split_from: str = ""  # number of the ticket whose mail holds this matter too


@dataclass(frozen=True, slots=True)
class MaterialsRequestContext:
    ticket: TicketView
    words: str
    supplement_days: int  # working days, from the arrival of this letter
    supplement_by: date
    provisional: bool
    number: str = ""  # of the formal notice: 洛高外诉受〔2026〕12号
    counting: str = ""  # a sentence: from when and how the date is counted


@dataclass(frozen=True, slots=True)
class AcceptanceContext:
    ticket: TicketView
    words: str  # may be empty
    conclude_days: int
    conclude_by: date
    provisional: bool
    number: str = ""  # of the formal notice: 洛高外诉受〔2026〕12号
    counting: str = ""  # a sentence: from when and how the date is counted


@dataclass(frozen=True, slots=True)
class RefusalContext:
    ticket: TicketView
    ground: str  # its wording in the letter's language
    basis: str
    words: str
    number: str = ""  # of the formal notice: 洛高外诉受〔2026〕12号


@dataclass(frozen=True, slots=True)
class ExtensionContext:
    ticket: TicketView
    words: str  # the reason
    conclude_by: date
    provisional: bool
    number: str = ""  # of the formal notice: 洛高外诉受〔2026〕12号
    counting: str = ""  # a sentence: from when and how the date is counted


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
    number: str = ""  # of the formal notice: 洛高外诉受〔2026〕12号


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
    counting: str = ""  # a sentence: from when and how the date is counted


@dataclass(frozen=True, slots=True)
class ProgressContext:
    """The handler's own line on how the matter stands."""

    ticket: TicketView
    words: str
    dates: tuple[StepDate, ...]


@dataclass(frozen=True, slots=True)
class StageContext:
    """The desk's own text: stage and dates, where the complainant has heard nothing for long."""

    ticket: TicketView
    stage: str  # key of [stage] in labels.toml
    dates: tuple[StepDate, ...]
    contact: ContactView


@dataclass(frozen=True, slots=True)
class NewContactContext:
    ticket: TicketView
    contact: ContactView


@dataclass(frozen=True, slots=True)
class InactivityContext:
    """Announces that the case may be closed for want of an answer (Art. 20 (6))."""

    ticket: TicketView
    asked_on: date  # the letter that asks for an answer
    days: int
    last_day: date  # an answer on it is still in time
    provisional: bool
    ground: str
    basis: str
    contact: ContactView


@dataclass(frozen=True, slots=True)
class StatusContext:
    ticket: TicketView
    stage: str
    dates: tuple[StepDate, ...]
    contact: ContactView


@dataclass(frozen=True, slots=True)
class ShortAnswerContext:
    """One line in answer to one word of the complainant."""

    ticket: TicketView
    what: Literal["language", "rated", "revoked"]
    contact: ContactView


@dataclass(frozen=True, slots=True)
class WithdrawalCheckContext:
    """Asks whether the complainant really withdraws; `confirmed`: it did, and may think again."""

    ticket: TicketView
    asked_on: date
    confirmed: bool
    revoke_by: date | None
    provisional: bool
    contact: ContactView


@dataclass(frozen=True, slots=True)
class OrganQuestionContext:
    """Holds no view of the ticket: an organ may be the one complained about."""

    reference: str  # of this question, as it is printed: 征2026-0003-2
    organ: str
    words: str
    answer_by: date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class OrganReminderContext:
    """Says again what was asked, and nothing else."""

    reference: str
    organ: str
    words: str
    asked_on: date
    answer_by: date
    respondent: bool  # its statement was asked for, as the one complained about
