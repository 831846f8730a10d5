"""The sandbox: bubblewrap with no network, no files but the runtime, no environment, and limits on everything."""

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from exchange.sandbox.base import INPUT_CODES, Execution, Limits, SandboxError, Tick
from exchange.sandbox.command import PROGRAMS, sandbox_command, sandbox_identity
from exchange.sandbox.memory import family_weight
from exchange.sandbox.seccomp import seccomp_descriptor

_BLOCK = 1 << 18
_POLL_SECONDS = 0.25
_ITSELF = 1  # bubblewrap inside the sandbox
_REPORT_MOST = 4096
_COUNT_MOST = 1 << 40
_FINDINGS_MOST = 1000
_FINDING = {"code": 40, "where": 200, "text": 400}


class BubblewrapExecution:
    """One run; iterate for the output. One thread, one loop over input, output and control."""

    def __init__(
        self, *, programs: Path, program: str, arguments: dict[str, Any], untrusted_input: Iterable[Any], tick: Tick,
        limits: Limits, tools: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self._programs, self._program, self._arguments, self._limits = programs, program, arguments, limits
        self._tools = tools
        self._input = iter(untrusted_input)
        self._pending = memoryview(b"")
        self._tick = tick
        self._progress = (0, 0)
        self._control = b""
        self._weighed = 0.0
        self._result = ""
        self._findings: list[dict[str, str]] = []
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
        identity = sandbox_identity()
        if identity is None:
            raise SandboxError("sandbox_missing")
        control, control_write = os.pipe()
        inherited = (_filled(json.dumps(self._arguments).encode()), control_write, self._filter())
        request, _, seccomp = inherited
        command = sandbox_command(
            identity, program=self._program, request=request, control=control_write, seccomp=seccomp,
            limits=self._limits, programs=self._programs, tools=self._tools,
        )  # fmt: skip
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # never shown, never logged: it may quote the document
                pass_fds=inherited,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
                start_new_session=True,
            )
        except BaseException:
            os.close(control)
            raise
        finally:
            for descriptor in inherited:
                os.close(descriptor)
        return process, control

    def _filter(self) -> int:
        return seccomp_descriptor(processes=self._limits.processes > 0)

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
                self._weigh(process.pid)
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
                            raise SandboxError("step_output_too_large", limit=self._limits.output_bytes)
                        yield block

    def _weigh(self, process: int) -> None:
        """Where there may be many processes, they are looked at together four times a second."""
        now = time.monotonic()
        if not self._limits.processes or now < self._weighed + _POLL_SECONDS:
            return
        self._weighed = now
        count, held = family_weight(process)
        if held > self._limits.memory_mb << 20:
            raise SandboxError("step_memory")
        if count > self._limits.processes + _ITSELF:  # the kernel does not hold to its limit
            raise SandboxError("step_crashed")

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
                self._progress = (_count(done), _count(total))
            elif "finding" in said:
                self._find(said["finding"])
            elif "result" in said:
                self._result = str(said["result"])[:40]
                report = said.get("report", {})
                self.report = {str(name)[:40]: _count(count) for name, count in list(report.items())[:40]}
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
            self._result = "step_crashed"

    def _find(self, untrusted: dict[str, Any]) -> None:
        if len(self._findings) < _FINDINGS_MOST:
            self._findings.append({name: str(untrusted.get(name, ""))[:most] for name, most in _FINDING.items()})

    def _judge(self, code: int) -> None:
        if code == 0 and self._result == "ok":
            self.report |= {"findings": self._findings} if self._findings else {}
            return
        if self._result in INPUT_CODES:
            raise SandboxError(self._result)
        if self._result == "step_memory":
            raise SandboxError("step_memory")
        if code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            raise SandboxError("step_timeout")
        if code in (-signal.SIGKILL, 128 + signal.SIGKILL):  # not by us: the kernel ran out of memory
            raise SandboxError("step_memory")
        raise SandboxError("step_crashed")


def _count(untrusted: Any) -> int:
    return max(0, min(int(untrusted), _COUNT_MOST))


def _filled(content: bytes) -> int:
    """The reading end of a pipe that holds a little content; the caller closes it."""
    read, write = os.pipe()
    os.set_blocking(write, False)  # more than a pipe holds is an error, not a wait
    try:
        os.write(write, content)
    finally:
        os.close(write)
    return read


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the whole process group; bwrap's children die with it."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe and not pipe.closed:
            with suppress(BrokenPipeError):
                pipe.close()


class BubblewrapSandbox:
    """The `Sandbox` of this machine."""

    def __init__(self, programs: Path = PROGRAMS) -> None:
        self._programs = programs

    def run(
        self, *, program: str, arguments: dict[str, Any], untrusted_input: Iterable[Any], tick: Tick, limits: Limits,
        tools: tuple[str, ...] = (),
    ) -> Execution:  # fmt: skip
        return BubblewrapExecution(
            programs=self._programs,
            program=program,
            arguments=arguments,
            untrusted_input=untrusted_input,
            tick=tick,
            limits=limits,
            tools=tools,
        )
