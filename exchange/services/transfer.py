"""Downloads: re-encrypted for the one who asks, by any range, the same bytes every time (section 10.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope

from accounts.peer import Peer
from accounts.rules import policy_of
from accounts.sealed import tenant_owner
from accounts.services import event_record
from exchange.errors import ContentExpired, DocumentDiscarded, HashMismatch, NotFound, RangeUnsatisfiable
from exchange.models import DeliveredDocument, Document, Job, Recipient, Transfer, Verdict
from exchange.services.across_tenants import delivery_advance
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


def _document_find(peer: Peer, document_id: UUID) -> Document | DeliveredDocument:
    """What this user received or has sent. NotFound, ContentExpired, DocumentDiscarded."""
    delivered = DeliveredDocument.objects.select_related("delivery__mailbox").filter(
        id=document_id, delivery__mailbox__members__user=peer.user
    )
    if (row := delivered.first()) is not None:
        if row.delivery.expires_at <= timezone.now():
            raise ContentExpired
        return row
    mine = Document.objects.select_related("message__job").filter(message__sender=peer.user)
    sent = mine.filter(id=document_id).first()
    if sent is None:
        raise NotFound
    job = sent.message.job
    if job.code == "infected" and job.state == Job.State.CANCELLED and job.objection and sent.verdict != Verdict.CLEAN:
        raise DocumentDiscarded
    return sent


def _key(peer: Peer, transfer: Transfer) -> ObjectKey:
    return object_key(peer.shared_key, direction="down", transfer=transfer.id, kid=peer.kid, document=transfer.document)


def transfer_create(*, peer: Peer, document_id: UUID, purpose: str) -> dict[str, Any]:
    """The transfer of a document to this user under their present key; the same again gets the same. NotFound."""
    with scope(tenant=peer.tenant):
        row = _document_find(peer, document_id)
        wanted = {"user": peer.user, "document": row.id, "kid": peer.kid, "purpose": purpose}
        transfer = Transfer.objects.filter(**wanted, received_at=None).first()
        if transfer is None:
            delivered = row if isinstance(row, DeliveredDocument) else None
            transfer = Transfer(
                tenant=peer.tenant, object=row.object, size=row.size, header=header_new(), delivered=delivered, **wanted
            )
            try:
                with transaction.atomic():
                    transfer.save(force_insert=True)
                    _begun(peer, transfer)
            except IntegrityError:
                transfer = Transfer.objects.get(**wanted, received_at=None)
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
    rows = Transfer.objects.select_related("delivered__delivery").filter(id=transfer_id, user=peer.user, kid=peer.kid)
    member = Q(delivered__delivery__mailbox__members__user=peer.user)
    transfer = rows.filter(Q(delivered=None) | member).first()
    if transfer is None:
        raise NotFound
    if transfer.delivered and transfer.delivered.delivery.expires_at <= timezone.now():
        raise ContentExpired
    return transfer


def transfer_content(*, peer: Peer, transfer_id: UUID, start: int = 0, stop: int | None = None) -> ContentAnswer:
    """Bytes [start, stop) of the stream; every query is done before the first chunk. NotFound, RangeUnsatisfiable."""
    with scope(tenant=peer.tenant):
        transfer = _transfer_find(peer, transfer_id)
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
        row = _document_find(peer, transfer.document)
        if not equal(sha256.lower().encode(), row.sha256.encode()):
            raise HashMismatch
        if transfer.delivered and transfer.purpose == Transfer.Purpose.SAVE:
            _received(peer, transfer, transfer.delivered.delivery_id)


@transaction.atomic
def _received(peer: Peer, transfer: Transfer, delivery_id: UUID) -> None:
    """Keep the receipt; the delivery is *downloaded* once each of its documents was received."""
    Transfer.objects.filter(id=transfer.id).update(received_at=timezone.now())
    details = {"document": str(transfer.document)}
    event_record(
        tenant_id=peer.tenant.id, actor=peer.user, action="document.received", subject=delivery_id, details=details
    )
    delivery_advance(delivery_id=delivery_id, state=Recipient.State.OPENED)
    received = Q(transfers__purpose=Transfer.Purpose.SAVE, transfers__received_at__isnull=False)
    documents = DeliveredDocument.objects.filter(delivery_id=delivery_id)
    if documents.filter(received).distinct().count() == documents.count():
        delivery_advance(delivery_id=delivery_id, state=Recipient.State.DOWNLOADED)
