"""What of the audit log an operator asks for: typed into one form, kept in the address as ids and times.

The form is sent by POST and answered by a redirect, so that no login and no name of anybody stands in an address.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from accounts.models import AuditEvent, User
from accounts.selectors import address_index, tenants_find
from exchange.services import AuditFilters

_EVENT = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40})?")
_MINUTES = "%Y-%m-%dT%H:%M"


def _event(text: str) -> str:
    if not _EVENT.fullmatch(text):
        raise ValueError(text)
    return text


def _moment(text: str) -> datetime:
    found = parse_datetime(text)
    if found is None:
        raise ValueError(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# Parameter of the address → member of AuditFilters, and how it is read.
_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    "person": ("person", UUID), "about": ("object", UUID), "event": ("event", _event),
    "since": ("since", _moment), "until": ("until", _moment),
}  # fmt: skip


def filters_asked(query: Mapping[str, Any]) -> AuditFilters:
    """The filters of an address. ValueError for one that is not of its form."""
    given = {name: query[name] for name in _READ if query.get(name)}
    return AuditFilters(**{_READ[name][0]: _READ[name][1](text) for name, text in given.items()})


class Typed(admin.SimpleListFilter):
    """One of them in a list; the form above the list stands for it."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        try:
            return filters_asked({self.parameter_name: self.value()}).rows(queryset)
        except ValueError as error:
            raise IncorrectLookupParameters from error


TYPED = [type(f"Typed_{name}", (Typed,), {"title": name, "parameter_name": name}) for name in _READ]


class AuditForm(forms.Form):
    """The same by names and logins; `address` is what they come to. All are optional."""

    organisation = forms.CharField(required=False, max_length=120, help_text="Its id, or its exact name")
    person = forms.CharField(required=False, max_length=254, help_text="An id or a whole login: what they did or met")
    about = forms.UUIDField(required=False, label="About", help_text="An id of anything")
    event = forms.RegexField(
        rf"\A{_EVENT.pattern}\Z", required=False, help_text="Like session.opened, or session for all of its kind",
        error_messages={"invalid": "An event is like session.opened, or session."},
    )  # fmt: skip
    since = forms.DateTimeField(required=False, label="From (UTC)")
    until = forms.DateTimeField(required=False, label="Until (UTC)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES)

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "AuditForm":
        """As an address has it."""
        initial: dict[str, Any] = {name: query.get(name, "") for name in cls.base_fields}
        for name in ("since", "until"):
            initial[name] = parse_datetime(initial[name]) if initial[name] else None
        return cls(initial=initial)

    def clean_organisation(self) -> UUID | None:
        """The one of this id or name."""
        named = self.cleaned_data["organisation"].strip()
        found = tenants_find(named) if named else []
        if named and len(found) != 1:
            raise forms.ValidationError("Not one organisation has this id or name. Its page leads here, too.")
        return found[0].id if found else None

    def clean_person(self) -> UUID | None:
        """Of a login the one who has it."""
        named = self.cleaned_data["person"].strip()
        if not named:
            return None
        try:
            return UUID(named)
        except ValueError:
            rows = User.objects.filter(login_index=address_index(named))
        found: UUID | None = rows.values_list("id", flat=True).first()
        if found is None:
            raise forms.ValidationError("Nobody has this login. Check how it is written.")
        return found

    def address(self) -> str:
        """The query of an address."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return urlencode({name: v.isoformat() if isinstance(v, datetime) else v for name, v in given.items()})
