"""An answer to a ticket that is closed: filed there, reopened, or a new ticket that continues it.

Which of them is the department's choice (`[desk] closed_reply`), for answers soon after closing and for
those that come later. What cannot be verified never reopens anything by itself: it is filed, and its
handler reopens with one digit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from mail_desk.desk.case import Case
from mail_desk.store.schema import LetterRow
from mail_desk.tickets import events as e

What = Literal["", "file", "reopen", "new"]


def policy(case: Case, *, organ: bool = False) -> What:
    """Return what becomes of a mail to this ticket that comes now, "" while it is open.

    An `organ` that answers late, but not too late, answers this ticket whatever complainants may do.
    """
    closed_at = case.ticket.closed_at
    if closed_at is None:
        return ""
    reply = case.work.settings.desk.closed_reply
    late = closed_at + timedelta(days=reply.days) <= case.work.now
    if late:
        return reply.after
    return "file" if organ else reply.before


def reopen(case: Case, *, cause: str, at: datetime) -> list[str]:
    """Reopen by the department's choice and say so; nothing where the procedure has no way back."""
    transition = case.transition("reopen")
    if transition is None:
        return []
    case.record(e.Reopened(None, transition.to or "examining"), actor="desk", cause=cause, at=at)
    revive_tokens(case)
    if case.work.settings.desk.staff_language == "zh":
        return ["来信人回复了已结案的来信，已按设置自动重新办理。"]
    return ["It answers a closed ticket, which was reopened as the configuration says."]


def revive_tokens(case: Case) -> None:
    """Let the keys of a reopened ticket's letters live on, those that are not dead yet."""
    for row in case.work.session.scalars(select(LetterRow).where(LetterRow.ticket_id == case.row.id)):
        if row.tag_dead_at is not None and row.tag_dead_at > case.work.now:
            row.tag_dead_at = None


def split_off(case: Case) -> str:
    """Say in the letter about a new ticket which one it was split off."""
    row = case.row
    if case.work.settings.desk.staff_language == "zh":
        return f"此件由 {row.number}（{row.subject}）拆分而来，只办主题所列事项；来信全文照录，其余事项在原件办理。"
    return (
        f"Split off {row.number} ({row.subject}): only the matter in the subject belongs here. The mail is shown whole; "
        "its other matters are dealt with there."
    )


def continues(case: Case) -> str:
    """Say in the letter about a new ticket which one its mail was sent to, or taken from."""
    row, zh = case.row, case.work.settings.desk.staff_language == "zh"
    if case.ticket.closed_at is None:
        if zh:
            return f"这封来信原归入 {row.number}（{row.subject}），经认定是新的事项，另立此件。"
        return f"This mail was filed on {row.number} ({row.subject}) and found to be something new."
    day = case.work.rules.day_of(case.ticket.closed_at)
    if zh:
        return f"来信人回复的是 {day:%Y-%m-%d} 已结案的 {row.number}（{row.subject}），另立此件。"
    return f"It answers {row.number} ({row.subject}), closed on {day:%Y-%m-%d}, and is a ticket of its own."
