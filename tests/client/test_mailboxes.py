"""Shared mailboxes at the command."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.client.refusal import refused
from tests.documents import noise

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]


@pytest.fixture(scope="module")
def shared(ana, ben) -> str:
    """The address of a mailbox of Aster that Ana reads, into which Ben has sent a document."""
    address = f"shared-{uuid4().hex[:6]}@aster.example"
    made = ana.session.call("POST", "/api/v1/mailboxes", {"address": address, "name": "Invoices"})
    ana.session.call("POST", f"/api/v1/mailboxes/{made['id']}/members", {"login": ana.login, "role": "admin"})
    return address


def test_a_shared_mailbox_is_read_by_its_address(ana, ben, shared, tmp_path):
    file = noise(tmp_path / "invoice.bin", 3 << 20)
    assert ana.run("inbox", "--mailbox", shared).stdout == "Nothing has been delivered there yet.\n"
    ben.run("send", file, "--to", shared, "--subject", "Invoice 118")
    listed = {one["address"]: one for one in ana.run_json("mailboxes")}
    assert [address for address, one in listed.items() if one["own"]] == [ana.login]
    assert (listed[shared]["unread"], listed[shared]["role"]) == (1, "admin")
    lines = ana.run("mailboxes").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if "Invoices, you manage it" in line and line.rstrip().endswith(" 1")]
    message = ana.run_json("inbox", "--mailbox", shared.upper())[0]
    assert message["subject"] == "Invoice 118"
    assert message["id"] not in {one["id"] for one in ana.run_json("inbox")}
    assert f"Delivered to Invoices <{shared}>" in ana.run("show", message["id"][:8]).stdout
    saved = ana.run_json("get", message["id"][:8], "--out", tmp_path / "got")
    assert Path(saved[0]).read_bytes() == file.read_bytes()


def test_a_mailbox_that_is_not_one_s_own_is_refused(ben, shared):
    for address in (shared, "nobody@request.invalid"):
        assert refused(ben, "inbox", "--mailbox", address) == (
            "You read no mailbox with this address. Those that you read are listed by: sealpost mailboxes"
        )
    assert [one["own"] for one in ben.run_json("mailboxes")] == [True]
