"""What was made of a received document goes with it when its sender recalls it."""

from datetime import datetime
from uuid import UUID

from exchange.models import Delivery, Document, Job, Message, Recipient


def runs_recall(*, origin: UUID, at: datetime) -> None:
    """End runs on the documents of a delivery, and take their results back.

    The caller holds the scope of the delivery's tenant and the recall's transaction.
    """
    runs = list(Document.objects.filter(origin_id=origin).values_list("message_id", flat=True))
    if not runs:
        return
    unfinished = Job.objects.filter(message__in=runs)
    unfinished.filter(state__in=[Job.State.QUEUED, Job.State.HELD]).update(state=Job.State.CANCELLED)
    unfinished.filter(state=Job.State.RUNNING).update(cancel_requested=True)
    Message.objects.filter(id__in=runs).update(state=Message.State.RECALLED, ended_at=at)
    Recipient.objects.filter(message__in=runs).update(state=Recipient.State.RECALLED, recalled_at=at)
    results = Delivery.objects.filter(message_id__in=runs)
    made = list(results.values_list("id", flat=True))
    results.update(state=Recipient.State.RECALLED, recalled_at=at)
    for delivery_id in made:  # a result may have been processed again
        runs_recall(origin=delivery_id, at=at)
