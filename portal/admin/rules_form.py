"""A form of rules, made from their schema: each member is either set here, or the default."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from portal.pages.schema_form import fields_of

_YES_NO = [("true", "yes"), ("false", "no")]


class RulesForm(forms.Form):
    """`own_NAME` says whether a member is set, `NAME` to what; `members()` is what the services take."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, schema: Mapping[str, Any], own: Mapping[str, Any], defaults: Mapping[str, Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.shapes = fields_of(schema, dict(defaults) | dict(own))
        for shape in self.shapes:
            name = shape["name"]
            self.fields[f"own_{name}"] = forms.BooleanField(required=False, initial=name in own, label="Set here")
            self.fields[name] = _field(shape)

    def rows(self) -> Iterable[dict[str, Any]]:
        """Each member's two fields and what it is, for the page."""
        for shape in self.shapes:
            yield {"shape": shape, "own": self[f"own_{shape['name']}"], "value": self[shape["name"]]}

    def clean(self) -> dict[str, Any]:
        """A number may be left empty where there may be no limit, and where the default is meant.

        What was changed without being set is said: it would be lost without a word. Where somebody else has changed the
        rules meanwhile, what the form was opened with is not known here; the service refuses it.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        known = cleaned.get("version") == self.initial["version"]
        for shape in self.shapes:
            name = shape["name"]
            empty = shape["kind"] == "number" and cleaned.get(name) is None and name not in self.errors
            if cleaned.get(f"own_{name}") and empty and not shape["nullable"]:
                self.add_error(name, "Give a number, or leave it to the default.")
            if known and not cleaned.get(f"own_{name}") and cleaned.get(name) not in (None, "", [], shape["value"]):
                self.add_error(name, "This was changed and not set: tick “Set here”, or take the change back.")
        return cleaned

    def members(self) -> dict[str, Any]:
        """What is set here."""
        names = [shape["name"] for shape in self.shapes]
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[f"own_{name}"]}


def _field(shape: Mapping[str, Any]) -> forms.Field:
    """The field of one member."""
    options: dict[str, Any] = {"label": shape["title"], "help_text": shape["hint"], "required": False}
    options["initial"] = shape["value"]
    match shape["kind"]:
        case "check":
            choice = forms.TypedChoiceField(choices=_YES_NO, coerce=lambda text: text == "true", **options)
            choice.initial = str(bool(shape["value"])).lower()
            return choice
        case "choice":
            return forms.ChoiceField(choices=[(one["value"], one["words"]) for one in shape["options"]], **options)
        case "types":
            options["initial"] = "\n".join(shape["value"] or ())
            return _TypesField(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **options)
        case "steps":
            options["help_text"] = f'{shape["hint"]} As JSON: [{{"step": name, "parameters": {{}}}}]'
            return _StepsField(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **options)
    placeholder = {"placeholder": "no limit"} if shape["nullable"] else {}
    widget = forms.NumberInput(attrs=placeholder)
    return forms.IntegerField(min_value=shape["least"], max_value=shape["most"], widget=widget, **options)


class _TypesField(forms.CharField):
    """Media types, one a line."""

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        return str(super().clean(value)).split()


class _StepsField(forms.JSONField):
    """A list; empty where nothing is written."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or []
