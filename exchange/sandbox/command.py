"""The command line of the sandbox, and whether it works on this machine."""

import json
import os
import secrets
import shutil
import site
import subprocess
import sys
from functools import cache
from pathlib import Path

from exchange.sandbox.base import Limits
from exchange.sandbox.seccomp import seccomp_descriptor
from exchange.sandbox.tools import TOOLS, tool_folders

PROGRAMS = Path(__file__).resolve().parent.parent / "steps" / "programs"
_ENTER = Path(__file__).resolve().parent / "enter.py"
_SYSTEM = ("/usr/lib", "/lib", "/lib64", "/etc/ld.so.cache")
_PROBE_SECONDS, _PROBE_PROCESSES = 20, 32
_INSTALL = "bubblewrap is not installed: apt-get install bubblewrap"
_REFUSED = (
    "bubblewrap (0.8 or newer) is installed but cannot make a sandbox here; where the kernel forbids it: "
    "sysctl kernel.unprivileged_userns_clone=1"
)
_UNBOUNDED = "the kernel does not limit processes in the sandbox here: run Sealpost as a user that is not root"

_SCRATCH = "/scratch"  # not /tmp: the interpreter may lie below it

# A service that is not root gets a user namespace in which it is nobody. Root could have the same, but would stay root
# for the kernel's checks of who owns a file; so it makes the namespaces as root, and `enter.py` becomes nobody with the
# two capabilities that takes and that vanish by it.
_AS_USER = ("--unshare-user", "--uid", "65534", "--gid", "65534")
_AS_ROOT = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")

# The kernel counts processes by user, so that a limit holds for one sandbox only where each is a user of its own. With
# a user namespace it is (since Linux 5.14); root picks a number that no system gives to users.
_NOBODY = 65534
_OWNERS = range(0x7000_0000, 0x7FFD_0000)


def _owner() -> int:
    """A user for one sandbox; nobody where a container's root may not become others."""
    owner = secrets.choice(_OWNERS)
    maps = (Path(f"/proc/self/{kind}_map").read_text().splitlines() for kind in ("uid", "gid"))
    mapped = all(any(_within(owner, *map(int, line.split())) for line in lines) for lines in maps)
    return owner if mapped else _NOBODY


def _within(owner: int, first: int, _outside: int, count: int) -> bool:
    return first <= owner < first + count


def _packages() -> list[str]:
    return [folder for folder in site.getsitepackages() if Path(folder).is_dir()]


def _runtime() -> list[str]:
    """Folders of the interpreter and its packages, nothing of ours."""
    return sorted({str(Path(sys.base_prefix).resolve()), *_packages()})


def _above(shown: list[str]) -> list[str]:
    """What lies above them, to be made empty and passable: bubblewrap itself would make it for its own user alone."""
    above = {str(parent) for folder in shown for parent in Path(folder).parents}
    return sorted((above | {"/etc", "/usr"}) - {"/"})


def sandbox_command(
    identity: tuple[str, ...],
    *,
    program: str,
    request: int,
    control: int,
    seccomp: int,
    limits: Limits,
    programs: Path = PROGRAMS,
    tools: tuple[str, ...] = (),
) -> list[str]:
    """What starts `program` under bubblewrap. Three descriptors are inherited: its arguments, its voice, the filter.

    Arguments go through a descriptor because a command line is shown to everybody on the machine.
    """
    shown = [*_runtime(), *tool_folders(tools)]
    binds = [part for folder in _above(shown) for part in ("--dir", folder)]
    binds += [part for folder in _SYSTEM for part in ("--ro-bind-try", folder, folder)]
    binds += [part for folder in shown for part in ("--ro-bind", folder, folder)]
    path = ("--setenv", "PATH", "/usr/bin") if tools else ()
    return [
        "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
        "--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL", *identity,
        "--clearenv", *path, "--setenv", "OMP_THREAD_LIMIT", "1", "--setenv", "HOME", _SCRATCH,
        "--setenv", "TMPDIR", _SCRATCH, "--setenv", "LC_ALL", "C.UTF-8",
        *binds, "--ro-bind", str(programs), "/programs", "--ro-bind", str(_ENTER), "/enter.py",
        "--proc", "/proc", "--dev", "/dev",
        "--perms", "1777", "--size", str(limits.memory_mb << 20), "--tmpfs", _SCRATCH, "--chdir", _SCRATCH,
        "--remount-ro", "/dev", "--remount-ro", "/",  # /dev/shm and / would be memory without a limit
        "--seccomp", str(seccomp),
        str(Path(sys.executable).resolve()), "-I", "-S", "-B", "/enter.py",
        ":".join(["/programs", *_packages()]), f"/programs/{program}.py", str(request), str(control),
        json.dumps({name: getattr(limits, name) for name in ("seconds", "memory_mb", "reserved_mb", "processes")}),
        str(_owner()),
    ]  # fmt: skip


def _probe(identity: tuple[str, ...], *, processes: int = 0) -> bool:
    """Whether the real thing, filter and limits and packages and all, runs to its end."""
    request, request_write = os.pipe()
    os.write(request_write, b"{}")
    os.close(request_write)
    control, control_write = os.pipe()
    try:
        seccomp = seccomp_descriptor(processes=processes > 0)
    except KeyError:  # no filter for this processor
        return False
    command = sandbox_command(
        identity, program="probe", request=request, control=control_write, seccomp=seccomp,
        limits=Limits(seconds=_PROBE_SECONDS, processes=processes),
    )  # fmt: skip
    try:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_SECONDS,
            pass_fds=(request, control_write, seccomp),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    finally:
        for descriptor in (request, control, control_write, seccomp):
            os.close(descriptor)
    return done.returncode == 0 and done.stdout == b"ready"


@cache
def _tried(_found: str) -> tuple[str, ...] | None:
    choices = (_AS_ROOT, _AS_USER) if os.geteuid() == 0 else (_AS_USER,)
    return next((identity for identity in choices if _probe(identity)), None)


def sandbox_identity() -> tuple[str, ...] | None:
    """The flags under which the sandbox worked when tried once here; None where none did or there is no bwrap."""
    found = shutil.which("bwrap")
    return _tried(found) if found else None


@cache
def processes_bounded() -> bool:
    """Whether programs in the sandbox may start others here, because the kernel limits how many."""
    identity = sandbox_identity()
    return identity is not None and _probe(identity, processes=_PROBE_PROCESSES)


def sandbox_missing() -> str | None:
    """None where documents can be processed, or the reason and the one line that mends it."""
    if not shutil.which("bwrap"):
        return _INSTALL
    return None if sandbox_identity() else _REFUSED


def tool_missing(name: str) -> str | None:
    """None where the tool can be used here, or the reason and the one line that mends it."""
    tool = TOOLS[name]
    if not Path(tool.executable).is_file():
        return f"{tool.name} is not installed: apt-get install {tool.package}"
    return _UNBOUNDED if tool.started and not processes_bounded() else None
