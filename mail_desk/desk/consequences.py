"""What follows when a letter was accepted by SMTP, refused, or came back (invariant 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from mail_desk.desk import alarms, isolation, late_reports, noticing, notify, serving
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound.mail import FailedRecipient
from mail_desk.outbound import outbox
from mail_desk.store.schema import LetterRow, LetterState
from mail_desk.tickets.events import NoticeFailed, NoticeServed

RECENT = timedelta(days=5)  # after sending; what providers retry before they give up

PLAIN = 500  # letters a transaction of which nothing follows


def draw(work: Work, limit: int = 100) -> int:
    """Record what sent and failed letters mean for their tickets; return how many were done with.

    One that cannot be done stays as it is, for the next look; the operator is told.
    """
    done = outbox.report_plain(work.session, PLAIN)
    for letter in outbox.unreported(work.session, limit):
        error = isolation.attempt(work, _draw_one, letter)
        if error is None:
            done += 1
        else:
            isolation.report(work, f"letter-{letter.id}", f"{letter.kind} L{letter.id}", error)
    return done


def _draw_one(work: Work, letter: LetterRow) -> None:
    if letter.state == LetterState.SENT:
        _sent(work, letter)
    else:
        _failed(work, letter, letter.recipient, letter.last_reply or "")
    outbox.mark_reported(work.session, [letter.id])


def _sent(work: Work, letter: LetterRow) -> None:
    if not letter.notice or letter.ticket_id is None:
        return
    case = Case.by_id(work, letter.ticket_id)
    case.record(
        NoticeServed(letter.notice, letter.id),
        actor="desk",
        cause=f"letter:{letter.id}",
        at=letter.sent_at or work.now,
    )
    case.settle()
    serving.ask_later(case, letter)


def _failed(work: Work, letter: LetterRow, recipient: str, diagnostic: str) -> None:
    late_reports.failed(work, letter, diagnostic)
    if letter.audience in ("staff", "leader"):
        _nobody_reads(work, recipient, diagnostic)
    if letter.ticket_id is None or letter.audience not in ("enterprise", "organ"):
        return
    case = Case.by_id(work, letter.ticket_id)
    if letter.notice:
        case.record(NoticeFailed(letter.notice, letter.id), actor="desk", cause=f"letter:{letter.id}")
        case.settle()
    notify.service_failed(case, letter, recipient=recipient, diagnostic=diagnostic)


def reported_by_nobody_known(work: Work, failed: Sequence[FailedRecipient]) -> bool:
    """Show the handler a delivery report that names no letter of ours but somebody we just wrote to.

    Some providers return neither the letter nor its Message-ID (NetEase's 系统退信). Anybody can write such
    a report, so it moves no date: it only says that a telephone call may be needed.
    """
    for recipient in (f for f in failed if f.permanent):
        query = select(LetterRow).where(
            LetterRow.recipient == recipient.address.lower(),
            LetterRow.audience.in_(("enterprise", "organ")),
            LetterRow.ticket_id.is_not(None),
            LetterRow.sent_at > work.now - RECENT,
        )
        letter = work.session.scalars(query.order_by(LetterRow.sent_at.desc()).limit(1)).first()
        if letter is None or letter.ticket_id is None:
            continue
        zh = work.settings.desk.staff_language == "zh"
        doubt = "退信未经核实，不影响期限" if zh else "unverified report, moves no date"
        diagnostic = f"{doubt}: {recipient.diagnostic or recipient.status}"
        case = Case.by_id(work, letter.ticket_id)
        notify.service_failed(case, letter, recipient=letter.recipient, diagnostic=diagnostic, proven=False)
        return True
    return False


def _nobody_reads(work: Work, recipient: str, diagnostic: str) -> None:
    """Tell the operator that somebody of the house cannot be reached: no letter is written in its place."""
    zh = work.settings.desk.staff_language == "zh"
    title = f"内部人员收不到信：{recipient}" if zh else f"Mail to {recipient} does not arrive"
    what = (
        f"寄给 {recipient} 的信被退回，该人看不到来信和期限。请核对 people.toml 中的地址。"
        if zh
        else f"A letter to {recipient} was refused: that person sees neither mails nor dates. "
        "Please check the address in people.toml."
    )
    alarms.raise_alarm(work, f"staff-unreachable/{recipient}", title, what, diagnostic)
    noticing.unreachable(work, recipient, diagnostic)


def bounced(work: Work, letter: LetterRow, failed: Sequence[FailedRecipient], received_at: datetime) -> None:
    """Note a delivery report that showed the key of this letter. Only a permanent failure re-opens anything."""
    permanent = [f for f in failed if f.permanent]
    if failed and not permanent:
        return
    if any(f.address and f.address.lower() != letter.recipient for f in permanent):
        permanent = [f for f in permanent if f.address.lower() == letter.recipient]
        if not permanent:
            return  # it speaks of somebody the letter was not for
    if letter.last_reply is None or not letter.last_reply.startswith("bounced"):
        letter.last_reply = f"bounced {received_at:%Y-%m-%d %H:%M}Z"
        diagnostic = permanent[0].diagnostic or permanent[0].status if permanent else ""
        _failed(work, letter, letter.recipient, diagnostic)
