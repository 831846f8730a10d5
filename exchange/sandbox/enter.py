"""The first thing that runs inside the sandbox: take limits, drop what is left of root, then run one program.

It stands alone (nothing of the project exists in there). Limits are taken here and not by the parent, because code
between fork and exec is unsafe in a process with threads; no untrusted byte has been read yet.
"""

import contextlib
import json
import os
import resource
import runpy
import sys
from pathlib import Path

_DESCRIPTORS_MOST = 64
_THREADS_MOST = 32
_GRACE_SECONDS = 5


def limit(*, seconds: int, memory_mb: int, reserved_mb: int, processes: int) -> None:
    """Address space, processor time, file size, threads, descriptors, no core; and the first to go when memory ends.

    What of the address space can be written to is limited apart, so that space reserved without use is no memory.
    """
    memory, tasks = memory_mb << 20, processes or _THREADS_MOST
    space = memory + (reserved_mb << 20)
    for kind, soft, hard in (
        (resource.RLIMIT_AS, space, space),
        (resource.RLIMIT_DATA, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + _GRACE_SECONDS),
        (resource.RLIMIT_FSIZE, memory, memory),
        (resource.RLIMIT_NPROC, tasks, tasks),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS_MOST, _DESCRIPTORS_MOST),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def drop(owner: int) -> None:
    """Become `owner` for the kernel too, a user whom nobody else is.

    Without root the user namespace has made it nobody, and nothing is left to drop.
    """
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(owner, owner, owner)
        os.setresuid(owner, owner, owner)
    if 0 in os.getresuid() + os.getresgid():
        raise SystemExit("still root")


def bounded() -> None:
    """Try that the kernel holds this user to a number of processes: it does not where root made the user namespace."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, hard))
    try:
        child = os.fork()
    except OSError:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
        return
    if child == 0:
        os._exit(0)
    raise SystemExit("unbounded")


if __name__ == "__main__":
    folders, program, owner = sys.argv[1], sys.argv[2], int(sys.argv[6])
    limits = json.loads(sys.argv[5])
    limit(**limits)
    drop(owner)
    if limits["processes"]:
        bounded()
    sys.path[:0] = folders.split(":")
    runpy.run_path(program, run_name="__main__")
