"""Uploads: begun, shown, completed, discarded, expired (docs/protocol.md, section 10.1)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import User
from accounts.peer import Peer
from accounts.rules import quotas_of
from accounts.sealed import tenant_owner
from accounts.services import tenant_open_check
from exchange.errors import (
    HeaderMalformed,
    TransferUsed,
    UploadComplete,
    UploadKeyRetired,
    UploadPartMissing,
    UploadTooLarge,
    UploadUnknown,
)
from exchange.models import Upload, UploadPart
from exchange.selectors import people_held
from exchange.services.deposit_room import deposit_upload_check
from exchange.services.limits import name_check as file_name_check
from exchange.services.policy_check import name_check, parties_of
from exchange.services.usage import storage_check
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.stream import HEADER, wire_length
from sealpost.errors import DecryptionError
from sealpost.protocol.content import PART, object_key, part_count
from vault.services import object_create, object_delete, object_finish

_LIFE = timedelta(hours=24)
_TYPE_MOST = 100
_LIVE = (Upload.State.OPEN, Upload.State.COMPLETE)


def _shown(upload: Upload) -> dict[str, Any]:
    stored = UploadPart.objects.filter(upload=upload).exclude(stored_at=None).order_by("number")
    return {
        "id": str(upload.id),
        "transfer": str(upload.transfer),
        "kid": b64u_encode(bytes(upload.kid)),
        "size": upload.size,
        "part_size": PART,
        "parts": part_count(wire_length(upload.size)),
        "stored": list(stored.values_list("number", flat=True)),
        "state": "open" if upload.state == Upload.State.OPEN else "complete",
        "expires_at": upload.expires_at.isoformat(),
    }


def upload_find(*, peer: Peer, upload_id: UUID, lock: bool = False) -> Upload:
    """The user's own upload that may still be used. UploadUnknown. The caller holds the scope."""
    rows = Upload.objects.select_for_update() if lock else Upload.objects.all()
    upload = rows.filter(id=upload_id, user=peer.user, state__in=_LIVE, expires_at__gt=timezone.now()).first()
    if upload is None:
        raise UploadUnknown
    return upload


def upload_open_find(*, peer: Peer, upload_id: UUID) -> Upload:
    """One that still takes parts, under the key it was begun with. UploadUnknown, UploadComplete, UploadKeyRetired."""
    upload = upload_find(peer=peer, upload_id=upload_id)
    if upload.state != Upload.State.OPEN:
        raise UploadComplete
    if bytes(upload.kid) != peer.kid:
        raise UploadKeyRetired
    return upload


def upload_create(
    *, peer: Peer, transfer: UUID, kid: bytes, name: str, media_type: str, size: int, header: bytes, commitment: bytes
) -> dict[str, Any]:
    """Make room for a document of `size` bytes; nothing of it has crossed yet.

    Raises TenantClosing, UploadTooLarge, QuotaExceeded, PolicyRefused by its name, UploadKeyRetired, HeaderMalformed,
    TransferUsed, StorageFull; for a deposit RequestClosed, RequestFull, RequestTooLarge.
    """
    tenant_open_check(peer)
    quotas = quotas_of(peer.tenant.id)
    if size > quotas.upload_max:
        raise UploadTooLarge(limit=quotas.upload_max)
    name = file_name_check(name)
    name_check(parties_of(peer.tenant, outsider=peer.user.role == User.Role.DEPOSITOR), name)
    if kid != peer.kid:
        raise UploadKeyRetired
    key = object_key(peer.shared_key, direction="up", transfer=transfer, kid=kid, document=transfer)
    try:
        key.check(commitment)
    except DecryptionError:
        raise HeaderMalformed from None
    if len(header) != HEADER or header[0] != HEADER:
        raise HeaderMalformed
    with scope(tenant=peer.tenant):
        upload = Upload(tenant=peer.tenant, user=peer.user, transfer=transfer, kid=kid, size=size, header=header)
        upload.name, upload.media_type = name, media_type[:_TYPE_MOST]
        upload.expires_at = timezone.now() + _LIFE
        try:
            with transaction.atomic():
                deposit_upload_check(peer=peer, size=size)
                storage_check(tenant_id=peer.tenant.id, size=size, quotas=quotas)
                upload.save(force_insert=True)  # before there is a file, which no rollback would take back
                upload.object = object_create(owner=tenant_owner(peer.tenant.id), size=size)
                upload.save(update_fields=["object"])
        except IntegrityError as error:
            raise TransferUsed from error
        return _shown(upload)


def upload_show(*, peer: Peer, upload_id: UUID) -> dict[str, Any]:
    """Which parts are there. UploadUnknown."""
    with scope(tenant=peer.tenant):
        return _shown(upload_find(peer=peer, upload_id=upload_id))


def upload_complete(*, peer: Peer, upload_id: UUID) -> dict[str, Any]:
    """Close an upload whose parts are all stored; again without harm. UploadPartMissing with `missing`."""
    with scope(tenant=peer.tenant), transaction.atomic():
        upload = upload_find(peer=peer, upload_id=upload_id, lock=True)
        if upload.state == Upload.State.OPEN:
            shown = _shown(upload)
            missing = sorted(set(range(shown["parts"])) - set(shown["stored"]))
            if missing:
                raise UploadPartMissing(missing=missing[:100])
            assert upload.object is not None
            object_finish(object_id=upload.object)
            upload.state = Upload.State.COMPLETE
            upload.save(update_fields=["state"])
        return _shown(upload)


def upload_discard(*, peer: Peer, upload_id: UUID) -> None:
    """Throw an upload away; its transfer id never serves again. UploadUnknown."""
    with scope(tenant=peer.tenant), transaction.atomic():
        _discard(upload_find(peer=peer, upload_id=upload_id, lock=True))


def uploads_discard(*, user: User) -> None:
    """Throw away what somebody has uploaded and not sent. The caller holds scope and transaction."""
    for upload in Upload.objects.select_for_update().filter(user=user, state__in=_LIVE).order_by("id"):
        _discard(upload)


def _discard(upload: Upload) -> None:
    """What a legal hold on its owner keeps can be used no more, and is erased once the hold is lifted."""
    upload.state = Upload.State.DISCARDED
    held = people_held().filter(tenant_id=upload.tenant_id, target=upload.user_id).exists()
    if upload.object is not None and not held:
        object_delete(object_id=upload.object, owner=tenant_owner(upload.tenant_id))
        upload.object = None
        UploadPart.objects.filter(upload=upload).delete()
    upload.save(update_fields=["state", "object"])


def uploads_expire() -> int:
    """Discard what was not sent within 24 hours, in every tenant, and what no hold keeps any more; how many."""
    late = Q(state__in=_LIVE, expires_at__lte=timezone.now())
    kept = Q(state=Upload.State.DISCARDED, object__isnull=False)
    discarded = 0
    with scopes_disabled():
        due = Upload.objects.filter(late | kept).exclude(user_id__in=people_held())
        for upload_id in list(due.values_list("id", flat=True)[:500]):
            with transaction.atomic():
                upload = due.select_for_update().filter(id=upload_id).first()
                if upload is not None:  # otherwise it went into a message meanwhile
                    _discard(upload)
                    discarded += 1
    return discarded
