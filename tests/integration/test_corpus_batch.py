"""Real mail beside the checkout (../shared/corpus, where present), drained by the real command from Dovecot.

Every message is accounted for, none is lost, and a second run changes nothing. The mails stay on loopback:
what the desk answers goes into a sink. All whole messages of the corpus take part.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

import dovecot as dovecot_server
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.store import ledger
from mail_desk.store.schema import LetterRow, Message, MessageState, Row
from mail_desk.store.session import Store

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.skipif(
        not (CORPUS / "expect.jsonl").is_file(), reason=f"no real mail at {CORPUS}: NOT CHECKED"
    ),
    pytest.mark.slow,
]

ON_A_TICKET = {"opened", "follow-up", "supplement"}
WITHOUT_A_TICKET = {"automatic", "bounce", "bounce-unproven", "own", "by-hand-unrelated"}


def corpus() -> list[bytes]:
    lines = (CORPUS / "expect.jsonl").read_text(encoding="utf-8").splitlines()
    expected = map(json.loads, lines)
    files = dict.fromkeys(e["file"] for e in expected if e["kind"] == "mail")
    return [raw for raw in ((CORPUS / file).read_bytes() for file in files) if raw]


def run_once(config: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mail_desk", "--log-level", "error", "run", "--once", "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]


def picture(store: Store) -> dict[str, object]:
    """Return everything a further run could change."""
    with store.read() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Row.metadata.sorted_tables
        }
        letters = session.execute(select(LetterRow.id, LetterRow.state, LetterRow.attempts)).all()
        messages = session.execute(select(Message.id, Message.state, Message.filed_as)).all()
        return {
            "counts": counts,
            "letters": sorted(map(tuple, letters)),
            "messages": sorted(map(tuple, messages), key=str),
            "head": ledger.head(session),
        }


def test_every_real_mail_is_accounted_for_and_a_second_run_changes_nothing(
    dovecot: dovecot_server.Dovecot, tmp_path: Path
) -> None:
    address = "corpus@desk.example"
    dovecot.add_user(address, office.PASSWORD)
    url = f"sqlite:///{tmp_path}/store.sqlite"
    with EmbeddedServers(lambda: datetime.now(UTC)) as sink:
        sink.add_user(address, office.PASSWORD)
        servers = office.Servers(
            dovecot_server.Dovecot.host,
            dovecot.imaps_port,
            sink.host,
            sink.smtp_port,
            imap_security="tls",
            ca_file=str(dovecot.ca_file),
        )
        config = office.write(tmp_path / "config", servers, store=url, address=address, per_day=50_000)
        run_once(config)  # opens the empty mailbox: what comes now is new
        now = datetime.now(UTC).replace(microsecond=0)
        dovecot.append_all(address, [(raw, now) for raw in corpus()])
        held = [raw for raw, _ in dovecot.messages(address)]
        assert len(held) == len(corpus()) > 1000
        run_once(config)
        store = Store(url)
        try:
            _accounted(store, held)
            first = picture(store)
            run_once(config)
            assert picture(store) == first
        finally:
            store.close()


def _accounted(store: Store, held: list[bytes]) -> None:
    with store.read() as session:
        rows = list(session.scalars(select(Message)))
        recipients = Counter(session.scalars(select(LetterRow.kind)))
    assert len(rows) == len(held)
    assert Counter(r.raw_sha256 for r in rows) == Counter(hashlib.sha256(raw).hexdigest() for raw in held)
    for row in rows:
        if row.state == MessageState.QUARANTINED:
            assert row.failure
            continue
        assert row.state == MessageState.DONE, (row.id, row.state)
        if row.filed_as == "duplicate":
            assert row.duplicate_of is not None
        elif row.filed_as in ON_A_TICKET:
            assert row.ticket_id is not None
        else:
            assert row.filed_as in WITHOUT_A_TICKET, row.filed_as
            assert row.reason
    quarantined = [r.failure for r in rows if r.state == MessageState.QUARANTINED]
    assert len(quarantined) <= len(rows) // 100, quarantined
    filed = Counter(row.filed_as for row in rows)
    assert filed["opened"] > 100
    assert recipients["receipt"] < filed["opened"], "bulk mail and bounces are not answered"
