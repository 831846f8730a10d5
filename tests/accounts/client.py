"""The client's side of sign-in and requests, by the Python engine alone."""

from dataclasses import dataclass
from uuid import UUID

from accounts.peer import Peer
from accounts.services import FinishedHandshake, handshake_finish, handshake_start, request_authenticate
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.kdf import KdfParameters, secret_parse
from sealpost.protocol import handshake
from sealpost.protocol.keys import UserKeys, password_keys, secret_keys
from sealpost.protocol.signature import signature_headers, signature_parse

ORIGIN = "https://exchange.example"
TARGET = f"{ORIGIN}/api/v1/me"


@dataclass(frozen=True)
class Started:
    """A handshake after step 1: what the client knows."""

    login: str
    client_nonce: bytes
    answer: dict
    origin: str

    @property
    def challenge(self) -> UUID:
        return UUID(self.answer["challenge"])

    def keys(self, password: str) -> UserKeys:
        """Keys of a password or a machine secret under the parameters that the server named."""
        suite, m, t, p = (self.answer[name] for name in ("suite", "m", "t", "p"))
        salt, kid = b64u_decode(self.answer["salt"], 16), b64u_decode(self.answer["kid"], 16)
        parameters = KdfParameters(suite=suite, m=m, t=t, p=p)
        if suite == 0:
            return secret_keys(secret_parse(password), parameters=parameters, salt=salt, kid=kid)
        return password_keys(password, parameters=parameters, salt=salt, kid=kid)

    def transcript(self, keys: UserKeys) -> bytes:
        return handshake.transcript(
            origin=self.origin,
            login=self.login,
            client_nonce=self.client_nonce,
            parameters=keys.parameters,
            salt=keys.salt,
            kid=keys.kid,
            server_nonce=b64u_decode(self.answer["nonce"], 32),
            challenge=self.challenge,
        )


@dataclass(frozen=True)
class SignedIn:
    """A session as the client holds it."""

    session: UUID
    user_keys: UserKeys
    transcript: bytes

    def claim(self, *, method: str = "GET", target: str = TARGET, body: bytes | None = None, **options):
        """(claim, digest) of a request signed by this session."""
        sign = handshake.session_keys(self.user_keys.shared_key, self.transcript).sign
        headers, _ = signature_headers(
            sign, session=self.session, method=method, target_uri=target, body=body, **options
        )
        claim = signature_parse(headers["Signature-Input"], headers["Signature"])
        return claim, headers.get("Content-Digest")

    def peer(self) -> Peer:
        """What the server makes of a request of this session."""
        claim, digest = self.claim()
        return request_authenticate(claim=claim, method="GET", target_uri=TARGET, digest=digest)


def start(login: str, *, address: str = "192.0.2.1", origin: str = ORIGIN, client_origin: str = ORIGIN) -> Started:
    """Step 1."""
    nonce = handshake.nonce_new()
    answer = handshake_start(login=login, client_nonce=nonce, origin=origin, address=address)
    return Started(login, nonce, answer, client_origin)


def finish(started: Started, keys: UserKeys) -> FinishedHandshake:
    """Step 3."""
    agreed = started.transcript(keys)
    return handshake_finish(
        challenge=started.challenge,
        proof=handshake.client_proof(keys.login, agreed),
        confirmation=handshake.client_confirmation(keys.shared_key, agreed),
        client="sealpost test",
    )


def sign_in(login: str, password: str) -> SignedIn:
    """The whole handshake; DecryptionError when the server does not prove itself."""
    started = start(login)
    keys = started.keys(password)
    finished = finish(started, keys)
    agreed = started.transcript(keys)
    handshake.server_verify(
        keys,
        transcript=agreed,
        session=finished.session,
        signature=finished.signature,
        confirmation=finished.confirmation,
    )
    return SignedIn(finished.session, keys, agreed)
