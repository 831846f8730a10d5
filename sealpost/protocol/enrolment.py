"""Enrolment by invitation, both sides (docs/protocol.md, section 6.1)."""

import json
import os
from dataclasses import dataclass, field
from uuid import UUID

from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.hkdf import equal, hkdf, hmac_sha256, label, sha256
from sealpost.crypto.hpke import hpke_open, hpke_seal
from sealpost.errors import DecryptionError, SealpostError
from sealpost.protocol.bundle import KeyBundle, bundle_digest, bundle_encode, bundle_parse
from sealpost.protocol.keys import UserKeys

SECRET = 32
NONCE = 16
_FINGERPRINT = 16


class InvitationMalformed(SealpostError):
    """The link's fragment is not `INVITATION.SECRET.FINGERPRINT`."""

    code = "invitation_malformed"
    sentence = "This invitation link is incomplete. Copy the whole link from the invitation, or ask for a new one."


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """The three members of a link's fragment."""

    invitation: UUID
    secret: bytes = field(repr=False)
    fingerprint: bytes

    def fragment(self) -> str:
        """What stands behind `#`."""
        return f"{self.invitation}.{b64u_encode(self.secret)}.{b64u_encode(self.fingerprint)}"


def fingerprint(public_key: bytes) -> bytes:
    """First 16 bytes of SHA-256 of an enrolment public key."""
    return sha256(public_key)[:_FINGERPRINT]


def link_new(invitation: UUID, *, public_key: bytes) -> InvitationLink:
    """A link with a fresh 32-byte secret."""
    return InvitationLink(invitation, os.urandom(SECRET), fingerprint(public_key))


def link_parse(fragment: str) -> InvitationLink:
    """The members of a fragment; InvitationMalformed."""
    try:
        invitation, secret, mark = fragment.removeprefix("#").split(".")
        return InvitationLink(UUID(invitation), b64u_decode(secret, SECRET), b64u_decode(mark, _FINGERPRINT))
    except (ValueError, SealpostError) as error:
        raise InvitationMalformed from error


def view_proof(secret: bytes, *, invitation: UUID, nonce: bytes) -> bytes:
    """Proof of holding the link, 32 bytes."""
    return hmac_sha256(secret, label("invitation-view", invitation.bytes, nonce))


def view_key(secret: bytes, *, invitation: UUID) -> bytes:
    """Input key of the stream that answers `enrolment/view`."""
    return hkdf(secret, salt=invitation.bytes, info=label("invitation"))


def view_aad(*, invitation: UUID, nonce: bytes) -> bytes:
    """Associated data of that stream."""
    return label("invitation-view", invitation.bytes, nonce)


def _info(*, origin: str, invitation: UUID, key: UUID) -> bytes:
    return label("enrol", origin, invitation.bytes, key.bytes)


def _proof(secret: bytes, *, invitation: UUID, digest: bytes) -> bytes:
    return hmac_sha256(secret, label("enrol", invitation.bytes, digest))


def enrolment_seal(keys: UserKeys, link: InvitationLink, *, origin: str, key: UUID, public_key: bytes) -> bytes:
    """`enc ‖ ciphertext` of the bundle for the server's key; DecryptionError when the fingerprint is another."""
    if not equal(fingerprint(public_key), link.fingerprint):
        raise DecryptionError
    proof = _proof(link.secret, invitation=link.invitation, digest=bundle_digest(keys))
    info = _info(origin=origin, invitation=link.invitation, key=key)
    return hpke_seal(public_key, bundle_encode(keys, proof=proof), info=info)


def enrolment_open(
    sealed: bytes, *, private_key: bytes, secret: bytes, origin: str, invitation: UUID, key: UUID
) -> KeyBundle:
    """The bundle, its proof verified in constant time; DecryptionError or EncodingInvalid."""
    plaintext = hpke_open(private_key, sealed, info=_info(origin=origin, invitation=invitation, key=key))
    try:
        bundle = bundle_parse(json.loads(plaintext))
    except ValueError:
        raise DecryptionError from None
    if not equal(_proof(secret, invitation=invitation, digest=bundle.digest()), bundle.proof):
        raise DecryptionError
    return bundle
