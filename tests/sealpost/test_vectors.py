"""The Python engine against tests/vectors, which the JavaScript engine runs too (tests/js/vectors.test.mjs)."""

import hashlib
import io
import json
from pathlib import Path
from uuid import UUID

import pytest

from sealpost.client.container import Container, ContainerHead
from sealpost.crypto import signing, stream
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.hkdf import hkdf, label
from sealpost.crypto.kdf import KdfParameters, password_root, secret_root
from sealpost.crypto.merkle import MerkleTree
from sealpost.crypto.wrap import unwrap
from sealpost.errors import DecryptionError
from sealpost.protocol import handshake
from sealpost.protocol.audit import Checkpoint, Event
from sealpost.protocol.audit_file import file_verify
from sealpost.protocol.body import BodyContext, answer_open, request_open
from sealpost.protocol.bundle import bundle_digest
from sealpost.protocol.content import object_key
from sealpost.protocol.enrolment import enrolment_open, link_parse, view_aad, view_key, view_proof
from sealpost.protocol.keys import local_aad, local_key, user_keys
from sealpost.protocol.signature import signature_headers, signature_parse, signature_verified

pytestmark = pytest.mark.engine

_FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def cases(name: str) -> list[dict]:
    """Cases of one file; each file says where they come from."""
    file = json.loads((_FOLDER / f"{name}.json").read_text())
    assert file["origin"]
    return file["cases"]


def b(text: str) -> bytes:
    return bytes.fromhex(text)


