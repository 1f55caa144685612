"""Address lists (RFC 5322 §3.4) of any quality: groups, comments, missing quotes, encoded commas.

A list is split *before* its encoded words are decoded, so an encoded comma never splits an address
(cpython#143938). Pure, total and linear.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from mail_desk.inbound import headers
from mail_desk.inbound.mail import Address

_BLANKS = re.compile(r"[\t \r\n]+")
_WORD = re.compile(r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PARENTHESIS = re.compile(r"\\.|[()]")
_ANGLE = re.compile(r"<([^<>]*)>")
_ATOM = re.compile(r'[^\s"(<,;:=]+|=')
_EMBEDDED = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
MAX_ADDRESSES = 3_000  # of one field; the raw message has all
_SPACED = re.compile(r"[\w+-]+(?: ?\. ?[\w+-]+)* ?@ ?[\w-]+(?: ?\. ?[\w-]+)*")
_COMMENTS = re.compile(r"\([^()]*\)")
_ROUTE = re.compile(r"^(?:@[^:]*:)+")


class _Building:
    """One address under construction: words of the phrase, comments, the part in angle brackets."""

    __slots__ = ("angle", "atom_end", "comments", "phrase")

    def __init__(self) -> None:
        self.phrase: list[tuple[str, bool]] = []  # (latin-1 text, was quoted)
        self.comments: list[str] = []
        self.angle: str | None = None
        self.atom_end = -1  # where the last word ended, to join what stands without a blank


def addresses(raw: bytes, hint: str = "") -> tuple[Address, ...]:
    """Read an address list of any quality: groups, comments, missing quotes, encoded commas."""
    line = headers.unfold(raw).decode("latin-1")
    found: list[Address] = []
    held: list[_Building] = []  # "Doe, John <j@x>" without quotes: the piece before the comma
    for item in _items(line):
        if len(found) >= MAX_ADDRESSES:
            break
        address = _finish(item, hint)
        if address is None:
            continue
        if item.angle is None and "@" not in address.address:
            held.append(item)
            continue
        if held and item.angle is not None and item.phrase:
            # Only where a name follows too: "root, j@x" are two addresses.
            name = ", ".join(n for n in (*(_name(h, hint) for h in held), address.name) if n)
            found.append(Address(name, address.address))
        else:
            found.extend(a for h in held if (a := _finish(h, hint)))
            found.append(address)
        held = []
    found.extend(a for h in held if (a := _finish(h, hint)))
    return tuple(found)


def _items(line: str) -> Iterator[_Building]:
    """Split a list at its commas and semicolons, knowing quotes, comments, groups and words."""
    item, position, length = _Building(), 0, len(line)
    open_marks = set('"(<')  # each is dropped at the first that never closes: linear
    last_semicolon = line.rfind(";")
    while position < length:
        char = line[position]
        if char in ",;":
            yield item
            item, position = _Building(), position + 1
        elif char.isspace():
            position += 1
        elif char == ":" and item.phrase and item.phrase[-1][0].lower() == "mailto":
            item.phrase.pop()
            position += 1
        elif char == ":" and (position < last_semicolon or position == length - 1):
            if not any("@" in text for text, _ in item.phrase):
                item = _Building()  # the name of a group
            position += 1
        elif char == "<" and char in open_marks:
            match = _ANGLE.match(line, position)
            inner, end = (match[1], match.end()) if match else _open_angle(line, position)
            if end < 0:
                open_marks.discard("<")
                continue
            if item.angle is not None:
                yield item
                item = _Building()
            item.angle, position = inner, end
        else:
            end = _take(item, line, position) if char in open_marks or char == "=" else -1
            if end < 0:
                open_marks.discard(char)
                match = _ATOM.match(line, position)
                end = match.end() if match else position + 1
                if item.phrase and item.atom_end == position:  # no blank between: one word
                    item.phrase[-1] = (item.phrase[-1][0] + line[position:end], False)
                else:
                    item.phrase.append((line[position:end], False))
                item.atom_end = end
            position = end
    yield item


def _take(item: _Building, line: str, position: int) -> int:
    """Take a quoted string, a comment or an encoded word; return its end, -1 where it is none."""
    char = line[position]
    if char == "=":
        match = _WORD.match(line, position)
        if match:
            item.phrase.append((match[0], False))
        return match.end() if match else -1
    if char == "(":
        end = _comment_end(line, position)
        if end >= 0:
            item.comments.append(line[position + 1 : end - 1])
        return end
    match = _QUOTED.match(line, position)
    if match is None:
        return -1
    item.phrase.append((re.sub(r"\\(.)", r"\1", match[1]), True))
    if line.startswith("@", match.end()) and (atom := _ATOM.match(line, match.end())):
        item.phrase[-1] = (f'"{match[1]}"{atom[0]}', False)
        return atom.end()
    return match.end()


def _open_angle(line: str, position: int) -> tuple[str, int]:
    """Read `<a@b` that is not closed before the next comma or the end."""
    ends = [e for e in (line.find(c, position + 1, position + 400) for c in ",;") if e > 0]
    end = min(ends, default=min(len(line), position + 400))
    inner = line[position + 1 : end].split("<", 1)[0]
    return (inner, position + 1 + len(inner)) if "@" in inner and len(inner) < 400 else ("", -1)


def _comment_end(line: str, position: int) -> int:
    depth = 0
    for match in _PARENTHESIS.finditer(line, position):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.end()
    return -1


def _decoded(text: str, hint: str) -> str:
    if "=?" not in text and text.isascii() and text.isprintable():
        return text.strip()
    return headers.text_of(text.encode("latin-1"), hint)


def _name(item: _Building, hint: str) -> str:
    if len(item.phrase) == 1:
        return _decoded(item.phrase[0][0], hint)
    return _BLANKS.sub(" ", _decoded(" ".join(text for text, _ in item.phrase), hint))


def _finish(item: _Building, hint: str) -> Address | None:
    if item.angle is None and not item.phrase:
        return None
    if item.angle is not None:
        inner = item.angle.strip()
        if '"' not in inner:
            inner = _COMMENTS.sub("", _BLANKS.sub("", inner)) or inner  # blanks and comments: RFC 5322 §4.4
        inner = _ROUTE.sub("", _decoded(inner, hint)).removeprefix("mailto:")
        name = _name(item, hint)
        if not inner and (embedded := _EMBEDDED.search(name)):
            return Address(name.replace(embedded[0], "").strip(" '<>\""), _domain_lower(embedded[0]))
        if name.count('"') == 1:
            name = name.replace('"', "").strip()
        if not name and item.comments:
            name = _decoded(item.comments[0], hint)
        return Address(name, _domain_lower(inner)) if inner or name else None
    whole = _name(item, hint)
    if "@" in whole and _SPACED.fullmatch(whole[:300]):  # "a @ b . cc": obsolete, still sent
        whole = whole.replace(" ", "")
    quoted_local = re.search(r'"[^"]*"@\S+', whole)
    embedded = quoted_local or _EMBEDDED.search(whole)
    comment = _decoded(item.comments[0], hint) if item.comments else ""
    if embedded:
        rest = whole.replace(embedded[0], "").replace("<>", "").strip(" '\"<>")
        return Address(rest or comment, _domain_lower(embedded[0].removeprefix("mailto:")))
    return Address(comment, whole.strip("<> ") or whole)


def _domain_lower(address: str) -> str:
    """Write the domain in lower case and in ASCII, as servers know it (RFC 5890): then no letter that looks
    like another one, a Cyrillic а in the name of a known enterprise, passes for it before a reader's eyes.
    """
    address = address.strip().strip("'").rstrip(".>")
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    domain = domain.lower()
    if not domain.isascii() and len(domain) < 254:
        with contextlib.suppress(UnicodeError):  # no domain at all: shown as it came
            domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"
