"""A copy of the whole desk in one directory, taken while it works, and brought back into an empty store.

A backup holds `store.sqlite` (every table, whatever database the desk uses), `raw/` (the large messages),
`config/` (without the passwords, which are never there) and `SHA256SUMS` over all of it, in the format of
sha256sum(1). It appears under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from mail_desk.store import copying, restored, verification
from mail_desk.store.schema import LetterRow, LetterState, Raw
from mail_desk.store.session import Store

SUMS = "SHA256SUMS"
STORE = "store.sqlite"
_BLOCK = 1 << 20


class BackupError(Exception):
    """A backup cannot be made or brought back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds."""

    directory: Path
    tickets: int
    messages: int
    letters: int
    files: int  # large messages
    head: str  # of the last day sealed, "" before the first


def write(
    store: Store, spool_dir: Path, config_dir: Path, target: Path, *, secret: Collection[Path] = ()
) -> Kept:
    """Write a backup into `target`, which must not exist; verify it; return what it holds.

    `secret`: files of the configuration that hold passwords and stay where they are.

    Raises BackupError where `target` exists, or what was written does not verify.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; name a directory that does not")
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    copied = Store(f"sqlite:///{partial / STORE}")
    try:
        copied.migrate()
        counts = copying.copy(store.engine, copied.engine)
        files = _copy_raw(copied, spool_dir, partial / "raw")
        with copied.read() as session:
            found = verification.verify(session, partial / "raw")
    finally:
        copied.close()
    if found.broken:
        shutil.rmtree(partial)
        raise BackupError("the record does not verify: " + "; ".join(found.broken[:5]))
    hidden = {path.resolve() for path in secret}
    shutil.copytree(
        config_dir,
        partial / "config",
        ignore=lambda at, names: [n for n in names if (Path(at) / n).resolve() in hidden],
    )
    _write_sums(partial)
    partial.rename(target)
    _flush(target.parent)
    return Kept(target, counts["ticket"], counts["message"], counts["letter"], files, found.head)


def _copy_raw(copied: Store, spool_dir: Path, target: Path) -> int:
    """Copy the files of large messages the copied tables name; they are never changed once written."""
    with copied.read() as session:
        wanted = session.scalars(select(Raw.sha256).where(Raw.body.is_(None))).all()
    for sha256 in wanted:
        name = Path(sha256[:2]) / f"{sha256}.eml"
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(spool_dir / name, target / name)
        (target / name).chmod(0o600)
    return len(wanted)


def _files(directory: Path) -> Iterator[Path]:
    yield from sorted(p for p in directory.rglob("*") if p.is_file() and p.name != SUMS)


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _write_sums(directory: Path) -> None:
    lines = []
    for path in _files(directory):
        lines.append(f"{_sum(path)}  {path.relative_to(directory)}\n")
        _flush(path)
    sums = directory / SUMS
    sums.write_text("".join(lines), encoding="utf-8")
    sums.chmod(0o600)
    _flush(sums)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check(directory: Path) -> list[str]:
    """Return what of a backup is not as it was written, in sentences; nothing where it is whole."""
    sums = directory / SUMS
    if not sums.is_file():
        return [f"{directory} is no backup: it has no {SUMS}"]
    broken = []
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        path = directory / name
        if not path.is_file():
            broken.append(f"{name} is missing")
        elif _sum(path) != expected:
            broken.append(f"{name} is not what was written")
    return broken


def restore(directory: Path, store: Store, spool_dir: Path, now: datetime) -> Kept:
    """Bring a backup into an empty store, whose lock the caller holds; return what it held.

    Letters that were to leave before `now` may have left from the desk that was lost: they become *uncertain*, so
    each is looked for in the Sent folder before it leaves again. So is what is written again while the mails since
    the backup are read again (`restored`). Raises BackupError, having changed nothing, where the backup is
    damaged or the store is not empty.
    """
    broken = check(directory)
    if broken:
        raise BackupError("the backup is damaged: " + "; ".join(broken[:5]))
    kept = Store(f"sqlite:///{directory / STORE}")
    try:
        kept.migrate()  # a backup of an older version
        with kept.read() as session:
            found = verification.verify(session, directory / "raw")
        if found.broken:
            raise BackupError("its record does not verify: " + "; ".join(found.broken[:5]))
        _restore_raw(directory / "raw", spool_dir)
        store.migrate()
        try:
            counts = copying.copy(kept.engine, store.engine)
        except copying.NotEmptyError as error:
            raise BackupError(
                f"the store is not empty (table {error}); a backup goes into a new data directory or database"
            ) from error
    finally:
        kept.close()
    with store.write() as session:
        _doubt(session, now)
        restored.note(session, now)
    files = sum(1 for p in (directory / "raw").rglob("*.eml")) if (directory / "raw").is_dir() else 0
    return Kept(directory, counts["ticket"], counts["message"], counts["letter"], files, found.head)


def _restore_raw(source: Path, spool_dir: Path) -> None:
    for path in source.rglob("*.eml") if source.is_dir() else ():
        target = spool_dir / path.relative_to(source)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o600)


def _doubt(session: Session, now: datetime) -> None:
    due = LetterRow.not_before <= now
    session.execute(
        update(LetterRow)
        .where(or_(LetterRow.state == LetterState.SENDING, (LetterRow.state == LetterState.QUEUED) & due))
        .values(
            state=LetterState.UNCERTAIN,
            not_before=now,
            lease_until=now,
            lease_owner=None,
            searches=0,
            fence=LetterRow.fence + 1,
            last_reply="may have left before the store was restored",
        )
        .execution_options(synchronize_session=False)
    )
