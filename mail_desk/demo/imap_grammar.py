"""IMAP's syntax, both ways: a reader over one complete command, and writers of values.

Standard: RFC 3501 §9 and §5.1.3. A command arrives here whole, its literals still in place as `{n}`
CRLF and n octets, so that reading is a walk over one buffer. What does not fit raises `BadSyntax`,
which the session answers with BAD.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

T = TypeVar("T")
Answer = Generator[bytes, None, str]  # of a command: the untagged lines; returns the text of the OK

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ATOM = re.compile(rb"[^\x00-\x20\x7f(){%*\"\\\]]+")
_LIST_ATOM = re.compile(rb"[^\x00-\x20\x7f(){\"\\]+")  # LIST patterns hold % and *
_QUOTED = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"')
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n")
_SEQUENCE = re.compile(rb"[0-9*][0-9*:,]*")
_NUMBER = re.compile(rb"\d+")
_FLAG = re.compile(rb"\\?[^\x00-\x20\x7f(){%*\"\\\]]+")
_FETCH_ATT = re.compile(rb"[A-Za-z0-9.]+")
_SECTION = re.compile(rb"\[([0-9.]*)([A-Za-z.]*)")
_PARTIAL = re.compile(rb"<(\d+)\.(\d+)>")


class BadSyntax(Exception):  # noqa: N818 - it becomes the answer BAD
    """The client sent something that RFC 3501 does not allow, or that is not spoken here."""


class Refused(Exception):  # noqa: N818 - it becomes the answer NO
    """The command is understood and not done."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One item of FETCH. For BODY[…] the section is split; `path` is the part's number, () the whole."""

    name: str  # upper case; BODY[] for every kind of section
    path: tuple[int, ...] = ()
    text: str = ""  # "", HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT, MIME
    fields: tuple[str, ...] = ()
    peek: bool = False
    partial: tuple[int, int] | None = None  # first octet, count

    @property
    def label(self) -> str:
        """How the answer names the item."""
        if self.name != "BODY[]":
            return self.name
        inside = ".".join([*(str(n) for n in self.path), *([self.text] if self.text else [])])
        if self.fields:
            inside += f" ({' '.join(self.fields)})"
        return f"BODY[{inside}]" + (f"<{self.partial[0]}>" if self.partial else "")


@dataclass(frozen=True, slots=True)
class NumberSet:
    """A sequence set (RFC 3501 §9): ranges whose ends may be `*`, here 0."""

    ranges: tuple[tuple[int, int], ...]

    def bounds(self, largest: int) -> list[tuple[int, int]]:
        """Return the ranges with `*` put in, ascending. `n:*` with n above the largest means the largest."""
        resolved = [(a or largest, b or largest) for a, b in self.ranges]
        return sorted((min(a, b), max(a, b)) for a, b in resolved)

    def within(self, largest: int) -> Callable[[int], bool]:
        """Return the test for being in the set; clients name hundreds of single UIDs in one."""
        firsts: list[int] = []
        reach: list[int] = []  # how far the ranges up to this one reach
        for first, last in self.bounds(largest):
            firsts.append(first)
            reach.append(max(last, reach[-1] if reach else 0))

        def inside(number: int) -> bool:
            at = bisect_right(firsts, number) - 1
            return at >= 0 and number <= reach[at]

        return inside


class Reader:
    """Reads one command from left to right."""

    def __init__(self, buffer: bytes) -> None:
        self._buffer = buffer
        self._at = 0

    def _take(self, pattern: re.Pattern[bytes], wanted: str) -> re.Match[bytes]:
        match = pattern.match(self._buffer, self._at)
        if match is None:
            raise BadSyntax(f"expected {wanted} at octet {self._at}")
        self._at = match.end()
        return match

    def sees(self, text: bytes) -> bool:
        """Tell whether `text` comes next, without reading it; letters in any case."""
        return self._buffer[self._at : self._at + len(text)].upper() == text.upper()

    def skip(self, text: bytes) -> bool:
        """Read `text` if it comes next."""
        if self.sees(text):
            self._at += len(text)
            return True
        return False

    def space(self) -> None:
        if not self.skip(b" "):
            raise BadSyntax(f"expected a space at octet {self._at}")

    def end(self) -> None:
        if self._at != len(self._buffer):
            raise BadSyntax(f"did not expect more at octet {self._at}")

    @property
    def more(self) -> bool:
        return self._at < len(self._buffer)

    def atom(self) -> str:
        return self._take(_ATOM, "an atom").group().decode("ascii", "replace")

    def number(self) -> int:
        return int(self._take(_NUMBER, "a number").group())

    def string(self) -> bytes | None:
        """Read a quoted string or literal; None where neither comes next."""
        if self.sees(b'"'):
            return re.sub(rb"\\(.)", rb"\1", self._take(_QUOTED, "a quoted string").group(1))
        if self.sees(b"{"):
            size = int(self._take(_LITERAL, "a literal").group(1))
            if self._at + size > len(self._buffer):
                raise BadSyntax("a literal ends too early")
            self._at += size
            return self._buffer[self._at - size : self._at]
        return None

    def astring(self) -> bytes:
        text = self.string()
        # astring allows "]", which an atom does not hold
        return text if text is not None else self._take(_LIST_ATOM, "a string").group()

    def mailbox(self) -> str:
        return decode_mailbox(self.astring())

    def sequence_set(self) -> NumberSet:
        ranges = []
        for part in self._take(_SEQUENCE, "a set of numbers").group().split(b","):
            ends = part.split(b":")
            if not 1 <= len(ends) <= 2 or not all(e == b"*" or e.isdigit() for e in ends):
                raise BadSyntax(f"not a set of numbers: {part!r}")
            first, last = ends[0], ends[-1]
            ranges.append((0 if first == b"*" else int(first), 0 if last == b"*" else int(last)))
        return NumberSet(tuple(ranges))

    def parenthesised(self, item: Callable[[], T]) -> list[T]:
        """Read `(item item …)`, possibly empty."""
        if not self.skip(b"("):
            raise BadSyntax(f"expected ( at octet {self._at}")
        items: list[T] = []
        while not self.skip(b")"):
            if items:
                self.space()
            items.append(item())
        return items

    def flag(self) -> str:
        return self._take(_FLAG, "a flag").group().decode("ascii", "replace")

    def flags(self) -> list[str]:
        """Read a flag list; STORE allows it without parentheses."""
        if self.sees(b"("):
            return self.parenthesised(self.flag)
        found = [self.flag()]
        while self.skip(b" "):
            found.append(self.flag())
        return found

    def date(self) -> date:
        """Read `1-Feb-2026`, quoted or not (RFC 3501 `date`)."""
        text = self.astring().decode("ascii", "replace")
        try:
            day, month, year = text.split("-")
            return date(int(year), _month(month), int(day))
        except ValueError as error:
            raise BadSyntax(f"not a date: {text}") from error

    def date_time(self) -> datetime:
        """Read `" 1-Feb-2026 08:30:00 +0800"` (RFC 3501 `date-time`)."""
        text = self._take(_QUOTED, "a date and time").group(1).decode("ascii", "replace").strip()
        try:
            day, clock, zone = text.split(" ")
            d, month, year = day.split("-")
            numbered = f"{year}-{_month(month):02}-{int(d):02} {clock} {zone}"
            return datetime.strptime(numbered, "%Y-%m-%d %H:%M:%S %z")
        except ValueError as error:
            raise BadSyntax(f"not a date and time: {text}") from error

    def fetch_attributes(self) -> list[Attribute]:
        """Read the items of FETCH, macros spelled out (RFC 3501 §6.4.5)."""
        if self.sees(b"("):
            return self.parenthesised(self._attribute)
        attribute = self._attribute()
        return [Attribute(name) for name in _MACROS.get(attribute.name, ())] or [attribute]

    def _attribute(self) -> Attribute:
        name = self._take(_FETCH_ATT, "something to fetch").group().decode().upper()
        if name in ("BODY", "BODY.PEEK") and self.sees(b"["):
            return self._section(peek=name == "BODY.PEEK")
        if name not in _PLAIN and name not in _MACROS:
            raise BadSyntax(f"nothing called {name} can be fetched")
        return Attribute(name)

    def _section(self, *, peek: bool) -> Attribute:
        match = self._take(_SECTION, "a section")
        path = tuple(int(n) for n in match.group(1).strip(b".").split(b".") if n)
        text = match.group(2).decode().upper()
        fields: list[str] = []
        if text in ("HEADER.FIELDS", "HEADER.FIELDS.NOT"):
            self.space()
            fields = self.parenthesised(lambda: self.astring().decode("ascii", "replace"))
        elif text not in ("", "HEADER", "TEXT", "MIME"):
            raise BadSyntax(f"no section is called {text}")
        if not self.skip(b"]"):
            raise BadSyntax(f"expected ] at octet {self._at}")
        partial = _PARTIAL.match(self._buffer, self._at)
        if partial:
            self._at = partial.end()
        limits = (int(partial.group(1)), int(partial.group(2))) if partial else None
        return Attribute("BODY[]", path, text, tuple(fields), peek, limits)


