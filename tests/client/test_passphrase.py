"""Where the command's passphrase comes from when nobody is there to ask, and what a keyring saves asking for."""

import subprocess
from uuid import uuid4

import pytest

from tests.canary import hits
from tests.people import Member

pytestmark = [pytest.mark.running, pytest.mark.timeout(200)]

APART = {"stdin": subprocess.DEVNULL, "start_new_session": True}  # no terminal, as under cron
KEYRING = """
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

class Keyring(KeyringBackend):
    priority = 5
    place = Path(os.environ["KEYRING_OF_THE_TEST"])

    def kept(self):
        return json.loads(self.place.read_text()) if self.place.exists() else {}

    def get_password(self, service, name):
        return self.kept().get(f"{service}/{name}")

    def set_password(self, service, name, secret):
        self.place.write_text(json.dumps(self.kept() | {f"{service}/{name}": secret}))

    def delete_password(self, service, name):
        kept = self.kept()
        if kept.pop(f"{service}/{name}", None) is None:
            raise PasswordDeleteError(name)
        self.place.write_text(json.dumps(kept))
"""


def refused(member: Member, *arguments) -> str:
    """The one sentence of a refusal."""
    done = member.run(*arguments, code=1, **APART)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


def test_without_a_terminal_it_says_what_is_missing_and_asks_nobody(running, sender, tmp_path):
    """A script gets one sentence: no prompt that nobody sees, no warning, and nothing changed."""
    login = f"new-{uuid4().hex[:8]}@aster.example"
    issued = tmp_path / "issued"
    issued.write_text(running.manage("user_issue", "Aster Legal", login)["passphrase"])
    ana = Member(running, sender.login, sender.password, tmp_path / "ana").signin()
    silent = Member(running, ana.login, "", ana.folder, extra={"SEALPOST_PASSPHRASE": ""})
    assert refused(silent, "inbox").startswith("The passphrase is needed: ")
    somebody = Member(running, login, "", tmp_path / "home", extra={"SEALPOST_PASSPHRASE": ""})
    options = ["--server", running.url, "--login", login, "--passphrase-file", issued]
    assert refused(somebody, "signin", *options) == (
        "A new passphrase is needed, and nothing was changed: choose it at the prompt, or by --new-passphrase-file."
    )


def test_a_running_keyring_keeps_the_key_so_that_nothing_is_asked_again(sender, tmp_path):
    """The operating system's own is a place of the user's; the config folder still holds no key."""
    (tmp_path / "keyring_of_the_test.py").write_text(KEYRING)
    ring = tmp_path / "ring.json"
    extra = {"PYTHONPATH": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring_of_the_test.Keyring"}
    extra["KEYRING_OF_THE_TEST"] = str(ring)
    ana = Member(sender.system, sender.login, sender.password, tmp_path / "home", extra=extra).signin()
    silent = Member(sender.system, sender.login, "", ana.folder, extra=extra | {"SEALPOST_PASSPHRASE": ""})
    silent.run("inbox", **APART)
    key = {"key": sender.session.shared_key}
    assert hits([ring], key)
    assert hits([ana.folder], key) == []
    silent.run("signout", **APART)
    assert hits([ring], key) == []
    assert refused(silent, "inbox").startswith("Nobody is signed in here.")
