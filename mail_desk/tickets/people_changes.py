"""What a supervisor says of the staff: `people add …`, `retire`, `replace`, `move`, `reinstate`, `present`. Pure.

It reads words and knows the names there are; it decides nothing. What could be read in two ways or names
somebody unknown is an `Unclear` with what would work, never a guess. That nobody becomes a supervisor or
leader by mail is said here, as the words are where somebody tries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mail_desk.config import Language, Person
from mail_desk.tickets.numerals import fold

Code = Literal["empty", "unknown", "who", "superior", "address", "name", "same", "left-over"]


@dataclass(frozen=True, slots=True)
class Listing:
    """Who works here."""


@dataclass(frozen=True, slots=True)
class Add:
    key: str  # "" where none was written
    name: str
    name_en: str
    address: str
    language: Language | None


@dataclass(frozen=True, slots=True)
class Retire:
    who: str  # person key
    to: str  # person key, SPREAD, or "" where nothing was said


@dataclass(frozen=True, slots=True)
class Replace:
    who: str
    by: str


@dataclass(frozen=True, slots=True)
class Move:
    who: str
    to: str  # person key or SPREAD


@dataclass(frozen=True, slots=True)
class Reinstate:
    who: str


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who seemed to be away is not."""

    who: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why the words were not understood; `what`: the words in question."""

    code: Code
    what: str = ""


Change = Listing | Add | Retire | Replace | Move | Reinstate | Present | Unclear

SPREAD = "spread"  # by load, among those who are there

_VERBS: dict[str, tuple[str, ...]] = {
    "list": ("列表", "名单", "list"),
    "add": ("增加", "新增", "添加", "加入", "add", "new"),
    "retire": ("停用", "离岗", "离职", "退休", "调离", "retire", "remove"),
    "replace": ("替换", "接替", "更换", "replace"),
    "move": ("移交", "移件", "转移", "move", "hand-over"),
    "reinstate": ("恢复", "返聘", "reinstate"),
    "present": ("在岗", "present", "not-away"),
}
_STARTS = {name: verb for verb, names in _VERBS.items() for name in names}
_SPREAD = re.compile(r"按在办量分配|按量分配|平均分配|平均|分摊|分配|spread(?: by load)?|by load")
_JOINING = re.compile(r"(?:->|→|将|把|的|件|全部|在办件|在办|由|给|转给|移交|交给|接替|接办|替换|替|为|至|到|与|和"
                      r"|\b(?:to|by|with|from|all|the|of|tickets|open|and)\b|[\s,、:;.>。]+)")  # fmt: skip
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SUPERIOR = re.compile(
    r"负责人|督办|主管|科长|领导|组长|主任|观察员|审计|\b(?:supervisor|leader|observer|auditor)\b"
)
_HANDLER = re.compile(r"经办人?|工作人员|\bhandler\b")
_ENGLISH = re.compile(r"英文|英语|\b(?:english|en)\b")
_CHINESE = re.compile(r"中文|\b(?:chinese|zh)\b")
_KEY = re.compile(r"[a-z][a-z0-9_-]*")
_HAN = re.compile(r"[\u3400-\u9fff·]+")


def read(words: str, persons: Iterable[Person]) -> Change:
    """Return what is wanted. `persons`: everybody there is, also who has left."""
    folded = fold(words).strip(" ,.;:、。")
    words = words.strip().strip(" ,.;:、。，；：")
    if not folded:
        return Listing()
    verb = next((v for name, v in sorted(_STARTS.items(), key=_longest) if folded.startswith(name)), None)
    if verb is None:
        return Unclear("unknown", next(iter(words.split()), words))
    length = next(len(n) for n, _ in sorted(_STARTS.items(), key=_longest) if folded.startswith(n))
    rest, plain = words[length:], folded[length:]
    if verb == "add":
        return _add(rest, plain)
    return Listing() if verb == "list" else _about(verb, plain, names_of(persons))


def _longest(entry: tuple[str, str]) -> int:
    return -len(entry[0])


def names_of(persons: Iterable[Person]) -> dict[str, str]:
    """Return what people are called, folded, and the key of each; a name of two persons is nobody's."""
    found: dict[str, set[str]] = {}
    for person in persons:
        for name in (person.key, person.name, person.name_en, *person.aliases, *person.addresses):
            if name:
                found.setdefault(fold(name), set()).add(person.key)
    return {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1}


