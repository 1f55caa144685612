"""企业: the ledger of enterprises by mail, and which enterprise a ticket belongs to.

Everybody who handles complaints may look; a superior adds, changes and ends rows. Each change is laid ready in
the answer and done when that letter's digit comes back. enterprises.csv stays the base (`enterprise_book`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from mail_desk.config import Enterprise, Person, Role
from mail_desk.config_checks import PUBLIC_MAIL
from mail_desk.desk import authority, enterprise_book
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, many
from mail_desk.desk.people_book import Told
from mail_desk.desk.work import Work
from mail_desk.tickets import enterprise_changes, enterprise_names
from mail_desk.tickets.commands import Command
from mail_desk.tickets.enterprise_changes import LABELS, Add, Alter, End, Listing, Restore, Show, Unclear
from mail_desk.tickets.events_notes import EnterpriseSet
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.policy import Transition

MOST_LISTED = 200
_Fields = dict[str, Any]


def command(work: Work, actor: Actor, told: Command) -> Outcome:
    """Show the ledger, or change it once that has been confirmed."""
    change = enterprise_changes.read(told.words, work.settings.enterprises)
    match change:
        case Listing():
            return _listing(work, actor)
        case Show(key):
            return _show(work, actor, _row(work, key))
        case Unclear():
            return _unclear(work, actor, change)
        case _ if not actor.superior:
            return Outcome(
                False,
                actor.say("企业台账由负责人修改。", "Only a supervisor changes the ledger of enterprises."),
            )
        case Add(fields):
            return _add(work, actor, told, fields)
        case Alter(key, fields):
            return _alter(work, actor, told, key, fields)
        case End(key) | Restore(key):
            return _end(work, actor, told, key, ends=isinstance(change, End))


def _row(work: Work, key: str) -> Enterprise:
    return next(row for row in work.settings.enterprises if row.key == key)


def name(row: Enterprise, *, zh: bool) -> str:
    """Return what an enterprise is called."""
    return row.name if zh else row.name_en or row.name


# --- reading ----------------------------------------------------------------------------------------


def _listing(work: Work, actor: Actor) -> Outcome:
    zh, gone = actor.language == "zh", enterprise_book.ended(work.session)
    lines = []
    for row in work.settings.enterprises[:MOST_LISTED]:
        said = [row.country, _shown(work, row, "officers", zh=zh), row.key_project]
        if row.key in gone:
            said.append("已停用" if zh else "ended")
        lines.append(f"{name(row, zh=zh)}（{row.key}）" + "；".join(s for s in said if s))
    count = len(work.settings.enterprises)
    how = actor.say(
        "可写：#企业 名称（查看）；#企业 增加 名称，下面逐行写国别、域名等；#企业 修改 名称 电话：…；#企业 停用 名称",
        "You may write: #enterprise name; #enterprise add name, with country, domains … a line each; "
        "#enterprise change name telephone: …; #enterprise end name",
    )
    return Outcome(
        True,
        "\n".join(
            [actor.say(f"企业台账共{count}家", f"{many(count, 'enterprise')} in the ledger"), *lines, how]
        ),
    )


def _person(work: Work, key: str | None, *, zh: bool) -> str:
    person = work.people.by_key(key) if key else None
    return (person.name if zh else person.name_en or person.name) if person is not None else key or ""


def _shown(work: Work, row: Enterprise, field: str, *, zh: bool) -> str:
    value = getattr(row, field)
    if field == "project_leader":
        return _person(work, value, zh=zh)
    if field == "officers":
        return ("、" if zh else ", ").join(_person(work, key, zh=zh) for key in value)
    return ("；" if zh else "; ").join(value) if isinstance(value, tuple) else value or ""


def _label(field: str, *, zh: bool) -> str:
    chinese, english, _ = LABELS[field]
    return chinese if zh else english.capitalize()


def _show(work: Work, actor: Actor, row: Enterprise) -> Outcome:
    zh = actor.language == "zh"
    colon = "：" if zh else ": "
    lines = [f"{_label(f, zh=zh)}{colon}{v}" for f in LABELS if (v := _shown(work, row, f, zh=zh))]
    history = enterprise_book.history(work.session, row.key)
    if row.key in enterprise_book.ended(work.session):
        lines.append("已停用" if zh else "Ended")
    if history:
        last = history[-1]
        lines.append(
            actor.say(
                f"最近变更：{last['at'][:10]}，{_person(work, last['by'], zh=True)}",
                f"Last change: {last['at'][:10]}, {_person(work, last['by'], zh=False)}",
            )
        )
    offers = []
    if actor.letter is not None and actor.letter.ticket_id is not None:
        case = Case.by_id(work, actor.letter.ticket_id)
        if case.row.enterprise != row.key and actor.person.key not in case.ticket.hidden:
            number = case.row.number
            offers = [
                (
                    f"#{number} enterprise {row.key}",
                    f"{number} 是这家企业的投诉",
                    f"{number} is a complaint of this enterprise",
                    False,
                )
            ]
    return Outcome(True, "\n".join(lines), offers=offers)


def _unclear(work: Work, actor: Actor, said: Unclear) -> Outcome:
    zh = actor.language == "zh"
    rows = [_row(work, key) for key in said.keys]
    match said.code:
        case "several":
            offers = [
                (f"#enterprise {row.key}", name(row, zh=True), name(row, zh=False), False) for row in rows
            ]
            return Outcome(
                False,
                actor.say(f"“{said.what}”可能是几家企业，请选择：", f"“{said.what}” may be several; choose:"),
                offers=offers,
            )
        case "nothing":
            what = actor.say(
                f"没有写要改什么，例：#企业 修改 {said.what} 电话：0379-00000000",
                f"What shall change? E.g. #enterprise change {said.keys[0]} telephone: 0379-00000000",
            )
        case "field":
            fields = (
                "、".join(LABELS[f][0] for f in LABELS) if zh else ", ".join(LABELS[f][1] for f in LABELS)
            )
            what = actor.say(
                f"看不懂“{said.what}”。每行写一项，可写：{fields}",
                f"“{said.what}” is not understood. A line each: {fields}",
            )
        case _:
            what = actor.say(
                f"台账中没有“{said.what}”。增加请写：#企业 增加 {said.what}",
                f"“{said.what}” is not in the ledger. To add it: #enterprise add {said.what}",
            )
    return Outcome(False, what)


# --- changing ---------------------------------------------------------------------------------------


def _carry_out(work: Work, actor: Actor, told: Command, line: str, said: tuple[str, str]) -> Outcome | None:
    """Lay a change ready, or return None where the digit of the letter that did so has come back."""
    confirmed = actor.letter is not None and any(c["command"] == line for c in actor.letter.choices)
    if not confirmed:
        return Outcome(
            False,
            actor.say(
                f"尚未执行，请核对后回复数字确认：\n{said[0]}",
                f"Not done yet: please check, then confirm with the digit:\n{said[1]}",
            ),
            offers=[(line, "确认", "Confirm", False)],
            to_check=True,
        )
    return authority.short_of(actor, told, work)


def _told(work: Work, actor: Actor) -> Told:
    return Told(actor.person.key, work.now, actor.cause)


def _add(work: Work, actor: Actor, told: Command, fields: Mapping[str, Any]) -> Outcome:
    data, wrong = _resolved(work, actor, dict(fields))
    data["key"] = data.get("key") or _key_for(work, data)
    taken = {row.key for row in work.settings.enterprises}
    if not data.get("name"):
        wrong.append(
            actor.say(
                "请写上企业名称，例：#企业 增加 示例轴承（洛阳）有限公司",
                "The name is missing, e.g. #enterprise add Example Bearings",
            )
        )
    elif any(data["name"] in (row.name, row.name_en) for row in work.settings.enterprises):
        wrong.append(
            actor.say(f"“{data['name']}”已在台账中。", f"“{data['name']}” is in the ledger already.")
        )
    if data["key"] in taken:
        wrong.append(actor.say(f"编号“{data['key']}”已有企业使用。", f"The key “{data['key']}” is taken."))
    row = None if wrong else _valid(actor, data, wrong)
    wrong += _conflicts(work, actor, row) if row is not None else []
    if row is None or wrong:
        return Outcome(False, actor.say("没有增加。", "Nothing was added. ") + "".join(wrong))
    line = f"#enterprise add\n{enterprise_changes.as_lines({k: v for k, v in data.items() if v})}"
    refused = _carry_out(work, actor, told, line, (_whole(work, row, zh=True), _whole(work, row, zh=False)))
    if refused is not None:
        return refused
    enterprise_book.note(work.session, _told(work, actor), row.key, "added", _stored(data))
    work.ledger_changed()
    return Outcome(
        True, actor.say(f"已增加：{row.name}（{row.key}）", f"Added: {name(row, zh=False)} ({row.key})")
    )


def _whole(work: Work, row: Enterprise, *, zh: bool) -> str:
    return "\n".join(
        f"{_label(f, zh=zh)}{'：' if zh else ': '}{v}" for f in LABELS if (v := _shown(work, row, f, zh=zh))
    )


def _alter(work: Work, actor: Actor, told: Command, key: str, fields: Mapping[str, Any]) -> Outcome:
    before = _row(work, key)
    data, wrong = _resolved(work, actor, dict(fields))
    if data.pop("key", key) != key:
        wrong.append(actor.say("编号不能修改。", "The key cannot be changed."))
    if not data.get("name", before.name):
        wrong.append(actor.say("企业名称不能为空。", "The name cannot be empty."))
    row = None if wrong else _valid(actor, {**before.model_dump(mode="json"), **_stored(data)}, wrong)
    wrong += _conflicts(work, actor, row) if row is not None else []
    if key in enterprise_book.ended(work.session):
        wrong.append(actor.say("这家企业已停用，请先恢复。", "It was ended: restore it first."))
    if row is None or wrong:
        return Outcome(False, actor.say("没有修改。", "Nothing was changed. ") + "".join(wrong))
    if row == before:
        return Outcome(False, actor.say("没有变化。", "That is how it stands already."))

    def said(*, zh: bool) -> str:
        rows = [
            f"{_label(f, zh=zh)}{'：' if zh else ': '}{_shown(work, before, f, zh=zh) or '—'} → {_shown(work, row, f, zh=zh) or '—'}"
            for f in LABELS
            if getattr(row, f) != getattr(before, f)
        ]
        return "\n".join([f"{name(before, zh=zh)}（{key}）", *rows])

    line = f"#enterprise change {key}\n{enterprise_changes.as_lines(data)}"
    refused = _carry_out(work, actor, told, line, (said(zh=True), said(zh=False)))
    if refused is not None:
        return refused
    enterprise_book.note(work.session, _told(work, actor), key, "changed", _stored(data))
    work.ledger_changed()
    return Outcome(True, actor.say(f"已修改：{said(zh=True)}", f"Changed: {said(zh=False)}"))


def _end(work: Work, actor: Actor, told: Command, key: str, *, ends: bool) -> Outcome:
    row = _row(work, key)
    if ends is (key in enterprise_book.ended(work.session)):
        return Outcome(False, actor.say("已经是这样。", "That is how it stands already."))
    verb, zh, en = ("end", "停用", "end") if ends else ("restore", "恢复", "restore")
    line = f"#enterprise {verb} {key}"
    refused = _carry_out(
        work, actor, told, line, (f"{zh}{row.name}（{key}）", f"{en} {name(row, zh=False)} ({key})")
    )
    if refused is not None:
        return refused
    enterprise_book.note(work.session, _told(work, actor), key, "ended" if ends else "restored")
    work.ledger_changed()
    return Outcome(True, actor.say(f"已{zh}：{row.name}", f"Done: {en} {name(row, zh=False)}"))


def _stored(data: _Fields) -> _Fields:
    """Return fields as `meta` keeps them."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in data.items()}


