"""Whether a document may be fetched, and how often: a download counts when it begins, resuming it does not."""

from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.peer import Peer
from exchange.errors import ContentExpired, DocumentDiscarded, NotFound
from exchange.lifecycle_errors import ContentErased, DeliveryRecalled, DownloadLimitReached
from exchange.models import DeliveredDocument, Delivery, Document, Job, Recipient, Transfer, Verdict


def delivery_available_check(delivery: Delivery) -> None:
    """DeliveryRecalled, ContentErased, ContentExpired."""
    if delivery.recalled_at:
        raise DeliveryRecalled
    if delivery.erased_at:
        raise ContentErased
    if delivery.expires_at <= timezone.now():
        raise ContentExpired


def document_find(peer: Peer, document_id: UUID) -> Document | DeliveredDocument:
    """What this user received or has sent. The caller holds the scope.

    NotFound, DeliveryRecalled, ContentErased, ContentExpired, DocumentDiscarded.
    """
    delivered = DeliveredDocument.objects.select_related("delivery__mailbox").filter(
        id=document_id, delivery__mailbox__members__user=peer.user
    )
    sent = Document.objects.select_related("message__job").filter(id=document_id, message__sender=peer.user)
    row = delivered.first() or sent.first()
    if row is None:
        raise NotFound
    document_available_check(row)
    return row


def document_available_check(row: Document | DeliveredDocument) -> None:
    """Of a recipient's document, or of a sender's own.

    DeliveryRecalled, ContentErased, ContentExpired, DocumentDiscarded.
    """
    if isinstance(row, DeliveredDocument):
        delivery_available_check(row.delivery)
        return
    if row.message.erased_at:
        raise ContentErased
    job = row.message.job
    if job.code == "infected" and job.state == Job.State.CANCELLED and job.objection and row.verdict != Verdict.CLEAN:
        raise DocumentDiscarded


def limit_check(row: DeliveredDocument) -> None:
    """DownloadLimitReached with `limit`, where nothing more may be begun."""
    most = row.delivery.downloads_most
    if most is not None and row.downloads >= most:
        raise DownloadLimitReached(limit=most)


def download_count(row: DeliveredDocument) -> None:
    """Count a download that begins. DownloadLimitReached, also where others took the last one at the same time.

    The caller holds the recipient's scope and the transaction in which the transfer is made.
    """
    most = row.delivery.downloads_most
    counted = DeliveredDocument.objects.filter(id=row.id)
    if most is not None:
        counted = counted.filter(downloads__lt=most)
    if not counted.update(downloads=F("downloads") + 1):
        raise DownloadLimitReached(limit=most)
    with scopes_disabled():  # the sender's side of it
        Recipient.objects.filter(id=row.delivery.recipient_id).update(downloads=F("downloads") + 1)


def transfer_serves_check(transfer: Transfer) -> None:
    """Where downloads are limited, one that was received gives nothing more, and a preview nothing after the last.

    NotFound, DownloadLimitReached.
    """
    if transfer.delivered is None or transfer.delivered.delivery.downloads_most is None:
        return
    if transfer.received_at:
        raise NotFound
    if transfer.purpose == Transfer.Purpose.PREVIEW:
        limit_check(transfer.delivered)
