"""Some pages of a PDF as a document of their own, without what they would bring of other pages."""

from collections.abc import Iterator
from typing import Any

import pikepdf
from forms import Form, Shown, field_top


def part_make(source: pikepdf.Pdf, form: Any, pages: range) -> pikepdf.Pdf:
    """Pages of a source whose form was taken, with bookmarks, layers, links and fields that belong to them.

    Fields without a place on these pages go, and so do threads of articles and ways into the text of the whole.
    """
    part = pikepdf.new()
    part.add_pages_from(source, pages)
    annotations = [one for page in part.pages for one in _items(page.obj.get("/Annots"))]
    annotations = [one for one in annotations if isinstance(one, pikepdf.Dictionary)]
    shown = Shown(one for one in annotations if one.is_indirect)
    tops = {top.objgen: top for top in map(field_top, annotations) if top.is_indirect}
    kept = [top for top in tops.values() if shown.keep(top)]
    if form is not None:
        Form(part).add(source, form, [top for top in kept if "/FT" in top or "/Kids" in top])
    for page in part.pages:
        if "/B" in page.obj:
            del page.obj["/B"]
    for annotation in annotations:
        for action in _actions(annotation.get("/A")):
            if "/SD" in action:
                del action["/SD"]
    return part


def _items(entry: Any) -> list[Any]:
    return list(entry) if isinstance(entry, pikepdf.Array) else []


def _actions(first: Any) -> Iterator[Any]:
    """An action and all that follow it."""
    waiting, seen = [first], set()
    while waiting:
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += list(action)
        elif isinstance(action, pikepdf.Dictionary) and (not action.is_indirect or action.objgen not in seen):
            seen.add(action.objgen)
            yield action
            waiting.append(action.get("/Next"))
