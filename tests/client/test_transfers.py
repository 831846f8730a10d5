"""What was interrupted goes on where it was, either way."""

import signal
import subprocess
import sys

import pytest

from sealpost.protocol.content import PART
from tests.documents import noise
from tests.people import Member
from tests.recording_proxy import CuttingProxy, StallingProxy

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]


def test_an_interrupted_send_goes_on_with_the_parts_that_are_missing(sender, ben, tmp_path):
    file, traffic = noise(tmp_path / "resumed.bin", 8 * PART), tmp_path / "traffic"
    with StallingProxy(("127.0.0.1", sender.system.port), traffic) as proxy:
        ana = Member(sender.system, sender.login, sender.password, tmp_path / "home", url=proxy.url).signin()
        arguments = ["send", file, "--to", ben.login, "--subject", "Resumed"]
        proxy.allow = 6 * PART
        interrupt(ana, arguments, when=proxy.stalled)
        proxy.allow = None
        before = proxy.passed
        ana.run(*arguments)
        assert proxy.passed - before < 5 * PART
    message = ben.run_json("inbox")[0]
    assert message["subject"] == "Resumed"
    ben.run("get", message["id"], "--out", tmp_path / "got")
    assert (tmp_path / "got" / "resumed.bin").read_bytes() == file.read_bytes()


def interrupt(member: Member, arguments, when) -> None:
    """Start the command and press Ctrl-C once `when` is set."""
    command = [sys.executable, "-m", "sealpost", *map(str, arguments)]
    process = subprocess.Popen(command, env=member.environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert when.wait(60)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, said
    assert said.endswith("What was already transferred is kept; run the same command again.\n")


def test_a_file_that_changed_between_two_attempts_is_sent_anew_whole(ana, ben, tmp_path):
    """Never the old parts under the new ones: the bytes that arrive are the file as it is now."""
    file = noise(tmp_path / "changed.bin", 3 * PART, seed=1)
    ana.upload(file)  # an attempt whose message was never sent
    noise(file, 3 * PART, seed=2)
    ana.run("send", file, "--to", ben.login, "--subject", "Changed")
    message = ben.run_json("inbox")[0]
    ben.run("get", message["id"], "--out", tmp_path / "got")
    assert (tmp_path / "got" / "changed.bin").read_bytes() == file.read_bytes()


def test_an_interrupted_get_goes_on_at_a_segment(ana, ben, tmp_path):
    file, out = noise(tmp_path / "long.bin", 60 << 20), tmp_path / "got"
    ana.run("send", file, "--to", ben.login, "--subject", "Long")
    message = ben.run_json("inbox")[0]
    with StallingProxy(("127.0.0.1", ben.system.port), tmp_path / "traffic", way="s2c") as proxy:
        away = Member(ben.system, ben.login, ben.password, tmp_path / "home", url=proxy.url).signin()
        proxy.allow = proxy.passed + (40 << 20) + 12345
        interrupt(away, ["get", message["id"], "--out", out], when=proxy.stalled)
        proxy.allow = None
        (part,) = out.iterdir()
        assert part.name.startswith("long.bin.")
        assert part.suffix == ".part"
        before = proxy.passed
        away.run("get", message["id"], "--out", out)
        assert proxy.passed - before < (32 << 20)  # what was under way when it was interrupted counts too
    assert [path.name for path in out.iterdir()] == ["long.bin"]
    assert (out / "long.bin").read_bytes() == file.read_bytes()


def test_a_get_whose_connection_is_cut_goes_on_by_itself(ana, ben, tmp_path):
    file, out = noise(tmp_path / "cut.bin", 60 << 20), tmp_path / "got"
    ana.run("send", file, "--to", ben.login, "--subject", "Cut")
    message = ben.run_json("inbox")[0]
    with CuttingProxy(("127.0.0.1", ben.system.port), tmp_path / "traffic") as proxy:
        away = Member(ben.system, ben.login, ben.password, tmp_path / "home", url=proxy.url).signin()
        proxy.cut_after = 25 << 20
        away.run("get", message["id"], "--out", out)
        assert proxy.cuts == 2
    assert [path.name for path in out.iterdir()] == ["cut.bin"]
    assert (out / "cut.bin").read_bytes() == file.read_bytes()
