"""A real Dovecot 2.3: IMAP plain and over TLS, LMTP for Postfix, and SASL for Postfix.

Runs without any privilege, also under root (then as `nobody`). Mail lies in Maildir, users in a
passwd-file, both may change while it runs. Nothing is synced to disk: this is no test of Dovecot.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from servers import (
    LOOPBACK,
    Certificates,
    Daemon,
    answers,
    free_ports,
    make_certificates,
    scratch_directory,
    tail,
    unprivileged,
    wait_until,
)

# Folder names the fixture knows the use of, as RFC 6154 attributes. A name not listed has none.
SPECIAL_USE = {
    "Sent": r"\Sent",
    "已发送": r"\Sent",
    "Junk": r"\Junk",
    "垃圾邮件": r"\Junk",
    "Drafts": r"\Drafts",
    "Trash": r"\Trash",
}
NETEASE_FOLDERS = ("已发送", "垃圾邮件", "广告邮件", "订阅邮件")


def lacking() -> str:
    """Return what this machine lacks to run it, "" where it lacks nothing."""
    if shutil.which("dovecot", path=_PATH) is None:
        return "Dovecot (Debian: dovecot-imapd dovecot-lmtpd)"
    if not Path("/usr/lib/dovecot/lmtp").exists():
        return "Dovecot's LMTP (Debian: dovecot-lmtpd)"
    version = subprocess.run(
        [_binary(), "--version"], capture_output=True, text=True, check=False, timeout=60
    ).stdout
    if not re.match(r"2\.3\.", version):
        return f"Dovecot 2.3 (found {version.split(' ')[0] or 'none'}, whose configuration language differs)"
    return ""


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def _binary() -> str:
    return shutil.which("dovecot", path=_PATH) or "dovecot"


class Dovecot:
    """The server, as tests see it. Addresses are user names; folder names are Unicode."""

    host = LOOPBACK

    def __init__(self, root: Path, run_as: tuple[int, int] | None, certificates: Certificates) -> None:
        self.imap_port, self.imaps_port, self.lmtp_port, self.sasl_port = free_ports(4)
        self.certificates = certificates
        self.ca_file = certificates.ca_file
        self.starts = 0
        self.log = root / "dovecot.log"
        self._root = root
        self._run_as = run_as
        self._passwords: dict[str, str] = {}
        self._users = root / "users"
        self._users.mkdir()
        configuration = root / "dovecot.conf"
        configuration.write_text(self._configuration(), encoding="utf-8")
        argv = [_binary(), "-F", "-c", str(configuration)]
        # The whole group at once: left to itself, the master waits a second for its children.
        log = root / "output.log"
        self._daemon = Daemon("Dovecot", argv, log=log, run_as=run_as, stop_group=True)

    # --- life ---------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._daemon.running

    def start(self) -> None:
        """Start, or start again on the same ports with the same mail."""
        self.starts += not self._daemon.running
        self._daemon.start(lambda: answers(self.imap_port, b"* OK") and answers(self.lmtp_port, b"220"))

    def stop(self) -> None:
        """Break every connection and listen no more."""
        self._daemon.stop()

    def last_words(self) -> str:
        """Return the end of the server's log."""
        return tail(self.log)

    # --- people and their mail ------------------------------------------------------------------

    def add_user(
        self, address: str, password: str = "secret", folders: tuple[str, ...] = ("Sent", "Junk")
    ) -> None:
        """Create a mailbox with these folders, or give it further folders; the inbox is always there."""
        if self._passwords.get(address) != password:
            # A file of his own for each user: Dovecot looks at a passwd-file once a second at most,
            # so a user added to a common file would not be known at once.
            self._passwords[address] = password
            entry = self._users / address.lower()
            earlier = entry.stat().st_mtime if entry.exists() else 0.0
            entry.write_text(f"{address.lower()}:{{PLAIN}}{password}::::::\n", encoding="utf-8")
            entry.chmod(0o644)
            if earlier:  # it notices a change by whole seconds and size
                os.utime(entry, (earlier + 1, earlier + 1))
            wait_until(lambda: self._lets_in(address), f"Dovecot to know {address}", seconds=5)
        with self.client(address) as client:
            for folder in folders:
                if not client.folder_exists(folder):
                    client.create_folder(folder)

    def add_recipient(self, address: str, password: str) -> None:
        """Create a mailbox in a moment, for who only receives mail: whether it can be read is not awaited."""
        self._passwords[address] = password
        entry = self._users / address.lower()
        entry.write_text(f"{address.lower()}:{{PLAIN}}{password}::::::\n", encoding="utf-8")
        entry.chmod(0o644)

    def _lets_in(self, address: str) -> bool:
        try:
            with self.client(address):
                return True
        except LoginError:
            return False

    def password(self, address: str) -> str:
        return self._passwords[address]

    @contextlib.contextmanager
    def client(self, address: str) -> Iterator[IMAPClient]:
        """Give an IMAP connection logged in as `address`."""
        with IMAPClient(LOOPBACK, port=self.imap_port, ssl=False, timeout=30) as client:
            client.normalise_times = False
            client.login(address, self._passwords[address])
            yield client

    def append(
        self,
        address: str,
        raw: bytes,
        *,
        folder: str = "INBOX",
        when: datetime,
        flags: tuple[bytes, ...] = (),
    ) -> None:
        """Put a mail into a folder with INTERNALDATE `when` (aware, whole seconds)."""
        self.append_all(address, [(raw, when)], folder=folder, flags=flags)

    def append_all(
        self,
        address: str,
        mails: list[tuple[bytes, datetime]],
        *,
        folder: str = "INBOX",
        flags: tuple[bytes, ...] = (),
    ) -> None:
        """Put many mails into a folder over one connection, in this order."""
        if naive := [when for _, when in mails if when.tzinfo is None]:
            raise ValueError(f"INTERNALDATE needs an aware instant, not {naive[0]}")
        with self.client(address) as client:
            for raw, when in mails:
                client.append(folder, raw, flags, when)

    def messages(self, address: str, folder: str = "INBOX") -> list[tuple[bytes, datetime]]:
        """Return every mail of a folder as (raw, INTERNALDATE aware), in the order of their UIDs."""
        with self.client(address) as client:
            client.select_folder(folder, readonly=True)
            uids = client.search()
            if not uids:
                return []
            found = client.fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"])
            return [(found[uid][b"BODY[]"], found[uid][b"INTERNALDATE"]) for uid in sorted(found)]

    def wait_for(
        self, address: str, count: int, folder: str = "INBOX", *, seconds: float = 20
    ) -> list[tuple[bytes, datetime]]:
        """Return the mails of a folder as soon as there are `count`; raise TimeoutError after `seconds`."""
        found: list[tuple[bytes, datetime]] = []

        def enough() -> bool:
            found[:] = self.messages(address, folder)
            return len(found) >= count

        wait_until(enough, f"{count} mails for {address} in {folder}", seconds=seconds)
        return found

    def forget_mail(self) -> None:
        """Remove every user and all mail, so that a test starts from nothing; connections may stay."""
        self._passwords.clear()
        for entry in self._users.iterdir():
            entry.unlink()
        for home in (self._root / "mail").iterdir():
            shutil.rmtree(home)

    # --- configuration ---------------------------------------------------------------------------

    def _configuration(self) -> str:
        user = pwd.getpwuid(self._run_as[0] if self._run_as else os.geteuid())
        root, made = self._root, self.certificates
        folders = "\n".join(
            f'  mailbox "{name}" {{\n    special_use = {use}\n  }}' for name, use in SPECIAL_USE.items()
        )
        return f"""
# The test process writes this file; see tests/support/dovecot.py.
base_dir = {root}/run
state_dir = {root}/state
log_path = {self.log}
protocols = imap lmtp
listen = {LOOPBACK}
default_internal_user = {user.pw_name}
default_internal_group = {grp.getgrgid(user.pw_gid).gr_name}
default_login_user = {user.pw_name}
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 200
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_format = %Lu
imap_id_send = name *
ssl = yes
ssl_cert = <{made.certificate}
ssl_key = <{made.key}
namespace inbox {{
  inbox = yes
  separator = /
{folders}
}}
passdb {{
  driver = passwd-file
  args = username_format=%Lu {self._users}/%Lu
}}
userdb {{
  driver = passwd-file
  args = username_format=%Lu {self._users}/%Lu
  default_fields = uid={user.pw_uid} gid={user.pw_gid} home={root}/mail/%Lu
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {self.imap_port}
  }}
  inet_listener imaps {{
    port = {self.imaps_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 256
}}
service lmtp {{
  inet_listener lmtp {{
    port = {self.lmtp_port}
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {self.sasl_port}
  }}
}}
service anvil {{
  chroot =
  # No growing delay after failed logins.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Give a running server, gone with all its mail afterwards."""
    run_as = unprivileged("nobody")
    with scratch_directory("imap", run_as) as root:
        (root / "mail").mkdir()
        if run_as is not None:
            os.chown(root / "mail", *run_as)
        server = Dovecot(root, run_as, make_certificates(root))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def trusting(ca_file: Path) -> ssl.SSLContext:
    """Return a TLS client context that trusts this authority only."""
    return ssl.create_default_context(cafile=str(ca_file))
