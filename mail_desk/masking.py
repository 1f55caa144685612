"""Personal data in logs: enough to recognise, not enough to write to. Pure."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"(?<![\w.+-])([\w.+%-]{1,64})@([\w-]+(?:\.[\w-]+)+)")


def masked(address: str) -> str:
    """Return an address as logs may show it."""
    local, at, domain = address.rpartition("@")
    return f"{local[:2]}***{at}{domain}"


def masked_text(text: str) -> str:
    """Return a text, such as a server's reply, with every address in it masked."""
    if "@" not in text:
        return text
    return _ADDRESS.sub(lambda found: masked(found[0]), text)
