"""The mechanism M1 … M13, each shown against the running system. The docstrings quote what must be true."""

import hashlib
import json
from uuid import UUID, uuid4

import httpx
import pytest

from sealpost.client.errors import ServerRefused, ServerUnreachable
from sealpost.client.session import Server, sign_in
from sealpost.crypto.encoding import b64u_decode, b64u_encode
from sealpost.crypto.stream import HEADER, SEGMENT, open_stream
from sealpost.errors import DecryptionError
from sealpost.protocol.body import BodyContext, request_seal
from sealpost.protocol.content import object_key
from sealpost.protocol.enrolment import enrolment_seal, link_parse
from sealpost.protocol.keys import password_keys
from sealpost.protocol.signature import signature_headers
from tests.canary import hits
from tests.documents import noise, pdf, pdf_texts
from tests.people import waited
from tests.recording_proxy import RecordingProxy, TamperingProxy

pytestmark = [pytest.mark.running, pytest.mark.production, pytest.mark.timeout(300)]

STAMP = {"step": "pdf.stamp", "parameters": {"text": "Draft for {recipient}"}}


@pytest.fixture(scope="module")
def contract(tmp_path_factory):
    return pdf(tmp_path_factory.mktemp("documents") / "contract.pdf", pages=3)


@pytest.fixture(scope="module")
def message(sender, reader, contract):
    """A stamped contract from Ana to Ben, delivered: Ana's outbox detail."""
    shown = sender.send(contract, to=[reader.login], subject="Quarter three", note="please sign", steps=[STAMP])
    assert shown["job"]["state"] == "done", shown["job"]
    return shown


def raw_content(member, document: str) -> tuple[dict, bytes]:
    """Members and bytes of a transfer as they cross the wire."""
    path = f"/api/v1/documents/{document}/transfers"
    transfer, came = member.session.call("POST", path, {"purpose": "preview"}), []
    member.session.content(
        f"/api/v1/transfers/{transfer['transfer']}/content", start=0, read=lambda answer: came.append(answer.read())
    )
    return transfer, came[0]


def opened(shared_key: bytes, transfer: dict, content: bytes) -> bytes:
    key = object_key(
        shared_key,
        direction="down",
        transfer=UUID(transfer["transfer"]),
        kid=b64u_decode(transfer["kid"], 16),
        document=UUID(transfer["document"]),
    )
    return b"".join(open_stream(key.key, [content], aad=key.aad))


@pytest.mark.browser
def test_m1_the_server_delivers_a_page_with_the_engine_that_serves_on_any_machine(running, sender, visitor):
    """The server delivers a web page that carries the engine; nothing in it depends on the identity of the machine."""
    manifest = httpx.get(f"{running.url}/static/manifest.json").json()
    assert {"portal.js", "engine-worker.js", "kdf-worker.js"} <= manifest.keys()
    for name, digest in manifest.items():
        assert hashlib.sha256(httpx.get(f"{running.url}/static/{name}").content).hexdigest() == digest
    machines = [{}, {"user_agent": "Another machine", "locale": "de-DE", "timezone_id": "Asia/Tokyo"}]
    for options in machines:
        window = visitor(**options)
        window.sign_in(sender.login, sender.password)
        assert window.see("#who").text_content() == "Ana Aster"
        assert window.context.cookies() == []


@pytest.mark.browser
def test_m2_the_shared_key_comes_from_the_password_and_is_never_stored_on_the_client(sender, visitor):
    """Derived from what the user enters into the page; never stored on the client."""
    window = visitor()
    window.sign_in(sender.login, sender.password)
    stored = window.page.evaluate(
        """async () => {
          const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie];
          for (const { name, version } of await indexedDB.databases()) {
            const database = await new Promise((resolve) => {
              const opening = indexedDB.open(name, version);
              opening.onsuccess = () => resolve(opening.result);
            });
            for (const store of database.objectStoreNames) {
              const rows = await new Promise((resolve) => {
                const asked = database.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => resolve(asked.result);
              });
              found.push(...rows.map((row) => row instanceof CryptoKey ? "A KEY" : btoa(String.fromCharCode(...row))));
            }
          }
          return found;
        }"""
    )
    assert stored[:3] == ["{}", "{}", ""]
    assert "A KEY" not in stored
    sender.signin()
    kept = list((sender.folder / "config").rglob("*"))
    assert kept
    assert hits(kept, {"shared key": sender.session.shared_key, "password": sender.password.encode()}) == []


