"""What may wait for a leader's one mail a week, and what goes alone.

Alone go: a through-train, a breach on the ladder, a report back that was asked for by a day, and a decision that
could not be taken in time after the weekly mail. Everything else waits for it. Where `leaders = "at-once"` in
digests.toml, nothing waits.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select

from mail_desk.config import Person, Role
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.work import Work
from mail_desk.reports import periods
from mail_desk.store.schema import Moment

ASK = "ask-leader"  # a decision that waited is asked for alone
LEFT = 2  # working days a leader has at least, from the weekly mail to the date


def weekly(work: Work, person: Person) -> bool:
    """Say whether this person gets one mail a week."""
    return person.role is Role.LEADER and work.settings.digests.leaders == "weekly"


def next_day(work: Work) -> date:
    """Return the day of the next weekly mail, today's own left out."""
    return periods.sent_on(periods.of("week", work.today), work.rules.calendar.is_working)


def waits(case: Case, person: Person, answer_by: date | None) -> bool:
    """Say whether a decision can wait for the weekly mail; then see that it is asked for alone in time."""
    work = case.work
    if not weekly(work, person):
        return False
    calendar = work.rules.calendar
    if answer_by is None:
        return True
    if calendar.between(next_day(work), answer_by) < LEFT:
        return False
    at = datetime.combine(calendar.back(answer_by, LEFT), REMINDERS_AT, work.settings.desk.zone)
    last = max((r.seq for r in case.recorded), default=0)
    key = f"{ASK}/{case.row.id}/{last}"
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
        data = {"ticket": case.row.id, "seq": last}
        work.session.add(Moment(key=key, due_at=at, action=ASK, data=data, state="pending"))
    return True


def at_nine(work: Work, day: date) -> datetime:
    """Return when on a day the weekly mail leaves, where no digest says otherwise."""
    return datetime.combine(day, time(9), work.settings.desk.zone)
