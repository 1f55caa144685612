"""What is said of the ledger of enterprises (企业台账): list, show, add, change, end, restore. Pure.

Fields are lines `字段：值` with the headings of `enterprises.csv`, in both languages. What is not understood or
names two rows comes back as `Unclear`, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mail_desk.config import Enterprise
from mail_desk.tickets import enterprise_names
from mail_desk.tickets.numerals import fold

# field: (Chinese, English, further names). Order = how a row is shown.
LABELS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "key": ("编号", "key", ("代号",)),
    "name": ("企业名称", "name", ("名称", "企业", "中文名称", "company")),
    "name_en": ("英文名称", "english name", ("英文名", "name_en", "name en")),
    "country": ("国别", "country", ("国家", "国家地区")),
    "domains": ("域名", "domains", ("邮箱域名", "domain")),
    "contacts": ("联系邮箱", "contacts", ("邮箱", "联系人邮箱", "电子邮箱", "contact", "email", "e-mail", "mail")),
    "telephone": ("电话", "telephone", ("联系电话", "phone", "tel")),
    "officers": ("服务专员", "officers", ("专员", "联络员", "officer", "service officer", "service officers")),
    "key_project": ("重点项目", "key project", ("项目", "key_project", "project")),
    "project_leader": ("包联领导", "project leader", ("项目领导", "牵头领导", "project_leader", "leader")),
    "project_team": ("工作专班", "project team", ("专班", "project_team", "team")),
    "project_plan": ("推进方案", "project plan", ("方案", "工作方案", "project_plan", "plan")),
}  # fmt: skip
SEVERAL = ("domains", "contacts", "officers")  # fields that hold more than one value
_NAMES = {fold(n): f for f, (zh, en, more) in LABELS.items() for n in (zh, en, *more)}
_LINE = re.compile(
    rf"[ \t•*-]*({'|'.join(sorted(map(re.escape, _NAMES), key=len, reverse=True))}) *[:=] *(.*)"
)
_CLEARED = ("无", "清空", "删除", "none", "-", "—", "clear")
_VERBS: dict[str, tuple[str, ...]] = {
    "list": ("列表", "名单", "台账", "list"),
    "show": ("查看", "显示", "show"),
    "add": ("增加", "新增", "添加", "add", "new"),
    "change": ("修改", "更改", "变更", "更新", "change", "update", "edit"),
    "end": ("停用", "注销", "迁出", "end", "remove", "retire"),
    "restore": ("恢复", "restore", "reinstate"),
}

Code = Literal["unknown", "several", "nothing", "field"]


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows."""


@dataclass(frozen=True, slots=True)
class Show:
    key: str


@dataclass(frozen=True, slots=True)
class Add:
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alter:
    key: str
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    key: str


@dataclass(frozen=True, slots=True)
class Restore:
    key: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why it was not understood; `what`: the words in question, `keys`: rows they may mean."""

    code: Code
    what: str = ""
    keys: tuple[str, ...] = ()


Change = Listing | Show | Add | Alter | End | Restore | Unclear


def read(words: str, rows: Sequence[Enterprise]) -> Change:
    """Return what `words` want of the ledger. `rows`: all of it, ended ones too."""
    head, _, tail = words.strip().partition("\n")
    verb, rest = _verb(head)
    if verb == "list" or not (head or tail).strip():
        return Listing()
    inline = _LINE.match(fold(rest))
    name, lines = (rest, tail) if inline is None else ("", f"{rest}\n{tail}")
    at = _first_field(name)
    if at is not None:
        name, lines = name[:at], f"{name[at:]}\n{lines}"
    fields, unread = _fields(lines)
    if unread:
        return Unclear("field", unread)
    if verb == "add":
        if name.strip():
            fields.setdefault("name", " ".join(name.split()))
        return Add(fields)
    found = enterprise_names.meant(name, rows)
    if len(found) != 1:
        code: Code = "several" if found else "unknown"
        return Unclear(code, name.strip(), tuple(row.key for row in found[:9]))
    key = found[0].key
    match verb:
        case "end":
            return End(key)
        case "restore":
            return Restore(key)
        case "change":
            return Alter(key, fields) if fields else Unclear("nothing", found[0].name, (key,))
        case _:
            return Alter(key, fields) if fields else Show(key)


def _verb(head: str) -> tuple[str, str]:
    folded = fold(head)
    for verb, names in _VERBS.items():
        for name in sorted(names, key=len, reverse=True):
            if folded.startswith(name) and (
                not name.isascii() or not folded[len(name) : len(name) + 1].isalnum()
            ):
                return verb, head[len(name) :].strip(" :：,，")
    return "", head.strip()


def _first_field(name: str) -> int | None:
    """Return where a further field begins on a line: 修改 示例轴承 电话：0379-1."""
    folded = fold(name)
    own = _LINE.match(folded)
    for m in re.compile(r"[ ,，;；]").finditer(folded, own.end(1) if own is not None else 0):
        if _LINE.match(folded[m.end() :]):
            return m.end()
    return None


def _apart(line: str) -> list[str]:
    """Part a line that holds several fields: 电话：0379-1 国别：德国."""
    found = []
    while (at := _first_field(line)) is not None:
        found.append(line[:at].rstrip(" ,，;；"))
        line = line[at:]
    return [*found, line]


def _fields(lines: str) -> tuple[dict[str, str | tuple[str, ...]], str]:
    """Return the fields said, "" for one that is cleared; and the first line that is none."""
    found: dict[str, str | tuple[str, ...]] = {}
    pieces = [piece for line in lines.split("\n") for piece in _apart(line)]
    for line in pieces:
        if not line.strip():
            continue
        m = _LINE.match(fold(line))
        if m is None:
            return found, line.strip()
        value = " ".join(line[len(line) - len(m[2]) :].split()) if m[2] else ""
        name = _NAMES[m[1]]
        if fold(value) in _CLEARED:
            value = ""
        if name == "officers":  # names may hold spaces
            found[name] = tuple(v for v in re.split(r" *[;；,，、] *", value) if v)
        else:
            found[name] = tuple(_split(value.lower())) if name in SEVERAL else value
    return found, ""


def _split(value: str) -> list[str]:
    return [v for v in re.split(r"[;；,，、\s]+", value) if v]


def as_lines(fields: Mapping[str, str | tuple[str, ...]]) -> str:
    """Return fields as lines that read back as the same ones."""
    return "\n".join(
        f"{LABELS[name][1]}: {('; '.join(value) if isinstance(value, tuple) else value) or 'none'}"
        for name, value in sorted(fields.items(), key=lambda pair: list(LABELS).index(pair[0]))
    )
