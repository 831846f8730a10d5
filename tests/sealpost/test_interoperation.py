"""Python ↔ JavaScript both ways, Python ↔ Tink both ways, and a second implementation of the signature."""

import io
import json
import os
from types import SimpleNamespace
from uuid import UUID, uuid4

import http_message_signatures
import pytest
import tink
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from sealpost.client.container import Container, ContainerCipher, ContainerHead
from sealpost.crypto import stream
from sealpost.crypto.hpke import hpke_open, hpke_seal, key_pair_new
from sealpost.crypto.kdf import KdfParameters
from sealpost.crypto.wrap import unwrap, wrap
from sealpost.protocol import handshake
from sealpost.protocol.body import BodyContext, answer_seal, request_open
from sealpost.protocol.enrolment import enrolment_open, fingerprint, link_new
from sealpost.protocol.keys import user_keys
from sealpost.protocol.signature import signature_headers, signature_parse, signature_verified

pytestmark = pytest.mark.engine

_FIRST, _NEXT = stream.SEGMENT - 56, stream.SEGMENT - 16
SIZES = [0, 1, _FIRST - 1, _FIRST, _FIRST + 1, _FIRST + _NEXT - 1, _FIRST + _NEXT, _FIRST + _NEXT + 1, 3_300_000]


@pytest.mark.parametrize("size", SIZES)
def test_stream_between_python_and_javascript(javascript, size):
    key, aad, plaintext = os.urandom(32), b"bound to this", os.urandom(size)
    assert javascript("streamOpen", key=key, sealed=stream.seal(key, plaintext, aad=aad), aad=aad) == plaintext
    assert stream.open(key, javascript("streamSeal", key=key, plaintext=plaintext, aad=aad), aad=aad) == plaintext


def tink_primitive(key: bytes) -> streaming_aead.StreamingAead:
    """Tink's AES256_GCM_HKDF_1MB with this key."""
    parameters = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=1 << 20, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
    )
    proto = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(version=0, params=parameters, key_value=key)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        value=proto.SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    keyset.key.add(key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW)
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


class Kept(io.BytesIO):
    """A buffer that can be read after Tink has closed it."""

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


@pytest.mark.parametrize("size", SIZES)
def test_stream_between_python_and_tink(size):
    streaming_aead.register()
    key, aad, plaintext = os.urandom(32), b"bound to this", os.urandom(size)
    primitive = tink_primitive(key)
    with primitive.new_decrypting_stream(io.BytesIO(stream.seal(key, plaintext, aad=aad)), aad) as opened:
        assert opened.read() == plaintext
    sealed = Kept()
    with primitive.new_encrypting_stream(sealed, aad) as sealing:
        sealing.write(plaintext)
    assert stream.open(key, sealed.content, aad=aad) == plaintext


def test_wrap_between_python_and_javascript(javascript):
    key, secret, aad = os.urandom(32), os.urandom(32), b"purpose and owner"
    assert javascript("unwrap", key=key, wrapped=wrap(key, secret, version=7, aad=aad), aad=aad) == secret
    assert unwrap(key, javascript("wrap", key=key, secret=secret, version=7, aad=aad), aad=aad) == secret


def test_hpke_between_cryptography_and_hpke_core(javascript):
    private, public = key_pair_new()
    plaintext, info = os.urandom(500), b"info"
    sealed = hpke_seal(public, plaintext, info=info)
    assert javascript("hpkeOpen", privateKey=private, sealed=sealed, info=info) == plaintext
    there = javascript("hpkeSeal", publicKey=public, plaintext=plaintext, info=info)
    assert hpke_open(private, there, info=info) == plaintext


def test_handshake_of_both_engines_agrees_for_any_bytes(javascript):
    """Leading zeros, signs of any alphabet: what one engine says the other takes."""
    for number in range(60):
        salt, kid = bytes([0] * (number % 5)) + os.urandom(16 - number % 5), os.urandom(16)
        members = {
            "origin": "https://exchange.example", "login": f" Änä{number}@Aster.example ", "challenge": str(uuid4()),
        }  # fmt: skip
        nonces = {"clientNonce": os.urandom(32), "serverNonce": bytes(number % 3) + os.urandom(32 - number % 3)}
        parameters, root = KdfParameters(1, 65536, 3, 4), os.urandom(32)
        keys = user_keys(root, parameters=parameters, salt=salt, kid=kid)
        agreed = handshake.transcript(
            origin=members["origin"], login=members["login"], challenge=UUID(members["challenge"]),
            client_nonce=nonces["clientNonce"], server_nonce=nonces["serverNonce"], parameters=parameters, salt=salt,
            kid=kid,
        )  # fmt: skip
        there = javascript(
            "proofs", root=root, kid=kid, salt=salt, parameters={"suite": 1, "m": 65536, "t": 3, "p": 4}, **members,
            **nonces,
        )  # fmt: skip
        assert there == {
            "transcript": agreed.hex(),
            "sharedKey": keys.shared_key.hex(),
            "storedKey": keys.login.stored_key.hex(),
            "serverKey": keys.login.server_key.hex(),
            "proof": handshake.client_proof(keys.login, agreed).hex(),
            "confirmation": handshake.client_confirmation(keys.shared_key, agreed).hex(),
        }


