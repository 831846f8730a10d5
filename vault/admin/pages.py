"""The base of every page for operators: a list and a detail that show rows, and moves that services make.

There is no code here that adds, changes or deletes a row, and no address for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from sealpost.errors import SealpostError
from vault.admin.moves import Move, Once
from vault.services import ring_keys_load

_COUNTED_MOST = 10_000
_SHORT = 8
NOTHING = "–"


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than what anybody turns pages to: counting a large table costs more than showing it."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list[:_COUNTED_MOST].count())  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Panel:
    """A table below the facts of a detail page."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str = "None."
    links: Sequence[tuple[str, str]] = field(default=())


class OperatorPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """Subclasses give `codes` (of the list and of the detail, as the audit log calls them), `owners`, `facts`."""

    admin_site: Any  # the portal's, which knows the layers above
    actions = None
    codes: tuple[str, str]
    moves: Sequence[Move] = ()
    title = ""  # of the list; of a detail it is `name_of`
    note = ""
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    preserve_filters = False
    empty_value_display = NOTHING
    show_facets = admin.ShowFacets.NEVER
    paginator = ShortPaginator
    change_list_template = "operator/list.html"

    def owners(self, rows: Iterable[Any]) -> set[str]:
        """The vault's names of whose rows these are: their chains tell that an operator saw them."""
        raise NotImplementedError

    def asked(self, request: HttpRequest) -> set[str]:
        """Owners whose rows are asked for: that there are none is shown, too."""
        return set()

    def facts(self, row: Any) -> list[tuple[str, Any]]:
        """What the detail shows."""
        raise NotImplementedError

    def panels(self, row: Any) -> list[Panel]:
        """Tables below it."""
        return []

    def links(self, row: Any) -> list[tuple[str, str]]:
        """(words, address) of the pages that belong to a row."""
        return []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By nothing but the page's filters: a column that is shown nowhere is not to be guessed either."""
        return lookup.partition("__")[0] in map(_filtered, self.list_filter)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._base_manager.all()
        return rows

    def get_urls(self) -> list[URLPattern]:
        """A list and a detail, which take no form; its moves where it has some; none of Django's other addresses."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        moves = [path("<uuid:object_id>/<slug:move>/", view(self.move_view), name=f"{name}_move")]
        return [
            path("", view(require_safe(self.list_view)), name=f"{name}_changelist"),
            path("<uuid:object_id>/", view(require_safe(self.detail_view)), name=f"{name}_change"),
            *(moves if self.moves else []),
        ]

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """A page of rows."""
        response = self.changelist_view(request, {"title": self.title, "note": self.note})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            self.shown(request, self.codes[0], response.context_data["cl"].result_list)
        return response

    def detail_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """One row."""
        return self.detail(request, self.row(request, object_id))

    def detail(self, request: HttpRequest, row: Any, **more: Any) -> HttpResponse:
        """The page of a row."""
        self.shown(request, self.codes[1], [row])
        possible = [move for move in self.moves if move.possible(row)]
        context = {
            "row": row,
            "facts": self.facts(row),
            "panels": self.panels(row),
            "links": self.links(row),
            "moves": [(move, self.address(row, move.code)) for move in possible],
        }
        return self.render(request, "operator/detail.html", str(self.name_of(row)), **(context | more))

    def move_view(self, request: HttpRequest, object_id: UUID, move: str) -> HttpResponse:
        """Ask, and on POST do."""
        row = self.row(request, object_id)
        chosen = next((one for one in self.moves if one.code == move and one.possible(row)), None)
        if chosen is None:
            raise Http404
        self.shown(request, self.codes[1], [row])
        form = chosen.form(request.POST if request.method == "POST" else None)
        refused = None
        if request.method == "POST" and form.is_valid():
            try:
                done = chosen.do(row, self.operator(request), **form.cleaned_data)
            except SealpostError as error:
                refused = error
            else:
                return self._done(request, row, done)
        context = {"row": row, "move": chosen, "form": form, "back": self.address(row), "refused": refused}
        title = f"{chosen.label}: {self.name_of(row)}"
        return self.render(request, "operator/move.html", title, status=refused.status if refused else 200, **context)

    def _done(self, request: HttpRequest, row: Any, done: str | Once) -> HttpResponse:
        if isinstance(done, Once):
            return self.detail(request, self.row(request, row.pk), once=done)
        self.message_user(request, done)
        return HttpResponseRedirect(self.address(row))

    def row(self, request: HttpRequest, object_id: UUID) -> Any:
        """The row of an id; Http404."""
        found = self.get_queryset(request).filter(pk=object_id).first()
        if found is None:
            raise Http404
        return found

    def name_of(self, row: Any) -> Any:
        """What the row's page is called."""
        return f"{str(self.opts.verbose_name).capitalize()} {row.pk}"

    @admin.display(description="id")
    def number(self, row: Any) -> Any:
        """The id in a list."""
        return short(row.pk)

    def shown(self, request: HttpRequest, code: str, rows: Iterable[Any]) -> None:
        """Tell the owners' chains that these rows are shown, and open the owners' keys in one query."""
        owners = self.owners(rows) | self.asked(request)
        ring_keys_load(owners=owners)
        self.admin_site.rows_shown(request, code, owners)

    def render(
        self, request: HttpRequest, template: str, title: str, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        """A page of the site."""
        context = self.admin_site.each_context(request) | {"title": title, "opts": self.opts} | more
        return TemplateResponse(request, template, context, status=status)

    def operator(self, request: HttpRequest) -> str:
        """The number of the operator who asks."""
        return str(request.user.pk)

    def address(self, row: Any, move: str = "") -> str:
        """Where the row's page is, or one of its moves."""
        return page_address(type(row), row.pk, move)


def _filtered(one: Any) -> str:
    """What a filter is called in an address."""
    named = one[0] if isinstance(one, tuple) else one
    return named if isinstance(named, str) else str(named.parameter_name)


def page_address(model: type[Model], pk: Any, move: str = "") -> str:
    """Where the page of a row is, or one of its moves."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{'move' if move else 'change'}"
    return reverse(name, args=[pk, move] if move else [pk])


def list_address(model: type[Model], query: str = "") -> str:
    """Where the list of a model is."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{query}" if query else address


def link(words: Any, address: str) -> Any:
    """An anchor."""
    return format_html('<a href="{}">{}</a>', address, words)


def short(identity: Any) -> Any:
    """The beginning of an id, where a list has no room for the whole."""
    return format_html('<span title="{}">{}</span>', identity, str(identity)[:_SHORT])


def badge(state: str) -> Any:
    """A state as a coloured word."""
    return format_html('<span class="badge {}">{}</span>', state, state.replace("_", " "))
