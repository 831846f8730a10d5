"""What processes cost, read from /proc: CPU seconds and peak resident memory."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of one piece of work: wall seconds, CPU seconds of all processes, peak MiB that the largest one added."""

    seconds: float
    cpu: float
    added_mib: float
    peak_mib: float

    def line(self, name: str, size: int) -> str:
        """One row of the report."""
        gib = size / (1 << 30)
        return (
            f"  {name:<42} {size / self.seconds / 1e6:8.0f} MB/s {self.cpu / gib:7.2f} CPU s/GiB "
            f"{self.peak_mib:6.0f} MiB peak (+{self.added_mib:.0f})"
        )


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_kib(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise SystemExit(f"/proc/{pid}/status has no {name}")


def measured(pids: Iterable[int], work: Callable[[], object]) -> Cost:
    """Run `work` and say what it cost these processes. Resets their peak, which needs to be their user or root."""
    pids = list(pids)
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = {pid: _memory_kib(pid, "VmRSS") for pid in pids}
    cpu, started = sum(map(_cpu, pids)), time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    peaks = {pid: _memory_kib(pid, "VmHWM") for pid in pids}
    added = max(peaks[pid] - before[pid] for pid in pids)
    return Cost(seconds, sum(map(_cpu, pids)) - cpu, added / 1024, max(peaks.values()) / 1024)
