"""An IMAP server that behaves like NetEase's: a rewriting proxy in front of any other.

One command at a time: it reads a whole command, passes it on, and passes the answer back changed.
What it changes is what clients have met at imap.126.com (see docs of the mailbox):

- SELECT and EXAMINE are refused without ID on this connection, or always with `unsafe = True`
- no IDLE, MOVE, CONDSTORE, UNSELECT, NAMESPACE; XLIST is there, as at Gmail
- UIDVALIDITY is 1 in every folder, UIDNEXT is missing, STATUS answers with an empty list
- UIDs are large and have gaps; `n:*` names the last message though its UID is below n
- a wrong password is refused in NetEase's words, or in GBK

Faults on demand: `cut_after` breaks the connection after that many bytes to the client, `hide_marks`
takes the SPECIAL-USE attributes away, `search_finds_nothing` plays an index that lags.
"""

from __future__ import annotations

import re
import socket
from typing import IO

from threaded_proxy import ThreadedProxy

CAPABILITIES = (
    b"IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ STARTTLS APPENDLIMIT=71680000 UIDPLUS SASL-IR AUTH=XOAUTH2"
)
UNSAFE = b"Unsafe Login. Please contact kefu@188.com for help"
UID_BASE, UID_STEP = 1_320_000_000, 7
NO_SUCH_UID = 4_294_967_290

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
_HIDDEN = {b"IDLE", b"MOVE", b"UNSELECT", b"NAMESPACE", b"ENABLE", b"GETQUOTA", b"SORT", b"THREAD"}


class NetEaseImap(ThreadedProxy):
    """Listens on `port` of the loopback; speaks to the server at `upstream`."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        super().__init__(upstream)
        self.unsafe = False
        self.hide_marks = False
        self.search_finds_nothing = False
        self.refusal_in_gbk = False
        self.cut_after: int | None = None  # bytes to the client, of all connections from now on
        self.commands: list[bytes] = []  # names of the commands seen, e.g. b"UID FETCH"

    def converse(self, client: socket.socket, server: socket.socket) -> None:
        with client.makefile("rb") as commands, server.makefile("rb") as answers:
            _Conversation(self, client, server, commands, answers).run()


class _Conversation:
    """One connection through the proxy."""

    def __init__(
        self,
        proxy: NetEaseImap,
        client: socket.socket,
        server: socket.socket,
        commands: IO[bytes],
        answers: IO[bytes],
    ) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._commands = commands
        self._answers = answers
        self._introduced = False

    def run(self) -> None:
        self._say(_with_capabilities(self._response()))
        while command := self._command():
            tag, _, rest = command.partition(b" ")
            words = rest.split(maxsplit=2)
            name = words[0].upper() if words else b""
            if name == b"UID" and len(words) > 1:
                name += b" " + words[1].upper()
            self._proxy.commands.append(name)
            if not self._answered_here(tag, name):
                self._server.sendall(_to_upstream(command, name))
                self._relay_answer(tag, name)

    def _answered_here(self, tag: bytes, name: bytes) -> bool:
        if name.removeprefix(b"UID ") in _HIDDEN:
            self._say(tag + b" BAD command not support\r\n")
            return True
        if name in (b"SELECT", b"EXAMINE") and (self._proxy.unsafe or not self._introduced):
            self._say(b"%b NO %b %b\r\n" % (tag, name, UNSAFE))
            return True
        if name == b"ID":
            self._introduced = True
        return False

    def _relay_answer(self, tag: bytes, name: bytes) -> None:
        while True:
            response = self._response()
            if response.startswith(tag + b" "):
                self._say(self._tagged(tag, name, response))
                return
            changed = self._untagged(name, response)
            if changed is not None:
                self._say(changed)

    def _tagged(self, tag: bytes, name: bytes, response: bytes) -> bytes:
        if name == b"LOGIN" and b" NO " in response[:40]:
            if self._proxy.refusal_in_gbk:
                return tag + b" NO LOGIN " + "登录失败，授权码错误".encode("gbk") + b"\r\n"
            return tag + b" NO LOGIN Login error password error\r\n"
        code = re.compile(rb"\[(APPENDUID|COPYUID) \d+ ([\d:,]+)(?: ([\d:,]+))?\]")
        response = code.sub(_uids_of_code, response)
        return _with_capabilities(response)

    def _untagged(self, name: bytes, response: bytes) -> bytes | None:
        head = response.upper()
        if head.startswith(b"* CAPABILITY"):
            return b"* CAPABILITY " + CAPABILITIES + b"\r\n"
        if re.match(rb"\* OK \[(UIDNEXT|HIGHESTMODSEQ|NOMODSEQ)", head):
            return None
        if head.startswith(b"* OK [UIDVALIDITY"):
            return b"* OK [UIDVALIDITY 1] UIDs valid\r\n"
        if head.startswith(b"* STATUS"):
            return response[: response.rindex(b"(")] + b"()\r\n"
        if head.startswith((b"* LIST", b"* LSUB")):
            if self._proxy.hide_marks and name != b"XLIST":
                response = re.sub(rb" ?\\(Sent|Junk|Trash|Drafts)\b", b"", response)
            return response.replace(b"* LIST", b"* XLIST", 1) if name == b"XLIST" else response
        if head.startswith(b"* SEARCH"):
            numbers = [int(n) for n in response.split()[2:]]
            if self._proxy.search_finds_nothing and self._searches_headers:
                numbers = []
            if name == b"UID SEARCH":
                numbers = [shown_uid(n) for n in numbers]
            return b" ".join([b"* SEARCH", *(b"%d" % n for n in numbers)]) + b"\r\n"
        if re.match(rb"\* \d+ FETCH ", head):
            # UID stands before or after literals, never inside: look outside of them only.
            return _outside_literals(
                response,
                lambda text: re.sub(rb"\bUID (\d+)", _shown, re.sub(rb" ?MODSEQ \(\d+\)", b"", text)),
            )
        return response

    def _say(self, data: bytes) -> None:
        left = self._proxy.cut_after
        if left is not None:
            self._proxy.cut_after = max(0, left - len(data))
            if len(data) > left:
                self._client.sendall(data[:left])
                raise EOFError
        self._client.sendall(data)

    def _command(self) -> bytes:
        """Read one command with its literals, b"" at the end. Literals are asked for here."""
        collected = bytearray()
        while line := self._commands.readline():
            collected += line
            literal = _LITERAL.search(line)
            if literal is None:
                break
            if not literal.group(2):
                self._client.sendall(b"+ \r\n")
                collected[-3:] = b"+}\r\n"
            collected += self._commands.read(int(literal.group(1)))
        self._searches_headers = b" HEADER " in collected.upper()
        return bytes(collected)

    def _response(self) -> bytes:
        """Read one response with its literals. Raises EOFError at the end."""
        collected = bytearray()
        while line := self._answers.readline():
            collected += line
            literal = _LITERAL.search(line)
            if literal is None:
                return bytes(collected)
            collected += self._answers.read(int(literal.group(1)))
        raise EOFError


def shown_uid(upstream: int) -> int:
    """Return the UID that the client sees for the server's."""
    return UID_BASE + UID_STEP * upstream


