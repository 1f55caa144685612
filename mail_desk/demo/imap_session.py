r"""One IMAP session: a complete command goes in, the lines of its answer come out.

No network here: `imap_server.py` reads commands and writes answers; IDLE and the dialogue of
AUTHENTICATE are its business too, as they wait. Standards: RFC 3501, RFC 2971 (ID), RFC 2342
(NAMESPACE), RFC 3691 (UNSELECT), RFC 4315 (UIDPLUS), RFC 6154 (SPECIAL-USE), RFC 6851 (MOVE). There is
no \Recent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from functools import partial

from mail_desk.demo.imap_grammar import (
    Attribute,
    BadSyntax,
    Reader,
    encode_mailbox,
    internaldate,
    literal,
    nstring,
    parenthesised,
    ranges,
)
from mail_desk.demo.imap_mime import bodystructure, dissect, envelope, section
from mail_desk.demo.imap_search import UnknownCharset, read_criteria
from mail_desk.demo.imap_view import View
from mail_desk.demo.mail_store import DELIMITER, Folder, MailStore, Message, User

CAPABILITIES = (
    "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID IDLE NAMESPACE CHILDREN SPECIAL-USE UIDPLUS UNSELECT MOVE"
)
_FLAGS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
_SYSTEM_FLAGS = {flag.lower(): flag for flag in _FLAGS.split()}
_QUIET = {"FETCH", "STORE", "SEARCH", "UID FETCH", "UID STORE", "UID SEARCH"}  # no EXPUNGE during these

Answer = Generator[bytes, None, str]  # untagged lines; returns the text of the tagged OK


class Refused(Exception):  # noqa: N818 - it becomes the answer NO
    """The command is understood and not done."""


class Session:
    """The state of one connection."""

    def __init__(self, store: MailStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.user: User | None = None
        self.view: View | None = None
        self.ended = False
        self._anytime: dict[str, Callable[[Reader], Answer]] = {
            "CAPABILITY": self._capability,
            "NOOP": self._nothing,
            "LOGOUT": self._logout,
            "ID": self._id,
        }
        self._authenticated: dict[str, Callable[[Reader], Answer]] = {
            "NAMESPACE": self._namespace,
            "LIST": lambda reader: self._list(reader, "LIST"),
            "LSUB": lambda reader: self._list(reader, "LSUB"),
            "STATUS": self._status,
            "SELECT": lambda reader: self._select(reader, readonly=False),
            "EXAMINE": lambda reader: self._select(reader, readonly=True),
            "CREATE": self._create,
            "DELETE": self._delete,
            "RENAME": self._rename,
            "SUBSCRIBE": lambda reader: self._subscribe(reader, subscribed=True),
            "UNSUBSCRIBE": lambda reader: self._subscribe(reader, subscribed=False),
            "APPEND": self._append,
        }
        self._selected: dict[str, Callable[[Reader], Answer]] = {
            "CHECK": self._nothing,
            "CLOSE": self._close,
            "UNSELECT": self._unselect,
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
            self._selected[name] = partial(command, False)
            self._selected[f"UID {name}"] = partial(command, True)

    def login(self, name: bytes, password: bytes) -> bool:
        """Check credentials; afterwards `user` is set."""
        user = self._store.check(name.decode("utf-8", "replace"), password.decode("utf-8", "replace"))
        self.user = user
        return user is not None

    def respond(self, command: bytes) -> Iterator[bytes]:
        """Answer one command, without the CRLF that ended it. Yields lines without their CRLF."""
        reader = Reader(command)
        try:
            tag = reader.atom().encode()
        except BadSyntax:
            yield b"* BAD a command begins with a tag"
            return
        try:
            reader.space()
            name = reader.atom().upper()
            if name == "UID":
                reader.space()
                name = f"UID {reader.atom().upper()}"
            done = yield from self._handler(name)(reader)
            yield from self.news(expunged=name not in _QUIET)
            yield b"%b OK %b" % (tag, done.encode())
        except BadSyntax as error:
            yield b"%b BAD %b" % (tag, str(error).encode("ascii", "replace"))
        except UnknownCharset:
            yield b"%b NO [BADCHARSET (UTF-8)] that charset is not known here" % tag
        except Refused as error:
            yield b"%b NO %b" % (tag, str(error).encode("ascii", "replace"))

    def news(self, *, expunged: bool) -> Iterator[bytes]:
        """Yield what changed in the open folder since the client last heard."""
        if self.view is not None:
            with self._store.lock:
                lines = self.view.news(expunged=expunged)
            yield from lines

    def _handler(self, name: str) -> Callable[[Reader], Answer]:
        if name in self._anytime:
            return self._anytime[name]
        if self.user is None:
            if name == "LOGIN":
                return self._login
            raise BadSyntax("log in first" if name in self._authenticated else "unknown command")
        if name in self._authenticated:
            return self._authenticated[name]
        if name in self._selected:
            if self.view is None:
                raise BadSyntax("select a folder first")
            return self._selected[name]
        raise BadSyntax("unknown command")

    # --- any state ------------------------------------------------------------------------------

    def _capability(self, reader: Reader) -> Answer:
        reader.end()
        yield f"* CAPABILITY {CAPABILITIES}".encode()
        return "done"

    def _nothing(self, reader: Reader) -> Answer:
        reader.end()
        yield from ()
        return "done"

    def _logout(self, reader: Reader) -> Answer:
        reader.end()
        self.ended = True
        yield b"* BYE good bye"
        return "logged out"

    def _id(self, reader: Reader) -> Answer:
        reader.space()  # what the client is called makes no difference here
        yield b'* ID ("name" "mail_desk demo")'
        return "nice to meet you"

    def _login(self, reader: Reader) -> Answer:
        reader.space()
        name = reader.astring()
        reader.space()
        if not self.login(name, reader.astring()):
            raise Refused("[AUTHENTICATIONFAILED] wrong address or password")
        yield from ()
        return f"[CAPABILITY {CAPABILITIES}] logged in"

    # --- folders --------------------------------------------------------------------------------

    @property
    def _owner(self) -> User:
        if self.user is None:
            raise BadSyntax("log in first")
        return self.user

    def _folder(self, name: str, otherwise: str = "[NONEXISTENT] there is no such folder") -> Folder:
        folder = self._owner.folder(name)
        if folder is None:
            raise Refused(otherwise)
        return folder

    def _namespace(self, reader: Reader) -> Answer:
        reader.end()
        yield f'* NAMESPACE (("" "{DELIMITER}")) NIL NIL'.encode()
        return "done"

    def _list(self, reader: Reader, command: str) -> Answer:
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
        folder = self._folder(reader.mailbox())
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

    def _select(self, reader: Reader, *, readonly: bool) -> Answer:
        self.view = None  # also where the new folder does not exist (RFC 3501 §6.3.1)
        reader.space()
        folder = self._folder(reader.mailbox())
        with self._store.lock:
            view = View(folder, readonly=readonly)
            unseen = next((n for n, m in view.numbered() if "\\Seen" not in m.flags), None)
            numbers = (len(view), folder.uidvalidity, folder.uidnext)
        yield f"* FLAGS ({_FLAGS})".encode()
        yield b"* OK [PERMANENTFLAGS (%b)] kept" % (b"" if readonly else f"{_FLAGS} \\*".encode())
        yield b"* %d EXISTS" % numbers[0]
        yield b"* 0 RECENT"
        if unseen is not None:
            yield b"* OK [UNSEEN %d] first unseen" % unseen
        yield b"* OK [UIDVALIDITY %d] UIDs valid" % numbers[1]
        yield b"* OK [UIDNEXT %d] next UID" % numbers[2]
        self.view = view
        return f"[{'READ-ONLY' if readonly else 'READ-WRITE'}] open"

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
        folder = self._folder(reader.mailbox())
        if folder.name == "INBOX":
            raise Refused("INBOX stays")
        with self._store.lock:
            del self._owner.folders[folder.name]
            folder.remove(list(folder.messages))
        yield from ()
        return "deleted"

    def _rename(self, reader: Reader) -> Answer:
        reader.space()
        folder = self._folder(reader.mailbox())
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

    def _subscribe(self, reader: Reader, *, subscribed: bool) -> Answer:
        reader.space()
        self._folder(reader.mailbox()).subscribed = subscribed
        yield from ()
        return "done"

    def _append(self, reader: Reader) -> Answer:
        reader.space()
        folder = self._folder(reader.mailbox(), "[TRYCREATE] there is no such folder")
        reader.space()
        flags: list[str] = []
        if reader.sees(b"("):
            flags = [_canonical(flag) for flag in reader.flags()]
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

    # --- an open folder -------------------------------------------------------------------------

    @property
    def _open(self) -> View:
        if self.view is None:
            raise BadSyntax("select a folder first")
        return self.view

    def _writable(self) -> View:
        if self._open.readonly:
            raise Refused("[READ-ONLY] the folder is open for reading only")
        return self._open

    def _close(self, reader: Reader) -> Answer:
        if not self._open.readonly:
            for _ in self._expunge(reader):
                pass  # CLOSE says nothing of what it expunges
        return (yield from self._unselect(reader))

    def _unselect(self, reader: Reader) -> Answer:
        reader.end()
        self.view = None
        yield from ()
        return "closed"

    def _expunge(self, reader: Reader) -> Answer:
        reader.end()
        with self._store.lock:
            folder = self._writable().folder
            folder.remove([m for m in folder.messages if "\\Deleted" in m.flags])
        self._store.notify()
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
        given = frozenset(_canonical(flag) for flag in reader.flags())
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
        target = self._folder(reader.mailbox(), "[TRYCREATE] there is no such folder")
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


def _canonical(flag: str) -> str:
    """System flags are one in any case (RFC 3501 §2.3.2)."""
    return _SYSTEM_FLAGS.get(flag.lower(), flag)


def _pattern(pattern: str) -> re.Pattern[str]:
    inbox = re.sub(rf"^inbox(?=$|{re.escape(DELIMITER)})", "INBOX", pattern, flags=re.IGNORECASE)
    parts = {"*": ".*", "%": f"[^{DELIMITER}]*"}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in inbox))
