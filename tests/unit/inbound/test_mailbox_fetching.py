"""Fetching against servers that get it wrong. That it gets it right with good ones, the contract tests say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.clock import ManualClock
from mail_desk.config import FolderRole
from mail_desk.inbound.fetching import Fetched, Fetching, FolderState, Outline, runs

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ARRIVED = datetime(2026, 3, 1, 23, 0, tzinfo=timezone(timedelta(hours=8)))
INBOX = FolderState("INBOX", FolderRole.INBOX, 1, 3)
MIB = 1 << 20


@dataclass
class Server:
    """Answers FETCH as told; what it holds may differ from what it declares."""

    mails: dict[int, bytes | None]
    declared: dict[int, int | None] = field(default_factory=dict)
    internaldate: datetime | None = ARRIVED
    partial: bool = True
    gone: set[int] = field(default_factory=set)
    asked: list[tuple[list[int], tuple[str, ...]]] = field(default_factory=list)
    before_body: Callable[[], None] = lambda: None

    def turn_to(self, folder: FolderState) -> None:
        assert folder is INBOX

    def still_there(self, uid: int) -> bool:
        return uid not in self.gone

    def items(self, uids: Sequence[int], *what: str) -> Mapping[int, Mapping[bytes, Any]]:
        self.asked.append((list(uids), what))
        if what[0].startswith("BODY"):
            self.before_body()
        return {uid: self._items(uid, what[0]) for uid in uids if uid in self.mails and uid not in self.gone}

    def _items(self, uid: int, what: str) -> dict[bytes, Any]:
        mail = self.mails[uid]
        if what == "RFC822.SIZE":
            size = self.declared.get(uid, len(mail or b""))
            items: dict[bytes, Any] = {b"INTERNALDATE": self.internaldate}
            return items if size is None else {b"RFC822.SIZE": size, **items}
        if what == "BODY.PEEK[]" or not self.partial:
            return {b"BODY[]": mail}
        first, count = (int(n) for n in what.removeprefix("BODY.PEEK[]<").rstrip(">").split("."))
        return {f"BODY[]<{first}>".encode(): None if mail is None else mail[first : first + count]}


def fetch(server: Server, spool: Path, *, largest: int = 10 * MIB) -> list[Fetched]:
    fetching = Fetching(server, "desk", ManualClock(NOW), spool, inline_limit=1000, largest=largest)
    return list(fetching.fetch(INBOX, sorted(server.mails)))


@pytest.mark.parametrize("length", [1001, MIB - 1, MIB, MIB + 1, 2 * MIB])
@pytest.mark.parametrize("wrong_by", [-500, 0, 500, 3 * MIB])
def test_a_wrongly_declared_size_neither_cuts_nor_loops(length: int, wrong_by: int, tmp_path: Path) -> None:
    raw = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
    (fetched,) = fetch(Server({1: raw}, {1: max(1001, length + wrong_by)}), tmp_path)
    assert fetched.path is not None
    assert fetched.path.read_bytes() == raw
    assert fetched.size == length


def test_a_server_that_ignores_partial_fetches_gives_the_message_once(tmp_path: Path) -> None:
    raw = b"y" * (3 * MIB)
    (fetched,) = fetch(Server({1: raw}, partial=False), tmp_path)
    assert fetched.path is not None
    assert fetched.path.read_bytes() == raw


def test_a_message_the_server_will_not_hand_out_is_reported_and_stops_no_other(tmp_path: Path) -> None:
    server = Server({1: b"one", 2: None, 3: b"three", 4: None}, {2: 50, 4: 5000})
    found = fetch(server, tmp_path)
    assert [(f.uid, f.body, f.path, f.size) for f in found] == [
        (1, b"one", None, 3),
        (2, None, None, 50),
        (3, b"three", None, 5),
        (4, None, None, 5000),
    ]
    assert [f.sha256 == "" for f in found] == [False, True, False, True]
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.name.startswith(".")]


def test_a_message_without_a_size_is_fetched_all_the_same(tmp_path: Path) -> None:
    (fetched,) = fetch(Server({1: b"words"}, {1: None}), tmp_path)
    assert fetched.body == b"words"


def test_what_vanishes_after_its_outline_was_seen_is_not_yielded(tmp_path: Path) -> None:
    server = Server({1: b"one", 2: None, 3: None}, {3: 5000})
    server.before_body = lambda: server.gone.update({2, 3})
    assert [f.uid for f in fetch(server, tmp_path)] == [1]
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_message_that_turns_out_larger_than_the_limit_is_given_up(tmp_path: Path) -> None:
    (fetched,) = fetch(Server({1: b"z" * (4 * MIB)}, {1: 2000}), tmp_path, largest=2 * MIB)
    assert (fetched.body, fetched.path, fetched.sha256) == (None, None, "")
    assert fetched.size > 2 * MIB
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("internaldate", "expected"),
    [
        (ARRIVED, datetime(2026, 3, 1, 15, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 15, 0), datetime(2026, 3, 1, 15, 0, tzinfo=UTC)),  # noqa: DTZ001 - the point
        (None, NOW),
    ],
)
def test_arrival_is_in_utc_and_now_where_the_server_does_not_know_it(
    internaldate: datetime | None, expected: datetime, tmp_path: Path
) -> None:
    (fetched,) = fetch(Server({1: b"words"}, internaldate=internaldate), tmp_path)
    assert fetched.received_at == expected


def test_the_same_large_mail_twice_is_one_file(tmp_path: Path) -> None:
    raw = b"w" * 5000
    one, two = fetch(Server({1: raw, 2: raw}), tmp_path)
    assert one.path == two.path
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


sizes = st.lists(st.integers(0, 6 * MIB), max_size=60)


@given(sizes, st.integers(0, 2 * MIB))
def test_runs_keep_the_order_and_bound_the_bytes(declared: list[int], inline_limit: int) -> None:
    outlines = [Outline(uid, size, NOW) for uid, size in enumerate(declared)]
    split = list(runs(outlines, inline_limit))
    assert [o for run in split for o in run] == outlines
    for run in split:
        if len(run) > 1:
            assert sum(o.size for o in run) <= 4 * MIB
            assert all(o.size <= inline_limit for o in run)
