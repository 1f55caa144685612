"""Writing down what became of letters, while SMTP goes on.

A `Recorder` serves one leased batch. Results that come in during a commit go together into the next,
so many letters a second cost few commits, and none waits for more than one. When the store is away
it tries for about two minutes; what then stays unwritten becomes uncertain by its lease.
One log line a letter and attempt is written here, after the commit: the canonical one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from mail_desk import faults
from mail_desk.clock import Clock
from mail_desk.config import Budget
from mail_desk.masking import masked
from mail_desk.outbound import outbox, pacing
from mail_desk.outbound.outbox import Accepted, Leased
from mail_desk.outbound.refusals import (
    CredentialsRefused,
    Deferred,
    Delivered,
    Outcome,
    Refused,
    Scope,
    Uncertain,
)
from mail_desk.store.session import Store, StoreUnavailable

log = structlog.get_logger("mail_desk.sender")

TRIES: Final = 8  # of writing to a store that is away: about two minutes


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one attempt at one letter."""

    letter: Leased
    outcome: Outcome
    at: datetime
    seconds: float


class Recorder:
    """Writes the results of one batch, many in one commit."""

    def __init__(self, store: Store, budget: Budget, clock: Clock) -> None:
        self._store = store
        self._budget = budget
        self._clock = clock
        self._results: list[Result] = []
        self._writing: asyncio.Task[None] | None = None

    def add(self, result: Result) -> None:
        """Take a result; writing begins at once where none is going on."""
        self._results.append(result)
        if self._writing is None or (self._writing.done() and self._writing.exception() is None):
            self._writing = asyncio.create_task(self._write())

    async def finish(self, unsent: Iterable[Leased]) -> None:
        """Wait until all is written, and give back what was never begun. Raises StoreUnavailable."""
        if self._writing is not None:
            await self._writing
        await self._write(list(unsent))

    async def _write(self, unsent: Iterable[Leased] = ()) -> None:
        while self._results or unsent:
            results, self._results = self._results, []
            counted = await self._persist(results, unsent)
            unsent = ()
            for result, held in zip(results, counted, strict=True):
                _log(result, fence_held=held)

    async def _persist(self, results: list[Result], unsent: Iterable[Leased]) -> list[bool]:
        """Write, again and again while the store is away: what SMTP said must not be forgotten."""
        for attempt in range(TRIES):
            try:
                return await self._store.run(self._record, results, unsent)
            except StoreUnavailable as error:
                log.warning("record-delayed", letters=len(results), why=str(error).splitlines()[0])
                await self._clock.sleep(2**attempt / 2)
        return await self._store.run(self._record, results, unsent)

    def _record(self, results: list[Result], unsent: Iterable[Leased]) -> list[bool]:
        with self._store.write() as session:
            for letter in unsent:
                outbox.give_back(session, letter.id, letter.fence)
            counted = record_all(session, self._budget, results)
        faults.point("recorded")
        return counted


def record_all(session: Session, budget: Budget, results: Sequence[Result]) -> list[bool]:
    """Write results, all of what was accepted in one go; say of each what `record` says."""
    sent = [
        Accepted(r.letter.id, r.letter.fence, str(r.outcome.reply), r.at)
        for r in results
        if isinstance(r.outcome, Delivered)
    ]
    held = outbox.record_all_sent(session, sent) if sent else set()
    return [
        r.letter.id in held if isinstance(r.outcome, Delivered) else record(session, budget, r)
        for r in results
    ]


def record(session: Session, budget: Budget, result: Result) -> bool:
    """Write one result. False where another lease has begun since: then it changes nothing.

    A deferral of the account costs the letter no attempt; one of the letter is tried again after
    `pacing.retry_delay`, and fails when that gives up.
    """
    letter, outcome, at = result.letter, result.outcome, result.at
    key = (session, letter.id, letter.fence)
    match outcome:
        case Delivered(reply):
            return outbox.record_sent(*key, reply=str(reply), now=at)
        case Refused(reply, why=why):
            return outbox.record_failed(*key, reply=f"{reply} ({why.key})", now=at)
        case Uncertain(reply):
            return outbox.record_uncertain(*key, reply=str(reply), now=at)
        case CredentialsRefused(reply) | Deferred(reply, scope=Scope.ACCOUNT):
            return outbox.record_deferred(*key, reply=str(reply), until=at, counts=False)
        case Deferred(reply, pause=pause):
            delay = pacing.retry_delay(budget, letter.attempts + 1)
            if delay is not None:
                return outbox.record_deferred(*key, reply=str(reply), until=at + max(delay, pause))
            given_up = f"given up after {letter.attempts + 1} attempts: {reply}"
            return outbox.record_failed(*key, reply=given_up, now=at)


def _log(result: Result, *, fence_held: bool) -> None:
    """Write the one line of a letter's attempt."""
    letter, outcome = result.letter, result.outcome
    fields: dict[str, object] = {
        "letter": letter.id,
        "kind": letter.kind,
        "account": letter.account,
        "to": masked(letter.recipient),
        "outcome": type(outcome).__name__.lower(),
        "attempt": letter.attempts + 1,
        "reply": str(outcome.reply),
        "ms": round(result.seconds * 1000),
        "message_id": letter.message_id,
    }
    if isinstance(outcome, Deferred | Refused):
        fields |= {"stage": outcome.stage.value, "why": outcome.why.key}
    if not fence_held:
        fields["late"] = True  # another lease had begun: the letter may arrive twice
    write = log.info if isinstance(outcome, Delivered) else log.warning
    write("letter", **fields)
