"""What the operator changed in the files: an event in the desk's own chain, a line in the log, one letter.

Whoever can write the files decides who may command. So each start compares every part of the settings with what
it was when it was last read (kept in `meta`, without secrets), and the supervisors and the operator hear of each
change once; also at the address that was theirs before, where this is what changed. A store's first start, and a
part that a later version adds, is kept without a word.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from mail_desk.config import Person, Role
from mail_desk.config_parts import Difference, Part, canonical, differences, fingerprint, parts
from mail_desk.desk import settings_words
from mail_desk.desk.post import Cause, To, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Audience, LetterKind, SettingsChangedContext, SettingsPart
from mail_desk.store import desk_chain
from mail_desk.store.schema import DeskEvent, Meta

log = structlog.get_logger()

PREFIX = "settings/"  # of the rows of Meta: a part as it was last read
FIRST = "SettingsRead"  # the event: a part was read for the first time
CHANGED = "SettingsChanged"
_ENTRIES = 100  # named in an event; the rest are counted


@dataclass(frozen=True, slots=True)
class _Changed:
    """One part that is not what it was."""

    part: str
    before: Part
    after: Part
    found: tuple[Difference, ...]


def follow(work: Work) -> None:
    """Record what changed since the settings were last read, and tell it; nothing where nothing did."""
    known = {
        row.name.removeprefix(PREFIX): row.value
        for row in work.session.scalars(select(Meta).where(Meta.name.startswith(PREFIX)))
    }
    changed, first = [], {}
    for part, now in parts(work.rules.settings).items():
        text = canonical(now)
        if known.get(part) == text:
            continue
        if part in known:
            before: Part = json.loads(known[part])
            changed.append(_Changed(part, before, now, differences(before, now)))
        else:
            first[part] = fingerprint(now)
        work.session.merge(Meta(name=f"{PREFIX}{part}", value=text))
    if first:
        _record(work, FIRST, {"parts": first})
    number = 0
    for one in changed:
        number = _record(work, CHANGED, _data(one))
        log.warning("settings changed", action="settings", part=one.part, entries=len(one.found))
    if changed:
        _tell(work, changed, number)


def in_a_line(row: DeskEvent) -> str:
    """Return one event of the desk's chain as the operator reads it."""
    match row.type:
        case "SettingsChanged":
            told = [_entry(entry) for entry in row.data["entries"]]
            if row.data["more"]:
                told.append(f"and {row.data['more']} more")
            return f"{row.data['part']}: {'; '.join(told)}"
        case "SettingsRead":
            return f"first read: {', '.join(row.data['parts'])}"
        case desk_chain.BOOK_CHANGED:
            return f"{row.data['book']}: {row.data['what']}"
        case _:
            return f"{row.type}: {row.data.get('person', '')}"


def _entry(entry: dict[str, Any]) -> str:
    """Return what became of one entry: `li changed (role handler → supervisor, addresses)`."""
    fields = [
        f"{name} {' → '.join(map(str, entry[name]))}" if name in entry else name for name in entry["fields"]
    ]
    said = f"{entry['key']} {entry['kind']}".strip()
    return f"{said} ({', '.join(fields)})" if entry["kind"] == "changed" else said


def _record(work: Work, kind: str, data: dict[str, Any]) -> int:
    return desk_chain.append(work.session, kind, data, at=work.now, actor="operator", cause="start").seq


def _data(one: _Changed) -> dict[str, Any]:
    """Return what the chain keeps: keys and names of fields, roles, fingerprints; no names and no addresses."""
    entries = [
        {
            "key": difference.key,
            "kind": difference.kind,
            "fields": [name for name, _, _ in difference.fields],
            **{name: [was, now] for name, was, now in difference.fields if name in ("role", "version")},
        }
        for difference in one.found[:_ENTRIES]
    ]
    return {
        "part": one.part,
        "before": fingerprint(one.before),
        "after": fingerprint(one.after),
        "entries": entries,
        "more": len(one.found) - len(entries),
    }


def _tell(work: Work, changed: Sequence[_Changed], number: int) -> None:
    for to in _readers(work, changed):
        zh = to.language == "zh"
        told = tuple(
            SettingsPart(
                settings_words.title(one.part, zh=zh),
                settings_words.sentences(one.part, one.before, one.after, one.found, zh=zh),
            )
            for one in sorted(changed, key=lambda one: list(settings_words.PARTS).index(one.part))
        )
        post(
            work,
            LetterKind.SETTINGS_CHANGED,
            to,
            SettingsChangedContext(to.name, told),
            Cause("start"),
            dedupe=f"settings/{number}/{to.address}"[:200],
        )


def _readers(work: Work, changed: Sequence[_Changed]) -> list[To]:
    """Return supervisors and operators, and a supervisor's former address where the files now say another one."""
    supervisors = work.people.with_role(Role.SUPERVISOR)
    readers = [to_person(work, person) for person in supervisors]
    for one in changed:
        if one.part == "people":
            readers += [
                To(address, to.name, to.language, to.audience, to.person)
                for person, to in zip(supervisors, list(readers), strict=False)
                for address in _former(person, one.before)
            ]
    language = work.settings.desk.staff_language
    readers += [To(a, a, language, Audience.OPERATOR) for a in work.people.operator]
    return list({to.address: to for to in readers}.values())


def _former(person: Person, before: Part) -> list[str]:
    was = before.get(person.key, {}).get("addresses") or []
    return [was[0]] if was and was[0] not in person.addresses else []
