"""What a document says, as text in UTF-8."""

import codecs
import re
from pathlib import Path
from typing import Any

from extract_markup import html_text
from extract_package import docx_text, odt_text
from extract_rtf import rtf_text
from protocol import Control, Refused, run
from raster import pdfium_open

_CODINGS = ("utf-8", "cp1252", "latin-1")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_HYPHENS = re.compile("[\x02\ufffe]\r?\n?")  # pdfium's sign for a dash at the end of a line, which it then joins


def _pdf(source: Path, separator: str, control: Control) -> str:
    texts = []
    with pdfium_open(source) as document:
        total = len(document)
        for number, page in enumerate(document, 1):
            text = _HYPHENS.sub("-\n", page.get_textpage().get_text_range(errors="replace")).strip()
            page.close()
            head = f"--- Page {number} ---\n" if separator == "line" else ""
            texts.append((head, text))
            control.progress(number, total)
    if not any(text for _, text in texts):
        return ""
    between = "\n\f" if separator == "form_feed" else "\n\n"
    return between.join(head + text for head, text in texts)


def decoded(untrusted: bytes) -> str:
    """Text by its mark, or in the first encoding that it can be in."""
    for mark, coding in _MARKS:
        if untrusted.startswith(mark):
            return untrusted.decode(coding, "replace")
    for coding in _CODINGS:
        try:
            return untrusted.decode(coding)
        except UnicodeDecodeError:
            continue
    raise Refused("not_text")


def extract(source: Path, target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Counts the characters."""
    kind = arguments["kind"]
    if kind == "pdf":
        text = _pdf(source, arguments["pages"], control)
    elif kind == "docx":
        text = docx_text(source)
    elif kind == "odt":
        text = odt_text(source)
    elif kind == "rtf":
        text = rtf_text(source.read_bytes())
    elif kind == "html":
        text = html_text(source.read_bytes())
    else:
        text = decoded(source.read_bytes())
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise Refused("document_empty")
    target.write_bytes((text + "\n").encode())
    return {"characters": len(text)}


if __name__ == "__main__":
    run(extract)
