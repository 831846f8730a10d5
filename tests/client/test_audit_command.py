"""`sealpost audit`: an auditor saves the log, and anybody verifies the file without a server."""

import json
import os
import stat
from pathlib import Path
from uuid import uuid4

import pytest

from tests.client.refusal import refused
from tests.people import Member, member
from tests.running import Person

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]


@pytest.fixture(scope="module")
def eva(running, sender, tmp_path_factory) -> Member:
    """The auditor of Aster Legal at the command, after Ana has sent something."""
    folder = tmp_path_factory.mktemp("eva")
    (folder / "note.txt").write_text("note")
    sender.send(folder / "note.txt", to=[sender.login])
    login = f"eva-{uuid4().hex[:8]}@aster.example"
    issued = running.manage("user_issue", "Aster Legal", login, "--name", "Eva", "--role", "auditor")
    return member(running, Person(login, issued["passphrase"]), folder / "home").signin()


@pytest.fixture(scope="module")
def stranger(running, tmp_path_factory) -> Member:
    """Somebody without a session, whose server is not there."""
    folder = tmp_path_factory.mktemp("stranger")
    return Member(running, "x@y.example", "", folder, url="http://127.0.0.1:9")


@pytest.fixture(scope="module")
def saved(eva, tmp_path_factory) -> Path:
    """The whole log."""
    file = tmp_path_factory.mktemp("log") / "log.jsonl"
    assert eva.run("audit", "export", file).stdout.startswith(f"Saved {file}.\n")
    return file


def test_the_log_is_saved_for_its_owner_alone_and_verifies_anywhere(eva, stranger, saved, running):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    key = running.manage("signing_key")["fingerprint"]
    said = stranger.run("audit", "verify", saved).stdout
    assert " chain whole, " in said
    assert said.endswith(f"signed by key {key}. Compare the key with the one that the server's operator publishes.\n")
    for typed in (key, key.upper(), key.replace("-", "")):
        assert stranger.run("audit", "verify", saved, "--key", typed).stdout.endswith(f"signed by key {key}.\n")
    members = stranger.run_json("audit", "verify", saved)
    assert (members["omitted"], members["filtered"], members["keys"]) == (0, False, [key])
    assert members["events"] == members["last_checkpoint"] > 5


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"message.sent"', b'"message.lost"'), (b'"Aster Legal"', b'"Other Legal"'), (b'"seq":3', b'"seq":4')],
)
def test_what_was_altered_is_told_in_one_sentence(stranger, saved, tmp_path, old, new):
    altered = tmp_path / "altered.jsonl"
    altered.write_bytes(saved.read_bytes().replace(old, new, 1))
    said = refused(stranger, "audit", "verify", altered)
    assert said.startswith("Line ")
    assert said.endswith(".")


def test_another_key_a_cut_file_and_other_files_are_refused(stranger, saved, tmp_path):
    other = "0123-4567-89ab-cdef-0123-4567-89ab-cdef"
    assert "which is not the one that you gave" in refused(stranger, "audit", "verify", saved, "--key", other)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(saved.read_bytes()[:-100])
    assert "the file was cut off in it" in refused(stranger, "audit", "verify", cut)
    cut.write_bytes(b"".join(saved.read_bytes().splitlines(keepends=True)[:-1]))
    assert "cut off" in refused(stranger, "audit", "verify", cut)
    for content in (
        b"",
        b"\n",
        b"\x00" * 3_000_000,
        b"{}\n",
        b"[" * 100_000 + b"\n",
        os.urandom(1000),
        b"9" * 9000 + b"\n",
    ):
        cut.write_bytes(content)
        refused(stranger, "audit", "verify", cut)
    assert "cannot be read" in refused(stranger, "audit", "verify", tmp_path / "none")
    assert "Error: " in refused(stranger, "audit", "verify", saved, "--key", "0123", code=2)


def test_a_part_of_the_log_verifies_too(eva, sender, stranger, tmp_path):
    part = tmp_path / "part.jsonl"
    said = eva.run(
        "audit", "export", part, "--person", sender.login, "--event", "message", "--from", "2026-01-01"
    ).stdout
    assert " of " in said
    assert "the others accounted for by their hashes" in said
    kept = [json.loads(line) for line in part.read_text().splitlines()]
    actions = {line["action"] for line in kept if line["kind"] == "event"}
    assert "message.sent" in actions
    assert {action.partition(".")[0] for action in actions} == {"message"}
    assert stranger.run_json("audit", "verify", part)["filtered"]
    before = tmp_path / "before.jsonl"
    eva.run("audit", "export", before, "--to", "2020-01-01")
    assert stranger.run_json("audit", "verify", before)["events"] == 0


def test_who_may_not_and_what_cannot_be_saved_leave_no_file(eva, reader, sender, stranger, saved, tmp_path, running):
    file = tmp_path / "log.jsonl"
    login = f"max-{uuid4().hex[:8]}@aster.example"
    issued = running.manage("user_issue", "Aster Legal", login)
    other = member(running, Person(login, issued["passphrase"]), tmp_path / "max").signin()
    assert "role" in refused(other, "audit", "export", file)
    assert refused(stranger, "audit", "export", file).startswith("Nobody is signed in here.")
    assert "is there already" in refused(eva, "audit", "export", saved)
    assert "cannot be written" in refused(eva, "audit", "export", tmp_path / "none" / "log")
    assert refused(eva, "audit", "export", file, "--person", reader.login).startswith("Nobody in your organisation")
    assert "Error: " in refused(eva, "audit", "export", file, "--from", "soon", code=2)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
