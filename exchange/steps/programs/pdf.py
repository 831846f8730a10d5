"""Opening a PDF inside the sandbox."""

from pathlib import Path

import pikepdf
from protocol import Refused

PAGES_MOST = 2000
_FIELDS_MOST = 20_000


def pdf_open(source: Path) -> pikepdf.Pdf:
    """The document; Refused for a protected, damaged, signed or endless one."""
    try:
        pdf = pikepdf.open(source)
    except pikepdf.PasswordError:
        raise Refused("password_protected") from None
    except (pikepdf.PdfError, RuntimeError, ValueError):
        raise Refused("corrupt") from None
    if pdf.is_encrypted:
        raise Refused("password_protected")
    try:
        if len(pdf.pages) > PAGES_MOST:
            raise Refused("too_many_pages")
        if not len(pdf.pages):
            raise Refused("corrupt")
        if _signed(pdf):
            raise Refused("signed")
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError):
        raise Refused("corrupt") from None
    return pdf


def _signed(pdf: pikepdf.Pdf) -> bool:
    """Whether a signature would be lost: a certification, the form's flag or a filled signature field at any depth."""
    if "/Perms" in pdf.Root:
        return True
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    flags = form.get("/SigFlags", 0)
    if isinstance(flags, int) and flags & 1:
        return True
    fields = form.get("/Fields")
    waiting = list(fields) if isinstance(fields, pikepdf.Array) else []
    for _ in range(_FIELDS_MOST):
        if not waiting:
            return False
        field = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary):
            continue
        if field.get("/FT") == "/Sig" and "/V" in field:
            return True
        kids = field.get("/Kids")
        waiting += list(kids) if isinstance(kids, pikepdf.Array) else []
    raise Refused("corrupt")  # a form that contains itself
