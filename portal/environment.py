"""Every setting that comes from the environment, with its default and why; a bad value stops the start."""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

ROOT = Path(__file__).resolve().parent.parent
_CERTIFICATES_MOST = 40_000  # they are told to a sandbox through a pipe of 64 KiB, as base64
_SOCKET_PATH_MOST = 100  # a unix socket's address has 108 bytes


def stop(sentence: str) -> NoReturn:
    """End the process with one clear sentence and exit code 1."""
    raise SystemExit(f"Sealpost cannot start: {sentence}")


def text(name: str, default: str = "") -> str:
    """NAME, or what the file named by NAME_FILE holds, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            stop(f"{name}_FILE names a file that cannot be read ({error.strerror}).")
    return os.environ.get(name) or default


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,15}", value) or not least <= int(value) <= most:
        stop(f"{name} must be a whole number from {least} to {most}.")
    return int(value)


def switch(name: str, default: bool) -> bool:
    """`on` or `off`."""
    value = text(name, "on" if default else "off")
    if value not in {"on", "off"}:
        stop(f"{name} must be on or off.")
    return value == "on"


def origin(name: str) -> str:
    """`scheme://host[:port]` or empty."""
    value = text(name)
    if value and not re.fullmatch(r"https?://[a-z0-9.\-\[\]:]+", value):
        stop(f"{name} must look like https://exchange.example, lower case, with nothing behind the host.")
    return value


def address(name: str, default: str, *schemes: str) -> str:
    """A URL of one of these schemes; what it holds is never repeated, for it may be a password."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in schemes:
        stop(f"{name} must be an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    return value


def certificates(name: str) -> list[bytes]:
    """DER of the certificates in a PEM file that NAME names; none where it is not set."""
    path = text(name)
    if not path:
        return []
    try:
        found = load_pem_x509_certificates(Path(path).read_bytes())
    except OSError as error:
        stop(f"{name} names a file that cannot be read ({error.strerror}).")
    except ValueError:
        stop(f"{name} must name a file of certificates in PEM.")
    made = [certificate.public_bytes(Encoding.DER) for certificate in found]
    if sum(map(len, made)) > _CERTIFICATES_MOST:
        stop(f"{name} names a file with more certificates than the {_CERTIFICATES_MOST} bytes that are read.")
    return made


def made_once(path: Path, make: Callable[[], str]) -> str:
    """The text of a private file, made with mode 0400 when it is not there."""
    try:
        for folder in (path.parent.parent, path.parent):  # a mode is given to the last folder alone
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
    except FileExistsError:
        pass
    except OSError as error:
        stop(f"the folder {path.parent} cannot be written ({error.strerror}). Set SEALPOST_DATA to one that can.")
    return path.read_text().strip()


# Folder of the database, objects, keys and everything that runs writes.
DATA = Path(text("SEALPOST_DATA", str(ROOT / "data"))).absolute()
RUN = DATA / "run"
# Address and port of the web server.
HOST = text("SEALPOST_HOST", "127.0.0.1")
PORT = number("SEALPOST_PORT", 8000, least=1, most=65535)
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_REACHED = _EVERYWHERE.get(HOST, HOST)
# Where it is reached from this machine.
LOCAL_ADDRESS = f"http://[{_REACHED}]:{PORT}" if ":" in _REACHED else f"http://{_REACHED}:{PORT}"
# Public origin when a proxy stands in front; empty: taken from the request's validated Host.
ORIGIN = origin("SEALPOST_ORIGIN")
ADDRESS = ORIGIN or LOCAL_ADDRESS
# Host names that requests may carry, separated by commas.
ALLOWED_HOSTS = text("SEALPOST_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
# Whether operators' pages are served at /admin/; one web process of several may be enough, on a network of its own.
ADMIN = switch("SEALPOST_ADMIN", True)
# Database, as postgres://user:password@host/name; empty: SQLite in the data folder.
DATABASE_URL = address("DATABASE_URL", f"sqlite:///{DATA / 'sealpost.sqlite3'}", "postgres", "postgresql", "sqlite")
# The same database as the role that owns its tables, for `manage.py migrate` alone; empty: DATABASE_URL does both.
DATABASE_MIGRATE_URL = text("DATABASE_MIGRATE_URL") and address("DATABASE_MIGRATE_URL", "", "postgres", "postgresql")
# Valkey's socket of the embedded default, used where the next two are not set.
VALKEY_SOCKET = RUN / "valkey.sock"
_BROKERS = ("redis", "rediss", "redis+socket", "amqp", "amqps")
CELERY_BROKER_URL = address("CELERY_BROKER_URL", f"redis+socket://{VALKEY_SOCKET}?virtual_host=0", *_BROKERS)
CACHE_URL = address("CACHE_URL", f"unix://{VALKEY_SOCKET}?db=1", "redis", "rediss", "unix")
EMBEDDED_VALKEY = not (text("CELERY_BROKER_URL") and text("CACHE_URL"))
# File that holds the vault's root key.
VAULT_ROOT = Path(text("SEALPOST_VAULT_ROOT", str(DATA / "keys" / "root.key")))
# clamd: path of its socket, or host:port; empty: nothing is scanned and shown so.
CLAMD = text("SEALPOST_CLAMD")
# File of certificates (PEM) whose signatures on PDFs are trusted; empty: the organisation's own alone are.
TRUSTED_ROOTS = certificates("SEALPOST_TRUSTED_ROOTS")
# Mail server, as smtp://user:password@host:587 or smtps://…; empty: mails are files in the data folder.
SMTP_URL = address("SEALPOST_SMTP_URL", "", "smtp", "smtps") if text("SEALPOST_SMTP_URL") else ""
# Sender of mails, and the hour (UTC) at which daily digests go out.
MAIL_FROM = text("SEALPOST_MAIL_FROM", "Sealpost <sealpost@localhost>")
DIGEST_HOUR = number("SEALPOST_DIGEST_HOUR", 6, least=0, most=23)
# Largest document in bytes, documents and recipients in one message.
UPLOAD_MAX = number("SEALPOST_UPLOAD_MAX", 10 << 30, least=1, most=1 << 45)
FILES_MAX = number("SEALPOST_FILES_MAX", 50, least=1, most=1000)
RECIPIENTS_MAX = number("SEALPOST_RECIPIENTS_MAX", 50, least=1, most=1000)
# Sign-ins that one address may begin in a minute.
SIGN_IN_RATE = number("SEALPOST_SIGN_IN_RATE", 10, least=1, most=100_000)
# Seconds after which a portal that nobody uses drops its keys.
IDLE_LOCK_SECONDS = number("SEALPOST_IDLE_LOCK_SECONDS", 600, least=5, most=86_400)
# Seconds between two looks of the scheduler at stuck jobs, and length of a job's lease.
SWEEP_SECONDS = number("SEALPOST_SWEEP_SECONDS", 10, least=1, most=3600)
LEASE_SECONDS = number("SEALPOST_LEASE_SECONDS", 60, least=2, most=3600)
# Web processes (one a core) and threads in each; jobs at once.
WEB_WORKERS = number("SEALPOST_WEB_WORKERS", os.cpu_count() or 1, least=1, most=256)
WEB_THREADS = number("SEALPOST_WEB_THREADS", 8, least=1, most=256)
JOB_WORKERS = number("SEALPOST_JOB_WORKERS", 2, least=1, most=256)
# Jobs at once among those that take minutes, as Office documents and text recognition do.
HEAVY_WORKERS = number("SEALPOST_HEAVY_WORKERS", 1, least=1, most=256)


def secret_key() -> str:
    """Django's secret, for the operator's admin alone; made on the first run where none is given."""
    return text("SEALPOST_SECRET_KEY") or made_once(DATA / "keys" / "django.key", lambda: secrets.token_urlsafe(48))


if EMBEDDED_VALKEY and len(str(VALKEY_SOCKET)) > _SOCKET_PATH_MOST:
    stop(f"the path of SEALPOST_DATA is too long for a socket in it: at most {_SOCKET_PATH_MOST - 16} characters.")
if DATABASE_MIGRATE_URL and not re.match(r"postgres(ql)?://[^@/]+@", DATABASE_URL):
    stop("DATABASE_MIGRATE_URL needs a DATABASE_URL of PostgreSQL that names the role which serves.")
