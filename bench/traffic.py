"""Bytes to and from a web server: the portal's, sealed, and the plain twin's, the same bytes."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import httpx

from sealpost.client.session import Session
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.stream import (
    SEGMENT,
    TAG,
    SegmentCipher,
    header_new,
    segment_count,
    segment_plaintext,
    wire_length,
)
from sealpost.protocol.content import PART, object_key, part_count

_AT_ONCE = 3
_NOISE = os.urandom(SEGMENT)


class SealedUpload:
    """An upload of `size` bytes whose parts come ready sealed, so that the server alone is measured."""

    def __init__(self, session: Session, size: int) -> None:
        self.session, self.size = session, size
        self.parts = range(part_count(wire_length(size)))
        transfer, self._header = uuid4(), header_new()
        key = object_key(session.shared_key, direction="up", transfer=transfer, kid=session.kid, document=transfer)
        self._cipher = SegmentCipher(key.key, self._header, key.aad)
        self.id = session.call(
            "POST",
            "/api/v1/uploads",
            {
                "transfer": str(transfer),
                "kid": b64u_encode(session.kid),
                "name": "bench.bin",
                "type": "application/octet-stream",
                "size": size,
                "header": b64u_encode(self._header),
                "commitment": b64u_encode(key.commitment),
            },
        )["id"]

    def part(self, number: int) -> bytes:
        """One sealed part."""
        per_part, count = PART // SEGMENT, segment_count(self.size)
        sealed = bytearray()
        for index in range(number * per_part, min((number + 1) * per_part, count)):
            length = segment_plaintext(index, self.size)[1]
            room = bytearray(length + TAG)
            self._cipher.seal_into(index, index == count - 1, memoryview(_NOISE)[:length], room)
            sealed += (self._header if index == 0 else b"") + room
        return bytes(sealed)

    def send(self, part: Callable[[int], bytes]) -> None:
        """Store every part, three at once as every client does, and complete the upload."""

        def put(number: int) -> None:
            self.session.part_put(f"/api/v1/uploads/{self.id}/parts/{number}", part(number))

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(put, self.parts))
        self.session.call("POST", f"/api/v1/uploads/{self.id}/complete", {})


def message_done(session: Session, upload: str, to: str) -> str:
    """Send a message of one upload and wait for its delivery; the document's id, for the sender."""
    members = {"key": str(uuid4()), "subject": "bench", "note": "", "uploads": [upload], "recipients": [to],
               "expires_days": 1}  # fmt: skip
    message = session.call("POST", "/api/v1/messages", members)
    while message["job"]["state"] in {"queued", "running"}:
        time.sleep(0.1)
        message = session.call("GET", f"/api/v1/outbox/{message['id']}")
    if message["job"]["state"] != "done":
        raise SystemExit(f"the message was held: {message['job']}")
    return str(message["documents"][0]["id"])


def download(session: Session, document: str) -> int:
    """Fetch a document's sealed bytes and drop them; how many came."""
    transfer = session.call("POST", f"/api/v1/documents/{document}/transfers", {"purpose": "preview"})["transfer"]
    came = 0

    def count(answer: httpx.Response) -> None:
        nonlocal came
        came += sum(len(block) for block in answer.iter_raw(SEGMENT))

    session.content(f"/api/v1/transfers/{transfer}/content", start=0, read=count)
    return came


def plain_upload(url: str, name: UUID, parts: list[bytes]) -> None:
    """The same bytes into a fresh file, three parts at once."""
    with httpx.Client(timeout=60, trust_env=False) as http, ThreadPoolExecutor(_AT_ONCE) as pool:

        def put(number: int) -> None:
            http.put(f"{url}/plain/{name}/{number}", content=parts[number]).raise_for_status()

        list(pool.map(put, range(len(parts))))
        http.put(f"{url}/plain/{name}").raise_for_status()


def plain_download(url: str, name: UUID) -> int:
    """The same bytes back; how many came."""
    with httpx.Client(timeout=60, trust_env=False) as http, http.stream("GET", f"{url}/plain/{name}") as answer:
        return sum(len(block) for block in answer.iter_raw(SEGMENT))
