"""Contexts of what leaves the office, to enterprises and organs: nothing else can.

They hold no staff address, no internal note and no words of staff but those written behind an outward verb.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail_desk.outbound.letters_views import CloudView, FileView, TicketView


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
