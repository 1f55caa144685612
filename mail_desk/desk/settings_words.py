"""What changed in the settings, in plain words of both languages. Pure.

A value is told where a person can compare it at a glance; of longer ones only that they changed. Secrets are not
in a part at all (`config_parts`).
"""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.config_parts import WHOLE, Difference, Part, Value
from mail_desk.tickets.roles import ROLES

SHOWN = 15  # entries of one part in a letter; the rest are counted
LONGEST = 120  # characters of a value that is told

# part: (Chinese, English, the file it stands in)
PARTS: dict[str, tuple[str, str, str]] = {
    "people": ("人员", "Staff", "people.toml"),
    "operator": ("系统管理员", "Operator", "people.toml"),
    "authority": ("命令的验证要求", "Proof of who commands", "desk.toml"),
    "accounts": ("邮箱帐号", "Mailboxes", "desk.toml"),
    "routes": ("发信帐号", "Which mailbox sends what", "desk.toml"),
    "office": ("单位信息", "The office", "desk.toml"),
    "desk": ("受理台设置", "The desk", "desk.toml"),
    "budget": ("发信额度", "Budget of letters", "desk.toml"),
    "organs": ("单位", "Public bodies", "people.toml"),
    "routing": ("分派规则", "Who gets what", "routing.toml"),
    "categories": ("类别", "Categories", "routing.toml"),
    "enterprises": ("企业台账", "Ledger of enterprises", "enterprises.csv"),
    "digests": ("通报和工作清单", "Digests and worklists", "digests.toml"),
    "calendar": ("工作日历", "Calendar", "calendar/"),
    "procedures": ("办理程序", "Procedure", "procedures/"),
    "templates": ("信件模板", "Templates of letters", "templates/"),
}

_FIELDS: dict[str, tuple[str, str]] = {
    "name": ("姓名或名称", "name"),
    "name_en": ("英文名称", "English name"),
    "role": ("角色", "role"),
    "addresses": ("邮箱", "addresses"),
    "address": ("邮箱", "address"),
    "telephone": ("电话", "telephone"),
    "title": ("职务", "title"),
    "supervisor": ("负责人", "supervisor"),
    "substitute": ("替代人", "substitute"),
    "language": ("信件语言", "language of letters"),
    "languages": ("能办理的语言", "languages read"),
    "leave": ("请假", "leave"),
    "retired": ("已停用", "retired"),
    "aliases": ("其他写法", "other spellings"),
    "operator": ("收件地址", "addresses"),
    "domains": ("域名", "domains"),
    "contacts": ("联系邮箱", "contacts"),
    "officer": ("服务专员", "officer"),
    "officers": ("服务专员", "officers"),
    "default_handler": ("默认经办人", "default handler"),
    "handler": ("经办人", "handler"),
    "order": ("规则的顺序", "order of the rules"),
    "version": ("版本", "version"),
    "default": ("对外和作决定的命令", "verbs that speak outward or decide"),
    "otherwise": ("其他域名的邮件", "mail of other domains"),
    "outward": ("对外信件", "letters that leave"),
    "hold_minutes": ("暂缓发出的分钟数", "minutes a letter is held"),
}


def title(part: str, *, zh: bool) -> str:
    """Return what a letter calls a part, with the file it stands in."""
    chinese, english, file = PARTS.get(part, (part, part, ""))
    where = f"（{file}）" if zh else f" ({file})"
    return f"{chinese if zh else english}{where if file else ''}"


def sentences(
    part: str, before: Part, after: Part, found: Sequence[Difference], *, zh: bool
) -> tuple[str, ...]:
    """Return what became of a part, an entry a line, the first `SHOWN` of them."""
    lines = [_sentence(part, one, before, after, zh=zh) for one in found[:SHOWN]]
    more = len(found) - len(lines)
    if more:
        lines.append(f"另有{more}项" if zh else f"and {more} more")
    return tuple(lines)


def _sentence(part: str, one: Difference, before: Part, after: Part, *, zh: bool) -> str:
    entry = after.get(one.key) or before.get(one.key) or {}
    who = _called(one.key, entry, zh=zh)
    if part == "people" and one.kind != "changed":
        role = _value("role", entry.get("role"), zh=zh)
        at = _value("addresses", entry.get("addresses"), zh=zh)
        if one.kind == "added":
            return f"新增：{who}，{role}，{at}" if zh else f"Added: {who}, {role}, {at}"
        return f"删除：{who}，原为{role}，{at}" if zh else f"Removed: {who}, was {role}, {at}"
    if one.kind == "added":
        return f"新增：{who}" if zh else f"Added: {who}"
    if one.kind == "removed":
        return f"删除：{who}" if zh else f"Removed: {who}"
    changes = ("；" if zh else "; ").join(_field(name, was, now, zh=zh) for name, was, now in one.fields)
    if one.key == WHOLE:
        return changes
    return f"{who}：{changes}" if zh else f"{who}: {changes}"


def _called(key: str, entry: dict[str, Value], *, zh: bool) -> str:
    name = entry.get("name") if zh else entry.get("name_en") or entry.get("name")
    if not isinstance(name, str) or name == key:
        return key
    return f"{name}（{key}）" if zh else f"{name} ({key})"


def _field(name: str, was: Value, now: Value, *, zh: bool) -> str:
    chinese, english = _FIELDS.get(name, (name, name))
    said = chinese if zh else english
    told = _value(name, was, zh=zh), _value(name, now, zh=zh)
    if name == "sha256" or None in told:
        return f"{said}有改动" if zh else f"{said} changed"
    return f"{said}：{told[0]} → {told[1]}" if zh else f"{said}: {told[0]} → {told[1]}"


def _value(name: str, value: Value, *, zh: bool) -> str | None:
    """Return a value as it is told, None where it is too long or too deep."""
    if value is None or value in ("", []):
        return "（默认）" if zh else "(default)"
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if name == "role" and value in ROLES:
        return ROLES[value][0] if zh else str(value)
    if isinstance(value, list):
        if any(isinstance(one, dict | list) for one in value):
            return None
        value = ("、" if zh else ", ").join(map(str, value))
    return str(value) if len(str(value)) <= LONGEST else None
