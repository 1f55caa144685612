"""What goes over the wire and what comes back, without a wire: the pure part of `smtp.py`.

Addresses into an envelope, a message into what DATA carries, the announced size limit, and the
meaning of the reply, or its absence, to the final dot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mail_desk.outbound import refusals
from mail_desk.outbound.refusals import (
    Deferred,
    Delivered,
    Outcome,
    Refused,
    Reply,
    Scope,
    Stage,
    Uncertain,
    Why,
    judge,
)

_ADDRESS = re.compile(r"^[^\x00-\x20\x7f<>]+@[^\x00-\x20\x7f<>@]+$")
_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT_LINE = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Lost:
    """No reply came: the connection ended, or patience did."""

    why: str


@dataclass(frozen=True, slots=True)
class Envelope:
    sender: bytes
    recipient: bytes
    utf8: bool


def envelope_of(sender: str, recipient: str) -> Envelope | Refused:
    """Encode both addresses; SMTPUTF8 only where a local part needs it (RFC 6531 §3.3).

    A domain in another script goes out in its ASCII form (RFC 5890), which every server takes.
    """
    encoded: list[bytes] = []
    for address in (sender, recipient):
        local, _, domain = address.rpartition("@")
        try:
            ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        except UnicodeError:
            ascii_domain = ""
        whole = f"{local}@{ascii_domain}"
        if not _ADDRESS.match(whole) or len(local.encode()) > 64 or len(whole.encode()) > 254:
            return Refused(
                Reply(0, "the desk cannot write this address in SMTP"),
                Stage.MAIL,
                refusals.BAD_ADDRESS,
                address_problem=True,
            )
        encoded.append(whole.encode())
    return Envelope(encoded[0], encoded[1], utf8=not all(part.isascii() for part in encoded))


def stuffed(raw: bytes) -> bytes:
    """Return the message as it goes over the wire, without the final dot (RFC 5321 §4.5.2)."""
    if raw.count(b"\r\n") != raw.count(b"\n") or raw.count(b"\r\n") != raw.count(b"\r"):
        raw = _BARE_LINE_END.sub(b"\r\n", raw)  # §2.3.8: bare CR and LF must not be sent
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    if raw.startswith(b".") or b"\n." in raw:
        raw = _DOT_LINE.sub(b"..", raw)
    return raw


def over_limit(announced: str | None, size: int) -> Refused | None:
    """Refuse here what the server has announced it would refuse (RFC 1870 §4: 0 or nothing: no limit)."""
    if announced and announced.strip().isdecimal() and 0 < int(announced) < size:
        return Refused(
            Reply(0, f"the letter has {size} bytes, the server takes {announced.strip()}"),
            Stage.MAIL,
            refusals.TOO_LARGE,
            address_problem=False,
        )
    return None


def before_dot(answer: Reply | Lost) -> Outcome:
    """Judge what came before the final dot, when the message cannot have been taken."""
    if isinstance(answer, Lost):
        return deferred(answer.why, Stage.BODY, refusals.LOST, Scope.CONNECTION)
    if 200 <= answer.code < 300:  # …unless the server claims just that: believe neither
        return Uncertain(Reply(answer.code, f"accepted before its end: {answer.text}"))
    judged = judge(answer, Stage.BODY)
    if isinstance(judged, Deferred) and judged.scope is Scope.LETTER:
        return Deferred(judged.reply, judged.stage, judged.why, Scope.CONNECTION, judged.pause)
    return judged


def after_dot(answer: Reply | Lost) -> Outcome:
    """Judge the reply to the final dot; only a clear yes or no settles it."""
    if isinstance(answer, Lost):
        return Uncertain(Reply(0, f"after the message: {answer.why}"))
    if 200 <= answer.code < 300:
        return Delivered(answer)
    if 400 <= answer.code < 600:
        return judge(answer, Stage.END)
    return Uncertain(answer)


def deferred(text: str, stage: Stage, why: Why, scope: Scope, *, alarm: bool = False) -> Deferred:
    """Return a deferral for which there was no reply, only a reason."""
    return Deferred(Reply(0, text), stage, why, scope, alarm=alarm)
