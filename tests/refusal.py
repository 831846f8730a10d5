"""Expect a refusal by its fixed code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from sealpost.errors import SealpostError


@dataclass
class Refusal:
    """What was refused; `error` is there after the block."""

    error: SealpostError | None = None


@contextmanager
def refused(code: str) -> Iterator[Refusal]:
    """The block must be refused by this code."""
    refusal = Refusal()
    with pytest.raises(SealpostError) as raised:
        yield refusal
    refusal.error = raised.value
    assert refusal.error.code == code, refusal.error
