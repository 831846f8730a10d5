"""A machine that has no sandbox: documents come and go, and nothing of theirs is ever parsed."""

import shutil
from uuid import UUID

import pytest
from django_scopes import scopes_disabled

from exchange import services
from exchange.models import Message
from exchange.steps.registry import step_schemas
from tests.documents import pdf, pdf_texts
from tests.refusal import refused

STAMP = {"step": "pdf.stamp", "parameters": {"text": "Draft"}}


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=2).read_bytes()


@pytest.fixture
def sandbox_gone(monkeypatch, tmp_path):
    """Call it, and bubblewrap is nowhere; undo it by what it returns."""

    def go() -> pytest.MonkeyPatch:
        monkeypatch.setenv("PATH", str(tmp_path))
        return monkeypatch

    return go


def test_documents_are_sent_received_and_delivered(ana, ben, contract, sandbox_gone):
    sandbox_gone()
    message = ana.send(contract, to=[ben])
    assert ana.work(message)["job"]["state"] == "done"
    document = ben.received(message)["documents"][0]
    assert (document["type"], document["steps"]) == ("application/pdf", [])
    assert ben.read(document) == contract


def test_steps_are_refused_with_the_reason_before_anything_is_sent(ana, ben, contract, sandbox_gone):
    sandbox_gone()
    with refused("sandbox_missing") as refusal:
        ana.send(contract, to=[ben], steps=[STAMP])
    assert refusal.error.sentence == (
        "This server cannot process documents yet (bubblewrap is not installed: apt-get install bubblewrap). "
        "Nothing was sent; send without steps."
    )
    with scopes_disabled():
        assert not Message.objects.exists()
    said = step_schemas()
    assert len(said) > 1
    assert {row["available"] for row in said} == {False}
    assert {row["reason"] for row in said} == {"bubblewrap is not installed: apt-get install bubblewrap"}


@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
def test_a_job_that_finds_its_sandbox_gone_is_held_and_goes_on_once_it_is_back(ana, ben, contract, sandbox_gone):
    message = ana.send(contract, to=[ben], steps=[STAMP])
    gone = sandbox_gone()
    held = ana.work(message)
    assert (held["state"], held["job"]["code"]) == ("held", "sandbox_missing")
    with refused("not_found"):
        ben.received(message)
    gone.undo()
    services.job_retry(peer=ana.peer, message_id=UUID(message["id"]))
    assert ana.work(message)["job"]["state"] == "done"
    texts = pdf_texts(ben.read(ben.received(message)["documents"][0]))
    assert ["Draft" in text for text in texts] == [True] * 2
