"""Near tickets are found by an index, in a bounded number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from mail_desk.desk import near
from mail_desk.store.schema import Enclosure, Message, TicketRow
from mail_desk.store.session import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MANY = 3000


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    store = Store(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    store.migrate()
    with store.write() as opened:
        _fill(opened)
        yield opened
    store.close()


def _fill(session: Session) -> None:
    """Write tickets of a hundred enterprises over three years, each with a mail and a file."""
    tickets, mails, files = [], [], []
    for n in range(1, MANY + 1):
        at = NOW - timedelta(hours=n * 8)
        tickets.append(
            {
                "id": n, "number": f"2026-{n:04d}", "state": "received", "procedure": "p", "procedure_version": "1",
                "received_at": at, "enterprise": f"e{n % 100}", "language": "zh", "complainant_name": "",
                "complainant_address": f"a{n}@x.example", "subject": "投诉", "last_seq": 0, "last_hash": "",
                "hidden_from": ["li"] if n == 100 else [], "channel": "mail",
            }
        )  # fmt: skip
        mails.append(
            {
                "id": n, "account": "a", "folder": "INBOX", "role": "inbox", "uidvalidity": 1, "uid": n,
                "received_at": at, "spooled_at": at, "state": "done", "ticket_id": n, "filed_as": "opened",
                "new_text": f"关于第{n}件事：{chr(0x4E00 + n) * 3}停水停电影响生产请协调解决",
            }
        )  # fmt: skip
        files.append({"sha256": f"{n % 200:064d}", "message_id": n})
    session.execute(insert(TicketRow), tickets)
    session.execute(insert(Message), mails)
    session.execute(insert(Enclosure), files)


def _arrival(session: Session, *, enterprise: str | None, digest: str, words: str) -> tuple[Any, Any]:
    row = TicketRow(
        number="2026-9999", state="received", procedure="p", procedure_version="1", received_at=NOW,
        enterprise=enterprise, language="zh", complainant_name="", complainant_address="new@x.example", subject="",
    )  # fmt: skip
    file = {
        "filename": "a.pdf",
        "content_type": "application/pdf",
        "size": 9,
        "sha256": digest,
        "inline": False,
    }
    message = Message(
        account="a", folder="INBOX", role="inbox", uidvalidity=1, uid=99999, received_at=NOW, spooled_at=NOW,
        state="spooled", new_text=words, attachments=[file],
    )  # fmt: skip
    session.add_all([row, message])
    session.flush()
    return SimpleNamespace(row=row), message


def _find(session: Session, case: Any, message: Any, *, readers: set[str], known: bool = False) -> list[str]:
    work: Any = SimpleNamespace(session=session)
    return [n.row.number for n in near.find(work, case, message, readers=readers, known=known)]


def test_the_same_file_within_ninety_days_is_found_and_older_ones_are_not(session: Session) -> None:
    case, message = _arrival(session, enterprise=None, digest=f"{150:064d}", words="")
    assert _find(session, case, message, readers={"wang"}) == ["2026-0150"], "350 is 117 days old"


def test_the_same_words_of_the_same_enterprise_are_found(session: Session) -> None:
    words = f"您好，关于第7件事：{chr(0x4E00 + 7) * 3}停水停电影响生产，请协调解决！"
    case, message = _arrival(session, enterprise="e7", digest="0", words=words)
    assert _find(session, case, message, readers={"wang"}) == ["2026-0007"]
    case.row.enterprise = "e9"
    assert _find(session, case, message, readers={"wang"}) == [], "another enterprise says it in its own name"


def test_nobody_hears_of_a_ticket_that_is_hidden_from_him(session: Session) -> None:
    case, message = _arrival(session, enterprise=None, digest=f"{100:064d}", words="")
    assert _find(session, case, message, readers={"wang"}) == ["2026-0100"]
    assert _find(session, case, message, readers={"wang", "li"}) == []


def test_no_question_reads_a_whole_table(session: Session) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    case, message = _arrival(
        session, enterprise="e7", digest=f"{7:064d}", words="停水停电影响生产请协调解决此事"
    )
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    _find(session, case, message, readers={"wang"}, known=True)
    event.remove(engine, "before_cursor_execute", note)
    selects = [(s, p) for s, p in asked if s.startswith("SELECT")]
    assert len(selects) == 3
    session.execute(text("ANALYZE"))
    for statement, parameters in selects:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        steps = [row[3] for row in plan]
        assert not [s for s in steps if s.startswith("SCAN")], steps
