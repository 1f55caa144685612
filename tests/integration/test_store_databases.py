"""The same store on SQLite and PostgreSQL: migrations, savepoints, leases of several daemons."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from letter_rows import START, letter
from mail_desk.outbound import outbox, pauses, uncertain
from mail_desk.outbound.letters import Pacing
from mail_desk.store.schema import LetterRow, LetterState, Meta, Moment, Row
from mail_desk.store.session import Store

ALL = dict.fromkeys(Pacing, 1000)
LEASE = timedelta(minutes=20)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    opened.migrate()
    yield opened
    opened.close()


def lease(store: Store, owner: str, limit: int, now_after: timedelta = timedelta()) -> list[outbox.Leased]:
    with store.write() as session:
        return outbox.lease(
            session, account="main", now=START + now_after, owner=owner, limit=limit, lease_for=LEASE,
            allowed=ALL,
        )  # fmt: skip


def test_the_migrations_make_exactly_the_tables_of_the_schema(store: Store) -> None:
    store.migrate()  # again: nothing to do
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []


def test_a_call_that_was_planned_by_an_older_version_waits_for_a_worklist(store: Store) -> None:
    planned = {"due_at": START, "data": {"letter": 1}, "state": "pending"}
    with store.write() as session:
        session.add(Moment(key="confirm/1", action="confirm", **planned))
        session.add(Moment(key="idle/1", action="idle", **planned))
        session.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    store.migrate()
    with store.read() as session:
        states = {moment.key: moment.state for moment in session.scalars(select(Moment))}
    assert states == {"confirm/1": "waiting", "idle/1": "pending"}


def test_several_daemons_may_start_at_once(store_url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        store = Store(store_url)
        try:
            store.migrate()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_key_queued_by_two_daemons_at_once_is_queued_once(store: Store) -> None:
    second = Store(store.url.render_as_string(hide_password=False))
    results: list[object] = []

    def queue(one: Store) -> None:
        with one.write() as session:
            results.append(outbox.enqueue(session, letter(dedupe="receipt:1")))

    other = threading.Thread(target=queue, args=(second,))
    with store.write() as session:
        results.append(outbox.enqueue(session, letter(dedupe="receipt:1")))
        other.start()
        other.join(0.3)  # it waits for this transaction's fate
    other.join()
    second.close()
    assert sorted(result is None for result in results) == [False, True]
    with store.read() as session:
        assert len(session.scalars(select(LetterRow)).all()) == 1


def test_leases_of_two_daemons_never_overlap(store: Store) -> None:
    with store.write() as session:
        for _ in range(100):
            outbox.enqueue(session, letter())
    second = Store(store.url.render_as_string(hide_password=False))
    taken: dict[str, list[int]] = {"A": [], "B": []}

    def work(one: Store, owner: str) -> None:
        while batch := lease(one, owner, 7):
            taken[owner] += [leased.id for leased in batch]

    other = threading.Thread(target=work, args=(second, "B"))
    other.start()
    work(store, "A")
    other.join()
    second.close()
    assert len(taken["A"]) + len(taken["B"]) == len({*taken["A"], *taken["B"]}) == 100


def test_an_open_lease_does_not_hold_up_another_daemon(store: Store) -> None:
    if store.dialect == "sqlite":
        return  # one writer at a time, and one process: nobody to hold up
    with store.write() as session:
        for _ in range(4):
            outbox.enqueue(session, letter())
    with store.write() as session:
        mine = outbox.lease(
            session, account="main", now=START, owner="A", limit=2, lease_for=LEASE, allowed=ALL
        )
        theirs = lease(store, "B", 4)  # while ours is not committed
    assert len(mine) == len(theirs) == 2
    assert not {leased.id for leased in mine} & {leased.id for leased in theirs}


def test_a_suspended_sender_cannot_undo_what_others_have_done_since(store: Store) -> None:
    with store.write() as session:
        outbox.enqueue(session, letter())
    (old,) = lease(store, "A", 1)
    now = START + LEASE
    with store.write() as session:
        assert uncertain.expire_leases(session, now) == [old.id]
        for _ in range(2):
            now += uncertain.SEARCH_APART
            assert uncertain.record_searched(session, old.id, old.fence, False, now)
    (new,) = lease(store, "B", 1, timedelta(hours=1))
    with store.write() as session:
        assert not outbox.record_failed(session, old.id, old.fence, reply="late", now=now)
        assert not outbox.record_sent(session, old.id, old.fence, reply="late", now=now)
        assert outbox.record_sent(session, new.id, new.fence, reply="250", now=now)
    with store.read() as session:
        assert session.get_one(LetterRow, new.id).state == LetterState.SENT


def test_a_savepoint_keeps_the_rest_of_a_batch(store: Store) -> None:
    with store.write() as session:
        session.add(Meta(name="kept", value=""))
        session.flush()
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(Meta.__table__.insert(), [{"name": "kept", "value": "twice"}])  # type: ignore[attr-defined]
    with store.read() as session:
        assert session.get_one(Meta, "kept").value == ""


def test_a_pause_is_kept_replaced_and_forgotten(store: Store) -> None:
    first = pauses.Pause(START, 1, "tls-failed")
    second = pauses.Pause(START + LEASE, 2, "credentials-refused")
    for pause in (first, second):
        with store.write() as session:
            pauses.keep(session, "main", pause)
    with store.write() as session:
        assert pauses.kept(session, "main") == second
        assert pauses.kept(session, "other") is None
        pauses.forget(session, "main")
        assert pauses.kept(session, "main") is None


def test_the_outbox_asks_by_index_alone(store: Store) -> None:
    """A year of sent letters must not slow down the next one."""
    with store.write() as session:
        for number in range(300):
            state = LetterState.QUEUED if number % 100 == 0 else LetterState.SENT
            outbox.enqueue(session, letter()) if state == LetterState.QUEUED else session.add(
                letter(state=state, sent_at=START, reported=True)
            )
    if store.dialect != "sqlite":
        return  # on so few rows PostgreSQL rightly scans; its indexes are the same
    wanted = {
        "SELECT id FROM letter WHERE account='main' AND state='queued' AND pacing='answer' "
        "AND not_before<='2027' ORDER BY not_before, id": "ix_letter_lease",
        "SELECT id FROM letter WHERE state='sending' AND (lease_until<='2027' OR lease_owner='A')": "ix_letter_due",
        "SELECT id FROM letter WHERE reported=0 AND state IN ('sent','failed') ORDER BY id": "ix_letter_reported",
    }
    with store.engine.connect() as connection:
        for query, index in wanted.items():
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
            assert index in plan, plan
