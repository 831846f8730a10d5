"""The operator's commands: one JSON object that is printed once, or one sentence and no trace."""

import hashlib
import json
import ssl
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Connection, Invitation, Tenant, User
from accounts.services import Issued, user_issue
from sealpost.crypto.encoding import b64u_decode
from sealpost.crypto.kdf import secret_parse
from sealpost.crypto.signing import fingerprint
from sealpost.protocol.enrolment import link_parse
from tests.accounts.client import sign_in
from tests.accounts.conftest import organisation
from vault.services import ring_shred

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db) -> Issued:
    """Somebody of Aster Legal, made without the price of an Argon2."""
    return user_issue(tenant=organisation("Aster Legal"), login="ana@aster.example", kind="machine")


@pytest.fixture
def ben(db) -> Issued:
    """Somebody of Birch Supply, which is connected to nobody."""
    return user_issue(tenant=organisation("Birch Supply"), login="ben@birch.example", kind="machine")


@pytest.fixture
def told(capsys):
    """Run a command; what it printed."""

    def run(*arguments: str) -> str:
        call_command(*arguments)
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    return run


@pytest.fixture
def answer(told):
    """Run a command with --json; its one object."""
    return lambda *arguments: json.loads(told(*arguments, "--json"))


def refused(*arguments: str) -> str:
    """The sentence of a command that must fail."""
    with pytest.raises(CommandError) as error:
        call_command(*arguments, "--json")
    assert "\n" not in str(error.value)
    return str(error.value)


def rows() -> tuple[int, ...]:
    with scopes_disabled():
        return tuple(model.objects.count() for model in (Tenant, User, Invitation, Connection, AuditEvent))


def test_tenant_create_prints_tenant_login_and_passphrase_that_signs_in(answer):
    made = answer("tenant_create", "Aster Legal", "--admin", "Ana@Aster.example")
    assert set(made) == {"tenant", "login", "passphrase"}
    assert made["login"] == "ana@aster.example"
    assert len(made["passphrase"].split("-")) == 6
    assert sign_in(made["login"], made["passphrase"]).peer().password_change_due
    with scopes_disabled():
        admin = User.objects.get()
        assert (admin.role, admin.tenant.name, str(admin.tenant_id)) == ("admin", "Aster Legal", made["tenant"])


def test_without_json_each_member_is_a_line(told):
    lines = told("tenant_create", "Aster Legal", "--admin", "ana@aster.example").splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["tenant", "login", "passphrase"]


@pytest.mark.parametrize(
    ("name", "login", "says"),
    [
        ("", "eva@aster.example", "An organisation's name has 1 to 120 characters."),
        ("n" * 121, "eva@aster.example", "An organisation's name has 1 to 120 characters."),
        ("New", "eva", "An address looks like name@"),
        ("New", "eva @aster.example", "An address looks like name@"),
        ("New", "e" * 255 + "@aster.example", "An address looks like name@"),
        ("New", "ANA@aster.example", "This address is in use already."),
    ],
)
def test_tenant_create_refuses_in_one_sentence_and_leaves_nothing(ana, name, login, says):
    before = rows()
    assert refused("tenant_create", name, "--admin", login).startswith(says)
    assert rows() == before


def test_user_invite_prints_a_link_that_serves(answer, ana, settings):
    settings.SEALPOST_ADDRESS = "https://exchange.example"
    made = answer("user_invite", "Aster Legal", "eva@aster.example", "--name", "Eva", "--role", "auditor")
    assert set(made) == {"tenant", "login", "link"}
    page, _, fragment = made["link"].partition("#")
    assert page == "https://exchange.example/enrol"
    with scopes_disabled():
        assert Invitation.objects.get().id == link_parse(fragment).invitation
        assert User.objects.get(id=Invitation.objects.get().user_id).role == "auditor"


def test_user_invite_by_id_again_withdraws_the_first_link(answer, ana):
    first, second = (answer("user_invite", str(ana.tenant.id), "eva@aster.example")["link"] for _ in range(2))
    assert first != second
    with scopes_disabled():
        assert [row.withdrawn_at is None for row in Invitation.objects.order_by("created_at")] == [False, True]


@pytest.mark.parametrize(
    ("tenant", "login", "says"),
    [
        ("Nobody Ltd", "eva@aster.example", "There is no organisation with this id or name."),
        ("00000000-0000-4000-8000-000000000001", "eva@aster.example", "There is no organisation with this id or name."),
        ("Aster Legal", "ana@aster.example", "This address is in use already."),
        ("Aster Legal", "no address", "An address looks like name@"),
    ],
)
@pytest.mark.parametrize("command", ["user_invite", "user_issue"])
def test_user_commands_refuse_in_one_sentence_and_leave_nothing(ana, command, tenant, login, says):
    before = rows()
    assert refused(command, tenant, login).startswith(says)
    assert rows() == before


