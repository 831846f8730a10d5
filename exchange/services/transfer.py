"""Downloads: re-encrypted for the one who asks, by any range, the same bytes every time (section 10.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.sealed import tenant_owner
from accounts.services import event_record
from exchange.errors import HashMismatch, NotFound, RangeUnsatisfiable
from exchange.models import DeliveredDocument, Document, Recipient, Transfer
from exchange.services.both_sides import delivery_advance
from exchange.services.downloads import (
    delivery_available_check,
    document_find,
    download_count,
    limit_check,
    transfer_serves_check,
)
from exchange.services.policy import saving
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.hkdf import equal
from sealpost.crypto.stream import HEADER, SEGMENT, TAG, SegmentCipher, header_new, segment_count, wire_length
from sealpost.protocol.content import ObjectKey, object_key
from vault.services import ObjectReader, object_reader


@dataclass(frozen=True, slots=True)
class ContentAnswer:
    """Bytes [start, stop) of a stream of `total` bytes, in chunks that are each valid until the next is asked for."""

    start: int
    stop: int
    total: int
    chunks: Iterator[bytes]


def _key(peer: Peer, transfer: Transfer) -> ObjectKey:
    return object_key(peer.shared_key, direction="down", transfer=transfer.id, kid=peer.kid, document=transfer.document)


def transfer_create(*, peer: Peer, document_id: UUID, purpose: str) -> dict[str, Any]:
    """The transfer of a document to this user under their present key; the same again gets the same.

    NotFound, DeliveryRecalled, ContentErased, ContentExpired, DownloadLimitReached.
    """
    with scope(tenant=peer.tenant):
        row = document_find(peer, document_id)
        if purpose == Transfer.Purpose.PREVIEW and isinstance(row, DeliveredDocument):
            limit_check(row)
        transfer = _transfer_begun(peer, row, purpose).filter(kid=peer.kid).first() or _transfer_new(peer, row, purpose)
        return {
            "transfer": str(transfer.id),
            "document": str(row.id),
            "kid": b64u_encode(peer.kid),
            "header": b64u_encode(bytes(transfer.header)),
            "commitment": b64u_encode(_key(peer, transfer).commitment),
            "name": row.name,
            "type": row.media_type,
            "size": row.size,
            "sha256": row.sha256,
            "verdict": row.verdict,
            "save": saving(policy_of(peer.tenant.id)),
        }


def _transfer_begun(peer: Peer, row: Document | DeliveredDocument, purpose: str) -> QuerySet[Transfer]:
    """This user's transfers of a document that were not received yet, under whatever key."""
    return Transfer.objects.filter(user=peer.user, document=row.id, purpose=purpose, received_at=None)


def _transfer_new(peer: Peer, row: Document | DeliveredDocument, purpose: str) -> Transfer:
    """Begin one; a download counts unless it replaces one that a new password has made useless."""
    delivered = row if isinstance(row, DeliveredDocument) else None
    transfer = Transfer(
        tenant=peer.tenant, user=peer.user, document=row.id, delivered=delivered, kid=peer.kid, object=row.object,
        size=row.size, header=header_new(), purpose=purpose,
    )  # fmt: skip
    try:
        with transaction.atomic():
            useless, _ = _transfer_begun(peer, row, purpose).exclude(kid=peer.kid).delete()
            transfer.save(force_insert=True)
            _begun(peer, transfer)
            if delivered and purpose == Transfer.Purpose.SAVE and not useless:
                download_count(delivered)
    except IntegrityError:
        return _transfer_begun(peer, row, purpose).get(kid=peer.kid)
    return transfer


def _begun(peer: Peer, transfer: Transfer) -> None:
    """In a mailbox that several people read, who takes what is audited before they can, receipt or not."""
    document = transfer.delivered
    if document and document.delivery.mailbox.user_id != peer.user.id:
        event_record(
            tenant_id=peer.tenant.id,
            actor=peer.user,
            action="document.fetched",
            subject=document.delivery_id,
            details={"document": str(document.id), "purpose": transfer.purpose},
        )


