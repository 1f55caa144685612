"""Raw messages: small ones in the table, large ones in files named by their SHA-256.

A file is written, flushed to disk and renamed by the mailbox before the row that names it is
committed, so a row never points at nothing. Nothing here deletes.
"""

from __future__ import annotations

import mmap
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.store.schema import Raw


def raw_path(spool_dir: Path, sha256: str) -> Path:
    """Return where the file of a large message lies."""
    return spool_dir / sha256[:2] / f"{sha256}.eml"


def keep(session: Session, sha256: str, size: int, body: bytes | None) -> None:
    """Register raw bytes once. `body` None: the file is in place already."""
    if session.scalar(select(Raw.sha256).where(Raw.sha256 == sha256)) is None:
        session.add(Raw(sha256=sha256, size=size, body=body))
        session.flush()


def load(session: Session, spool_dir: Path, sha256: str) -> bytes | mmap.mmap:
    """Return the raw bytes; a large message is mapped, not read. Raises FileNotFoundError if lost."""
    body = session.scalar(select(Raw.body).where(Raw.sha256 == sha256))
    if body is not None:
        return body
    with raw_path(spool_dir, sha256).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
