"""Whatever is written into a configuration, it is loaded or told: never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail_desk.config import Settings
from mail_desk.config_files import Violation, init, load

VALUES = st.sampled_from(
    ['""', '"x"', "1", "-1", "1.5", "true", "[]", "{}", '["x"]', "[[1]]", "{ a = 1 }", "2026-01-01", "2026-01-01T00:00:00",
     "09:00:00", "inf", "nan", '"a@b.example"', '"zhao"', '["zhao", "nobody"]', "[{ first = 1 }]", "“x”", "", "=", '"\\u0000"',
     "99999999999999999999", '[["a"], 1]', '"' + "长" * 300 + '"']
)  # fmt: skip
FILES = ("desk.toml", "people.toml", "routing.toml", "digests.toml")


@pytest.fixture(scope="module")
def shipped_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("any") / "config"
    init(directory)
    return directory


def check(directory: Path) -> None:
    found = load(directory)
    if not isinstance(found, Settings):
        assert found
        for violation in found:
            assert isinstance(violation, Violation)
            assert violation.message
            assert "Input should" not in str(violation), "pydantic's words are not the reader's"


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_any_value_anywhere_is_loaded_or_told(shipped_copy: Path, data: st.DataObject) -> None:
    path = shipped_copy / data.draw(st.sampled_from(FILES))
    whole = path.read_bytes()
    lines = whole.decode("utf-8").split("\n")
    settable = [i for i, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    at = data.draw(st.sampled_from(settable))
    lines[at] = f"{lines[at].split(' = ', 1)[0]} = {data.draw(VALUES)}"
    try:
        path.write_text("\n".join(lines), "utf-8")
        check(shipped_copy)
    finally:
        path.write_bytes(whole)


@given(
    st.sampled_from([*FILES, "enterprises.csv"]),
    st.integers(0, 80),
    st.sampled_from(["drop", "twice", "half"]),
)
@settings(max_examples=60, deadline=None)
def test_a_file_with_lines_lost_or_doubled_is_loaded_or_told(
    shipped_copy: Path, name: str, number: int, how: str
) -> None:
    path = shipped_copy / name
    whole = path.read_bytes()
    lines = whole.split(b"\n")
    at = number % len(lines)
    changed = {"drop": b"", "twice": lines[at] + b"\n" + lines[at], "half": lines[at][: len(lines[at]) // 2]}[
        how
    ]
    try:
        path.write_bytes(b"\n".join([*lines[:at], changed, *lines[at + 1 :]]))
        check(shipped_copy)
    finally:
        path.write_bytes(whole)


@given(
    st.sampled_from([*FILES, "enterprises.csv", "calendar/cn-2026.toml", "procedures/x.toml"]),
    st.binary(max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_any_bytes_for_a_file_are_loaded_or_told(shipped_copy: Path, name: str, content: bytes) -> None:
    path = shipped_copy / name
    whole = path.read_bytes() if path.exists() else None
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        check(shipped_copy)
    finally:
        if whole is None:
            path.unlink()
        else:
            path.write_bytes(whole)
