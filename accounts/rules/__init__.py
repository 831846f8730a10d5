"""Policies, quotas and terms: what they are, what holds, and the strictest of several."""

from accounts.rules.holding import (
    Ruling,
    first_members,
    platform_members,
    policy_of,
    quotas_of,
    ruling_of,
    rulings_of,
    tenant_members,
)
from accounts.rules.media_types import media_type_canonical, type_admitted
from accounts.rules.schema import REQUESTS_LEAST, Policy, Quotas, Rules, StepChoice, Terms, Types
from accounts.rules.tightening import effective_policy, tighten

__all__ = [
    "REQUESTS_LEAST",
    "Policy",
    "Quotas",
    "Rules",
    "Ruling",
    "StepChoice",
    "Terms",
    "Types",
    "effective_policy",
    "first_members",
    "media_type_canonical",
    "platform_members",
    "policy_of",
    "quotas_of",
    "ruling_of",
    "rulings_of",
    "tenant_members",
    "tighten",
    "type_admitted",
]
