"""What a JSON column gives back: its value, or an error. Never the end of a result, as if no more rows had come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.orm import Session

from mail_desk.store.schema import Message, Moment, Row

values = st.recursive(  # what events hold
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)


def moments(*kept: str) -> list[object]:
    """Return what is read of moments whose data is kept as these texts."""
    engine = create_engine("sqlite://")
    Row.metadata.create_all(engine, tables=[Row.metadata.tables["ticket"], Row.metadata.tables["moment"]])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with engine.begin() as connection:
        for n, words in enumerate(kept):
            row = {"key": str(n), "due_at": at, "action": "x", "data": {}, "state": "done"}
            connection.execute(insert(Moment), row)
            connection.execute(
                text("UPDATE moment SET data = :kept WHERE key = :key"), {"kept": words, "key": str(n)}
            )
        return [data for (data,) in connection.execute(select(Moment.data).order_by(Moment.id))]


@given(values)
def test_it_reads_what_was_written(value: object) -> None:
    assert moments(json.dumps(value), json.dumps(value, indent=1) + "\n") == [value, value]


@pytest.mark.parametrize("damaged", ["", "{", "nothing", '{"a": 1} and more', '{"a": }'])
def test_damaged_json_is_an_error_and_hides_no_row(damaged: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        moments('{"a": 1}', damaged, '{"b": 2}')


def test_what_was_never_said_is_null_to_a_query_too() -> None:
    engine = create_engine("sqlite://")
    Row.metadata.create_all(engine)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with Session(engine) as session:
        said: list[dict[str, Any]] = [{}, {"proof": None}, {"proof": {"by": "dkim"}}]
        for uid, proof in enumerate(said):
            session.add(
                Message(
                    account="desk",
                    folder="INBOX",
                    role="inbox",
                    uidvalidity=1,
                    uid=uid,
                    received_at=at,
                    spooled_at=at,
                    state="done",
                    from_address="",
                    from_name="",
                    subject="",
                    **proof,
                )
            )
        session.commit()
        assert session.scalars(select(Message.proof).where(Message.proof.is_not(None))).all() == [
            {"by": "dkim"}
        ]
