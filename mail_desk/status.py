"""How the desk is: counts, ages and reasons, for the operator and for monitoring. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mail_desk.config import Settings
from mail_desk.store.schema import (
    Cursor,
    LetterRow,
    LetterState,
    Message,
    MessageState,
    Moment,
    TicketRow,
)

SILENT_AFTER = timedelta(minutes=15)  # a mailbox not looked at for so long is a reason
STUCK_AFTER = timedelta(minutes=30)  # a letter due for so long, or a message not processed


@dataclass(frozen=True)
class Status:
    """What `mail-desk status` says. Healthy means: no reasons."""

    reasons: tuple[str, ...]
    figures: dict[str, Any]

    @property
    def healthy(self) -> bool:
        return not self.reasons


def _counts(session: Session, column: Any) -> dict[str, int]:  # noqa: ANN401 - any mapped column
    query = select(column, func.count()).group_by(column).order_by(column)
    return {str(key): count for key, count in session.execute(query)}


def collect(session: Session, settings: Settings, now: datetime) -> Status:
    """Look at the store."""
    reasons: list[str] = []
    accounts: dict[str, Any] = {}
    for account in settings.account:
        if not account.read:
            continue
        seen = session.scalar(select(func.max(Cursor.seen_at)).where(Cursor.account == account.name))
        accounts[account.name] = {"last_looked": seen.isoformat() if seen else None}
        if seen is None:
            reasons.append(f"mailbox {account.address} has never been read")
        elif now - seen > max(SILENT_AFTER, 3 * timedelta(seconds=account.poll_seconds)):
            local = seen.astimezone(settings.desk.zone)
            reasons.append(f"mailbox {account.address} was last read {local:%Y-%m-%d %H:%M %Z}")
    letters = _counts(session, LetterRow.state)
    messages = _counts(session, Message.state)
    stuck = session.scalar(
        select(func.count(LetterRow.id)).where(
            LetterRow.state == LetterState.QUEUED, LetterRow.not_before < now - STUCK_AFTER
        )
    )
    if stuck:
        reasons.append(f"{stuck} letter(s) should have left more than 30 minutes ago")
    if letters.get(LetterState.FAILED):
        reasons.append(f"{letters[LetterState.FAILED]} letter(s) could not be delivered")
    if messages.get(MessageState.QUARANTINED):
        reasons.append(f"{messages[MessageState.QUARANTINED]} message(s) wait in quarantine")
    waiting = session.scalar(
        select(func.count(Message.id)).where(
            Message.state == MessageState.SPOOLED, Message.spooled_at < now - STUCK_AFTER
        )
    )
    if waiting:
        reasons.append(f"{waiting} message(s) fetched more than 30 minutes ago are not processed")
    overdue = session.scalar(
        select(func.count(Moment.id)).where(Moment.state == "pending", Moment.due_at < now - STUCK_AFTER)
    )
    if overdue:
        reasons.append(f"{overdue} moment(s) should have fired more than 30 minutes ago")
    open_tickets = session.scalar(select(func.count(TicketRow.id)).where(TicketRow.closed_at.is_(None)))
    return Status(
        tuple(reasons),
        {
            "at": now.isoformat(),
            "accounts": accounts,
            "tickets": {"open": open_tickets, "by_state": _counts(session, TicketRow.state)},
            "messages": messages,
            "letters": letters,
            "moments": _counts(session, Moment.state),
        },
    )
