r"""SEARCH (RFC 3501 §6.4.4): criteria read from a command become one predicate.

Texts are compared without regard to case, in decoded headers and decoded text parts. The flags
\Recent, NEW and OLD have no meaning here, where every session sees the same: nothing is recent.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import date
from email.header import decode_header
from email.utils import parsedate_to_datetime

from mail_desk.demo.imap_grammar import BadSyntax, Reader
from mail_desk.demo.imap_mime import split
from mail_desk.demo.mail_store import Message

Predicate = Callable[[int, Message], bool]  # sequence number, message

_FLAGS = {"ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN"}
_HEADERS = {"BCC", "CC", "FROM", "SUBJECT", "TO"}
_DATES: dict[str, Callable[[date, date], bool]] = {
    "BEFORE": lambda day, limit: day < limit,
    "ON": lambda day, limit: day == limit,
    "SINCE": lambda day, limit: day >= limit,
}


class UnknownCharset(Exception):  # noqa: N818 - it becomes NO [BADCHARSET]
    """The criteria are in an encoding that is not spoken here."""


def read_criteria(reader: Reader, largest: tuple[int, int]) -> Predicate:
    """Read the rest of a SEARCH. `largest` are the highest sequence number and UID, for `*`."""
    charset = "utf-8"
    if reader.skip(b"CHARSET "):
        charset = reader.astring().decode("ascii", "replace")
        try:
            "".encode(charset)
        except LookupError as error:
            raise UnknownCharset(charset) from error
        reader.space()
    return _Criteria(reader, charset, largest).conjunction()


class _Criteria:
    def __init__(self, reader: Reader, charset: str, largest: tuple[int, int]) -> None:
        self._reader = reader
        self._charset = charset
        self._largest = largest

    def conjunction(self) -> Predicate:
        keys = [self._key()]
        while self._reader.skip(b" "):
            keys.append(self._key())
        return _all(keys)

    def _key(self) -> Predicate:
        reader = self._reader
        if reader.sees(b"("):
            return _all(reader.parenthesised(self._key))
        if reader.sees(b"*") or _digit_next(reader):
            inside = reader.sequence_set().within(self._largest[0])
            return lambda number, _: inside(number)
        name = reader.atom().upper()
        if name in _FLAGS or name.removeprefix("UN") in _FLAGS:
            flag = f"\\{name.removeprefix('UN').capitalize()}"
            return lambda _, m: (flag in m.flags) is not name.startswith("UN")
        if name in ("ALL", "OLD"):
            return lambda *_: True
        if name in ("NEW", "RECENT"):
            return lambda *_: False
        reader.space()
        return self._with_argument(name)

    def _with_argument(self, name: str) -> Predicate:
        reader = self._reader
        match name:
            case "NOT":
                negated = self._key()
                return lambda n, m: not negated(n, m)
            case "OR":
                first = self._key()
                reader.space()
                second = self._key()
                return lambda n, m: first(n, m) or second(n, m)
            case "UID":
                inside = reader.sequence_set().within(self._largest[1])
                return lambda _, m: inside(m.uid)
            case "LARGER" | "SMALLER":
                size = reader.number()
                return lambda _, m: len(m.raw) > size if name == "LARGER" else len(m.raw) < size
            case "KEYWORD" | "UNKEYWORD":
                flag = reader.flag()
                return lambda _, m: (flag in m.flags) is (name == "KEYWORD")
            case "HEADER":
                field = reader.astring().decode("ascii", "replace")
                reader.space()
                return self._header_holds(field)
            case "BODY":
                return self._text_holds(whole=False)
            case "TEXT":
                return self._text_holds(whole=True)
            case _ if name in _HEADERS:
                return self._header_holds(name)
            case _ if name in _DATES:
                compare, limit = _DATES[name], reader.date()
                return lambda _, m: compare(m.when.date(), limit)
            case _ if name.startswith("SENT") and name[4:] in _DATES:
                compare, limit = _DATES[name[4:]], reader.date()
                return lambda _, m: (sent := _sent_on(m)) is not None and compare(sent, limit)
        raise BadSyntax(f"nothing can be searched by {name}")

    def _wanted(self) -> str:
        try:
            return self._reader.astring().decode(self._charset).casefold()
        except UnicodeDecodeError as error:
            raise BadSyntax(f"the text to search is not in {self._charset}") from error

    def _header_holds(self, field: str) -> Predicate:
        wanted = self._wanted()
        return lambda _, m: any(wanted in value.casefold() for value in header_values(m.raw, field))

    def _text_holds(self, *, whole: bool) -> Predicate:
        wanted = self._wanted()

        def holds(_: int, message: Message) -> bool:
            header = split(message.raw)[0].decode("utf-8", "replace") if whole else ""
            return wanted in header.casefold() or wanted in _body_text(message.raw).casefold()

        return holds


def header_values(raw: bytes, name: str) -> list[str]:
    """Return the decoded values of a header, in order; unreadable ones as far as they go."""
    parsed = email.message_from_bytes(split(raw)[0], policy=email.policy.compat32)
    values = []
    for found, value in parsed.raw_items():
        if found.lower() == name.lower():
            values.append(_decoded(value))
    return values


def _decoded(value: str) -> str:
    octets = value.encode("utf-8", "surrogateescape")
    readable = octets.decode("utf-8", "replace")
    try:
        pieces = decode_header(readable)
        return "".join(p if isinstance(p, str) else p.decode(c or "ascii", "replace") for p, c in pieces)
    except (ValueError, LookupError):  # a broken encoded word, or one in an unknown charset
        return readable


def _body_text(raw: bytes) -> str:
    texts = []
    for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk():
        if part.get_content_maintype() == "text":
            octets = part.get_payload(decode=True)
            if isinstance(octets, bytes):
                charset = part.get_content_charset("utf-8")
                try:
                    texts.append(octets.decode(charset, "replace"))
                except LookupError:
                    texts.append(octets.decode("utf-8", "replace"))
    return "\n".join(texts)


def _sent_on(message: Message) -> date | None:
    try:
        return parsedate_to_datetime(header_values(message.raw, "Date")[0]).date()
    except (IndexError, ValueError):
        return None


def _all(keys: list[Predicate]) -> Predicate:
    return lambda n, m: all(key(n, m) for key in keys)


def _digit_next(reader: Reader) -> bool:
    return any(reader.sees(b"%d" % digit) for digit in range(10))
