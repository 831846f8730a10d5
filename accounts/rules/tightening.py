"""Several rules at once: the strictest holds, and none ever loosens another."""

from collections.abc import Iterable

from accounts.rules.media_types import types_common
from accounts.rules.schema import Policy, Terms, Types


def tighten(policy: Policy, *terms: Terms) -> Policy:
    """A policy within the terms of connections: never looser than the policy, nor than any of the terms."""
    for term in terms:
        policy = _types_tighten(policy, term.types_allowed, term.types_refused)
        if term.expires_days_most is not None:
            policy = _days_within(policy, term.expires_days_most)
    return policy


def effective_policy(sender: Policy, recipients: Iterable[Policy] = (), terms: Iterable[Terms] = ()) -> Policy:
    """What holds for a message: its sender's policy within the terms of the connections that it takes; what may pass
    unscanned, what malware does and which types are let through are also every recipient's to say.
    """
    policy = tighten(sender, *terms)
    for other in recipients:
        policy = _types_tighten(policy, other.types_allowed, other.types_refused)
        stricter: dict[str, str] = {}
        if other.not_scanned == "hold":
            stricter["not_scanned"] = "hold"
        if other.infected == "discard":
            stricter["infected"] = "discard"
        policy = policy.model_copy(update=stricter)
    return policy


def _days_within(policy: Policy, most: int) -> Policy:
    most = min(most, policy.expires_days_most)
    default = min(policy.expires_days_default, most)
    return policy.model_copy(update={"expires_days_most": most, "expires_days_default": default})


def _types_tighten(policy: Policy, allowed: Types, refused: Types) -> Policy:
    refused = tuple(dict.fromkeys((*policy.types_refused, *refused)))
    if not policy.types_allowed or not allowed:
        allowed = policy.types_allowed or allowed
    elif common := types_common(policy.types_allowed, allowed):
        allowed = common
    else:  # none named would mean all of them
        allowed, refused = policy.types_allowed, tuple(dict.fromkeys((*refused, *policy.types_allowed)))
    return policy.model_copy(update={"types_allowed": allowed, "types_refused": refused})
