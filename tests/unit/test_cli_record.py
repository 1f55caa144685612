"""Register, archive and the check of Word templates from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from mail_desk import cli
from mail_desk.clock import ManualClock, SystemClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon, default_url
from mail_desk.demo import office
from mail_desk.store.schema import Counter
from mail_desk.store.session import Store


def ask(*arguments: str | Path) -> Any:
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give the configuration of a desk with an empty store."""
    made = office.write(tmp_path / "config", office.Servers("127.0.0.1", 1, "127.0.0.1", 1))
    settings = load(made)
    assert isinstance(settings, Settings)
    daemon = Daemon(settings, ManualClock(SystemClock().now()))
    daemon.open()
    asyncio.run(daemon.close())
    return made


def test_an_archive_of_an_empty_year_is_whole_and_is_not_written_over(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "archive"
    said = ask("archive", "--year", "2026", "--config", config, "--out", target)
    assert said.exit_code == 0, said.output
    assert "0 ticket(s)" in said.output
    assert {"manifest.txt", "verify.py", "index.xlsx", "README.txt"} <= {
        path.name for path in target.iterdir()
    }
    again = ask("archive", "--year", "2026", "--config", config, "--out", target)
    assert again.exit_code == 1
    assert "not empty" in again.output


def test_a_number_that_nobody_has_is_a_gap_and_is_named(config: Path) -> None:
    assert ask("register", "--config", config).exit_code == 0
    settings = load(config)
    assert isinstance(settings, Settings)
    store = Store(default_url(settings), data_dir=settings.data_dir)
    with Session(store.engine) as session, session.begin():
        session.add(Counter(series="notice/acceptance/2026", value=1))
    store.close()
    said = ask("register", "--config", config)
    assert said.exit_code == 1
    assert "acceptance/2026 no. 1" in said.output


def test_check_names_a_word_template_that_is_broken(config: Path) -> None:
    own = config / "templates" / "notices"
    own.mkdir(parents=True)
    (own / "result.docx").write_bytes(b"no Word document")
    said = ask("check", "--config", config)
    assert said.exit_code == 2
    assert "result.docx" in said.output
