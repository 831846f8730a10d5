"""What a hostile document would try, each once: what worked is counted. Nothing here harms a machine that lets it."""

import ctypes
import os
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from protocol import Control, answer

_CHILDREN = 64  # not more, so that this is no bomb where nothing stops it


def _works(attempt: Callable[[], Any]) -> int:
    try:
        attempt()
    except (OSError, ValueError, RuntimeError):
        return 0
    return 1


def _connect() -> None:
    socket.create_connection(("127.0.0.1", 9), 1).close()


def _socket() -> None:
    """Any network at all: without one there is not even a loopback interface that is up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.connect(("192.0.2.1", 9))


def _namespace() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")


def _read(path: Path) -> None:
    with path.open("rb") as file:
        file.read(1)


def _children() -> int:
    """How many processes can be there beside this one."""
    children = []
    try:
        for _ in range(_CHILDREN):
            child = os.fork()
            if not child:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return len(children)


def selftest(arguments: dict[str, Any], _: Control) -> dict[str, int]:
    """Counts of what worked; everything should be 0 but `scratch`, and `children` below the limit."""
    if arguments["attempt"] == "memory":
        kept = bytearray(arguments["bytes"])
        return {"memory": len(kept) and 1}
    secret, outside = ([Path(path) for path in arguments[name]] for name in ("secret", "outside"))
    return {
        "network": _works(_connect) or _works(_socket),
        "files_read": sum(_works(partial(_read, path)) for path in secret),
        "files_written": sum(_works(path.touch) for path in outside),
        "namespaces": _works(_namespace),
        "root": int(os.getuid() == 0),
        "children": _children(),
        "scratch": _works(lambda: Path("/scratch/file").write_bytes(b"x")),
    }


if __name__ == "__main__":
    answer(selftest)
