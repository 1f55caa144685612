"""Who wrote a file, where and with what: taken out of the copy that leaves. The original stays as it came. Pure.

    Word, Excel, PowerPoint (OOXML, ECMA-376), OpenDocument   author, last editor, company, own properties, thumbnail
    PDF (ISO 32000)                                           Info dictionary, XMP, earlier revisions
    JPEG, PNG                                                 Exif with its place (GPS), XMP, IPTC, comments

What is seen on the page is never touched, and nothing is decoded that need not be. What would break (signatures),
cannot be read (encryption, damage), is part of the contents (comments, tracked changes) or is of a kind not known
here is left as it is, and said: `kept`. The only user of pikepdf.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

LARGEST = 120 * 2**20  # bytes of a document unpacked: more is not unpacked

COMMENTS, CHANGES, SIGNED, ENCRYPTED, DAMAGED, UNKNOWN = (
    "comments", "changes", "signed", "encrypted", "damaged", "unknown",
)  # fmt: skip

WORDS: dict[str, tuple[str, str]] = {
    COMMENTS: ("含批注，批注带有作者姓名", "holds comments, which bear their authors' names"),
    CHANGES: ("含修订痕迹，看得到改过的文字和修改人", "holds tracked changes: earlier wording and who changed it"),
    SIGNED: ("有电子签名，未作改动，其中的作者等信息照原样", "is signed, so it was left untouched, with what it says of its author"),
    ENCRYPTED: ("已加密，作者等信息无法清除", "is encrypted: what it says of its author could not be taken out"),
    DAMAGED: ("文件结构有误，作者等信息无法清除", "is not well-formed: what it says of its author could not be taken out"),
    UNKNOWN: ("此类文件可能带有作者等信息，无法清除", "may say who made it; that cannot be taken out of such a file"),
}  # fmt: skip

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, .xls, .ppt, and encrypted OOXML
_PLAIN = ("txt", "csv", "tsv", "md", "log", "json", "xml")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it may leave."""

    data: bytes
    kept: tuple[str, ...] = ()  # keys of WORDS: what a person has to look at


def clean(filename: str, data: bytes) -> Cleaned:
    """Return the copy that leaves. Never raises: what cannot be cleaned is returned as it is, and says so."""
    clean_it = _way(filename, data)
    if clean_it is None:
        ending = filename.rpartition(".")[2].lower()
        return Cleaned(data, () if ending in _PLAIN or not data else (UNKNOWN,))
    try:
        return clean_it(data)
    except (ValueError, KeyError, IndexError, TypeError, struct.error, RuntimeError, NotImplementedError):
        return Cleaned(data, (DAMAGED,))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, pikepdf.PdfError):
        return Cleaned(data, (DAMAGED,))