def test_an_unknown_role_is_refused(ana):
    assert "invalid choice: 'owner'" in refused("user_invite", "Aster Legal", "eva@aster.example", "--role", "owner")


def test_user_issue_makes_a_machine_with_a_secret_that_signs_in(answer, ana):
    made = answer("user_issue", "Aster Legal", "robot@aster.example", "--machine")
    assert set(made) == {"tenant", "login", "passphrase"}
    assert len(secret_parse(made["passphrase"])) == 32
    assert not sign_in(made["login"], made["passphrase"]).peer().password_change_due


def test_connection_create_connects_once_whichever_comes_first(answer, ana, ben):
    made = answer("connection_create", "Aster Legal", "Birch Supply")
    assert (set(made), made["state"]) == ({"connection", "state"}, "active")
    assert answer("connection_create", str(ben.tenant.id), "Aster Legal") == made
    with scopes_disabled():
        assert Connection.objects.get().id == UUID(made["connection"])


def test_connection_create_refuses_in_one_sentence(ana):
    before = rows()
    assert (
        refused("connection_create", "Aster Legal", "Aster Legal") == "An organisation cannot be connected to itself."
    )
    assert refused("connection_create", "Aster Legal", "Birch Supply").startswith("There is no organisation")
    assert rows() == before


def test_a_name_that_two_organisations_have_is_not_guessed(answer, ana, ben):
    twin = answer("tenant_create", "Aster Legal", "--admin", "other@aster.example")["tenant"]
    before = rows()
    for arguments in (
        ("user_invite", "Aster Legal", "eva@aster.example"),
        ("connection_create", "Aster Legal", "Birch Supply"),
        ("audit_verify", "Aster Legal"),
    ):
        assert refused(*arguments) == (
            "Several organisations have this name, so nothing was changed. Give the id instead."
        )
    assert rows() == before
    assert answer("user_invite", twin, "eva@aster.example")["tenant"] == twin


def test_an_organisation_whose_keys_were_destroyed_does_not_stop_a_look_up_by_name(answer, ana, ben):
    ring_shred(owner=f"tenant:{ana.tenant.id}")
    assert [one["chain"] for one in answer("audit_verify", "Birch Supply")["tenants"]] == ["whole"]
    assert refused("audit_verify", "Aster Legal").startswith("There is no organisation")


@pytest.mark.usefixtures("log_in_hand")
def test_audit_verify_tells_where_a_chain_is_broken(answer, ana):
    chain = answer("audit_verify", "Aster Legal")["tenants"]
    assert chain == [{"tenant": str(ana.tenant.id), "events": 1, "checkpoints": 0, "chain": "whole"}]
    with scopes_disabled():
        AuditEvent.objects.filter(seq=1).update(action="nothing.happened")
    assert refused("audit_verify", "Aster Legal") == (
        f"{ana.tenant.id}: Event 1 was altered or moved: it does not fit its hash."
    )


@pytest.mark.usefixtures("log_in_hand")
def test_audit_verify_goes_over_all_and_tells_each_that_is_broken(told, capsys, ana, ben):
    whole = told("audit_verify").splitlines()
    assert whole == [f"{one.tenant.id}: 1 events, 0 checkpoints, chain whole" for one in (ana, ben)]
    with scopes_disabled():
        AuditEvent.objects.filter(tenant=ben.tenant).delete()
    with pytest.raises(CommandError) as error:
        call_command("audit_verify", "--json")
    shown = json.loads(capsys.readouterr().out)["tenants"]
    assert [one["chain"] for one in shown] == ["whole", "broken"]
    assert (shown[1]["event"], shown[1]["code"]) == (1, "end_missing")
    assert str(error.value) == f"{ben.tenant.id}: {shown[1]['sentence']}"


def test_signing_key_is_made_once_and_shown(answer):
    first = answer("signing_key")
    assert set(first) == {"id", "public_key", "fingerprint"}
    assert answer("signing_key") == first
    assert fingerprint(b64u_decode(first["public_key"], 32)) == first["fingerprint"]
    second = answer("signing_key", "--new")
    assert second["earlier"] == [first["fingerprint"]]
    assert answer("signing_key") == second


def test_document_certificate_shows_the_one_of_an_organisation(answer, ana):
    shown = answer("document_certificate", "Aster Legal")
    der = ssl.PEM_cert_to_DER_cert(shown["certificate"])
    assert shown["fingerprint"].replace(":", "") == hashlib.sha256(der).hexdigest()
    assert answer("document_certificate", shown["tenant"]) == shown
    assert refused("document_certificate", "Nobody")


def test_operator_create_prints_what_signs_in_once(answer):
    made = answer("operator_create", "ops")
    assert set(made) == {"username", "password", "totp"}
    assert made["totp"].startswith("otpauth://totp/")
    assert refused("operator_create", "ops") == "There is an operator of that name already; nothing was created."
