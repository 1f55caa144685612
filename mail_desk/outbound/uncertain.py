"""Letters of which nobody knows whether they left: found, searched for, sent again.

The one place where a letter can arrive twice (`docs/guarantees.md`), and the reason why none is lost.
Like `outbox.py`: plain functions on a session, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, true, update
from sqlalchemy.orm import Session

from mail_desk.outbound.outbox import FIRST_SEARCH, OWED, SEARCHES, took_effect, under_fence
from mail_desk.store.schema import LetterRow, LetterState

SEARCH_APART = timedelta(minutes=5)
SEARCH_PATIENCE = timedelta(hours=1)  # a folder that cannot be looked into for so long holds nothing

# What a look into the Sent folder gives: the date of the copy, or that there is one or none; None: no look.
Found = datetime | bool | None


@dataclass(frozen=True, slots=True)
class Unsure:
    """An uncertain letter whose Sent folder is to be looked into now."""

    id: int
    fence: int
    account: str
    message_id: str
    searches: int


def owing_a_look(session: Session, *, account: str, limit: int = 200) -> list[Unsure]:
    """Letters of an account written after a restore that are to be looked for before they leave."""
    rows = session.execute(
        select(LetterRow.id, LetterRow.fence, LetterRow.account, LetterRow.message_id, LetterRow.searches)
        .where(
            LetterRow.account == account, LetterRow.state == LetterState.QUEUED, LetterRow.searches == OWED
        )
        .order_by(LetterRow.id)
        .limit(limit)
    )
    return [Unsure(*row) for row in rows]


def record_looked(session: Session, letter_id: int, found: Found, now: datetime) -> bool:
    """Note what the look before its first way gave. Found: SENT when it was, before the restore.

    Not found: it goes its way like any other. One look is enough, its copy would have been filed long ago.
    """
    owing = update(LetterRow).where(
        LetterRow.id == letter_id, LetterRow.state == LetterState.QUEUED, LetterRow.searches == OWED
    )
    owing = owing.execution_options(synchronize_session=False)
    if found:
        at = found if isinstance(found, datetime) else now
        return took_effect(
            session,
            owing.values(
                state=LetterState.SENT,
                sent_at=min(at, now),
                held=False,
                searches=0,
                last_reply="left before the restore: found in the Sent folder",
            ),
        )
    if found is None:
        owing = owing.where(LetterRow.created_at <= now - SEARCH_PATIENCE)
    return took_effect(session, owing.values(searches=0))


def expire_leases(
    session: Session, now: datetime, *, keep: Collection[int] = (), owner: str = "", alone: bool = False
) -> list[int]:
    """Make SENDING letters whose lease has ended UNCERTAIN and return their ids.

    `keep` names letters this very process is still sending. Leases it has dropped (of `owner` and
    not kept) end at once; so do all others where it is known to be the only process (`alone`): they
    are a dead one's. The fence stays: a late result of the old lease is better knowledge than a
    search.
    """
    over = or_(LetterRow.lease_until <= now, LetterRow.lease_owner == owner)
    ended = session.scalars(
        select(LetterRow.id)
        .where(LetterRow.state == LetterState.SENDING, true() if alone else over)
        .with_for_update(skip_locked=True)
    ).all()
    ids = [letter_id for letter_id in ended if letter_id not in keep]
    if ids:
        session.execute(
            update(LetterRow)
            .where(LetterRow.id.in_(ids))
            .values(
                state=LetterState.UNCERTAIN,
                attempts=LetterRow.attempts + 1,
                not_before=now + FIRST_SEARCH,
                lease_until=now,
                last_reply="the lease ended without a record",
                lease_owner=None,
            )
            .execution_options(synchronize_session=False)
        )
    return ids


def uncertain_to_search(session: Session, now: datetime, *, account: str, limit: int = 50) -> list[Unsure]:
    """Uncertain letters of an account whose next look into the Sent folder is due."""
    rows = session.execute(
        select(LetterRow.id, LetterRow.fence, LetterRow.account, LetterRow.message_id, LetterRow.searches)
        .where(
            LetterRow.state == LetterState.UNCERTAIN,
            LetterRow.not_before <= now,
            LetterRow.account == account,
        )
        .order_by(LetterRow.not_before, LetterRow.id)
        .limit(limit)
    )
    return [Unsure(*row) for row in rows]


def record_searched(session: Session, letter_id: int, fence: int, found: Found, now: datetime) -> bool:
    """Note what a look into the Sent folder gave; None: it could not be looked into.

    Found: SENT, as of the copy's date where that is known and can be, else of the instant it became
    uncertain (it left no later than that). Not found for
    the second time: QUEUED again under the same Message-ID; the one place where a letter can arrive
    twice. Not to be looked into counts as not found only after SEARCH_PATIENCE.
    """
    unsure = under_fence(letter_id, fence, LetterState.UNCERTAIN)
    if found:
        latest = func.coalesce(LetterRow.lease_until, now)
        at = found if isinstance(found, datetime) else now
        can_be = (LetterRow.created_at <= at) & (latest >= at)
        return took_effect(
            session,
            unsure.values(
                state=LetterState.SENT,
                sent_at=case((can_be, at), else_=latest),
                last_reply="found in the Sent folder",
                lease_until=None,
            ),
        )
    if found is None:
        postponed = unsure.where(LetterRow.lease_until > now - SEARCH_PATIENCE)
        if took_effect(session, postponed.values(not_before=now + SEARCH_APART)):
            return True
    last = (LetterRow.searches + 1) % SEARCHES == 0
    return took_effect(
        session,
        unsure.values(
            searches=LetterRow.searches + 1,
            state=case((last, LetterState.QUEUED), else_=LetterState.UNCERTAIN),
            not_before=case((last, now), else_=now + SEARCH_APART),
        ),
    )
