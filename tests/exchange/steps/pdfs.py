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


def form_add(document: pikepdf.Pdf, values: dict[int, str], *, name: str = "form") -> None:
    """One field for each page (counted from 0) with a value, all below one of that name."""
    top = document.make_indirect(pikepdf.Dictionary(T=name, FT=pikepdf.Name.Tx, Kids=pikepdf.Array()))
    for page, value in values.items():
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, T=f"field{page}", V=value, Rect=[10, 10, 90, 30],
                DA="/Helv 12 Tf 0 g", Parent=top,
            )
        )  # fmt: skip
        top.Kids.append(field)
        annotations_add(document, page, field)
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([top]), DA="/Helv 12 Tf 0 g")


def fields(content: bytes) -> dict[str, dict[str, str]]:
    """The form that `form_add` made: values by name, by the name above."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return {str(top.T): {str(field.T): str(field.V) for field in top.Kids} for top in document.Root.AcroForm.Fields}


def link_add(document: pikepdf.Pdf, page: int, destination: Any) -> None:
    """A link on a page (counted from 0)."""
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 10, 10], Dest=destination)
    annotations_add(document, page, document.make_indirect(link))


def annotations_add(document: pikepdf.Pdf, page: int, annotation: pikepdf.Object) -> None:
    """One more on a page (counted from 0)."""
    holder = document.pages[page].obj
    if "/Annots" not in holder:
        holder.Annots = pikepdf.Array()
    holder.Annots.append(annotation)


def words(content: bytes) -> bytes:
    """Everything that a PDF holds, in clear: every stream and every object."""
    with pikepdf.open(io.BytesIO(content)) as document:
        out = io.BytesIO()
        document.save(
            out, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False, qdf=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )  # fmt: skip
    return out.getvalue()


def bookmarks(content: bytes) -> list[Any]:
    """Titles, each with those below it and the page (counted from 1) to which it leads."""

    def listed(items: list[pikepdf.OutlineItem], document: pikepdf.Pdf) -> list[Any]:
        return [
            (item.title, pikepdf.Page(item.destination[0]).index + 1, listed(item.children, document)) for item in items
        ]

    with pikepdf.open(io.BytesIO(content)) as document, document.open_outline() as outline:
        return listed(outline.root, document)
