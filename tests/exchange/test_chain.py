"""Jobs whose steps make many documents of one, and one of many."""

import io
import zipfile
from uuid import UUID, uuid4

import pytest
from django_scopes import scopes_disabled

from exchange import services
from exchange.models import JobOutput
from exchange.sandbox import sandbox_missing
from exchange.services import job_step
from tests.documents import pdf, pdf_texts
from tests.exchange.desk import Desk, job_of, set_policy
from tests.exchange.lifecycle import delivered

pytestmark = pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
ZIP = {"step": "archive.zip", "parameters": {}}
UNZIP = {"step": "archive.unzip", "parameters": {}}
STAMP = {"step": "pdf.stamp", "parameters": {"text": "For {recipient}"}}


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=2).read_bytes()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("_", "."), content)
    return out.getvalue()


def names(desk: Desk, message: dict) -> list[str]:
    return [one["name"] for one in desk.received(message)["documents"]]


def test_many_documents_become_one(ana, ben):
    message = delivered(ana, ben, contents=(b"first", b"second"), steps=[ZIP])
    (document,) = ben.received(message)["documents"]
    assert document["type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(ben.read(document))) as made:
        assert {name: made.read(name) for name in made.namelist()} == {"file0.bin": b"first", "file1.bin": b"second"}
    assert [step["step"] for step in document["steps"]] == ["archive.zip"]


def test_one_document_becomes_many_and_each_goes_on(ana, ben, contract):
    message = delivered(ana, ben, contents=(archive(a_pdf=contract, b_txt=b"words"), b"beside"), steps=[UNZIP, STAMP])
    assert names(ben, message) == ["a.pdf", "b.txt", "file1.bin"]
    stamped, words, beside = ben.received(message)["documents"]
    assert f"For {ben.login}" in pdf_texts(ben.read(stamped))[0]
    assert (ben.read(words), ben.read(beside)) == (b"words", b"beside")
    assert [(step["step"], step["result"]) for step in stamped["steps"]] == [
        ("archive.unzip", "applied"), ("pdf.stamp", "applied"),
    ]  # fmt: skip
    job = services.job_show(peer=ana.peer, job_id=UUID(message["id"]))
    assert job["job"]["position"] == job["job"]["of"]


def test_each_recipient_has_a_chain_of_their_own_behind_the_step_that_names_them(
    ana, ben, cem, contract, organisations
):
    mate = ana
    message = delivered(ana, ben, mate, contents=(contract,), steps=[STAMP, ZIP])
    for desk in (ben, mate):
        (document,) = desk.received(message)["documents"]
        with zipfile.ZipFile(io.BytesIO(desk.read(document))) as made:
            (name,) = made.namelist()
            assert f"For {desk.login}" in pdf_texts(made.read(name))[0]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(1, 5))
def test_a_worker_that_is_killed_between_steps_is_followed_by_one_that_goes_on(ana, ben, contract, monkeypatch, after):
    """Whatever was done is not done again, and everything arrives once."""
    message = ana.send(archive(a_pdf=contract, b_pdf=contract), to=[ben], steps=[UNZIP, STAMP, ZIP])
    count = 0
    real = job_step._keep

    def keep(lease, task, rows):
        nonlocal count
        kept = real(lease, task, rows)
        count += 1
        if count == after:
            raise Killed
        return kept

    monkeypatch.setattr(job_step, "_keep", keep)
    with pytest.raises(Killed):
        services.job_run(job_id=job_of(message).id)
    monkeypatch.setattr(job_step, "_keep", real)
    with scopes_disabled():
        done = set(JobOutput.objects.values_list("id", flat=True))
        job_of(message).__class__.objects.update(lease_until=None, state="queued")
    assert ana.work(message)["state"] == "sent"
    with scopes_disabled():
        kept = set(JobOutput.objects.values_list("id", flat=True))
    assert done <= kept
    (document,) = ben.received(message)["documents"]
    with zipfile.ZipFile(io.BytesIO(ben.read(document))) as made:
        assert sorted(made.namelist()) == ["a.pdf", "b.pdf"]


def test_what_a_step_makes_is_judged_by_the_recipients_rules(ana, ben):
    set_policy(ben, types_refused=["application/zip"])
    message = ana.work(ana.send(b"first", to=[ben], steps=[ZIP]))
    assert (message["state"], message["job"]["code"]) == ("held", "type_refused")


def test_a_run_on_all_documents_of_a_message_joins_them(ana, ben):
    message = delivered(ana, ben, contents=(b"first", b"second"))
    documents = [UUID(one["id"]) for one in ben.received(message)["documents"]]
    job = services.run_create(peer=ben.peer, key=uuid4(), documents=documents, steps=[ZIP])
    services.job_run(job_id=job_of(job).id)
    assert len(ben.received(job)["documents"]) == 1
