"""A mailbox read over IMAP: the only IMAP code of the desk.

It is synchronous and belongs to one thread. It reads with EXAMINE and BODY.PEEK[], so it leaves no
trace: it never sets a flag, never moves, never deletes; the one thing it writes is a copy of a sent
letter. It keeps no cursor and knows no store: the caller says which UIDs it has.

Standards: RFC 3501 (IMAP4rev1), RFC 2971 (ID), RFC 2177 (IDLE), RFC 6154 (SPECIAL-USE). Not relied on,
as NetEase gets them wrong: UIDNEXT, STATUS, distinct UIDVALIDITY, the `n:*` range (see `new_uids`).
"""

from __future__ import annotations

import contextlib
import imaplib
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import structlog
from imapclient import IMAPClient, SocketTimeout, imap_utf7

import mail_desk
from mail_desk.clock import Clock
from mail_desk.config import Account, FolderRole
from mail_desk.inbound import folders as naming
from mail_desk.inbound.answer_limits import Answer, connection
from mail_desk.inbound.backoff import Backoff
from mail_desk.inbound.fetching import Fetched, Fetching, FolderState, HeaderOnly
from mail_desk.inbound.providers import imap_server, preset_of
from mail_desk.inbound.refusals import (
    MailboxUnavailable,
    RefusedCredentials,
    command_refused,
    connection_failed,
    decode_answer,
    login_refused,
)
from mail_desk.inbound.spool_file import discard_unfinished

__all__ = [
    "Backoff",
    "Fetched",
    "FolderState",
    "HeaderOnly",
    "Mailbox",
    "MailboxUnavailable",
    "RefusedCredentials",
]

log = structlog.get_logger(__name__)
T = TypeVar("T")

_WAITING = "waiting for mail"
_SLICE = 5.0  # seconds between two looks at `stop` while waiting
_LONGEST_SILENCE = 30.0  # seconds between two signs of life without IDLE
_SEARCH_WINDOW = 50_000  # messages whose UIDs still fit imaplib's longest line of 1 MB
_RECENT_SENT = 50  # letters looked at by hand where SEARCH finds nothing


@dataclass(frozen=True, slots=True)
class _Selected:
    """The open folder, as EXAMINE showed it."""

    name: str
    uidvalidity: int
    exists: int


class _Client(IMAPClient):  # type: ignore[misc] # imapclient ships no types
    """IMAPClient that keeps a server's words whole, and its answers within limits.

    The original drops all that is not ASCII, and waits for ever for an answer that drips or never ends.
    """

    def __init__(self, *args: Any, answer: Answer, **named: Any) -> None:  # noqa: ANN401 - passed through
        self.answer = answer
        super().__init__(*args, **named)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - imapclient's name
        context = self.ssl_context if self.ssl else None
        return connection(self.host, self.port, context, self._timeout.connect, self.answer)

    def _check_resp(self, expected: str, command: str, typ: str, data: list[bytes | None]) -> None:
        if typ != expected:
            raise imaplib.IMAP4.error(f"{command} failed: {decode_answer(data[0] or b'')}")


