"""What operators have switched off everywhere: the taking of jobs, or one step."""

from django_scopes import scopes_disabled

from exchange.models import Switch

JOBS = "jobs"
_STEP = "step:"


def step_switch(step: str) -> str:
    """The name of a step's switch."""
    return f"{_STEP}{step}"


def switched_off() -> frozenset[str]:
    """Names of the switches that are off; one query."""
    with scopes_disabled():  # the platform's, of no tenant
        return frozenset(Switch.objects.values_list("name", flat=True))


def steps_off() -> frozenset[str]:
    """Names of the steps that are switched off."""
    return frozenset(name.removeprefix(_STEP) for name in switched_off() if name.startswith(_STEP))
