"""The service manager hears that the desk is ready, alive while every loop goes on, and stopping."""

from __future__ import annotations

import configparser
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mail_desk import cli
from mail_desk.watchdog import LONGEST, SHORTEST, Pulse, ServiceManager

ROOT = Path(__file__).parents[2]
UNITS = sorted([*(ROOT / "scripts").glob("*.service"), *(ROOT / "scripts").glob("*.timer")])


@pytest.fixture(name="manager")
def _manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(5)
        yield listening


def test_a_state_reaches_the_socket_the_environment_names(manager: socket.socket, tmp_path: Path) -> None:
    told = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"})
    assert told.interval == 10
    assert told.tell("READY=1")
    assert manager.recv(100) == b"READY=1"


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0mail-desk-test")
        listening.settimeout(5)
        assert ServiceManager({"NOTIFY_SOCKET": "@mail-desk-test"}).tell("WATCHDOG=1")
        assert listening.recv(100) == b"WATCHDOG=1"


def test_without_a_service_manager_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    assert not ServiceManager({}).tell("READY=1")
    assert not ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


@pytest.mark.parametrize(
    ("usec", "interval"), [("", LONGEST), ("nonsense", LONGEST), ("1000", SHORTEST), ("600000000", LONGEST)]
)
def test_signs_of_life_come_at_least_twice_as_often_as_wanted_and_never_like_a_flood(
    usec: str, interval: float
) -> None:
    assert ServiceManager({"WATCHDOG_USEC": usec}).interval == interval


def test_only_a_loop_that_is_silent_for_longer_than_it_may_is_named() -> None:
    now = [0.0]
    pulse = Pulse(lambda: now[0])
    read, decide = pulse.expect("read", 10), pulse.expect("decide", 100)
    now[0] = 10
    assert pulse.silent() == []
    now[0] = 11
    assert pulse.silent() == ["read"]
    read()
    assert pulse.silent() == []
    now[0] = 101
    assert pulse.silent() == ["read", "decide"]
    decide()
    assert pulse.silent() == ["read"]


def unit(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    found.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    found.read_string(path.read_text(encoding="utf-8"))
    return found


def test_the_shipped_unit_starts_a_command_that_exists_and_listens_to_its_signs_of_life() -> None:
    service = unit(ROOT / "scripts" / "mail-desk.service")["Service"]
    assert service["Type"] == "notify"
    assert service["WatchdogSec"] == "5min"
    _, command, *options = shlex.split(service["ExecStart"])
    said = CliRunner().invoke(cli.app, [command, "--help"])
    assert said.exit_code == 0
    assert "--config" in options
    assert "--config" in said.output
    for kept in ("ProtectSystem=strict", "NoNewPrivileges=yes", "ProtectHome=yes", "PrivateDevices=yes"):
        key, _, value = kept.partition("=")
        assert service[key] == value


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_no_fault_in_the_shipped_units(path: Path, tmp_path: Path, leave_out: Any) -> None:
    if shutil.which("systemd-analyze") is None:
        leave_out("systemd-analyze (Debian: systemd)")
    for name in UNITS:  # what they start lies elsewhere on the machine this is tested on
        text = name.read_text(encoding="utf-8").replace("/opt/mail-desk/bin/mail-desk", "/bin/true")
        (tmp_path / name.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "mail-desk" in line]
    assert ours == []
