"""Logging: one line an event, JSON when piped, readable on a terminal; always to standard error.

Addresses are masked in every value, also in servers' replies and in traces: a log is read by more people than a
ticket. Passwords and the words of mails are never given to it (tests plant both and look).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from mail_desk.masking import masked_text

_IDENTIFIERS = frozenset({"message_id"})  # look like addresses and are none


def configure(*, level: str = "info", to: TextIO | None = None) -> None:
    """Set up structlog for the process. `to`: standard error, if nothing else is given."""
    stream = to or sys.stderr
    terminal = stream.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def _mask(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask addresses in every text of a line."""
    for name, value in fields.items():
        if isinstance(value, str) and name not in _IDENTIFIERS:
            fields[name] = masked_text(value)
    return fields
