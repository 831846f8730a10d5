"""What waited for its recipients is delivered: they have enrolled, shown their address, or become reachable."""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Tenant
from accounts.selectors import enrolled_for, reachable_for
from exchange.models import Job, Mailbox, Message, Recipient
from exchange.services.job_chain import Chain
from exchange.services.job_deliver import recipients_deliver
from exchange.services.job_judge import Stopped, documents_judge
from exchange.services.job_plan import job_plan
from exchange.services.outsiders import outsiders_resolve

_AT_ONCE = 500
_WAITING = (Recipient.State.WAITING, Recipient.State.INVITED)
_log = logging.getLogger("sealpost.jobs")


def waiting_deliver(*, user_id: UUID | None = None) -> int:
    """Deliver what waited for people who have enrolled or become reachable since, or for this one; how many were."""
    made = 0
    with scopes_disabled():
        enrolled = enrolled_for(tenant="tenant_id", user="user_id")
        reachable = reachable_for(tenant="tenant_id", index="address_index")
        unknown = Q(user_id=None, mailbox_id=None) & ~Q(address_index=b"")
        ready = Q(enrolled) | (unknown & Q(reachable))
        ready |= Q(mailbox_id__in=Mailbox.objects.filter(tenant__state__in=Tenant.OPEN).values("id"))
        waiting = Recipient.objects.filter(ready, state__in=_WAITING)
        waiting = waiting.filter(user_id=user_id) if user_id else waiting
        waiting = waiting.filter(message__state=Message.State.SENT, message__expires_at__gt=timezone.now())
        waiting = waiting.filter(message__job__state=Job.State.DONE)  # it brings those who were added itself
        # In no order, so that those whom terms of a connection keep waiting do not keep others back.
        found = list(waiting.order_by("?").values_list("id", "message_id")[:_AT_ONCE])
    for recipient_id, message_id in found:
        try:
            made += _deliver(recipient_id, message_id)
        except Exception as error:  # one that cannot be delivered must not keep the others back
            _log.error("recipient %s: %s", recipient_id, type(error).__name__)
    return made


@transaction.atomic
def _deliver(recipient_id: UUID, message_id: UUID) -> int:
    """1 where it was delivered. Who turns out to be in an organisation gets nothing that its rules stop."""
    with scopes_disabled():
        message = Message.objects.select_related("tenant", "sender__tenant", "job").get(id=message_id)
    with scope(tenant=message.tenant):
        locked = Recipient.objects.select_for_update().filter(id=recipient_id, state__in=_WAITING)
        recipients = outsiders_resolve(message=message, recipients=list(locked))
        if not recipients:
            return 0
        plan = job_plan(message.job)
        chain = Chain(plan, message.job.outputs.all())
        if not all(chain.complete_for(one) for one in recipients):  # they were added, and their step failed
            Recipient.objects.filter(id=recipient_id).update(state=Recipient.State.REFUSED)
            return 0
        try:
            documents_judge(message, recipients, [item for one in recipients for item in chain.items(one)])
        except Stopped:
            Recipient.objects.filter(id=recipient_id).update(state=Recipient.State.REFUSED)
            return 0
        recipients_deliver(message=message, chain=chain, recipients=recipients)
        return sum(one.state == Recipient.State.DELIVERED for one in recipients)
