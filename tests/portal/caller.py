"""A client of the sealed API over Django's test client, which can also send what no honest client would."""

import json
import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.test import Client

from sealpost.protocol.body import CODING, BodyContext, answer_open, request_seal
from sealpost.protocol.handshake import session_keys
from sealpost.protocol.keys import UserKeys
from sealpost.protocol.signature import NONCE, signature_headers
from tests.accounts.client import SignedIn, Started, finish, start

ORIGIN = "http://testserver"
JSON, CONTENT, PROBLEM = "application/json", "application/octet-stream", "application/problem+json"
_LEAKS = ("Traceback", 'File "', "Exception", "Error at", "/site-packages/", ".py")


@dataclass(frozen=True)
class Answer:
    """Status, headers and opened body of an answer; `sealed` says how it came."""

    status: int
    headers: Any
    body: bytes
    sealed: bool

    @property
    def members(self) -> dict[str, Any]:
        """Members of a JSON answer."""
        return json.loads(self.body)

    def refusal(self) -> tuple[int, str]:
        """(status, code) of a problem document, which must be whole and must tell nothing of the server's inside."""
        assert self.headers["Content-Type"] == PROBLEM, self.body[:300]
        members = self.members
        assert {"type", "title", "status", "code", "detail"} <= set(members)
        assert members["status"] == self.status
        assert members["detail"].endswith(".")
        assert " " in members["detail"]
        assert not [leak for leak in _LEAKS if leak in self.body.decode()]
        return self.status, members["code"]


def answered(response: HttpResponseBase, *, open_with=None) -> Answer:
    """An answer as a client sees it."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    is_sealed = response.headers.get("Content-Encoding") == CODING
    if is_sealed:
        body = open_with(response, body)
    return Answer(response.status_code, response.headers, body, is_sealed)


def plain(method: str, path: str, **options: Any) -> Answer:
    """An unsigned request."""
    return answered(Client(enforce_csrf_checks=True).generic(method, path, **options))


@dataclass
class Caller:
    """A signed-in client. Every part of a request may be replaced after it was signed."""

    login: str
    signed_in: SignedIn
    http: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def __post_init__(self) -> None:
        self.keys = session_keys(self.signed_in.user_keys.shared_key, self.signed_in.transcript)

    @property
    def session(self) -> UUID:
        return self.signed_in.session

    @property
    def shared_key(self) -> bytes:
        return self.signed_in.user_keys.shared_key

    @property
    def kid(self) -> bytes:
        return self.signed_in.user_keys.kid

    def ask(self, method: str, path: str, members: Any = None, **options: Any) -> Answer:
        """A sealed request as an honest client sends it."""
        body = None if members is None else json.dumps(members).encode()
        return self.send(self.request(method, path, body, **options))

    def sealed(self, method: str, path: str, body: bytes, nonce: bytes, content_type: str = JSON) -> bytes:
        """A sealed body, bound to its request."""
        context = BodyContext(method, ORIGIN + path, nonce, self.session, content_type)
        return request_seal(self.keys.c2s, body, context)

    def request(
        self, method: str, path: str, body: bytes | None = None, *, seal: bool = True, ready: bytes | None = None,
        nonce: bytes | None = None, content_type: str = JSON, **signed: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """What `send` sends. `ready` is a body sealed before; `signed` replaces parts of what the signature covers."""
        nonce = nonce or os.urandom(NONCE)
        if ready is None and body is not None and seal:
            ready = self.sealed(method, path, body, nonce, content_type)
        options = {"session": self.session, "method": method, "target_uri": ORIGIN + path, "body": ready}
        headers, _ = signature_headers(self.keys.sign, **(options | {"nonce": nonce} | signed))
        if ready is not None:
            headers["Content-Encoding"], body = CODING, ready
        return {"method": method, "path": path, "body": body, "type": content_type, "headers": headers, "nonce": nonce}

    def send(self, request: dict[str, Any]) -> Answer:
        """Send a request and open what comes back."""
        kind = {} if request["body"] is None else {"content_type": request["type"]}
        response = self.http.generic(
            request["method"], request["path"], request["body"] or b"", headers=request["headers"], **kind
        )

        def open_with(response: HttpResponseBase, body: bytes) -> bytes:
            target, content_type = ORIGIN + request["path"], response.headers.get("Content-Type", "")
            method, nonce = request["method"], request["nonce"]
            context = BodyContext(method, target, nonce, self.session, content_type, response.status_code)
            return answer_open(self.keys.s2c, body, context)

        return answered(response, open_with=open_with)


def caller(login: str, secret: str) -> Caller:
    """Sign a partner system in; a machine secret costs no Argon2."""
    started = start(login, origin=ORIGIN, client_origin=ORIGIN)
    return _finished(started, started.keys(secret))


def once_more(person: Caller) -> Caller:
    """Another session of the same user."""
    return _finished(start(person.login, origin=ORIGIN, client_origin=ORIGIN), person.signed_in.user_keys)


def _finished(started: Started, keys: UserKeys) -> Caller:
    finished = finish(started, keys)
    return Caller(started.login, SignedIn(finished.session, keys, started.transcript(keys)))
