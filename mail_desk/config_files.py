"""A configuration directory → `Settings`, or everything that is wrong with it.

    desk.toml        the office, accounts, routes, budget       required
    people.toml      staff, leading group, organs, operator     required
    routing.toml     who gets what                              required
    enterprises.csv  the ledger (台账)                           else empty
    digests.toml     inspection summaries                       else the shipped one
    procedures/*.toml, calendar/*.toml                          over the shipped ones, file by file

Never prints and never fetches a password. `secret`, `warnings` and the like live in the modules this
one imports and are offered here under one name.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from mail_desk.config import (
    Account,
    Budget,
    CalendarYear,
    Desk,
    Digests,
    Enterprise,
    People,
    Person,
    Role,
    Routes,
    Routing,
    Settings,
    preset_servers,
)
from mail_desk.config_authority import Authority
from mail_desk.config_checks import DESK, DIGESTS, ENTERPRISES, PEOPLE, ROUTING, check
from mail_desk.config_kinds import Model
from mail_desk.config_references import references
from mail_desk.config_secrets import Password, SecretError, secret
from mail_desk.config_text import Violation, read_csv, read_toml
from mail_desk.config_warnings import warnings
from mail_desk.config_wording import did_you_mean, violations
from mail_desk.resources import layered, shipped, template_dirs
from mail_desk.tickets.commands_verbs import Verb
from mail_desk.tickets.grades import unknown

__all__ = ["Password", "SecretError", "Violation", "init", "load", "secret", "warnings"]

_M = TypeVar("_M", bound=BaseModel)

REQUIRED = (DESK, PEOPLE, ROUTING)


class _DeskFile(Model):
    """desk.toml; `[office]` stands beside `[desk]` there and is moved inside by `_office_inside`."""

    desk: Desk
    account: tuple[Account, ...] = Field(min_length=1)
    routes: Routes
    budget: Budget = Budget()
    authority: Authority = Authority()


def load(directory: Path) -> Settings | list[Violation]:
    """Read and check `directory`; return all violations where there are any."""
    return _Loader(directory.resolve()).load()


def init(directory: Path) -> list[Path]:
    """Copy the shipped set into `directory` and return what was written; nothing is overwritten."""
    source, written = shipped("config"), []
    for path in sorted(source.rglob("*")):
        target = directory / path.relative_to(source)
        if path.is_file() and path.suffix in (".toml", ".csv", ".md") and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            written.append(target)
    return written


class _Loader:
    """One pass over one directory; collects what is wrong on the way."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._shipped = shipped("config")
        self._wrong: list[Violation] = []
        self._raw: dict[str, dict[str, object]] = {}  # the user's own files, as read

    def load(self) -> Settings | list[Violation]:
        if not self._directory.is_dir():
            return [Violation(str(self._directory), "", "is no directory; mail-desk init creates one")]
        desk = self._validated(_DeskFile, DESK, _desk_data(self._toml(DESK), self._directory))
        people = self._validated(People, PEOPLE, self._toml(PEOPLE))
        routing = self._validated(Routing, ROUTING, self._toml(ROUTING))
        digests = self._digests(people)
        enterprises, lines = self._enterprises()
        calendar = self._calendar()
        procedures = self._procedures()
        if desk is None or people is None or routing is None or digests is None or self._wrong:
            return self._wrong + references(*(self._raw.get(file) for file in (PEOPLE, ROUTING, DIGESTS)))
        settings = Settings(
            directory=self._directory,
            desk=desk.desk,
            account=tuple(_with_preset(account) for account in desk.account),
            routes=desk.routes,
            budget=desk.budget,
            authority=desk.authority,
            people=_with_supervisor(people),
            enterprises=enterprises,
            routing=routing,
            digests=digests,
            calendar=calendar,
            procedures=procedures,
            template_dirs=template_dirs(self._directory),
        )
        return check(settings, lines) + _verbs(settings) or settings

    def _toml(self, file: str) -> dict[str, object] | None:
        path = self._directory / file
        if not path.is_file():
            self._wrong.append(Violation(file, "", _missing(self._directory, file)))
            return None
        found = self._read(path, file)
        if found is not None:
            self._raw[file] = found
        return found

    def _read(self, path: Path, file: str) -> dict[str, object] | None:
        found = read_toml(path, file)
        if isinstance(found, Violation):
            self._wrong.append(found)
            return None
        return found

    def _validated(self, model: type[_M], file: str, data: dict[str, object] | None) -> _M | None:
        if data is None:
            return None
        try:
            return model.model_validate(data)
        except ValidationError as error:
            found = violations(error, model, file)
            self._wrong += [replace(v, key=v.key.replace("desk.office", "office")) for v in found]
            return None

    def _digests(self, people: People | None) -> Digests | None:
        if (self._directory / DIGESTS).is_file():
            return self._validated(Digests, DIGESTS, self._with_scopes(self._toml(DIGESTS)))
        # The shipped one names persons of the shipped set: here it goes to this desk's own leaders.
        found = self._validated(Digests, DIGESTS, self._read(self._shipped / DIGESTS, DIGESTS))
        if found is None or people is None:
            return found
        readers = people.with_role(Role.LEADER) or people.with_role(Role.SUPERVISOR)
        to = tuple(person.key for person in readers)
        return found.model_copy(
            update={"digest": tuple(d.model_copy(update={"to": to}) for d in found.digest if to)}
        )

    def _with_scopes(self, own: dict[str, object] | None) -> dict[str, object] | None:
        """Put the shipped scopes below the department's own."""
        shipped_file = self._read(self._shipped / DIGESTS, DIGESTS) if own is not None else None
        scopes, known = (own or {}).get("scope", {}), (shipped_file or {}).get("scope")
        if own is None or not isinstance(scopes, dict) or not isinstance(known, dict):
            return own
        return {**own, "scope": {**known, **scopes}}

    def _calendar(self) -> tuple[CalendarYear, ...]:
        years: dict[int, CalendarYear] = {}
        files: dict[int, str] = {}
        for name, path in layered(self._directory / "calendar", self._shipped / "calendar", "*.toml").items():
            file = f"calendar/{name}"
            year = self._validated(CalendarYear, file, self._read(path, file))
            if year is None:
                continue
            if year.year in years:
                self._wrong.append(
                    Violation(file, "year", f"{year.year} already stands in {files[year.year]}")
                )
            years.setdefault(year.year, year)
            files.setdefault(year.year, file)
        return tuple(years[y] for y in sorted(years))

    def _procedures(self) -> tuple[dict[str, object], ...]:
        found, files = [], dict[object, str]()
        for name, path in layered(
            self._directory / "procedures", self._shipped / "procedures", "*.toml"
        ).items():
            file = f"procedures/{name}"
            raw = self._read(path, file)
            if raw is None:
                continue
            raw.setdefault("key", path.stem)
            if raw["key"] in files:
                self._wrong.append(
                    Violation(file, "key", f'"{raw["key"]}" already stands in {files[raw["key"]]}')
                )
            files.setdefault(raw["key"], file)
            found.append(raw)
        return tuple(found)

    def _enterprises(self) -> tuple[tuple[Enterprise, ...], dict[int, int]]:
        path = self._directory / ENTERPRISES
        if not path.is_file():
            return (), {}
        table = read_csv(path, ENTERPRISES)
        if isinstance(table, list):
            self._wrong += table
            return (), {}
        names = {column: _column(column) for column in table.columns if column}
        for column, field in names.items():
            if field is None:
                wrong = f'"{column}" is not a known column; {did_you_mean(column, Enterprise.model_fields)}'
                self._wrong.append(Violation(ENTERPRISES, "line 1", wrong))
        rows: list[Enterprise] = []
        lines: dict[int, int] = {}
        for line, cells in table.rows:
            row = self._enterprise(line, {f: cells[c] for c, f in names.items() if f is not None})
            if row is not None:
                lines[len(rows)] = line
                rows.append(row)
        return tuple(rows), lines

    def _enterprise(self, line: int, cells: dict[str, str]) -> Enterprise | None:
        data: dict[str, Any] = {field: value for field, value in cells.items() if value}
        for field in ("key", "officers", "project_leader"):  # spreadsheets like to capitalise
            if field in data:
                data[field] = data[field].lower()
        for field in ("domains", "contacts", "officers"):
            if field in data:
                data[field] = tuple(_split(data[field]))
        try:
            return Enterprise.model_validate(data)
        except ValidationError as error:
            for found in violations(error, Enterprise, ENTERPRISES):
                self._wrong.append(Violation(ENTERPRISES, f"line {line}, {found.key}", found.message))
            return None


