"""What a file request still takes, told before anything crosses and asked again when it is sent."""

from django.db.models import Sum
from django.utils import timezone

from accounts.models import Tenant, User
from accounts.peer import Peer
from exchange.errors import RequestClosed, RequestFull, RequestTooLarge
from exchange.models import FileRequest, Mailbox, Upload

_SLACK = 4  # deposits that others may have begun and left, for a day


def request_signed_in(peer: Peer, *, lock: bool = False) -> FileRequest:
    """The request that signed in. The caller holds the scope, for a lock a transaction too."""
    rows = FileRequest.objects.select_related("mailbox")
    return (rows.select_for_update(of=("self",)) if lock else rows).get(depositor=peer.user)


def request_open_check(peer: Peer, row: FileRequest) -> None:
    """RequestClosed, RequestFull."""
    over = row.state != FileRequest.State.OPEN or row.expires_at <= timezone.now()
    if over or row.mailbox.state != Mailbox.State.OPEN or peer.tenant.state not in Tenant.OPEN:
        raise RequestClosed
    if row.deposits >= row.deposits_most:
        raise RequestFull(limit=row.deposits_most)


def deposit_upload_check(*, peer: Peer, size: int) -> None:
    """Before any byte of a deposit's document crosses; for everybody else nothing. The caller holds the scope.

    RequestClosed, RequestFull, RequestTooLarge.
    """
    if peer.user.role != User.Role.DEPOSITOR:
        return
    row = request_signed_in(peer)
    request_open_check(peer, row)
    if size > row.bytes_most:
        raise RequestTooLarge(limit=row.bytes_most)
    live = Upload.objects.filter(user=peer.user, state__in=[Upload.State.OPEN, Upload.State.COMPLETE])
    begun = live.filter(expires_at__gt=timezone.now()).aggregate(bytes=Sum("size", default=0))["bytes"]
    if begun + size > row.bytes_most * (row.deposits_most - row.deposits + _SLACK):
        raise RequestTooLarge(
            "Too much was uploaded by this link without being sent. Nothing of this document was stored; "
            "send what you have uploaded, or try again tomorrow.",
            limit=row.bytes_most,
        )
