"""How each person's mail proves its author: learned from the answer to a letter of `mail-desk staff test`.

Nothing is kept beside the messages themselves: an answer to such a letter *is* what was learned, and the
latest one counts. Whose mail once proved itself and later does not is somebody else, or somebody's
provider has changed: both are told, and nothing is done until the known address says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.schema import LetterRow, Message

MOST = 10  # answers looked at


@dataclass(frozen=True, slots=True)
class Tested:
    """The last answer from an address to a test letter."""

    address: str
    at: datetime
    ways: tuple[str, ...]  # dkim, provider; none: a confirmation is asked for


def last_test(work: Work, address: str) -> Tested | None:
    """Return what the answers from this address to its latest test letter showed, None where there is none.

    Somebody with a phone and a computer answers from both: what counts is what both prove.
    """
    query = (
        select(Message.received_at, Message.proof, Message.letter_id)
        .join(LetterRow, LetterRow.id == Message.letter_id)
        .where(
            Message.from_address == address.lower(),
            LetterRow.kind == LetterKind.STAFF_TEST.value,
            Message.proof.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    answers = work.session.execute(query).all()
    of_last = [a for a in answers if a[2] == answers[0][2]]
    if not of_last:
        return None
    shared = set.intersection(*(set((proof or {}).get("ways", ())) for _, proof, _ in of_last))
    return Tested(address.lower(), of_last[0][0], tuple(sorted(shared)))


def usual(work: Work, address: str) -> tuple[str, ...]:
    """Return the ways in which mail from this address is known to prove itself."""
    tested = last_test(work, address)
    return tested.ways if tested is not None else ()
