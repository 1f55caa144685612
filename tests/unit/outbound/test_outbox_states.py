"""Each row of the table of letter states in docs/guarantees.md, by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from letter_rows import START, letter
from mail_desk.outbound import outbox, uncertain
from mail_desk.outbound.letters import Pacing
from mail_desk.outbound.outbox import Leased
from mail_desk.outbound.sender import LEASE_SPARE
from mail_desk.outbound.smtp import Timeouts
from mail_desk.store.schema import LetterRow, LetterState, TicketRow
from mail_desk.store.session import Store

S = LetterState
ALL = dict.fromkeys(Pacing, 1000)
LEASE = timedelta(minutes=20)


@pytest.fixture(scope="module", name="shared")
def _shared() -> Iterator[Store]:
    store = Store("sqlite://")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def session(shared: Store) -> Iterator[Session]:
    """Give a transaction that is rolled back after the test."""
    with Session(shared.engine, expire_on_commit=False) as opened, opened.begin() as whole:
        yield opened
        whole.rollback()


def lease(session: Session, now: datetime = START, *, limit: int = 100, owner: str = "A") -> list[Leased]:
    return outbox.lease(
        session, account="main", now=now, owner=owner, limit=limit, lease_for=LEASE, allowed=ALL
    )


def put(session: Session, state: str) -> LetterRow:
    """Bring a new letter into a state by the roads that lead there."""
    row = outbox.enqueue(session, letter(state=S.REVIEW if state == S.REVIEW else S.QUEUED))
    assert row is not None
    if state in (S.SENDING, S.SENT, S.FAILED, S.UNCERTAIN):
        lease(session)
    fence = 1
    if state == S.SENT:
        assert outbox.record_sent(session, row.id, fence, reply="250", now=START)
    if state == S.FAILED:
        assert outbox.record_failed(session, row.id, fence, reply="550", now=START)
    if state == S.UNCERTAIN:
        assert outbox.record_uncertain(session, row.id, fence, reply="?", now=START)
    if state == S.CANCELLED:
        assert outbox.cancel(session, row.id, START)
    session.refresh(row)
    assert row.state == state
    return row


STATES = (S.REVIEW, S.QUEUED, S.SENDING, S.SENT, S.UNCERTAIN, S.FAILED, S.CANCELLED)
LATER = START + timedelta(hours=1)

Operation = Callable[[Session, LetterRow], bool]
OPERATIONS: dict[str, Operation] = {
    "release": lambda s, r: outbox.release(s, r.id, LATER, LATER),
    "cancel": lambda s, r: outbox.cancel(s, r.id, LATER),
    "lease": lambda s, r: r.id in [leased.id for leased in lease(s)],
    "give back": lambda s, r: outbox.give_back(s, r.id, r.fence),
    "accepted": lambda s, r: outbox.record_sent(s, r.id, r.fence, reply="250", now=LATER),
    "accepted with others": lambda s, r: (
        r.id in outbox.record_all_sent(s, [outbox.Accepted(r.id, r.fence, "250", LATER)])
    ),
    "deferred": lambda s, r: outbox.record_deferred(s, r.id, r.fence, reply="451", until=LATER),
    "refused": lambda s, r: outbox.record_failed(s, r.id, r.fence, reply="550", now=LATER),
    "no reply": lambda s, r: outbox.record_uncertain(s, r.id, r.fence, reply="", now=LATER),
    "lease over": lambda s, r: r.id in uncertain.expire_leases(s, START + LEASE),
    "found": lambda s, r: uncertain.record_searched(s, r.id, r.fence, True, LATER),
    "not found": lambda s, r: uncertain.record_searched(s, r.id, r.fence, False, LATER),
}

# What each operation does to a letter in each state; what is not here changes nothing.
TABLE: dict[tuple[str, str], str] = {
    (S.REVIEW, "release"): S.QUEUED,
    (S.REVIEW, "cancel"): S.CANCELLED,
    (S.QUEUED, "cancel"): S.CANCELLED,
    (S.QUEUED, "lease"): S.SENDING,
    (S.QUEUED, "accepted"): S.SENT,  # a late record of the last lease: better known than sent twice
    (S.SENDING, "give back"): S.QUEUED,
    (S.SENDING, "accepted"): S.SENT,
    (S.SENDING, "deferred"): S.QUEUED,
    (S.SENDING, "refused"): S.FAILED,
    (S.SENDING, "no reply"): S.UNCERTAIN,
    (S.SENDING, "lease over"): S.UNCERTAIN,
    (S.UNCERTAIN, "accepted"): S.SENT,
    (S.UNCERTAIN, "deferred"): S.QUEUED,
    (S.UNCERTAIN, "refused"): S.FAILED,
    (S.UNCERTAIN, "found"): S.SENT,
    (S.UNCERTAIN, "not found"): S.UNCERTAIN,  # the first time; the second: queued again
}
# Written one by one or many at once, it is one operation of the page.
MANY = {
    (state, "accepted with others"): after for (state, what), after in TABLE.items() if what == "accepted"
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("state", STATES)
def test_a_letter_goes_only_the_ways_the_table_knows(session: Session, state: str, operation: str) -> None:
    row = put(session, state)
    after = (TABLE | MANY).get((state, operation))
    assert OPERATIONS[operation](session, row) == (after is not None)
    session.refresh(row)
    assert row.state == (after or state)


@pytest.mark.parametrize(
    "operation",
    [
        "accepted",
        "accepted with others",
        "deferred",
        "refused",
        "no reply",
        "give back",
        "found",
        "not found",
    ],
)
@pytest.mark.parametrize("state", [S.SENDING, S.UNCERTAIN])
def test_a_result_under_an_old_fence_changes_nothing(session: Session, state: str, operation: str) -> None:
    row = put(session, state)
    session.execute(LetterRow.__table__.update().values(fence=2))  # type: ignore[attr-defined]
    assert not OPERATIONS[operation](session, row)
    session.refresh(row)
    assert row.state == state


def test_a_final_letter_is_never_leased_again(session: Session) -> None:
    for state in (S.SENT, S.FAILED, S.CANCELLED):
        put(session, state)
    assert lease(session, START + timedelta(days=400)) == []


def test_a_letter_queued_twice_under_one_key_is_queued_once(session: Session) -> None:
    assert outbox.enqueue(session, letter(dedupe="receipt:1")) is not None
    assert outbox.enqueue(session, letter(dedupe="receipt:1")) is None
    assert outbox.enqueue(session, letter(dedupe="receipt:2")) is not None


def test_a_clash_that_is_not_of_the_key_is_an_error(session: Session) -> None:
    outbox.enqueue(session, letter(dedupe="a", message_id="same@x"))
    with pytest.raises(IntegrityError):
        outbox.enqueue(session, letter(dedupe="b", message_id="same@x"))


def test_a_letter_enters_only_for_review_or_queued(session: Session) -> None:
    with pytest.raises(ValueError, match="not sent"):
        outbox.enqueue(session, letter(state=S.SENT))


def test_important_classes_go_first_and_older_letters_before_younger(session: Session) -> None:
    wanted: dict[tuple[Pacing, int], int] = {}
    for age in (0, 5, 3):
        for pacing in reversed(Pacing):
            row = outbox.enqueue(
                session, letter(pacing=pacing.value, not_before=START - timedelta(minutes=age))
            )
            assert row is not None
            wanted[pacing, age] = row.id
    order = [wanted[pacing, age] for pacing in Pacing for age in (5, 3, 0)]
    assert [leased.id for leased in lease(session)] == order


def test_the_allowance_binds_and_a_letter_of_one_class_counts_against_the_next(session: Session) -> None:
    for pacing in Pacing:
        for _ in range(5):
            outbox.enqueue(session, letter(pacing=pacing.value))
    allowed = dict(zip(Pacing, (10, 8, 8, 8), strict=True))
    taken = outbox.lease(
        session, account="main", now=START, owner="A", limit=100, lease_for=LEASE, allowed=allowed
    )
    assert [leased.pacing for leased in taken] == [Pacing.STATUTORY] * 5 + [Pacing.ANSWER] * 3


def test_what_is_held_or_put_off_or_of_another_account_waits(session: Session) -> None:
    outbox.enqueue(session, letter(not_before=START + timedelta(minutes=15), held=True))
    outbox.enqueue(session, letter(account="other"))
    assert lease(session) == []
    assert len(lease(session, START + timedelta(minutes=15))) == 1


def test_a_lease_holds_no_more_bytes_than_memory_should(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE_BYTES", 2500)
    for _ in range(3):
        outbox.enqueue(session, letter(raw=b"x" * 1000))
    assert len(lease(session)) == 2
    outbox.enqueue(session, letter(raw=b"x" * 9000, not_before=START - timedelta(days=1)))
    assert len(lease(session)) == 1, "one letter alone may be larger"


def test_a_lease_carries_the_bytes_and_the_fence(session: Session) -> None:
    row = put(session, S.QUEUED)
    (leased,) = lease(session)
    assert (leased.raw, leased.fence, leased.message_id) == (row.raw, 1, row.message_id)
    assert leased.lease_until == START + LEASE


def test_not_found_twice_apart_is_sent_again_under_the_same_message_id(session: Session) -> None:
    row = put(session, S.UNCERTAIN)
    message_id = row.message_id
    now = START + outbox.FIRST_SEARCH
    assert uncertain.uncertain_to_search(session, now - timedelta(seconds=1), account="main") == []
    (unsure,) = uncertain.uncertain_to_search(session, now, account="main")
    assert uncertain.record_searched(session, unsure.id, unsure.fence, False, now)
    assert uncertain.uncertain_to_search(session, now, account="main") == [], "the second look comes later"
    now += uncertain.SEARCH_APART
    (unsure,) = uncertain.uncertain_to_search(session, now, account="main")
    assert uncertain.record_searched(session, unsure.id, unsure.fence, False, now)
    (again,) = lease(session, now)
    assert (again.id, again.message_id, again.fence) == (row.id, message_id, 2)


def test_a_letter_that_may_have_left_cannot_be_cancelled(session: Session) -> None:
    row = put(session, S.UNCERTAIN)
    uncertain.record_searched(session, row.id, 1, False, LATER)
    uncertain.record_searched(session, row.id, 1, False, LATER)
    session.refresh(row)
    assert row.state == S.QUEUED
    assert not outbox.cancel(session, row.id, LATER)


def test_a_letter_that_was_deferred_can_still_be_cancelled(session: Session) -> None:
    row = put(session, S.SENDING)
    outbox.record_deferred(session, row.id, 1, reply="451", until=LATER)
    assert outbox.cancel(session, row.id, START)


def test_a_second_uncertainty_is_searched_twice_again(session: Session) -> None:
    row = put(session, S.UNCERTAIN)
    uncertain.record_searched(session, row.id, 1, False, LATER)
    outbox.record_deferred(session, row.id, 1, reply="late but clear", until=LATER)
    (leased,) = lease(session, LATER)
    outbox.record_uncertain(session, row.id, leased.fence, reply="", now=LATER)
    uncertain.record_searched(session, row.id, leased.fence, False, LATER)
    session.refresh(row)
    assert row.state == S.UNCERTAIN
    uncertain.record_searched(session, row.id, leased.fence, False, LATER)
    session.refresh(row)
    assert row.state == S.QUEUED


def test_a_found_letter_was_sent_when_it_became_uncertain(session: Session) -> None:
    row = put(session, S.UNCERTAIN)
    uncertain.record_searched(session, row.id, 1, True, START + timedelta(hours=2))
    session.refresh(row)
    assert (row.state, row.sent_at) == (S.SENT, START)


def test_a_sent_folder_that_cannot_be_looked_into_is_waited_for_but_not_for_ever(session: Session) -> None:
    row = put(session, S.UNCERTAIN)
    now = START
    for _ in range(5):
        now += timedelta(minutes=10)
        assert uncertain.record_searched(session, row.id, 1, None, now)
    session.refresh(row)
    assert (row.state, row.searches) == (S.UNCERTAIN, 0)
    for _ in range(2):
        now += timedelta(minutes=10)
        uncertain.record_searched(session, row.id, 1, None, now)
    session.refresh(row)
    assert row.state == S.QUEUED


def test_a_lease_ends_at_its_instant_and_not_before(session: Session) -> None:
    row = put(session, S.SENDING)
    assert uncertain.expire_leases(session, START + LEASE - timedelta(seconds=1)) == []
    assert uncertain.expire_leases(session, START + LEASE, keep={row.id}) == []
    assert uncertain.expire_leases(session, START + LEASE) == [row.id]


def test_a_process_that_is_alone_ends_the_leases_of_the_dead_at_once(session: Session) -> None:
    row = put(session, S.SENDING)
    assert uncertain.expire_leases(session, START, owner="B") == []
    assert uncertain.expire_leases(session, START, owner="B", alone=True) == [row.id]


def test_a_lease_this_process_has_dropped_ends_at_once(session: Session) -> None:
    row = put(session, S.SENDING)
    assert uncertain.expire_leases(session, START, owner="A", keep={row.id}) == []
    assert uncertain.expire_leases(session, START, owner="A") == [row.id]


def test_what_failed_or_was_cancelled_has_a_dead_tag(session: Session) -> None:
    for state in (S.FAILED, S.CANCELLED):
        assert put(session, state).tag_dead_at == START
    assert put(session, S.SENT).tag_dead_at is None


def test_of_many_accepted_letters_those_of_an_earlier_lease_are_left_alone(session: Session) -> None:
    first, second = put(session, S.SENDING), put(session, S.SENDING)
    sent = [
        outbox.Accepted(first.id, first.fence - 1, "250 late", LATER),
        outbox.Accepted(second.id, second.fence, "250 ok", LATER),
    ]
    assert outbox.record_all_sent(session, sent) == {second.id}
    session.expire_all()
    assert (first.state, first.attempts, first.last_reply) == (S.SENDING, 0, None)
    assert (second.state, second.attempts, second.last_reply) == (S.SENT, 1, "250 ok")
    assert second.sent_at == LATER
    assert second.lease_owner is None


def test_letters_of_which_nothing_follows_are_reported_without_being_looked_at(session: Session) -> None:
    plain, notice, failed = put(session, S.SENT), put(session, S.SENT), put(session, S.FAILED)
    session.add(
        TicketRow(
            id=1, number="2026-0001", state="accepted", procedure="p", procedure_version="1",
            received_at=START, language="zh", complainant_name="", complainant_address="a@example.org",
            subject="",
        )
    )  # fmt: skip
    session.flush()
    notice.notice, notice.ticket_id = "acceptance", 1
    session.flush()
    assert outbox.report_plain(session, 10) == 1
    assert outbox.report_plain(session, 10) == 0
    session.expire_all()
    assert plain.reported
    assert [row.id for row in outbox.unreported(session, 10)] == [notice.id, failed.id]


def test_ends_are_reported_once(session: Session) -> None:
    sent, failed = put(session, S.SENT), put(session, S.FAILED)
    put(session, S.UNCERTAIN)
    assert [row.id for row in outbox.unreported(session, 10)] == [sent.id, failed.id]
    outbox.mark_reported(session, [sent.id])
    assert [row.id for row in outbox.unreported(session, 10)] == [failed.id]
    outbox.mark_reported(session, [])


def test_a_day_counts_what_was_sent_and_what_may_have_been(session: Session) -> None:
    put(session, S.SENT)
    put(session, S.UNCERTAIN)
    put(session, S.FAILED)
    put(session, S.QUEUED)
    day = timedelta(days=1)
    assert outbox.sent_on(session, "main", START - day, START) == {
        Pacing.STATUTORY: 0, Pacing.ANSWER: 1, Pacing.CONFIRMATION: 0, Pacing.BUNDLE: 0,
    }  # fmt: skip
    assert outbox.sent_on(session, "main", START, START + day)[Pacing.ANSWER] == 2
    assert sum(outbox.sent_on(session, "other", START, START + day).values()) == 0


def test_the_next_instant_is_that_of_the_earliest_letter(session: Session) -> None:
    assert outbox.next_instant(session, "main") is None
    outbox.enqueue(session, letter(not_before=LATER))
    assert outbox.next_instant(session, "main") == LATER


def test_the_page_of_guarantees_holds_exactly_this_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guarantees.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z]+)` \| ([a-z ]+) \| `([a-z]+)` \|", page, re.MULTILINE)
    assert {(before, what): after for before, what, after in rows} == TABLE
    assert len(rows) == len(TABLE)
    states = page.partition("## States")[2].partition("## Transitions")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", states, re.MULTILINE)) == set(STATES)
    lease = Timeouts().longest / 60 + LEASE_SPARE / timedelta(minutes=1)
    assert f"when the lease ends on PostgreSQL ({lease:.0f} minutes)" in page
