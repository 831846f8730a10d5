"""The steps that this server knows, and whether it can carry them out."""

from typing import Any

from accounts.peer import Peer
from exchange.steps.registry import step_schemas


def steps_list(*, peer: Peer) -> list[dict[str, Any]]:
    """Name, title, version, JSON Schema of the parameters, types, cardinality and availability of every step."""
    return step_schemas()
