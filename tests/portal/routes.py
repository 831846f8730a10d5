"""The addresses of the portal, taken from the URLconf."""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from django.urls import URLPattern, get_resolver

OPERATOR = "admin/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Answered before there is a session: the API's own, and pages, which are shells without a word of a user.
PUBLIC = {
    "health", "api/v1/handshake/start", "api/v1/handshake/finish", "api/v1/enrolment/key", "api/v1/enrolment/view",
    "api/v1/enrolment",
}  # fmt: skip


def patterns(entries: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(route, view) of every entry of the URLconf, Django admin's too."""
    for entry in get_resolver().url_patterns if entries is None else entries:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from patterns(entry.url_patterns, route)


def routes() -> Iterator[tuple[str, str]]:
    """(method, route) of every address of the portal but the operators' pages."""
    for route, callback in patterns():
        view = getattr(callback, "view_class", None)
        for method in METHODS if view else ("GET",):
            if not route.startswith(OPERATOR) and (view is None or hasattr(view, method.lower())):
                yield method, route


def operator_routes() -> set[str]:
    """Every address of the operators' pages."""
    return {route for route, _ in patterns() if route.startswith(OPERATOR)}


def path_of(route: str, *identities: str) -> str:
    """The address of a route with these ids."""
    known = cycle(identities)
    route = route.replace("<int:number>", "0").replace("(?P<url>.*)$", "nothing/")
    return "/" + re.sub("<(uuid|slug|str):[a-z_]+>", lambda _: next(known), route)
