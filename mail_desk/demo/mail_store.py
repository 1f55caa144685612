"""The mail that the embedded servers hold: users, folders, messages, in memory.

Shared between the servers' event loop and the threads that deliver and look, hence the one lock. A
folder counts its changes, so that sessions notice new mail without comparing anything. Nothing is
ever written to disk.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

DEFAULT_FOLDERS: Mapping[str, str] = {  # name → SPECIAL-USE attribute (RFC 6154), as at a Chinese provider
    "INBOX": "",
    "草稿箱": "\\Drafts",
    "已发送": "\\Sent",
    "已删除": "\\Trash",
    "垃圾邮件": "\\Junk",
    "广告邮件": "",
    "订阅邮件": "",
}

DELIMITER = "/"
_BARE_LF = re.compile(rb"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A message as one may look at it from outside."""

    raw: bytes
    when: datetime  # INTERNALDATE
    uid: int


@dataclass(slots=True, eq=False)
class Message:
    """A message in a folder; compared by identity, as sessions hold it in their views."""

    uid: int
    raw: bytes
    when: datetime
    flags: frozenset[str]


@dataclass(slots=True, eq=False)
class Folder:
    name: str
    attribute: str
    uidvalidity: int
    subscribed: bool = True
    uidnext: int = 1
    changes: int = 0  # grows with every change; a session that has seen this number is up to date
    messages: list[Message] = field(default_factory=list)

    def add(self, raw: bytes, when: datetime, flags: Iterable[str] = ()) -> Message:
        """Append a message under the next UID. Bare line feeds become CRLF, as IMAP carries no others."""
        message = Message(self.uidnext, _BARE_LF.sub(b"\r\n", raw), when, frozenset(flags))
        self.uidnext += 1
        self.changes += 1
        self.messages.append(message)
        return message

    def remove(self, gone: Iterable[Message]) -> None:
        """Expunge."""
        identities = {id(message) for message in gone}
        if identities:
            self.messages = [m for m in self.messages if id(m) not in identities]
            self.changes += 1

    def flag(self, message: Message, flags: frozenset[str]) -> None:
        if message.flags != flags:
            message.flags = flags
            self.changes += 1


class User:
    """One mailbox owner."""

    def __init__(
        self, address: str, password: str, folders: Mapping[str, str], first_uidvalidity: int
    ) -> None:
        self.address = address
        self.password = password
        self._next_uidvalidity = first_uidvalidity
        self.folders: dict[str, Folder] = {}
        for name, attribute in {"INBOX": "", **folders}.items():
            self.create(name, attribute)

    def create(self, name: str, attribute: str = "") -> Folder:
        folder = Folder(name, attribute, self._next_uidvalidity)
        self._next_uidvalidity += 1
        self.folders[name] = folder
        return folder

    def folder(self, name: str) -> Folder | None:
        """Find by name; INBOX in any case (RFC 3501 §5.1)."""
        return self.folders.get("INBOX" if name.upper() == "INBOX" else name)


class MailStore:
    """All users. Hold `lock` around anything that reads or changes folders."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._users: dict[str, User] = {}
        self._watchers: set[Callable[[], None]] = set()

    def add_user(self, address: str, password: str, folders: Mapping[str, str] = DEFAULT_FOLDERS) -> None:
        with self.lock:
            # A new UIDVALIDITY for each folder: clients that remember an earlier run start afresh.
            first = 1_000 * (len(self._users) + 1)
            self._users[address.lower()] = User(address.lower(), password, folders, first)

    def user(self, address: str) -> User | None:
        with self.lock:
            return self._users.get(address.lower())

    def users(self) -> list[str]:
        with self.lock:
            return list(self._users)

    def check(self, login: str, password: str) -> User | None:
        """Return the user whose address and password these are."""
        user = self.user(login)
        return user if user is not None and user.password == password else None

    def deliver(
        self, address: str, raw: bytes, when: datetime, *, folder: str = "INBOX", flags: Iterable[str] = ()
    ) -> StoredMail:
        """Put a message into a folder. Raises KeyError for a user or folder that does not exist."""
        with self.lock:
            target = self._users[address.lower()].folder(folder)
            if target is None:
                raise KeyError(folder)
            message = target.add(raw, when, flags)
        self.notify()
        return StoredMail(message.raw, message.when, message.uid)

    def mailbox(self, address: str, folder: str = "INBOX") -> list[StoredMail]:
        """Return what a folder holds, oldest first. Raises KeyError as `deliver` does."""
        with self.lock:
            found = self._users[address.lower()].folder(folder)
            if found is None:
                raise KeyError(folder)
            return [StoredMail(m.raw, m.when, m.uid) for m in found.messages]

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher`, from any thread, after every change of a folder."""
        with self.lock:
            self._watchers.add(watcher)

    def unwatch(self, watcher: Callable[[], None]) -> None:
        with self.lock:
            self._watchers.discard(watcher)

    def notify(self) -> None:
        """Tell the sessions that something changed."""
        with self.lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher()
