"""Erasing what has ended once its side's retention is over: objects, texts and names go, times and states stay.

Each side follows its own organisation's policy and its own legal holds. Each message and delivery is erased in a
transaction of its own, so that what is stopped half-way is whole and goes on at the next time.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.rules import policy_of
from accounts.services import chains_lock, event_record
from exchange.models import Delivery, Document, Job, JobOutput, Message, Recipient, Upload, UploadPart
from exchange.selectors import deliveries_unheld, messages_unheld
from exchange.services.expiry import AT_ONCE
from exchange.services.object_release import objects_release

_MESSAGES_OVER = (Message.State.EXPIRED, Message.State.RECALLED, Message.State.CANCELLED)
_DELIVERIES_OVER = (Recipient.State.EXPIRED, Recipient.State.RECALLED)
_WORKING = (Job.State.QUEUED, Job.State.RUNNING)
_Erase = Callable[[UUID, UUID, QuerySet[Any]], bool]
_log = logging.getLogger("sealpost.lifecycle")


def retention_erase() -> int:
    """Erase what is due in every organisation that is not suspended; how many messages and deliveries."""
    erased = 0
    with scopes_disabled():
        for over, erase in ((_deliveries_over, _delivery_erase), (_messages_over, _message_erase)):
            now = timezone.now()
            for tenant_id in list(over(now).order_by().values_list("tenant_id", flat=True).distinct()):
                due = over(now - timedelta(days=policy_of(tenant_id).retention_days)).filter(tenant_id=tenant_id)
                for row_id in list(due.values_list("id", flat=True)[:AT_ONCE]):
                    erased += _tried(erase, row_id, tenant_id, due)
    return erased


def _deliveries_over(until: datetime) -> QuerySet[Any]:
    """Deliveries that had ended by then, and that nothing keeps."""
    rows = deliveries_unheld(Delivery.objects.filter(state__in=_DELIVERIES_OVER, erased_at=None))
    ended = Q(recalled_at__lte=until) | Q(recalled_at=None, expires_at__lte=until)
    return rows.filter(ended).exclude(tenant__state=Tenant.State.SUSPENDED)


def _messages_over(until: datetime) -> QuerySet[Any]:
    """Messages that had ended by then, that nothing keeps and nobody works on."""
    rows = messages_unheld(Message.objects.filter(state__in=_MESSAGES_OVER, erased_at=None))
    ended = Q(ended_at__lte=until) | Q(ended_at=None, expires_at__lte=until)
    rows = rows.filter(ended).exclude(job__state__in=_WORKING)
    return rows.exclude(tenant__state=Tenant.State.SUSPENDED)


def _tried(erase: _Erase, row_id: UUID, tenant_id: UUID, due: QuerySet[Any]) -> bool:
    try:
        with transaction.atomic():
            return erase(row_id, tenant_id, due)
    except Exception as error:  # one that cannot be erased must not keep the others
        _log.error("retention of %s: %s", row_id, type(error).__name__)
        return False


def _texts_drop(rows: QuerySet[Any], **values: Any) -> None:
    """Empty every sealed column."""
    sealed = [field.name for field in rows.model._meta.get_fields() if isinstance(field, models.BinaryField)]
    rows.update(**{name: b"" for name in sealed if name.endswith("_sealed")}, **values)


def _delivery_erase(delivery_id: UUID, tenant_id: UUID, due: QuerySet[Any]) -> bool:
    row = Delivery.objects.select_for_update().filter(id=delivery_id).first()
    chains_lock({tenant_id})
    if row is None or not due.filter(id=delivery_id).exists():
        return False  # held, extended or erased meanwhile
    documents = row.documents.all()
    objects = list(documents.values_list("object", flat=True))
    _texts_drop(documents)
    _texts_drop(Delivery.objects.filter(id=delivery_id), erased_at=timezone.now())
    _given_up(tenant_id, "delivery.erased", delivery_id, objects)
    return True


def _message_erase(message_id: UUID, tenant_id: UUID, due: QuerySet[Any]) -> bool:
    row = Message.objects.select_for_update().filter(id=message_id).first()
    chains_lock({tenant_id})
    if row is None or not due.filter(id=message_id).exists():
        return False
    documents, outputs = Document.objects.filter(message=row), JobOutput.objects.filter(job__message=row)
    objects = [one for one in outputs.values_list("object", flat=True) if one]
    objects += documents.values_list("object", flat=True)
    outputs.delete()
    uploads = Upload.objects.filter(tenant_id=tenant_id, object__in=objects)
    UploadPart.objects.filter(upload__in=uploads).delete()
    _texts_drop(uploads, object=None)
    _texts_drop(documents)
    _texts_drop(Recipient.objects.filter(message=row), address_index=b"")
    _texts_drop(Message.objects.filter(id=message_id), erased_at=timezone.now())
    _given_up(tenant_id, "message.erased", message_id, objects)
    return True


def _given_up(tenant_id: UUID, action: str, subject: UUID, objects: list[UUID]) -> None:
    details = {"objects": objects_release(tenant_id=tenant_id, objects=objects)}
    event_record(tenant_id=tenant_id, actor=None, action=action, subject=subject, details=details)
