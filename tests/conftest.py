"""What every test may ask for: real servers, and a store on each database.

A machine without a server runs the other tests and says loudly, in the last lines, what it left out.
With MAIL_DESK_REQUIRE_SERVERS=1 (as `.ci/run` sets it) nothing may be left out: it fails instead.

    dovecot      a running Dovecot, see tests/support/dovecot.py
    postfix      a running Postfix that delivers to it, see tests/support/postfix.py
    postgres     a running PostgreSQL, see tests/support/postgres.py
    store_url    the URL of an empty database; the test runs once for SQLite, once for PostgreSQL
    leave_out    a function: call it with what is missing, where a test needs something else
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
import structlog

import dovecot as dovecot_server
import postfix as postfix_server
import postgres as postgres_server
import servers

# No deadline: a busy machine is slow, and that is no defect. Where nothing may be left out the examples
# are the same at every run; elsewhere each run looks for new ones.
REQUIRED = os.environ.get("MAIL_DESK_REQUIRE_SERVERS", "") not in ("", "0")
hypothesis.settings.register_profile("house", deadline=None, derandomize=REQUIRED)
hypothesis.settings.load_profile("house")

_MARK = "LEFT OUT: "
_SERVERS = {"dovecot", "postfix", "postgres"}


def leave_out(lacking: str) -> NoReturn:
    """Skip this test because the machine lacks something; fail it where nothing may be left out."""
    if REQUIRED:
        pytest.fail(f"this machine lacks {lacking}, and MAIL_DESK_REQUIRE_SERVERS is set", pytrace=False)
    pytest.skip(f"{_MARK}{lacking}")


def _need(lacking: str) -> None:
    if lacking := lacking or servers.lacking():
        leave_out(lacking)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command under test set up for the process's logging."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session", name="leave_out")
def _leave_out() -> Any:
    return leave_out


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_server.Dovecot]:
    """Give one server for this worker's whole session: use an address of your own for each test."""
    _need(dovecot_server.lacking())
    with dovecot_server.running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def _postfix(dovecot: dovecot_server.Dovecot) -> Iterator[postfix_server.Postfix]:
    _need(postfix_server.lacking())
    with postfix_server.running_postfix(dovecot) as server:
        yield server


@pytest.fixture
def postfix(_postfix: postfix_server.Postfix) -> postfix_server.Postfix:
    """Give one server for this worker's whole session, whose line to Dovecot is alive."""
    _postfix.meet_dovecot()
    return _postfix


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    _need(postgres_server.lacking())
    with postgres_server.running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the SQLAlchemy URL of an empty database, gone after the test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite"
        return
    server: postgres_server.Postgres = request.getfixturevalue("postgres")
    url = server.url()
    yield url
    server.drop(url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a real server, so that `-m "not servers"` means it."""
    for item in items:
        if _SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let no test with a real server be skipped, for whatever reason, where servers are required."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("servers"):
        report.outcome = "failed"
        report.longrepr = f"skipped although MAIL_DESK_REQUIRE_SERVERS is set: {report.longrepr}"
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say in the very last lines what was not tested here, and how to have it tested."""
    yield
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _, mark, lacking = reason.partition(_MARK)
        if mark:
            reasons[lacking] += 1
    for lacking, count in sorted(reasons.items()):
        terminalreporter.write_line(
            f"{_MARK}{count} tests, as this machine lacks {lacking}; see scripts/install-test-servers.",
            red=True,
            bold=True,
        )
