"""Which origin and target a request was sent to, as its signature names them."""

from django.conf import settings
from django.http import HttpRequest

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def request_origin(request: HttpRequest) -> str:
    """The configured origin, or scheme and validated Host, without a default port (docs/protocol.md, section 1)."""
    if settings.SEALPOST_ORIGIN:
        return str(settings.SEALPOST_ORIGIN)
    scheme = request.scheme or "http"
    return f"{scheme}://{request.get_host().lower().removesuffix(_DEFAULT_PORTS[scheme])}"


def request_target(request: HttpRequest) -> str:
    """Path and query exactly as they were sent."""
    raw = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    return str(raw) if raw and raw.startswith("/") else request.get_full_path()
