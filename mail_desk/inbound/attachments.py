"""Names and types of attachments, and the signature container that hides a letter (S/MIME).

Never executes, renders or unpacks archives. Standards: RFC 2183, RFC 2231, RFC 5652 §5 (CMS
SignedData).
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from mail_desk.inbound import charsets
from mail_desk.inbound.mime import Part

_GENERIC_WORDS = (
    "application/octet-stream application/binary binary/octet-stream application/unknown application/x-unknown "
    "application/force-download application/download application/x-download application/octetstream "
    "application/x-octet-stream application/x-msdownload unknown/unknown application/applefile "
    "application/defaultmimetype octet/stream attachment/octet-stream application/save"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"RIFF", "application/riff"),
    (b"<?xml", "application/xml"),
)
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "doc": "application/msword",
    "wps": "application/vnd.ms-works",
    "et": "application/vnd.ms-excel",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_ZIPPED_WORDS = "docx xlsx pptx ofd odt ods"
_ZIPPED = frozenset(_ZIPPED_WORDS.split())
_TEXTUAL = {
    "txt": "text/plain",
    "csv": "text/csv",
    "eml": "message/rfc822",
    "htm": "text/html",
    "html": "text/html",
}
_MEDIA = {"mp3": "audio/mpeg", "mp4": "video/mp4", "m4a": "audio/mp4", "amr": "audio/amr", "wav": "audio/wav",
          "heic": "image/heic", "mov": "video/quicktime"}  # fmt: skip


def sniffed(head: bytes, declared: str, filename: str) -> str:
    """Return the type by content where the declared one is generic, else the declared one."""
    if declared and declared not in _GENERIC and "/" in declared:
        return declared
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in (b"heic", b"mif1") else _MEDIA.get(extension, "video/mp4")
    if head[:4] == b"RIFF" and len(head) >= 12:
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            head[8:12], "application/riff"
        )
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            if kind == "application/zip" and extension in _ZIPPED:
                return _OFFICE[extension]
            if kind == "application/x-ole-storage" and extension in _OFFICE:
                return _OFFICE[extension]
            return kind
    if b"\x00" not in head and (known := _TEXTUAL.get(extension)):
        return known
    return _MEDIA.get(extension) or _OFFICE.get(extension) or declared or "application/octet-stream"


# --- names ----------------------------------------------------------------------------------------

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]+')
_RESERVED = re.compile(r"(?i)^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def filename_of(part: Part) -> str:
    """Return the name as a person should see it, "" where the part has none."""
    name = (
        part.disposition_params.get("filename")
        or part.params.get("name")
        or part.params.get("filename")
        or ""
    )
    if len(_PERCENT.findall(name)) >= 3 and " " not in name:
        decoded = unquote(name, errors="strict") if _is_utf8_escaped(name) else name
        name = decoded
    return shown_name(name)


def _is_utf8_escaped(name: str) -> bool:
    try:
        unquote(name, errors="strict")
    except UnicodeDecodeError:
        return False
    return any(int(p[1:], 16) >= 0x80 for p in _PERCENT.findall(name))


def shown_name(name: str) -> str:
    """Take control and direction characters out of a name: `exe.gpj` must not read as `jpg.exe`."""
    return _BIDI.sub("", re.sub(r"[\x00-\x1f\x7f]+", " ", charsets.clean(name))).strip()


def safe_name(name: str, fallback: str = "attachment") -> str:
    """Return a name for disk: one path component, at most 180 bytes of UTF-8, nothing reserved."""
    base = unicodedata.normalize("NFC", _UNSAFE.sub("_", name)).strip(" .")
    if not base:
        return fallback
    if _RESERVED.match(base):
        base = "_" + base
    stem, dot, extension = base.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        stem, extension = base, ""
    room = 180 - len(extension.encode()) - 1
    short = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") or fallback
    return f"{short}.{extension}" if extension else short


# --- S/MIME ---------------------------------------------------------------------------------------

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


def cms_content(data: bytes) -> bytes | None:
    """Return what an opaque CMS SignedData signs (RFC 5652 §5.2); None for encrypted or broken data."""
    if _SIGNED_DATA not in data[:64]:
        return None
    try:
        content_info = _open(data, 0)  # SEQUENCE
        _, after_oid = _skip(data, content_info)
        signed = _open(data, _open(data, after_oid))  # [0] EXPLICIT → SEQUENCE SignedData
        for _ in range(2):  # version, digestAlgorithms
            _, signed = _skip(data, signed)
        inner = _open(data, signed)  # SEQUENCE EncapsulatedContentInfo
        _, after_type = _skip(data, inner)
        if data[after_type] != 0xA0:
            return None
        return _octets(data, _open(data, after_type))
    except (IndexError, ValueError):
        return None


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Return (tag, length or -1 for indefinite, start of the content) of a BER element."""
    tag, first = data[position], data[position + 1]
    if first < 0x80:
        return tag, first, position + 2
    if first == 0x80:
        return tag, -1, position + 2
    count = first & 0x7F
    if count > 8:
        raise ValueError("length of a length")
    return tag, int.from_bytes(data[position + 2 : position + 2 + count], "big"), position + 2 + count


def _open(data: bytes, position: int) -> int:
    return _header(data, position)[2]


def _skip(data: bytes, position: int) -> tuple[int, int]:
    """Return (tag, position after the element), with indefinite lengths nested to any depth."""
    tag, length, start = _header(data, position)
    if length >= 0:
        return tag, start + length
    depth, position = 1, start
    while depth:
        inner, length, start = _header(data, position)
        if inner == 0 and length == 0:
            depth -= 1
            position = start
        elif length < 0:
            depth += 1
            position = start
        else:
            position = start + length
    return tag, position


def _octets(data: bytes, position: int) -> bytes:
    """Join the primitive pieces of an OCTET STRING, constructed or not."""
    tag, length, start = _header(data, position)
    if tag == 0x04 and length >= 0:
        return data[start : start + length]
    _, end = _skip(data, position)
    pieces, position = [], start
    while position < end:
        tag, length, start = _header(data, position)
        if tag == 0x04 and length >= 0:
            pieces.append(data[start : start + length])
            position = start + length
        elif tag == 0x24:
            position = start
        else:
            break
    return b"".join(pieces)