def _shown(match: re.Match[bytes]) -> bytes:
    return b"UID %d" % shown_uid(int(match.group(1)))


def _uids_of_code(match: re.Match[bytes]) -> bytes:
    sets = [re.sub(rb"\d+", lambda n: b"%d" % shown_uid(int(n.group())), s) for s in match.groups()[1:] if s]
    return b"[%b 1 %b]" % (match.group(1), b" ".join(sets))


def _with_capabilities(response: bytes) -> bytes:
    return re.sub(rb"\[CAPABILITY [^\]]*\]", b"[CAPABILITY " + CAPABILITIES + b"]", response)


def _to_upstream(command: bytes, name: bytes) -> bytes:
    if name == b"XLIST":
        return re.sub(rb" XLIST ", b" LIST ", command, count=1, flags=re.IGNORECASE)
    if name == b"UID SEARCH":
        return re.sub(rb"\bUID ([\d:*,]+)", lambda m: b"UID " + _upstream_set(m.group(1)), command)
    if name.startswith(b"UID "):
        tag, uid, verb, numbers, *rest = command.split(b" ", 4)
        return b" ".join([tag, uid, verb, _upstream_set(numbers.rstrip(b"\r\n")), *rest])
    return command


def _upstream_set(shown: bytes) -> bytes:
    """Translate a set of UIDs. `n:*` stays open at the end, so the last message is always in it."""
    ranges = []
    for part in shown.split(b","):
        first, _, last = part.partition(b":")
        low = first if first == b"*" else b"%d" % max(1, -((UID_BASE - int(first)) // UID_STEP))
        if not last:
            whole = first == b"*" or (int(first) > UID_BASE and (int(first) - UID_BASE) % UID_STEP == 0)
            ranges.append(low if whole else b"%d" % NO_SUCH_UID)
        else:
            high = last if last == b"*" else b"%d" % ((int(last) - UID_BASE) // UID_STEP)
            ranges.append(low + b":" + high)
    return b",".join(ranges)


def _outside_literals(response: bytes, change: object) -> bytes:
    assert callable(change)
    changed = bytearray()
    while True:
        literal = re.search(rb"\{(\d+)\}\r\n", response)
        if literal is None:
            return bytes(changed) + bytes(change(response))
        end = literal.end() + int(literal.group(1))
        changed += change(response[: literal.start()])
        changed += response[literal.start() : end]
        response = response[end:]
