"""File requests at the command; and an outsider who answers one with another client than the page."""

from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sealpost.client.session import Server, sign_in
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.hkdf import label
from tests.documents import pdf
from tests.people import Member, waited

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]


@pytest.fixture(scope="module")
def ana(sender, tmp_path_factory) -> Member:
    """Ana at the command, signed in."""
    return Member(sender.system, sender.login, sender.password, tmp_path_factory.mktemp("ana")).signin()


@pytest.mark.parametrize(
    ("option", "value", "code", "said"),
    [
        ("--size", "much", 2, "is not a size like 500MB"),
        ("--expires", "soon", 2, "is not a number of days"),
        ("--mailbox", str(uuid4()), 1, "nothing here, or it is not yours"),
        ("--files", "0", 1, "outside what is allowed here"),
    ],
)
def test_a_request_that_cannot_be_made(ana, option, value, code, said):
    assert said in ana.run("request", "create", "--title", "Papers", option, value, code=code).stderr


def test_a_request_from_the_command_to_its_receipt(ana, running, tmp_path):
    title = f"Papers {uuid4().hex[:6]}"
    made = ana.run_json("request", "create", "--title", title, "--deposits", "2", "--size", "5MB")
    assert (made["bytes_most"], made["deposits_most"]) == (5_000_000, 2)
    told = ana.run("request", "create", "--title", f"Other {title}").stdout
    assert "Link: " in told
    assert "is not shown again" in told
    listed = {one["id"]: one for one in ana.run_json("request", "list")}
    assert "passphrase" not in listed[made["id"]]

    session, _ = sign_in(Server(running.url), f"request-{made['id']}@request.invalid", made["passphrase"])
    otto = Member(running, session.login, made["passphrase"], tmp_path / "otto")
    upload = otto.upload(pdf(tmp_path / "papers.pdf"))
    body = {"key": str(uuid4()), "name": "Ana Aster", "uploads": [upload]}
    deposit = otto.session.call("POST", "/api/v1/request/deposits", body)
    path = f"/api/v1/request/deposits/{deposit['id']}"
    receipt = waited(lambda: otto.session.call("GET", path), lambda shown: shown["receipt"])["receipt"]
    public = bytes.fromhex(
        running.django(f"""
            from vault.models import SigningKey
            answer = bytes(SigningKey.objects.get(id="{receipt["key"]}").public).hex()
        """)
    )
    signed = label("receipt", receipt["text"])
    Ed25519PublicKey.from_public_bytes(public).verify(b64u_decode(receipt["signature"], 64), signed)

    listing = ana.run("inbox").stdout
    assert "a file request, unverified" in listing  # whatever the outsider calls themselves
    assert "From a file request, unverified: Ana Aster" in ana.run("show", deposit["id"]).stdout
    assert "1 of 2" in ana.run("request", "list").stdout
    assert "not held" in ana.run("request", "retry", made["id"], deposit["id"], code=1).stderr
    assert ana.run_json("request", "close", made["id"])["state"] == "closed"
    assert "closed or has expired" in ana.run("request", "extend", made["id"], code=1).stderr