def _about(verb: str, plain: str, names: Mapping[str, str]) -> Change:
    """Read what names one person who is here, and perhaps another one."""
    spread = _SPREAD.search(plain) is not None
    named, left = _named(_SPREAD.sub(" ", plain), names)
    if left:
        return Unclear("left-over", left)
    if not named:
        return Unclear("who", verb)
    who, to = named[0], (named[1] if len(named) > 1 else SPREAD if spread else "")
    if len(named) > 2 or (len(named) == 2 and spread):
        return Unclear("left-over", plain.strip())
    if who == to or (len(named) == 2 and named[0] == named[1]):
        return Unclear("same", plain.strip())
    match verb:
        case "retire":
            return Retire(who, to)
        case "replace":
            return Replace(who, to) if to not in ("", SPREAD) else Unclear("who", verb)
        case "move":
            return Move(who, to) if to else Unclear("who", verb)
        case "reinstate":
            return Reinstate(who) if not to else Unclear("left-over", plain.strip())
        case _:
            return Present(who) if not to else Unclear("left-over", plain.strip())


def _named(plain: str, names: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the persons named, in order, and what is left besides words that only join."""
    order = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(_whole(name) for name in order)) if order else re.compile("(?!)")
    found = [names[m[0]] for m in pattern.finditer(plain)]
    left = " ".join(_JOINING.sub(" ", pattern.sub(" ", plain)).split())
    return found, left


def _whole(name: str) -> str:
    """Return a pattern: a Latin name stands alone, a Chinese one may be glued to its neighbours."""
    return rf"(?<![a-z0-9._@-]){re.escape(name)}(?![a-z0-9_@-])" if name.isascii() else re.escape(name)


def _add(rest: str, plain: str) -> Change:
    """Read key, name and address of a new colleague, in any order."""
    address = _ADDRESS.search(plain)
    if address is None:
        return Unclear("address")
    rest, plain = _cut(rest, plain, address)
    if (superior := _SUPERIOR.search(plain)) is not None:
        return Unclear("superior", superior[0])
    language: Language | None = None
    for pattern, said in ((_ENGLISH, "en"), (_CHINESE, "zh"), (_HANDLER, "")):
        if (match := pattern.search(plain)) is not None:
            language = "en" if said == "en" else "zh" if said == "zh" else language
            rest, plain = _cut(rest, plain, match)
    tokens = [t for t in re.split(r"[\s,，、;；:：<>()（）\"“”]+", rest) if t]
    keys = [t for t in tokens if _KEY.fullmatch(t)]
    han = [t for t in tokens if _HAN.fullmatch(t)]
    latin = [t for t in tokens if t not in keys and t not in han]
    if len(keys) > 1 or len(han) > 1 or not all(re.fullmatch(r"[A-Z][A-Za-z'.-]*", t) for t in latin):
        return Unclear("left-over", " ".join(tokens))
    name_en = " ".join(latin)
    if not han and not name_en:
        return Unclear("name")
    return Add(keys[0] if keys else "", han[0] if han else name_en, name_en, address[0], language)


def _cut(rest: str, plain: str, match: re.Match[str]) -> tuple[str, str]:
    first, last = match.span()
    return f"{rest[:first]} {rest[last:]}", f"{plain[:first]} {plain[last:]}"


def key_for(address: str) -> str:
    """Return the key a new colleague gets where none was written: the address's own name."""
    return re.sub(r"[^a-z0-9]+", "-", address.partition("@")[0].lower()).strip("-") or "x"
