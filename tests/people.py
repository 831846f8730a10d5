"""People of a running system: signed in by the installed client's library, or at the `sealpost` command."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from sealpost.client.download import DocumentDownload
from sealpost.client.records import Records
from sealpost.client.session import Server, Session, password_change, sign_in
from sealpost.client.upload import FileUpload
from sealpost.protocol.keys import UserKeys
from tests.running import Person, RunningSystem

_WAIT_SECONDS = 60


@dataclass
class Member:
    """A person with a password of their own; `folder` is where their client keeps what it keeps."""

    system: RunningSystem
    login: str
    password: str
    folder: Path
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.url or self.system.url

    def through(self, proxy: str) -> "Member":
        """The same person, another client, behind a proxy."""
        return replace(self, url=proxy)

    @cached_property
    def signed_in(self) -> tuple[Session, UserKeys]:
        """A session and the keys behind it."""
        return sign_in(Server(self.url), self.login, self.password)

    @property
    def session(self) -> Session:
        """The session that the library works with."""
        return self.signed_in[0]

    def upload(self, path: Path, media_type: str = "application/octet-stream") -> str:
        """Upload a file; the upload's id."""
        records = Records(self.folder / "records", self.session.shared_key)
        return FileUpload(self.session, path, media_type=media_type, records=records, progress=lambda done: None).run()

    def send(self, *paths: Path, to: list[str], **members: Any) -> dict:
        """Upload and send; the outbox detail once the work has ended."""
        body = {"key": str(uuid4()), "subject": "Documents", "note": "", "recipients": to}
        body |= {"uploads": [self.upload(path) for path in paths]} | members
        sent = self.session.call("POST", "/api/v1/messages", body)
        return self.sent(sent["id"])

    def sent(self, message: str) -> dict:
        """The outbox detail once its job is neither queued nor running."""
        return waited(
            lambda: self.session.call("GET", f"/api/v1/outbox/{message}"),
            lambda shown: shown["job"]["state"] not in {"queued", "running"},
        )

    def received(self, message: str) -> dict:
        """The inbox detail of a message."""
        return self.session.call("GET", f"/api/v1/inbox/{message}")

    def save(self, document: dict, folder: Path) -> Path:
        """Download a document; the file."""
        return DocumentDownload(self.session, document, folder, progress=lambda done: None).run()

    def environment(self) -> dict[str, str]:
        """What the `sealpost` command of this person runs with: an own config folder and no keyring."""
        return (
            dict(os.environ)
            | {
                "SEALPOST_CONFIG": str(self.folder / "config"),
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
                "SEALPOST_PASSPHRASE": self.password,
                "COLUMNS": "80",
            }
            | self.extra
        )

    def run(self, *arguments: str, code: int = 0, **options: Any) -> subprocess.CompletedProcess[str]:
        """The `sealpost` command with these arguments, which must end with `code`."""
        command = [sys.executable, "-m", "sealpost", *map(str, arguments)]
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=300, check=False, **options
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def run_json(self, *arguments: str) -> Any:
        """The command's `--json` answer."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def signin(self) -> "Member":
        """Sign the command in."""
        self.run("signin", "--server", self.url, "--login", self.login)
        return self


def member(system: RunningSystem, person: Person, folder: Path, *, own: str = "") -> Member:
    """Give a person a password of their own, as they would at the first sign-in."""
    password = own or f"own-password-{uuid4().hex}"
    session, keys = sign_in(Server(system.url), person.login, person.passphrase)
    password_change(session, keys, password)
    return Member(system, person.login, password, folder)


def waited(ask, done, seconds: float = _WAIT_SECONDS):
    """What `ask` answers once `done` says so; AssertionError with the last answer after `seconds`."""
    deadline = time.monotonic() + seconds
    while not done(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer
