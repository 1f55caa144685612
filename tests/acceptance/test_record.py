"""The record is evidence: `mail-desk verify` on copies of a store that somebody has worked over."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from mail_desk.cli import app
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store import desk_chain, seals
from told import complain

Tamper = Callable[[sqlite3.Connection], object]


def change(db: sqlite3.Connection) -> None:
    db.execute("UPDATE event SET actor = 'li' WHERE seq = 3 AND ticket_id = 1")


def change_what_it_says(db: sqlite3.Connection) -> None:
    data = json.loads(db.execute("SELECT data FROM event WHERE ticket_id = 1 AND seq = 2").fetchone()[0])
    data[next(iter(data))] = "li"
    db.execute("UPDATE event SET data = ? WHERE ticket_id = 1 AND seq = 2", (json.dumps(data),))


def change_when_it_was(db: sqlite3.Connection) -> None:
    db.execute("UPDATE event SET at = '2026-02-01 00:00:00.000000' WHERE ticket_id = 1 AND seq = 1")


def remove_one(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM event WHERE ticket_id = 1 AND seq = 2")


def remove_one_and_close_the_gap(db: sqlite3.Connection) -> None:
    remove_one(db)
    db.execute("UPDATE event SET seq = seq - 1000 WHERE ticket_id = 1 AND seq > 2")
    db.execute("UPDATE event SET seq = seq + 999 WHERE ticket_id = 1 AND seq < 0")


def remove_the_last(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM event WHERE ticket_id = 1 AND seq = (SELECT last_seq FROM ticket WHERE id = 1)")


def remove_all(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM event WHERE ticket_id = 1")


def swap_two(db: sqlite3.Connection) -> None:
    for old, new in ((2, -1), (3, 2), (-1, 3)):
        db.execute("UPDATE event SET seq = ? WHERE ticket_id = 1 AND seq = ?", (new, old))


def swap_two_and_their_links(db: sqlite3.Connection) -> None:
    second, third = (
        db.execute("SELECT previous, hash FROM event WHERE ticket_id = 1 AND seq = ?", (n,)).fetchone()
        for n in (2, 3)
    )
    swap_two(db)
    for seq, (previous, own) in ((2, second), (3, third)):
        db.execute(
            "UPDATE event SET previous = ?, hash = ? WHERE ticket_id = 1 AND seq = ?", (previous, own, seq)
        )


def give_to_another_ticket(db: sqlite3.Connection) -> None:
    db.execute("UPDATE event SET ticket_id = 2, seq = 99 WHERE ticket_id = 1 AND seq = 2")


TAMPERED: dict[Tamper, int] = {  # the event at which the chain breaks
    change: 3,
    change_what_it_says: 2,
    change_when_it_was: 1,
    remove_one: 2,
    remove_one_and_close_the_gap: 2,
    remove_the_last: 0,
    remove_all: 1,
    swap_two: 2,
    swap_two_and_their_links: 2,
    give_to_another_ticket: 2,
}


def verify(directory: Path, *options: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["verify", "--config", str(directory / "config"), *options])
    structlog.reset_defaults()  # the command line had it write to the runner's own, now closed, output
    return found.exit_code, found.output


@pytest.fixture
def written(play: Any, tmp_path: Path) -> Path:
    """A store with two tickets and some events each, sealed the morning after."""

    async def story(world: World) -> None:
        new = await complain(world)
        world.write("office@glass.example", "另一件", "重复收费，请处理。")
        world.reply(office.WANG, new, "#受理\n#备注 已电话联系")
        await world.minutes(20)
        await world.minutes(24 * 60)

    play(story)
    return tmp_path


def copy_of(written: Path, work: Tamper) -> Path:
    target = written / "copies" / work.__name__
    for name in ("config", "data"):
        shutil.copytree(written / name, target / name)
    database = sqlite3.connect(target / "data" / "mail-desk.db")
    with database:
        work(database)
    database.close()
    return target


def _nothing(_: sqlite3.Connection) -> None:
    pass


def test_verify_finds_a_changed_a_removed_and_a_reordered_event(written: Path) -> None:
    code, fine = verify(copy_of(written, _nothing))
    assert code == 0
    assert re.fullmatch(r"2 ticket\(s\), \d+ event\(s\) checked\nhead [0-9a-f]{64}\n", fine)
    for work, at in TAMPERED.items():
        code, said = verify(copy_of(written, work))
        assert code == 1, f"{work.__name__} was not found"
        assert f"2026-0001: the chain breaks at event {at or ''}" in said, (work.__name__, said)


def _rewrite(db: sqlite3.Connection) -> None:
    """Change an event and compute every hash anew, as somebody can who knows this program."""
    change(db)
    previous = ""
    rows = db.execute(
        "SELECT seq, type, at, recorded_at, actor, cause, data FROM event WHERE ticket_id = 1 ORDER BY seq"
    ).fetchall()
    for seq, type_name, at, recorded_at, actor, cause, data in rows:
        content = {
            "ticket": 1, "seq": seq, "type": type_name, "at": _iso(at), "recorded_at": _iso(recorded_at),
            "actor": actor, "cause": cause, "data": json.loads(data),
        }  # fmt: skip
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        own = hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()
        db.execute(
            "UPDATE event SET previous = ?, hash = ? WHERE ticket_id = 1 AND seq = ?", (previous, own, seq)
        )
        previous = own
    db.execute("UPDATE ticket SET last_hash = ? WHERE id = 1", (previous,))


def _iso(stored: str) -> str:
    day, _, clock = stored.partition(" ")
    return f"{day}T{clock.removesuffix('.000000')}+00:00"


def _remove_a_ticket(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM event WHERE ticket_id = 1")
    db.execute("DELETE FROM ticket WHERE id = 1")


def test_verify_finds_a_ticket_that_was_removed_with_all_its_events(written: Path) -> None:
    code, said = verify(copy_of(written, _remove_a_ticket))
    assert code == 1
    assert "2026-0001 is missing" in said


def head_in(said: str) -> str:
    return said.rpartition("head ")[2].strip()


def test_a_chain_written_anew_from_end_to_end_is_told_by_the_seal_of_the_day(written: Path) -> None:
    code, said = verify(copy_of(written, _rewrite))
    assert code == 1
    assert "seal of 2026-03-03: ticket 2026-0001: an event up to" in said
    assert "is not what it was" in said


def _rewrite_with_the_seals(db: sqlite3.Connection) -> None:
    """Change an event, its chain and every seal: all that lies in the database fits again."""
    _rewrite(db)
    previous = ""
    for number, day, chains in db.execute("SELECT number, day, chains FROM seal ORDER BY number").fetchall():
        lines = []
        for line in chains.splitlines():
            ticket, seq, kept = line.split(" ")
            if ticket == desk_chain.NAME:  # of what belongs to no ticket; left as it was
                lines.append(f"{ticket} {seq} {kept}")
                continue
            query = "SELECT e.hash FROM event e JOIN ticket t ON t.id = e.ticket_id WHERE t.number = ? AND e.seq = ?"
            lines.append(f"{ticket} {seq} {db.execute(query, (ticket, seq)).fetchone()[0]}")
        own = hashlib.sha256("\n".join((previous, day, "\n".join(lines))).encode()).hexdigest()
        db.execute(
            "UPDATE seal SET chains = ?, previous = ?, hash = ? WHERE number = ?",
            ("\n".join(lines), previous, own, number),
        )
        previous = own


def test_a_record_written_anew_with_its_seals_is_told_by_the_head_that_was_printed_before(
    written: Path,
) -> None:
    printed = head_in(verify(copy_of(written, _nothing))[1])
    forged = copy_of(written, _rewrite_with_the_seals)
    code, said = verify(forged)
    assert code == 0, "all fits: only who kept the head can tell"
    assert head_in(said) != printed
    code, said = verify(forged, "--head", printed[:16])
    assert code == 1
    assert f"no day of this store has the head {printed[:16]}" in said


def test_a_head_printed_earlier_proves_the_record_up_to_its_day_however_much_came_after(
    play: Any, tmp_path: Path
) -> None:
    heads: list[str] = []

    async def story(world: World) -> None:
        new = await complain(world)
        await world.minutes(24 * 60)
        with world.daemon.store.read() as session:
            heads.append(seals.head(session))
        world.reply(office.WANG, new, "#受理")
        await world.minutes(20)
        await world.minutes(24 * 60)

    play(story)
    code, said = verify(tmp_path, "--head", heads[0][:16])
    assert code == 0, said
    assert "the record up to 2026-03-03 is as it was" in said
    assert head_in(said) != heads[0]


def test_a_head_that_is_none_is_refused_with_what_was_expected(written: Path) -> None:
    for wrong in ("12345", "zzzzzzzzzzzzzzzz"):
        code, said = verify(written, "--head", wrong)
        assert code == 2
        assert "at least 12 of a digest's digits" in said


def change_a_text(db: sqlite3.Connection) -> None:
    db.execute("UPDATE words SET text = text || '!' WHERE id = (SELECT min(id) FROM words)")


def remove_a_text(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM words WHERE id = (SELECT min(id) FROM words)")


def empty_a_text_as_if_erased(db: sqlite3.Connection) -> None:
    db.execute("UPDATE words SET text = '', salt = '' WHERE id = (SELECT min(id) FROM words)")


def empty_a_mail_as_if_erased(db: sqlite3.Connection) -> None:
    db.execute("UPDATE raw SET body = x'' WHERE sha256 = (SELECT min(raw_sha256) FROM message)")


def change_a_letter(db: sqlite3.Connection) -> None:
    db.execute("UPDATE letter SET raw = CAST(raw || 'x' AS BLOB) WHERE kind = 'acceptance'")


def change_a_mail(db: sqlite3.Connection) -> None:
    db.execute(
        "UPDATE raw SET body = CAST(body || 'x' AS BLOB) WHERE sha256 = (SELECT min(raw_sha256) FROM message)"
    )


def exchange_a_mail(db: sqlite3.Connection) -> None:
    first, second = (r[0] for r in db.execute("SELECT raw_sha256 FROM message ORDER BY id LIMIT 2"))
    db.execute("UPDATE message SET raw_sha256 = ? WHERE raw_sha256 = ?", (second, first))


def remove_a_seal(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM seal WHERE number = 1")


BEHIND: dict[Tamper, str] = {
    change_a_text: "the text of event",
    remove_a_text: "the text of event",
    empty_a_text_as_if_erased: "the text of event",
    empty_a_mail_as_if_erased: "is not what came",
    change_a_letter: "is not what was queued",
    change_a_mail: "is not what came",
    exchange_a_mail: "is not the one that came",
    remove_a_seal: "the seal before that of",
}


def test_verify_finds_a_text_a_mail_a_letter_and_a_seal_that_are_not_what_they_were(written: Path) -> None:
    for work, expected in BEHIND.items():
        code, said = verify(copy_of(written, work))
        assert code == 1, f"{work.__name__} was not found"
        assert expected in said, (work.__name__, said)
