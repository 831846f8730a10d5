"""Opening a PDF inside the sandbox."""

from pathlib import Path

import pikepdf
from protocol import Refused

PAGES_MOST = 2000
_FIELDS_MOST = 20_000
# What a document raises that is not as the standard wants it.
DAMAGED = (pikepdf.PdfError, ValueError, TypeError, RuntimeError, LookupError, AttributeError, ArithmeticError)


def pdf_open(source: Path) -> pikepdf.Pdf:
    """The document; Refused for a protected, damaged, signed or endless one."""
    try:
        pdf = pikepdf.open(source)
    except pikepdf.PasswordError:
        raise Refused("password_protected") from None
    except DAMAGED:
        raise Refused("corrupt") from None
    if pdf.is_encrypted:
        raise Refused("password_protected")
    return pdf_checked(pdf)


def pdf_checked(pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    """An open document that may be changed; Refused for a damaged, signed or endless one."""
    try:
        if len(pdf.pages) > PAGES_MOST:
            raise Refused("too_many_pages")
        if not len(pdf.pages):
            raise Refused("corrupt")
        if _signed(pdf):
            raise Refused("signed")
    except DAMAGED:
        raise Refused("corrupt") from None
    return pdf


def form_static(pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    """The document itself; Refused `dynamic_form` where its pages are made by a program of the reader's (XFA)."""
    if pdf.Root.get("/NeedsRendering") is True:
        raise Refused("dynamic_form")
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
