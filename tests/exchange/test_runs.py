"""Stored documents processed for the one who asks: what comes back, to whom, and until when."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django_scopes import scopes_disabled

from accounts.models import AuditEvent
from exchange import services
from exchange.models import Document, Job, Message
from exchange.sandbox import sandbox_missing
from tests.documents import pdf, pdf_texts
from tests.exchange.desk import Desk, job_of, set_policy
from tests.exchange.lifecycle import days_pass, delivered, recall
from tests.refusal import refused

pytestmark = pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
STAMP = {"step": "pdf.stamp", "parameters": {"text": "Copy of {recipient}"}}
SCRUB = {"step": "file.scrub", "parameters": {}}


@pytest.fixture
def contract(tmp_path) -> bytes:
    return pdf(tmp_path / "contract.pdf", pages=2).read_bytes()


def run(desk: Desk, *documents: dict, steps=(STAMP,), **members) -> dict:
    """The job of a run, still waiting."""
    given = {"key": uuid4(), "documents": [UUID(one["id"]) for one in documents], "steps": list(steps)} | members
    return services.run_create(peer=desk.peer, **given)


def worked(desk: Desk, job: dict) -> dict:
    """The job after a worker had it."""
    services.job_run(job_id=job_of(job).id)
    return services.job_show(peer=desk.peer, job_id=UUID(job["id"]))


def received(desk: Desk, message: dict) -> list[dict]:
    return desk.received(message)["documents"]


def test_a_received_document_comes_back_processed_to_who_asked_alone(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    job = worked(ben, run(ben, *received(ben, message)))
    assert (job["kind"], job["state"], job["job"]["state"]) == ("run", "sent", "done")
    (result,) = received(ben, job)
    assert all(f"Copy of {ben.login}" in text for text in pdf_texts(ben.read(result)))
    assert pdf_texts(ben.read(received(ben, message)[0])) == pdf_texts(contract)
    assert ben.received(job)["sender"]["login"] == ben.login
    with refused("not_found"):
        services.job_show(peer=ana.peer, job_id=UUID(job["id"]))
    with refused("not_found"):
        ana.received(job)


def test_a_sent_document_comes_back_processed_too(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    job = worked(ana, run(ana, *ana.sent(message)["documents"]))
    assert "Copy of" in pdf_texts(ana.read(received(ana, job)[0]))[0]


def test_the_job_says_what_every_step_did_when(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract, b"no pdf"))
    job = worked(ben, run(ben, *received(ben, message), steps=(SCRUB, STAMP)))
    told = [(one["step"], one["document"], one["result"]) for one in job["timeline"]]
    assert told == [
        ("file.scrub", "file0.bin", "applied"),
        ("file.scrub", "file1.bin", "not_applicable"),
        ("pdf.stamp", "file0.bin", "applied"),
        ("pdf.stamp", "file1.bin", "not_applicable"),
    ]
    applied = job["timeline"][2]
    assert applied["report"] == {"pages": 2}
    assert applied["title"] == "Stamp every page of the PDFs"
    assert 0 < applied["seconds"] < 60
    assert job["started_at"] <= applied["ended_at"] <= job["ended_at"]
    assert [item["step"] for item in job["steps"]] == ["file.scrub", "pdf.stamp"]


def test_what_may_not_be_fetched_may_not_be_processed(ana, ben, cem, contract):
    message = delivered(ana, ben, contents=(contract,))
    document = received(ben, message)[0]
    for other in (ana, cem):
        with refused("not_found"):
            run(other, document)
    with refused("not_found"):
        run(ben, {"id": str(uuid4())})
    recall(ana, message)
    with refused("delivery_recalled"):
        run(ben, document)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"documents": []}, "run_empty"),
        ({"steps": []}, "run_empty"),
        ({"steps": [{"step": "pdf.print", "parameters": {}}]}, "step_unknown"),
        ({"steps": [{"step": "pdf.stamp", "parameters": {"text": ""}}]}, "step_parameters_invalid"),
        ({"steps": [STAMP | {"on_failure": "shout"}]}, "step_failure_invalid"),
        ({"pipeline": uuid4()}, "not_found"),
    ],
)
def test_a_run_that_is_none_begins_nothing(ana, ben, contract, members, code):
    document = received(ben, delivered(ana, ben, contents=(contract,)))[0]
    with refused(code):
        run(ben, document, **members)
    with scopes_disabled():
        assert not Message.objects.filter(kind="run").exists()


def test_the_same_key_is_the_same_run(ana, ben, contract):
    document, key = received(ben, delivered(ana, ben, contents=(contract,)))[0], uuid4()
    assert run(ben, document, key=key)["id"] == run(ben, document, key=key)["id"]


def test_nothing_is_copied_until_a_step_has_made_it(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    job = run(ben, *received(ben, message))
    with scopes_disabled():
        sources = {row.object for row in Document.objects.filter(message_id=message["id"])}
        assert {row.object for row in Document.objects.filter(message_id=job["id"])} == sources


def test_the_result_ends_with_its_source(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,), expires_days=2)
    job = worked(ben, run(ben, *received(ben, message)))
    assert ben.received(job)["expires_at"] == ben.received(message)["expires_at"]
    days_pass(3)
    with refused("delivery_expired"):
        ben.read(received(ben, job)[0])


def test_a_recall_takes_the_result_back_too_and_what_was_made_of_it(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    first = worked(ben, run(ben, *received(ben, message)))
    result = received(ben, first)[0]
    second = worked(ben, run(ben, result, steps=(SCRUB,)))
    waiting = run(ben, result)
    recall(ana, message)
    for job in (first, second):
        shown = ben.received(job)
        assert (shown["state"], shown["documents"]) == ("recalled", [])
    with refused("delivery_recalled"):
        ben.transfer(result)
    assert worked(ben, waiting)["job"]["state"] == "cancelled"


def test_where_downloads_are_limited_a_run_is_one_and_its_result_is_fetched_once(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,), downloads_most=1)
    document = received(ben, message)[0]
    job = worked(ben, run(ben, document))
    with refused("download_limit_reached"):
        ben.transfer(document)
    with refused("download_limit_reached"):
        run(ben, document)
    result = received(ben, job)[0]
    ben.read(result)
    with refused("download_limit_reached"):
        ben.transfer(result)


def test_runs_stand_among_jobs_and_not_in_the_outbox(ana, ben, contract):
    message = delivered(ben, ana, contents=(contract,))
    job = worked(ben, run(ben, *ben.sent(message)["documents"]))
    assert [one["id"] for one in services.outbox_list(peer=ben.peer)["messages"]] == [message["id"]]
    listed = services.job_list(peer=ben.peer)["jobs"]
    assert [one["id"] for one in listed] == [job["id"], message["id"]]
    assert [one["id"] for one in services.job_list(peer=ben.peer, kind="run")["jobs"]] == [job["id"]]
    assert services.job_list(peer=ana.peer)["jobs"] == []


def test_own_runs_are_not_bound_by_what_the_organisation_wants_of_every_message(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    set_policy(ben, mandatory_steps=[{"step": "pdf.stamp", "parameters": {"text": "Mandatory"}}])
    job = worked(ben, run(ben, *received(ben, message), steps=(SCRUB,)))
    assert "Mandatory" not in pdf_texts(ben.read(received(ben, job)[0]))[0]


def test_steps_leave_digests_in_the_log_and_nothing_that_says_more(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    job = worked(ben, run(ben, *received(ben, message)))
    with scopes_disabled():
        (told,) = [row.details for row in AuditEvent.objects.filter(action="step.done", subject=job["id"])]
    assert {"step", "version", "parameters", "input", "output", "result", "milliseconds"} <= set(told)
    assert told["input"] != told["output"]
    assert "Copy of" not in repr(told)
    assert received(ben, message)[0]["sha256"] not in repr(told)


BROKEN = b"%PDF-1.7 broken"


def test_a_refused_document_holds_is_skipped_or_stops_as_its_sender_wants(ana, ben, contract):
    ends = {}
    for wanted in ("hold", "skip", "stop"):
        message = ana.send(contract, BROKEN, to=[ben], steps=[STAMP | {"on_failure": wanted}])
        ends[wanted] = (ana.work(message), message)
    assert [ends[wanted][0]["state"] for wanted in ends] == ["held", "sent", "cancelled"]
    assert [ends[wanted][0]["job"]["code"] for wanted in ends] == ["corrupt", "", "corrupt"]
    good, bad = received(ben, ends["skip"][1])
    assert (good["steps"][0]["result"], bad["steps"][0]["result"]) == ("applied", "skipped")
    assert bad["steps"][0]["report"]["findings"][0]["code"] == "corrupt"
    assert ben.read(bad) == BROKEN


def test_a_mandatory_step_is_never_skipped(ana, ben):
    set_policy(ana, mandatory_steps=[{"step": "pdf.stamp", "parameters": {"text": "Always"}}])
    same = {"step": "pdf.stamp", "parameters": {"text": "Always"}, "on_failure": "skip"}
    message = ana.work(ana.send(BROKEN, to=[ben], steps=[same]))
    assert (message["state"], message["job"]["code"]) == ("held", "corrupt")


def test_a_run_whose_worker_was_killed_goes_on_after_the_last_step(ana, ben, contract):
    message = delivered(ana, ben, contents=(contract,))
    job = run(ben, *received(ben, message), steps=(SCRUB, STAMP))
    worked(ben, job)
    with scopes_disabled():
        row = Job.objects.get(message_id=job["id"])
        assert row.outputs.count() == 2
        assert row.ended_at - row.started_at < timedelta(minutes=2)
    assert datetime.fromisoformat(services.job_show(peer=ben.peer, job_id=UUID(job["id"]))["ended_at"])
