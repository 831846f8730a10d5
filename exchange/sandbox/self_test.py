"""Before a worker takes jobs: what a hostile document would try is tried here, and all of it must fail."""

from typing import Any

from exchange.sandbox.base import Limits, Sandbox, SandboxError

_PROCESSES = 8
_MEMORY_MB = 256
_OUTSIDE = ("/sealpost-was-here", "/etc/sealpost-was-here", "/usr/sealpost-was-here", "/dev/shm/sealpost-was-here")  # noqa: S108
_WORDS = {
    "network": "reach the network",
    "files_read": "read the database or the keys",
    "files_written": "write outside its scratch",
    "namespaces": "make a namespace",
    "root": "be root",
    "children": "start more processes than it may",
    "memory": "take more memory than it may",
    "scratch": "not write to its own scratch",
}


def self_test(box: Sandbox, *, secret: list[str]) -> list[str]:
    """What a program in this sandbox can do that it must not, in words; nothing where it holds.

    `secret` are paths of files that must not be readable in there.
    """
    wrong = [*_tried(box, secret, processes=0), *_tried(box, secret, processes=_PROCESSES), *_memory(box)]
    return [_WORDS[name] for name in dict.fromkeys(wrong)]


def _tried(box: Sandbox, secret: list[str], *, processes: int) -> list[str]:
    limits = Limits(seconds=20, memory_mb=_MEMORY_MB, output_bytes=0, processes=processes)
    done = _run(box, {"attempt": "all", "secret": secret, "outside": list(_OUTSIDE)}, limits)
    most = {"children": max(processes - 1, 0)}
    wrong = [name for name, count in done.items() if name != "scratch" and count > most.get(name, 0)]
    return wrong + ([] if done["scratch"] else ["scratch"])


def _memory(box: Sandbox) -> list[str]:
    limits = Limits(seconds=20, memory_mb=_MEMORY_MB, output_bytes=0)
    try:
        _run(box, {"attempt": "memory", "bytes": (_MEMORY_MB + 64) << 20}, limits)
    except SandboxError as error:
        if error.code == "step_memory":
            return []
        raise
    return ["memory"]


def _run(box: Sandbox, arguments: dict[str, Any], limits: Limits) -> dict[str, Any]:
    execution = box.run(
        program="selftest", arguments=arguments, untrusted_input=(), tick=lambda done, total: None, limits=limits
    )
    for _ in execution:
        pass
    return execution.report
