"""Passwords: where they come from, what is refused, and that they are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from mail_desk.config import Secret
from mail_desk.config_files import Password, SecretError, secret


def test_a_password_does_not_show_itself() -> None:
    password = Password("hunter2")
    assert repr(password) == "***"
    assert repr({"password": [password]}) == "{'password': [***]}"
    assert f"{password!r}" == "***"
    assert password == "hunter2"


def test_an_environment_variable_gives_the_password() -> None:
    assert secret(Secret(env="PW"), {"PW": "abc"}) == "abc"


@pytest.mark.parametrize(("environ", "told"), [({}, "PW is not set"), ({"PW": " "}, "PW is empty")])
def test_an_unset_or_empty_variable_is_told(environ: dict[str, str], told: str) -> None:
    with pytest.raises(SecretError, match=told):
        secret(Secret(env="PW"), environ)


def private(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("data", [b"abc", b"abc\n", b"abc\r\n", b"\xef\xbb\xbfabc\r\n"])
def test_a_file_gives_the_password_however_it_was_saved(tmp_path: Path, data: bytes) -> None:
    assert secret(Secret(file=private(tmp_path / "pw", data)), {}) == "abc"


@pytest.mark.parametrize(
    ("data", "mode", "told"),
    [
        (b"", 0o600, "is empty"),
        (b"\n", 0o600, "is empty"),
        (b"abc", 0o604, "can be read by other users"),
        (b"abc", 0o640, "can be read by other users"),
        (b"abc\ndef", 0o600, "holds several lines"),
        (b"\xff\xfe", 0o600, "is not text in UTF-8"),
    ],
)
def test_an_unfit_file_is_told_without_its_contents(
    tmp_path: Path, data: bytes, mode: int, told: str
) -> None:
    with pytest.raises(SecretError, match=told) as caught:
        secret(Secret(file=private(tmp_path / "pw", data, mode)), {})
    assert "abc" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="does not exist"):
        secret(Secret(file=tmp_path / "none"), {})


def test_the_service_manager_gives_the_password(tmp_path: Path) -> None:
    private(tmp_path / "mailbox", b"abc\n", 0o440)
    assert secret(Secret(credential="mailbox"), {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "abc"


def test_a_credential_needs_the_service_manager_and_a_plain_name(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="CREDENTIALS_DIRECTORY is not set"):
        secret(Secret(credential="mailbox"), {})
    with pytest.raises(SecretError, match="plain name"):
        secret(Secret(credential="../mailbox"), {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    with pytest.raises(SecretError, match='credential "mailbox" does not exist'):
        secret(Secret(credential="mailbox"), {"CREDENTIALS_DIRECTORY": str(tmp_path)})
