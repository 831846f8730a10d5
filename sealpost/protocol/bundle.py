"""The key bundle: how a new shared key reaches the server (docs/protocol.md, sections 6.1 and 8)."""

import json
from dataclasses import dataclass, field
from typing import Any

from sealpost.crypto.encoding import EncodingInvalid, b64u_decode, b64u_encode
from sealpost.crypto.hkdf import label, sha256, u32be
from sealpost.crypto.kdf import SALT, KdfParameters
from sealpost.protocol.keys import KID, UserKeys

_NUMBERS = ("suite", "m", "t", "p")
_BYTES = {"salt": SALT, "kid": KID, "shared_key": 32, "stored_key": 32, "server_key": 32, "proof": 32}


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """Parameters, keys and a proof that binds them to an invitation or to the old password."""

    parameters: KdfParameters
    salt: bytes
    kid: bytes
    shared_key: bytes = field(repr=False)
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    proof: bytes = field(repr=False)

    def digest(self) -> bytes:
        """SHA-256 over every member but the proof."""
        numbers = [u32be(getattr(self.parameters, name)) for name in _NUMBERS]
        keys = (self.shared_key, self.stored_key, self.server_key)
        return sha256(label("bundle", *numbers, self.salt, self.kid, *keys))


def bundle_digest(keys: UserKeys) -> bytes:
    """The digest that a proof for `keys` covers."""
    return _bundle(keys, proof=b"").digest()


def _bundle(keys: UserKeys, *, proof: bytes) -> KeyBundle:
    return KeyBundle(
        parameters=keys.parameters,
        salt=keys.salt,
        kid=keys.kid,
        shared_key=keys.shared_key,
        stored_key=keys.login.stored_key,
        server_key=keys.login.server_key,
        proof=proof,
    )


def bundle_members(keys: UserKeys, *, proof: bytes) -> dict[str, Any]:
    """The JSON members of section 6.1."""
    bundle = _bundle(keys, proof=proof)
    numbers = {name: getattr(bundle.parameters, name) for name in _NUMBERS}
    return numbers | {name: b64u_encode(getattr(bundle, name)) for name in _BYTES}


def bundle_parse(members: Any) -> KeyBundle:
    """A bundle from its JSON members; EncodingInvalid for a missing, unknown or malformed one."""
    if not isinstance(members, dict) or set(members) != {*_NUMBERS, *_BYTES}:
        raise EncodingInvalid
    if not all(type(members[name]) is int and 0 <= members[name] < 1 << 32 for name in _NUMBERS):
        raise EncodingInvalid
    parameters = KdfParameters(**{name: members[name] for name in _NUMBERS})
    return KeyBundle(parameters=parameters, **{name: b64u_decode(members[name], n) for name, n in _BYTES.items()})


def bundle_encode(keys: UserKeys, *, proof: bytes) -> bytes:
    """UTF-8 JSON of the bundle."""
    return json.dumps(bundle_members(keys, proof=proof)).encode()