class Mailbox:
    """One account's mailbox over one connection that is kept."""

    def __init__(
        self,
        account: Account,
        password: str,
        *,
        spool_dir: Path,
        clock: Clock,
        timeout: float = 60,
        inline_limit: int = 256 * 1024,
    ) -> None:
        """Messages above `inline_limit` bytes go to files below `spool_dir`; `timeout` is in seconds."""
        self._account = account
        self._server = imap_server(account)
        self._access = preset_of(account).access
        self._password = password
        self._spool_dir = spool_dir
        self._timeout = timeout
        self._fetching = Fetching(
            source=self,
            account=account.name,
            clock=clock,
            spool_dir=spool_dir,
            inline_limit=inline_limit,
            largest=account.max_message_mb * 1024 * 1024,
        )
        self._answer = Answer(clock.monotonic)
        self._client: _Client | None = None
        self._folders: list[FolderState] = []
        self._missing: list[str] = []
        self._selected: _Selected | None = None
        self._only_waited = False  # since the inbox was opened
        self._idles = True  # until the server refuses it
        self._noop_every = min(_LONGEST_SILENCE, account.poll_seconds / 2)
        self._noop_due = self._noop_every  # seconds of waiting that are left until then
        self._known: dict[str, int] = {}  # EXISTS of each folder when it was last searched

    # --- the connection ---------------------------------------------------------------------------

    def open(self) -> None:
        """Connect, verify the certificate, log in, and say who we are."""
        self.close()
        self._idles = True
        discard_unfinished(self._spool_dir, self._account.name)
        try:
            self._client = self._connected()
            self._log_in(self._client)
            self._introduce(self._client)
        except BaseException:
            self._hang_up()  # no LOGOUT: whoever refused us need not be waited for
            raise
        log.info(
            "mailbox-opened", action="mailbox-opened", account=self._account.name, host=self._server.host
        )

    def close(self) -> None:
        """Log out if that works, and hang up. Never raises."""
        client, self._client, self._selected = self._client, None, None
        self._folders = []
        if client is not None:
            with contextlib.suppress(Exception):
                client.socket().settimeout(_SLICE)
                client.logout()
            with contextlib.suppress(Exception):  # after a failed log-out the socket is still open
                client.shutdown()

    def noop(self) -> None:
        """Show the server that we are still here."""
        client = self._opened()
        self._ask("keeping the connection", client.noop)

    def _connected(self) -> _Client:
        server = self._server
        secure = server.security == "tls"
        try:
            # A CA file replaces the system's authorities, it does not add to them.
            context = ssl.create_default_context(cafile=server.ca_file)
        except OSError as error:
            raise MailboxUnavailable(f"the ca_file {server.ca_file} cannot be read: {error}") from error
        limits = SocketTimeout(connect=min(self._timeout, 30), read=self._timeout)

        def connect() -> _Client:
            client = _Client(
                server.host,
                server.port,
                ssl=secure,
                ssl_context=context,
                timeout=limits,
                answer=self._answer,
            )
            # APPEND sends its end apart from the message, and would wait for an acknowledgement between.
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.normalise_times = False  # else INTERNALDATE comes back naive, in local time
            # imapclient sets 5 and formats every message into a log line that nobody reads.
            client._imap.debug = 0  # noqa: SLF001 - there is no public switch
            return client

        client = self._ask("connecting", connect)
        if server.security == "starttls":
            self._client = client  # so that open() hangs up should this fail
            if not client.has_capability("STARTTLS"):
                raise MailboxUnavailable(
                    f"{server.host} port {server.port} offers no STARTTLS: set security to tls or, within "
                    "one machine, to plain"
                )
            self._ask("securing the connection", client.starttls, context)
        return client

    def _log_in(self, client: _Client) -> None:
        login = self._account.login
        if client.has_capability("LOGINDISABLED"):
            raise RefusedCredentials(
                f"{self._server.host} takes no password over this connection (LOGINDISABLED): set security "
                "to tls or starttls, or the provider wants XOAUTH2, which the desk does not speak"
            )
        for name, value in (("secret", self._password), ("user name", login)):
            if not value or not value.isascii() or not value.isprintable():
                raise RefusedCredentials(
                    f"the {name} of {self._account.name} is empty or holds characters that LOGIN cannot "
                    f"carry (full-width letters, a line break?) - {self._access}"
                )
        # imaplib quotes the password only, and DOMAIN\user is a user name as well.
        quoted = '"' + login.replace("\\", "\\\\").replace('"', '\\"') + '"'
        try:
            self._ask("logging in", client.login, quoted, self._password, answered=True)
        except imaplib.IMAP4.error as error:
            if isinstance(error.__context__, imaplib.IMAP4.abort):  # imapclient calls that a refusal as well
                raise connection_failed(
                    error.__context__, "logging in", self._server.host, self._server.port
                ) from None
            raise login_refused(error, login, self._access) from None  # its frames hold the password

    def _introduce(self, client: _Client) -> None:
        """Send ID (RFC 2971). NetEase refuses SELECT and EXAMINE on each connection without it."""
        if not client.has_capability("ID"):
            return
        identity = {"name": "mail_desk", "version": mail_desk.__version__, "vendor": "mail_desk"}
        try:
            self._ask("introducing the desk", client.id_, identity, answered=True)
        except imaplib.IMAP4.error as error:
            # ID is a courtesy: a server that dislikes it may well serve the mailbox.
            log.warning("id-refused", action="id-refused", account=self._account.name, answer=str(error))

    # --- folders ----------------------------------------------------------------------------------

    def folders(self, *, refresh: bool = False) -> list[FolderState]:
        """Return the folders that concern the desk, inbox first; asks the server once a connection.

        `uidvalidity` and `exists` come from EXAMINE: NetEase's STATUS may be empty.
        """
        if refresh or not self._folders:
            listed = self._listed()
            chosen = naming.choose(listed, self._account.folders)
            self._missing = naming.missing(listed, self._account.folders)
            if self._missing:
                names = self._missing
                log.warning(
                    "folders-missing", action="folders-missing", account=self._account.name, names=names
                )
            found = []
            for name, role in chosen.items():
                opened = self._examine(name)
                found.append(FolderState(name, role, opened.uidvalidity, opened.exists))
            self._folders = found
        return list(self._folders)

    @property
    def missing_folders(self) -> tuple[str, ...]:
        """Folders that the configuration names and the server does not have, as of `folders()`."""
        return tuple(self._missing)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the server offers now that we are logged in, for `check`."""
        return tuple(c.decode("ascii", "replace") for c in self._ask("listing", self._opened().capabilities))

    def _listed(self) -> list[naming.Listed]:
        client = self._opened()
        client.folder_encode = False  # names as octets: imapclient breaks on one that is not modified UTF-7
        try:
            listed = self._decoded(self._ask("listing folders", client.list_folders))
            if not any(naming.marked(f) for f in listed) and client.has_capability("XLIST"):
                listed = self._decoded(self._ask("listing folders", client.xlist_folders))
        finally:
            client.folder_encode = True
        return listed

    def _decoded(
        self, rows: Sequence[tuple[Sequence[bytes], bytes | None, bytes | str]]
    ) -> list[naming.Listed]:
        listed = []
        for attributes, delimiter, name in rows:
            marks = frozenset(a.decode("ascii", "replace").lower() for a in attributes)
            try:
                decoded = imap_utf7.decode(name)
            except ValueError:  # an old server's own idea of a name; no complaint arrives there
                log.warning("folder-name", action="folder-name", account=self._account.name, name=repr(name))
                continue
            listed.append(naming.Listed(marks, (delimiter or b"").decode("ascii", "replace"), decoded))
        return listed

    def _examine(self, name: str) -> _Selected:
        """Open a folder for reading. EXAMINE, not SELECT: nothing can be changed by mistake."""
        client = self._opened()
        self._selected = None
        answer = self._ask(f"opening the folder {name}", client.select_folder, name, readonly=True)
        # RFC 3501 §6.3.1 demands UIDVALIDITY of the server and says what its absence means: no UIDs
        # that last. 1 is what NetEase says everywhere; the content of each mail settles the rest.
        self._selected = _Selected(name, int(answer.get(b"UIDVALIDITY", 1)), int(answer.get(b"EXISTS", 0)))
        return self._selected

    def _the_open_folder(self) -> _Selected:
        if self._selected is None:
            raise MailboxUnavailable(f"no folder of the mailbox {self._account.name} is open")
        return self._selected

    # --- which messages there are -----------------------------------------------------------------

    def new_uids(self, folder: FolderState, after_uid: int) -> list[int]:
        """Return the UIDs above `after_uid`, ascending.

        `UID SEARCH n:*` names the last message even where its UID is below n (RFC 3501 §6.4.8), so the
        answer is filtered.
        """
        if after_uid <= 0:
            return self.all_uids(folder)
        exists = self.turn_to(folder, afresh=True)
        if not exists:
            self._known[folder.name] = 0
            return []
        found = self._search(["UID", f"{after_uid + 1}:*"])
        self._known[folder.name] = exists
        return sorted({uid for uid in found if uid > after_uid})

    def all_uids(self, folder: FolderState) -> list[int]:
        """Return all UIDs of the folder, ascending."""
        exists = self.turn_to(folder, afresh=True)
        found: set[int] = set()
        # From the end to the front: what is expunged meanwhile moves messages to lower numbers, into
        # windows that are still to come, so none is missed.
        for last in range(exists, 0, -_SEARCH_WINDOW):
            found.update(self._search([f"{max(1, last - _SEARCH_WINDOW + 1)}:{last}"]))
        self._known[folder.name] = exists
        return sorted(found)

    def _search(self, criteria: Sequence[str]) -> list[int]:
        return [int(uid) for uid in self._ask("searching", self._opened().search, list(criteria))]

    # --- their bytes ------------------------------------------------------------------------------

    def fetch(self, folder: FolderState, uids: Sequence[int]) -> Iterator[Fetched]:
        """Yield the messages in the given order; one that has vanished meanwhile is not yielded.

        Small messages come in batches, large ones one at a time through a file: of a message of 70 MB
        memory holds pieces of 1 MiB only.
        """
        return self._fetching.fetch(folder, uids)

    def headers(self, folder: FolderState, uids: Sequence[int]) -> Iterator[HeaderOnly]:
        """Yield sender, subject, date and Message-ID of messages, without their bodies."""
        return self._fetching.headers(folder, uids)

    def turn_to(self, folder: FolderState, *, afresh: bool = False) -> int:
        """Open `folder` for reading, unless it is open and need not be afresh; return EXISTS at opening.

        Raises MailboxUnavailable where it is not the folder that was listed (RFC 3501 §2.3.1.1): its
        UIDs mean other messages now.
        """
        if afresh or self._selected is None or self._selected.name != folder.name:
            self._examine(folder.name)
        selected = self._the_open_folder()
        if selected.uidvalidity != folder.uidvalidity:
            self._folders = []
            raise MailboxUnavailable(
                f"the folder {folder.name} was created anew on the server (UIDVALIDITY "
                f"{folder.uidvalidity} became {selected.uidvalidity}): list the folders again"
            )
        return selected.exists

    def items(self, uids: Sequence[int], *what: str) -> dict[int, dict[bytes, Any]]:
        """FETCH `what`. A message that is gone is missing; one that the server refuses has no items."""
        client = self._opened()
        try:
            return dict(self._ask("fetching", client.fetch, list(uids), list(what), answered=True))
        except imaplib.IMAP4.error as error:
            refused = command_refused(error, "fetching", self._access)
            if isinstance(refused, RefusedCredentials):
                raise refused from error
            log.warning(
                "fetch-refused",
                action="fetch-refused",
                account=self._account.name,
                messages=len(uids),
                answer=refused.explanation,
            )
        if len(uids) > 1:  # one bad message must not stop the others
            return {uid: items for one in uids for uid, items in self.items([one], *what).items()}
        return {uid: {} for uid in uids if self.still_there(uid)}

    def still_there(self, uid: int) -> bool:
        """Tell whether a message of the open folder has not been expunged."""
        # NOOP lets the server tell what is gone (RFC 3501 §5.5); before that it may feign it is there.
        self._ask("fetching", self._opened().noop)
        return uid in self._search(["UID", str(uid)])

    # --- waiting ----------------------------------------------------------------------------------

    def wait(self, seconds: float, stop: Callable[[], bool]) -> bool:
        """Wait until something arrives in the inbox, at most `seconds` of real time.

        Returns True when something has arrived, also since the inbox was last searched. `stop` is
        asked every 5 seconds at least; True ends the wait. Waiting piece by piece costs no more than
        at once: the inbox stays open, and without IDLE a NOOP is sent twice a poll, not at each call.
        """
        client = self._opened()
        inbox = next(f for f in self.folders() if f.role is FolderRole.INBOX)
        # Anything else done since may have swallowed the server's word of new mail: look afresh then.
        self.turn_to(inbox, afresh=not self._only_waited)
        exists = self._the_open_folder().exists
        arrived = exists > self._known.setdefault(inbox.name, exists)
        while not arrived and seconds > 0 and not stop():
            idle = self._idles and client.has_capability("IDLE")
            piece = min(_SLICE, seconds, _SLICE if idle else self._noop_due)
            seconds -= piece
            self._noop_due -= piece
            answers: list[Any] = []
            if idle:
                # IDLE is left after each piece: imapclient can read only then without losing half lines.
                answers = self._ask(_WAITING, self._idle_once, client, piece)
            elif self._readable(client, piece) or self._noop_due <= 0:
                self._noop_due = self._noop_every
                answers = self._ask(_WAITING, client.noop)[1]
            exists, arrived = _count(answers, exists)
        self._selected = replace(self._the_open_folder(), exists=exists)
        self._known[inbox.name] = exists
        self._only_waited = True
        return arrived

    def _idle_once(self, client: _Client, seconds: float) -> list[Any]:
        news = self._begin_idle(client)
        if not self._idles:  # refused just now
            return list(client.noop()[1])
        if not news:
            self._readable(client, seconds)
        return news + list(client.idle_done()[1])

    def _begin_idle(self, client: _Client) -> list[Any]:
        """Send IDLE and wait for its "+"; return news that came before it.

        imapclient takes any other line for a failure: it may be news, which is harmless, or the
        refusal of a server that offers IDLE and does not do it, and then `_idles` is taken back.
        """
        try:
            client.idle()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            imap, tag = client._imap, client._idle_tag  # noqa: SLF001 - there is no public way on from here
            while not imap.tagged_commands[tag]:
                if imap._get_response() is None:  # noqa: SLF001 - its "+"
                    return [(int(n), b"EXISTS") for n in imap.untagged_responses.get("EXISTS", ())]
            del imap.tagged_commands[tag]
            self._idles = False
        return []

    @staticmethod
    def _readable(client: _Client, seconds: float) -> bool:
        """Wait for the server to say something, at most `seconds`."""
        sock = client.socket()
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    # --- letters we sent --------------------------------------------------------------------------

    def find_in_sent(self, message_id: str) -> datetime | bool:
        """Tell whether a Sent folder holds a letter with this Message-ID, and since when if the server says so.

        The identifier may stand in brackets.

        SEARCH HEADER is asked first. Its index may lag or be missing at simple servers, so the last
        letters are looked at as well.
        """
        wanted = message_id.strip().strip("<>").encode()
        for folder in self.folders():
            if folder.role is not FolderRole.SENT:
                continue
            exists = self.turn_to(folder, afresh=True)
            if not exists:
                continue
            hits = self._search(["HEADER", "Message-ID", wanted.decode()])[-_RECENT_SENT:]
            last = self._search([f"{max(1, exists - _RECENT_SENT + 1)}:{exists}"])
            for uids in (hits, last):  # a hit is verified too: HEADER means "contains"
                if uids and wanted in (known := self._message_ids(uids)):
                    return known[wanted]
        return False

    def _message_ids(self, uids: Sequence[int]) -> dict[bytes, datetime | Literal[True]]:
        """Return the Message-IDs of these messages, and since when they are there where that is known."""
        found: dict[bytes, datetime | Literal[True]] = {}
        for items in self.items(uids, "INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]").values():
            date = items.get(b"INTERNALDATE")
            since: datetime | Literal[True] = True
            if isinstance(date, datetime):
                since = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
            for key, value in items.items():
                if key.startswith(b"BODY[HEADER") and isinstance(value, bytes):
                    found[value.partition(b":")[2].strip().strip(b"<>")] = since
        return found

    def append_sent(self, raw: bytes, when: datetime) -> bool:
        """Store a copy of a letter in the Sent folder, as read. False: the mailbox has no such folder."""
        name = next((f.name for f in self.folders() if f.role is FolderRole.SENT), None)
        if name is None:
            return False
        client = self._opened()
        self._ask("storing a sent letter", client.append, name, raw, (b"\\Seen",), when)
        return True

    # --- errors -----------------------------------------------------------------------------------

    def _opened(self) -> _Client:
        if self._client is None:
            raise MailboxUnavailable(f"the mailbox {self._account.name} is not connected")
        return self._client

    def _ask(
        self,
        doing: str,
        call: Callable[..., T],
        /,
        *args: Any,  # noqa: ANN401 - passed through
        answered: bool = False,
        **named: Any,  # noqa: ANN401 - passed through
    ) -> T:
        """Make one call of imapclient and turn what it raises into the desk's two exceptions.

        With `answered`, a NO or BAD is left to the caller as imaplib's error.
        """
        server = self._server
        self._only_waited = self._only_waited and doing == _WAITING
        self._answer.begin()
        try:
            return call(*args, **named)
        except (imaplib.IMAP4.abort, OSError, EOFError) as error:
            self._hang_up()
            raise connection_failed(error, doing, server.host, server.port) from error
        except imaplib.IMAP4.error as error:
            if answered:
                raise
            raise command_refused(error, doing, self._access) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # imaplib and imapclient break so on answers that are not IMAP.
            self._hang_up()
            raise MailboxUnavailable(
                f"{server.host} port {server.port} answered something that is not IMAP while {doing}: {error}"
            ) from error

    def _hang_up(self) -> None:
        """Drop a connection that is of no more use: there is nobody to log out from."""
        client, self._client, self._selected = self._client, None, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()


def _count(answers: Sequence[Any], exists: int) -> tuple[int, bool]:
    """Follow EXISTS and EXPUNGE (RFC 3501 §7.3.1, §7.4.1); tell whether something came."""
    arrived = False
    for answer in answers:
        match answer:
            case (int(count), b"EXISTS"):
                arrived = arrived or count > exists
                exists = count
            case (int(), b"EXPUNGE"):
                exists -= 1
    return exists, arrived
