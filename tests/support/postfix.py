"""A real Postfix: takes what the desk sends, and hands it to Dovecot by LMTP.

A throw-away instance with its own configuration, queue and data directories; the machine's own
Postfix is neither read nor touched. Whoever has a user in Dovecot gets the mail, whatever the
domain; anybody else bounces, and the bounce goes back by the same way. Nothing leaves the loopback.

Its master process must be root: without that it is left out.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

from dovecot import Dovecot
from servers import LOOPBACK, Daemon, answers, free_ports, run, scratch_directory, tail, wait_until

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def lacking() -> str:
    """Return what this machine lacks to run it, "" where it lacks nothing."""
    if shutil.which("postfix", path=_PATH) is None:
        return "Postfix (Debian: postfix)"
    if os.geteuid() != 0:
        return "root, which Postfix's master process must be"
    return ""


def _program(name: str) -> str:
    return shutil.which(name, path=_PATH) or name


class Postfix:
    """The server, as tests see it.

    `smtp_port` offers STARTTLS, `smtps_port` speaks TLS from the first byte. Both accept mail from
    the loopback without a login; who does log in must know a Dovecot user's password (else 535).
    """

    host = LOOPBACK

    def __init__(self, root: Path, dovecot: Dovecot) -> None:
        self.smtp_port, self.smtps_port = free_ports(2)
        self.ca_file = dovecot.ca_file
        self.log = root / "postfix.log"
        self._configuration = root / "etc"
        self._dovecot, self._known = dovecot, dovecot.starts
        self._configuration.mkdir()
        _make_directories(root)
        (self._configuration / "main.cf").write_text(self._main(root, dovecot), encoding="ascii")
        (self._configuration / "master.cf").write_text(self._master(), encoding="ascii")
        for name in ("main.cf", "master.cf"):
            os.utime(self._configuration / name, (0, 0))  # it waits until a young file has settled
        # Not `postfix start-fg`: it checks the whole installation for two seconds first, and leaves a
        # shell between us and the process to stop.
        programs = run([_program("postconf"), "-dh", "daemon_directory"]).strip()
        argv = [f"{programs}/master", "-c", str(self._configuration), "-s"]
        self._daemon = Daemon("Postfix", argv, log=root / "output.log")

    @property
    def running(self) -> bool:
        return self._daemon.running

    def start(self) -> None:
        """Start, or start again on the same ports with the same queue."""
        self._known = self._dovecot.starts
        self._daemon.start(lambda: answers(self.smtp_port, b"220"))

    def stop(self) -> None:
        """Break every connection and listen no more; queued mail stays queued."""
        self._daemon.stop()

    def meet_dovecot(self) -> None:
        """Start anew where Dovecot did: a process keeps its line to the log-in service, and would answer 454."""
        if self._known != self._dovecot.starts:
            self.stop()
            self.start()

    def last_words(self) -> str:
        """Return the end of the server's log."""
        return tail(self.log)

    def queue(self) -> list[dict[str, object]]:
        """Return what waits, as `postqueue -j` tells it: queue_name, sender, recipients with reasons."""
        output = run([_program("postqueue"), "-c", self._configuration, "-j"])
        return [json.loads(line) for line in output.splitlines() if line.startswith("{")]

    def flush(self) -> None:
        """Try everything that waits again, now."""
        run([_program("postqueue"), "-c", self._configuration, "-f"])

    def wait_delivered(self, *, seconds: float = 20) -> None:
        """Return as soon as the queue is empty: all accepted mail is in Dovecot, or bounced there.

        Raises TimeoutError with the reasons Postfix gives after `seconds`.
        """
        try:
            wait_until(lambda: not self.queue(), "Postfix to deliver", seconds=seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; waiting: {self.queue()}\n{self.last_words()}") from None

    def _main(self, root: Path, dovecot: Dovecot) -> str:
        made = dovecot.certificates
        return f"""
# The test process writes this file; see tests/support/postfix.py.
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {self.log}
maillog_file_prefixes = {root}
myhostname = mail.test
mydomain = mail.test
mydestination =
inet_interfaces = {LOOPBACK}
inet_protocols = ipv4
mynetworks = {LOOPBACK}/32
alias_maps =
alias_database =
local_recipient_maps =
local_transport = lmtp:inet:{LOOPBACK}:{dovecot.lmtp_port}
default_transport = $local_transport
smtp_host_lookup = native
lmtp_host_lookup = native
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {made.certificate}
smtpd_tls_key_file = {made.key}
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:{LOOPBACK}:{dovecot.sasl_port}
message_size_limit = 104857600
mailbox_size_limit = 0
# A test asks for minutes in milliseconds: retry soon, never slow a client down.
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
in_flow_delay = 0
"""

    def _master(self) -> str:
        smtps = "-o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=encrypt"
        services = [
            f"{LOOPBACK}:{self.smtp_port} inet n - n - - smtpd",
            f"{LOOPBACK}:{self.smtps_port} inet n - n - - smtpd {smtps}",
            "pickup unix n - n 60 1 pickup",
            "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr",
            "tlsmgr unix - - n 1000? 1 tlsmgr",
            "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce",
            "verify unix - - n - 1 verify",
            "flush unix n - n 1000? 0 flush",
            "proxymap unix - - n - - proxymap",
            "smtp unix - - n - - smtp",
            "relay unix - - n - - smtp",
            "showq unix n - n - - showq",
            "error unix - - n - - error",
            "retry unix - - n - - error",
            "discard unix - - n - - discard",
            "lmtp unix - - n - - lmtp",
            "anvil unix - - n - 1 anvil",
            "scache unix - - n - 1 scache",
            "postlog unix-dgram n - n - 1 postlogd",
        ]
        return "\n".join([*services, ""])


def _make_directories(root: Path) -> None:
    """Lay out queue and data as Postfix's `post-install` does (its file postfix-files)."""
    postfix = pwd.getpwnam("postfix")
    postdrop = grp.getgrnam("postdrop").gr_gid
    queue = root / "queue"
    queue.mkdir()
    owned = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private")
    layout = [(queue / name, postfix.pw_uid, 0, 0o700) for name in (*owned, "saved", "trace")]
    layout += [
        (queue / "maildrop", postfix.pw_uid, postdrop, 0o730),
        (queue / "public", postfix.pw_uid, postdrop, 0o710),
        (queue / "pid", 0, 0, 0o755),
        (root / "data", postfix.pw_uid, 0, 0o700),
    ]
    for path, uid, gid, mode in layout:
        path.mkdir()
        os.chown(path, uid, gid)
        path.chmod(mode)


@contextlib.contextmanager
def running_postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """Give a running server that delivers to `dovecot`, gone with its queue afterwards."""
    with scratch_directory("smtp") as root:
        server = Postfix(root, dovecot)
        try:
            server.start()
            yield server
        finally:
            server.stop()
