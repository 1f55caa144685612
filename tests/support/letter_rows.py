"""Letters for tests of the outbox and the sender: complete rows with little to say."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.outbound.letters import Pacing
from mail_desk.store.schema import LetterRow, LetterState

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def letter(**given: Any) -> LetterRow:
    """Return a new row, queued and due at START unless told otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": "reply",
        "pacing": Pacing.ANSWER.value,
        "audience": "enterprise",
        "account": "main",
        "recipient": f"person{number}@example.net",
        "language": "zh",
        "subject": f"letter {number}",
        "message_id": f"letter-{number}@desk.example",
        "tag": f"TAG{number:07}",
        "raw": f"Message-ID: <letter-{number}@desk.example>\r\nSubject: {number}\r\n\r\nwords\r\n".encode(),
        "text": "words",
        "created_at": START,
        "not_before": START,
        "state": LetterState.QUEUED,
    }
    return LetterRow(**(values | given))


def states(session: Session) -> dict[int, str]:
    return {row.id: row.state for row in session.execute(select(LetterRow.id, LetterRow.state))}
