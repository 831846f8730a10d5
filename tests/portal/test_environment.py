"""Settings from the environment: defaults, files in place of values, and addresses that can be opened."""

import os
import subprocess
import sys

import pytest

from tests.running import ROOT

pytestmark = pytest.mark.engine


def read(name: str, environment: dict[str, str]) -> str:
    """The value of a name of portal/environment.py under this environment and no other setting."""
    known = ("SEALPOST_", "DATABASE_URL", "CELERY_", "CACHE_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(known)}
    command = [sys.executable, "-c", f"from portal import environment; print(environment.{name})"]
    done = subprocess.run(command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"SEALPOST_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"SEALPOST_HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"SEALPOST_HOST": "::"}, "http://[::1]:8000"),
        ({"SEALPOST_HOST": "::1"}, "http://[::1]:8000"),
        ({"SEALPOST_HOST": "192.0.2.7"}, "http://192.0.2.7:8000"),
        ({"SEALPOST_ORIGIN": "https://exchange.example"}, "https://exchange.example"),
    ],
)
def test_the_printed_address_can_be_opened(environment, address):
    assert read("ADDRESS", environment) == address


def test_a_secret_may_be_given_as_a_file(tmp_path):
    queue, cache = tmp_path / "queue", tmp_path / "cache"
    queue.write_text("redis://:secret@host:6379/0\n")
    cache.write_text("redis://:secret@host:6379/1\n")
    files = {"CELERY_BROKER_URL_FILE": str(queue), "CACHE_URL_FILE": str(cache)}
    assert read("CELERY_BROKER_URL", files) == "redis://:secret@host:6379/0"
    assert read("EMBEDDED_VALKEY", files) == "False"
    assert read("EMBEDDED_VALKEY", {"CACHE_URL_FILE": str(cache)}) == "True"
    assert read("EMBEDDED_VALKEY", {}) == "True"


def test_a_path_too_long_for_a_socket_is_one_sentence(tmp_path):
    with pytest.raises(subprocess.CalledProcessError) as stopped:
        read("DATA", {"SEALPOST_DATA": str(tmp_path / ("d" * 100))})
    line = stopped.value.stderr.strip()
    assert line.startswith("Sealpost cannot start: the path of SEALPOST_DATA is too long for a socket in it")
    assert "\n" not in line
