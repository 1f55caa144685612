"""Kinds of values that settings are made of: addresses, keys, domains, languages. Pure."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Model(BaseModel):
    """Base of all settings: immutable, and strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_ADDRESS = re.compile(r"^[^@\s<>(),;:\"]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*$")


def _address(value: object) -> object:
    if not isinstance(value, str) or not _ADDRESS.match(value.strip()):
        msg = "expected one e-mail address such as name@example.com"
        raise ValueError(msg)
    return value.strip().lower()


def _key(value: object) -> object:
    if not isinstance(value, str) or not re.match(r"^[a-z0-9][a-z0-9_-]*$", value):
        msg = "expected a short key of a-z, 0-9, - and _"
        raise ValueError(msg)
    return value


def _domain(value: object) -> object:
    if not isinstance(value, str) or "@" in value or "." not in value.strip("."):
        msg = "expected a domain such as example.gov.cn"
        raise ValueError(msg)
    return value.strip().strip(".").lower()


MailAddress = Annotated[str, BeforeValidator(_address)]
Key = Annotated[str, BeforeValidator(_key)]
Domain = Annotated[str, BeforeValidator(_domain)]
Language = Literal["zh", "en"]
