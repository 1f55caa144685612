"""Registrations that wait for their digit: one row of `meta` each, with what was shown, until it is confirmed.

The row holds personal text, so it is emptied once the ticket is open and dropped when nobody confirmed it in
time. What a digit confirms is named by a digest of the very fields shown.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from mail_desk.desk.case import REMINDERS_AT
from mail_desk.desk.work import Work
from mail_desk.store.schema import Meta, Moment
from mail_desk.tickets import registrations
from mail_desk.tickets.registrations import Fields

PREFIX = "registration/"
ACTION = "registration"  # of the moment at which one that waits is shown again
KEPT = timedelta(days=14)  # then whoever wanted it registers it again


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody put down in the mail M`message`."""

    message: int
    by: str  # person key
    fields: Fields
    day: date  # of writing
    old_confirmed: bool = False  # a day long past was said twice
    ticket: str = ""  # what it became: nothing else is left of it then

    @property
    def mark(self) -> str:
        """Name what was shown: other fields have another mark."""
        text = json.dumps(registrations.to_data(self.fields), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def load(work: Work, message: int) -> Draft | None:
    """Return what was put down in a mail, None where nothing was or it is too old."""
    row = work.session.get(Meta, f"{PREFIX}{message}")
    if row is None:
        return None
    data = json.loads(row.value)
    fields = registrations.from_data(data["fields"]) if data["fields"] else Fields()
    return Draft(message, data["by"], fields, date.fromisoformat(data["day"]), data["old"], data["ticket"])


def save(work: Work, draft: Draft) -> None:
    """Keep a draft; those nobody has confirmed in time go."""
    fields = None if draft.ticket else registrations.to_data(draft.fields)
    data = {
        "by": draft.by,
        "fields": fields,
        "day": draft.day.isoformat(),
        "old": draft.old_confirmed,
        "ticket": draft.ticket,
    }
    work.session.merge(Meta(name=f"{PREFIX}{draft.message}", value=json.dumps(data, ensure_ascii=False)))
    for row in work.session.scalars(select(Meta).where(Meta.name.startswith(PREFIX))):
        kept = json.loads(row.value)
        if kept["fields"] and date.fromisoformat(kept["day"]) + KEPT < work.today:
            work.session.delete(row)
    if not draft.ticket:
        _plan(work, draft.message)
    work.session.flush()


def _plan(work: Work, message: int) -> None:
    """Put the next working morning's reminder among the moments, once: nothing waits silently."""
    day = work.rules.calendar.next_working(work.today, include=False)
    key = f"{ACTION}/{message}/{day}"
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
        at = datetime.combine(day, REMINDERS_AT, work.settings.desk.zone)
        work.session.add(
            Moment(key=key, due_at=at, action=ACTION, data={"message": message}, state="pending")
        )


def drop(work: Work, draft: Draft) -> None:
    """Forget a draft: its writer wants no ticket of it."""
    row = work.session.get(Meta, f"{PREFIX}{draft.message}")
    if row is not None:
        work.session.delete(row)
        work.session.flush()
