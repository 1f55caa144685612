"""IMAP's commands about folders: what there is, and making, naming and filling them.

Standards: RFC 3501 §6.3, RFC 2342 (NAMESPACE), RFC 6154 (SPECIAL-USE), RFC 4315 (APPENDUID).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from mail_desk.demo.imap_grammar import (
    Answer,
    BadSyntax,
    Reader,
    Refused,
    canonical_flag,
    encode_mailbox,
    nstring,
)
from mail_desk.demo.mail_store import DELIMITER, Folder, MailStore, User


class Folders:
    """One user's folders, as commands see them."""

    def __init__(self, store: MailStore, owner: User, now: Callable[[], datetime]) -> None:
        self._store = store
        self._owner = owner
        self._now = now
        self.commands: dict[str, Callable[[Reader], Answer]] = {
            "NAMESPACE": self._namespace,
            "LIST": partial(self._list, "LIST"),
            "LSUB": partial(self._list, "LSUB"),
            "STATUS": self._status,
            "CREATE": self._create,
            "DELETE": self._delete,
            "RENAME": self._rename,
            "SUBSCRIBE": partial(self._subscribe, True),
            "UNSUBSCRIBE": partial(self._subscribe, False),
            "APPEND": self._append,
        }

    def folder(self, name: str, otherwise: str = "[NONEXISTENT] there is no such folder") -> Folder:
        """Find a folder. Raises Refused."""
        folder = self._owner.folder(name)
        if folder is None:
            raise Refused(otherwise)
        return folder

    def _namespace(self, reader: Reader) -> Answer:
        reader.end()
        yield f'* NAMESPACE (("" "{DELIMITER}")) NIL NIL'.encode()
        return "done"

    def _list(self, command: str, reader: Reader) -> Answer:
        reader.space()
        only: list[str] = []
        if reader.sees(b"("):  # selection options of RFC 5258, as RFC 6154 §3 uses them
            only = [option.upper() for option in reader.parenthesised(reader.atom)]
            reader.space()
        reference = reader.mailbox()
        reader.space()
        pattern = reader.mailbox()
        if reader.skip(b" RETURN "):
            reader.parenthesised(reader.atom)  # attributes are always returned
        reader.end()
        if not pattern:
            yield f'* {command} (\\Noselect) "{DELIMITER}" ""'.encode()
            return "done"
        matching = _pattern(reference + pattern)
        with self._store.lock:
            folders = list(self._owner.folders.values())
        for folder in folders:
            hidden = command == "LSUB" or "SUBSCRIBED" in only
            if (hidden and not folder.subscribed) or ("SPECIAL-USE" in only and not folder.attribute):
                continue
            if matching.fullmatch(folder.name):
                children = any(f.name.startswith(folder.name + DELIMITER) for f in folders)
                marks = ["\\HasChildren" if children else "\\HasNoChildren", folder.attribute]
                shown = " ".join(mark for mark in marks if mark)
                name = nstring(encode_mailbox(folder.name))
                yield f'* {command} ({shown}) "{DELIMITER}" '.encode() + name
        return "done"

    def _status(self, reader: Reader) -> Answer:
        reader.space()
        folder = self.folder(reader.mailbox())
        reader.space()
        names = [name.upper() for name in reader.parenthesised(reader.atom)]
        with self._store.lock:
            values = {
                "MESSAGES": len(folder.messages),
                "RECENT": 0,
                "UIDNEXT": folder.uidnext,
                "UIDVALIDITY": folder.uidvalidity,
                "UNSEEN": sum("\\Seen" not in m.flags for m in folder.messages),
            }
        if unknown := [name for name in names if name not in values]:
            raise BadSyntax(f"STATUS knows no {unknown[0]}")
        shown = " ".join(f"{name} {values[name]}" for name in names)
        yield b"* STATUS %b (%b)" % (nstring(encode_mailbox(folder.name)), shown.encode())
        return "done"

    def _create(self, reader: Reader) -> Answer:
        reader.space()
        name = reader.mailbox().rstrip(DELIMITER)
        with self._store.lock:
            if not name or self._owner.folder(name) is not None:
                raise Refused("[ALREADYEXISTS] there is such a folder")
            self._owner.create(name)
        yield from ()
        return "created"

    def _delete(self, reader: Reader) -> Answer:
        reader.space()
        folder = self.folder(reader.mailbox())
        if folder.name == "INBOX":
            raise Refused("INBOX stays")
        with self._store.lock:
            del self._owner.folders[folder.name]
            folder.remove(list(folder.messages))
        yield from ()
        return "deleted"

    def _rename(self, reader: Reader) -> Answer:
        reader.space()
        folder = self.folder(reader.mailbox())
        reader.space()
        name = reader.mailbox()
        if folder.name == "INBOX":
            raise Refused("INBOX keeps its name")
        with self._store.lock:
            if self._owner.folder(name) is not None:
                raise Refused("[ALREADYEXISTS] there is such a folder")
            self._owner.folders[name] = self._owner.folders.pop(folder.name)
            folder.name = name
        yield from ()
        return "renamed"

    def _subscribe(self, subscribed: bool, reader: Reader) -> Answer:
        reader.space()
        self.folder(reader.mailbox()).subscribed = subscribed
        yield from ()
        return "done"

    def _append(self, reader: Reader) -> Answer:
        reader.space()
        folder = self.folder(reader.mailbox(), "[TRYCREATE] there is no such folder")
        reader.space()
        flags: list[str] = []
        if reader.sees(b"("):
            flags = [canonical_flag(flag) for flag in reader.flags()]
            reader.space()
        when = self._now()
        if reader.sees(b'"'):
            when = reader.date_time()
            reader.space()
        raw = reader.string()
        if raw is None:
            raise BadSyntax("expected a message")
        reader.end()
        with self._store.lock:
            message = folder.add(raw, when, flags)
        self._store.notify()
        yield from ()
        return f"[APPENDUID {folder.uidvalidity} {message.uid}] stored"


def _pattern(pattern: str) -> re.Pattern[str]:
    inbox = re.sub(rf"^inbox(?=$|{re.escape(DELIMITER)})", "INBOX", pattern, flags=re.IGNORECASE)
    parts = {"*": ".*", "%": f"[^{DELIMITER}]*"}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in inbox))