_PLAIN = frozenset(
    {
        *("ENVELOPE", "FLAGS", "INTERNALDATE", "UID", "BODY", "BODYSTRUCTURE"),
        *("RFC822", "RFC822.HEADER", "RFC822.SIZE", "RFC822.TEXT"),
    }
)
_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}


def _month(name: str) -> int:
    return _MONTHS.index(name.capitalize()) + 1


FLAGS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
_SYSTEM_FLAGS = {flag.lower(): flag for flag in FLAGS.split()}


def canonical_flag(flag: str) -> str:
    """System flags are one in any case (RFC 3501 §2.3.2)."""
    return _SYSTEM_FLAGS.get(flag.lower(), flag)


# --- writers --------------------------------------------------------------------------------------


def internaldate(when: datetime) -> str:
    """Write a date-time (RFC 3501 §9) in the zone the instant carries."""
    return f'"{when.day:2}-{_MONTHS[when.month - 1]}-{when:%Y %H:%M:%S %z}"'


def literal(value: bytes) -> bytes:
    """Write octets that need no quoting: {n} CRLF and the octets."""
    return b"{%d}\r\n%b" % (len(value), value)


def nstring(value: bytes | None) -> bytes:
    """Write NIL, a quoted string, or a literal where quoting cannot carry it."""
    if value is None:
        return b"NIL"
    if len(value) > 1000 or any(b < 0x20 or b > 0x7E for b in value):
        return literal(value)
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def parenthesised(items: Iterable[bytes]) -> bytes:
    """Write a list: (item item …)."""
    return b"(" + b" ".join(items) + b")"


def ranges(numbers: Iterable[int]) -> str:
    """Write ascending numbers as a sequence set: 1:3,7."""
    written: list[list[int]] = []
    for number in numbers:
        if written and number == written[-1][1] + 1:
            written[-1][1] = number
        else:
            written.append([number, number])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in written)


# --- modified UTF-7 (RFC 3501 §5.1.3) -------------------------------------------------------------


def encode_mailbox(name: str) -> bytes:
    """Encode a folder's name: what is not printable ASCII as base 64 of UTF-16 between & and -."""

    def shifted(match: re.Match[str]) -> str:
        if match.group() == "&":
            return "&-"
        text = base64.b64encode(match.group().encode("utf-16-be")).decode().rstrip("=")
        return f"&{text.replace('/', ',')}-"

    return re.sub(r"&|[^\x20-\x7e]+", shifted, name).encode("ascii")


def decode_mailbox(name: bytes) -> str:
    """Decode; a name that is not modified UTF-7 is taken as UTF-8, as careless clients send it."""

    def unshifted(match: re.Match[str]) -> str:
        text = match.group(1).replace(",", "/")
        return (
            base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-16-be")
            if text
            else "&"
        )

    try:
        return re.sub(r"&([^-]*)-", unshifted, name.decode("ascii"))
    except (UnicodeDecodeError, binascii.Error):
        return name.decode("utf-8", "replace")
