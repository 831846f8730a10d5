"""Whether this process can serve."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse


def health(request: HttpRequest) -> JsonResponse:
    """200 when database and cache answer; anything else is an error of theirs."""
    connection.ensure_connection()
    cache.get("health")
    return JsonResponse({"status": "ok"})
