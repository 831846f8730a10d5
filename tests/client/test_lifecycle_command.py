"""`sealpost recall`, `extend`, `remind` and `archive`, as a person types them."""

import pytest

from tests.browser.test_mailboxes import colleague
from tests.client.refusal import refused
from tests.documents import noise

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]


@pytest.fixture
def message(ana, ben, running, tmp_path) -> dict:
    """One to Ben and a colleague, which nobody has opened."""
    other = colleague(running, "Clara", tmp_path)
    done = ana.run_json(
        "send", noise(tmp_path / "plan.bin", 1000), "--to", ben.login, "--to", other.login, "--subject", "Plan",
        "--expires", "2d",
    )  # fmt: skip
    return done | {"other": other.login}


def test_recalled_from_one_and_then_from_all(ana, ben, message, tmp_path):
    short = message["id"][:10]
    assert "no recipient" in refused(ana, "recall", short, "--to", "nobody@nowhere.example")
    done = ana.run("recall", short, "--to", ben.login)
    assert done.stdout == f"Message {message['id']} is recalled from: {ben.login}.\n"
    assert ben.run_json("show", message["id"])["state"] == "recalled"
    assert "recalled this message" in refused(ben, "get", message["id"], "--out", tmp_path / "got")
    assert not (tmp_path / "got").exists()
    assert message["other"] in ana.run("recall", short).stdout
    assert ana.run_json("show", message["id"])["state"] == "recalled"
    assert "not with its recipients" in refused(ana, "extend", short, "9")


def test_extended_and_reminded_once_a_day(ana, message):
    assert "longer than that" in refused(ana, "extend", message["id"], "1d")
    assert "is not a number of days" in refused(ana, "extend", message["id"], "soon", code=2)
    assert "is available until" in ana.run("extend", message["id"], "30d").stdout
    assert "2 recipients have not opened" in ana.run("remind", message["id"]).stdout
    assert "24 hours" in refused(ana, "remind", message["id"])


def test_archived_by_its_first_characters_and_brought_back(ana, ben, message):
    for person, box in ((ben, "inbox"), (ana, "outbox")):
        short = message["id"][:10]
        assert person.run("archive", short).stdout == f"Message {message['id']} is archived.\n"
        assert message["id"] not in {row["id"] for row in person.run_json(box)}
        assert message["id"] in {row["id"] for row in person.run_json(box, "--archived")}
        assert "back in the list" in person.run("archive", short, "--undo").stdout
        assert message["id"] in {row["id"] for row in person.run_json(box)}
    assert ana.run_json("show", message["id"])["deliveries"][0]["opened_at"] is None
