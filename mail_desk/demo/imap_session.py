r"""One IMAP session: a complete command goes in, the lines of its answer come out.

No network here: `imap_server.py` reads commands and writes answers; IDLE and the dialogue of
AUTHENTICATE are its business too, as they wait. Standards: RFC 3501, RFC 2971 (ID), RFC 2342
(NAMESPACE), RFC 3691 (UNSELECT), RFC 4315 (UIDPLUS), RFC 6154 (SPECIAL-USE), RFC 6851 (MOVE). There is
no \Recent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from mail_desk.demo.imap_folders import Folders
from mail_desk.demo.imap_grammar import FLAGS, Answer, BadSyntax, Reader, Refused
from mail_desk.demo.imap_open_folder import OpenFolder
from mail_desk.demo.imap_search import UnknownCharset
from mail_desk.demo.imap_view import View
from mail_desk.demo.mail_store import MailStore

CAPABILITIES = (
    "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID IDLE NAMESPACE CHILDREN SPECIAL-USE UIDPLUS UNSELECT MOVE"
)
_QUIET = {"FETCH", "STORE", "SEARCH", "UID FETCH", "UID STORE", "UID SEARCH"}  # no EXPUNGE during these


class Session:
    """The state of one connection."""

    def __init__(self, store: MailStore, now: Callable[[], datetime]) -> None:
        """`now` gives the INTERNALDATE of what the client appends without a date."""
        self._store = store
        self._now = now
        self._folders: Folders | None = None
        self._open: OpenFolder | None = None
        self.ended = False

    @property
    def authenticated(self) -> bool:
        return self._folders is not None

    @property
    def selected(self) -> bool:
        return self._open is not None

    def login(self, name: bytes, password: bytes) -> bool:
        """Check credentials; afterwards the session is `authenticated`."""
        user = self._store.check(name.decode("utf-8", "replace"), password.decode("utf-8", "replace"))
        if user is not None:
            self._folders = Folders(self._store, user, self._now)
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

    def news(self, *, expunged: bool) -> list[bytes]:
        """Return what changed in the open folder since the client last heard."""
        return self._open.news(expunged=expunged) if self._open else []

    def _handler(self, name: str) -> Callable[[Reader], Answer]:
        always = {"CAPABILITY": self._capability, "NOOP": self._noop, "LOGOUT": self._logout, "ID": self._id}
        if name in always:
            return always[name]
        if self._folders is None:
            if name == "LOGIN":
                return self._login
            raise BadSyntax("log in first, or there is no such command")
        if name in ("SELECT", "EXAMINE"):
            folders, readonly = self._folders, name == "EXAMINE"
            return lambda reader: self._select(folders, reader, readonly=readonly)
        if name in self._folders.commands:
            return self._folders.commands[name]
        if self._open is None:
            raise BadSyntax("select a folder first, or there is no such command")
        if name in ("CLOSE", "UNSELECT"):
            opened, expunge = self._open, name == "CLOSE"
            return lambda reader: self._close(opened, reader, expunge=expunge)
        if name in self._open.commands:
            return self._open.commands[name]
        raise BadSyntax("there is no such command")

    def _capability(self, reader: Reader) -> Answer:
        reader.end()
        yield f"* CAPABILITY {CAPABILITIES}".encode()
        return "done"

    def _noop(self, reader: Reader) -> Answer:
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

    def _select(self, folders: Folders, reader: Reader, *, readonly: bool) -> Answer:
        self._open = None  # also where the new folder does not exist (RFC 3501 §6.3.1)
        reader.space()
        folder = folders.folder(reader.mailbox())
        with self._store.lock:
            view = View(folder, readonly=readonly)
            unseen = next((n for n, m in view.numbered() if "\\Seen" not in m.flags), None)
            numbers = (len(view), folder.uidvalidity, folder.uidnext)
        yield f"* FLAGS ({FLAGS})".encode()
        yield b"* OK [PERMANENTFLAGS (%b)] kept" % (b"" if readonly else f"{FLAGS} \\*".encode())
        yield b"* %d EXISTS" % numbers[0]
        yield b"* 0 RECENT"
        if unseen is not None:
            yield b"* OK [UNSEEN %d] first unseen" % unseen
        yield b"* OK [UIDVALIDITY %d] UIDs valid" % numbers[1]
        yield b"* OK [UIDNEXT %d] next UID" % numbers[2]
        self._open = OpenFolder(self._store, folders, view)
        return f"[{'READ-ONLY' if readonly else 'READ-WRITE'}] open"

    def _close(self, opened: OpenFolder, reader: Reader, *, expunge: bool) -> Answer:
        reader.end()
        if expunge:
            opened.expunge_silently()
        self._open = None
        yield from ()
        return "closed"
