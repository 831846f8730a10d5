"""To whom the result of a job goes, now or once they have enrolled."""

from uuid import UUID

from django_scopes import scopes_disabled

from accounts.models import Tenant, User
from accounts.selectors import connected_tenants, guests_open, users_by_id
from accounts.services import chains_lock
from exchange.models import Mailbox, Message, Recipient
from exchange.services.across_tenants import Place, delivery_create
from exchange.services.job_chain import Chain
from exchange.services.outsiders import outsider_tell, outsiders_resolve


def recipients_deliver(*, message: Message, chain: Chain, recipients: list[Recipient]) -> int:
    """Deliver to each who can be reached; how many were, those who are waited for among them.

    The caller holds the sender's scope and a transaction.
    """
    recipients = outsiders_resolve(message=message, recipients=recipients)
    places = places_find(recipients)
    allowed = connected_tenants(message.tenant_id)
    open_to = guests_open(
        tenant_id=message.tenant_id, user_ids=[place.user.id for place in places.values() if place.user]
    )
    chains_lock({message.tenant_id, *(place.tenant.id for place in places.values())})
    reached = 0
    for recipient in recipients:
        place = places.get(recipient.id)
        if place and place.tenant.state == Tenant.State.SUSPENDED:
            _state(recipient, Recipient.State.WAITING)  # delivered when it is resumed
        elif not _may(recipient, place, allowed):
            _state(recipient, Recipient.State.REFUSED)
        elif place is None or _waits(place, open_to):
            _wait(message, recipient, place)
        else:
            items = chain.items(recipient)
            delivery_create(message=message, sender=message.sender, recipient=recipient, place=place, items=items)
        reached += recipient.state != Recipient.State.REFUSED
    return reached


def _state(recipient: Recipient, state: Recipient.State) -> None:
    recipient.state = state
    recipient.save(update_fields=["state"])


def _waits(place: Place, open_to: set[UUID]) -> bool:
    """Somebody who has not enrolled, or a guest who is not known to be who the sender means."""
    if place.user is None:
        return False
    guest = place.tenant.kind == Tenant.Kind.GUEST
    return place.user.state == User.State.INVITED or (guest and place.user.id not in open_to)


def _wait(message: Message, recipient: Recipient, place: Place | None) -> None:
    """Wait for them; who is outside is told so, once."""
    first = recipient.state == Recipient.State.WAITING
    _state(recipient, Recipient.State.INVITED)
    if first and recipient.address_index:
        outsider_tell(message=message, recipient=recipient, place=place)


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


def _may(recipient: Recipient, place: Place | None, allowed: set[UUID]) -> bool:
    """Whether a delivery may still go there: nobody was removed, closed or disconnected meanwhile."""
    if place is None:
        return bool(recipient.address_index) and not (recipient.user_id or recipient.mailbox_id)
    if place.tenant.state not in Tenant.OPEN:
        return False
    if place.user and place.user.state == User.State.REMOVED:
        return False
    if place.mailbox and place.mailbox.state != Mailbox.State.OPEN:
        return False
    return place.tenant.kind == Tenant.Kind.GUEST or place.tenant.id in allowed
