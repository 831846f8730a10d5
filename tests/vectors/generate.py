"""Makes the vectors of docs/protocol.md that no RFC has: `python -m tests.vectors.generate`.

Everything is derived from fixed inputs; random headers and salts are patched to fixed bytes, so that a second run gives
the same files.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from sealpost.client import container
from sealpost.crypto import hpke, kdf, signing, stream, wrap
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.hkdf import label
from sealpost.crypto.merkle import MerkleTree, Span
from sealpost.protocol import audit, audit_file, body, bundle, content, enrolment, handshake, keys, signature

FOLDER = Path(__file__).parent
ORIGIN = "tests/vectors/generate.py, from docs/protocol.md"
PLACE = "https://exchange.example"
KID, SALT, T = bytes(range(16)), bytes(range(16, 32)), hashlib.sha256(b"transcript").digest()
SESSION = UUID("00112233-4455-6677-8899-aabbccddeeff")
TRANSFER = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
DOCUMENT = UUID("f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f")
FAST = kdf.KdfParameters(suite=1, m=47104, t=2, p=1)
SIZES = [0, 1, 1048519, 1048520, 1048521, 2097079, 2097080, 2097081, 3145728]


def pattern(size: int) -> bytes:
    """A plaintext that every language can make: byte i is (i·31 + i≫8) mod 256."""
    block = bytes((i * 31 + (i >> 8)) & 0xFF for i in range(1 << 16))
    return (block * (size // len(block) + 1))[:size]


def fixed_random(size: int) -> bytes:
    """Stands in for os.urandom."""
    return bytes((i * 7 + 3) & 0xFF for i in range(size))


def _write(name: str, cases: list[dict[str, Any]]) -> None:
    text = json.dumps({"origin": ORIGIN, "cases": cases}, indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n")


def _kdf() -> list[dict[str, Any]]:
    passwords = [
        ("correct horse battery staple", FAST),
        ("pa\u0308ssword \u2126 NFC", FAST),
        ("six words", kdf.PASSWORD),
    ]
    cases = [
        {
            "suite": 1, "password": password, "m": p.m, "t": p.t, "p": p.p, "salt": SALT.hex(),
            "root": kdf.password_root(password, salt=SALT, parameters=p).hex(),
        }
        for password, p in passwords
    ]  # fmt: skip
    secret = fixed_random(32)
    root = kdf.secret_root(secret, salt=SALT, parameters=kdf.SECRET)
    written = {"secret": kdf.secret_format(secret), "secret_bytes": secret.hex()}
    return [*cases, {"suite": 0, **written, "m": 0, "t": 0, "p": 0, "salt": SALT.hex(), "root": root.hex()}]


def _user() -> keys.UserKeys:
    return keys.user_keys(fixed_random(32), parameters=FAST, salt=SALT, kid=KID)


def _keys() -> list[dict[str, Any]]:
    user = _user()
    return [
        {
            "root": fixed_random(32).hex(), "kid": KID.hex(), "shared_key": user.shared_key.hex(),
            "client_key": user.login.client_key.hex(), "stored_key": user.login.stored_key.hex(),
            "server_key": user.login.server_key.hex(), "local_draft": keys.local_key(user.shared_key, "draft").hex(),
            "label": label("handshake", "a", b"", "ü").hex(),
        }
    ]  # fmt: skip


def _stream() -> list[dict[str, Any]]:
    key, aad, header = fixed_random(32), b"aad", bytes([40]) + fixed_random(39)
    cases = []
    for size in SIZES:
        sealed = b"".join(stream.seal_stream(key, [pattern(size)], aad=aad, header=header))
        cases.append(
            {
                "key": key.hex(), "aad": aad.hex(), "header": header.hex(), "size": size, "wire_length": len(sealed),
                "segments": stream.segment_count(size), "sha256": hashlib.sha256(sealed).hexdigest(),
                "sealed": sealed.hex() if size < 100 else None,
            }
        )  # fmt: skip
    return cases


def _wrap() -> list[dict[str, Any]]:
    key, aad = fixed_random(32), wrap.wrap_aad(purpose="shared-key", owner="tenant:1", row="r")
    wrapped = wrap.wrap(key, b"a secret of 32 bytes, as K would", version=7, aad=aad)
    return [
        {
            "key": key.hex(),
            "aad": aad.hex(),
            "secret": b"a secret of 32 bytes, as K would".hex(),
            "wrapped": wrapped.hex(),
        }
    ]


def _handshake() -> list[dict[str, Any]]:
    user = _user()
    fields = {
        "origin": PLACE, "login": " Ana@Aster.Example ", "client_nonce": fixed_random(32), "parameters": FAST,
        "salt": SALT, "kid": KID, "server_nonce": bytes(32), "challenge": TRANSFER,
    }  # fmt: skip
    agreed = handshake.transcript(**fields)
    session = handshake.session_keys(user.shared_key, agreed)
    digest = bundle.bundle_digest(user)
    return [
        {
            "root": fixed_random(32).hex(), "origin": PLACE, "login": fields["login"], "challenge": str(TRANSFER),
            "client_nonce": fixed_random(32).hex(), "server_nonce": bytes(32).hex(), "salt": SALT.hex(),
            "kid": KID.hex(), "m": FAST.m, "t": FAST.t, "p": FAST.p, "session": str(SESSION),
            "transcript": agreed.hex(),
            "proof": handshake.client_proof(user.login, agreed).hex(),
            "confirmation": handshake.client_confirmation(user.shared_key, agreed).hex(),
            "server_signature": handshake.server_signature(user.login.server_key, agreed, SESSION).hex(),
            "server_confirmation": handshake.server_confirmation(user.shared_key, agreed, SESSION).hex(),
            "sign": session.sign.hex(), "c2s": session.c2s.hex(), "s2c": session.s2c.hex(),
            "bundle_digest": digest.hex(),
            "change_proof": handshake.change_proof(user.login, transcript=agreed, digest=digest).hex(),
        }
    ]  # fmt: skip


def _signature() -> list[dict[str, Any]]:
    cases = []
    for method, target, sealed in [("GET", "/api/v1/me?x=%20a", None), ("POST", "/api/v1/messages", b"sealed bytes")]:
        given = {"session": SESSION, "method": method, "target_uri": PLACE + target}
        headers, _ = signature.signature_headers(
            fixed_random(32), **given, body=sealed, nonce=fixed_random(16), created=1790000000
        )
        cases.append(
            {
                "key": fixed_random(32).hex(), "method": method, "target_uri": PLACE + target, "session": str(SESSION),
                "nonce": fixed_random(16).hex(), "created": 1790000000, "body": sealed.hex() if sealed else None,
                "headers": headers,
            }
        )  # fmt: skip
    return cases


def _body() -> list[dict[str, Any]]:
    cases = []
    for direction, status in [("c2s", 0), ("s2c", 201)]:
        given = {"method": "POST", "target_uri": f"{PLACE}/api/v1/messages", "content_type": "application/json"}
        context = body.BodyContext(**given, nonce=fixed_random(16), session=SESSION, status=status)
        work = body.request_seal if direction == "c2s" else body.answer_seal
        sealed = work(fixed_random(32), b'{"subject":"\xc3\xbc"}', context)
        cases.append(
            given | {
                "direction": direction, "status": status, "nonce": fixed_random(16).hex(), "session": str(SESSION),
                "key": fixed_random(32).hex(), "plaintext": '{"subject":"ü"}', "sealed": sealed.hex(),
            }
        )  # fmt: skip
    return cases


def _content() -> list[dict[str, Any]]:
    cases = []
    for direction, document in [("up", TRANSFER), ("down", DOCUMENT)]:
        key = content.object_key(_user().shared_key, direction=direction, transfer=TRANSFER, kid=KID, document=document)
        cases.append(
            {
                "shared_key": _user().shared_key.hex(), "direction": direction, "transfer": str(TRANSFER),
                "kid": KID.hex(), "document": str(document), "key": key.key.hex(),
                "commitment": key.commitment.hex(), "aad": key.aad.hex(),
            }
        )  # fmt: skip
    return cases


def _enrolment() -> list[dict[str, Any]]:
    private = fixed_random(32)
    public = hpke.public_key(private)
    link = enrolment.InvitationLink(SESSION, fixed_random(32), enrolment.fingerprint(public))
    sealed = enrolment.enrolment_seal(_user(), link, origin=PLACE, key=DOCUMENT, public_key=public)
    view = stream.seal(
        enrolment.view_key(link.secret, invitation=SESSION), b'{"login":"ana@aster.example"}',
        aad=enrolment.view_aad(invitation=SESSION, nonce=fixed_random(16)),
    )  # fmt: skip
    return [
        {
            "private_key": private.hex(), "public_key": public.hex(), "fragment": link.fragment(), "origin": PLACE,
            "key": str(DOCUMENT), "sealed": sealed.hex(), "shared_key": _user().shared_key.hex(),
            "nonce": fixed_random(16).hex(), "view_proof": enrolment.view_proof(link.secret, invitation=SESSION,
            nonce=fixed_random(16)).hex(), "view": view.hex(),
        }
    ]  # fmt: skip


def _container() -> list[dict[str, Any]]:
    head = container.ContainerHead(FAST, SALT, KID, fixed_random(16))
    cases = []
    for size in (0, 5, 1048521):
        plaintext, shared_key = pattern(size), _user().shared_key
        description = {"name": "Verträge.pdf", "type": "application/pdf", "size": size}
        cipher = container.ContainerCipher(shared_key, head, description)
        count = stream.segment_count(size)
        parts = [stream.segment_plaintext(index, size) for index in range(count)]
        segments = [
            cipher.segment(index, index == count - 1, plaintext[offset : offset + length])
            for index, (offset, length) in enumerate(parts)
        ]
        whole = cipher.begin + b"".join(segments)
        cases.append(
            {
                "shared_key": shared_key.hex(), "head": head.encode().hex(), "salt": SALT.hex(), "kid": KID.hex(),
                "record": fixed_random(16).hex(), "suite": FAST.suite, "m": FAST.m, "t": FAST.t, "p": FAST.p,
                "description": description, "size": size, "length": len(whole), "begin": cipher.begin.hex(),
                "sha256": hashlib.sha256(whole).hexdigest(), "container": whole.hex() if size < 100 else None,
            }
        )  # fmt: skip
    return cases


AUDIT_EVENTS: list[dict[str, Any]] = [
    {"at": "2026-11-25T08:00:00+00:00", "actor": None, "action": "tenant.created", "subject": DOCUMENT, "details": {}},
    {
        "at": "2026-11-25T08:00:01.000250+00:00", "actor": SESSION, "action": "user.invited", "subject": TRANSFER,
        "details": {"role": "auditor", "Z": [1, None, True], "a": {"y": "ü", "x": -7}},
    },
    {"at": "2026-11-25T08:00:02.500000+00:00", "actor": SESSION, "action": "session.opened", "subject": None,
     "details": {"operator": 3}},
]  # fmt: skip


def _audit() -> list[dict[str, Any]]:
    """A chain of three events, each as it is hashed; a checkpoint; exports of all of it and of the second event."""
    private = fixed_random(32)
    public = signing.public_key(private)
    previous, tree, chain = audit.GENESIS, MerkleTree(), []
    for seq, given in enumerate(AUDIT_EVENTS, 1):
        event = audit.Event(tenant=SESSION, seq=seq, **given)
        found = event.hash(previous)
        shown = {name: str(part) if isinstance(part, UUID) else part for name, part in given.items()}
        chain.append({"seq": seq, **shown, "previous": previous.hex(), "hash": found.hex()})
        previous = found
        tree.append(found)
    checkpoint = audit.Checkpoint(SESSION, 3, tree.root(), previous, bytes(32), "2026-11-25T09:00:00+00:00", DOCUMENT)
    signature = signing.sign(private, checkpoint.statement())
    signed = {
        "seq": 3, "at": checkpoint.at, "root": checkpoint.root.hex(), "head": previous.hex(), "previous": "00" * 32,
        "key": str(DOCUMENT), "signature": b64u_encode(signature),
    }  # fmt: skip
    whole = [{"kind": "event", **event} for event in chain]
    parts = [_left_out(chain, 0), whole[1], _left_out(chain, 2)]
    return [
        {
            "private_key": private.hex(), "public_key": public.hex(), "fingerprint": signing.fingerprint(public),
            "tenant": str(SESSION), "key": str(DOCUMENT), "events": chain, "edge": tree.edge.hex(),
            "checkpoint": signed, "statement": checkpoint.statement().hex(), "digest": checkpoint.digest().hex(),
            "export": _export(private, [*whole, {"kind": "checkpoint", **signed}], omitted=0),
            "filtered_export": _export(private, [*parts, {"kind": "checkpoint", **signed}], omitted=2),
        }
    ]  # fmt: skip


def _left_out(chain: list[dict[str, Any]], at: int) -> dict[str, Any]:
    span = Span(at)
    span.append(bytes.fromhex(chain[at]["hash"]))
    return {"kind": "omitted", "first": at + 1, "last": at + 1, "nodes": [node.hex() for node in span.nodes]}


def _export(private: bytes, body_lines: list[dict[str, Any]], *, omitted: int) -> list[str]:
    header = {
        "kind": "header", "format": audit.FORMAT, "tenant": str(SESSION), "organisation": "Aster Legal", "last": 3,
        "filtered": bool(omitted), "filters": {"event": "user"} if omitted else {},
        "made_at": "2026-11-25T09:00:01+00:00",
        "keys": [{"id": str(DOCUMENT), "public": b64u_encode(signing.public_key(private))}],
    }  # fmt: skip
    lines = [audit_file.line_write(members) for members in (header, *body_lines)]
    digest = audit.GENESIS
    for line in lines:
        digest = audit.line_digest(digest, line)
    counted = {"events": 3 - omitted, "omitted": omitted}
    statement = audit.trailer_statement(tenant=SESSION, **counted, digest=digest, key=DOCUMENT)
    signature = b64u_encode(signing.sign(private, statement))
    trailer = {"kind": "trailer", **counted, "digest": digest.hex(), "key": str(DOCUMENT), "signature": signature}
    return [*lines, audit_file.line_write(trailer)]


def main() -> None:
    """Write every file."""
    with mock.patch.object(os, "urandom", fixed_random):
        for name, make in {
            "kdf": _kdf, "keys": _keys, "stream": _stream, "wrap": _wrap, "handshake": _handshake,
            "signature": _signature, "body": _body, "content": _content, "enrolment": _enrolment,
            "container": _container,
            "audit": _audit,
        }.items():  # fmt: skip
            _write(name, make())


if __name__ == "__main__":
    main()
