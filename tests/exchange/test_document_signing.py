"""A signature on the way from one organisation to another: whose it is, when it is made, and what it stops."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.sealed import tenant_owner
from exchange.models import Job
from exchange.sandbox import sandbox_missing
from exchange.services import tenants_end
from tests.documents import pdf, pdf_texts
from tests.exchange.desk import Desk
from tests.exchange.steps.verified import verified
from vault.models import DocumentKey
from vault.services import DocumentSigner

pytestmark = pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
SIGN = {"step": "pdf.sign", "parameters": {"reason": "Quarter"}}
STAMP = {"step": "pdf.stamp", "parameters": {"text": "Stamped"}}
VERIFY = {"step": "pdf.verify", "parameters": {}}


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=2).read_bytes()


def certificates(desk: Desk) -> list[bytes]:
    tenant = desk.peer.tenant
    return DocumentSigner(owner=tenant_owner(tenant.id), name=tenant.name).certificates()


def test_it_is_signed_last_by_the_senders_organisation_and_the_report_says_so(ana, ben, contract):
    message = ana.send(contract, b"no pdf", to=[ben], steps=[VERIFY, SIGN, STAMP])
    assert ana.work(message)["state"] == "held"  # nothing to check yet, and that is asked for first
    message = ana.send(contract, b"no pdf", to=[ben], steps=[SIGN, STAMP])
    assert ana.work(message)["state"] == "sent"
    document, other = ben.received(message)["documents"]
    content = ben.read(document)
    assert all("Stamped" in text for text in pdf_texts(content))
    assert ben.read(other) == b"no pdf"
    (checked,) = verified([content], own=certificates(ana))
    assert checked.counts["intact"] == checked.counts["trusted"] == 1
    assert checked.text("signed_by") == "Made by the key of Aster Legal."
    assert "covers_all" in checked.codes()
    with scopes_disabled():
        assert DocumentKey.objects.count() == 1


def test_another_organisation_signs_by_another_key_and_knows_no_other(ana, ben, contract):
    first = ana.send(contract, to=[ben], steps=[SIGN])
    ana.work(first)
    content = ben.read(ben.received(first)["documents"][0])
    back = ben.send(content, to=[ana], steps=[SIGN, VERIFY])
    assert ben.work(back)["state"] == "sent"
    (document,) = ana.received(back)["documents"]
    (checked,) = verified([ana.read(document)], own=certificates(ana))
    assert checked.counts["signatures"] == checked.counts["intact"] == 2
    assert "trust_own" in checked.codes("Signature") and "trust_self_made" in checked.codes("Signature 2")
    assert not {*certificates(ana)} & {*certificates(ben)}


def test_what_is_signed_is_not_changed_by_a_step_any_more(ana, ben, contract):
    first = ana.send(contract, to=[ben], steps=[SIGN])
    ana.work(first)
    content = ben.read(ben.received(first)["documents"][0])
    second = ben.send(content, to=[ana], steps=[STAMP])
    done = ben.work(second)
    assert (done["state"], done["job"]["code"]) == ("held", "signed")


def test_a_job_that_ends_while_it_signs_is_done_again(ana, ben, contract, monkeypatch):
    message = ana.send(contract, to=[ben], steps=[SIGN])
    monkeypatch.setattr(DocumentSigner, "sign", lambda self, sha256: 1 / 0)
    assert ana.work(message)["job"]["state"] == "queued"
    monkeypatch.undo()
    with scopes_disabled():
        Job.objects.filter(message_id=message["id"]).update(run_after=timezone.now())
    assert ana.work(message)["state"] == "sent"
    (checked,) = verified([ben.read(ben.received(message)["documents"][0])], own=certificates(ana))
    assert checked.counts["trusted"] == 1


def test_keys_of_an_organisation_end_with_it(ana, ben):
    for desk in (ana, ben):
        DocumentSigner(owner=tenant_owner(desk.peer.tenant.id), name=desk.peer.tenant.name).certificate()
    with scopes_disabled():
        closing = {"state": Tenant.State.CLOSING, "closes_at": timezone.now() - timedelta(days=1)}
        Tenant.objects.filter(id=ana.peer.tenant.id).update(**closing)
    assert tenants_end() == 1
    with scopes_disabled():
        assert [row.owner for row in DocumentKey.objects.all()] == [tenant_owner(ben.peer.tenant.id)]
