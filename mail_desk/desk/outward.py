"""Letters that leave the house: each built of the words behind an outward verb and of dates, only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mail_desk.config import Organ
from mail_desk.desk import evidence
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, To, draft, post, to_complainant
from mail_desk.inbound import language as languages
from mail_desk.outbound.letters import (
    AcceptanceContext,
    Audience,
    CloudView,
    Context,
    ExtensionContext,
    FileView,
    LetterKind,
    MaterialsRequestContext,
    OrganQuestionContext,
    Preview,
    ReceiptContext,
    RefusalContext,
    ReplyContext,
    ResultContext,
    ResumptionContext,
    SuspensionContext,
    TransferContext,
    WithdrawalContext,
)
from mail_desk.schedule.workdays import Count
from mail_desk.store.schema import LetterRow, Message
from mail_desk.tickets.policy import Limit, matches

ORGAN_ANSWERS_IN = 10  # working days, the desk's own wish


def started_by(case: Case, notice: str) -> Limit | None:
    """Return the limit that begins when SMTP accepts this notice (invariant 7)."""
    fact = f"served:{notice}"
    return next(
        (limit for limit in case.procedure.limits if any(matches(p, fact) for p in limit.start)), None
    )


def _counted(case: Case, days: int, *, leaves: datetime) -> Count:
    return case.work.rules.calendar.add(case.work.rules.day_of(leaves), days)


def _leaves(case: Case) -> datetime:
    return case.work.now + timedelta(minutes=case.work.settings.desk.hold_minutes)


def receipt(
    case: Case,
    message: Message,
    files: tuple[FileView, ...],
    cloud: tuple[CloudView, ...],
) -> LetterRow | None:
    """Acknowledge a mail neutrally: number, next steps, rules and the one date that is known."""
    to = to_complainant(case)
    due = next((d for d in case.running if not case.procedure.limit(d.limit).house), None)
    reply_by = due.due_on if due is not None else _counted(case, 7, leaves=case.work.now).date
    context = ReceiptContext(
        ticket=case.view(to.language),
        reply_by=reply_by,
        provisional=due.provisional if due is not None else False,
        files=files,
        cloud=cloud,
    )
    return post(
        case.work,
        LetterKind.RECEIPT,
        to,
        context,
        Cause(f"message:{message.id}"),
        case=case,
        answers=message,
    )


def _context(
    case: Case, verb: str, *, words: str, ground: str, body: str, days: int = 0
) -> tuple[LetterKind, Context]:
    """`days`: of an extension that is only proposed, so that its letter shows the date it would bring."""
    to = to_complainant(case)
    view = case.view(to.language)
    found = case.procedure.ground(ground, verb) if ground else None
    ground_text = "" if found is None else found.text(to.language)
    basis = "" if found is None else found.basis(to.language)
    match verb:
        case "request":
            limit = started_by(case, "materials-request")
            days = limit.amount if limit is not None else 15
            count = _counted(case, days, leaves=_leaves(case))
            return LetterKind.MATERIALS_REQUEST, MaterialsRequestContext(
                view, words, days, count.date, count.provisional
            )
        case "accept":
            limit = started_by(case, "acceptance")
            days = limit.amount if limit is not None else 60
            count = _counted(case, days, leaves=_leaves(case))
            return LetterKind.ACCEPTANCE, AcceptanceContext(view, words, days, count.date, count.provisional)
        case "decline":
            return LetterKind.REFUSAL, RefusalContext(view, ground_text, basis, words)
        case "conclude":
            return LetterKind.RESULT, ResultContext(view, ground_text, basis, words)
        case "transfer":
            return LetterKind.TRANSFER, TransferContext(view, body, words)
        case "withdraw":
            return LetterKind.WITHDRAWAL, WithdrawalContext(view, words, _withdrawn_on(case))
        case "suspend":
            return LetterKind.SUSPENSION, SuspensionContext(view, words)
        case "resume":
            due = case.due("conclude")
            by = due.due_on if due is not None else case.work.today
            return LetterKind.RESUMPTION, ResumptionContext(
                view, words, by, due.provisional if due is not None else False
            )
        case "extend":
            due = case.due_if_extended("conclude", days) if days else case.due("conclude")
            by = due.due_on if due is not None else case.work.today
            return LetterKind.EXTENSION, ExtensionContext(
                view, words, by, due.provisional if due is not None else False
            )
        case _:
            chinese = languages.detect(words) == "zh"
            return LetterKind.REPLY, ReplyContext(view, words, to.language == "en" and chinese)


def _withdrawn_on(case: Case) -> date:
    """Return the day of the mail by which the complainant withdrew."""
    cited = evidence.cited(case, "")
    return case.work.rules.day_of(cited.received_at) if cited is not None else case.work.today


def to_sender(
    case: Case,
    verb: str,
    why: Cause,
    *,
    words: str = "",
    ground: str = "",
    body: str = "",
    notice: str = "",
) -> LetterRow | None:
    """Queue the letter a verb owes the complainant, held so that `undo` can stop it."""
    kind, context = _context(case, verb, words=words, ground=ground, body=body)
    return post(case.work, kind, to_complainant(case), context, why, case=case, notice=notice, held=True)


def preview_of(
    case: Case, verb: str, *, words: str, ground: str = "", body: str = "", days: int = 0
) -> Preview:
    """Show the letter a decision would send, before anybody has approved it."""
    kind, context = _context(case, verb, words=words, ground=ground, body=body, days=days)
    return draft(case.work, kind, to_complainant(case), context)


def to_organ(case: Case, organ: Organ, words: str, why: Cause) -> tuple[LetterRow | None, date]:
    """Ask an organ for its view: only these words and the reference leave."""
    count = _counted(case, ORGAN_ANSWERS_IN, leaves=_leaves(case))
    zh = languages.detect(words) != "en"
    to = To(organ.addresses[0], organ.name, "zh" if zh else "en", Audience.ORGAN)
    context = OrganQuestionContext(case.row.number, organ.name, words, count.date)
    row = post(case.work, LetterKind.ORGAN_QUESTION, to, context, why, case=case, held=True)
    return row, count.date


def previews(rows: Iterable[LetterRow | None]) -> list[LetterRow]:
    """Keep the letters that were really queued."""
    return [row for row in rows if row is not None]
