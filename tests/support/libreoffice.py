"""LibreOffice, headless: opens what the desk writes and converts it. It repairs nothing while it converts."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice") or ""


def lacking() -> str:
    """Say what is missing, "" where nothing is."""
    return "" if PROGRAM else "LibreOffice"


def convert(to: str, *files: Path) -> dict[str, bytes]:
    """Convert files in one run; return what came out by stem. `to`: a filter as --convert-to takes it."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        argv = [PROGRAM, f"-env:UserInstallation=file://{scratch}/profile", "--headless", "--norestore"]
        argv += ["--convert-to", to, "--outdir", str(out), *map(str, files)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=200, check=False)
        if done.returncode or "Error" in done.stderr:
            raise AssertionError(f"LibreOffice does not open {files}: {done.stderr}")
        return {path.stem: path.read_bytes() for path in out.iterdir()}
