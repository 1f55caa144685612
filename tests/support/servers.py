"""Throw-away servers for the tests: what Dovecot, Postfix and PostgreSQL have in common.

Every server runs in the foreground as a child of the test process, in a directory of its own under
the system's temporary directory, on free loopback ports. It dies with the test process, whatever
kills that: the kernel delivers a signal to the child when its parent is gone (`setpriv --pdeathsig`).

Never starts, stops or configures a service of the machine, and never waits without an end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOOPBACK = "127.0.0.1"
START_SECONDS = 30.0  # a loaded machine with two cores needs a few
STOP_SECONDS = 10.0

# Below Linux's ephemeral range (32768 and up), so that no outgoing connection holds a port we choose.
_PORTS = range(20000, 32000)
_random = random.SystemRandom()
_taken: dict[int, IO[bytes]] = {}  # the lock of each port this process was given; a child does not inherit it


class ServerFailedError(RuntimeError):
    """A server did not start, or died: the message ends with its own last words."""


def lacking() -> str:
    """Return what this machine lacks to run any server here, "" where it lacks nothing."""
    needed = {"setpriv": "util-linux", "openssl": "openssl"}
    missing = [f"{name} (Debian: {package})" for name, package in needed.items() if not shutil.which(name)]
    return " and ".join(missing)


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports nobody listens on; no other test process is given them meanwhile.

    A server listens only a while later, and not at all while a test has it stopped.
    """
    found: list[int] = []
    while len(found) < count:
        port = _random.choice(_PORTS)
        if port in _taken or not _take(port):
            continue
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        found.append(port)
    return found


def _take(port: int) -> bool:
    """Take a port among all test processes of this machine, until this one ends; False where another has it."""
    directory = Path(tempfile.gettempdir()) / f"desk-ports-{os.geteuid()}"
    directory.mkdir(exist_ok=True)
    taken = (directory / str(port)).open("ab")
    try:
        fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        taken.close()
        return False
    _taken[port] = taken
    return True


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Return as soon as `condition()` holds; raise `TimeoutError` naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.01)


def answers(port: int, greeting: bytes = b"") -> bool:
    """Tell whether something listens on the loopback port, and greets so if a greeting is given."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
            return not greeting or connection.recv(len(greeting)) == greeting
    except OSError:
        return False


def unprivileged(name: str) -> tuple[int, int] | None:
    """Return uid and gid to run a server as: those of `name` where we are root, else None (as we are)."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


@contextlib.contextmanager
def scratch_directory(name: str, owner: tuple[int, int] | None = None) -> Iterator[Path]:
    """Give an empty directory that `owner` can reach; short, because socket paths end at 107 bytes.

    Not pytest's tmp_path: that lies below a directory only its owner may enter.
    """
    prefix = f"desk-{name}-"
    _sweep(prefix)
    path = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))
    try:
        path.chmod(0o755)
        if owner is not None:
            os.chown(path, *owner)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(prefix: str) -> None:
    """Remove what test processes left that died too suddenly to do it themselves."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*-*"):
        process = path.name.removeprefix(prefix).partition("-")[0]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _group_lives(group: int) -> bool:
    """Tell whether a process of this group is there and no zombie (proc(5): state, parent, group)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


