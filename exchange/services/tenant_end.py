"""The end of an organisation: when its export window has passed, all that is left is the audit trail."""

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Connection, Tenant
from accounts.sealed import tenant_owner
from accounts.services import tenant_closed, tenant_rows_destroy
from exchange.models import (
    DeliveredDocument,
    Delivery,
    Document,
    FileRequest,
    Job,
    JobOutput,
    LegalHold,
    Mailbox,
    MailboxMember,
    Message,
    Pipeline,
    PipelineVersion,
    Recipient,
    Transfer,
    Upload,
    UploadPart,
)
from vault.services import document_keys_delete, owner_objects_delete, ring_shred

# Each before what it points to.
_ROWS = (
    Transfer, DeliveredDocument, Delivery, MailboxMember, FileRequest, Mailbox, JobOutput, Job, Recipient, Document,
    Message, PipelineVersion, Pipeline, UploadPart, Upload, LegalHold,
)  # fmt: skip
_log = logging.getLogger("sealpost.tenants")


def tenants_end() -> int:
    """Close every organisation whose window has passed; how many. One under legal hold waits until it is lifted."""
    with scopes_disabled():
        due = Tenant.objects.filter(state=Tenant.State.CLOSING, closes_at__lte=timezone.now())
        ids = list(due.values_list("id", flat=True))
    return sum(_end(tenant_id) for tenant_id in ids)


def _end(tenant_id: UUID) -> int:
    """Idempotent: what a killed worker has left is done by the next."""
    with transaction.atomic():
        with scopes_disabled():
            tenant = Tenant.objects.select_for_update().get(id=tenant_id)
        if tenant.state != Tenant.State.CLOSING:
            return 0
        with scope(tenant=tenant):
            if LegalHold.objects.filter(lifted_at=None).exists():
                _log.warning("tenant %s: under legal hold, so it is not closed yet", tenant_id)
                return 0
            for model in _ROWS:
                model.objects.all().delete()
            tenant_rows_destroy(tenant=tenant)
            for side in ("first", "second"):
                mine = Connection.objects.filter(**{f"{side}_id": tenant_id}).exclude(state=Connection.State.ENDED)
                mine.update(state=Connection.State.ENDED, ended_at=timezone.now())
        owner_objects_delete(owner=tenant_owner(tenant_id))
        document_keys_delete(owner=tenant_owner(tenant_id))
        tenant_closed(tenant=tenant)
        ring_shred(owner=tenant_owner(tenant_id))
    return 1
