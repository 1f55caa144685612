"""Settings in parts that can be compared: what stood in the files then, and what stands there now. Pure but for `templates`.

A part is a table of entries (a person, an organ, a rule …), an entry a table of plain values. Nothing of an
account's secret is in it, not even where it is kept, nor the store's address, which may hold a password. Values
that are the default are left out, so that a further key in a later version is no change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from mail_desk.config import Settings

Value = Any  # plain JSON
Part = dict[str, dict[str, Value]]  # by key of the entry, "" for what has none

WHOLE = ""  # the key of a part that is no table
PERSONAL = ("contacts", "telephone")  # of an enterprise


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one entry. `fields`: name, value before, value now; None where there was none."""

    kind: Literal["added", "removed", "changed"]
    key: str
    fields: tuple[tuple[str, Value, Value], ...]


def parts(settings: Settings) -> dict[str, Part]:
    """Return everything an operator configures, by part, without secrets."""
    desk, people, routing, digests = settings.desk, settings.people, settings.routing, settings.digests
    rules = {rule.name: _plain(rule) for rule in routing.rule}
    order = {"order": [rule.name for rule in routing.rule]} if rules else {}
    return {
        "office": {WHOLE: _plain(desk.office)},
        "desk": {WHOLE: _plain(desk, without={"office", "store", "data"})},
        "accounts": {account.name: _plain(account, without={"secret"}) for account in settings.account},
        "routes": {WHOLE: _plain(settings.routes)},
        "budget": {WHOLE: _plain(settings.budget)},
        "authority": {WHOLE: _plain(settings.authority)},
        "people": {person.key: _plain(person) for person in people.person},
        "organs": {organ.key: _plain(organ) for organ in people.organ},
        "operator": {WHOLE: {"operator": list(people.operator)}},
        "enterprises": {row.key: _unnamed(_plain(row)) for row in settings.enterprises},
        "routing": {WHOLE: {**_plain(routing, without={"rule", "category"}), **order}, **rules},
        "categories": {category.key: _plain(category) for category in routing.category},
        "digests": {
            WHOLE: _plain(digests, without={"digest", "scope"}),
            **{digest.key: _plain(digest) for digest in digests.digest},
            **{f"scope.{name}": _plain(scope) for name, scope in digests.scope.items()},
        },
        "calendar": {str(year.year): _plain(year) for year in settings.calendar},
        "procedures": {str(data.get("key", "")): _flat(data) for data in settings.procedures},
        "templates": templates(settings.template_dirs[:-1]),  # the last ones are shipped
    }


def templates(folders: Iterable[Path]) -> Part:
    """Return the digest of every template of the office's own."""
    found: Part = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found.setdefault(path.relative_to(folder).as_posix(), {"sha256": digest})
    return found


def canonical(part: Part) -> str:
    """Return the one text of a part: what is kept of it, and what its fingerprint is over."""
    return json.dumps(part, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(part: Part) -> str:
    """Return the SHA-256 of a part, hex."""
    return hashlib.sha256(canonical(part).encode()).hexdigest()


def differences(before: Part, after: Part) -> tuple[Difference, ...]:
    """Return every entry that was added, removed or changed, by key."""
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        fields = tuple(
            (name, (was or {}).get(name), (now or {}).get(name))
            for name in dict.fromkeys((*(was or {}), *(now or {})))
            if (was or {}).get(name) != (now or {}).get(name)
        )
        kind: Literal["added", "removed", "changed"] = (
            "added" if was is None else "removed" if now is None else "changed"
        )
        found.append(Difference(kind, key, fields))
    return tuple(found)


def _plain(model: BaseModel, *, without: set[str] | None = None) -> dict[str, Value]:
    return _flat(model.model_dump(mode="json", exclude=without, exclude_defaults=True))


def _unnamed(row: dict[str, Value]) -> dict[str, Value]:
    """Return a row of the ledger without what leads to a person: kept as a digest, so that a change still shows.

    What is kept of the settings stays in the store when a complainant's personal data are erased from it.
    """
    return {
        name: [{"sha256": hashlib.sha256(json.dumps(value).encode()).hexdigest()}]
        if name in PERSONAL
        else value
        for name, value in row.items()
    }


def _flat(data: Mapping[str, Any], above: str = "") -> dict[str, Value]:
    """Return a table of tables as one: `prove.example.cn`."""
    flat: dict[str, Value] = {}
    for name, value in data.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{above}{name}."))
        else:
            flat[f"{above}{name}"] = json.loads(json.dumps(value, default=str, ensure_ascii=False))
    return flat
