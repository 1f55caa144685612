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


@dataclass(frozen=True, slots=True)
class Tested:
    """The last answer from an address to a test letter."""

    address: str
    at: datetime
    ways: tuple[str, ...]  # dkim, provider; none: a confirmation is asked for


def last_test(work: Work, address: str) -> Tested | None:
    """Return what the last answer from this address showed, None where there is none."""
    query = (
        select(Message.received_at, Message.proof)
        .join(LetterRow, LetterRow.id == Message.letter_id)
        .where(
            Message.from_address == address.lower(),
            LetterRow.kind == LetterKind.STAFF_TEST.value,
            Message.proof.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    found = work.session.execute(query).first()
    return (
        None if found is None else Tested(address.lower(), found[0], tuple((found[1] or {}).get("ways", ())))
    )


def usual(work: Work, address: str) -> tuple[str, ...]:
    """Return the ways in which mail from this address is known to prove itself."""
    tested = last_test(work, address)
    return tested.ways if tested is not None else ()
