"""`manage.py run`: the whole of Sealpost in one terminal."""

import fcntl
import os
import secrets
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django_scopes import scopes_disabled

from accounts.services import demo_create
from portal import environment, processes
from portal.database.isolation import isolation_check
from portal.supervisor import ChildEnded, Supervisor
from sealpost.errors import SealpostError
from vault.errors import RootKeyMissing
from vault.models import RootKey
from vault.providers.file import root_key_create
from vault.services import root_key_check

_READY_SECONDS = 60.0


def _stopped(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


class Command(BaseCommand):
    help = "Start Valkey, web, worker and scheduler together; Ctrl-C ends all of them."
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):  # a shell starts what it puts into the background deaf to Ctrl-C
            signal.signal(number, _stopped)
        os.umask(0o077)  # what is written is for this user alone
        self._folders()
        self._port_free()
        self._alone()
        supervisor = Supervisor(_child_environment(), environment.ROOT)
        try:
            self._start(supervisor)
            supervisor.watch()
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        except ChildEnded as ended:
            raise CommandError(f"{ended.name} ended by itself (code {ended.code}); everything was stopped.") from None
        except SealpostError as error:
            raise CommandError(f"Sealpost cannot start: {error.sentence}") from None
        except DatabaseError as error:
            raise CommandError(f"Sealpost cannot start: the database cannot be used ({_first_line(error)}).") from None
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):  # a second one must leave nothing behind either
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()

    def _folders(self) -> None:
        try:
            for folder in (environment.DATA, environment.RUN, environment.RUN / "tmp", settings.SEALPOST_OBJECTS):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = environment.DATA / f".probe-{secrets.token_hex(4)}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise CommandError(
                f"Sealpost cannot start: the folder {environment.DATA} cannot be written ({error.strerror}). "
                "Set SEALPOST_DATA to one that can."
            ) from None

    def _port_free(self) -> None:
        family = socket.AF_INET6 if ":" in environment.HOST else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((environment.HOST, environment.PORT))
            except OSError as error:
                raise CommandError(
                    f"Sealpost cannot start: port {environment.PORT} on {environment.HOST} cannot be used "
                    f"({error.strerror}). Stop what uses it, or set SEALPOST_PORT."
                ) from None

    def _alone(self) -> None:
        """Hold the folder for as long as this process lives: two on one folder would destroy each other's queue."""
        self._held = os.open(environment.RUN / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Sealpost cannot start: another one runs on the folder {environment.DATA}. "
                "End it, or set SEALPOST_DATA to another folder."
            ) from None

    def _start(self, supervisor: Supervisor) -> None:
        if environment.EMBEDDED_VALKEY:
            environment.VALKEY_SOCKET.unlink(missing_ok=True)
            supervisor.start(processes.valkey(environment.RUN, environment.VALKEY_SOCKET))
            _wait_for_valkey(supervisor, environment.VALKEY_SOCKET)
        call_command("migrate", verbosity=0, interactive=False)
        isolation_check()
        _root_key()
        with scopes_disabled():
            issued = demo_create()
        for program in (processes.web(), *processes.workers(), processes.scheduler()):
            supervisor.start(program)
        _wait_for_web(supervisor, environment.LOCAL_ADDRESS)
        self._welcome(issued)

    def _welcome(self, issued: list[tuple[str, str, str]]) -> None:
        if issued:
            self.stdout.write("Two connected organisations are ready. These passphrases are shown once:")
            for name, login, passphrase in issued:
                self.stdout.write(f"  {name:<14} {login:<20} {passphrase}")
        if not settings.SEALPOST_CLAMD:
            self.stdout.write("No malware scanner is configured (SEALPOST_CLAMD): documents are shown as not scanned.")
        self.stdout.write(f"Sealpost is ready at {environment.ADDRESS}  (Ctrl-C ends it)")
        self.stdout.flush()


def _child_environment() -> dict[str, str]:
    """Children write below the data folder alone, and serve: they are not told how to change tables."""
    own = {
        "HOME": str(environment.RUN),
        "TMPDIR": str(environment.RUN / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
    }
    given = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_MIGRATE_URL")}
    return given | own | {"SEALPOST_DATA": str(environment.DATA)}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _root_key() -> None:
    """Make the root key on the first run only: where documents exist already, a missing one must stop the start."""
    path = settings.SEALPOST_VAULT_ROOT
    with scopes_disabled():
        sealed = RootKey.objects.exists()
    if sealed and not path.exists():
        raise RootKeyMissing(
            f"the vault's root key {path} is missing, and this database was sealed with it. "
            "Nothing was changed; restore it from its backup."
        )
    try:
        root_key_create(path)
    except OSError as error:
        raise RootKeyMissing(f"the vault's root key {path} cannot be made ({error.strerror}).") from error
    root_key_check()


def _wait_for_valkey(supervisor: Supervisor, path: Path) -> None:
    client = redis.Redis(unix_socket_path=str(path))
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        supervisor.check()
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.02)
        else:
            return
    raise CommandError("Sealpost cannot start: Valkey does not answer.")


def _wait_for_web(supervisor: Supervisor, address: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    request = urllib.request.Request(f"{address}/health", headers={"Host": settings.ALLOWED_HOSTS[0]})  # noqa: S310
    while time.monotonic() < deadline:
        supervisor.check()
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CommandError("Sealpost cannot start: the web server does not answer.")
