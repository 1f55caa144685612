"""Large messages on disk: written piece by piece, safe before they are named.

A file appears under its final name, the SHA-256 of its bytes, only when all of it is on the disk; what
a crash leaves half written has a name of its own and is removed at the next start.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SpoolFile:
    path: Path  # <directory>/ab/<sha256>.eml
    size: int  # bytes
    sha256: str  # hex


def spool(pieces: Iterable[bytes], directory: Path, owner: str, limit: int) -> SpoolFile | int:
    """Write `pieces` to a file named by their digest; return it, or the size where it passes `limit` bytes.

    `owner` is part of the unfinished file's name, see `discard_unfinished`. What `pieces` raises
    passes through and leaves no file. Raises OSError where the disk is full.
    """
    directory.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{owner}-", suffix=".part", dir=directory)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            digest = hashlib.sha256()
            size = 0
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
                size += len(piece)
                if size > limit:
                    return size
            file.flush()
            os.fsync(file.fileno())
        sha256 = digest.hexdigest()
        path = directory / sha256[:2] / f"{sha256}.eml"
        path.parent.mkdir(exist_ok=True)
        unfinished.replace(path)
        for changed in (path.parent, directory):  # the name is on the disk only when its directory is
            _fsync_directory(changed)
        return SpoolFile(path, size, sha256)
    finally:
        unfinished.unlink(missing_ok=True)


def discard_unfinished(directory: Path, owner: str) -> None:
    """Remove what a crash of this owner left half written. One process may be the owner at a time."""
    for unfinished in directory.glob(f".{owner}-*.part"):
        unfinished.unlink(missing_ok=True)


def _fsync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
