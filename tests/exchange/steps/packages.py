"""Office documents and pictures with a marker wherever such files keep what their writer did not mean to send."""

import io
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2

MARK = "Secret Writer"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_CORE = (
    '<?xml version="1.0"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    f'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{MARK}</dc:creator>'
    f"<cp:lastModifiedBy>{MARK}</cp:lastModifiedBy></cp:coreProperties>"
)
_APP = (
    '<?xml version="1.0"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    f'extended-properties"><Company>{MARK}</Company></Properties>'
)
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/customXml/item1.xml" ContentType="application/xml"/></Types>'
)


def package(entries: dict[str, str | bytes]) -> bytes:
    """A zip of these entries, the first one stored."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(entries.items()):
            archive.writestr(name, content, zipfile.ZIP_STORED if number == 0 else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _ooxml(parts: dict[str, str | bytes]) -> bytes:
    common: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES, "docProps/core.xml": _CORE, "docProps/app.xml": _APP,
        "docProps/custom.xml": f"<Properties><property>{MARK}</property></Properties>",
        "docProps/thumbnail.jpeg": jpeg(), "customXml/item1.xml": f"<x>{MARK}</x>",
    }  # fmt: skip
    return package(common | parts)


def docx() -> bytes:
    """Comments, changes, revision ids, people, a template and a photograph."""
    return _ooxml(
        {
            "word/document.xml": f'<w:document {_W}><w:body><w:p w:rsidR="00AA11BB"><w:r><w:t>Visible text</w:t></w:r>'
            f'<w:ins w:author="{MARK}" w:date="2026-01-02T03:04:05Z"><w:r><w:t>added</w:t></w:r></w:ins></w:p></w:body>'
            "</w:document>",
            "word/comments.xml": f'<w:comments {_W}><w:comment w:id="0" w:author="{MARK}" w:initials="SW"><w:p/>'
            "</w:comment></w:comments>",
            "word/people.xml": '<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
            f'<w15:person w15:author="{MARK}"><w15:presenceInfo w15:providerId="AD" w15:userId="{MARK}"/></w15:person>'
            "</w15:people>",
            "word/settings.xml": f'<w:settings {_W}><w:rsids><w:rsid w:val="00AA11BB"/></w:rsids></w:settings>',
            "word/_rels/settings.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships"><Relationship Id="r1" Type="{_R}/attachedTemplate" Target="file:///C:/{MARK}/a.dotx" '
            'TargetMode="External"/></Relationships>',
            "word/media/image1.jpeg": jpeg(),
        }
    )


def xlsx() -> bytes:
    """Authors of comments, threaded comments, people and the path on the writer's disk."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    threaded = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    return _ooxml(
        {
            "xl/workbook.xml": f'<workbook xmlns="{main}"><absPath xmlns="http://schemas.microsoft.com/office/'
            f'spreadsheetml/2010/11/ac" url="C:/{MARK}/"/></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1"><v>42</v></c></row>'
            "</sheetData></worksheet>",
            "xl/comments1.xml": f'<comments xmlns="{main}"><authors><author>{MARK}</author></authors></comments>',
            "xl/persons/person.xml": f'<personList xmlns="{threaded}"><person displayName="{MARK}" id="{{1}}" '
            f'userId="{MARK}"/></personList>',
        }
    )


def pptx() -> bytes:
    """Authors of comments."""
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    return _ooxml(
        {
            "ppt/presentation.xml": f'<p:presentation xmlns:p="{main}"/>',
            "ppt/slides/slide1.xml": f'<p:sld xmlns:p="{main}" xmlns:a="http://schemas.openxmlformats.org/drawingml/'
            '2006/main"><a:t>Visible text</a:t></p:sld>',
            "ppt/commentAuthors.xml": f'<p:cmAuthorLst xmlns:p="{main}"><p:cmAuthor id="0" name="{MARK}" '
            'initials="SW"/></p:cmAuthorLst>',
        }
    )


def odt() -> bytes:
    """The properties, an annotation's author, a printer; a visible date stays."""
    office, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text"))
    config = "urn:oasis:names:tc:opendocument:xmlns:config:1.0"
    return package(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "meta.xml": f'<office:document-meta xmlns:office="{office}"><office:meta><x>{MARK}</x></office:meta>'
            "</office:document-meta>",
            "content.xml": f'<office:document-content xmlns:office="{office}" xmlns:text="{text}" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:body><text:p>Visible text '
            f"<text:date>1 May 2026</text:date></text:p><office:annotation><dc:creator>{MARK}</dc:creator>"
            "</office:annotation></office:body></office:document-content>",
            "settings.xml": f'<office:document-settings xmlns:office="{office}" xmlns:config="{config}">'
            f'<config:config-item config:name="PrinterName">{MARK}</config:config-item></office:document-settings>',
            "Thumbnails/thumbnail.png": MARK,
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
            'manifest:1.0"/>',
        }
    )


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x010E] = 6, MARK, MARK  # turned; artist; description
    return exif


def _picture() -> Image.Image:
    return Image.effect_mandelbrot((64, 48), (-2, -1, 1, 1), 50).convert("RGB")


def jpeg() -> bytes:
    """Exif, a comment, XMP, and bytes behind the end."""
    out = io.BytesIO()
    _picture().save(out, "JPEG", exif=_exif(), comment=MARK.encode(), xmp=f"<x>{MARK}</x>".encode())
    return out.getvalue() + MARK.encode()


def png() -> bytes:
    """Text chunks, plain and compressed, Exif, and bytes behind the end."""
    texts, out = PngImagePlugin.PngInfo(), io.BytesIO()
    texts.add_text("Author", MARK)
    texts.add_itxt("Comment", MARK, zip=True)
    _picture().save(out, "PNG", pnginfo=texts, exif=_exif())
    chunk = b"tIME" + struct.pack(">H5B", 2026, 1, 2, 3, 4, 5)
    time = struct.pack(">I", 7) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return out.getvalue()[:-12] + time + out.getvalue()[-12:] + MARK.encode()


def webp() -> bytes:
    """Exif and XMP."""
    out = io.BytesIO()
    _picture().save(out, "WEBP", lossless=True, exif=_exif(), xmp=f"<x>{MARK}</x>".encode())
    return out.getvalue()


def tiff() -> bytes:
    """Artist, description and software."""
    directory, out = ImageFileDirectory_v2(), io.BytesIO()
    directory[315], directory[270], directory[305] = MARK, MARK, MARK
    _picture().save(out, "TIFF", tiffinfo=directory)
    return out.getvalue()