def test_m3_all_data_crosses_encrypted_not_file_contents_alone(running, sender, reader, tmp_path):
    """Subjects, notes, file names, recipient lists, lists, settings."""
    words = {name: f"{name}-{uuid4().hex}" for name in ("subject", "note", "name", "content")}
    file = tmp_path / f"{words['name']}.txt"
    file.write_text(words["content"] * 100)
    record = tmp_path / "traffic"
    with RecordingProxy(("127.0.0.1", running.port), record) as proxy:
        ana, ben = sender.through(proxy.url), reader.through(proxy.url)
        sent = ana.send(file, to=[ben.login], subject=words["subject"], note=words["note"])
        listed = ben.session.call("GET", "/api/v1/inbox")["messages"]
        got = ben.received(sent["id"])
        ben.save(got["documents"][0], tmp_path)
        ana.session.call("GET", "/api/v1/sessions")
    assert words["subject"] in json.dumps(listed)
    assert got["note"] == words["note"]
    markers = {name: word.encode() for name, word in words.items()} | {"organisation": b"Birch Supply"}
    assert hits([record], markers) == []
    assert hits([record], {"path": b"/api/v1/inbox"})  # the search sees what is there
    by_connection = [path.read_bytes() for path in record.glob("*.c2s")]
    assert not any(b"/handshake/" not in sent and reader.login.encode() in sent for sent in by_connection)


def test_m4_the_server_keeps_shared_keys_only_wrapped_under_a_server_key(running, sender):
    """A database of users' shared keys, stored only wrapped under a server key."""
    kid, shared_key = sender.session.kid, sender.session.shared_key
    row = running.django(
        f"""
        from accounts.models import SharedKey
        from accounts.services.shared_key import shared_key_open
        row = SharedKey.objects.get(kid=bytes.fromhex("{kid.hex()}"), retired_at=None)
        answer = [bytes(row.wrapped_shared_key).hex(), shared_key_open(row).hex()]
        """
    )
    assert bytes.fromhex(row[1]) == shared_key
    assert shared_key not in bytes.fromhex(row[0])
    assert len(bytes.fromhex(row[0])) == 117
    places = [path for path in running.data.iterdir() if path.name != "run"]
    assert hits(places, {"shared key": shared_key}) == []


def test_m5_the_shared_key_is_never_sent_to_authenticate(running, sender, tmp_path):
    """At most once (enrolment), zero times when issued out of band; only the effect of using it is sent."""
    record = tmp_path / "traffic"
    with RecordingProxy(("127.0.0.1", running.port), record) as proxy:
        session, keys = sign_in(Server(proxy.url), sender.login, sender.password)
        session.call("GET", "/api/v1/me")
    secrets = {"shared key": keys.shared_key, "password": sender.password.encode(), "server key": keys.login.server_key}
    secrets |= {"client key": keys.login.client_key, "stored key": keys.login.stored_key}
    assert hits([record], secrets) == []
    said = b"".join(path.read_bytes() for path in sorted(record.glob("*.c2s")))
    assert said.count(b"POST /api/v1/handshake/finish") == 1
    finish = json.loads(said.partition(b"/handshake/finish")[2].partition(b"\r\n\r\n")[2].partition(b"}")[0] + b"}")
    replayed = httpx.post(f"{running.url}/api/v1/handshake/finish", json=finish)
    assert replayed.status_code == 401
    assert replayed.json()["code"] == "sign_in_refused"


def test_m5_an_invitation_carries_the_shared_key_once_sealed_to_the_server(running, tmp_path):
    """Enrolment A: one transmission, under HPKE; afterwards the person signs in by its effect alone."""
    login, password = f"new-{uuid4().hex[:8]}@aster.example", "a password nobody issued"
    link = link_parse(
        running.manage("user_invite", "Aster Legal", login, "--origin", running.url)["link"].partition("#")[2]
    )
    keys, record = password_keys(password), tmp_path / "traffic"
    with RecordingProxy(("127.0.0.1", running.port), record) as proxy:
        server = Server(proxy.url)
        known = server.plain("/api/v1/enrolment/key")
        sealed = enrolment_seal(
            keys, link, origin=server.origin, key=UUID(known["id"]), public_key=b64u_decode(known["public_key"], 32)
        )
        body = {"invitation": str(link.invitation), "key": known["id"], "sealed": b64u_encode(sealed)}
        assert server.plain("/api/v1/enrolment", body)["login"] == login
        session, _ = sign_in(server, login, password)
        assert session.call("GET", "/api/v1/me")["login"] == login
        with pytest.raises(ServerRefused, match="invitation"):
            server.plain("/api/v1/enrolment", body)
    assert hits([record], {"shared key": keys.shared_key, "password": password.encode(), "secret": link.secret}) == []


