"""Files that say who made them, with planted names: as Word, WPS, LibreOffice, scanners and phones write them."""

from __future__ import annotations

import io
import struct
import zipfile

import docx
import openpyxl
import pikepdf
from PIL import Image

AUTHOR = "Planted Author"
PLACE = b"PLANTED-GPS"


def word(
    text: str = "The page", *, comment: bool = False, tracked: bool = False, signed: bool = False
) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    if comment:
        document.add_comment(document.paragraphs[0].runs, text="a remark", author=AUTHOR)
    document.core_properties.author = AUTHOR
    document.core_properties.last_modified_by = AUTHOR
    target = io.BytesIO()
    document.save(target)
    more: dict[str, str | bytes] = {
        "word/media/image9.jpg": photo(),
        "docProps/app.xml": f"<Properties><Company>{AUTHOR}</Company><Manager>{AUTHOR}</Manager></Properties>",
        "docProps/custom.xml": f'<Properties><property name="x"><lpwstr>{AUTHOR}</lpwstr></property></Properties>',
    }
    if signed:
        more["_xmlsignatures/sig1.xml"] = "<Signature/>"
    return repacked(target.getvalue(), more, tracked=tracked)


def repacked(data: bytes, more: dict[str, str | bytes], *, tracked: bool = False) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as made:
        for entry in source.infolist():
            content = source.read(entry)
            if tracked and entry.filename == "word/document.xml":
                mark = f'<w:ins w:id="1" w:author="{AUTHOR}"><w:r><w:t>more</w:t></w:r></w:ins></w:p>'
                content = content.replace(b"</w:p>", mark.encode(), 1)
            if entry.filename not in more:
                made.writestr(entry.filename, content)
        for name, inside in more.items():
            made.writestr(name, inside)
    return target.getvalue()


def sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "The cell"
    book.properties.creator = book.properties.lastModifiedBy = AUTHOR
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def text_document(*, tracked: bool = False) -> bytes:
    changes = "<text:tracked-changes ></text:tracked-changes>" if tracked else ""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        made.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        made.writestr("content.xml", f"<office:document-content>{changes}The page</office:document-content>")
        made.writestr(
            "meta.xml",
            f"<office:meta><dc:creator>{AUTHOR}</dc:creator><meta:initial-creator>{AUTHOR}</meta:initial-creator>"
            f'<meta:user-defined meta:name="a">{AUTHOR}</meta:user-defined></office:meta>',
        )
    return target.getvalue()


def pdf(*, remark: bool = False, password: str = "", revised: bool = False) -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    page.obj["/Contents"] = document.make_stream(b"BT (The page) Tj ET")
    document.docinfo["/Author"] = AUTHOR
    with document.open_metadata(set_pikepdf_as_editor=False) as xmp:
        xmp["dc:creator"] = [AUTHOR]
    if remark:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, T=AUTHOR, Contents="a remark"
        )
        page.obj["/Annots"] = document.make_indirect(pikepdf.Array([note]))
    target = io.BytesIO()
    document.save(target, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    data = target.getvalue()
    if revised:  # an incremental update: what it replaces is still in the file
        start = data.rindex(b"startxref")
        data += f"\n9 0 obj\n<</Author ({AUTHOR})>>\nendobj\n".encode() + data[start:]
    return data


def signed_pdf() -> bytes:
    return pdf().replace(b"%%EOF", b"<</Type /Sig /ByteRange [0 1 2 3]>>\n%%EOF")


def photo(*, orientation: int = 6, behind: bytes = b"") -> bytes:
    target = io.BytesIO()
    picture = Image.new("RGB", (64, 32), "red")
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x010F] = orientation, AUTHOR, PLACE.decode()
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(target, "JPEG", exif=exif, comment=AUTHOR.encode(), progressive=True)
    data = target.getvalue()
    xmp = b"http://ns.adobe.com/xap/1.0/\x00" + AUTHOR.encode()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(xmp)) + xmp + data[2:] + behind


def drawing() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", AUTHOR)
    notes.add_itxt("XML:com.adobe.xmp", AUTHOR, zip=False)
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(target, "PNG", pnginfo=notes)
    return target.getvalue()


def everything_in(data: bytes) -> bytes:
    """Return a file with all its parts unpacked, to be looked through."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return data + b"".join(package.read(name) for name in package.namelist())
