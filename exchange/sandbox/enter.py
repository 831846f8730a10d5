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

_NOBODY = 65534
_DESCRIPTORS_MOST = 64
_THREADS_MOST = 32
_GRACE_SECONDS = 5


def limit(*, seconds: int, memory_mb: int, processes: int) -> None:
    """Address space, processor time, file size, threads, descriptors, no core; and the first to go when memory ends."""
    memory, tasks = memory_mb << 20, processes or _THREADS_MOST
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + _GRACE_SECONDS),
        (resource.RLIMIT_FSIZE, memory, memory),
        (resource.RLIMIT_NPROC, tasks, tasks),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS_MOST, _DESCRIPTORS_MOST),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def drop() -> None:
    """Become nobody for the kernel too. Without root the user namespace has done so, and nothing is left to drop."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    if 0 in os.getresuid() + os.getresgid():
        raise SystemExit("still root")


if __name__ == "__main__":
    folders, program, limits = sys.argv[1], sys.argv[2], json.loads(sys.argv[5])
    limit(**limits)
    drop()
    sys.path[:0] = folders.split(":")
    runpy.run_path(program, run_name="__main__")
