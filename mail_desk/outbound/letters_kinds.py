"""The kinds of letters, and what the desk knows of each. Offered by `letters` under one name."""

from __future__ import annotations

from dataclasses import dataclass
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
    PROGRESS = "progress"
    STAGE = "stage"
    NEW_CONTACT = "new-contact"
    INACTIVITY = "inactivity"
    STATUS = "status"
    SHORT_ANSWER = "short-answer"
    WITHDRAWAL_CHECK = "withdrawal-check"
    ORGAN_QUESTION = "organ-question"
    ORGAN_STATEMENT = "organ-statement"
    ORGAN_REMINDER = "organ-reminder"
    NEW_TICKET = "new-ticket"
    FOLLOW_UP = "follow-up"
    ORGAN_ANSWER = "organ-answer"
    REMINDER = "reminder"
    WORKLIST = "worklist"
    TRANSCRIPT = "transcript"
    APPROVAL_REQUEST = "approval-request"
    APPROVAL_ANSWER = "approval-answer"
    REVIEW_REQUEST = "review-request"
    BEFORE_DESK = "before-desk"
    QUARANTINED = "quarantined"
    SERVICE_FAILED = "service-failed"
    SENT_BY_HAND = "sent-by-hand"
    LINKS_EXPIRE = "links-expire"
    DATES_MOVED = "dates-moved"
    DOSSIER = "dossier"
    NO_PARTICIPATION = "no-participation"
    INSTRUCTION = "instruction"
    REPORT_BACK = "report-back"
    LEADER_WEEK = "leader-week"
    THROUGH_TRAIN = "through-train"
    DIGEST = "digest"
    CIRCULAR = "circular"
    ALARM = "alarm"
    STAFF_TEST = "staff-test"
    WAS_THIS_YOU = "was-this-you"
    SUSPICION = "suspicion"
    SENDER_UNKNOWN = "sender-unknown"
    SENDER_QUESTION = "sender-question"
    ABSENCE = "absence"
    HANDOVER = "handover"
    WELCOME = "welcome"
    PEOPLE_CHANGED = "people-changed"
    RELIEVED = "relieved"
    SETTINGS_CHANGED = "settings-changed"


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
    LetterKind.PROGRESS: KindSpec(_E, _ANSW, "no", "as often as the handler writes one"),
    LetterKind.STAGE: KindSpec(_E, _ANSW, "auto-generated", "1 for each 15 working days without a letter"),
    LetterKind.NEW_CONTACT: KindSpec(_E, _ANSW, "auto-generated", "0-1 for each change of handler"),
    LetterKind.INACTIVITY: KindSpec(_E, _ANSW, "auto-generated", "0-1 for each answer that is waited for"),
    LetterKind.STATUS: KindSpec(_E, _CONF, "auto-replied", "1 each time the complainant asks"),
    LetterKind.SHORT_ANSWER: KindSpec(_E, _CONF, "auto-replied", "1 for a language, a rating, a withdrawal taken back"),
    LetterKind.WITHDRAWAL_CHECK: KindSpec(_E, _ANSW, "auto-replied", "2 for each withdrawal by mail"),
    LetterKind.ORGAN_QUESTION: KindSpec(_O, _ANSW, "no", "one for each organ asked"),
    LetterKind.ORGAN_STATEMENT: KindSpec(_O, _ANSW, "no", "one for each body asked for its statement"),
    LetterKind.ORGAN_REMINDER: KindSpec(_O, _ANSW, "auto-generated", "0-3 for each question that is not answered in time"),
    LetterKind.NEW_TICKET: KindSpec(_S, _CONF, "auto-generated", "1, and 1 at each reassignment"),
    LetterKind.FOLLOW_UP: KindSpec(_S, _CONF, "auto-generated", "1 for each mail filed"),
    LetterKind.ORGAN_ANSWER: KindSpec(_S, _CONF, "auto-generated", "1 for each mail that may be an organ's answer"),
    LetterKind.REMINDER: KindSpec(_S, _BUND, "auto-generated", "0 in a ticket kept in time; one mail bundles all tickets"),
    LetterKind.WORKLIST: KindSpec(_S, _BUND, "auto-generated", "none of its own: 1 a person and working day"),
    LetterKind.TRANSCRIPT: KindSpec(_S, _CONF, "auto-replied", "1 for each command mail"),
    LetterKind.APPROVAL_REQUEST: KindSpec(_S, _CONF, "auto-generated", "1 for each decision to approve"),
    LetterKind.APPROVAL_ANSWER: KindSpec(_S, _CONF, "auto-generated", "1 for each decision to approve"),
    LetterKind.REVIEW_REQUEST: KindSpec(_S, _CONF, "auto-generated", "1 for each outward letter where outward = review"),
    LetterKind.BEFORE_DESK: KindSpec(_S, _BUND, "auto-generated", "none: once for a new mailbox"),
    LetterKind.QUARANTINED: KindSpec(_S, _CONF, "auto-generated", "none: 1 for each quarantined mail"),
    LetterKind.SERVICE_FAILED: KindSpec(_S, _CONF, "auto-generated", "1 for each person told that a letter did not arrive"),
    LetterKind.SENT_BY_HAND: KindSpec(_S, _CONF, "auto-generated", "1 for each answer written in the webmail"),
    LetterKind.LINKS_EXPIRE: KindSpec(_S, _CONF, "auto-generated", "0-2 for a mail that only links to its files"),
    LetterKind.DATES_MOVED: KindSpec(_S, _BUND, "auto-generated", "none: 1 a handler when a calendar moves dates"),
    LetterKind.NO_PARTICIPATION: KindSpec(_S, _BUND, "auto-generated", "0-1 for each announcement"),
    LetterKind.DOSSIER: KindSpec(_S, _CONF, "auto-replied", "1, or several where it is large, for each request"),
    LetterKind.INSTRUCTION: KindSpec(_S, _CONF, "auto-generated", "1 for each instruction of a leader"),
    LetterKind.LEADER_WEEK: KindSpec(_L, _BUND, "auto-generated", "none of its own: 0-1 a week for a leader without a weekly digest"),
    LetterKind.REPORT_BACK: KindSpec(_L, _CONF, "auto-generated", "1 for each supervision"),
    LetterKind.THROUGH_TRAIN: KindSpec(_L, _CONF, "auto-generated", "1 for each through-train, and a copy to the supervisor"),
    LetterKind.DIGEST: KindSpec(_L, _BUND, "auto-generated", "none of its own: 1 a leader and period"),
    LetterKind.CIRCULAR: KindSpec(_O, _BUND, "auto-generated", "none of its own: 1 a reader and period; names what its scope shows"),
    LetterKind.ALARM: KindSpec(_P, _CONF, "auto-generated", "none: when the operator must act"),
    LetterKind.STAFF_TEST: KindSpec(_S, _CONF, "auto-generated", "none: 1 a person and `mail-desk staff test`"),
    LetterKind.WAS_THIS_YOU: KindSpec(_S, _CONF, "auto-generated", "none: 1 for each other address that uses the key of somebody's letter"),
    LetterKind.SUSPICION: KindSpec(_S, _CONF, "auto-generated", "none: 0-1 a day and person whose mail fails its check again and again"),
    LetterKind.SENDER_UNKNOWN: KindSpec(_E, _CONF, "auto-replied", "1 for each unknown address that answers a letter"),
    LetterKind.SENDER_QUESTION: KindSpec(_E, _ANSW, "auto-generated", "1 for each unknown address that answers a letter"),
    LetterKind.ABSENCE: KindSpec(_S, _CONF, "auto-generated", "0-1 for each absence and assignment; one mail bundles a morning's"),
    LetterKind.HANDOVER: KindSpec(_S, _CONF, "auto-generated", "none: 1 as a leave begins, 1 at its end, 1 when tickets are moved"),
    LetterKind.WELCOME: KindSpec(_S, _CONF, "auto-generated", "none: 1 for a new colleague"),
    LetterKind.PEOPLE_CHANGED: KindSpec(_S, _CONF, "auto-generated", "none: 1 for each superior and operator when staff change"),
    LetterKind.RELIEVED: KindSpec(_S, _CONF, "auto-generated", "0-1 for whoever a superior recuses, or takes tickets from: one mail for all of them"),
    LetterKind.SETTINGS_CHANGED: KindSpec(_S, _CONF, "auto-generated", "none: 1 for each supervisor and operator when the files changed"),
}  # fmt: skip