_COLUMNS_ZH = {
    "编号": "key",
    "企业名称": "name",
    "名称": "name",
    "英文名称": "name_en",
    "国别": "country",
    "国家": "country",
    "域名": "domains",
    "联系邮箱": "contacts",
    "邮箱": "contacts",
    "电话": "telephone",
    "服务专员": "officers",
    "officer": "officers",
    "重点项目": "key_project",
    "项目领导": "project_leader",
    "包联领导": "project_leader",
    "工作专班": "project_team",
    "推进方案": "project_plan",
}


def _column(heading: str) -> str | None:
    """Return the field a column holds; a heading may be English, Chinese, or both (`编号 key`)."""
    words = heading.lower().replace("-", "_")
    for candidate in (words.replace(" ", "_"), *words.split()):
        field = _COLUMNS_ZH.get(candidate, candidate)
        if field in Enterprise.model_fields:
            return field
    return None


def _split(cell: str) -> Sequence[str]:
    for mark in ";；,，、\n\t":
        cell = cell.replace(mark, " ")
    return cell.split()


def _missing(directory: Path, file: str) -> str:
    """Say that a required file is missing, and which one is probably meant to be it."""
    present = [path.name for path in directory.iterdir() if path.is_file()]
    if f"{file}.txt" in present:  # Notepad's habit, with extensions hidden by Explorer
        return f"is missing; rename {file}.txt to {file}"
    close = [
        name for name in difflib.get_close_matches(file, present, n=3, cutoff=0.75) if name not in REQUIRED
    ]
    hint = f"rename {close[0]} to it" if close else "mail-desk init writes an example"
    return f"is missing; {hint}"


