"""What kind of mail this is, with the reason: an ordered table of rules, the first that holds decides.

A classification never forbids a ticket; it only says whether an automatic answer may go out (RFC 3834),
and which recipients a delivery report names. Rules read, they never edit. What only the store knows
(follow-up, staff command) is `message` here. Standards: RFC 3464, RFC 3834, RFC 5965 (ARF), RFC 8098 (MDN),
RFC 2919 (List-Id), RFC 2369 (List-*).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mail_desk.inbound import classify_marks as marks
from mail_desk.inbound import reports
from mail_desk.inbound.mail import FailedRecipient, Mail


class Kind(StrEnum):
    MESSAGE = "message"
    AUTO_REPLY = "auto-reply"
    OUT_OF_OFFICE = "out-of-office"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    FEEDBACK = "feedback"
    LIST = "list"
    SPAM = "spam"
    OWN = "own"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind with its grounds."""

    kind: Kind
    reason: str  # a sentence
    failed: tuple[FailedRecipient, ...]  # of a bounce
    about: tuple[str, ...]  # ids of the message a bounce, receipt or automatic answer refers to
    answerable: bool  # RFC 3834: an automatic answer may be sent
    why_not: str  # a sentence, "" where answerable


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules look at."""

    mail: Mail
    own: frozenset[str]
    is_own_id: Callable[[str], bool]


Rule = Callable[[_Case], str]  # the reason, "" where the rule does not hold


def classify(
    mail: Mail, *, own: frozenset[str], own_message_ids: Callable[[str], bool] | None = None
) -> Verdict:
    """Say what kind of mail this is. `own`: the desk's addresses, lower-case; `own_message_ids`: knows its ids."""
    case = _Case(mail, frozenset(a.lower() for a in own), own_message_ids or (lambda _: False))
    kind, reason = next(
        ((kind, reason) for kind, rule in RULES if (reason := rule(case))),
        (Kind.MESSAGE, "No rule applies: a person's message."),
    )
    failed = _failed(case) if kind is Kind.BOUNCE else ()
    refers = kind in (Kind.BOUNCE, Kind.RECEIPT, Kind.AUTO_REPLY, Kind.OUT_OF_OFFICE, Kind.FEEDBACK)
    why_not = _why_not(case, kind)
    return Verdict(kind, reason, failed, reports.about(mail) if refers else (), not why_not, why_not)


def _failed(case: _Case) -> tuple[FailedRecipient, ...]:
    report = case.mail.report
    named = reports.failed_of_report(report) if report is not None else ()
    return named or reports.failed_in_text(case.mail, case.own)


# --- rules ----------------------------------------------------------------------------------------


def _own(case: _Case) -> str:
    if case.mail.message_id and case.is_own_id(case.mail.message_id):
        return "Its Message-ID is one of our own letters."
    if any(a.address.lower() in case.own for a in case.mail.from_):
        return "It comes from one of the desk's own addresses."
    return ""


def _feedback(case: _Case) -> str:
    return marks.feedback_reason(case.mail)


def _receipt(case: _Case) -> str:
    report = case.mail.report
    if report is None:
        return ""
    if report.type == "disposition-notification":
        return "It is a read receipt (RFC 8098)."
    actions = reports.actions_of(report)
    if actions and actions <= {"delivered", "relayed", "expanded"}:
        return "It reports that a message was delivered (RFC 3464)."
    return ""


def _delivery_status(case: _Case) -> str:
    report = case.mail.report
    if report is None or report.type != "delivery-status":
        return ""
    actions = reports.actions_of(report)
    if actions & {"failed", "delayed"}:
        return f"It is a delivery report (RFC 3464): {', '.join(sorted(actions))}."
    return "It is a delivery report (RFC 3464)." if report.fields else ""


def _free_form_bounce(case: _Case) -> str:
    return marks.bounce_reason(case.mail, reports.report_text(case.mail))


def _out_of_office(case: _Case) -> str:
    automatic = marks.automatic_reply_reason(case.mail)
    if automatic and marks.speaks_of_absence(case.mail):
        return automatic + " It speaks of an absence."
    return ""


def _automatic(case: _Case) -> str:
    return marks.automatic_reply_reason(case.mail)


def _spam(case: _Case) -> str:
    return marks.spam_reason(case.mail)


def _list(case: _Case) -> str:
    return marks.list_reason(case.mail)


def _empty(case: _Case) -> str:
    mail = case.mail
    if (
        not mail.text.strip()
        and not mail.attachments
        and not mail.cloud_attachments
        and "<img" not in mail.html
    ):
        if not mail.subject.strip():
            return "It has neither words nor files nor a subject."
        if mail.in_reply_to or mail.references:
            return "It is a reply without words or files."
    return ""


RULES: tuple[tuple[Kind, Rule], ...] = (
    (Kind.OWN, _own),
    (Kind.FEEDBACK, _feedback),
    (Kind.RECEIPT, _receipt),
    (Kind.BOUNCE, _delivery_status),
    (Kind.BOUNCE, _free_form_bounce),
    (Kind.OUT_OF_OFFICE, _out_of_office),
    (Kind.AUTO_REPLY, _automatic),
    (Kind.SPAM, _spam),
    (Kind.LIST, _list),
    (Kind.EMPTY, _empty),
)


# --- may it be answered automatically? (RFC 3834 §2) ----------------------------------------------


def _why_not(case: _Case, kind: Kind) -> str:
    if kind in (
        Kind.BOUNCE,
        Kind.RECEIPT,
        Kind.FEEDBACK,
        Kind.OWN,
        Kind.AUTO_REPLY,
        Kind.OUT_OF_OFFICE,
        Kind.LIST,
    ):
        return f"Mail of the kind {kind.value} is never answered automatically (RFC 3834 §2)."
    return marks.why_unanswerable(case.mail)
