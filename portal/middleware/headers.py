"""Response headers of every answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types default"
)
OPERATOR_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "X-Frame-Options": "DENY",
}


def operators_path(path: str) -> bool:
    """Whether an address is one of the operators' pages, where there are any."""
    return bool(settings.SEALPOST_ADMIN) and path.startswith("/admin/")


class ResponseHeadersMiddleware:
    """The content security policy of the design, and `no-store` on everything but static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        operators = operators_path(request.path)
        response.headers["Content-Security-Policy"] = OPERATOR_CSP if operators else CSP
        if operators:
            response.headers["Referrer-Policy"] = "same-origin"  # without any, a browser's forms say "Origin: null"
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response
