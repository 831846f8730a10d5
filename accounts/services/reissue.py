"""A forgotten password: one asks for a new passphrase, another approves. No document is touched (DESIGN, section 4)."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.actor import Actor
from accounts.errors import NotFound, ReissueMissing, ReissueOpen, SecondAdminNeeded
from accounts.models import Reissue, SharedKey, Tenant, User
from accounts.services.event_record import event_record
from accounts.services.factors import second_factor_reset
from accounts.services.notification import notify
from accounts.services.session import sessions_end
from accounts.services.shared_key import bundle_of, shared_key_store
from accounts.services.sign_in_limits import failures_clear
from accounts.services.team import admins_lock
from accounts.services.user_create import Issued, keys_issue
from sealpost.crypto.kdf import SECRET
from sealpost.protocol.keys import UserKeys

_LIFE = timedelta(hours=24)
_BESIDES = 2  # admins beside the person: one asks, the other approves
_ANOTHER = (
    "Somebody else has to approve what you have asked for. Nothing was changed; "
    "ask another admin of your organisation to open this person's page."
)
_OWN = (
    "A new passphrase for you is for others to ask for and to approve. Nothing was changed; "
    "change your own password under Change password."
)
_OPERATORS = (
    "This was asked for by one operator of the server, and another has to approve it. Nothing was changed; "
    "you may decline it."
)
_ADMINS = (
    "This was asked for by an admin of the organisation, and another of its admins has to approve it. "
    "Nothing was changed; decline it to ask for it as an operator."
)


@transaction.atomic
def reissue_request(*, tenant_id: UUID, user_id: UUID, by: Actor) -> Reissue:
    """Ask for a new passphrase for somebody; it waits a day for a second admin, or a second operator.

    Raises NotFound, RoleForbidden, SecondAdminNeeded, ReissueOpen.
    """
    tenant = _tenant(tenant_id, by)
    with scope(tenant=tenant):
        user, admins = admins_lock(user_id=user_id)
        _people_check(user, admins, by)
        asked = Reissue.objects.filter(user=user, state=Reissue.State.REQUESTED)
        if asked.filter(expires_at__gt=timezone.now()).exists():
            raise ReissueOpen
        asked.update(state=Reissue.State.DECLINED, decided_at=timezone.now())
        row = Reissue(tenant=tenant, user=user, requested_by=by.name, by_operators=by.operator)
        row.expires_at = timezone.now() + _LIFE
        row.save(force_insert=True)
        _record(row, by, "reissue.requested")
        return row


def reissue_approve(*, tenant_id: UUID, user_id: UUID, by: Actor) -> Issued:
    """Give somebody the new passphrase that another has asked for; it is shown once, and serves to sign in once.

    Every session of theirs ends, the old keys are destroyed, and a second factor goes with them: its device may be what
    was lost. A partner system gets a new secret. Raises NotFound, RoleForbidden, SecondAdminNeeded, ReissueMissing.
    """
    tenant = _tenant(tenant_id, by)
    with scope(tenant=tenant):
        with transaction.atomic():  # what will be refused costs no derivation
            user, _ = _approvable(user_id, by)
        machine = SharedKey.objects.filter(user=user, retired_at=None, suite=SECRET.suite).exists()
        passphrase, keys = keys_issue("machine" if machine else "person")  # a second's work, before anything is locked
        with transaction.atomic():
            user, row = _approvable(user_id, by)
            _reissue(user, row, keys, by)
    failures_clear(bytes(user.login_index or b""))
    return Issued(tenant=tenant, user=user, login=user.login, passphrase=passphrase)


@transaction.atomic
def reissue_decline(*, tenant_id: UUID, user_id: UUID, by: Actor) -> None:
    """Take a request back, or turn another's down, an operator's too. NotFound, RoleForbidden, ReissueMissing."""
    with scope(tenant=_tenant(tenant_id, by)):
        user, admins = admins_lock(user_id=user_id)
        by.still_check(admins)
        _decide(_open(user), by, Reissue.State.DECLINED)


def _tenant(tenant_id: UUID, by: Actor) -> Tenant:
    by.tenant_check(tenant_id)
    with scopes_disabled():
        tenant = Tenant.objects.filter(id=tenant_id, state__in=Tenant.SIGNED_IN).first()
    if tenant is None:
        raise NotFound
    return tenant


def _people_check(user: User, admins: set[UUID], by: Actor) -> None:
    """Who has enrolled, and of whom there are two beside them to ask and to approve."""
    if user.state != User.State.ACTIVE:
        raise NotFound
    if by.user is None:
        return
    by.still_check(admins)
    if by.user.id == user.id:
        raise SecondAdminNeeded(_OWN)
    if len(admins - {user.id}) < _BESIDES:
        raise SecondAdminNeeded


def _open(user: User) -> Reissue:
    rows = Reissue.objects.select_for_update().filter(user=user, state=Reissue.State.REQUESTED)
    row = rows.filter(expires_at__gt=timezone.now()).first()
    if row is None:
        raise ReissueMissing
    return row


def _approvable(user_id: UUID, by: Actor) -> tuple[User, Reissue]:
    """The person and what another of the same kind has asked for. The caller holds scope and transaction."""
    user, admins = admins_lock(user_id=user_id)
    _people_check(user, admins, by)
    row = _open(user)
    if row.by_operators != by.operator:
        raise SecondAdminNeeded(_ADMINS if by.operator else _OPERATORS)
    if row.requested_by == by.name:
        raise SecondAdminNeeded(_ANOTHER)
    return user, row


def _reissue(user: User, row: Reissue, keys: UserKeys, by: Actor) -> None:
    shared_key_store(user=user, bundle=bundle_of(keys), issued=keys.parameters.suite != SECRET.suite)
    second_factor_reset(user=user)
    sessions_end(user=user)
    _decide(row, by, Reissue.State.APPROVED)
    notify(event="reissued", tenant=row.tenant, user=user, key=f"reissued:{row.id}")


def _decide(row: Reissue, by: Actor, state: Reissue.State) -> None:
    row.state, row.decided_by, row.decided_at = state, by.name, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    _record(row, by, f"reissue.{state}")


def _record(row: Reissue, by: Actor, action: str) -> None:
    event_record(tenant_id=row.tenant_id, actor=by.user, action=action, subject=row.user_id, details=by.details)