class Daemon:
    """One server process in the foreground."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        run_as: tuple[int, int] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_group: bool = False,
    ) -> None:
        self._name = name
        self._argv = [str(part) for part in argv]
        self._log = log
        self._run_as = run_as
        self._stop_signal = stop_signal
        self._stop_group = stop_group
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, ready: Callable[[], bool]) -> None:
        """Start and return when `ready()`; raise `ServerFailedError` with the log's end otherwise."""
        if self.running:
            return
        with self._log.open("ab") as output:
            # A session of its own: Ctrl-C reaches pytest, and pytest stops the server in order.
            self._process = subprocess.Popen(
                [*as_user(self._run_as, f"--pdeathsig={self._stop_signal.name[3:]}"), *self._argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        try:
            wait_until(lambda: self._alive() and ready(), f"{self._name} to start", seconds=START_SECONDS)
        except BaseException as error:
            self.stop()
            if isinstance(error, TimeoutError):
                raise ServerFailedError(f"{error}\n{tail(self._log)}") from None
            raise

    def _alive(self) -> bool:
        if not self.running:
            raise ServerFailedError(f"{self._name} ended while starting\n{tail(self._log)}")
        return True

    def stop(self) -> None:
        """Stop in order, else by force; returns when the process and its group are gone."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            (os.killpg if self._stop_group else os.kill)(process.pid, self._stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
        # A child that is still dying holds the port: the next start would find it in use.
        wait_until(lambda: not _group_lives(process.pid), f"{self._name} to be gone", seconds=STOP_SECONDS)


def as_user(run_as: tuple[int, int] | None, *options: str) -> list[str]:
    """Return the words to put before a command so that it runs as this uid and gid."""
    words = ["setpriv", *options]
    if run_as is not None:
        words += [f"--reuid={run_as[0]}", f"--regid={run_as[1]}", "--clear-groups"]
    return words if len(words) > 1 else []


def run(argv: Sequence[str | Path], *, run_as: tuple[int, int] | None = None) -> str:
    """Run a command to its end and return what it printed; raise `ServerFailedError` with that otherwise."""
    done = subprocess.run(
        [*as_user(run_as), *map(str, argv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        timeout=120,
        check=False,
    )
    output = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        raise ServerFailedError(f"{argv[0]} failed with {done.returncode}:\n{output[-4000:]}")
    return output


def tail(log: Path, lines: int = 30) -> str:
    """Return the end of a log, for error messages."""
    if not log.exists():
        return f"({log} was not written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@dataclass(frozen=True)
class Certificates:
    """A certificate authority nobody else trusts, and a certificate it made for this machine."""

    ca_file: Path
    certificate: Path
    key: Path


def make_certificates(directory: Path) -> Certificates:
    """Make a CA and a server certificate for localhost and 127.0.0.1 (RFC 5280 extensions included).

    Strict verification, the default from Python 3.13 on, wants critical basicConstraints and key
    identifiers; `openssl req` adds the identifiers by itself.
    """
    made = Certificates(directory / "ca.pem", directory / "server.pem", directory / "server.key")
    ca_key = directory / "ca.key"
    _certify("/CN=mail_desk test authority", ca_key, made.ca_file, "keyUsage=critical,keyCertSign,cRLSign")
    _certify(
        "/CN=localhost",
        made.key,
        made.certificate,
        "basicConstraints=critical,CA:FALSE",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "extendedKeyUsage=serverAuth",
        signer=(made.ca_file, ca_key),
    )
    made.key.chmod(0o644)  # the server runs as somebody else, and this key protects nothing
    return made


def _certify(
    subject: str, key: Path, certificate: Path, *extensions: str, signer: tuple[Path, Path] | None = None
) -> None:
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-days", "3650", "-subj", subject, "-keyout", str(key), "-out", str(certificate)]
    for extension in extensions:
        argv += ["-addext", extension]
    if signer is not None:
        argv += ["-CA", str(signer[0]), "-CAkey", str(signer[1])]
    run(argv)


def expired_certificate(directory: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate of the year 2020; only `openssl ca` takes dates of the past."""
    key, request, certificate = (directory / name for name in ("key.pem", "request.pem", "cert.pem"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run(["openssl", "req", "-new", *curve, "-subj", "/CN=localhost", "-keyout", key, "-out", request])
    configuration = directory / "ca.conf"
    (directory / "index").touch()
    configuration.write_text(
        f"[ca]\ndefault_ca=it\n[it]\ndatabase={directory}/index\nnew_certs_dir={directory}\n"
        "rand_serial=yes\ndefault_md=sha256\npolicy=any\nx509_extensions=names\n[any]\n"
        "commonName=supplied\n[names]\nsubjectAltName=DNS:localhost\n"
    )
    dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
    run(
        [
            "openssl",
            "ca",
            "-batch",
            "-notext",
            "-selfsign",
            "-config",
            configuration,
            "-keyfile",
            key,
            *dates,
            "-in",
            request,
            "-out",
            certificate,
        ]
    )
    return key, certificate
