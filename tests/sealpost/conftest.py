"""The JavaScript engine beside the Python one."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_BRIDGE = Path(__file__).resolve().parents[1] / "js" / "bridge.mjs"


class Refused(Exception):
    """The JavaScript engine's fixed code."""


class JavaScript:
    """Calls of the other engine: bytes go and come as bytes."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(["node", str(_BRIDGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, call: str, **given: Any) -> Any:
        members = {name: value.hex() if isinstance(value, bytes) else value for name, value in given.items()}
        self._node.stdin.write(json.dumps({"call": call, "given": members}) + "\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        if "error" in answer:
            raise Refused(answer["error"])
        return bytes.fromhex(answer["result"]) if isinstance(answer["result"], str) else answer["result"]

    def close(self) -> None:
        """End Node."""
        self._node.stdin.close()
        self._node.wait(10)


@pytest.fixture(scope="session")
def javascript() -> Iterator[JavaScript]:
    """One Node for all tests."""
    engine = JavaScript()
    yield engine
    engine.close()
