"""How complainants rated the handling: the mean, how many rated, how many were dissatisfied (不满意率).

A rating is the complainant's own answer to the result, 1 to 5; of one ticket the latest up to the period's end counts,
in the period in which it was given. Nobody who did not answer is counted as anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.reports.reading import visible
from mail_desk.store.schema import EventRow, TicketRow

DISSATISFIED = 2  # and below


@dataclass(frozen=True, slots=True)
class Satisfaction:
    rated: int = 0  # tickets
    total: int = 0  # of their scores
    dissatisfied: int = 0

    @property
    def mean(self) -> float | None:
        return self.total / self.rated if self.rated else None


def collect(session: Session, start: datetime, until: datetime, hidden_for: str | None) -> Satisfaction:
    """Return the ratings of [start, until), without tickets hidden from the reader."""
    query = (
        select(EventRow.ticket_id, EventRow.data)
        .join(TicketRow, TicketRow.id == EventRow.ticket_id)
        .where(EventRow.type == "Rated", EventRow.at >= start, EventRow.at < until, visible(hidden_for))
        .order_by(EventRow.ticket_id, EventRow.seq)
    )
    latest = {ticket: int(data["score"]) for ticket, data in session.execute(query)}
    scores = latest.values()
    return Satisfaction(len(scores), sum(scores), sum(score <= DISSATISFIED for score in scores))