def _resolved(work: Work, actor: Actor, data: _Fields) -> tuple[_Fields, list[str]]:
    """Replace persons by their keys; return what is wrong with them."""
    wrong = []
    roles = {"officers": (Role.HANDLER, Role.SUPERVISOR), "project_leader": (Role.LEADER,)}
    for field, allowed in roles.items():
        if field not in data:
            continue
        several = field == "officers"
        keys = []
        for said in data[field] if several else (data[field],) if data[field] else ():
            person = _meant(work, said)
            if person is None or person.role not in allowed:
                zh, en = ("经办人或督办人", "a handler or supervisor") if several else ("领导", "a leader")
                wrong.append(actor.say(f"“{said}”不是{zh}。", f"“{said}” is not {en}. "))
            else:
                keys.append(person.key)
        data[field] = tuple(dict.fromkeys(keys)) if several else next(iter(keys), None)
    if data.get("key"):
        data["key"] = data["key"].lower()
    return data, wrong


def _meant(work: Work, said: str) -> Person | None:
    wanted = fold(said)
    return next(
        (
            p
            for p in work.people.person
            if not p.retired and wanted in (p.key, *map(fold, (p.name, p.name_en, *p.aliases)))
        ),
        None,
    )


def _valid(actor: Actor, data: _Fields, wrong: list[str]) -> Enterprise | None:
    try:
        return Enterprise.model_validate(data)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        zh, en, _ = LABELS.get(field, (field, field, ()))
        value = data.get(field)
        shown = " ".join(value) if isinstance(value, list | tuple) else value
        wrong.append(actor.say(f"{zh}“{shown}”不对。", f"{en} “{shown}” is not valid. "))
        return None


