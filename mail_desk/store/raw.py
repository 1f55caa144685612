"""Raw messages: small ones in the table, large ones in files named by their SHA-256.

A file is written, flushed to disk and renamed by the mailbox before the row that names it is
committed, so a row never points at nothing. Nothing here deletes.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.store.schema import Raw


def raw_path(spool_dir: Path, sha256: str) -> Path:
    """Return where the file of a large message lies."""
    return spool_dir / sha256[:2] / f"{sha256}.eml"


def keep(session: Session, sha256: str, size: int, body: bytes | None) -> None:
    """Register raw bytes once. `body` None: the file is in place already."""
    keep_all(session, {sha256: (size, body)})


def keep_all(session: Session, wanted: Mapping[str, tuple[int, bytes | None]]) -> None:
    """As `keep` for many, in two statements: size and body by SHA-256."""
    there = set(session.scalars(select(Raw.sha256).where(Raw.sha256.in_(list(wanted)))))
    session.add_all(
        Raw(sha256=sha256, size=size, body=body)
        for sha256, (size, body) in wanted.items()
        if sha256 not in there
    )
    session.flush()


def load(session: Session, spool_dir: Path, sha256: str) -> bytes | mmap.mmap:
    """Return the raw bytes; a large message is mapped, not read. Raises FileNotFoundError if lost."""
    found = load_all(session, spool_dir, (sha256,))
    if sha256 not in found:
        raise FileNotFoundError(raw_path(spool_dir, sha256))
    return found[sha256]


def load_all(session: Session, spool_dir: Path, wanted: Collection[str]) -> dict[str, bytes | mmap.mmap]:
    """Return the raw bytes of many by SHA-256; what is lost is not among them."""
    if not wanted:
        return {}
    rows = session.execute(select(Raw.sha256, Raw.body).where(Raw.sha256.in_(list(wanted))))
    found: dict[str, bytes | mmap.mmap] = {sha256: body for sha256, body in rows if body is not None}
    for sha256 in set(wanted) - set(found):
        try:
            with raw_path(spool_dir, sha256).open("rb") as file:
                found[sha256] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            continue
    return found
