"""A missing server is never passed over in silence (tests/conftest.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
# Runs one test of Dovecot in a process that believes there is none.
PROGRAM = f"""
import sys
sys.path.insert(0, {str(TESTS / "support")!r})
import dovecot, pytest
dovecot.lacking = lambda: "Dovecot"
sys.exit(pytest.main([{str(TESTS / "integration" / "test_servers.py")!r}, "-k", "keeps_bytes"]))
"""


def run_without_dovecot(required: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=TESTS.parent,
        env={**os.environ, "MAIL_DESK_REQUIRE_SERVERS": required, "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_a_missing_server_leaves_out_is_said_in_the_last_lines() -> None:
    done = run_without_dovecot("")
    assert done.returncode == 0, done.stdout
    last = done.stdout.strip().splitlines()[-3:]
    assert any(line.startswith("LEFT OUT: 1 tests, as this machine lacks Dovecot;") for line in last), last
    assert "1 skipped" in last[-1]


def test_a_missing_server_fails_where_servers_are_required() -> None:
    done = run_without_dovecot("1")
    assert done.returncode == 1, done.stdout
    assert "lacks Dovecot" in done.stdout
