"""The operator's commands: what each prints, on which stream, and with which exit code it ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mail_desk import cli
from mail_desk.clock import ManualClock, SystemClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon
from mail_desk.demo import office

COMMANDS = (
    "init", "check", "run", "demo", "inspect", "tickets", "show", "queue", "status", "digest", "adopt", "verify",
    "backup", "restore", "preview", "calendar",
)  # fmt: skip


def ask(*arguments: str | Path) -> Any:
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give the pretend office's configuration; nothing listens on its servers."""
    return office.write(tmp_path / "config", office.Servers("127.0.0.1", 1, "127.0.0.1", 1))


@pytest.fixture
def with_store(config: Path) -> Path:
    """Give a configuration whose desk has a store, still empty."""
    settings = load(config)
    assert isinstance(settings, Settings)
    daemon = Daemon(settings, ManualClock(SystemClock().now()))
    daemon.open()
    asyncio.run(daemon.close())
    return config


def test_help_lists_every_command() -> None:
    said = ask("--help")
    assert said.exit_code == 0
    for command in COMMANDS:
        assert command in said.output


def test_no_arguments_show_the_help_instead_of_doing_something() -> None:
    assert "Usage" in ask().output


def test_the_version_is_said_alone() -> None:
    said = ask("--version")
    assert (said.exit_code, said.stdout.split()[0]) == (0, "mail-desk")


def test_init_writes_a_configuration_and_overwrites_nothing(tmp_path: Path) -> None:
    target = tmp_path / "new"
    first = ask("init", target)
    assert first.exit_code == 0
    assert "mail-desk check" in first.stdout
    (target / "people.toml").write_text("# mine\n", encoding="utf-8")
    again = ask("init", target)
    assert again.exit_code == 0
    assert (target / "people.toml").read_text(encoding="utf-8") == "# mine\n"


def test_check_of_a_sound_configuration_says_fine_on_standard_output(config: Path) -> None:
    said = ask("check", "-c", config)
    assert said.exit_code == 0
    assert "fine (4 persons" in said.stdout


def test_check_warns_of_each_thing_once(config: Path) -> None:
    warnings = [line for line in ask("check", "-c", config).stderr.splitlines() if "is missing" in line]
    files = [next(word for word in line.split() if "cn-" in word).rpartition("/")[2] for line in warnings]
    assert len(files) == len(set(files))


def test_check_names_file_and_key_of_a_mistake(config: Path) -> None:
    path = config / "people.toml"
    path.write_text(path.read_text("utf-8").replace('role = "leader"', 'role = "queen"'), encoding="utf-8")
    said = ask("check", "-c", config)
    assert said.exit_code == 2
    assert "people.toml" in said.stderr
    assert "role" in said.stderr
    assert said.stdout == ""


def test_check_of_broken_labels_says_which_file_without_a_trace(config: Path) -> None:
    labels = config / "templates" / "zh" / "labels.toml"
    labels.parent.mkdir(parents=True)
    labels.write_text("[state\n", encoding="utf-8")
    said = ask("check", "-c", config)
    assert said.exit_code == 2
    assert "labels.toml" in said.stderr
    assert isinstance(said.exception, SystemExit)


@pytest.mark.parametrize(
    "command", ["check", "run", "tickets", "queue", "status", "digest", "verify", "preview"]
)
def test_a_directory_that_is_not_there_ends_with_2_and_names_it(command: str, tmp_path: Path) -> None:
    said = ask(command, "-c", tmp_path / "nowhere")
    assert said.exit_code == 2
    assert "nowhere" in said.stderr
    assert isinstance(said.exception, SystemExit)


@pytest.mark.parametrize(
    "arguments", [("tickets",), ("show", "2026-0001"), ("queue",), ("status",), ("digest",), ("adopt", "M1"), ("verify",)]
)  # fmt: skip
def test_a_desk_that_has_never_run_is_said_to_have_no_store(arguments: tuple[str, ...], config: Path) -> None:
    said = ask(*arguments, "-c", config)
    assert said.exit_code == 1
    assert "has not run here" in said.stderr


def test_a_store_that_is_no_database_is_named_without_a_trace(with_store: Path) -> None:
    settings = load(with_store)
    assert isinstance(settings, Settings)
    for path in settings.data_dir.glob("mail-desk.db*"):
        path.write_bytes(b"not a database, but something long enough to be looked at " * 40)
    said = ask("tickets", "-c", with_store)
    assert said.exit_code == 1
    assert "The store cannot be used" in said.stderr
    assert isinstance(said.exception, SystemExit)


