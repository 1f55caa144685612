"""The mail inside a forwarded mail: attached as .eml, or written out below a heading of the forwarding client. Pure.

Covered: NetEase, QQ, Foxmail, Outlook, Apple Mail and Gmail, in Chinese and English. What it says of its
author and day is a claim of whoever forwarded it: material, never proof. Total: what it does not recognise
is no forward.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr

from mail_desk.inbound.mail import Mail
from mail_desk.inbound.mime import Raw
from mail_desk.inbound.parse import parse, part_bytes

_KEYS = {
    "from": ("发件人", "寄件人", "寄件者", "发信人", "發件人", "from"),
    "date": ("发送时间", "发送日期", "发件时间", "寄件日期", "日期", "時間", "时间", "sent", "date"),
    "subject": ("主题", "主旨", "标题", "subject"),
    "to": ("收件人", "收件者", "to"),
    "cc": ("抄送", "抄送人", "cc"),
    "reply-to": ("答复", "回复地址", "reply-to"),
}
_FIELD = {name: key for key, names in _KEYS.items() for name in names}
_LINE = re.compile(
    rf"^[ \t\u3000>|*]{{0,6}}({'|'.join(sorted(map(re.escape, _FIELD), key=len, reverse=True))})[ \u3000*]{{0,4}}[:：][ \u3000*]*(.*)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_MOST_LINES = 400  # above which no heading is looked for
_MOST_HEADER = 14  # lines of the heading


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The inner mail, as it says of itself."""

    how: str  # attached, inline
    name: str
    address: str  # lower-case, "" where none is given
    subject: str
    sent_on: date | None
    text: str
    headers: tuple[tuple[str, str], ...]  # as written: evidence


def inside(raw: Raw, mail: Mail, quoted: str) -> Forwarded | None:
    """Return the mail that `mail` forwards, None for none. `quoted`: its text below the forwarder's words."""
    return _attached(raw, mail) or inline(quoted)


def _attached(raw: Raw, mail: Mail) -> Forwarded | None:
    for attachment in mail.attachments:
        if attachment.content_type != "message/rfc822":
            continue
        inner = parse(part_bytes(raw, attachment.index))
        if not inner.from_ and not inner.text.strip():
            continue
        shown = tuple(
            (name, value)
            for name, value in inner.headers
            if name in ("from", "to", "cc", "date", "subject", "message-id", "received", "reply-to")
        )
        author = inner.author
        day = inner.date.date() if inner.date is not None else None
        return Forwarded(
            "attached", author.name, author.address.lower(), inner.subject, day, inner.text.strip(), shown
        )
    return None


def inline(quoted: str) -> Forwarded | None:
    """Return the mail written out in a quotation, None where it has no heading with an author."""
    lines = [line.rstrip() for line in quoted.replace("\r", "").split("\n")]
    marked = [line for line in lines if line.strip()]
    if marked and sum(line.lstrip().startswith(">") for line in marked) * 2 > len(marked):
        lines = [re.sub(r"^\s{0,3}>\s?", "", line) for line in lines]
    start = next((i for i, line in enumerate(lines[:_MOST_LINES]) if _LINE.match(line)), None)
    if start is None:
        return None
    headers, end = _heading(lines, start)
    found = dict(headers)
    if "from" not in found or len(found) < 2:
        return None
    name, address = _author(found["from"])
    text = "\n".join(lines[end:]).strip()
    return Forwarded(
        "inline", name, address, found.get("subject", ""), day_in(found.get("date", "")), text, tuple(headers)
    )


def _heading(lines: list[str], start: int) -> tuple[list[tuple[str, str]], int]:
    headers: list[tuple[str, str]] = []
    at = start
    while at < min(start + _MOST_HEADER, len(lines)):
        m = _LINE.match(lines[at])
        if m is None:
            # Outlook and some others leave empty lines between the fields.
            if lines[at].strip() or at + 1 >= len(lines) or _LINE.match(lines[at + 1]) is None:
                break
        else:
            headers.append((_FIELD[m[1].lower()], m[2].strip(" *;；\t")))
        at += 1
    return headers, at


def _author(value: str) -> tuple[str, str]:
    m = _ADDRESS.search(value)
    if m is None:
        return value.strip(" \"'“”<>"), ""
    plain = value.replace("“", '"').replace("”", '"').replace("＜", "<").replace("＞", ">")
    name = parseaddr(plain)[0] or plain[: m.start()]
    name = re.sub(r"\[?mailto:.*", "", name).strip(" \"'<>()（）*;；")
    return ("" if "@" in name else name), m[0].lower()


def day_in(text: str) -> date | None:
    """Return the calendar day a client's date line names, None for none."""
    folded = text.lower()
    for pattern, order in (
        (r"(20[0-9]{2}) ?[-/年.] ?([0-9]{1,2}) ?[-/月.] ?([0-9]{1,2})", (1, 2, 3)),
        (rf"([0-9]{{1,2}})\.? {_MONTH},? (20[0-9]{{2}})", (3, 2, 1)),
        (rf"{_MONTH} ([0-9]{{1,2}}),? (20[0-9]{{2}})", (3, 1, 2)),
    ):
        if m := re.search(pattern, folded):
            year, month, day = (m[i] for i in order)
            number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
            try:
                return date(int(year), number, int(day))
            except ValueError:
                return None
    return None
