"""To whom the result of a job goes, now or once they have enrolled."""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Tenant, User
from accounts.selectors import connected_tenants, users_by_id
from accounts.services import chains_lock
from exchange.models import Job, JobOutput, Mailbox, Message, Recipient
from exchange.services.across_tenants import Place, Result, delivery_create
from exchange.services.job_plan import Plan, job_plan, output_before, steps_said

_AT_ONCE = 500
_WAITING = (Recipient.State.WAITING, Recipient.State.INVITED)
_log = logging.getLogger("sealpost.jobs")


def recipients_deliver(*, message: Message, plan: Plan, outputs: list[JobOutput], recipients: list[Recipient]) -> int:
    """Deliver to each who can be reached; how many were, those who are waited for among them.

    The caller holds the sender's scope and a transaction.
    """
    places = places_find(recipients)
    allowed = connected_tenants(message.tenant_id)
    chains_lock({message.tenant_id, *(place.tenant.id for place in places.values())})
    reached = 0
    for recipient in recipients:
        place = places.get(recipient.id)
        if place and place.tenant.state == Tenant.State.SUSPENDED:
            recipient.state = Recipient.State.WAITING  # delivered when it is resumed
        elif place is None or not _may(place, allowed):
            recipient.state = Recipient.State.REFUSED
        elif place.user and place.user.state == User.State.INVITED:
            recipient.state = Recipient.State.INVITED
        else:
            results = _results(plan, outputs, recipient)
            delivery_create(message=message, sender=message.sender, recipient=recipient, place=place, results=results)
        if recipient.state in {Recipient.State.REFUSED, Recipient.State.INVITED}:
            recipient.save(update_fields=["state"])
        reached += recipient.state != Recipient.State.REFUSED
    return reached


def places_find(recipients: list[Recipient]) -> dict[UUID, Place]:
    """By id of the recipient; one whose person or mailbox is gone is left out."""
    people = users_by_id(one.user_id for one in recipients if one.user_id)
    wanted = [one.mailbox_id for one in recipients if one.mailbox_id]
    with scopes_disabled():
        shared = {box.id: box for box in Mailbox.objects.select_related("tenant").filter(id__in=wanted)}
    places = {}
    for one in recipients:
        if one.user_id and (user := people.get(one.user_id)):
            places[one.id] = Place(user.tenant, user=user)
        elif one.mailbox_id and (mailbox := shared.get(one.mailbox_id)):
            places[one.id] = Place(mailbox.tenant, mailbox=mailbox)
    return places


def _may(place: Place, allowed: set[UUID]) -> bool:
    """Whether a delivery may still go there: nobody was removed, closed or disconnected meanwhile."""
    if place.tenant.state not in Tenant.OPEN:
        return False
    if place.user and place.user.state == User.State.REMOVED:
        return False
    if place.mailbox and place.mailbox.state != Mailbox.State.OPEN:
        return False
    return place.tenant.kind == Tenant.Kind.GUEST or place.tenant.id in allowed


def _results(plan: Plan, outputs: list[JobOutput], recipient: Recipient) -> list[Result]:
    variant, last = str(recipient.id), len(plan.tasks) + 1
    return [
        Result(
            document=document,
            output=output_before(outputs, document, variant=variant, index=last),
            steps=steps_said(outputs, plan, document, variant=variant),
        )
        for document in plan.documents
    ]


def waiting_deliver(*, user_id: UUID | None = None) -> int:
    """Deliver what waited for people who have enrolled since, or for this one; how many deliveries were made."""
    made = 0
    with scopes_disabled():
        enrolled = User.objects.filter(state=User.State.ACTIVE, tenant__state__in=Tenant.OPEN)
        enrolled = enrolled.filter(id=user_id) if user_id else enrolled
        ready = Q(user_id__in=enrolled.values("id"))
        if user_id is None:
            ready |= Q(mailbox_id__in=Mailbox.objects.filter(tenant__state__in=Tenant.OPEN).values("id"))
        waiting = Recipient.objects.filter(ready, state__in=_WAITING)
        waiting = waiting.filter(message__state=Message.State.SENT, message__expires_at__gt=timezone.now())
        waiting = waiting.filter(message__job__state=Job.State.DONE)  # it brings those who were added itself
        found = list(waiting.values_list("id", "message_id")[:_AT_ONCE])
    for recipient_id, message_id in found:
        try:
            made += _waiting_deliver(recipient_id, message_id)
        except Exception as error:  # one that cannot be delivered must not keep the others back
            _log.error("recipient %s: %s", recipient_id, type(error).__name__)
    return made


@transaction.atomic
def _waiting_deliver(recipient_id: UUID, message_id: UUID) -> int:
    with scopes_disabled():
        message = Message.objects.select_related("tenant", "sender__tenant", "job").get(id=message_id)
    with scope(tenant=message.tenant):
        locked = Recipient.objects.select_for_update().filter(id=recipient_id, state__in=_WAITING)
        recipients = list(locked)
        if not recipients:
            return 0
        plan, outputs = job_plan(message.job), list(message.job.outputs.all())
        if not all(plan.done_for(one, outputs) for one in recipients):  # they were added, and their step failed
            locked.update(state=Recipient.State.REFUSED)
            return 0
        return recipients_deliver(message=message, plan=plan, outputs=outputs, recipients=recipients)
