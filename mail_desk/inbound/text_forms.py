"""Special forms of body text → plain words: format=flowed, text/enriched, clear-signed PGP, invitations.

Standards: RFC 3676, RFC 1896, RFC 9580 §7, RFC 5545. Pure, total and linear.
"""

from __future__ import annotations

import re

MAX_TEXT = 8_000_000  # characters of body text made readable; the raw message has all of it

_ENRICHED = re.compile(r"<<|</?[A-Za-z-]+>|\n+")


def enriched(text: str) -> str:
    """Strip text/enriched (RFC 1896) and its forerunner text/richtext to their words."""

    def plain(match: re.Match[str]) -> str:
        mark = match[0]
        if mark == "<<":
            return "<"
        if mark.startswith("<"):
            return "\n" if mark.lower() in ("<nl>", "</paragraph>") else ""
        return " " if mark == "\n" else mark[1:]

    text = text[:MAX_TEXT]
    last = text.lower().rfind("</param>")  # parameters after it never end: looked at no further
    head = re.sub(r"(?is)<param>.*?</param>", "", text[: last + 8]) if last >= 0 else ""
    return _ENRICHED.sub(plain, head + text[last + 8 if last >= 0 else 0 :])


_SIGNED_BEGIN, _SIGNATURE_BEGIN, _SIGNATURE_END = (
    "-----BEGIN PGP SIGNED MESSAGE-----\n",
    "-----BEGIN PGP SIGNATURE-----\n",
    "-----END PGP SIGNATURE-----",
)


def without_armour(text: str) -> str:
    """Take the armour off clear-signed text (RFC 9580 §7): header lines, dash escapes, the signature."""
    out, position = [], 0
    while True:
        begin = text.find(_SIGNED_BEGIN, position)
        words = text.find("\n\n", begin) if begin >= 0 else -1
        signature = text.find(_SIGNATURE_BEGIN, begin) if begin >= 0 else -1
        if begin < 0 or signature < 0 or not begin < words < signature:
            out.append(text[position:])
            return "".join(out)
        end = text.find(_SIGNATURE_END, signature)
        out += [text[position:begin], re.sub(r"(?m)^- ", "", text[words + 2 : signature])]
        position = len(text) if end < 0 else end + len(_SIGNATURE_END)


def unflow(text: str, *, delsp: bool) -> str:
    """Join the lines of format=flowed (RFC 3676 §4): soft breaks end in a space, quote depths agree."""
    out: list[str] = []
    open_depth = -1
    for raw in text.split("\n"):
        bare = raw.lstrip(">")
        depth = len(raw) - len(bare)
        bare = bare.removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if flows and delsp else bare
        if open_depth == depth:
            out[-1] += piece
        else:
            out.append((">" * depth + " " if depth else "") + piece)
        open_depth = depth if flows else -1
    return "\n".join(out)


def calendar_summary(text: str) -> str:
    """Say in a few lines what an invitation holds (RFC 5545)."""
    lines = re.sub(r"\n[ \t]", "", text).split("\n")
    wanted = {
        "SUMMARY": "",
        "DTSTART": "",
        "DTEND": "",
        "LOCATION": "",
        "ORGANIZER": "",
        "DESCRIPTION": "",
        "METHOD": "",
    }
    inside = False
    for line in lines:
        name, _, value = line.partition(":")
        key = name.split(";", 1)[0].upper()
        inside = inside or (key == "BEGIN" and value.strip().upper() in ("VEVENT", "VTODO"))
        if key in wanted and not wanted[key] and (inside or key == "METHOD"):
            wanted[key] = re.sub(r"\\([,;\\])", r"\1", re.sub(r"\\[nN]", "\n", value)).strip()
    return "\n".join(f"{key}: {value}" for key, value in wanted.items() if value)
