"""Saved instructions: who makes them, what they may hold, and that jobs keep what they ran."""

from uuid import UUID, uuid4

import pytest

from exchange import services
from exchange.sandbox import sandbox_missing
from tests.documents import pdf, pdf_texts
from tests.exchange.desk import Desk, desk
from tests.refusal import refused


def stamp(text: str) -> dict:
    return {"step": "pdf.stamp", "parameters": {"text": text}}


@pytest.fixture
def chief(organisations) -> Desk:
    return desk(organisations["aster"], "chief@aster.example", role="admin")


def saved(chief: Desk, *, name: str = "Outgoing", steps=None) -> dict:
    return services.pipeline_create(peer=chief.peer, name=name, steps=steps or [stamp("First")])


def test_an_admin_saves_one_and_everybody_of_the_organisation_sees_it(chief, ana, ben):
    made = saved(chief, steps=[stamp("First") | {"on_failure": "skip"}])
    (listed,) = services.pipeline_list(peer=ana.peer)
    assert (listed["name"], listed["version"], listed["made_by"]) == ("Outgoing", 1, "Chief")
    (step,) = listed["steps"]
    assert (step["step"], step["version"], step["parameters"]["text"], step["on_failure"]) == (
        "pdf.stamp", 3, "First", "skip",
    )  # fmt: skip
    assert services.pipeline_list(peer=ben.peer) == []
    with refused("not_found"):
        services.pipeline_show(peer=ben.peer, pipeline_id=UUID(made["id"]))


def test_a_change_is_a_new_version_and_old_ones_stay_to_be_read(chief):
    made = saved(chief)
    changed = services.pipeline_change(
        peer=chief.peer, pipeline_id=UUID(made["id"]), name="Outgoing post", steps=[stamp("Second")]
    )
    assert (changed["name"], changed["version"]) == ("Outgoing post", 2)
    assert [one["steps"][0]["parameters"]["text"] for one in changed["versions"]] == ["Second", "First"]
    renamed = services.pipeline_change(peer=chief.peer, pipeline_id=UUID(made["id"]), name="Post")
    assert (renamed["name"], renamed["version"]) == ("Post", 2)


def test_only_admins_change_anything(chief, ana):
    made = saved(chief)
    for act in (
        lambda: saved(ana, name="Mine"),
        lambda: services.pipeline_change(peer=ana.peer, pipeline_id=UUID(made["id"]), name="Mine"),
        lambda: services.pipeline_retire(peer=ana.peer, pipeline_id=UUID(made["id"])),
    ):
        with refused("role_forbidden"):
            act()


@pytest.mark.parametrize(
    ("name", "steps", "code"),
    [
        ("", [stamp("x")], "name_invalid"),
        ("Other", [stamp("")], "step_parameters_invalid"),
        ("Other", [{"step": "pdf.print", "parameters": {}}], "step_unknown"),
        ("Other", [stamp("x") | {"on_failure": "shout"}], "step_failure_invalid"),
        ("Other", [], "pipeline_empty"),
        ("outgoing", [stamp("x")], "pipeline_name_taken"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_changes_nothing(chief, name, steps, code):
    saved(chief)
    with refused(code):
        services.pipeline_create(peer=chief.peer, name=name, steps=steps)
    assert [one["name"] for one in services.pipeline_list(peer=chief.peer)] == ["Outgoing"]


def test_a_retired_one_is_offered_no_more_and_its_name_is_free(chief, ana):
    made = saved(chief)
    services.pipeline_retire(peer=chief.peer, pipeline_id=UUID(made["id"]))
    assert services.pipeline_list(peer=ana.peer) == []
    assert services.pipeline_show(peer=ana.peer, pipeline_id=UUID(made["id"]))["retired_at"]
    with refused("not_found"):
        services.pipeline_change(peer=chief.peer, pipeline_id=UUID(made["id"]), name="Again")
    with refused("not_found"):
        ana.send(b"x", to=[ana], pipeline=UUID(made["id"]))
    saved(chief)


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
def test_a_message_keeps_the_version_it_was_sent_with(chief, ana, ben, tmp_path):
    made = saved(chief)
    message = ana.send(pdf(tmp_path / "a.pdf", pages=1).read_bytes(), to=[ben], pipeline=UUID(made["id"]))
    services.pipeline_change(peer=chief.peer, pipeline_id=UUID(made["id"]), steps=[stamp("Second")])
    ana.work(message)
    (text,) = pdf_texts(ben.read(ben.received(message)["documents"][0]))
    assert "First" in text
    job = services.job_show(peer=ana.peer, job_id=UUID(message["id"]))
    assert job["pipeline"] == {"id": made["id"], "name": "Outgoing", "version": 1}


@pytest.mark.skipif(bool(sandbox_missing()), reason="bubblewrap does not work here")
def test_a_run_takes_the_steps_of_a_pipeline_and_own_ones(chief, ana, ben, tmp_path):
    message = ana.work(ana.send(pdf(tmp_path / "a.pdf", pages=1).read_bytes(), to=[ben]))
    made = saved(chief)
    documents = [UUID(one["id"]) for one in message["documents"]]
    job = services.run_create(
        peer=ana.peer, key=uuid4(), documents=documents, steps=[stamp("Own")], pipeline=UUID(made["id"])
    )
    assert [item["parameters"]["text"] for item in job["steps"]] == ["First", "Own"]
