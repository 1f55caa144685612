"""Searching thousands of tickets on both databases: the same answer as a plain look, and quick enough."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from mail_desk.desk import searching
from mail_desk.reports.reading import visible
from mail_desk.store.schema import Message, Row, TicketRow, Words

TICKETS = 4000
SECONDS = (
    5.0  # one word among four thousand tickets: 0.1 to 0.2 on a quiet machine of 2026, this one may be busy
)
BEGIN = datetime(2026, 1, 5, 1, tzinfo=UTC)
CHARACTERS = "我公司厂区停水停电退税审批许可证办理迟延请贵局协调供电部门尽快答复为盼商务税务海关土地规划环保消防用工社保银行贷款"


def fill(session: Session, letters: random.Random) -> dict[int, str]:
    """Put in tickets with two mails and a note each; return every text that may be searched, by ticket."""

    def text(length: int) -> str:
        return "".join(letters.choices(CHARACTERS, k=length))

    texts: dict[int, str] = {}
    tickets, mails, words = [], [], []
    for n in range(1, TICKETS + 1):
        at = BEGIN + timedelta(minutes=30 * n)
        subject, first, second, note = text(15), text(600), text(300), text(60)
        if n % 500 == 7:
            second += "稀土"
        tickets.append(
            {"id": n, "number": f"2026-{n:04d}", "state": "received", "procedure": "p", "procedure_version": "1", "received_at": at, "language": "zh", "channel": "mail", "complainant_name": "", "complainant_address": f"c{n}@e.example", "subject": subject, "hidden_from": ["li"] if n % 1000 == 7 else [], "last_seq": 0, "last_hash": "", "sealed_seq": 0}
        )  # fmt: skip
        for k, body in enumerate((first, second)):
            mails.append(
                {"account": "a", "folder": "INBOX", "role": "inbox", "uidvalidity": 1, "uid": 2 * n + k, "received_at": at, "spooled_at": at, "state": "done", "attempts": 1, "ticket_id": n, "filed_as": "opened", "new_text": body, "verified": False, "attachments": [], "defects": []}
            )  # fmt: skip
        words.append({"ticket_id": n, "salt": "s", "text": note})
        texts[n] = f"{subject}\n{first}\n{second}\n{note}"
    session.execute(insert(TicketRow), tickets)
    session.execute(insert(Message), mails)
    session.execute(insert(Words), words)
    session.commit()
    return texts


@pytest.fixture
def filled(store_url: str) -> Any:
    engine = create_engine(store_url)
    Row.metadata.create_all(engine)
    session = Session(engine)
    try:
        yield session, fill(session, random.Random(20260105))
    finally:
        session.close()
        engine.dispose()


def test_two_characters_are_found_among_thousands_of_tickets_as_a_plain_look_finds_them(filled: Any) -> None:
    session, texts = filled
    work: Any = SimpleNamespace(session=session, settings=SimpleNamespace(enterprises=()))
    hidden = {n for n in texts if n % 1000 == 7}
    for term in ("稀土", "退税", "许可", "停电退", "没有"):
        expected = {n for n, text in texts.items() if term in text} - hidden
        begun = time.perf_counter()
        found = searching.holding(work, term, visible("li"))
        took = time.perf_counter() - begun
        assert found == expected, term
        assert took < SECONDS, f"{term}: {took:.2f} s"
    assert len(searching.holding(work, "稀土", visible(None))) == 8
