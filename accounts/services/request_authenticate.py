"""Who signed a request (docs/protocol.md, section 9.1)."""

import time
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone
from django_scopes import scope

from accounts.errors import RequestReplayed, SessionUnknown, SignatureInvalid, SignatureStale
from accounts.models import Session
from accounts.peer import Peer
from accounts.selectors import session_find
from accounts.services.shared_key import shared_key_open
from sealpost.errors import DecryptionError
from sealpost.protocol.handshake import session_keys
from sealpost.protocol.signature import WINDOW, SignatureInput, signature_verified
from vault.errors import RingMissing

_SEEN_EVERY = timedelta(minutes=1)


def request_authenticate(*, claim: SignatureInput, method: str, target_uri: str, digest: str | None) -> Peer:
    """The peer whose session signed these components, once. `digest` is the Content-Digest header as received.

    SessionUnknown, SignatureInvalid, SignatureStale, RequestReplayed. The caller compares the digest with the body.
    """
    session = session_find(claim.session)
    if session is None:
        raise SessionUnknown
    try:
        shared_key = shared_key_open(session.shared_key)
    except (DecryptionError, RingMissing):  # the organisation's keys are gone, and every session with them
        raise SessionUnknown from None
    keys = session_keys(shared_key, bytes(session.transcript))
    if not signature_verified(keys.sign, claim, method=method, target_uri=target_uri, digest=digest):
        raise SignatureInvalid
    if abs(time.time() - claim.created) > WINDOW:
        raise SignatureStale
    if not cache.add(f"nonce:{claim.session}:{claim.nonce.hex()}", 1, 2 * WINDOW + 10):
        raise RequestReplayed
    _seen(session)
    return Peer(
        user=session.user,
        tenant=session.tenant,
        session_id=session.id,
        transcript=bytes(session.transcript),
        keys=keys,
        kid=bytes(session.shared_key.kid),
        shared_key=shared_key,
        nonce=claim.nonce,
        password_change_due=session.shared_key.issued,
        second_factor_due=session.second_factor_due,
    )


def _seen(session: Session) -> None:
    now = timezone.now()
    if now - session.last_seen_at > _SEEN_EVERY:
        with scope(tenant=session.tenant):
            Session.objects.filter(id=session.id).update(last_seen_at=now)
