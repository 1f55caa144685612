"""IMAP's commands on an open folder: reading, searching, flags, copies, removal.

Standards: RFC 3501 §6.4, RFC 4315 (UIDPLUS), RFC 6851 (MOVE).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mail_desk.demo.imap_folders import Folders
from mail_desk.demo.imap_grammar import (
    Answer,
    Attribute,
    BadSyntax,
    Reader,
    Refused,
    canonical_flag,
    internaldate,
    literal,
    parenthesised,
    ranges,
)
from mail_desk.demo.imap_mime import bodystructure, dissect, envelope, section
from mail_desk.demo.imap_search import read_criteria
from mail_desk.demo.imap_view import View
from mail_desk.demo.mail_store import MailStore, Message


class OpenFolder:
    """The folder a session has selected."""

    def __init__(self, store: MailStore, folders: Folders, view: View) -> None:
        self._store = store
        self._folders = folders
        self._open = view
        self.commands: dict[str, Callable[[Reader], Answer]] = {
            "CHECK": self._check,
            "EXPUNGE": self._expunge,
            "UID EXPUNGE": self._uid_expunge,
        }
        either: dict[str, Callable[[bool, Reader], Answer]] = {
            "FETCH": self._fetch,
            "SEARCH": self._search,
            "STORE": self._change_flags,
            "COPY": self._copy,
            "MOVE": self._move,
        }
        for name, command in either.items():
            self.commands[name] = partial(command, False)
            self.commands[f"UID {name}"] = partial(command, True)

    def news(self, *, expunged: bool) -> list[bytes]:
        """Return what changed in the folder since the client last heard."""
        with self._store.lock:
            return self._open.news(expunged=expunged)

    def expunge_silently(self) -> None:
        r"""Remove what is marked \Deleted as CLOSE does; nothing where the folder is read only."""
        if not self._open.readonly:
            self._remove_deleted()

    def _check(self, reader: Reader) -> Answer:
        reader.end()
        yield from ()
        return "done"

    def _writable(self) -> View:
        if self._open.readonly:
            raise Refused("[READ-ONLY] the folder is open for reading only")
        return self._open

    def _remove_deleted(self) -> None:
        with self._store.lock:
            folder = self._writable().folder
            folder.remove([m for m in folder.messages if "\\Deleted" in m.flags])
        self._store.notify()

    def _expunge(self, reader: Reader) -> Answer:
        reader.end()
        self._remove_deleted()
        yield from self.news(expunged=True)
        return "expunged"

    def _uid_expunge(self, reader: Reader) -> Answer:
        reader.space()
        numbers = reader.sequence_set()
        with self._store.lock:
            chosen = self._writable().pick(numbers, by_uid=True)
            self._open.folder.remove([m for _, m in chosen if "\\Deleted" in m.flags])
        self._store.notify()
        yield from self.news(expunged=True)
        return "expunged"

    def _search(self, by_uid: bool, reader: Reader) -> Answer:
        reader.space()
        with self._store.lock:
            view = self._open
            matches = read_criteria(reader, view.largest)
            reader.end()
            found = [m.uid if by_uid else n for n, m in view.numbered() if matches(n, m)]
        yield " ".join(["* SEARCH", *(str(number) for number in found)]).encode()
        return "done"

    def _fetch(self, by_uid: bool, reader: Reader) -> Answer:
        reader.space()
        numbers = reader.sequence_set()
        reader.space()
        wanted = reader.fetch_attributes()
        reader.end()
        if by_uid and not any(a.name == "UID" for a in wanted):
            wanted.insert(0, Attribute("UID"))
        view = self._open
        with self._store.lock:
            chosen = view.pick(numbers, by_uid=by_uid)
        reads = any(not a.peek and a.name in ("BODY[]", "RFC822", "RFC822.TEXT") for a in wanted)
        for number, message in chosen:
            items = wanted
            with self._store.lock:
                if reads and not view.readonly and "\\Seen" not in message.flags:
                    view.folder.flag(message, message.flags | {"\\Seen"})
                    items = [a for a in wanted if a.name != "FLAGS"] + [Attribute("FLAGS")]
                if any(a.name == "FLAGS" for a in items):
                    view.reported(message)
            written = [item.label.encode() + b" " + _item(message, item) for item in items]
            yield b"* %d FETCH %b" % (number, parenthesised(written))
        if reads:
            self._store.notify()
        return "done"

    def _change_flags(self, by_uid: bool, reader: Reader) -> Answer:
        reader.space()
        numbers = reader.sequence_set()
        reader.space()
        sign = next((s for s in "+-" if reader.skip(s.encode())), "")
        name = reader.atom().upper()
        if name.removesuffix(".SILENT") != "FLAGS":
            raise BadSyntax("STORE changes FLAGS only")
        reader.space()
        given = frozenset(canonical_flag(flag) for flag in reader.flags())
        reader.end()
        lines = []
        with self._store.lock:
            view = self._writable()
            for number, message in view.pick(numbers, by_uid=by_uid):
                changed = {"": given, "+": message.flags | given, "-": message.flags - given}[sign]
                view.folder.flag(message, changed)
                view.reported(message)
                uid = b"UID %d " % message.uid if by_uid else b""
                lines.append(b"* %d FETCH (%bFLAGS %b)" % (number, uid, _item(message, Attribute("FLAGS"))))
        self._store.notify()
        if not name.endswith(".SILENT"):
            yield from lines
        return "done"

    def _copy(self, by_uid: bool, reader: Reader) -> Answer:
        code, _ = self._copied(by_uid, reader)
        self._store.notify()
        yield from ()
        return f"{code}copied"

    def _move(self, by_uid: bool, reader: Reader) -> Answer:
        with self._store.lock:
            view = self._writable()
            code, moved = self._copied(by_uid, reader)
            view.folder.remove(moved)
        self._store.notify()
        if code:
            yield b"* OK " + code.encode() + b"moved"
        yield from self.news(expunged=True)
        return "moved"

    def _copied(self, by_uid: bool, reader: Reader) -> tuple[str, list[Message]]:
        reader.space()
        numbers = reader.sequence_set()
        reader.space()
        target = self._folders.folder(reader.mailbox(), "[TRYCREATE] there is no such folder")
        reader.end()
        with self._store.lock:
            chosen = [m for _, m in self._open.pick(numbers, by_uid=by_uid)]
            copies = [target.add(m.raw, m.when, m.flags) for m in chosen]
        if not chosen:
            return "", []
        old, new = ranges(m.uid for m in chosen), ranges(m.uid for m in copies)
        return f"[COPYUID {target.uidvalidity} {old} {new}] ", chosen


def _item(message: Message, wanted: Attribute) -> bytes:
    match wanted.name:
        case "UID":
            return b"%d" % message.uid
        case "FLAGS":
            return parenthesised(flag.encode() for flag in sorted(message.flags))
        case "INTERNALDATE":
            return internaldate(message.when).encode()
        case "RFC822.SIZE":
            return b"%d" % len(message.raw)
        case "RFC822":
            return literal(message.raw)
        case "RFC822.HEADER":
            return literal(section(message.raw, Attribute("BODY[]", text="HEADER")) or b"")
        case "RFC822.TEXT":
            return literal(section(message.raw, Attribute("BODY[]", text="TEXT")) or b"")
        case "ENVELOPE":
            return envelope(dissect(message.raw).headers)
        case "BODY" | "BODYSTRUCTURE":
            return bodystructure(dissect(message.raw), extended=wanted.name == "BODYSTRUCTURE")
    octets = section(message.raw, wanted)
    return b"NIL" if octets is None else literal(octets)
