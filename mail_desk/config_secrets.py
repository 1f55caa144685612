"""Passwords: fetched from where the configuration says, never from it, never printed.

Sources: an environment variable, a file, or a credential of the service manager (systemd's
LoadCredential=, see systemd.exec(5)).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from mail_desk.config import Secret


class Password(str):
    """A password. Its repr is `***`, so that logs, tracebacks and dumps of data do not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


class SecretError(Exception):
    """A password cannot be had; the message says why and what to do, never the password."""


def secret(source: Secret, environ: Mapping[str, str]) -> Password:
    """Return the password that `source` points at; raise SecretError where there is none."""
    if source.env is not None:
        return _from_environment(source.env, environ)
    if source.file is not None:
        return _from_file(source.file, f"secret file {source.file}", private=True)
    return _from_credential(str(source.credential), environ)


def _from_environment(name: str, environ: Mapping[str, str]) -> Password:
    value = environ.get(name)
    if value is None:
        raise SecretError(f"environment variable {name} is not set; it should hold the password")
    if not value.strip():
        raise SecretError(f"environment variable {name} is empty; it should hold the password")
    return Password(value)


def _from_credential(name: str, environ: Mapping[str, str]) -> Password:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise SecretError(
            f'credential "{name}" needs the service manager: $CREDENTIALS_DIRECTORY is not set; '
            f"start the desk as a service with LoadCredential={name}:PATH, or use env or file instead"
        )
    if Path(name).name != name or name in (".", ".."):
        raise SecretError(f'credential "{name}" should be a plain name without /')
    # The service manager's directory is private as a whole; its files may carry group bits.
    return _from_file(Path(directory) / name, f'credential "{name}"', private=False)


def _from_file(path: Path, what: str, *, private: bool) -> Password:
    try:
        mode = path.stat()
        if private and os.name == "posix":
            _refuse_readable(mode, what)
        data = path.read_bytes()
    except FileNotFoundError:
        raise SecretError(f"{what} does not exist") from None
    except OSError as error:
        raise SecretError(f"{what} cannot be read ({error.strerror})") from None
    try:
        text = data.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        raise SecretError(f"{what} is not text in UTF-8") from None
    if not text.strip():
        raise SecretError(f"{what} is empty; it should hold the password, nothing else")
    if "\n" in text or "\r" in text:
        raise SecretError(f"{what} holds several lines; it should hold the password, nothing else")
    return Password(text)


def _refuse_readable(info: os.stat_result, what: str) -> None:
    """Refuse a file that others may read; its group only where that is how the desk itself reads it."""
    too_open = stat.S_IRWXO
    if info.st_uid == os.geteuid():
        too_open |= stat.S_IRWXG
    if info.st_mode & too_open:
        raise SecretError(f"{what} can be read by other users; run: chmod 600 on it")
