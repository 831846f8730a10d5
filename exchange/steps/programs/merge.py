"""Join PDFs, with what readers find beside their pages."""

from pathlib import Path
from typing import Any

import pikepdf
from forms import Form, fields_of, form_take
from parts import Part, run_join
from pdf import DAMAGED, PAGES_MOST, form_static, pdf_open
from protocol import Control, Refused

_OUTLINE_DEPTH = 70  # pikepdf carries 64 levels


def _siblings(outline: Any) -> int:
    """How many bookmarks stand at the top."""
    count, item = 0, outline.get("/First") if isinstance(outline, pikepdf.Dictionary) else None
    while item is not None:
        count, item = count + 1, item.get("/Next")
    return count


def _attachments(target: pikepdf.Pdf, source: pikepdf.Pdf) -> int:
    """Carry the attached files; names that two documents use are told apart."""
    names = source.Root.get("/Names", pikepdf.Dictionary()).get("/EmbeddedFiles")
    if names is None:
        return 0
    if "/Names" not in target.Root:
        target.Root.Names = pikepdf.Dictionary()
    if "/EmbeddedFiles" not in target.Root.Names:
        target.Root.Names.EmbeddedFiles = pikepdf.NameTree.new(target).obj
    attached, count = pikepdf.NameTree(target.Root.Names.EmbeddedFiles), 0
    for name, file in pikepdf.NameTree(names).items():
        free, number = name, 1
        while free in attached:
            number += 1
            free = f"{name} ({number})"
        attached[free] = target.copy_foreign(file if file.is_indirect else source.make_indirect(file))
        count += 1
    return count


def _bookmarks(target: pikepdf.Pdf, begins: list[tuple[str, int, int]]) -> None:
    """One bookmark for each document, above its own: its name, its first page and how many bookmarks it brought."""
    with target.open_outline(max_depth=_OUTLINE_DEPTH) as outline:
        waiting = list(outline.root)
        outline.root.clear()
        for name, page, brought in begins:
            entry = pikepdf.OutlineItem(name, page)
            entry.children += waiting[:brought]
            del waiting[:brought]
            outline.root.append(entry)


def merge(parts: list[Part], target: Path, arguments: dict[str, Any], control: Control) -> dict[str, int]:
    """Every document after the one before; counts what was carried, and form fields that were renamed."""
    merged, begins, top = pikepdf.new(), [], 0
    fields = Form(merged)
    report = {"documents": len(parts), "pages": 0, "attachments": 0, "layers": 0}
    for number, part in enumerate(parts, 1):
        source = form_static(pdf_open(part.path))
        if report["pages"] + len(source.pages) > PAGES_MOST:
            raise Refused("too_many_pages")
        try:
            form = form_take(source)
            copied = merged.add_pages_from(source)
            if form is not None:
                fields.add(source, form, [merged.copy_foreign(field) for field in fields_of(form)])
            report["attachments"] += _attachments(merged, source)
            brought = _siblings(merged.Root.get("/Outlines")) - top
        except DAMAGED:
            raise Refused("corrupt") from None
        begins.append((part.name.removesuffix(".pdf"), report["pages"], brought))
        top += brought
        report["pages"] += copied.pages_added
        report["layers"] += copied.layers_added
        control.progress(number, len(parts))
    try:
        _bookmarks(merged, begins)
        merged.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except DAMAGED:
        raise Refused("corrupt") from None
    return report | {"form_fields": fields.fields, "form_fields_renamed": fields.renamed}


if __name__ == "__main__":
    run_join(merge)
