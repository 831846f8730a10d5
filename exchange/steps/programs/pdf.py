"""Opening a PDF inside the sandbox."""

from pathlib import Path

import pikepdf
from protocol import Refused

PAGES_MOST = 2000


def pdf_open(source: Path) -> pikepdf.Pdf:
    """The document; Refused for a protected, damaged, signed or endless one."""
    try:
        pdf = pikepdf.open(source)
    except pikepdf.PasswordError:
        raise Refused("password_protected") from None
    except (pikepdf.PdfError, RuntimeError):
        raise Refused("corrupt") from None
    if pdf.is_encrypted:
        raise Refused("password_protected")
    if len(pdf.pages) > PAGES_MOST:
        raise Refused("too_many_pages")
    if _signed(pdf):
        raise Refused("signed")
    return pdf


def _signed(pdf: pikepdf.Pdf) -> bool:
    """Whether a signature would be lost: the form's flag or a filled signature field."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return "/Perms" in pdf.Root
    fields = form.get("/Fields")
    filled = isinstance(fields, pikepdf.Array) and any(
        isinstance(field, pikepdf.Dictionary) and field.get("/FT") == "/Sig" and "/V" in field for field in fields
    )
    flags = form.get("/SigFlags", 0)
    return filled or (isinstance(flags, int) and bool(flags & 1))
