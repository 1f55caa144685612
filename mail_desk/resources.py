"""Find the files shipped with the desk: `templates/` and `config/`.

In a wheel they lie in `mail_desk/_data/`, in a checkout at the top level. A user's own directory
overrides single files: `layered` is the one rule for that. Never writes anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["config", "templates"]

_PACKAGE = Path(__file__).resolve().parent


def shipped(kind: Kind) -> Path:
    """Return the shipped directory; raise FileNotFoundError where the installation is broken."""
    for candidate in (_PACKAGE / "_data" / kind, _PACKAGE.parent / kind):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the shipped {kind} directory is missing; please install mail-desk again")


def template_dirs(directory: Path) -> tuple[Path, ...]:
    """Return where templates are looked for, in order: `directory`/templates first, the shipped set last."""
    own = directory / "templates"
    return (own, shipped("templates")) if own.is_dir() else (shipped("templates"),)


def layered(own: Path, base: Path, pattern: str) -> dict[str, Path]:
    """Return the files matching `pattern` by name: those of `own` hide those of `base`."""
    found: dict[str, Path] = {}
    for directory in (base, own):
        if directory.is_dir():
            found |= {path.name: path for path in sorted(directory.glob(pattern)) if path.is_file()}
    return dict(sorted(found.items()))
