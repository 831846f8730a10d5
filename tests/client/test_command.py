"""The `sealpost` command as a person and a machine use it, against the running system."""

import json
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.canary import hits
from tests.client.refusal import refused
from tests.documents import noise, pdf, pdf_texts
from tests.people import Member
from tests.recording_proxy import RecordingProxy
from tests.running import ROOT

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]


def test_an_issued_passphrase_is_changed_at_the_first_sign_in(running, tmp_path):
    login = f"new-{uuid4().hex[:8]}@aster.example"
    issued = running.manage("user_issue", "Aster Legal", login)["passphrase"]
    for name, words in (("issued", issued), ("own", "my own passphrase")):
        (tmp_path / name).write_text(words + "\n")
    somebody = Member(running, login, "", tmp_path / "home")
    options = ["--server", running.url, "--login", login, "--passphrase-file", tmp_path / "issued"]
    done = somebody.run("signin", *options, "--new-passphrase-file", tmp_path / "own")
    assert done.stdout == f"Signed in to {running.url} as {login}.\n"
    assert somebody.run("inbox", "--passphrase-file", tmp_path / "own").stdout.startswith("Nothing has been delivered")
    assert "wrong" in refused(somebody, "signin", *options)


def test_what_is_remembered_is_private_and_holds_no_secret(ana):
    config = ana.folder / "config"
    found = [path for path in config.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    secrets = {"password": ana.password.encode(), "key": ana.session.shared_key, "sign": ana.session.keys.sign}
    assert hits([config], secrets) == []


def test_without_a_passphrase_it_asks_at_a_terminal(ana):
    """No keyring runs here, so the prompt comes; nothing of what is typed is echoed."""
    control, terminal = pty.openpty()
    environment = ana.environment()
    del environment["SEALPOST_PASSPHRASE"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sealpost", "inbox"], stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    )
    os.close(terminal)
    shown = read_until(control, b"Passphrase: ")
    os.write(control, ana.password.encode() + b"\n")
    shown += read_until(control, None)
    assert process.wait(30) == 0
    assert ana.password.encode() not in shown
    os.close(control)


def read_until(control: int, end: bytes | None, seconds: float = 30) -> bytes:
    """What a terminal shows up to `end`, or to its end."""
    shown, deadline = b"", time.monotonic() + seconds
    while (end is None or end not in shown) and time.monotonic() < deadline:
        if not select.select([control], [], [], 1)[0]:
            continue
        try:
            block = os.read(control, 4096)
        except OSError:  # the other side has closed
            break
        if not block:
            break
        shown += block
    return shown


def test_two_documents_stamped_and_expiring_arrive_as_sent(ana, ben, tmp_path):
    contract, table = pdf(tmp_path / "contract.pdf", pages=4), tmp_path / "data.csv"
    table.write_text("a,b\n1,2\n")
    done = ana.run(
        "send", contract, table, "--to", ben.login, "--subject", "Q3", "--note", "please sign", "--step",
        'pdf.stamp:text="Draft for {recipient}"', "--expires", "3d",
    )  # fmt: skip
    assert done.stdout.endswith(f"is delivered: {ben.login}.\n")
    message = ben.run_json("inbox")[0]
    assert (message["subject"], message["documents"]) == ("Q3", 2)
    assert datetime.fromisoformat(message["expires_at"]) - datetime.fromisoformat(message["sent_at"]) == timedelta(3)
    shown = ben.run_json("show", message["id"])
    assert shown["note"] == "please sign"
    saved = ben.run_json("get", message["id"][:10], "--out", tmp_path / "got")
    assert [path.rpartition("/")[2] for path in saved] == ["contract.pdf", "data.csv"]
    assert (tmp_path / "got" / "data.csv").read_bytes() == table.read_bytes()
    texts = pdf_texts((tmp_path / "got" / "contract.pdf").read_bytes())
    assert [f"Draft for {ben.login}" in text for text in texts] == [True] * 4
    sent = ana.run_json("outbox")[0]
    delivery = ana.run_json("show", sent["id"])["deliveries"][0]
    assert delivery["state"] == "downloaded"
    assert delivery["delivered_at"] <= delivery["opened_at"] <= delivery["downloaded_at"]


def test_tables_fit_a_terminal_of_80_columns(ana, ben, tmp_path):
    name = "a rather long name of a document which somebody has chosen with care.txt"
    (tmp_path / name).write_text("x")
    subject = "A subject that is longer than what a narrow terminal can show in one line of a table"
    ana.run("send", tmp_path / name, "--to", ben.login, "--subject", subject)
    for member, box in ((ben, "inbox"), (ana, "outbox")):
        lines = member.run(box).stdout.splitlines()
        assert max(map(len, lines)) <= 80
        assert len(lines[1].split()[0]) == 8
        detail = member.run("show", member.run_json(box)[0]["id"]).stdout
        assert max(map(len, detail.splitlines())) <= 80
    assert f"\n{ben.login}  " in detail  # whole, so that it can be copied
    assert re.search(r"  delivered \d{4}-\d\d-\d\d \d\d:\d\d\n", detail)


def test_words_of_others_do_not_steer_the_terminal(ana, ben, tmp_path):
    (tmp_path / "x.txt").write_text("x")
    ana.run(
        "send", tmp_path / "x.txt", "--to", ben.login, "--subject", "\x1b[2J\x1b]0;owned\x07[red]", "--note", "\x9b2J"
    )
    for arguments in (["inbox"], ["show", ben.run_json("inbox")[0]["id"]]):
        shown = ben.run(*arguments).stdout
        assert not set(shown) & {"\x1b", "\x9b", "\x07"}
        assert "[red]" in shown


def test_a_wrong_passphrase_is_told_before_any_transfer(ana, tmp_path):
    wrong = Member(ana.system, ana.login, "not the passphrase", ana.folder)
    with RecordingProxy(("127.0.0.1", ana.system.port), tmp_path / "traffic") as proxy:
        away = Member(ana.system, ana.login, "not the passphrase", tmp_path / "home", url=proxy.url)
        sentence = refused(away, "signin", "--server", proxy.url, "--login", ana.login)
        traffic = b"".join(path.read_bytes() for path in (tmp_path / "traffic").iterdir())
    assert sentence.startswith("The login or the password is wrong")
    assert b"/uploads" not in traffic
    file = noise(tmp_path / "file.bin", 100)
    assert refused(wrong, "send", file, "--to", "ben@birch.example", "--subject", "x") == sentence


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["send", "FILE", "--to", "nobody@request.invalid", "--subject", "x"],
            "nobody@request.invalid cannot be reached",
        ),
        (["send", "MISSING", "--to", "ben@birch.example", "--subject", "x"], "missing.bin cannot be read"),
        (["send", "FILE", "--to", "ben@birch.example", "--subject", "x", "--step", "pdf.print"], "step"),
        (["send", "FILE", "--to", "ben@birch.example", "--subject", "x", "--step", "pdf.stamp"], "text"),
        (
            ["send", "FILE", "FILE", "--to", "ben@birch.example", "--subject", "x"],
            "file.bin is named twice. Nothing was sent",
        ),
        (["send", ".", "--to", "ben@birch.example", "--subject", "x"], ". cannot be read (Is a directory). Nothing"),
        (
            ["send", "FILE", "--to", "ben@birch.example", "--subject", "x", "--expires", "999"],
            "90 days at most by your organisation",
        ),
        (["show", "00000000-0000-0000-0000-000000000000"], "There is nothing here, or it is not yours."),
        (["get", "zz"], "No message begins with 'zz'"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_1(ana, tmp_path, arguments, says):
    places = {"FILE": noise(tmp_path / "file.bin", 100), "MISSING": tmp_path / "missing.bin"}
    assert says in refused(ana, *[places.get(word, word) for word in arguments])


@pytest.mark.parametrize(
    "arguments",
    [
        ["send"],
        ["send", "--subject", "x"],
        ["inbox", "--wat"],
        ["show"],
        ["send", "--subject", "x", "--expires", "soon"],
    ],
)
def test_wrong_usage_is_exit_code_2(ana, arguments):
    assert "Error: " in refused(ana, *arguments, code=2)


def test_nobody_signed_in_is_told_how(running, tmp_path):
    stranger = Member(running, "x@y.example", "x", tmp_path)
    assert refused(stranger, "inbox").startswith("Nobody is signed in here. Run: sealpost signin")


def test_a_server_that_is_not_there_is_told(ana, tmp_path):
    away = Member(ana.system, ana.login, ana.password, tmp_path, url="http://127.0.0.1:9")
    assert refused(away, "signin", "--server", away.url, "--login", ana.login).startswith(
        "The server cannot be reached"
    )


def test_nothing_is_overwritten(ana, ben, tmp_path):
    (tmp_path / "same.txt").write_text("new")
    ana.run("send", tmp_path / "same.txt", "--to", ben.login, "--subject", "Same")
    (tmp_path / "got").mkdir()
    (tmp_path / "got" / "same.txt").write_text("mine")
    ben.run("get", ben.run_json("inbox")[0]["id"], "--out", tmp_path / "got")
    assert (tmp_path / "got" / "same.txt").read_text() == "mine"
    assert (tmp_path / "got" / "same (2).txt").read_text() == "new"


def test_over_the_limit_is_told_before_the_upload(ana, tmp_path):
    wide = tmp_path / "wide.bin"
    with wide.open("wb") as file:
        file.truncate((10 << 30) + 1)
    said = refused(ana, "send", wide, "--to", "ben@birch.example", "--subject", "Wide")
    assert said == "wide.bin has 10.7 GB; this server takes 10.7 GB a document. Nothing was sent."


def test_signing_out_ends_the_session_here_and_there(reader, tmp_path):
    ben = Member(reader.system, reader.login, reader.password, tmp_path).signin()
    known = json.loads((tmp_path / "config" / "session.json").read_text())
    ben.run("signout")
    assert refused(ben, "inbox").startswith("Nobody is signed in here.")
    listed = {row["id"] for row in reader.session.call("GET", "/api/v1/sessions")["sessions"]}
    assert known["session"] not in listed


def test_what_pip_installs_is_the_engine_and_the_command_alone(tmp_path):
    """`pip install .` gives somebody without the server all they need, and nothing of it."""
    copy, place = tmp_path / "source", tmp_path / "venv"
    shutil.copytree(ROOT / "sealpost", copy / "sealpost", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, place], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", place / "bin" / "python", copy], check=True)
    done = subprocess.run([place / "bin" / "sealpost", "--help"], capture_output=True, text=True, check=True)
    assert "Exchange documents" in done.stdout
    listed = subprocess.run(
        [uv, "pip", "list", "--python", place / "bin" / "python"], capture_output=True, text=True, check=True
    )
    installed = {line.split()[0] for line in listed.stdout.splitlines()[2:]}
    assert "sealpost" in installed
    assert not {"django", "celery", "gunicorn", "redis", "pikepdf"} & {name.lower() for name in installed}
    packages = next(place.glob("lib/python*/site-packages"))
    assert not [name for name in ("portal", "exchange", "accounts", "vault", "tests") if (packages / name).exists()]
