"""The operator's command for defaults and quotas."""

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.rules import policy_of, quotas_of
from tests.accounts.conftest import organisation

pytestmark = pytest.mark.django_db


def run(capsys, *arguments: str) -> dict:
    call_command("rules_change", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_defaults_are_set_shown_and_reset(capsys):
    tenant = organisation("Aster Legal")
    assert run(capsys, "policy")["version"] == 0
    said = run(capsys, "policy", "expires_days_most=60", "not_scanned=hold", 'types_refused=["application/zip"]')
    assert (said["version"], said["expires_days_most"], said["not_scanned"]) == (1, 60, "hold")
    assert policy_of(tenant.id).types_refused == ("application/zip",)
    assert run(capsys, "policy", "--reset", "expires_days_most")["version"] == 2
    assert (policy_of(tenant.id).expires_days_most, policy_of(tenant.id).not_scanned) == (90, "hold")


def test_quotas_of_one_organisation(capsys):
    tenant, other = organisation("Aster Legal"), organisation("Birch Supply")
    assert run(capsys, "quotas", "people=5", "--tenant", "Aster Legal")["people"] == 5
    assert run(capsys, "quotas", "files_max=3", "--tenant", str(tenant.id))["files_max"] == 3
    assert (quotas_of(tenant.id).people, quotas_of(other.id).people) == (5, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["policy", "expires_days_most=0"], "greater than or equal to 1"),
        (["policy", "colour=red"], "no rule named colour"),
        (["policy", 'mandatory_steps=[{"step": "pdf.print"}]'], "no such step"),
        (["policy", "expires_days_most=5", "--tenant", "Aster Legal"], "its admins' to set"),
        (["quotas", "people=5", "--tenant", "Nobody"], "no organisation"),
    ],
)
def test_what_is_refused_is_one_sentence(arguments, said):
    organisation("Aster Legal")
    with pytest.raises(CommandError, match=said):
        call_command("rules_change", *arguments)
