"""Forms of PDFs whose pages are copied into another; pikepdf would copy a form anew for every page that it is on.

Copied widgets bring their fields along, each once. What is left to do is to list the fields, under names of their own.
"""

from collections.abc import Iterable
from typing import Any

import pikepdf
from protocol import Refused

_DEPTH_MOST = 64
_Identity = tuple[int, int]


def form_take(source: pikepdf.Pdf) -> Any:
    """The form of a document, which has none from then on; None where it had none."""
    form = source.Root.get("/AcroForm")
    if form is not None:
        del source.Root["/AcroForm"]
        source.acroform.invalidate_cache()
    return form if isinstance(form, pikepdf.Dictionary) else None


def fields_of(form: pikepdf.Dictionary) -> list[Any]:
    """The fields at the top of a form."""
    fields = form.get("/Fields")
    return [one for one in fields if _field(one)] if isinstance(fields, pikepdf.Array) else []


def field_top(field: pikepdf.Dictionary) -> pikepdf.Dictionary:
    """The field that a widget is part of, as far up as it goes."""
    for _ in range(_DEPTH_MOST):
        parent = field.get("/Parent")
        if not isinstance(parent, pikepdf.Dictionary):
            return field
        field = parent
    raise Refused("corrupt")


def _field(entry: Any) -> bool:
    return isinstance(entry, pikepdf.Dictionary) and entry.is_indirect


class Shown:
    """The fields that have a place on a page, by the widgets that are shown there."""

    def __init__(self, widgets: Iterable[pikepdf.Dictionary]) -> None:
        self._widgets = {widget.objgen for widget in widgets}
        self._kept: dict[_Identity, bool] = {}

    def keep(self, field: Any, depth: int = 0) -> bool:
        """Whether a field or one below it is shown; those below that are not are taken out."""
        if depth > _DEPTH_MOST:
            raise Refused("corrupt")
        if not _field(field):
            return False
        if not isinstance(field.get("/Kids"), pikepdf.Array):
            return field.objgen in self._widgets
        if field.objgen not in self._kept:
            self._kept[field.objgen] = False  # a field is not below itself
            kept = [kid for kid in field.Kids if self.keep(kid, depth + 1)]
            field.Kids = pikepdf.Array(kept)
            self._kept[field.objgen] = bool(kept)
        return self._kept[field.objgen]


class Form:
    """The form of a document that pages are copied to."""

    def __init__(self, target: pikepdf.Pdf) -> None:
        self._target = target
        self._names: set[str] = set()
        self.fields = self.renamed = 0

    def add(self, source: pikepdf.Pdf, form: pikepdf.Dictionary, fields: Iterable[pikepdf.Dictionary]) -> None:
        """List fields that were copied from a document with this form; a name that is taken gets a number."""
        if "/AcroForm" not in self._target.Root:
            self._target.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), DR=pikepdf.Dictionary())
        own = self._target.Root.AcroForm
        for field in fields:
            self._name(field)
            if "/DA" in form and "/DA" not in field:
                field.DA = pikepdf.String(bytes(form.DA))
            own.Fields.append(field)
        if form.get("/NeedAppearances") is True:
            own.NeedAppearances = True
        self._resources(source, form.get("/DR"), own.DR)

    def _name(self, field: pikepdf.Dictionary) -> None:
        name = free = str(field.get("/T", ""))
        number = 1
        while free in self._names:
            number += 1
            free = f"{name} {number}"
        self._names.add(free)
        self.fields += 1
        if free != name:
            field.T = pikepdf.String(free)
            self.renamed += 1

    def _resources(self, source: pikepdf.Pdf, given: Any, own: pikepdf.Dictionary) -> None:
        """Fonts and the like by which fields are written; of two with one name the first stays."""
        if not isinstance(given, pikepdf.Dictionary):
            return
        copied = self._target.copy_foreign(source.make_indirect(pikepdf.Dictionary(given)))
        for kind in copied.keys():  # noqa: SIM118
            if kind not in own:
                own[kind] = copied[kind]
            elif isinstance(own[kind], pikepdf.Dictionary) and isinstance(copied[kind], pikepdf.Dictionary):
                for name in copied[kind].keys():  # noqa: SIM118
                    if name not in own[kind]:
                        own[kind][name] = copied[kind][name]
