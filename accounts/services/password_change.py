"""A new password: new keys under the effect of the old one (docs/protocol.md, section 8)."""

from django.db import transaction
from django_scopes import scope

from accounts.errors import KeyRefused, PasswordRefused
from accounts.peer import Peer
from accounts.selectors import key_of
from accounts.services.event_record import event_record
from accounts.services.session import sessions_end
from accounts.services.shared_key import keys_open, shared_key_store
from accounts.services.sign_in_limits import failure_count, failures_check
from accounts.services.tenant_life import tenant_activate
from sealpost.crypto.kdf import parameters_check
from sealpost.errors import SealpostError
from sealpost.protocol.bundle import KeyBundle
from sealpost.protocol.handshake import change_verified


@transaction.atomic
def password_change(*, peer: Peer, bundle: KeyBundle) -> None:
    """Replace the user's keys; every session ends and no document is rewritten.

    A wrong old password counts as a failed sign-in. KeyRefused, PasswordRefused, SignInPaused.
    """
    index = bytes(peer.user.login_index or b"")
    failures_check(index)
    row = key_of(peer.user)
    if row is None:
        raise PasswordRefused
    try:
        parameters_check(bundle.parameters, pinned_suite=row.suite)
    except SealpostError as error:
        raise KeyRefused from error
    keys, digest = keys_open(row), bundle.digest()
    if not change_verified(bundle.proof, stored_key=keys.stored_key, transcript=peer.transcript, digest=digest):
        failure_count(index)
        raise PasswordRefused
    with scope(tenant=peer.tenant):
        shared_key_store(user=peer.user, bundle=bundle, issued=False)
        tenant_activate(peer.tenant)
        sessions_end(user=peer.user)
        event_record(tenant_id=peer.tenant.id, actor=peer.user, action="password.changed", subject=peer.user.id)
