"""What `pip install` gives somebody who has no checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, as an installer does."""
    place = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "installed")
    return place / "installed"


def files(directory: Path) -> set[str]:
    return {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("kind", ["templates", "config"])
def test_the_wheel_carries_every_shipped_file(unpacked: Path, kind: str) -> None:
    assert files(unpacked / "mail_desk" / "_data" / kind) == files(ROOT / kind)


def test_the_wheel_carries_the_whole_package_and_nothing_else(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"mail_desk"}
    inside = {name for name in files(unpacked / "mail_desk") if not name.startswith("_data/")}
    assert inside == files(ROOT / "mail_desk")


def test_an_installed_desk_finds_its_files_without_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import mail_desk, mail_desk.resources as r;"
        "print(mail_desk.__file__); print(r.shipped('config')); print(r.shipped('templates'))"
    )
    argv = [sys.executable, "-c", program, str(unpacked)]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert [line for line in done.stdout.splitlines() if not line.startswith(str(unpacked))] == []