@pytest.mark.browser
def test_m6_the_installed_engine_and_the_page_read_each_other_byte_for_byte(sender, reader, visitor, tmp_path):
    """The engine can be installed on the client and interoperates with the page's engine byte for byte."""
    file = noise(tmp_path / "between.bin", 9_000_001)
    shown = sender.send(file, to=[reader.login], subject="By the command")
    window = visitor()
    window.sign_in(reader.login, reader.password, path=f"/inbox/{shown['id']}")
    assert window.save("between.bin", tmp_path).read_bytes() == file.read_bytes()
    window.compose(to=sender.login, subject="By the page", note="", files=[file])
    back = sender.received(window.send())
    assert sender.save(back["documents"][0], tmp_path / "got").read_bytes() == file.read_bytes()


def test_m7_client_and_server_run_on_one_machine(running, sender, reader, tmp_path):
    """Client and server can run on one machine."""
    assert running.children("gunicorn")
    file = noise(tmp_path / "local.bin", 100_000)
    sender.signin()
    sender.run("send", file, "--to", reader.login, "--subject", "Next door")
    reader.signin()
    newest = reader.run_json("inbox")[0]
    assert newest["subject"] == "Next door"
    reader.run("get", newest["id"], "--out", tmp_path / "got")
    assert (tmp_path / "got" / "local.bin").read_bytes() == file.read_bytes()


def test_m8_the_server_stores_what_arrives_under_a_server_key(running, sender, reader, tmp_path):
    """Decrypted with the shared key, re-encrypted under a server key before it is stored."""
    file, record = noise(tmp_path / "rest.bin", 3 * SEGMENT), tmp_path / "traffic"
    with RecordingProxy(("127.0.0.1", running.port), record) as proxy:
        sent = sender.through(proxy.url).send(file, to=[reader.login])
    stored = running.django(
        f"""
        from pathlib import Path
        from accounts.sealed import tenant_owner
        from exchange.models import Document
        from vault.services import object_reader
        import hashlib
        row = Document.objects.get(id="{sent["documents"][0]["id"]}")
        digest = hashlib.sha256()
        for chunk in object_reader(object_id=row.object, owner=tenant_owner(row.tenant_id)).chunks():
            digest.update(chunk)
        answer = [row.object.hex, digest.hexdigest()]
        """
    )
    assert stored[1] == hashlib.sha256(file.read_bytes()).hexdigest()
    at_rest = next(running.data.rglob(stored[0])).read_bytes()
    wire = b"".join(path.read_bytes() for path in record.glob("*.c2s"))
    blocks = [at_rest[at : at + 64] for at in range(0, len(at_rest) - 64, 1 << 16)]
    assert not [block for block in blocks if block in wire or block in file.read_bytes()]
    assert len(at_rest) == HEADER + file.stat().st_size + 4 * 16


def test_m9_stored_data_is_delivered_under_the_shared_key_of_the_one_who_asks(message, sender, reader, contract):
    """On request of the user or of another authorised user; nobody else, and under no other key."""
    mine, his = message["documents"][0]["id"], reader.received(message["id"])["documents"][0]["id"]
    to_ana, ana_bytes = raw_content(sender, mine)
    to_ben, ben_bytes = raw_content(reader, his)
    assert opened(sender.session.shared_key, to_ana, ana_bytes) == contract.read_bytes()
    assert opened(reader.session.shared_key, to_ben, ben_bytes).startswith(b"%PDF")
    for key, transfer, content in [
        (reader.session.shared_key, to_ana, ana_bytes),
        (sender.session.shared_key, to_ben, ben_bytes),
    ]:
        with pytest.raises(DecryptionError):
            opened(key, transfer, content)
    with pytest.raises(ServerRefused) as refused:
        raw_content(reader, mine)
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_m10_the_result_of_a_step_is_delivered_encrypted_to_another(message, reader, tmp_path):
    """On completion of a processing step the result is delivered encrypted, to the same user or to another."""
    document = reader.received(message["id"])["documents"][0]
    assert [step["step"] for step in document["steps"]] == ["pdf.stamp"]
    texts = pdf_texts(reader.save(document, tmp_path).read_bytes())
    assert len(texts) == 3
    assert all(f"Draft for {reader.login}" in text and "page" in text for text in texts)


