"""A withdrawal by the complainant's own mail: asked, confirmed, offered to the handler, and revocable.

A mail that only says 撤回 in answer to a letter of ours is put to the handler and back to its writer, who confirms by
one word. Only then is the handler offered to carry it out (`withdraw`); the desk never does. The original address has
three working days to take it back: what was proposed falls, letters that have not left are stopped, and a complaint
that was ended by it is reopened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from mail_desk.config import Language
from mail_desk.desk import closed, contact, notify
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.post import Cause, To, post, to_complainant
from mail_desk.inbound.mail import Mail
from mail_desk.outbound import outbox
from mail_desk.outbound.letters import Audience, LetterKind, ShortAnswerContext, WithdrawalCheckContext
from mail_desk.store.schema import LetterRow, LetterState, Message
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.ticket import live

DAYS_TO_REVOKE = 3  # working days after the confirmation, or after the complaint was ended
GROUND = "withdrawn"
_ENDING = (LetterKind.WITHDRAWAL.value, LetterKind.RESULT.value)


@dataclass(frozen=True)
class Heard:
    """A mail of a complainant about one ticket."""

    case: Case
    message: Message
    mail: Mail
    words: str = ""  # its new ones
    sole: bool = False  # it names one author

    @property
    def sender(self) -> str:
        return self.mail.author.address.lower()

    @property
    def cause(self) -> Cause:
        return Cause(f"message:{self.message.id}")

    def record(self, event: e.Event) -> None:
        at = self.message.received_at
        self.case.record(event, actor="complainant", cause=self.cause.cause, at=at)


@dataclass(frozen=True)
class _Last:
    """What was said last of a withdrawal."""

    asked: int = 0  # the mail
    confirmed: bool = False
    decided_at: datetime | None = None  # confirmed, or carried out, whichever came last


def _last(case: Case) -> _Last:
    found = _Last()
    for r in live(case.recorded):
        match r.event:
            case ec.WithdrawalAsked(message):
                found = _Last(message)
            case ec.WithdrawalConfirmed():
                found = _Last(found.asked, True, r.at)
            case e.Withdrawn():
                found = _Last(found.asked, True, r.at)
            case e.Concluded(ground) if ground == GROUND:
                found = _Last(found.asked, True, r.at)
            case ec.WithdrawalRevoked() | e.Reopened():
                found = _Last()
            case _:
                pass
    return found


def revoke_by(case: Case, at: datetime) -> tuple[date, bool]:
    """Return the last day on which a withdrawal may be taken back, and whether it is provisional."""
    work = case.work
    count = work.rules.calendar.add(work.rules.day_of(at), DAYS_TO_REVOKE)
    return count.date, count.provisional


def _tell_handler(heard: Heard, warning: str, first: list[tuple[str, str, str, bool]]) -> None:
    notify.follow_up(
        heard.case,
        heard.cause,
        message=heard.message,
        mail=heard.mail,
        role="complainant",
        words=heard.message.new_text or "",
        warnings=[warning],
        first=first,
    )


def _say(case: Case, zh: str, en: str) -> str:
    return zh if case.work.settings.desk.staff_language == "zh" else en


def _file(heard: Heard) -> None:
    heard.message.ticket_id, heard.message.verified = heard.case.row.id, True
    heard.record(e.FollowedUp(heard.message.id, "complainant", verified=True))


def _check(heard: Heard, to: To, *, confirmed: bool, by: tuple[date | None, bool] = (None, False)) -> None:
    case = heard.case
    context = WithdrawalCheckContext(
        ticket=case.view(to.language),
        asked_on=case.work.rules.day_of(heard.message.received_at),
        confirmed=confirmed,
        revoke_by=by[0],
        provisional=by[1],
        contact=contact.view(case, to.language),
    )
    mine = to.address == heard.sender
    post(
        case.work,
        LetterKind.WITHDRAWAL_CHECK,
        to,
        context,
        heard.cause,
        case=case,
        answers=heard.message if mine else None,
    )


def ask(heard: Heard) -> str:
    """Take note of a withdrawal and ask its writer whether it is meant; the handler hears of it first."""
    case = heard.case
    if case.transition("withdraw") is None:
        return ""
    _file(heard)
    heard.record(ec.WithdrawalAsked(heard.message.id))
    case.settle()
    _tell_handler(
        heard,
        _say(
            case,
            f"投诉人来信（M{heard.message.id}）要求撤回投诉，已请其书面确认。确认以前请照常办理，确认后您会收到可以直接回复的选项。",
            f"The complainant writes (M{heard.message.id}) that it withdraws; it was asked to confirm. Go on as usual "
            "until then: the confirmation brings you the step to answer with.",
        ),
        [],
    )
    language: Language = "en" if case.row.language == "en" else "zh"
    name = heard.message.from_name or case.row.complainant_name
    _check(heard, To(heard.sender, name, language, Audience.ENTERPRISE), confirmed=False)
    return "withdrawal"


def confirm(heard: Heard, letter: LetterRow) -> str:
    """Take the confirmation of a withdrawal: the handler may carry it out, the original address may revoke."""
    case, last = heard.case, _last(heard.case)
    asks = letter.kind == LetterKind.WITHDRAWAL_CHECK.value
    if not asks or not last.asked or last.confirmed or case.transition("withdraw") is None:
        return ""
    _file(heard)
    heard.record(ec.WithdrawalConfirmed(heard.message.id))
    case.settle()
    by = revoke_by(case, heard.message.received_at)
    number, mail = case.row.number, f"M{last.asked}"
    _tell_handler(
        heard,
        _say(
            case,
            f"投诉人已确认撤回投诉（来信{mail}），可以回复数字办理。投诉人在{in_words(by[0], 'zh')}以前可以撤销撤回。",
            f"The complainant confirmed the withdrawal (mail {mail}); a digit carries it out. Until "
            f"{in_words(by[0], 'en')} it may take this back.",
        ),
        [
            (
                f"#{number} withdraw {mail}",
                f"投诉人已确认撤回（{mail}）：办理撤诉",
                f"Withdrawal confirmed ({mail}): carry it out",
                False,
            )
        ],
    )
    _check(heard, to_complainant(case), confirmed=True, by=by)
    return "withdrawal-confirmed"


def revoke(heard: Heard) -> str:
    """Take a withdrawal back: from the original address, in time; stops or reopens what followed from it."""
    case, last = heard.case, _last(heard.case)
    if heard.sender not in {case.row.complainant_address.lower(), case.answers_to.lower()}:
        return ""
    if last.decided_at is None and not last.asked:
        return ""
    if last.decided_at is not None:
        day, _ = revoke_by(case, last.decided_at)
        if case.work.rules.day_of(heard.message.received_at) > day:
            return ""
    to = _state_before(case)
    if to is None:
        return ""
    _file(heard)
    heard.record(ec.WithdrawalRevoked(heard.message.id))
    if to:
        _stop_letters(case)
    proposal = case.ticket.proposal
    if proposal is not None and proposal.verb == "conclude" and proposal.ground == GROUND:
        heard.record(e.ProposalRefused(None))
    if to:
        heard.record(e.Reopened(None, to))
        closed.revive_tokens(case)
    case.settle()
    _tell_handler(
        heard,
        _say(
            case,
            "投诉人撤销了撤回投诉的来信，投诉继续办理；已提出的撤诉不再生效，没有发出的信已经拦下。",
            "The complainant took its withdrawal back: the complaint goes on, what was proposed on it has no effect, and "
            "letters that had not left were stopped.",
        ),
        [],
    )
    answer = to_complainant(case)
    context = ShortAnswerContext(case.view(answer.language), "revoked", contact.view(case, answer.language))
    post(case.work, LetterKind.SHORT_ANSWER, answer, context, heard.cause, case=case, answers=heard.message)
    return "withdrawal-revoked"


def _state_before(case: Case) -> str | None:
    """Return the state a complaint ended by withdrawal goes back to, "" where it goes on, None where there is no way."""
    ticket = case.ticket
    ended = (
        any(isinstance(r.event, e.Withdrawn) for r in live(case.recorded)) and ticket.closed_at is not None
    )
    if not ended and ticket.ground != GROUND:
        return "" if ticket.closed_at is None else None
    row = case.transition("reopen")
    if row is None:  # concluded, not closed yet: back to where reopening after closing leads
        close = case.transition("close")
        kind = ticket.kind or None
        row = case.procedure.transition("reopen", close.to, kind) if close is not None and close.to else None
    return row.to if row is not None and row.to else None


def _stop_letters(case: Case) -> None:
    """Stop the letters that would tell the complainant of the withdrawal, those that have not left."""
    query = select(LetterRow).where(
        LetterRow.ticket_id == case.row.id,
        LetterRow.kind.in_(_ENDING),
        LetterRow.state.in_((LetterState.QUEUED, LetterState.REVIEW)),
    )
    for letter in case.work.session.scalars(query).all():
        if outbox.cancel(case.work.session, letter.id, case.work.now):
            case.record(e.LetterCancelled(letter.id, "withdrawal revoked"), actor="desk")


def refusal(case: Case, actor: Actor, message: Message) -> Outcome | None:
    """Refuse to withdraw by a mail that its writer has not confirmed yet, or took back."""
    asked = [r.event.message for r in live(case.recorded) if isinstance(r.event, ec.WithdrawalAsked)]
    revoked = [r.at for r in live(case.recorded) if isinstance(r.event, ec.WithdrawalRevoked)]
    if revoked and message.received_at <= max(revoked):
        return Outcome(
            False,
            actor.say(
                f"未办理：投诉人已经撤销撤回，M{message.id}不再作为依据。",
                f"Not done: the complainant took its withdrawal back; M{message.id} counts no longer.",
            ),
        )
    if message.id in asked and not _last(case).confirmed:
        return Outcome(
            False,
            actor.say(
                "未办理：投诉人还没有确认撤回。已去信请其确认，确认后您会收到可以直接回复的选项。",
                "Not done: the complainant has not confirmed yet. It was asked; you are told when it does.",
            ),
        )
    return None
