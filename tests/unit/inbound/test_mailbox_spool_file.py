from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mail_desk.inbound.spool_file import SpoolFile, discard_unfinished, spool


def test_a_file_is_named_by_the_digest_of_its_bytes_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    spooled = spool([b"one ", b"", b"two"], tmp_path / "new", "desk", 100)
    digest = hashlib.sha256(b"one two").hexdigest()
    assert spooled == SpoolFile(tmp_path / "new" / digest[:2] / f"{digest}.eml", 7, digest)
    assert spooled.path.read_bytes() == b"one two"
    assert stat.S_IMODE(spooled.path.stat().st_mode) == 0o600


def test_beyond_the_limit_nothing_stays_and_nothing_more_is_read(tmp_path: Path) -> None:
    pieces = iter([b"12345", b"67890", b"never read"])
    assert spool(pieces, tmp_path, "desk", 9) == 10
    assert next(pieces) == b"never read"
    assert list(tmp_path.iterdir()) == []


def test_what_breaks_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        assert len(list(tmp_path.glob(".desk-*.part"))) == 1
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        spool(broken(), tmp_path, "desk", 100)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_crash_are_discarded_and_those_of_others_are_not(tmp_path: Path) -> None:
    (tmp_path / ".desk-abc.part").write_bytes(b"half")
    (tmp_path / ".other-abc.part").write_bytes(b"being written")
    spooled = spool([b"whole"], tmp_path, "desk", 100)
    assert isinstance(spooled, SpoolFile)
    discard_unfinished(tmp_path, "desk")
    discard_unfinished(tmp_path / "nowhere", "desk")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [".other-abc.part"]
    assert spooled.path.exists()
