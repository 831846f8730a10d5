"""The sandbox: bubblewrap with no network, no files but the runtime, no environment, and limits on everything."""

import json
import os
import resource
import selectors
import shutil
import signal
import site
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from exchange.sandbox.base import INPUT_CODES, Execution, Limits, SandboxError, Tick
from exchange.sandbox.seccomp import seccomp_descriptor

_BLOCK = 1 << 18
_POLL_SECONDS = 0.25
_REPORT_MOST = 4096
_PROGRAMS = Path(__file__).resolve().parent.parent / "steps" / "programs"
_START = "import sys, runpy; sys.path[:0] = sys.argv[1].split(':'); runpy.run_path(sys.argv[2], run_name='__main__')"
_SYSTEM = ("/usr/lib", "/lib", "/lib64", "/etc/ld.so.cache")


def _runtime() -> list[str]:
    """Folders of the interpreter and its packages, nothing of ours."""
    folders = {str(Path(sys.base_prefix).resolve()), *map(str, map(Path, _packages()))}
    return sorted(folder for folder in folders if Path(folder).is_dir())


def _packages() -> list[str]:
    return [folder for folder in site.getsitepackages() if Path(folder).is_dir()]


def _command(*, program: str, arguments: dict[str, Any], control: int, seccomp: int, limits: Limits) -> list[str]:
    binds = [part for folder in _SYSTEM for part in ("--ro-bind-try", folder, folder)]
    binds += [part for folder in _runtime() for part in ("--ro-bind", folder, folder)]
    python = str(Path(sys.executable).resolve())
    return [
        "bwrap", "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox",
        "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--setenv", "OMP_THREAD_LIMIT", "1",
        "--setenv", "HOME", "/tmp", "--setenv", "LC_ALL", "C.UTF-8",
        *binds, "--ro-bind", str(_PROGRAMS), "/programs", "--proc", "/proc", "--dev", "/dev",
        "--size", str(limits.memory_mb << 20), "--tmpfs", "/tmp", "--chdir", "/tmp", "--seccomp", str(seccomp),
        python, "-I", "-S", "-B", "-c", _START, ":".join(["/programs", *_packages()]), f"/programs/{program}.py",
        json.dumps(arguments), str(control),
    ]  # fmt: skip


def _bounded(limits: Limits) -> None:
    """In the child, before bwrap starts: address space, processor time, no core, few descriptors, its own group."""
    memory = limits.memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds + 5, limits.seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


class BubblewrapExecution:
    """One run; iterate for the output. One thread, one loop over input, output and control."""

    def __init__(
        self, *, program: str, arguments: dict[str, Any], untrusted_input: Iterable[Any], tick: Tick, limits: Limits
    ) -> None:
        self._program, self._arguments, self._limits = program, arguments, limits
        self._input = iter(untrusted_input)
        self._pending = memoryview(b"")
        self._tick = tick
        self._progress = (0, 0)
        self._control = b""
        self._result = ""
        self.report: dict[str, Any] = {}

    def __iter__(self) -> Iterator[bytes]:
        process, control = self._start()
        try:
            yield from self._pump(process, control)
            code = process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            raise SandboxError("step_timeout") from None
        finally:
            _kill(process)
            os.close(control)
        self._judge(code)

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        if sandbox_missing():
            raise SandboxError("sandbox_missing")
        control, control_write = os.pipe()
        seccomp = seccomp_descriptor()
        command = _command(
            program=self._program, arguments=self._arguments, control=control_write, seccomp=seccomp, limits=self._limits
        )
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # never shown, never logged: it may quote the document
                pass_fds=(control_write, seccomp),
                env={"PATH": "/usr/bin:/bin"},
                start_new_session=True,
                preexec_fn=lambda: _bounded(self._limits),
            )
        except BaseException:
            os.close(control)
            raise
        finally:
            os.close(control_write)
            os.close(seccomp)
        return process, control

    def _pump(self, process: "subprocess.Popen[bytes]", control: int) -> Iterator[bytes]:
        assert process.stdin and process.stdout
        deadline, written = time.monotonic() + self._limits.seconds, 0
        with selectors.DefaultSelector() as selector:
            for descriptor in (process.stdin.fileno(), process.stdout.fileno(), control):
                os.set_blocking(descriptor, False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(control, selectors.EVENT_READ)
            outputs = {process.stdout, control}
            while outputs:
                if time.monotonic() > deadline:
                    raise SandboxError("step_timeout")
                self._tick(*self._progress)
                for key, _ in selector.select(_POLL_SECONDS):
                    if key.fileobj is process.stdin:
                        self._feed(process, selector)
                        continue
                    block = os.read(key.fd, _BLOCK)
                    if not block:
                        selector.unregister(key.fileobj)
                        outputs.discard(key.fileobj)
                    elif key.fd == control:
                        self._listen(block)
                    else:
                        written += len(block)
                        if written > self._limits.output_bytes:
                            raise SandboxError("step_output_too_large")
                        yield block

    def _feed(self, process: "subprocess.Popen[bytes]", selector: selectors.BaseSelector) -> None:
        assert process.stdin
        try:
            if not self._pending:
                self._pending = memoryview(next(self._input))
            self._pending = self._pending[os.write(process.stdin.fileno(), self._pending[: 1 << 16]) :]
        except (StopIteration, BrokenPipeError):
            selector.unregister(process.stdin)
            process.stdin.close()

    def _listen(self, block: bytes) -> None:
        *lines, self._control = (self._control + block).split(b"\n")
        self._control = self._control[-_REPORT_MOST:]
        for line in lines:
            self._hear(line)

    def _hear(self, untrusted_line: bytes) -> None:
        try:
            said = json.loads(untrusted_line[:_REPORT_MOST])
            if "progress" in said:
                done, total = said["progress"]
                self._progress = (min(int(done), 1 << 40), min(int(total), 1 << 40))
            elif "result" in said:
                self._result = str(said["result"])[:40]
                report = said.get("report", {})
                self.report = {str(name)[:40]: int(count) for name, count in list(report.items())[:40]}
        except (ValueError, TypeError, KeyError, AttributeError):
            self._result = "step_crashed"

    def _judge(self, code: int) -> None:
        if code == 0 and self._result == "ok":
            return
        if self._result in INPUT_CODES:
            raise SandboxError(self._result)
        if self._result == "step_memory":
            raise SandboxError("step_memory")
        if code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            raise SandboxError("step_timeout")
        raise SandboxError("step_crashed")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the whole process group; bwrap's children die with it."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe and not pipe.closed:
            try:
                pipe.close()
            except BrokenPipeError:
                pass


class BubblewrapSandbox:
    """The `Sandbox` of this machine."""

    def run(
        self, *, program: str, arguments: dict[str, Any], untrusted_input: Iterable[Any], tick: Tick, limits: Limits
    ) -> Execution:
        return BubblewrapExecution(
            program=program, arguments=arguments, untrusted_input=untrusted_input, tick=tick, limits=limits
        )


@cache
def _tried(found: str) -> str | None:
    command = ["--unshare-all", "--unshare-user", "--uid", "65534", "--ro-bind", "/", "/", "--cap-drop", "ALL", "true"]
    try:
        subprocess.run([found, *command], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "bubblewrap is installed but may not make namespaces here (kernel.unprivileged_userns_clone)."
    return None


def sandbox_missing() -> str | None:
    """None where documents can be processed, or the reason and the one line that mends it."""
    found = shutil.which("bwrap")
    if not found:
        return "bubblewrap is not installed: apt-get install bubblewrap"
    return _tried(found)
