"""The configured sandbox."""

from exchange.sandbox.base import INPUT_CODES, Execution, Limits, Sandbox, SandboxError, Tick
from exchange.sandbox.bubblewrap import BubblewrapSandbox
from exchange.sandbox.command import sandbox_missing, tool_missing

__all__ = [
    "INPUT_CODES",
    "Execution",
    "Limits",
    "Sandbox",
    "SandboxError",
    "Tick",
    "sandbox",
    "sandbox_missing",
    "tool_missing",
]


def sandbox() -> Sandbox:
    """The sandbox of this machine."""
    return BubblewrapSandbox()
