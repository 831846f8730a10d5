"""A signed-in session: sealed requests over HTTP (docs/protocol.md, sections 7 and 9)."""

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from sealpost.client.errors import AnswerNotSealed, ServerRefused, ServerUnreachable
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.kdf import KdfParameters, login_normalise, secret_parse
from sealpost.protocol import handshake
from sealpost.protocol.body import CODING, BodyContext, answer_open, request_seal
from sealpost.protocol.bundle import bundle_digest, bundle_members
from sealpost.protocol.keys import UserKeys, password_keys, secret_keys
from sealpost.protocol.signature import NONCE, signature_headers

CONTENT = "application/octet-stream"
_JSON = "application/json"
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
# Answers of these codes may come unsealed (section 9.1).
_UNSEALED = {401, 413, 429, 503, 500, 502, 504}


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of a URL, lower case, without a default port."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


class Server:
    """HTTP to one origin; transport faults become ServerUnreachable."""

    def __init__(self, url: str) -> None:
        self.origin = origin_of(url)
        headers = {"User-Agent": f"sealpost/{version('sealpost')} ({platform.system()})"}
        self.http = httpx.Client(
            headers=headers, timeout=_TIMEOUT, trust_env=False, limits=httpx.Limits(max_connections=8)
        )

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; ServerUnreachable."""
        try:
            return self.http.request(method, self.origin + path, **options)
        except httpx.HTTPError as error:
            raise ServerUnreachable from error

    def plain(self, path: str, members: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON answer to a public route, POST when there are members. ServerRefused, ServerUnreachable."""
        method = "GET" if members is None else "POST"
        answer = self.send(method, path, json=members) if members is not None else self.send(method, path)
        return _members(answer.status_code, answer.content)