def test_tables_in_a_pipe_are_tab_separated_lines(with_store: Path) -> None:
    for command in ("tickets", "queue"):
        said = ask(command, "-c", with_store)
        assert said.exit_code == 0
        head = said.stdout.splitlines()[0].split("\t")
        assert head[-1] == "subject"


def test_an_unknown_ticket_ends_with_1(with_store: Path) -> None:
    said = ask("show", "2026-9999", "-c", with_store)
    assert (said.exit_code, said.stderr) == (1, "There is no ticket 2026-9999.\n")


def test_status_of_an_unread_mailbox_is_unhealthy_with_its_reason(with_store: Path) -> None:
    said = ask("status", "--json", "-c", with_store)
    report = json.loads(said.stdout)
    assert said.exit_code == 1
    assert report["healthy"] is False
    assert "never been read" in report["reasons"][0]
    shown = ask("status", "-c", with_store)
    assert "never been read" in shown.stdout
    assert "{" not in shown.stdout, "figures are said in words"


def test_a_digest_is_printed_and_an_unknown_one_names_the_known_ones(with_store: Path) -> None:
    printed = ask("digest", "weekly", "-c", with_store)
    assert printed.exit_code == 0
    assert "外商投资企业投诉办理情况周报" in printed.stdout
    unknown = ask("digest", "yearly", "-c", with_store)
    assert unknown.exit_code == 2
    assert "weekly, monthly" in unknown.stderr


def test_adopting_what_is_no_old_mail_ends_with_1(with_store: Path) -> None:
    said = ask("adopt", "M7", "-c", with_store)
    assert said.exit_code == 1
    assert "M7" in said.stderr


def test_verify_of_an_empty_store_says_that_nothing_is_sealed_yet(with_store: Path) -> None:
    said = ask("verify", "-c", with_store)
    assert said.exit_code == 0
    assert said.stdout == "0 ticket(s), 0 event(s) checked\nhead (no day is sealed yet)\n"


def test_preview_writes_one_page_and_says_where(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "letters.html"
    said = ask("preview", "-c", config, "--out", target)
    assert (said.exit_code, said.stdout.strip()) == (0, str(target))
    assert target.read_text("utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_named_without_a_trace(config: Path, tmp_path: Path) -> None:
    said = ask("preview", "-c", config, "--out", tmp_path / "no" / "such" / "page.html")
    assert said.exit_code == 1
    assert "page.html: No such file or directory" in said.stderr


def test_inspect_reads_a_message_and_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    message = tmp_path / "one.eml"
    message.write_bytes(b"From: gm@bearings.example\r\nSubject: licence\r\n\r\nPlease help.\r\n")
    said = ask("inspect", message, "--jobs", "1")
    assert said.exit_code == 0
    assert "licence" in said.stdout
    missing = ask("inspect", tmp_path / "none.eml", "--jobs", "1")
    assert missing.exit_code == 1
    assert ask("inspect", message, "--body", "pdf").exit_code == 2


def test_a_limit_is_counted_and_explained(config: Path) -> None:
    said = ask(
        "calendar", "due", "2026-03-02", "--limit", "7wd", "--explain", "--language", "en", "-c", config
    )
    assert said.exit_code == 0
    assert "11 March 2026" in said.stdout
    assert "not counted" in said.stdout


@pytest.mark.parametrize(("start", "limit"), [("2026-02-30", "7wd"), ("2026-03-02", "7 weeks")])
def test_what_is_no_date_or_no_limit_ends_with_2(start: str, limit: str, config: Path) -> None:
    said = ask("calendar", "due", start, "--limit", limit, "-c", config)
    assert said.exit_code == 2
    assert said.stdout == ""
    assert "expected e.g." in said.stderr


def test_a_calendar_year_is_not_written_over(config: Path) -> None:
    first = ask("calendar", "import", "2025", "-c", config)
    assert (first.exit_code, Path(first.stdout.strip()).name) == (0, "cn-2025.toml")
    again = ask("calendar", "import", "2025", "-c", config)
    assert again.exit_code == 1
    assert "not overwritten" in again.stderr


def test_run_once_without_servers_says_what_stood_in_its_way(config: Path) -> None:
    said = ask("--log-level", "error", "run", "--once", "-c", config)
    assert said.exit_code == 1
    assert "0 message(s)" in said.stdout
    assert said.stderr != ""


def test_a_command_nobody_knows_ends_with_2() -> None:
    assert ask("make-coffee").exit_code == 2
