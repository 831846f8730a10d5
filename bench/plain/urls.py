"""Same gunicorn, same Django, same middleware but for the sealed one: a part is read into a buffer and written at its
offset, and content streamed in blocks of one segment, as the portal does.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from sealpost.crypto.stream import SEGMENT
from sealpost.protocol.content import PART

_READ = 1 << 20


def _file(name: UUID) -> Path:
    return Path(settings.SEALPOST_OBJECTS) / f"plain-{name}"


@csrf_exempt
def part(request: HttpRequest, name: UUID, number: int) -> HttpResponse:
    """Store a part at its offset."""
    buffer, at = memoryview(bytearray(PART)), 0
    while block := request.read(_READ):
        buffer[at : at + len(block)] = block
        at += len(block)
    descriptor = os.open(_file(name), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, buffer[:at], number * PART)
    finally:
        os.close(descriptor)
    return HttpResponse(b"{}")


@csrf_exempt
def content(request: HttpRequest, name: UUID) -> HttpResponse | StreamingHttpResponse:
    """PUT makes the file durable, as the portal does with a complete upload; GET streams it."""
    if request.method == "PUT":
        with _file(name).open("rb") as file:
            os.fsync(file.fileno())
        return HttpResponse(b"{}")

    def blocks() -> Iterator[bytes]:
        buffer = memoryview(bytearray(SEGMENT))
        with _file(name).open("rb", buffering=0) as file:
            while length := file.readinto(buffer):
                yield bytes(buffer[:length])

    return StreamingHttpResponse(blocks(), content_type="application/octet-stream")


urlpatterns = [path("plain/<uuid:name>/<int:number>", part), path("plain/<uuid:name>", content)]