def _conflicts(work: Work, actor: Actor, row: Enterprise) -> list[str]:
    """Return why a row cannot stand: a free-mail domain, or an address or domain of somebody else."""
    found = []
    own = work.settings.own_addresses()
    inside = {a.rpartition("@")[2] for a in own} | {
        a.rpartition("@")[2] for p in work.people.person for a in p.addresses
    }
    for domain in row.domains:
        if domain in PUBLIC_MAIL:
            found.append(
                actor.say(
                    f"{domain} 是公共邮箱，人人都可注册，不能作为企业域名；请改列联系邮箱。",
                    f"{domain} is open to everybody: list the contacts instead. ",
                )
            )
        elif domain in inside or work.people.organ_of(f"x@{domain}") is not None:
            found.append(
                actor.say(
                    f"{domain} 是本单位或有关单位的域名。",
                    f"{domain} belongs to this office or to an organ. ",
                )
            )
    people = work.people
    found += [
        actor.say(f"{a} 是本单位或有关单位的邮箱。", f"{a} belongs to this office or to an organ. ")
        for a in row.contacts
        if a in own or people.by_address(a) is not None or people.organ_of(a) is not None
    ]
    mine = set(row.domains) | set(row.contacts)
    taken = {
        mark: other
        for other in work.settings.enterprises
        for mark in (*other.domains, *other.contacts)
        if other.key != row.key and mark in mine
    }
    found += [
        actor.say(
            f"{mark} 已属于{other.name}（{other.key}）。",
            f"{mark} belongs to {name(other, zh=False)} ({other.key}). ",
        )
        for mark, other in taken.items()
    ]
    return found


