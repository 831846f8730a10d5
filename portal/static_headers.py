"""Headers of built files."""

from typing import Any


def headers_add(headers: Any, path: str, url: str) -> None:
    """The service worker lies under /static/ and serves the whole portal."""
    if url.endswith("/sw.js"):
        headers["Service-Worker-Allowed"] = "/"