def pattern(size: int) -> bytes:
    """Bytes that both engines make alike: they repeat every 64 KiB."""
    once = bytes((i * 31 + (i >> 8)) & 0xFF for i in range(1 << 16))
    return (once * (size // len(once) + 1))[:size]


@pytest.mark.parametrize("case", cases("hkdf"))
def test_hkdf(case):
    found = hkdf(b(case["ikm"]), salt=b(case["salt"]), info=b(case["info"]), length=case["length"])
    assert found.hex() == case["okm"]


@pytest.mark.parametrize("case", cases("kdf"))
def test_kdf(case):
    parameters = KdfParameters(case["suite"], case["m"], case["t"], case["p"])
    if case["suite"]:
        found = password_root(case["password"], salt=b(case["salt"]), parameters=parameters)
    else:
        found = secret_root(b(case["secret_bytes"]), salt=b(case["salt"]), parameters=parameters)
    assert found.hex() == case["root"]


@pytest.mark.parametrize("case", cases("keys"))
def test_keys(case):
    keys = user_keys(b(case["root"]), parameters=KdfParameters(0, 0, 0, 0), salt=bytes(16), kid=b(case["kid"]))
    assert keys.shared_key.hex() == case["shared_key"]
    login = keys.login
    assert [login.client_key.hex(), login.stored_key.hex(), login.server_key.hex()] == [
        case["client_key"], case["stored_key"], case["server_key"]
    ]  # fmt: skip
    assert label("handshake", "a", b"", "ü").hex() == case["label"]
    assert local_key(keys.shared_key, "draft").hex() == case["local_draft"]


@pytest.mark.parametrize("case", cases("stream"), ids=lambda case: str(case["size"]))
def test_stream(case):
    plaintext = pattern(case["size"])
    sealed = b"".join(stream.seal_stream(b(case["key"]), [plaintext], aad=b(case["aad"]), header=b(case["header"])))
    assert len(sealed) == case["wire_length"] == stream.wire_length(case["size"])
    assert hashlib.sha256(sealed).hexdigest() == case["sha256"]
    assert stream.open(b(case["key"]), sealed, aad=b(case["aad"])) == plaintext


@pytest.mark.parametrize("case", cases("wrap"))
def test_wrap(case):
    assert unwrap(b(case["key"]), b(case["wrapped"]), aad=b(case["aad"])).hex() == case["secret"]


@pytest.mark.parametrize("case", cases("handshake"))
def test_handshake(case):
    parameters = KdfParameters(1, case["m"], case["t"], case["p"])
    keys = user_keys(b(case["root"]), parameters=parameters, salt=b(case["salt"]), kid=b(case["kid"]))
    agreed = handshake.transcript(
        origin=case["origin"], login=case["login"], client_nonce=b(case["client_nonce"]), parameters=parameters,
        salt=b(case["salt"]), kid=b(case["kid"]), server_nonce=b(case["server_nonce"]),
        challenge=UUID(case["challenge"]),
    )  # fmt: skip
    session = UUID(case["session"])
    assert agreed.hex() == case["transcript"]
    assert handshake.client_proof(keys.login, agreed).hex() == case["proof"]
    assert handshake.client_confirmation(keys.shared_key, agreed).hex() == case["confirmation"]
    assert handshake.server_signature(keys.login.server_key, agreed, session).hex() == case["server_signature"]
    answer = {
        "transcript": agreed, "session": session, "signature": b(case["server_signature"]),
        "confirmation": b(case["server_confirmation"]),
    }  # fmt: skip
    handshake.server_verify(keys, **answer)
    for name in ("signature", "confirmation"):
        with pytest.raises(DecryptionError):
            handshake.server_verify(keys, **(answer | {name: bytes(32)}))
    found = handshake.session_keys(keys.shared_key, agreed)
    assert [found.sign.hex(), found.c2s.hex(), found.s2c.hex()] == [case["sign"], case["c2s"], case["s2c"]]
    digest = bundle_digest(keys)
    assert digest.hex() == case["bundle_digest"]
    assert handshake.change_proof(keys.login, transcript=agreed, digest=digest).hex() == case["change_proof"]


@pytest.mark.parametrize("case", cases("signature"))
def test_signature(case):
    body = b(case["body"]) if case["body"] else None
    headers, nonce = signature_headers(
        b(case["key"]), session=UUID(case["session"]), method=case["method"], target_uri=case["target_uri"], body=body,
        nonce=b(case["nonce"]), created=case["created"],
    )  # fmt: skip
    assert headers == case["headers"]
    assert nonce.hex() == case["nonce"]
    claim = signature_parse(headers["Signature-Input"], headers["Signature"])
    given = {"method": case["method"], "target_uri": case["target_uri"], "digest": headers.get("Content-Digest")}
    assert signature_verified(b(case["key"]), claim, **given)
    for name, other in (("method", "PATCH"), ("target_uri", case["target_uri"] + "x"), ("digest", "sha-256=:AA==:")):
        assert not signature_verified(b(case["key"]), claim, **(given | {name: other})) or given[name] is None


@pytest.mark.parametrize("case", cases("body"))
def test_body(case):
    context = BodyContext(
        case["method"],
        case["target_uri"],
        b(case["nonce"]),
        UUID(case["session"]),
        case["content_type"],
        case["status"],
    )
    opened = request_open if case["direction"] == "c2s" else answer_open
    assert opened(b(case["key"]), b(case["sealed"]), context).decode() == case["plaintext"]


@pytest.mark.parametrize("case", cases("content"))
def test_content(case):
    key = object_key(
        b(case["shared_key"]), direction=case["direction"], transfer=UUID(case["transfer"]), kid=b(case["kid"]),
        document=UUID(case["document"]),
    )  # fmt: skip
    assert [key.key.hex(), key.commitment.hex(), key.aad.hex()] == [case["key"], case["commitment"], case["aad"]]
    with pytest.raises(DecryptionError):
        key.check(bytes(32))


@pytest.mark.parametrize("case", cases("enrolment"))
def test_enrolment(case):
    link = link_parse(case["fragment"])
    nonce, given = b(case["nonce"]), {"invitation": link.invitation}
    assert view_proof(link.secret, nonce=nonce, **given).hex() == case["view_proof"]
    view = stream.open(view_key(link.secret, **given), b(case["view"]), aad=view_aad(nonce=nonce, **given))
    assert json.loads(view)["login"] == "ana@aster.example"
    bundle = enrolment_open(
        b(case["sealed"]), private_key=b(case["private_key"]), secret=link.secret, origin=case["origin"],
        key=UUID(case["key"]), **given,
    )  # fmt: skip
    assert bundle.shared_key.hex() == case["shared_key"]


@pytest.mark.parametrize("case", cases("container"))
def test_container(case):
    key, head = b(case["shared_key"]), b(case["head"])
    parameters = KdfParameters(*(case[name] for name in ("suite", "m", "t", "p")))
    given = ContainerHead(parameters, b(case["salt"]), b(case["kid"]), b(case["record"]))
    assert (given.encode(), ContainerHead.parse(head)) == (head, given)
    begun = Container(io.BytesIO(b(case["begin"])))
    assert begun.description(key) == case["description"]
    header = b(case["begin"])[begun.start :]
    sealed = stream.seal_stream(
        local_key(key, "saved"), [pattern(case["size"])], aad=local_aad("saved", head), header=header
    )
    whole = b(case["begin"])[: begun.start] + b"".join(sealed)
    assert (len(whole), hashlib.sha256(whole).hexdigest()) == (case["length"], case["sha256"])
    assert b"".join(Container(io.BytesIO(whole)).content(key)) == pattern(case["size"])
    assert case["container"] in {None, whole.hex()}


@pytest.mark.parametrize("case", cases("audit"))
def test_audit(case):
    tenant, key = UUID(case["tenant"]), UUID(case["key"])
    previous, tree = bytes(32), MerkleTree()
    for given in case["events"]:
        ids = {name: UUID(given[name]) if given[name] else None for name in ("actor", "subject")}
        same = {name: given[name] for name in ("seq", "at", "action", "details")}
        found = Event(tenant=tenant, **same, **ids).hash(previous)
        assert (given["previous"], given["hash"]) == (previous.hex(), found.hex())
        previous = found
        tree.append(found)
    said = case["checkpoint"]
    assert (said["root"], said["head"], case["edge"]) == (tree.root().hex(), previous.hex(), tree.edge.hex())
    checkpoint = Checkpoint(tenant, said["seq"], tree.root(), previous, b(said["previous"]), said["at"], key)
    assert (checkpoint.statement().hex(), checkpoint.digest().hex()) == (case["statement"], case["digest"])
    public = b(case["public_key"])
    assert signing.public_key(b(case["private_key"])) == public
    assert signing.fingerprint(public) == case["fingerprint"]
    signing.verify(public, checkpoint.statement(), b64u_decode(said["signature"], 64))
    assert signing.sign(b(case["private_key"]), checkpoint.statement()) == b64u_decode(said["signature"], 64)


@pytest.mark.parametrize("case", cases("audit"))
@pytest.mark.parametrize(("name", "counts"), [("export", (3, 0)), ("filtered_export", (1, 2))])
def test_audit_export(case, name, counts):
    lines = [f"{line}\n".encode() for line in case[name]]
    said = file_verify(lines, fingerprints=[case["fingerprint"]])
    assert ((said.events, said.omitted), said.checkpoints) == (counts, 1)