def test_an_invitation_taken_up_in_javascript_is_opened_in_python(javascript):
    private, public = key_pair_new()
    link, key, origin = link_new(uuid4(), public_key=public), uuid4(), "https://exchange.example"
    root, salt, kid = os.urandom(32), os.urandom(16), os.urandom(16)
    members = {"suite": 1, "m": 65536, "t": 3, "p": 4}
    sealed = javascript(
        "enrol", fragment=link.fragment(), origin=origin, key=str(key), publicKey=public, root=root, kid=kid, salt=salt,
        parameters=members,
    )  # fmt: skip
    assert fingerprint(public) == link.fingerprint
    bundle = enrolment_open(
        sealed, private_key=private, secret=link.secret, origin=origin, invitation=link.invitation, key=key
    )
    keys = user_keys(root, parameters=KdfParameters(**members), salt=salt, kid=kid)
    assert (bundle.shared_key, bundle.stored_key) == (keys.shared_key, keys.login.stored_key)


def test_bodies_between_the_engines(javascript):
    key, nonce, session = os.urandom(32), os.urandom(16), uuid4()
    context = BodyContext("POST", "https://x.example/api?a=ü", nonce, session, "application/json", 0)
    given = {
        "method": "POST", "targetUri": context.target_uri, "nonce": nonce, "session": str(session),
        "contentType": "application/json",
    }  # fmt: skip
    plaintext = json.dumps({"subject": "Ä"}).encode()
    sealed = javascript("requestSeal", key=key, plaintext=plaintext, status=0, **given)
    assert request_open(key, sealed, context) == plaintext
    answer = BodyContext("POST", context.target_uri, nonce, session, "application/json", 201)
    there = javascript("answerOpen", key=key, sealed=answer_seal(key, plaintext, answer), status=201, **given)
    assert there == plaintext


@pytest.mark.parametrize("body", [None, b"", b"sealed bytes"])
def test_signatures_of_both_engines_are_the_same(javascript, body):
    key, nonce, session, target = os.urandom(32), os.urandom(16), uuid4(), "https://x.example/api/v1/me?a=1"
    headers, _ = signature_headers(
        key, session=session, method="POST", target_uri=target, body=body, nonce=nonce, created=1795000000
    )
    there = javascript(
        "sign", key=key, body=body, nonce=nonce, session=str(session), method="POST", targetUri=target,
        created=1795000000,
    )  # fmt: skip
    assert there == headers


def test_a_container_of_one_engine_is_opened_by_the_other(javascript):
    key, kid, salt, plaintext = os.urandom(32), os.urandom(16), os.urandom(16), os.urandom(5000)
    description = {"name": "Ärger.pdf", "type": "application/pdf", "size": 5000, "sha256": "0" * 64}
    members = {"suite": 1, "m": 65536, "t": 3, "p": 4}
    there = javascript(
        "containerSeal", sharedKey=key, plaintext=plaintext, kid=kid, salt=salt, parameters=members,
        description=description,
    )  # fmt: skip
    opened = Container(io.BytesIO(there))
    assert (opened.head.kid, opened.head.salt, opened.head.parameters) == (kid, salt, KdfParameters(**members))
    assert opened.description(key) == description
    assert b"".join(opened.content(key)) == plaintext
    cipher = ContainerCipher(key, ContainerHead(KdfParameters(**members), salt, kid, os.urandom(16)), description)
    here = cipher.begin + cipher.segment(0, True, plaintext)
    assert len(here) == cipher.length(len(plaintext))
    assert javascript("containerOpen", sharedKey=key, sealed=here) == plaintext


class _Resolver(http_message_signatures.HTTPSignatureKeyResolver):
    def __init__(self, key: bytes) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> bytes:
        return self._key

    resolve_private_key = resolve_public_key


def test_a_library_for_rfc_9421_verifies_our_signature_and_we_its():
    key, session, target = os.urandom(32), uuid4(), "https://x.example/api/v1/me?a=1"
    headers, _ = signature_headers(key, session=session, method="GET", target_uri=target, body=None)
    prepared = SimpleNamespace(method="GET", url=target, headers=headers)
    verifier = http_message_signatures.HTTPMessageVerifier(
        signature_algorithm=http_message_signatures.algorithms.HMAC_SHA256, key_resolver=_Resolver(key)
    )
    (result,) = verifier.verify(prepared)
    assert result.parameters["keyid"] == str(session)
    claim = signature_parse(headers["Signature-Input"], headers["Signature"])
    assert signature_verified(key, claim, method="GET", target_uri=target, digest=None)
