"""The outbox: every change of state a letter can go through, as rows of `letter`.

Plain functions on a session, inside the caller's transaction; instants are arguments. Nothing here
talks SMTP, renders, or reads a clock. `docs/guarantees.md` holds the table of states; its rows are
tests.

    enqueue ─▶ REVIEW ──release──▶ QUEUED ──lease──▶ SENDING ──▶ SENT | FAILED
                  │                 │  ▲ ▲              │ │
                  └────cancel───────┘  │ └───deferred───┘ └─lease ended, or no reply─▶ UNCERTAIN
                          ▼            └───────not in the Sent folder, twice──────────────┘ │ found
                      CANCELLED                                                           SENT

Each lease raises the letter's `fence`; a result counts only under the fence it was made with, so a
sender that slept past its lease cannot undo what others have done since. `not_before` is the instant
of the next step: of sending while QUEUED, of the next look into the Sent folder while UNCERTAIN.
`searches` counts looks over the letter's whole life, two an uncertainty: a letter that was once
uncertain may have left, and can be cancelled no more. After a restore a letter begins at `OWED`: it may be
one that left before, and waits for one look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, Update, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mail_desk.outbound.letters import Pacing
from mail_desk.store.schema import LetterRow, LetterState

OWED = -1  # in `searches`: a look into the Sent folder before the letter leaves for the first time
SEARCHES = 2  # looks into the Sent folder before an uncertain letter is sent again
FIRST_SEARCH = timedelta(minutes=1)  # providers file sent mail a little later
LEASE_BYTES = 32 * 1024 * 1024  # of letters in memory a lease; one letter alone may be larger
LAST_REPLY = 2_000  # characters kept of a server's reply


@dataclass(frozen=True, slots=True)
class Leased:
    """A letter in the hands of one sender until its lease ends."""

    id: int
    fence: int
    kind: str
    pacing: Pacing
    account: str  # which account sends it
    recipient: str
    message_id: str
    attempts: int  # made before this one
    lease_until: datetime
    raw: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """A letter that SMTP took, under the fence it was leased with."""

    id: int
    fence: int
    reply: str
    at: datetime


_LETTER = cast("Table", LetterRow.__table__)
_ACCEPTABLE = (
    LetterState.SENDING,
    LetterState.UNCERTAIN,
    LetterState.QUEUED,
)  # before it was known to be sent
_FENCES = (
    select(_LETTER.c.id, _LETTER.c.fence)
    .where(_LETTER.c.id.in_(bindparam("ids", expanding=True)), _LETTER.c.state.in_(_ACCEPTABLE))
    .order_by(_LETTER.c.id)
    .with_for_update()
)
_DUE = (
    select(_LETTER.c.id)
    .where(
        _LETTER.c.account == bindparam("account"),
        _LETTER.c.state == LetterState.QUEUED,
        _LETTER.c.not_before <= bindparam("now"),
        _LETTER.c.searches >= 0,
    )
    .limit(1)
)
_SENT = (
    update(_LETTER)
    .where(_LETTER.c.id == bindparam("letter"))
    .values(
        state=LetterState.SENT,
        sent_at=bindparam("at"),
        attempts=_LETTER.c.attempts + 1,
        last_reply=bindparam("reply"),
        lease_owner=None,
        lease_until=None,
    )
)


# --- in ---------------------------------------------------------------------------------------------


def enqueue(session: Session, row: LetterRow, *, flush: bool = True) -> LetterRow | None:
    """Add a letter, or return None where one with the same `dedupe` is already there.

    Without `flush` a letter that has no `dedupe` gets its id when the session is flushed next.

    `row.state` must be REVIEW or QUEUED. Two daemons queueing the same letter at once both come out
    well: the unique key decides, within a savepoint.
    """
    if row.state not in (LetterState.REVIEW, LetterState.QUEUED):
        msg = f"a letter enters the outbox in review or queued, not {row.state}"
        raise ValueError(msg)
    if row.dedupe is None:
        session.add(row)
        if flush:
            session.flush()
        return row
    if _known(session, row.dedupe):
        return None
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        if _known(session, row.dedupe):
            return None
        raise
    return row


def _known(session: Session, dedupe: str) -> bool:
    return session.scalar(select(LetterRow.id).where(LetterRow.dedupe == dedupe)) is not None


def release(session: Session, letter_id: int, now: datetime, not_before: datetime) -> bool:
    """Let a reviewed letter go at `not_before`. False where it no longer waits for review."""
    return took_effect(
        session,
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.state == LetterState.REVIEW)
        .values(state=LetterState.QUEUED, not_before=not_before, held=not_before > now),
    )


def cancel(session: Session, letter_id: int, now: datetime) -> bool:
    """Stop a letter that has not left. False where it is on its way, gone, or may have left."""
    return took_effect(
        session,
        update(LetterRow)
        .where(
            LetterRow.id == letter_id,
            LetterRow.state.in_((LetterState.REVIEW, LetterState.QUEUED)),
            LetterRow.searches <= 0,
        )
        .values(
            state=LetterState.CANCELLED, held=False, tag_dead_at=func.coalesce(LetterRow.tag_dead_at, now)
        ),
    )


# --- to a sender and back ---------------------------------------------------------------------------


def lease(
    session: Session,
    *,
    account: str,
    now: datetime,
    owner: str,
    limit: int,
    lease_for: timedelta,
    allowed: Mapping[Pacing, int],
) -> list[Leased]:
    """Take up to `limit` due letters, most important class first, oldest first within it.

    `allowed` says how many of each class the daily budget admits; a letter taken of one class counts
    against all later ones. The caller commits before SMTP begins.
    """
    chosen: list[int] = []
    size = 0
    for pacing in Pacing:
        room = min(limit, allowed.get(pacing, 0)) - len(chosen)
        if room <= 0:
            continue
        for letter_id, length in session.execute(
            select(LetterRow.id, func.length(LetterRow.raw))
            .where(
                LetterRow.account == account,
                LetterRow.state == LetterState.QUEUED,
                LetterRow.pacing == pacing.value,
                LetterRow.not_before <= now,
                LetterRow.searches >= 0,
            )
            .order_by(LetterRow.not_before, LetterRow.id)
            .limit(room)
            .with_for_update(skip_locked=True)
        ):
            if chosen and size + length > LEASE_BYTES:
                break
            chosen.append(letter_id)
            size += length
    if not chosen:
        return []
    until = now + lease_for
    session.execute(
        update(LetterRow)
        .where(LetterRow.id.in_(chosen))
        .values(
            state=LetterState.SENDING,
            held=False,
            fence=LetterRow.fence + 1,
            lease_owner=owner,
            lease_until=until,
        )
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(
        select(
            LetterRow.id,
            LetterRow.fence,
            LetterRow.kind,
            LetterRow.pacing,
            LetterRow.account,
            LetterRow.recipient,
            LetterRow.message_id,
            LetterRow.attempts,
            LetterRow.raw,
        ).where(LetterRow.id.in_(chosen))
    ).all()
    place = {letter_id: index for index, letter_id in enumerate(chosen)}
    return [
        Leased(
            id=row.id,
            fence=row.fence,
            kind=row.kind,
            pacing=Pacing(row.pacing),
            account=row.account,
            recipient=row.recipient,
            message_id=row.message_id,
            attempts=row.attempts,
            lease_until=until,
            raw=row.raw,
        )
        for row in sorted(rows, key=lambda row: place[row.id])
    ]


def record_sent(session: Session, letter_id: int, fence: int, *, reply: str, now: datetime) -> bool:
    """Note that SMTP accepted the letter; this counts even when the lease has ended: it is the truth.

    False where another lease has begun (the letter may arrive twice) or the record is final.
    """
    return took_effect(
        session,
        under_fence(letter_id, fence, *_ACCEPTABLE).values(
            state=LetterState.SENT,
            sent_at=now,
            attempts=LetterRow.attempts + 1,
            last_reply=_cut(reply),
            lease_owner=None,
            lease_until=None,
        ),
    )


def record_all_sent(session: Session, sent: Sequence[Accepted]) -> set[int]:
    """Do as `record_sent` for many letters, in two statements; return those in a state it applies to."""
    locked = session.execute(_FENCES, {"ids": [one.id for one in sent]})
    fences = {row.id: row.fence for row in locked}
    counting = [one for one in sent if fences.get(one.id) == one.fence]
    if counting:
        session.execute(
            _SENT,
            [{"letter": one.id, "at": one.at, "reply": _cut(one.reply)} for one in counting],
        )
    return {one.id for one in counting}


def record_deferred(
    session: Session, letter_id: int, fence: int, *, reply: str, until: datetime, counts: bool = True
) -> bool:
    """SMTP did not take the letter now: queue it again for `until`.

    `counts` is False where the account, not the letter, was deferred: no attempt is used up.
    """
    return took_effect(
        session,
        under_fence(letter_id, fence, LetterState.SENDING, LetterState.UNCERTAIN).values(
            state=LetterState.QUEUED,
            not_before=until,
            attempts=LetterRow.attempts + (1 if counts else 0),
            searches=LetterRow.searches + LetterRow.searches % SEARCHES,  # this uncertainty is over
            last_reply=_cut(reply),
            lease_owner=None,
            lease_until=None,
        ),
    )


def give_back(session: Session, letter_id: int, fence: int) -> bool:
    """Return a leased letter for which SMTP never began. It keeps its place in the queue."""
    return took_effect(
        session,
        under_fence(letter_id, fence, LetterState.SENDING).values(
            state=LetterState.QUEUED, lease_owner=None, lease_until=None
        ),
    )


def record_failed(session: Session, letter_id: int, fence: int, *, reply: str, now: datetime) -> bool:
    """Permanently refused, or given up: final. `now` ends what its tag is good for."""
    return took_effect(
        session,
        under_fence(letter_id, fence, LetterState.SENDING, LetterState.UNCERTAIN).values(
            state=LetterState.FAILED,
            attempts=LetterRow.attempts + 1,
            last_reply=_cut(reply),
            lease_owner=None,
            lease_until=None,
            tag_dead_at=func.coalesce(LetterRow.tag_dead_at, now),
        ),
    )


def record_uncertain(session: Session, letter_id: int, fence: int, *, reply: str, now: datetime) -> bool:
    """Note that the message went out whole and no reply came: it is searched for before all else."""
    return took_effect(
        session,
        under_fence(letter_id, fence, LetterState.SENDING).values(
            state=LetterState.UNCERTAIN,
            attempts=LetterRow.attempts + 1,
            not_before=now + FIRST_SEARCH,
            last_reply=_cut(reply),
            lease_owner=None,
            lease_until=now,  # from here on it was uncertain
        ),
    )


# --- what others ask --------------------------------------------------------------------------------


def report_plain(session: Session, limit: int) -> int:
    """Mark sent letters as reported that mean nothing to a ticket's dates; return how many."""
    plain = (
        select(LetterRow.id)
        .where(
            LetterRow.reported.is_(False),
            LetterRow.state == LetterState.SENT,
            or_(LetterRow.notice.is_(None), LetterRow.ticket_id.is_(None)),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(plain).all()
    mark_reported(session, ids)
    return len(ids)


def unreported(session: Session, limit: int) -> list[LetterRow]:
    """Letters that reached an end whose consequences the desk has not drawn, oldest first."""
    return list(
        session.scalars(
            select(LetterRow)
            .where(
                LetterRow.reported.is_(False),
                LetterRow.state.in_((LetterState.SENT, LetterState.FAILED)),
            )
            .order_by(LetterRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def mark_reported(session: Session, letter_ids: Collection[int]) -> None:
    """Note that the desk has drawn the consequences; call it in the same transaction as those."""
    if letter_ids:
        marked = update(LetterRow).where(LetterRow.id.in_(letter_ids)).values(reported=True)
        session.execute(marked.execution_options(synchronize_session=False))


def sent_on(session: Session, account: str, day_start: datetime, day_end: datetime) -> dict[Pacing, int]:
    """Letters of each class that count against a day's budget.

    Sent in [day_start, day_end), or of unknown fate: what may have left has been spent.
    """
    counted = select(LetterRow.pacing, func.count()).where(LetterRow.account == account)
    unknown = LetterRow.state.in_((LetterState.SENDING, LetterState.UNCERTAIN))
    today = (LetterRow.sent_at >= day_start) & (LetterRow.sent_at < day_end)
    # Two questions, each answered by its own index; with OR, SQLite would look at all letters ever sent.
    questions = (counted.where(today, ~unknown), counted.where(unknown))
    counts = dict.fromkeys(Pacing, 0)
    for question in questions:
        for pacing, count in session.execute(question.group_by(LetterRow.pacing)):
            counts[Pacing(pacing)] += count
    return counts


def anything_due(session: Session, account: str, now: datetime) -> bool:
    """Say whether any letter of the account may be leased now: what an idle sender asks, by one index."""
    return session.scalar(_DUE, {"account": account, "now": now}) is not None


def next_instant(session: Session, account: str) -> datetime | None:
    """When the earliest queued or uncertain letter of the account is due, None where none waits."""
    return session.scalar(
        select(func.min(LetterRow.not_before)).where(
            LetterRow.account == account,
            LetterRow.state.in_((LetterState.QUEUED, LetterState.UNCERTAIN)),
        )
    )


def under_fence(letter_id: int, fence: int, *states: str) -> Update:
    """Update a leased letter. Rows loaded before in the same session are not refreshed: it is faster."""
    return (
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.fence == fence, LetterRow.state.in_(states))
        .execution_options(synchronize_session=False)
    )


def took_effect(session: Session, statement: Update) -> bool:
    """Run an update meant for one letter and return whether the letter was in a state it applies to."""
    return session.scalar(statement.returning(LetterRow.id)) is not None


def _cut(reply: str) -> str:
    return reply[:LAST_REPLY]
