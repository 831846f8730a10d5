"""A security key in software: real ES256 signatures over what a browser and a key make, and over what neither would."""

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, SecurityKey, Session
from accounts.peer import Peer
from accounts.services import (
    second_factor_check,
    security_key_begin,
    security_key_challenge,
    security_key_confirm,
    user_issue,
)
from accounts.services.second_factor import second_factor_due
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.kdf import PASSWORD
from tests.accounts.client import ORIGIN, sign_in
from tests.accounts.test_second_factor import Person

PRESENT, ATTESTED = 0x01, 0x40


@dataclass
class SoftwareKey:
    """One credential; `counts` is false for passkeys, which say 0 for ever. What is given to `create` and `get` beside
    the options replaces what an honest browser or key would have said."""

    id: bytes = field(default_factory=lambda: os.urandom(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    counts: bool = True
    count: int = 0

    def create(self, options: dict[str, Any], *, attestation: dict | None = None, **bent: Any) -> dict[str, Any]:
        """A RegistrationResponseJSON."""
        client = _client("webauthn.create", options["challenge"], **bent)
        point = self.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        public |= bent.get("public", {})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        flags = bent.get("flags", PRESENT) | ATTESTED
        said = self._said(bent.get("rp_id", options["rp"]["id"]), flags) + attested
        made = {"fmt": "none", "attStmt": {}, "authData": said} | (attestation or {})
        if bent.get("signed_by"):
            made |= self._attested(bent["signed_by"], said, sha256(b64u_decode(client)).digest())
        response = {
            "clientDataJSON": client,
            "attestationObject": b64u_encode(cbor2.dumps(made)),
            "transports": ["usb"],
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], *, handle: UUID | None = None, **bent: Any) -> dict[str, Any]:
        """An AuthenticationResponseJSON."""
        client = _client("webauthn.get", options["challenge"], **bent)
        self.count = bent.get("count", self.count + self.counts)
        said = self._said(bent.get("rp_id", options["rpId"]), bent.get("flags", PRESENT))
        signed = said + sha256(b64u_decode(client)).digest()
        signature = bent.get("private", self.private).sign(signed, ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": client,
            "authenticatorData": b64u_encode(said),
            "signature": b64u_encode(signature),
        }
        return self._answer(response | ({"userHandle": b64u_encode(handle.bytes)} if handle else {}))

    def _attested(self, signer: str, said: bytes, client: bytes) -> dict[str, Any]:
        """A valid attestation by the key itself (packed), or by its maker's certificate (U2F)."""
        if signer == "itself":
            return {
                "fmt": "packed",
                "attStmt": {"alg": -7, "sig": self.private.sign(said + client, ec.ECDSA(SHA256()))},
            }
        maker, point = ec.generate_private_key(ec.SECP256R1()), self.private.public_key()
        public = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        signature = maker.sign(b"\0" + said[:32] + client + self.id + public, ec.ECDSA(SHA256()))
        return {"fmt": "fido-u2f", "attStmt": {"sig": signature, "x5c": [_certificate(maker)]}}

    def _said(self, rp_id: str, flags: int) -> bytes:
        return sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = b64u_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Maker")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2050, 1, 1))
    return made.sign(key, SHA256()).public_bytes(Encoding.DER)


def _client(honest: str, asked: str, **bent: Any) -> str:
    said = {"type": honest, "challenge": asked, "origin": ORIGIN, "crossOrigin": False}
    told = {"kind": "type", "challenge": "challenge", "origin": "origin", "cross_origin": "crossOrigin"}
    said |= {told[name]: value for name, value in bent.items() if name in told}
    return b64u_encode(json.dumps(said).encode())


def add(peer, key: SoftwareKey, *, name: str = "Blue key", **bent) -> tuple[dict, list[str]]:
    """Enrol a key as a browser does."""
    answer = key.create(security_key_begin(peer=peer, origin=ORIGIN), **bent)
    return security_key_confirm(peer=peer, name=name, untrusted_credential=answer, origin=ORIGIN)


def check(peer, key: SoftwareKey, **bent) -> None:
    """Pass the second factor by a key as a browser does."""
    answer = key.get(security_key_challenge(peer=peer, origin=ORIGIN), **bent)
    second_factor_check(peer=peer, untrusted_credential=answer, origin=ORIGIN)


def events(action: str) -> list[AuditEvent]:
    """What the audit log holds of this kind."""
    with scopes_disabled():
        return list(AuditEvent.objects.filter(action=action))


def keys_kept() -> list[SecurityKey]:
    """Every key in the database, oldest first."""
    with scopes_disabled():
        return list(SecurityKey.objects.order_by("created_at"))


class QuickPerson(Person):
    """Somebody whose key costs no derivation, and whose sessions are asked for a second factor all the same."""

    def __init__(self, tenant) -> None:
        self.issued = user_issue(tenant=tenant, login=f"{uuid4().hex}@aster.example", name="Quick", kind="machine")

    def peer(self) -> Peer:
        signed = sign_in(self.issued.login, self.issued.passphrase)
        user = self.issued.user
        with scope(tenant=user.tenant):
            due = second_factor_due(user=user, suite=PASSWORD.suite)
            Session.objects.filter(id=signed.session).update(second_factor_due=due)
        return signed.peer()
