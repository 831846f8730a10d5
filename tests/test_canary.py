"""Markers go through browser and command, and then are looked for everywhere that is not the user's own.

The subject, note, file name, content and stamp carry one marker, the passwords another. Nothing that crossed the wire,
that the server, its queue and its cache hold, or that the clients left on disk may show them, nor a key's own bytes.
What a user explicitly saved is outside the search.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pikepdf
import pytest
from playwright.sync_api import Playwright

from tests.browser.visitor import Visitor, chromium
from tests.canary import hits
from tests.documents import noise, pdf
from tests.people import Member, member, waited
from tests.recording_proxy import RecordingProxy
from tests.running import RunningSystem, production_environment
from tests.traces import QueueRecorder, database_dump, queue, queue_dump, workers_held

pytestmark = [pytest.mark.running, pytest.mark.browser, pytest.mark.production, pytest.mark.timeout(400)]

WORD = f"canary{secrets.token_hex(12)}"
SECRET = f"password{secrets.token_hex(12)}"


@dataclass
class Scene:
    """Where traces may lie, and the keys of the people who were there."""

    folder: Path
    system: RunningSystem
    playwright: Playwright
    proxy: str = ""
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

    def browse(self, profile: Path):
        """A browser whose profile lies there, and whose temporary files and home are searched."""
        options = {"playwright": self.playwright, "downloads_path": self.saved}
        return chromium(profile, env=dict(os.environ) | self.temporary(), **options)

    def temporary(self) -> dict[str, str]:
        """Environment whose temporary files and home are searched."""
        folder = str(self.place("temporary"))
        return {"TMPDIR": folder, "HOME": folder}


@pytest.fixture(scope="module")
def scene(tmp_path_factory, playwright):
    folder = tmp_path_factory.mktemp("canary")
    system = RunningSystem(folder / "data", production_environment())
    scene = Scene(folder, system, playwright)
    system.environment |= {"SEALPOST_CLAMD": os.environ["SEALPOST_TEST_CLAMD"]} | scene.temporary()
    system.start()
    with RecordingProxy(("127.0.0.1", system.port), scene.place("traffic")) as proxy:
        scene.proxy = proxy.url
        recorder = QueueRecorder(system, scene.place("queue") / "commands")
        act(scene, person(scene, 0), person(scene, 1))
        recorder.close()
        queue_dump(system, scene.place("queue"))
        database_dump(system, scene.place("database"))
        yield scene
    system.stop()


def person(scene: Scene, number: int) -> Member:
    """Somebody whose own password carries the marker."""
    one = member(scene.system, scene.system.people[number], scene.place(f"home-{number}"), own=f"{SECRET}-{number}")
    keys = one.signed_in[1]
    named = {"shared": keys.shared_key, "client": keys.login.client_key, "stored": keys.login.stored_key}
    scene.keys |= {f"{name} key of {one.login}": key for name, key in named.items()}
    return one.through(scene.proxy)


def act(scene: Scene, ana: Member, ben: Member) -> None:
    """Ana at the browser and Ben at the command send to each other; one message is held, one stays a draft."""
    files = [pdf(scene.saved / f"{WORD}.pdf", text=WORD), scene.saved / f"{WORD}.csv"]
    files[1].write_text(f"{WORD};" * 2000)
    with scene.browse(scene.place("profile")) as context:
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
    with scene.browse(scene.saved / "profile") as context:
        window = Visitor(context, ana.url)
        window.sign_in(ana.login, ana.password, path=f"/inbox/{answer}")
        assert WORD in window.save(f"{WORD}.csv", scene.saved).read_text()


def by_command(scene: Scene, ben: Member, message: str, files: list[Path]) -> str:
    """Ben fetches by the command, and sends back; the id of his message."""
    ben.extra = scene.temporary()
    ben.signin()
    ben.run("get", message, "--out", scene.saved / "got")
    assert WORD in (scene.saved / "got" / f"{WORD}.csv").read_text()
    said = ben.run("send", *files, "--to", "ana@aster.example", "--subject", f"Re {WORD}", "--note", WORD)
    assert said.stderr == ""
    ben.run("send", scene.saved / f"{WORD}.csv", "--to", f"{WORD}@request.invalid", "--subject", WORD, code=1)
    answer = ben.run_json("outbox")[0]["id"]
    ben.upload(noise(scene.saved / f"left-{WORD}.bin", 1000))  # an upload that was never sent
    queued(scene, ben, files)
    return answer


def queued(scene: Scene, ben: Member, files: list[Path]) -> None:
    """A message whose job waits in the queue while the queue is looked at."""
    body = {"key": str(uuid4()), "subject": WORD, "note": WORD, "recipients": ["ana@aster.example"]}
    body |= {"uploads": [ben.upload(files[0])], "steps": [{"step": "pdf.stamp", "parameters": {"text": WORD}}]}
    with workers_held(scene.system) as waiting:
        sent = ben.session.call("POST", "/api/v1/messages", body)
        assert waited(lambda: waiting.llen("heavy") + waiting.llen("fast"), bool)
        queue_dump(scene.system, scene.place("queue while a job waits"))
    assert ben.sent(sent["id"])["job"]["state"] == "done"


def held(window: Visitor, ana: Member, ben: Member, scene: Scene) -> None:
    """A message whose PDF cannot be processed."""
    path = scene.saved / f"locked-{WORD}.pdf"
    with pikepdf.open(pdf(scene.saved / "open.pdf", text=WORD)) as document:
        document.save(path, encryption=pikepdf.Encryption(owner=SECRET, user=SECRET))
    window.compose(to=ben.login, subject=f"Held {WORD}", note="", files=[path], stamp=WORD)
    window.send()
    window.see(".badge.held")


def test_nothing_shows_the_markers_or_a_key(scene):
    found = hits(scene.places(), scene.markers())
    assert not found, "\n".join(found)


def test_every_place_has_traces_of_what_was_done_there(scene):
    """A search of places where nothing happened would prove nothing."""
    there = {
        "traffic": b"POST /api/v1/messages", "queue": b"exchange.tasks.job_run", "profile": b"sealpost-engine",
        "queue while a job waits": b"exchange.tasks.job_run", "home-1": b"transcript",
    }  # fmt: skip
    if scene.system.environment["DATABASE_URL"]:
        there["database"] = b"exchange_message"
    for name, trace in there.items():
        assert hits([scene.place(name)], {"trace": trace}), name
    assert hits([scene.system.log], {"trace": b"is ready at"})
    assert len([path for path in (scene.system.data / "objects").rglob("*") if path.is_file()]) > 5


def plant_in_traffic(scene: Scene, word: str, key: bytes) -> Path:
    httpx.post(f"{scene.proxy}/api/v1/handshake/start", params={"word": word}, content=b"{" + key)
    return scene.place("traffic")


def plant_in_queue(scene: Scene, word: str, key: bytes) -> Path:
    queue(scene.system).lpush("planted", word, key)
    folder = scene.place("planted queue")
    queue_dump(scene.system, folder)
    queue(scene.system).delete("planted")
    return folder


def plant_in_commands(scene: Scene, word: str, key: bytes) -> Path:
    recorder = QueueRecorder(scene.system, scene.place("planted command") / "commands")
    queue(scene.system).set("planted", key + word.encode(), ex=1)
    recorder.close()
    return scene.place("planted command")


def plant_in_database(scene: Scene, word: str, key: bytes) -> Path:
    scene.system.django(
        f"""
        from django.utils import timezone
        from accounts.models import AuditEvent, SharedKey, Tenant
        planted = {{"seq": 10**9, "at": timezone.now(), "action": "{word}", "previous": b"", "hash": b""}}
        answer = [
            AuditEvent.objects.create(tenant=Tenant.objects.first(), **planted).seq,
            SharedKey.objects.update(wrapped_shared_key=bytes.fromhex("{key.hex()}")),
        ]
        """
    )
    if not scene.system.environment["DATABASE_URL"]:
        return scene.system.data
    database_dump(scene.system, scene.place("planted database"))
    return scene.place("planted database")


def plant_in_browser(scene: Scene, word: str, key: bytes) -> Path:
    with scene.browse(scene.place("planted profile")) as context:
        window = Visitor(context, scene.proxy)
        window.open("/inbox")
        window.see("[data-form=signin]")
        window.page.evaluate(
            """([word, key]) => new Promise((resolve) => {
              localStorage.setItem("planted", word);
              const opening = indexedDB.open("planted");
              opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
              opening.onsuccess = () => {
                const writing = opening.result.transaction("keys", "readwrite");
                writing.objectStore("keys").put(new Uint8Array(key), 1);
                writing.oncomplete = resolve;
              };
            })""",
            [word, [*key]],
        )
    return scene.place("planted profile")


def plant_in_file(choose: Callable[[Scene], Path]) -> Callable[[Scene, str, bytes], Path]:
    def plant(scene: Scene, word: str, key: bytes) -> Path:
        with choose(scene).open("ab") as file:
            file.write(b"x" * 100 + word.encode("utf-16-le") + key)
        return next(place for place in scene.places() if place in [choose(scene), *choose(scene).parents])

    return plant


PLANTS = {
    "traffic": plant_in_traffic,
    "queue": plant_in_queue,
    "commands": plant_in_commands,
    "database": plant_in_database,
    "browser": plant_in_browser,
    "objects": plant_in_file(lambda scene: scene.system.data / "objects" / "planted"),
    "temporary files": plant_in_file(lambda scene: scene.place("temporary") / "planted"),
    "temporary files of the server": plant_in_file(lambda scene: scene.system.data / "run" / "tmp" / "planted"),
    "folder of the command": plant_in_file(lambda scene: scene.place("home-1") / "config" / "planted"),
    "log": plant_in_file(lambda scene: scene.system.log),
}


@pytest.mark.parametrize("place", PLANTS)
def test_what_is_left_on_purpose_is_found(scene, place):
    """The control: a search that cannot find proves nothing. Each place has markers of its own."""
    word, key = f"planted{secrets.token_hex(12)}", secrets.token_bytes(32)
    found = hits([PLANTS[place](scene, word, key)], {"word": word.encode(), "key": key})
    assert {hit.partition(": ")[2].partition(" (")[0] for hit in found} == {"word", "key"}
