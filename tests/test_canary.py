"""Markers go through browser and command, and then are looked for everywhere that is not the user's own.

The subject, note, file name, content and stamp carry one marker, the passwords another. Nothing that crossed the wire,
that the server, its queue and its cache hold, or that the clients left on disk may show them, nor a key's own bytes.
What a user explicitly saved is outside the search.
"""

import os
import secrets
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pytest
import redis

from tests.browser.visitor import Visitor, chromium
from tests.canary import hits
from tests.documents import noise, pdf
from tests.people import Member, member, waited
from tests.recording_proxy import RecordingProxy
from tests.running import RunningSystem, production_environment

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.production, pytest.mark.timeout(400)]

WORD = f"canary{secrets.token_hex(12)}"
SECRET = f"password{secrets.token_hex(12)}"


@dataclass
class Scene:
    """Where traces may lie, and the keys of the people who were there."""

    folder: Path
    system: RunningSystem
    keys: dict[str, bytes] = field(default_factory=dict)

    def place(self, name: str) -> Path:
        """A folder that is searched."""
        path = self.folder / "searched" / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def saved(self) -> Path:
        """Where the users save on purpose."""
        path = self.folder / "saved"
        path.mkdir(exist_ok=True)
        return path

    def places(self) -> list[Path]:
        """Everything that is searched."""
        return [*sorted((self.folder / "searched").iterdir()), self.system.data, self.system.log]

    def markers(self) -> dict[str, bytes]:
        """What is looked for."""
        return {"word": WORD.encode(), "password": SECRET.encode()} | self.keys


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canary")
    system = RunningSystem(
        folder / "data", production_environment(folder) | {"SEALPOST_CLAMD": os.environ["SEALPOST_TEST_CLAMD"]}
    )
    system.start()
    scene = Scene(folder, system)
    with RecordingProxy(("127.0.0.1", system.port), scene.place("traffic")) as proxy:
        recorder = QueueRecorder(queue(system), scene.place("queue") / "commands")
        ana = person(scene, 0, proxy.url)
        ben = person(scene, 1, proxy.url)
        act(scene, ana, ben)
        recorder.close()
    dump(scene)
    yield scene
    system.stop()


def person(scene: Scene, number: int, url: str) -> Member:
    """Somebody whose own password carries the marker."""
    one = member(scene.system, scene.system.people[number], scene.place(f"home-{number}"), own=f"{SECRET}-{number}")
    keys = one.signed_in[1]
    named = {"shared": keys.shared_key, "client": keys.login.client_key, "stored": keys.login.stored_key}
    scene.keys |= {f"{name} key of {one.login}": key for name, key in named.items()}
    return one.through(url)


def act(scene: Scene, ana: Member, ben: Member) -> None:
    """Ana at the browser and Ben at the command send to each other; one message is held, one stays a draft."""
    files = [pdf(scene.saved / f"{WORD}.pdf", text=WORD), scene.saved / f"{WORD}.csv"]
    files[1].write_text(f"{WORD};" * 2000)
    with chromium(scene.place("profile"), downloads_path=scene.saved, env=temporary(scene)) as context:
        window = Visitor(context, ana.url)
        window.sign_in(ana.login, ana.password)
        window.compose(to=ben.login, subject=f"About {WORD}", note=f"Note {WORD}", files=files, stamp=f"Stamp {WORD}")
        sent = window.send()
        assert window.page.locator(".badge.held").count() == 0
        answer = by_command(scene, ben, sent, files)
        window.open(f"/inbox/{answer}")
        assert WORD in window.see("h1").text_content()
        window.page.locator("[data-preview]:not([hidden])").first.click()
        window.see("canvas[data-drawn]")
        held(window, ana, ben, scene)
        window.page.click("#nav a.button")
        window.see("[data-page=compose]")
        window.page.fill("[name=subject]", f"Draft {WORD}")
        waited(lambda: window.page.evaluate("indexedDB.databases().then((found) => found.length)"), bool)
        window.page.wait_for_timeout(1500)  # the draft is written a moment after the last key

    # A browser lists by name what its user saved, so saving happens in another profile.
    with chromium(scene.saved / "profile", downloads_path=scene.saved, env=temporary(scene)) as context:
        window = Visitor(context, ana.url)
        window.sign_in(ana.login, ana.password, path=f"/inbox/{answer}")
        assert WORD in window.save(f"{WORD}.csv", scene.saved).read_text()