def _transfer_find(peer: Peer, transfer_id: UUID) -> Transfer:
    """This user's own. NotFound, DeliveryRecalled, ContentErased, ContentExpired."""
    rows = Transfer.objects.select_related("delivered__delivery").filter(id=transfer_id, user=peer.user, kid=peer.kid)
    member = Q(delivered__delivery__mailbox__members__user=peer.user)
    transfer = rows.filter(Q(delivered=None) | member).first()
    if transfer is None:
        raise NotFound
    if transfer.delivered:
        delivery_available_check(transfer.delivered.delivery)
    else:
        document_find(peer, transfer.document)
    return transfer


def transfer_content(*, peer: Peer, transfer_id: UUID, start: int = 0, stop: int | None = None) -> ContentAnswer:
    """Bytes [start, stop) of the stream; every query is done before the first chunk.

    NotFound, RangeUnsatisfiable, and what makes a document unavailable meanwhile: DeliveryRecalled, ContentErased,
    ContentExpired, DownloadLimitReached.
    """
    with scope(tenant=peer.tenant):
        transfer = _transfer_find(peer, transfer_id)
        transfer_serves_check(transfer)
        total = wire_length(transfer.size)
        stop = total if stop is None else min(stop, total)
        if not 0 <= start < stop:
            raise RangeUnsatisfiable(total=total)
        key = _key(peer, transfer)
        cipher = SegmentCipher(key.key, bytes(transfer.header), key.aad)
        reader = object_reader(object_id=transfer.object, owner=tenant_owner(peer.tenant.id))
    return ContentAnswer(start, stop, total, _rewrapped(reader, cipher, start, stop))


def _rewrapped(reader: ObjectReader, cipher: SegmentCipher, start: int, stop: int) -> Iterator[bytes]:
    """Each segment opened under the data key and sealed under the object key, in one reused buffer."""
    buffer = memoryview(bytearray(SEGMENT))
    count = segment_count(reader.size)
    for index in range(start // SEGMENT, -(-stop // SEGMENT)):
        if index == count:
            break
        head = HEADER if index == 0 else 0
        buffer[:head] = cipher.header[:head]
        plaintext = reader.read_segment(index, buffer[head:])
        sealed = buffer[: head + len(plaintext) + TAG]
        cipher.seal_into(index, index == count - 1, plaintext, sealed[head:])
        at = index * SEGMENT
        yield bytes(sealed[max(start - at, 0) : stop - at])


def transfer_received(*, peer: Peer, transfer_id: UUID, sha256: str) -> None:
    """The client has it, whole: with purpose `save`, a receipt. HashMismatch."""
    with scope(tenant=peer.tenant):
        transfer = _transfer_find(peer, transfer_id)
        row = document_find(peer, transfer.document)
        if not equal(sha256.lower().encode(), row.sha256.encode()):
            raise HashMismatch
        if transfer.delivered and transfer.purpose == Transfer.Purpose.SAVE:
            _received(peer, transfer, transfer.delivered.delivery_id)


@transaction.atomic
def _received(peer: Peer, transfer: Transfer, delivery_id: UUID) -> None:
    """Keep the receipt; the delivery is *downloaded* once each of its documents was received."""
    Transfer.objects.filter(id=transfer.id).update(received_at=timezone.now())
    delivery_advance(delivery_id=delivery_id, state=Recipient.State.OPENED)
    received = Q(transfers__purpose=Transfer.Purpose.SAVE, transfers__received_at__isnull=False)
    documents = DeliveredDocument.objects.filter(delivery_id=delivery_id)
    if documents.filter(received).distinct().count() == documents.count():
        delivery_advance(delivery_id=delivery_id, state=Recipient.State.DOWNLOADED)
    details = {"document": str(transfer.document)}
    event_record(
        tenant_id=peer.tenant.id, actor=peer.user, action="document.received", subject=delivery_id, details=details
    )
