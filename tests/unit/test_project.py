"""The rules of the house, held as tests. Each failure names the file and what it should be instead."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import typer
import typer.core
import typer.main
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import mail_desk
from mail_desk import cli

ROOT = Path(mail_desk.__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "mail_desk").rglob("*.py"))
CODE = [*PACKAGE, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]

LONGEST_FILE = 450  # lines
LONGEST_TEST = 650  # lines: one case after another reads more easily than one rule after another
# A longer file is allowed with a reason that says why it cannot be split into well-named modules.
LONG_FILES: dict[str, str] = {
    "mail_desk/inbound/mailbox.py": "one session with one mailbox; what needs no connection is out",
    "mail_desk/tickets/events.py": "one list: every fact a ticket can hold",
    "mail_desk/tickets/commands_verbs.py": "one table: every verb with its names and what it takes",
    "tests/unit/tickets/test_commands_as_typed.py": "one table: replies as people type them",
}

# Who may ask what time it is, or wait. References count, not only calls: `default=datetime.now`.
CLOCK = ROOT / "mail_desk" / "clock.py"
TIME = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep")),
    *(f"time.{name}" for name in ("gmtime", "localtime", "ctime", "strftime")),
    "asyncio.sleep",
    "email.utils.localtime",
}

# Imported by name at run time, never by an import statement.
NOT_IMPORTED = {
    "tzdata": "zoneinfo reads it where the system has no time zones",
    "psycopg": "SQLAlchemy loads it for a PostgreSQL URL",
    "editables": "hatchling uses it to install in place",
    "hatchling": "a command, and what builds the package",
    "import-linter": "a command",
    "mypy": "a command",
    "ruff": "a command",
    "pytest-xdist": "a pytest plug-in",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def committed() -> list[Path]:
    """Return every file git knows, or everything that looks like source where there is no git."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        folders = ("mail_desk", "templates", "config", "tests", "docs", "scripts", "benchmarks", ".ci")
        return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    argv = [git, "-C", str(ROOT), "-c", "safe.directory=*", "ls-files", "-z"]  # whoever owns the checkout
    listed = subprocess.run(argv, capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in listed.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def names_used(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, full dotted name) of every name a module reads, through its imports and aliases."""
    known: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    yielding = {id(node.func) for node in ast.walk(module) if isinstance(node, ast.Call) and _is_zero(node)}
    for node in ast.walk(module):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in yielding:
            parts: list[str] = []
            inner: ast.expr = node
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name) and inner.id in known:
                yield node.lineno, ".".join([known[inner.id], *reversed(parts)])


def _is_zero(call: ast.Call) -> bool:
    """Tell a call with the one argument 0: `sleep(0)` lets others run and takes no time."""
    return [arg.value for arg in call.args if isinstance(arg, ast.Constant)] == [0] and len(call.args) == 1


def imported_packages(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@cache
def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


def requirements(*extras: str) -> dict[str, Requirement]:
    """Return what pyproject.toml asks for, by canonical name: always, and with these extras."""
    optional: dict[str, list[str]] = project()["optional-dependencies"]  # type: ignore[assignment]
    lines: list[str] = list(project()["dependencies"])  # type: ignore[call-overload]
    for extra in extras:
        lines += optional[extra]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): r for r in found if canonicalize_name(r.name) != "mail-desk"}


ALL = requirements("dev", "postgresql")


def test_only_the_clock_knows_what_time_it_is() -> None:
    offences = [
        f"{relative(path)}:{line} {name}"
        for path in PACKAGE
        if path != CLOCK
        for line, name in names_used(tree(path))
        if name in TIME
    ]
    assert offences == [], "take a Clock, or an instant, as an argument"


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime as d\nd.now()",
        "import datetime\nx = datetime.datetime.now",
        "from time import sleep\nsleep(1)",
        "import asyncio as a\na.sleep(1)",
    ],
)
def test_the_rule_about_time_sees_through_aliases(code: str) -> None:
    assert TIME.intersection(name for _, name in names_used(ast.parse(code)))


def test_no_committed_file_names_a_registry_a_machine_path_or_unfinished_work() -> None:
    # Written in pieces, so that this file does not name them either.
    forbidden = {
        "a package registry": r"py" + r"pi\.(org|io)|python" + r"hosted|registry\.npm" + r"js",
        "a path of one machine": r"(?<![\w.-])/(wo" + r"rk|ro" + r"ot|ho" + r"me)/",
        "unfinished work": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    }
    offences = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for what, pattern in forbidden.items():
            if match := re.search(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                offences.append(f"{relative(path)}:{line} names {what}: {match.group()}")
    assert offences == []


def test_every_module_says_what_it_is_for() -> None:
    opening = [*PACKAGE, *(ROOT / "tests" / "support").glob("*.py"), ROOT / "tests" / "conftest.py"]
    silent = [relative(p) for p in opening if tree(p).body and ast.get_docstring(tree(p)) is None]
    assert silent == [], "open with a docstring"


def test_files_fit_in_a_head_or_say_why_not() -> None:
    lengths = {relative(p): len(p.read_text(encoding="utf-8").splitlines()) for p in CODE}
    most = {name: LONGEST_TEST if "/test_" in name else LONGEST_FILE for name in lengths}
    long = {name: length for name, length in lengths.items() if length > most[name]}
    assert set(long) - set(LONG_FILES) == set(), f"split into well-named modules: {long}"
    assert set(LONG_FILES) - set(long) == set(), "no longer long: take it off the list"


def test_no_module_is_named_after_nothing() -> None:
    vague = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}
    assert [relative(p) for p in CODE if vague.intersection(p.stem.split("_"))] == []


def test_every_silenced_rule_gives_its_reason() -> None:
    bare = re.compile(r"#\s*noqa(?!:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\s+\S)")
    offences = [
        f"{relative(path)}:{number}"
        for path in PACKAGE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert offences == [], "write `# noqa: CODE - reason`"


def test_test_files_have_names_of_their_own() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    providers = packages_distributions()
    own = (ROOT / "tests" / "support", ROOT / "benchmarks")
    local = {path.stem for folder in own for path in folder.glob("*.py")} | {"mail_desk", "conftest", "tests"}

    def distributions(paths: list[Path]) -> dict[str, str]:
        names = {name: relative(path) for path in paths for name in imported_packages(path)}
        return {
            canonicalize_name(distribution): where
            for name, where in names.items()
            if name not in sys.stdlib_module_names and name not in local
            for distribution in providers.get(name, [name])
        }

    shipped, everything = distributions(PACKAGE), distributions(CODE)
    with_these = {
        "pydantic-core": "pydantic",
        "markupsafe": "jinja2",
        "packaging": "pytest",
    }  # they carry them
    undeclared = {
        name: where
        for name, where in shipped.items()
        if with_these.get(name, name) not in requirements("postgresql")
    }
    assert undeclared == {}, "declare it in pyproject.toml and docs/dependencies.md"
    assert {n: w for n, w in everything.items() if with_these.get(n, n) not in ALL} == {}
    idle = set(ALL) - set(everything) - set(NOT_IMPORTED)
    assert idle == set(), "nobody imports it: take it out of pyproject.toml and docs/dependencies.md"


def test_every_dependency_has_bounds_and_its_reason_is_written_down() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.-]+)` \| `([^`]+)` \|", text, re.MULTILINE)
    written = {canonicalize_name(name): SpecifierSet(bounds) for name, bounds in rows}
    assert written == {name: requirement.specifier for name, requirement in ALL.items()}
    assert [name for name, r in ALL.items() if not any(s.operator == ">=" for s in r.specifier)] == []


def test_every_pin_is_within_the_bounds_and_nothing_is_unpinned() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pinned = {canonicalize_name(name): Version(version) for name, version in pins.items()}
    assert set(ALL) - set(pinned) == set(), "run `make pins`"
    assert [n for n, r in ALL.items() if not r.specifier.contains(pinned[canonicalize_name(n)])] == []


def test_the_readme_names_only_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.MULTILINE))
    assert {"demo", "test"} <= named, "README shows at least the two commands that do all"
    assert named - targets == set()


def test_the_readme_names_only_commands_of_mail_desk_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)mail-desk ([a-z]+)", readme, re.MULTILINE))
    command = typer.main.get_command(cli.app)
    assert isinstance(command, typer.core.TyperGroup)
    assert named - set(command.commands) == set()


def test_every_make_command_is_listed_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    assert set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)) == phony


def test_the_changelog_tells_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {project()['version']}" in changelog
    assert project()["version"] == mail_desk.__version__


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        broken += [f"{relative(path)} → {to}" for to in targets if not (path.parent / to).exists()]
    assert broken == []