def test_m11_data_is_processed_and_returned_to_the_same_user(sender, contract, tmp_path):
    """By the user's instruction, returned to the same user under the user's shared key."""
    shown = sender.send(contract, to=[], to_self=True, subject="Back to me", steps=[STAMP])
    assert shown["job"]["state"] == "done", shown["job"]
    document = sender.received(shown["id"])["documents"][0]
    transfer, content = raw_content(sender, document["id"])
    texts = pdf_texts(opened(sender.session.shared_key, transfer, content))
    assert all(f"Draft for {sender.login}" in text for text in texts)


@pytest.mark.browser
def test_m12_what_stays_on_the_client_is_stored_there_encrypted(running, sender, visitor, tmp_path):
    """Drafts, resumable uploads, saved messages."""
    word = f"draft-{uuid4().hex}"
    window = visitor()
    window.sign_in(sender.login, sender.password, path="/compose")
    window.see("[data-page=compose]")
    window.page.fill("[name=subject]", word)
    rows = """() => new Promise((resolve) => {
      const opening = indexedDB.open("sealpost");
      opening.onsuccess = () => {
        const asked = opening.result.transaction("records").objectStore("records").getAll();
        asked.onsuccess = () => resolve(asked.result.map((row) => [...row]));
      };
    })"""
    kept = waited(lambda: [bytes(row) for row in window.page.evaluate(rows)], bool)
    assert not any(word.encode() in row for row in kept)
    window.reload(sender.login, sender.password)
    assert window.see("[name=subject]").input_value() == word
    window.page.click("[data-draft-drop]")
    file = noise(tmp_path / f"{word}.bin", 100_000)
    upload = sender.upload(file)
    records = [path for path in (sender.folder / "records").iterdir() if path.is_file()]
    assert records
    markers = {"name": word.encode(), "upload": upload.encode(), "digest": hashlib.sha256(file.read_bytes()).digest()}
    assert hits(records, markers) == []


def test_m13_every_tampering_is_refused(running, sender, reader, message, tmp_path):
    """Encryption is symmetric and authenticated; every tampering is refused."""
    session = sender.session
    _, content = raw_content(sender, message["documents"][0]["id"])
    transfer, whole = raw_content(sender, message["documents"][0]["id"])
    for damaged in (whole[:-1], whole + b"\0", whole[:50] + bytes([whole[50] ^ 1]) + whole[51:], whole[:HEADER]):
        with pytest.raises(DecryptionError):
            opened(session.shared_key, transfer, damaged)
    assert content == whole  # the same transfer is the same bytes
    _altered_request_is_refused(running, sender)
    _altered_answer_is_refused(running, sender, tmp_path)
    _altered_storage_is_refused(running, sender, reader, tmp_path)


def _altered_request_is_refused(running, sender) -> None:
    session, path, nonce = sender.session, "/api/v1/recipients", bytes(range(16))
    context = BodyContext("POST", running.url + path, nonce, session.session, "application/json")
    body = bytearray(request_seal(session.keys.c2s, b'{"logins": []}', context))
    body[-20] ^= 1
    headers, _ = signature_headers(
        session.keys.sign,
        session=session.session,
        method="POST",
        target_uri=running.url + path,
        body=bytes(body),
        nonce=nonce,
    )
    headers |= {"Content-Type": "application/json", "Content-Encoding": "sealed"}
    answer = session._opened(
        session._raw("POST", path, headers, bytes(body)), method="POST", target=running.url + path, nonce=nonce
    )
    assert (answer[0], json.loads(answer[1])["code"]) == (400, "body_refused")


def _altered_answer_is_refused(running, sender, tmp_path) -> None:
    """A proxy flips one bit of the answer's body."""
    with TamperingProxy(("127.0.0.1", running.port), tmp_path / "tampered") as proxy:
        session, _ = sign_in(Server(proxy.url), sender.login, sender.password)
        proxy.armed = True
        with pytest.raises(DecryptionError):
            session.call("GET", "/api/v1/me")


def _altered_storage_is_refused(running, sender, reader, tmp_path) -> None:
    """One bit of an object on the server's disk: nothing damaged is ever delivered."""
    shown = sender.send(noise(tmp_path / "bit.bin", 100_000), to=[reader.login])
    name = running.django(
        f"""
        from exchange.models import Document
        answer = Document.objects.get(id="{shown["documents"][0]["id"]}").object.hex
        """
    )
    stored = next(running.data.rglob(name))
    damaged = bytearray(stored.read_bytes())
    damaged[5000] ^= 1
    stored.write_bytes(damaged)
    document = reader.received(shown["id"])["documents"][0]
    with pytest.raises((ServerRefused, ServerUnreachable, DecryptionError)):
        reader.save(document, tmp_path / "got")
    assert not [path for path in (tmp_path / "got").glob("*") if not path.name.endswith(".part")]
