"""PDFs that are something special, made of good ones."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2


def changed(content: bytes, change: Callable[[pikepdf.Pdf], Any], **saved: Any) -> bytes:
    """A PDF after `change(document)`."""
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, **saved)
    return out.getvalue()


def encrypted(content: bytes, *, user: str = "secret", owner: str = "owner", **protection: Any) -> bytes:
    """A PDF with passwords."""
    return changed(content, lambda pdf: None, encryption=pikepdf.Encryption(owner=owner, user=user, **protection))


def signed(content: bytes) -> bytes:
    """A PDF whose form says that it holds signatures."""
    return changed(
        content,
        lambda pdf: pdf.Root.__setitem__("/AcroForm", pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array([]))),
    )


def blank(pages: int) -> bytes:
    """Empty pages."""
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page(page_size=(100, 100))
    document.save(out)
    return out.getvalue()


def pixels(content: bytes, page: int = 0, scale: float = 0.5) -> Any:
    """A page as a reader shows it, as a picture of greys."""
    return pypdfium2.PdfDocument(content)[page].render(scale=scale).to_pil().convert("L")
