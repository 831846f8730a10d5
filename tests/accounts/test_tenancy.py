"""A tenant's rows are written and read under its own scope alone."""

import pytest
from django_scopes import ScopeError, scope, scopes_disabled

from accounts.models import AuditEvent, Invitation, Session, SharedKey, User
from accounts.tenancy import TenantMismatch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [User, SharedKey, Session, Invitation, AuditEvent])
def test_query_without_a_scope_raises(ana, model) -> None:
    for query in (
        model.objects.all,
        model.objects.count,
        model.objects.exists,
        lambda: model.objects.get(id=ana.user.id),
    ):
        with pytest.raises(ScopeError):
            query()


def test_scope_shows_its_own_tenant_only(ana, ben) -> None:
    with scope(tenant=ana.tenant):
        assert list(User.objects.all()) == [ana.user]
        assert not User.objects.filter(id=ben.user.id).exists()
        assert User.objects.filter(id=ben.user.id).update(role=User.Role.MEMBER) == 0
        assert User.objects.filter(id=ben.user.id).delete()[0] == 0


def _invitation(issued) -> Invitation:
    return Invitation(tenant=issued.tenant, user=issued.user, wrapped_secret=b"", expires_at=issued.user.created_at)


def test_foreign_tenant_is_refused_on_every_way_to_write(ana, ben) -> None:
    with scope(tenant=ana.tenant):
        for write in (
            lambda: _invitation(ben).save(),
            lambda: Invitation.objects.bulk_create([_invitation(ana), _invitation(ben)]),
            lambda: Invitation.objects.filter().bulk_create([_invitation(ben)]),
            lambda: Invitation.objects.create(
                tenant=ben.tenant, user=ben.user, wrapped_secret=b"", expires_at=ben.user.created_at
            ),
            lambda: User.objects.update(tenant=ben.tenant),
            lambda: User.objects.filter(id=ana.user.id).update(tenant_id=ben.tenant.id),
            ben.user.save,
        ):
            with pytest.raises(TenantMismatch):
                write()
        assert not Invitation.objects.exists()
        Invitation.objects.bulk_create([_invitation(ana)])
        assert Invitation.objects.count() == 1


def test_nothing_is_written_without_a_scope(ana) -> None:
    with pytest.raises(TenantMismatch):
        ana.user.save()
    with pytest.raises(TenantMismatch):
        Invitation.objects.bulk_create([_invitation(ana)])
    with scopes_disabled():
        assert not Invitation.objects.exists()
