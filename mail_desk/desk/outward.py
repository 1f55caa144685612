"""Letters that leave the house: each built of the words behind an outward verb and of dates, only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mail_desk.desk import enclosing, evidence, notices
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, draft, post, to_complainant
from mail_desk.inbound import language as languages
from mail_desk.outbound.letters import (
    AcceptanceContext,
    CloudView,
    Context,
    ExtensionContext,
    FileView,
    LetterKind,
    MaterialsRequestContext,
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
from mail_desk.schedule import counting
from mail_desk.schedule.deadlines import Due
from mail_desk.schedule.workdays import Count
from mail_desk.store.schema import LetterRow, Message
from mail_desk.tickets.events_notices import FileRef, NoticeNumbered
from mail_desk.tickets.policy import Limit, matches


def started_by(case: Case, notice: str) -> Limit | None:
    """Return the limit that begins when SMTP accepts this notice (invariant 7)."""
    fact = f"served:{notice}"
    return next(
        (limit for limit in case.procedure.limits if any(matches(p, fact) for p in limit.start)), None
    )


def counted(case: Case, days: int, *, leaves: datetime) -> Count:
    """Return the day that many working days after a letter leaves."""
    return case.work.rules.calendar.add(case.work.rules.day_of(leaves), days)


def leaves(case: Case) -> datetime:
    """Return when a letter that is held now leaves, if nobody stops it."""
    return case.work.now + timedelta(minutes=case.work.settings.desk.hold_minutes)


def receipt(
    case: Case,
    message: Message,
    files: tuple[FileView, ...],
    cloud: tuple[CloudView, ...],
    split_from: str = "",
) -> LetterRow | None:
    """Acknowledge a mail neutrally: number, next steps, rules and the one date that is known.

    `split_from`: number of the ticket whose mail holds this matter too.
    """
    to = to_complainant(case)
    due = next((d for d in case.running if not case.procedure.limit(d.limit).house), None)
    reply_by = due.due_on if due is not None else counted(case, 7, leaves=case.work.now).date
    context = ReceiptContext(
        ticket=case.view(to.language),
        reply_by=reply_by,
        provisional=due.provisional if due is not None else False,
        files=files,
        cloud=cloud,
        counting=counting.of_due(due, case.procedure, to.language) if due is not None else "",
        split_from=split_from,
    )
    return post(
        case.work,
        LetterKind.RECEIPT,
        to,
        context,
        Cause(f"message:{message.id}"),
        case=case,
        answers=message if message.from_address == case.row.complainant_address else None,
    )


def _context(
    case: Case, verb: str, *, words: str, ground: str, body: str, days: int = 0, number: str = ""
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
            count = counted(case, days, leaves=leaves(case))
            return LetterKind.MATERIALS_REQUEST, MaterialsRequestContext(
                view, words, days, count.date, count.provisional, number, _from_arrival(case, limit)
            )
        case "accept":
            limit = started_by(case, "acceptance")
            days = limit.amount if limit is not None else 60
            count = counted(case, days, leaves=leaves(case))
            return LetterKind.ACCEPTANCE, AcceptanceContext(
                view, words, days, count.date, count.provisional, number, _from_arrival(case, limit)
            )
        case "decline":
            return LetterKind.REFUSAL, RefusalContext(view, ground_text, basis, words, number)
        case "conclude":
            return LetterKind.RESULT, ResultContext(view, ground_text, basis, words, number)
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
                view, words, by, due.provisional if due is not None else False, _since(case, due)
            )
        case "extend":
            due = case.due_if_extended("conclude", days) if days else case.due("conclude")
            by = due.due_on if due is not None else case.work.today
            return LetterKind.EXTENSION, ExtensionContext(
                view, words, by, due.provisional if due is not None else False, number, _since(case, due)
            )
        case _:
            chinese = languages.detect(words) == "zh"
            return LetterKind.REPLY, ReplyContext(view, words, to.language == "en" and chinese)


def _from_arrival(case: Case, limit: Limit | None) -> str:
    """Say how a date is counted that begins with the very letter that states it."""
    return "" if limit is None else counting.from_arrival(limit, to_complainant(case).language)


def _since(case: Case, due: Due | None) -> str:
    """Say from when and how a running date is counted."""
    return "" if due is None else counting.of_due(due, case.procedure, to_complainant(case).language)


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
    """Queue the letter a verb owes the complainant, held so that `undo` can stop it.

    None where it goes to ourselves, or is a formal notice that waits for its signed and sealed scan.
    """
    numbered = notices.take_number(case, notice, ground)
    number = numbered.number if numbered is not None else ""
    kind, context = _context(case, verb, words=words, ground=ground, body=body, number=number)
    row = None
    if numbered is None or numbered.form.scan == "none":
        row = _post(case, kind, context, why, notice, enclosing.pending(case.recorded))
        if row is None:
            return None
    if numbered is not None:
        decision = notices.Decision(verb, notice, words, ground, body)
        notices.record(case, numbered, decision, context, why, row)
    return row


def dispatch(case: Case, event: NoticeNumbered, why: Cause, scans: tuple[FileRef, ...]) -> LetterRow | None:
    """Queue the letter of a notice that waited, as it reads now, with its scan and what else was named."""
    kind, context = context_of(case, event)
    refs = tuple(dict.fromkeys((*scans, *enclosing.pending(case.recorded))))
    return _post(case, kind, context, why, event.notice, refs)


def context_of(case: Case, event: NoticeNumbered) -> tuple[LetterKind, Context]:
    """Return what the letter of a numbered notice is made of."""
    return _context(
        case,
        event.verb,
        words=case.words(event.words),
        ground=event.ground,
        body=event.body,
        number=event.number,
    )


def _post(
    case: Case, kind: LetterKind, context: Context, why: Cause, notice: str, refs: tuple[FileRef, ...]
) -> LetterRow | None:
    files = enclosing.load(case.work, refs)
    to = to_complainant(case)
    row = post(case.work, kind, to, context, why, case=case, notice=notice, held=True, files=files)
    if row is not None:
        enclosing.enclose(case, row, refs, files, why.cause)
    return row


def preview_of(
    case: Case, verb: str, *, words: str, ground: str = "", body: str = "", days: int = 0
) -> Preview:
    """Show the letter a decision would send, before anybody has approved it."""
    kind, context = _context(case, verb, words=words, ground=ground, body=body, days=days)
    return draft(case.work, kind, to_complainant(case), context)


def previews(rows: Iterable[LetterRow | None]) -> list[LetterRow]:
    """Keep the letters that were really queued."""
    return [row for row in rows if row is not None]