def _way(filename: str, data: bytes) -> Callable[[bytes], Cleaned] | None:
    """Return how files of this kind are cleaned, by what they are and not by what they are called."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png
    if b"%PDF-" in data[:1024]:
        return _pdf
    if data.startswith(b"PK\x03\x04"):
        return _document
    if data.startswith(_OLE) and filename.lower().endswith(("x", "m")):  # .docx, .xlsm: an encrypted package
        return lambda whole: Cleaned(whole, (ENCRYPTED,))
    return None


# --- Word, Excel, PowerPoint, OpenDocument ---------------------------------------------------------

_OOXML_EMPTY = (b"creator", b"lastModifiedBy", b"Company", b"Manager", b"HyperlinkBase", b"contentStatus")
_ODF_EMPTY = (b"creator", b"initial-creator", b"printed-by", b"user-defined")
_TRACKED = re.compile(
    rb"<w:(?:ins|del|moveFrom|moveTo|rPrChange|pPrChange|sectPrChange)[ >]|<text:tracked-changes[ >]"
)
_ODF_COMMENT = re.compile(rb"<office:annotation[ >]")
_OOXML_COMMENTS = re.compile(
    r"(?:^|/)(?:comments|threadedComment|comment|commentsExtended)\w*\.xml$", re.IGNORECASE
)
_SIGNATURES = re.compile(r"^_xmlsignatures/|^META-INF/documentsignatures\.xml$|(?:^|/)Signs?/", re.IGNORECASE)
_BODIES = ("word/document.xml", "content.xml")


def _document(data: bytes) -> Cleaned:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = package.infolist()
        names = {entry.filename for entry in entries}
        ooxml, odf = "[Content_Types].xml" in names, "META-INF/manifest.xml" in names
        if not (ooxml or odf):
            return Cleaned(data, (UNKNOWN,))  # an archive of files, an OFD: each may say anything
        if any(_SIGNATURES.search(name) for name in names):
            return Cleaned(data, (SIGNED,))
        if any(entry.flag_bits & 1 for entry in entries):
            return Cleaned(data, (ENCRYPTED,))
        if sum(entry.file_size for entry in entries) > LARGEST or len(names) != len(entries):
            return Cleaned(data, (DAMAGED,))
        contents = {entry.filename: package.read(entry) for entry in entries}
    if odf and b"manifest:encryption-data" in contents["META-INF/manifest.xml"]:
        return Cleaned(data, (ENCRYPTED,))
    kept = _in_the_text(contents)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for entry in entries:
            plain = zipfile.ZipInfo(entry.filename)  # without the packer's own notes on machine and day
            plain.compress_type = entry.compress_type
            package.writestr(plain, _part(entry.filename, contents[entry.filename], ooxml=ooxml))
    return Cleaned(target.getvalue(), kept)


def _in_the_text(contents: dict[str, bytes]) -> tuple[str, ...]:
    bodies = [contents[name] for name in _BODIES if name in contents]
    comments = any(_OOXML_COMMENTS.search(name) for name in contents if "/" in name)
    comments = comments or any(_ODF_COMMENT.search(body) for body in bodies)
    changes = any(_TRACKED.search(body) for body in bodies) or "xl/revisions/revisionHeaders.xml" in contents
    return tuple(key for key, found in ((COMMENTS, comments), (CHANGES, changes)) if found)


def _part(name: str, content: bytes, *, ooxml: bool) -> bytes:
    folded = name.lower()
    if ooxml and folded in ("docprops/core.xml", "docprops/app.xml"):
        return _emptied(content, _OOXML_EMPTY)
    if ooxml and folded == "docprops/custom.xml":
        return re.sub(rb"<((?:\w+:)?property)\b[^>]*?(?:/>|>.*?</\1\s*>)", b"", content, flags=re.DOTALL)
    if not ooxml and folded == "meta.xml":
        return _emptied(content, _ODF_EMPTY)
    if folded.endswith((".jpg", ".jpeg", ".png")) and "thumbnail" not in folded:
        return clean(name, content).data
    return content


def _emptied(xml: bytes, names: tuple[bytes, ...]) -> bytes:
    """Return a small XML part with these elements empty; raise ValueError where it cannot be read as UTF-8."""
    xml.decode("utf-8")  # ValueError: another encoding, in which the names below would not be found
    for name in names:
        xml = re.sub(
            rb"<((?:[\w-]+:)?" + re.escape(name) + rb")(\s[^>]*)?(?<!/)>.*?</\1\s*>",
            rb"<\1\2></\1>",
            xml,
            flags=re.DOTALL,
        )
    return xml


# --- PDF -------------------------------------------------------------------------------------------


def _pdf(data: bytes) -> Cleaned:
    if b"/ByteRange" in data:
        return Cleaned(data, (SIGNED,))
    try:
        document = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        return Cleaned(data, (ENCRYPTED,))
    with document:
        if document.is_encrypted:
            return Cleaned(data, (ENCRYPTED,))
        kept = _annotated(document)
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        if "/Metadata" in document.Root:
            del document.Root["/Metadata"]
        for page in document.pages:
            for name in ("/Metadata", "/PieceInfo"):
                if name in page.obj:
                    del page.obj[name]
        target = io.BytesIO()
        document.save(
            target,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
            deterministic_id=True,
        )
    return Cleaned(target.getvalue(), kept)


def _annotated(document: pikepdf.Pdf) -> tuple[str, ...]:
    """Say whether a page holds remarks somebody put on it: these have an author (/T)."""
    for page in document.pages:
        for annotation in page.obj.get("/Annots", ()):
            if isinstance(annotation, pikepdf.Dictionary) and "/T" in annotation and "/FT" not in annotation:
                return (COMMENTS,)
    return ()


# --- pictures --------------------------------------------------------------------------------------

_EXIF, _ICC = b"Exif\x00\x00", b"ICC_PROFILE\x00"
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length: TEM, RSTn


def _jpeg(data: bytes) -> Cleaned:
    """Copy the segments a picture is made of (ITU-T T.81 B.1), and of the others how it is turned and its colours."""
    out, at, turned = [b"\xff\xd8"], 2, 1
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker == 0xD9:
            break
        if marker in _ALONE:
            out.append(data[at : at + 2])
            at += 2
            continue
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        segment = data[at : at + 2 + length]
        if len(segment) != 2 + length:
            raise ValueError("cut short")
        at += 2 + length
        body = segment[4:]
        if marker == 0xE1 and body.startswith(_EXIF):
            turned = _orientation(body[len(_EXIF) :])
        keeps = not (0xE0 <= marker <= 0xEF or marker == 0xFE)
        if keeps or marker in (0xE0, 0xEE) or (marker == 0xE2 and body.startswith(_ICC)):
            out.append(segment)
        if marker == 0xDA:
            end = _scan_end(data, at)
            out.append(data[at:end])
            at = end
    if turned != 1:
        out.insert(1, _turned(turned))
    return Cleaned(b"".join((*out, b"\xff\xd9")))  # what stands behind the end is another picture, or none


def _scan_end(data: bytes, at: int) -> int:
    """Return where the entropy-coded data end: at a marker that is neither stuffing nor a restart."""
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] == 0x00 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
            continue
        return at


def _orientation(tiff: bytes) -> int:
    """Return the orientation an Exif block says (TIFF 6.0 tag 274), 1 where it says none that is valid."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        start = struct.unpack(f"{order}I", tiff[4:8])[0]
        count = struct.unpack(f"{order}H", tiff[start : start + 2])[0]
        for n in range(count):
            entry = tiff[start + 2 + 12 * n : start + 14 + 12 * n]
            tag, kind = struct.unpack(f"{order}HH", entry[:4])
            if (tag, kind) == (274, 3):
                said: int = struct.unpack(f"{order}H", entry[8:10])[0]
                return said if 1 <= said <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1


def _turned(orientation: int) -> bytes:
    """Return an Exif segment that says only how the picture is turned."""
    tiff = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 274, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


_PNG_NOTES = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})


def _png(data: bytes) -> Cleaned:
    """Copy all chunks but those with notes (PNG, 3rd edition, 11.3)."""
    out, at = [data[:8]], 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data):
            raise ValueError("cut short")
        if kind not in _PNG_NOTES:
            out.append(data[at:end])
        at = end
        if kind == b"IEND":
            break
    return Cleaned(b"".join(out))