def _key_for(work: Work, data: _Fields) -> str:
    """Return a free key made of the domain or the English name, else a number."""
    domain = (data.get("domains") or ("",))[0].split(".")[0]
    slug = re.sub(r"[^a-z0-9]+", "-", domain or enterprise_names.core(fold(data.get("name_en") or ""))).strip(
        "-"
    )[:30]
    slug = slug if slug[:1].isalpha() else "enterprise"
    taken = {row.key for row in work.settings.enterprises}
    return next(k for k in (slug, *(f"{slug}{n}" for n in range(2, len(taken) + 3))) if k not in taken)


# --- of a ticket ------------------------------------------------------------------------------------


def of_ticket(case: Case, told: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Say which enterprise of the ledger a ticket belongs to, or that it belongs to none."""
    wanted = told.words.strip().split("\n", 1)[0]
    rows = case.work.settings.enterprises
    zh = actor.language == "zh"
    now = next((row for row in rows if row.key == case.row.enterprise), None)
    if fold(wanted) in ("无", "不在台账", "none"):
        found: Enterprise | None = None
    else:
        meant = enterprise_names.meant(wanted, rows)
        if len(meant) != 1:
            offers = [
                (f"#{case.row.number} enterprise {row.key}", name(row, zh=True), name(row, zh=False), False)
                for row in (meant or rows)[:9]
            ]
            return Outcome(
                False,
                actor.say(
                    f"“{wanted}”是哪一家？请回复数字；不在台账的写“无”。",
                    f"Which one is “{wanted}”? Answer with the digit; write “none” for none.",
                ),
                offers=offers,
            )
        found = meant[0]
    if found == now:
        return Outcome(False, actor.say("已经是这样。", "That is how it stands already."))
    case.record(
        EnterpriseSet(found.key if found else "", case.row.enterprise or ""),
        actor=actor.person.key,
        cause=actor.cause,
    )
    nobody = actor.say("不在台账", "not in the ledger")
    before = name(now, zh=zh) if now is not None else nobody
    after = name(found, zh=zh) if found is not None else nobody
    return Outcome(True, actor.say(f"企业：{after}", f"Enterprise: {after}"), before, after)
