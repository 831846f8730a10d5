"""What a running system leaves in queue, cache and database, written to files so that it can be searched."""

import codecs
import os
import secrets
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from tests.running import RunningSystem
from tests.services.postgres import BACKUP

_READ: dict[bytes, Callable[[redis.Redis, bytes], object]] = {
    b"string": lambda client, key: client.get(key),
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"hash": lambda client, key: client.hgetall(key),
    b"set": lambda client, key: client.smembers(key),
    b"zset": lambda client, key: client.zrange(key, 0, -1),
}


def queue(system: RunningSystem, database: int | None = None) -> redis.Redis:
    """The server that is a system's queue and cache; its queue's own database where none is named."""
    path, _, number = (
        system.environment["CELERY_BROKER_URL"].removeprefix("redis+socket://").partition("?virtual_host=")
    )
    path = path or str(system.data / "run" / "valkey.sock")
    return redis.Redis(unix_socket_path=path, db=int(number or 0) if database is None else database)


@contextmanager
def workers_held(system: RunningSystem) -> Iterator[redis.Redis]:
    """The workers stand still, so that what is queued stays in the queue that is given."""
    workers, client = system.children("celery --quiet -A portal.celery worker"), queue(system)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    own = str(client.get_connection_kwargs()["db"])
    for connected in client.client_list():  # or a connection that waits already would be handed the job
        if connected["cmd"] == "brpop" and connected["db"] == own:
            client.client_kill_filter(_id=connected["id"])
    try:
        yield client
    finally:
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def queue_dump(system: RunningSystem, folder: Path) -> None:
    """Every key of every database, as its bytes are: DUMP would compress them."""
    for name in queue(system).info("keyspace"):
        client = queue(system, int(name.removeprefix("db")))
        for position, key in enumerate(client.scan_iter()):
            with (folder / f"{name}-{position}").open("wb") as file:
                file.writelines(_flat([key, _READ[client.type(key)](client, key)]))


def _flat(value: object) -> Iterator[bytes]:
    match value:
        case None:  # expired in between
            return
        case bytes():
            yield value + b"\n"
        case dict():
            yield from _flat([*value.items()])
        case list() | tuple() | set():
            for one in value:
                yield from _flat(one)
        case _:
            yield repr(value).encode()


class QueueRecorder(threading.Thread):
    """Records every command that reaches a queue or cache, bytes as they were sent, until it is closed."""

    def __init__(self, system: RunningSystem, path: Path) -> None:
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(queue(system).get_connection_kwargs()["path"])
        self._socket.sendall(b"MONITOR\r\n")
        assert self._socket.recv(5) == b"+OK\r\n"
        self._system, self._path, self._last = system, path, secrets.token_hex(8)
        self.start()

    def run(self) -> None:
        with self._socket, self._path.open("wb", buffering=0) as log, self._socket.makefile("rb") as said:
            for line in said:
                log.write(codecs.escape_decode(line)[0])
                if self._last.encode() in line:
                    return

    def close(self) -> None:
        """End the recording once it has all that was said; AssertionError where it ended before."""
        assert self.is_alive()
        queue(self._system).echo(self._last)
        self.join(10)
        assert not self.is_alive()


def database_dump(system: RunningSystem, folder: Path) -> None:
    """pg_dump of a PostgreSQL database; SQLite's own files lie in the data folder."""
    if url := system.environment["DATABASE_URL"]:
        name, _, host = url.partition("@/")[2].partition("?host=")
        program = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1]
        subprocess.run([str(program), "-h", host, "-U", BACKUP, "-f", str(folder / "dump.sql"), name], check=True)