def _members(status: int, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        raise ServerUnreachable from None
    if not isinstance(found, dict):
        raise ServerUnreachable
    if status >= 400:
        raise ServerRefused.from_problem(found, status)
    return found


@dataclass(slots=True)
class Session:
    """Everything a signed-in client needs in memory. `transcript` and `session` may be kept; the rest may not."""

    server: Server
    login: str
    session: UUID
    transcript: bytes
    kid: bytes
    shared_key: bytes = field(repr=False)
    clock_offset: int = 0
    parameters: KdfParameters | None = None  # with the salt: what a .sealed file needs to be opened again
    salt: bytes = b""
    keys: handshake.SessionKeys = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.keys = handshake.session_keys(self.shared_key, self.transcript)

    def headers(self, method: str, path: str, body: bytes | None = None) -> tuple[dict[str, str], bytes]:
        """Signature headers of a request, and its nonce."""
        return signature_headers(
            self.keys.sign,
            session=self.session,
            method=method,
            target_uri=self.server.origin + path,
            body=body,
            created=int(time.time()) + self.clock_offset,
        )

    def call(self, method: str, path: str, members: Any = None) -> dict[str, Any]:
        """A sealed request and its opened JSON answer. ServerRefused, AnswerNotSealed, DecryptionError."""
        status, body = self._sealed(method, path, None if members is None else json.dumps(members).encode())
        return _members(status, body)

    def _sealed(self, method: str, path: str, plaintext: bytes | None) -> tuple[int, bytes]:
        nonce = os.urandom(NONCE)
        target = self.server.origin + path
        context = BodyContext(method, target, nonce, self.session, _JSON if plaintext is not None else "")
        sealed = None if plaintext is None else request_seal(self.keys.c2s, plaintext, context)
        headers, _ = signature_headers(
            self.keys.sign,
            session=self.session,
            method=method,
            target_uri=target,
            body=sealed,
            nonce=nonce,
            created=int(time.time()) + self.clock_offset,
        )
        if sealed is not None:
            headers |= {"Content-Type": _JSON, "Content-Encoding": CODING}
        answer = self._raw(method, path, headers, sealed)
        return self._opened(answer, method=method, target=target, nonce=nonce)

    def _raw(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> "RawAnswer":
        """The answer's bytes as they came: httpx would refuse the coding `sealed`."""
        request = self.server.http.build_request(method, self.server.origin + path, headers=headers, content=content)
        try:
            answer = self.server.http.send(request, stream=True)
            try:
                return RawAnswer(answer.status_code, answer.headers, b"".join(answer.iter_raw()))
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise ServerUnreachable from error

    def part_put(self, path: str, part: bytes | bytearray | memoryview) -> dict[str, Any]:
        """PUT content bytes, which authenticate themselves; the answer is sealed."""
        headers, nonce = self.headers("PUT", path)
        headers["Content-Type"] = CONTENT
        answer = self._raw("PUT", path, headers, bytes(part))
        opened = self._opened(answer, method="PUT", target=self.server.origin + path, nonce=nonce)
        return _members(*opened)

    def content(self, path: str, *, start: int, read: Callable[[httpx.Response], None]) -> None:
        """GET content from byte `start`; `read` gets the open response. ServerRefused, ServerUnreachable."""
        headers, nonce = self.headers("GET", path)
        headers["Range"] = f"bytes={start}-"
        try:
            with self.server.http.stream("GET", self.server.origin + path, headers=headers) as answer:
                if answer.status_code not in {200, 206}:
                    raw = RawAnswer(answer.status_code, answer.headers, b"".join(answer.iter_raw()))
                    _members(*self._opened(raw, method="GET", target=self.server.origin + path, nonce=nonce))
                    raise AnswerNotSealed
                read(answer)
        except httpx.HTTPError as error:
            raise ServerUnreachable from error

    def _opened(self, answer: "RawAnswer", *, method: str, target: str, nonce: bytes) -> tuple[int, bytes]:
        if answer.headers.get("Content-Encoding") != CODING:
            if answer.status in _UNSEALED:
                _members(answer.status, answer.body)
            raise AnswerNotSealed
        content_type = answer.headers.get("Content-Type", "")
        context = BodyContext(method, target, nonce, self.session, content_type, answer.status)
        return answer.status, answer_open(self.keys.s2c, answer.body, context)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Status, headers and undecoded bytes of an answer."""

    status: int
    headers: httpx.Headers
    body: bytes


def keys_derive(passphrase: str, *, parameters: KdfParameters, salt: bytes, kid: bytes) -> UserKeys:
    """Keys from a password, or from a machine secret where the text is one (suite 0). KdfRefused."""
    if parameters.suite == 0:
        return secret_keys(secret_parse(passphrase), parameters=parameters, salt=salt, kid=kid)
    return password_keys(passphrase, parameters=parameters, salt=salt, kid=kid)


def sign_in(server: Server, login: str, passphrase: str) -> tuple[Session, UserKeys]:
    """A handshake (section 7): a session and the keys behind it. ServerRefused, KdfRefused, DecryptionError."""
    login = login_normalise(login)
    client_nonce = handshake.nonce_new()
    start = server.plain("/api/v1/handshake/start", {"login": login, "nonce": b64u_encode(client_nonce)})
    parameters = KdfParameters(*(int(start[name]) for name in ("suite", "m", "t", "p")))
    salt, kid = b64u_decode(start["salt"], 16), b64u_decode(start["kid"], 16)
    keys = keys_derive(passphrase, parameters=parameters, salt=salt, kid=kid)
    agreed = handshake.transcript(
        origin=server.origin,
        login=login,
        client_nonce=client_nonce,
        parameters=parameters,
        salt=salt,
        kid=kid,
        server_nonce=b64u_decode(start["nonce"], 32),
        challenge=UUID(start["challenge"]),
    )
    finish = server.plain(
        "/api/v1/handshake/finish",
        {
            "challenge": start["challenge"],
            "proof": b64u_encode(handshake.client_proof(keys.login, agreed)),
            "confirmation": b64u_encode(handshake.client_confirmation(keys.shared_key, agreed)),
        },
    )
    session_id = UUID(finish["session"])
    handshake.server_verify(
        keys,
        transcript=agreed,
        session=session_id,
        signature=b64u_decode(finish["signature"], 32),
        confirmation=b64u_decode(finish["confirmation"], 32),
    )
    offset = int(start["now"]) - int(time.time())
    session = Session(server, login, session_id, agreed, kid, keys.shared_key, offset, parameters, salt)
    return session, keys


def password_change(session: Session, old: UserKeys, new_password: str) -> None:
    """Replace the password (section 8); every session ends. ServerRefused."""
    new = password_keys(new_password)
    proof = handshake.change_proof(old.login, transcript=session.transcript, digest=bundle_digest(new))
    session.call("POST", "/api/v1/password", bundle_members(new, proof=proof))
