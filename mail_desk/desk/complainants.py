"""What complainants ask of the desk by one word: 进度, language, 撤回, a rating. Never the grammar of staff.

Each needs the address of a participant; all but `status` also the key of a letter of ours that is alive. `status` is
answered to the known address only. Answers obey RFC 3834 and a quota of 24 hours; what finds no answer is an ordinary
mail, which a person reads. A mail with files, or with more words than the form, is an ordinary mail too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select

from mail_desk.config import Language
from mail_desk.desk import contact, withdrawing
from mail_desk.desk.post import To, post
from mail_desk.desk.withdrawing import Heard
from mail_desk.inbound.authenticity import Trust
from mail_desk.inbound.classify import Kind, Verdict
from mail_desk.outbound.letters import (
    KINDS,
    Audience,
    LetterKind,
    ShortAnswerContext,
    StatusContext,
)
from mail_desk.store.schema import LetterRow
from mail_desk.tickets import complainant_words
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.complainant_words import Asks, Said

_AUTOMATIC = tuple(kind.value for kind, spec in KINDS.items() if spec.auto == "auto-replied")


@dataclass(frozen=True)
class Proof:
    """What a mail shows of its writer."""

    letter: LetterRow | None  # the one it answers
    known: bool  # it comes from a participant's address
    token: bool  # and shows the key of that letter, which is alive


def word(heard: Heard, verdict: Verdict, letter: LetterRow | None, trust: Trust | None) -> str:
    """Do what a complainant asks by one word, such as 进度; return how its mail is filed, "" for an ordinary mail.

    `letter`: the one it answers, `trust`: what that shows; without a letter, the caller knows the sender's address.
    """
    said = asked(heard, verdict)
    if said is None:
        return ""
    known = trust.known if trust is not None else heard.sole
    shown = trust is not None and trust.commands
    filed = answer(heard, said, Proof(letter, known=known, token=shown))
    if filed:
        heard.message.ticket_id, heard.message.verified = heard.case.row.id, shown
        heard.message.letter_id = letter.id if letter is not None else None
    return filed


def asked(heard: Heard, verdict: Verdict) -> Said | None:
    """Return what a mail asks by one word, None where it is an ordinary mail or may not be answered."""
    files = any(not a.inline for a in heard.mail.attachments)
    if files or verdict.kind is not Kind.MESSAGE or not verdict.answerable:
        return None
    return complainant_words.read(heard.words, heard.mail.author.name)


def answer(heard: Heard, said: Said, proof: Proof) -> str:
    """Do what one word asks; return how its mail is filed, "" where it is an ordinary mail after all."""
    if not proof.known or _quota_used(heard):
        return ""
    case = heard.case
    if said.ticket and said.ticket != case.row.number:
        return ""
    match said.asks:
        case Asks.STATUS:
            return _status(heard)
        case Asks.RATE:
            return _rated(heard, said, proof)
        case Asks.LANGUAGE if proof.token:
            return _language(heard, said)
        case Asks.WITHDRAW if proof.token:
            return withdrawing.ask(heard)
        case Asks.CONFIRM if proof.token and proof.letter is not None:
            return withdrawing.confirm(heard, proof.letter)
        case Asks.REVOKE if proof.token:
            return withdrawing.revoke(heard)
        case _:
            return ""


def _quota_used(heard: Heard) -> bool:
    """Say whether a sender has had its automatic answers of the last 24 hours (RFC 3834 §2)."""
    work = heard.case.work
    query = select(func.count(LetterRow.id)).where(
        LetterRow.recipient == heard.sender,
        LetterRow.kind.in_(_AUTOMATIC),
        LetterRow.created_at > work.now - timedelta(days=1),
    )
    return (work.session.scalar(query) or 0) >= work.settings.budget.automatic_per_sender_and_day


def _to(heard: Heard) -> To:
    case = heard.case
    language: Language = "en" if case.row.language == "en" else "zh"
    return To(
        heard.sender, heard.message.from_name or case.row.complainant_name, language, Audience.ENTERPRISE
    )


def _status(heard: Heard) -> str:
    case, to = heard.case, _to(heard)
    heard.record(ec.StatusAsked(heard.message.id))
    context = StatusContext(
        case.view(to.language),
        contact.stage(case),
        contact.dates(case, to.language),
        contact.view(case, to.language),
    )
    post(case.work, LetterKind.STATUS, to, context, heard.cause, case=case, answers=heard.message)
    case.settle()
    return "status"


def _language(heard: Heard, said: Said) -> str:
    case = heard.case
    heard.record(ec.LanguageChosen(said.value, heard.message.id))
    case.row.language = said.value
    _short(heard, "language")
    case.settle()
    return "language"


def _rated(heard: Heard, said: Said, proof: Proof) -> str:
    """Record a rating: only in answer to the result of a complaint that is concluded and was not reopened."""
    letter = proof.letter
    if letter is None or letter.kind != LetterKind.RESULT.value or not heard.case.ticket.ground:
        return ""
    heard.record(ec.Rated(int(said.value), heard.message.id))
    _short(heard, "rated")
    heard.case.settle()
    return "rating"


def _short(heard: Heard, what: Literal["language", "rated", "revoked"]) -> None:
    case, to = heard.case, _to(heard)
    context = ShortAnswerContext(case.view(to.language), what, contact.view(case, to.language))
    post(case.work, LetterKind.SHORT_ANSWER, to, context, heard.cause, case=case, answers=heard.message)
