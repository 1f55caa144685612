"""Mail that waits for a person never waits silently (invariant 3)."""

from __future__ import annotations

from datetime import datetime, time

import structlog
from sqlalchemy import func, select

from mail_desk.config import Role
from mail_desk.desk import notify
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import BeforeDeskContext, LetterKind
from mail_desk.schedule.workdays import Calendar
from mail_desk.store.schema import LetterRow, Message, MessageState, Moment
from mail_desk.tickets.assignment import present

log = structlog.get_logger()

LISTED = 200  # entries of a before-desk list; the letter says how many there are in all


def quarantine(work: Work, message: Message, reason: str) -> None:
    """Put a message aside with its reason, tell the supervisors, and see that they look."""
    message.state, message.failure = MessageState.QUARANTINED, reason[:2000]
    work.session.flush()
    log.warning("message quarantined", action="quarantine", message=message.id, reason=reason)
    notify.quarantined(work, message)
    key = f"quarantine/{message.id}/{work.now.isoformat()}"  # each time anew: a released one may fail again
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
        work.session.add(
            Moment(
                key=key,
                due_at=_after_one_working_day(work.rules.calendar, work),
                action="quarantine",
                data={"message": message.id},
                state="pending",
            )
        )


def _after_one_working_day(calendar: Calendar, work: Work) -> datetime:
    day = calendar.add(work.today, 1).date
    nine = datetime.combine(day, time(9), work.settings.desk.zone)
    return max(nine, work.now)


def quarantined_messages(work: Work) -> list[Message]:
    """Return what waits for release or rejection, oldest first."""
    query = select(Message).where(Message.state == MessageState.QUARANTINED).order_by(Message.received_at)
    return list(work.session.scalars(query))


def escalate_quarantine(work: Work, message_id: int) -> None:
    """Tell the leaders: a working day has passed and nobody looked."""
    message = work.session.get(Message, message_id)
    if message is None or message.state != MessageState.QUARANTINED:
        return
    for leader in work.people.with_role(Role.LEADER):
        notify.quarantined_to(work, message, leader)


def list_before_desk(work: Work, account: str, *, anew: bool) -> None:
    """Write each supervisor once what was in the mailbox when the desk first opened it.

    `anew`: a folder that was not seen before held more; then they are told again.
    """
    told = select(LetterRow.id).where(LetterRow.dedupe.startswith(f"before-desk/{account}/"))
    if not anew and work.session.scalars(told.limit(1)).first() is not None:
        return
    waiting = select(Message).where(Message.account == account, Message.state == MessageState.BEFORE_DESK)
    total = work.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if not total:
        return
    newest = work.session.scalars(waiting.order_by(Message.received_at.desc()).limit(LISTED)).all()
    entries = tuple(notify.waiting_mail(work, message) for message in newest)
    for supervisor in work.people.with_role(Role.SUPERVISOR):
        to = to_person(work, present(work.people, supervisor, work.today) or supervisor)
        post(
            work,
            LetterKind.BEFORE_DESK,
            to,
            BeforeDeskContext(to.name, work.settings.account_named(account).address, total, entries),
            Cause(f"account:{account}"),
            dedupe=f"before-desk/{account}/{max(m.id for m in newest)}/{to.person}",
        )