def _desk_data(data: dict[str, object] | None, directory: Path) -> dict[str, object] | None:
    """Move `[office]` into `[desk]`, and read relative paths as relative to the configuration itself."""
    if data is None:
        return None
    habits = data.setdefault("desk", {})
    if isinstance(habits, dict) and "office" in data:
        habits["office"] = data.pop("office")
    accounts = data.get("account")
    for account in accounts if isinstance(accounts, list) else ():
        for table, key in (("secret", "file"), ("imap", "ca_file"), ("smtp", "ca_file")):
            inner = account.get(table) if isinstance(account, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get(key), str):
                inner[key] = str(directory / Path(inner[key]).expanduser())
    return data


def _verbs(settings: Settings) -> list[Violation]:
    """Say which names in `[authority] verbs` are no verb that can be graded."""
    names = [verb.value for verb in Verb]
    return [
        Violation(DESK, f"authority.verbs.{name}", f'"{name}" cannot be graded: {did_you_mean(name, names)}')
        for name in unknown(settings.authority.verbs)
    ]


def _with_preset(account: Account) -> Account:
    servers = preset_servers(account.provider, account.address)
    if servers is None:
        return account
    return account.model_copy(update={"imap": account.imap or servers[0], "smtp": account.smtp or servers[1]})


def _with_supervisor(people: People) -> People:
    """Give handlers without one the supervisor, where there is exactly one."""
    supervisors = people.with_role(Role.SUPERVISOR)
    if len(supervisors) != 1:
        return people

    def complete(person: Person) -> Person:
        if person.role is Role.HANDLER and person.supervisor is None:
            return person.model_copy(update={"supervisor": supervisors[0].key})
        return person

    return people.model_copy(update={"person": tuple(map(complete, people.person))})
