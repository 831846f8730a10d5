"""`sealpost steps`, `run`, `job` and saved instructions, as a person and a machine type them."""

import json
from pathlib import Path

import pytest

from tests.client.refusal import refused
from tests.documents import pdf, pdf_texts

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]
STAMP = 'pdf.stamp:text="Seen by {recipient}"'


@pytest.fixture(scope="module")
def message(ana, ben, tmp_path_factory) -> dict:
    """Two documents for Ben, of which one is damaged."""
    folder = tmp_path_factory.mktemp("sent")
    broken = folder / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 broken")
    return ana.run_json("send", pdf(folder / "plan.pdf", pages=3), broken, "--to", ben.login, "--subject", "Plan")


def test_steps_are_listed_and_each_says_what_it_takes(ana):
    listed = ana.run("steps").stdout
    assert "pdf.stamp" in listed and "Stamp every page" in listed
    shown = ana.run("steps", "pdf.stamp").stdout
    assert all(word in shown for word in ("pdf.stamp version", "text", "opacity", "position"))
    assert max(map(len, shown.splitlines())) <= 80
    assert {step["step"] for step in ana.run_json("steps")} >= {"pdf.stamp", "file.scrub"}
    assert refused(ana, "steps", "pdf.print").startswith("This server knows no such step.")


def test_a_received_document_is_processed_and_saved(ben, message, tmp_path):
    out = tmp_path / "got"
    done = ben.run("run", message["id"][:8], "--document", "plan.pdf", "--step", STAMP, "--out", out).stdout
    (saved,) = map(Path, done.splitlines())
    assert saved.name == "plan.pdf"
    assert all(f"Seen by {ben.login}" in text for text in pdf_texts(saved.read_bytes()))


def test_the_job_is_shown_while_and_after(ben, message):
    begun = ben.run("run", message["id"], "--document", "plan.pdf", "--step", STAMP, "--no-wait").stdout
    job_id = begun.split()[1]
    assert begun == f"Job {job_id} is begun. See it by: sealpost job {job_id[:8]} --wait\n"
    shown = ben.run("job", job_id[:8], "--wait").stdout
    assert "State: done" in shown
    assert "pages: 3" in shown
    told = ben.run_json("job", job_id)
    assert [(one["step"], one["document"], one["result"]) for one in told["timeline"]] == [
        ("pdf.stamp", "plan.pdf", "applied")
    ]
    assert job_id[:8] in ben.run("jobs", "--runs").stdout
    assert told["id"] in {job["id"] for job in ben.run_json("jobs")}
    assert told["id"] not in {one["id"] for one in ben.run_json("outbox")}


def test_a_refused_document_is_told_and_may_be_skipped(ben, message, tmp_path):
    said = refused(ben, "run", message["id"], "--step", STAMP)
    assert said.startswith("A document could not be read by the step")
    done = ben.run("run", message["id"], "--step", STAMP, "--on-failure", "skip", "--out", tmp_path).stdout
    assert [Path(line).name for line in done.splitlines()] == ["plan.pdf", "broken.pdf"]
    assert (tmp_path / "broken.pdf").read_bytes() == b"%PDF-1.7 broken"


def test_a_held_job_is_tried_again_or_ended(ben, message):
    refused(ben, "run", message["id"], "--document", "broken.pdf", "--step", STAMP)
    held = ben.run_json("jobs", "--runs")[0]
    assert held["job"]["state"] == "held"
    assert refused(ben, "job", held["id"], "--retry", "--wait").startswith("A document could not be read")
    assert ben.run_json("job", held["id"], "--cancel")["state"] == "cancelled"
    assert "held" in refused(ben, "job", held["id"], "--retry")


def test_saved_instructions_are_chosen_by_name(ana, ben, message, tmp_path):
    steps = [{"step": "pdf.stamp", "parameters": {"text": "Saved"}}]
    admin = ana.session.call("POST", "/api/v1/pipelines", {"name": "Outgoing post", "steps": steps})
    assert "Outgoing post" in ana.run("pipelines").stdout
    sent = ana.run_json(
        "send", pdf(tmp_path / "a.pdf", pages=1), "--to", ben.login, "--subject", "P", "--pipeline", "outgoing post"
    )
    (saved,) = ben.run_json("get", sent["id"], "--out", tmp_path / "got")
    assert "Saved" in pdf_texts(Path(saved).read_bytes())[0]
    assert "Instruction: Outgoing post, version 1" in ana.run("job", sent["id"]).stdout
    assert "saved no instruction" in refused(ben, "run", message["id"], "--pipeline", "Outgoing post")
    ana.session.call("DELETE", f"/api/v1/pipelines/{admin['id']}")


def test_parameters_may_be_json(ben, message):
    given = "pdf.stamp:" + json.dumps({"text": "a, b: c", "opacity": 0.5})
    told = ben.run_json("run", message["id"], "--document", "plan.pdf", "--step", given)
    assert told["steps"][0]["parameters"]["opacity"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "0000", "--step", STAMP], 1, "No message begins"),
        (["run", "ID", "--document", "none.pdf", "--step", STAMP], 1, "No document there is called none.pdf"),
        (["run", "ID", "--step", 'pdf.stamp:text=""'], 1, "does not accept its text"),
        (["run", "ID", "--step", "pdf.print"], 1, "no such step"),
        (["run", "ID"], 2, "--step or --pipeline"),
        (["run", "ID", "--step", STAMP, "--no-wait", "--out", "."], 2, "--no-wait"),
        (["run", "ID", "--step", "pdf.stamp:{"], 2, "is not JSON"),
        (["job", "ffffffff"], 1, "No message begins"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(ben, message, arguments, code, says):
    given = [message["id"] if one == "ID" else one for one in arguments]
    assert says in refused(ben, *given, code=code)
