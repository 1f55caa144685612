"""A mail as all its readers' programs together could see it."""

from __future__ import annotations

import email
import zipfile
from email.header import decode_header, make_header
from io import BytesIO


def everything_in(raw: bytes) -> str:
    """Return every header, text and file of a mail, unpacked: of a workbook every part, properties too."""
    seen = [raw.decode("ascii", "replace")]
    for part in email.message_from_bytes(raw).walk():
        seen += [str(make_header(decode_header(str(value)))) for value in part.values()]
        seen.append(part.get_filename() or "")
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if payload[:2] == b"PK":
            with zipfile.ZipFile(BytesIO(payload)) as files:
                for name in files.namelist():
                    seen += [name, files.read(name).decode("utf-8")]
        else:
            seen.append(payload.decode(part.get_content_charset() or "utf-8"))
    return "\n".join(seen)