def temporary(scene: Scene) -> dict[str, str]:
    """Environment whose temporary files and home are searched too."""
    folder = str(scene.place("temporary"))
    return dict(os.environ) | {"TMPDIR": folder, "HOME": folder}


def by_command(scene: Scene, ben: Member, message: str, files: list[Path]) -> str:
    """Ben fetches by the command, and sends back; the id of his message."""
    ben.extra = {name: temporary(scene)[name] for name in ("TMPDIR", "HOME")}
    ben.signin()
    ben.run("get", message, "--out", scene.saved / "got")
    assert WORD in (scene.saved / "got" / f"{WORD}.csv").read_text()
    said = ben.run("send", *files, "--to", "ana@aster.example", "--subject", f"Re {WORD}", "--note", WORD)
    assert said.stderr == ""
    ben.run("send", scene.saved / f"{WORD}.csv", "--to", f"{WORD}@nowhere.example", "--subject", WORD, code=1)
    ben.upload(noise(scene.saved / f"left-{WORD}.bin", 1000))  # an upload that was never sent
    return ben.run_json("outbox")[0]["id"]


def held(window: Visitor, ana: Member, ben: Member, scene: Scene) -> None:
    """A message whose PDF cannot be processed."""
    path = scene.saved / f"locked-{WORD}.pdf"
    with pikepdf.open(pdf(scene.saved / "open.pdf", text=WORD)) as document:
        document.save(path, encryption=pikepdf.Encryption(owner=SECRET, user=SECRET))
    window.compose(to=ben.login, subject=f"Held {WORD}", note="", files=[path], stamp=WORD)
    window.send()
    window.see(".badge.held")


def queue(system: RunningSystem) -> str:
    """Socket of the server that is queue and cache."""
    broker = system.environment["CELERY_BROKER_URL"]
    path = broker.removeprefix("redis+socket://").partition("?")[0]
    return path or str(system.data / "run" / "valkey.sock")


class QueueRecorder(threading.Thread):
    """Records every command that reaches a queue or cache, until it is closed."""

    def __init__(self, address: str, path: Path) -> None:
        super().__init__(daemon=True)
        self._monitor = redis.Redis(unix_socket_path=address).monitor()
        self._monitor.__enter__()
        self._path = path
        self.start()

    def run(self) -> None:
        with self._path.open("wb", buffering=0) as log, suppress(redis.RedisError, OSError, ValueError, AttributeError):
            for command in self._monitor.listen():
                log.write(command["command"].encode("utf-8", "surrogateescape") + b"\n")

    def close(self) -> None:
        """End the recording."""
        self._monitor.connection.disconnect()


def dump(scene: Scene) -> None:
    """What the queue, the cache and PostgreSQL hold now."""
    for database in range(4):
        client = redis.Redis(unix_socket_path=queue(scene.system), db=database)
        for position, key in enumerate(client.scan_iter()):
            path = scene.place("queue") / f"{database}-{position}"
            path.write_bytes(key + b"\n" + (client.dump(key) or b""))
    if url := scene.system.environment["DATABASE_URL"]:
        name, _, host = url.removeprefix("postgres://sealpost@/").partition("?host=")
        program = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1]
        path = scene.place("database") / "dump.sql"
        subprocess.run([str(program), "-h", host, "-U", "sealpost", "-f", str(path), name], check=True)


def test_nothing_shows_the_markers_or_a_key(scene):
    found = hits(scene.places(), scene.markers())
    assert not found, "\n".join(found)


def test_the_search_sees_every_place(scene):
    """Each place has traces of what was done there, and a marker left in it is found."""
    there = {
        "traffic": b"POST /api/v1/messages", "queue": b"exchange.tasks.job_run", "profile": b"sealpost-engine",
        "home-1": b"transcript",
    }  # fmt: skip
    if scene.system.environment["DATABASE_URL"]:
        there["database"] = b"exchange_message"
    for name, trace in there.items():
        assert hits([scene.place(name)], {"trace": trace}), name
    for place in scene.places():
        planted = (place if place.is_dir() else place.parent) / "planted.txt"
        planted.write_bytes(b"x" * 100 + WORD.encode("utf-16-le"))
        assert hits([planted.parent], {"word": WORD.encode()}), place
        planted.unlink()
