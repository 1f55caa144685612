"""`make audit` says in plain words what it could learn of the dependencies, and what it could not."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FINE: dict[str, Any] = {"name": "idna", "version": "3.11", "vulns": []}
WEAK: dict[str, Any] = {
    "name": "idna",
    "version": "3.6",
    "vulns": [{"id": "CVE-2024-3651", "fix_versions": ["3.7"], "description": "slow"}],
}
UNKNOWN: dict[str, Any] = {"name": "typer", "skip_reason": "not found"}


@pytest.fixture(name="audit")
def _audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("audit", str(ROOT / "scripts" / "audit"))
    spec = importlib.util.spec_from_loader("audit", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "PLACE", tmp_path)
    monkeypatch.setattr("sys.argv", ["audit"])
    return module


def answers(directory: Path, asked: list[dict[str, Any]] | None) -> None:
    """Put a program in pip-audit's place that answers so; None: it reaches nobody."""
    (directory / "bin").mkdir()
    program = directory / "bin" / "pip-audit"
    lines = ["#!/bin/sh", 'for it in "$@"; do case "$it" in --output=*) to="${it#--output=}";; esac; done']
    if asked is None:
        lines += ["echo 'connection refused' >&2", "exit 1"]
    else:
        (directory / "answer").write_text(json.dumps({"dependencies": asked, "fixes": []}), encoding="utf-8")
        lines += [
            f'cp "{directory}/answer" "$to"',
            "exit 1" if any(a.get("vulns") for a in asked) else "exit 0",
        ]
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    program.chmod(0o755)
    assert os.access(program, os.X_OK)


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ([FINE], 0, "1 of 1 dependencies asked about: 0 with a known weakness, 0 of which nothing is known"),
        ([FINE, WEAK], 1, "idna 3.6: CVE-2024-3651, mended in 3.7"),
        ([FINE, UNKNOWN], 2, "Nothing is known of typer: not found"),
        ([WEAK, UNKNOWN], 1, "Nothing is known of typer"),
        ([], 2, "0 of 0 dependencies"),
        (
            None,
            2,
            "Nothing was audited: the public advisories gave no answer. Is the network there?\nconnection refused",
        ),
    ],
)
def test_an_audit_passes_only_where_every_dependency_was_asked_about_and_is_well(
    audit: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    asked: list[dict[str, Any]] | None,
    code: int,
    said: str,
) -> None:
    answers(tmp_path, asked)
    assert audit.main() == code
    out = capsys.readouterr()
    assert said in out.out + out.err
