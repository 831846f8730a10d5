"""What security keys are asked and what they answer: WebAuthn (W3C, Level 3), by py_webauthn. Nothing is kept here.

User verification is *discouraged*: the password is the other factor, and a wish that the server does not enforce
protects nobody, since whoever holds the key and writes their own client leaves it out (docs/adr/0010).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
)
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.security_key_errors import SecurityKeyInvalid, SecurityKeyStale, SecurityKeysUnavailable
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.hkdf import equal

CHALLENGE, CHALLENGE_SECONDS = 32, 120
_MEMBER_MOST = 8192  # characters of base64url; without attestation an answer is a tenth of it
_VERIFICATION = UserVerificationRequirement.DISCOURAGED
_SELECTION = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=_VERIFICATION
)


@dataclass(frozen=True, slots=True)
class Credential:
    """A key pair of an authenticator: its id (1 to 1023 bytes), its public key (COSE), the host that it is for."""

    id: bytes
    public_key: bytes
    rp_id: str
    transports: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """As it is wrapped in the database."""
        binary = {"id": b64u_encode(self.id), "public_key": b64u_encode(self.public_key)}
        return json.dumps(binary | {"rp_id": self.rp_id, "transports": self.transports}).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Credential":
        """The reverse of `packed`."""
        members = json.loads(packed)
        public_key, transports = b64u_decode(members["public_key"]), tuple(members["transports"])
        return cls(b64u_decode(members["id"]), public_key, members["rp_id"], transports)

    def described(self) -> PublicKeyCredentialDescriptor:
        """As a browser is told of it."""
        transports = [AuthenticatorTransport(one) for one in self.transports]
        return PublicKeyCredentialDescriptor(id=self.id, transports=transports or None)


def rp_id_of(origin: str) -> str:
    """The host of the portal's origin, for which keys are made. SecurityKeysUnavailable where it is an IP address."""
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host
    raise SecurityKeysUnavailable


def creation_options(
    *, user_id: UUID, login: str, name: str, origin: str, challenge: bytes, known: Iterable[Credential]
) -> dict[str, Any]:
    """A PublicKeyCredentialCreationOptionsJSON; `known` are not made anew. SecurityKeysUnavailable."""
    options = generate_registration_options(
        rp_id=rp_id_of(origin),
        rp_name="Sealpost",
        user_id=user_id.bytes,
        user_name=login,
        user_display_name=name or login,
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        authenticator_selection=_SELECTION,
        exclude_credentials=[one.described() for one in known],
    )
    return options_to_json_dict(options)


def request_options(*, origin: str, challenge: bytes, known: Iterable[Credential]) -> dict[str, Any]:
    """A PublicKeyCredentialRequestOptionsJSON for one of `known`. SecurityKeysUnavailable."""
    options = generate_authentication_options(
        rp_id=rp_id_of(origin),
        challenge=challenge,
        timeout=CHALLENGE_SECONDS * 1000,
        allow_credentials=[one.described() for one in known],
        user_verification=_VERIFICATION,
    )
    return options_to_json_dict(options)


def challenge_claimed(untrusted_answer: dict[str, Any]) -> bytes:
    """Which challenge an answer says it is to, 32 bytes. SecurityKeyStale for anything else."""
    try:
        _bounded(untrusted_answer)
        claimed = parse_client_data_json(b64u_decode(untrusted_answer["response"]["clientDataJSON"])).challenge
    except Exception:  # whatever a parser stumbles over is no answer to a challenge of ours
        raise SecurityKeyStale from None
    if len(claimed) != CHALLENGE:
        raise SecurityKeyStale
    return claimed


def registration_verify(untrusted_answer: dict[str, Any], *, challenge: bytes, origin: str) -> tuple[Credential, int]:
    """The credential of a RegistrationResponseJSON, and how often it was used.

    SecurityKeyInvalid, SecurityKeysUnavailable.
    """
    rp_id = rp_id_of(origin)
    try:
        _bounded(untrusted_answer)
        _attestation_check(untrusted_answer)
        made = verify_registration_response(
            credential=untrusted_answer, expected_challenge=challenge, expected_rp_id=rp_id, expected_origin=origin
        )
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
    except Exception:  # of the library, its CBOR and its X.509: none may be anything but this refusal
        raise SecurityKeyInvalid from None
    transports = _transports(untrusted_answer)
    return Credential(made.credential_id, made.credential_public_key, rp_id, transports), made.sign_count


def assertion_verify(
    untrusted_answer: dict[str, Any], *, credential: Credential, user_id: UUID, challenge: bytes, origin: str
) -> int | None:
    """How often the key says it was used, once its AuthenticationResponseJSON is verified; None for a wrong one.

    The count is the caller's to compare: py_webauthn would do so before it has looked at the signature.
    """
    try:
        _bounded(untrusted_answer)
        _client_check(untrusted_answer)
        handle = parse_authentication_credential_json(untrusted_answer).response.user_handle
        verified = verify_authentication_response(
            credential=untrusted_answer,
            expected_challenge=challenge,
            expected_rp_id=rp_id_of(origin),
            expected_origin=origin,
            credential_public_key=credential.public_key,
            credential_current_sign_count=0,
        )
    except Exception:  # as above
        return None
    if not equal(verified.credential_id, credential.id) or (handle and not equal(handle, user_id.bytes)):
        return None
    return verified.new_sign_count


def _bounded(untrusted_answer: dict[str, Any]) -> None:
    texts = [untrusted_answer["id"], *untrusted_answer["response"].values()]
    if any(isinstance(text, str) and len(text) > _MEMBER_MOST for text in texts):
        raise ValueError


def _client_check(untrusted_answer: dict[str, Any]) -> None:
    """Answers that were asked for within another site's frame are refused; py_webauthn lets them pass."""
    if parse_client_data_json(b64u_decode(untrusted_answer["response"]["clientDataJSON"])).cross_origin:
        raise ValueError


def _attestation_check(untrusted_answer: dict[str, Any]) -> None:
    """No attestation is asked for, so a browser leaves none but one by the key itself: no certificate is ever read."""
    _client_check(untrusted_answer)
    attestation = parse_attestation_object(b64u_decode(untrusted_answer["response"]["attestationObject"]))
    by_itself = attestation.fmt == AttestationFormat.PACKED and not attestation.att_stmt.x5c
    if attestation.fmt != AttestationFormat.NONE and not by_itself:
        raise ValueError


def _transports(untrusted_answer: dict[str, Any]) -> tuple[str, ...]:
    named = untrusted_answer["response"].get("transports")
    known = [one.value for one in AuthenticatorTransport]
    return tuple(one for one in known if isinstance(named, list) and one in named)
