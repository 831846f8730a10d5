"""People outside, when a message has been worked on: who they are by now, and what those who are waited for are told.

To a sender three things look alike: an address that is nobody's, one of a guest, and one of somebody in an organisation
that is not connected. Each is sent to by address alone, and what lies behind it is looked up here, by the worker.
"""

from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django_scopes import scope

from accounts.errors import LoginTaken
from accounts.models import Address, Tenant, User
from accounts.selectors import Target, addresses_reachable, addresses_taken, connected_tenants
from accounts.services import event_record, guest_create, guest_link, notify
from exchange.models import Message, Recipient
from exchange.services.across_tenants import Place
from exchange.services.notices import organisation_named, until
from exchange.services.recipients_terms import targets_open


def outsiders_resolve(*, message: Message, recipients: list[Recipient]) -> list[Recipient]:
    """Find out who is meant by those who were sent to by address alone, and make guests of addresses of nobody.

    Who is in an organisation that is not connected stays unknown; who turns out to be another recipient of the message
    is left out. The caller holds the sender's scope and a transaction.
    """
    unknown = [one for one in recipients if one.address_index and not (one.user_id or one.mailbox_id)]
    if not unknown:
        return recipients
    logins = {one.id: one.login for one in unknown}
    found = addresses_reachable(tenant_id=message.tenant_id, addresses=logins.values(), guests=True)
    found = targets_open(sender=message.sender, found=found)
    taken = addresses_taken(bytes(one.address_index) for one in unknown)
    rows = Recipient.objects.filter(message=message).values_list("user_id", "mailbox_id")
    named = {user or mailbox for user, mailbox in rows}
    for one in unknown:
        target, row = found[logins[one.id]], taken.get(bytes(one.address_index))
        if target and _now(one, target):
            _known(one, target)
        elif row is None:
            _guest_new(one, logins[one.id])
    doubled = {one.id for one in unknown if (one.user_id or one.mailbox_id) in named - {None}}
    Recipient.objects.filter(id__in=doubled).delete()
    for one in unknown:
        if one.id not in doubled:
            one.save(update_fields=["user_id", "mailbox_id", "name_sealed", "organisation_sealed"])
    return [one for one in recipients if one.id not in doubled]


def _now(one: Recipient, target: Target) -> bool:
    """Whether to deliver there: to a guest at once; to somebody of an organisation connected meanwhile when the sweep
    asks, which judges the documents by that organisation's rules first."""
    judged = one.state == Recipient.State.INVITED
    return target.kind != Address.Kind.GROUP and (judged or target.tenant.kind == Tenant.Kind.GUEST)


def _guest_new(one: Recipient, address: str) -> None:
    try:
        one.user_id = guest_create(address=address).id
    except LoginTaken:  # another message made them at the same moment; the next sweep finds out who it is
        one.user_id = None


def _known(one: Recipient, target: Target) -> None:
    """A person or mailbox that the address leads to."""
    if target.kind == Address.Kind.PERSON:
        one.user_id = target.id
    else:
        one.mailbox_id = target.id
    if target.tenant.kind == Tenant.Kind.ORGANISATION:
        one.name, one.organisation = target.name, target.tenant.name


def outsider_tell(*, message: Message, recipient: Recipient, place: Place | None) -> None:
    """Mail an invitation to a guest, or to somebody of an organisation that is not connected what is missing.

    The caller holds the sender's scope, a transaction and the chain of the sender's tenant.
    """
    named = organisation_named(tenant_id=message.tenant_id, name=message.tenant.name)
    recipient.reminded_at = timezone.now()
    recipient.save(update_fields=["reminded_at"])
    if place and place.user and place.tenant.kind == Tenant.Kind.GUEST:
        _invite(message, recipient, place.user, named)
    elif place is None:
        _unconnected(message, recipient, named)
    # Whose address it is, this log must not tell: the recipient's row stands for the person.
    event_record(tenant_id=message.tenant_id, actor=message.sender, action="guest.invited", subject=recipient.id)


def _invite(message: Message, recipient: Recipient, guest: User, named: dict[str, str]) -> None:
    key = f"invited:{recipient.id}:{recipient.reminded_at:%Y%m%d%H%M%S%f}"
    with scope(tenant=guest.tenant):
        fragment = guest_link(guest=guest, made_by=message.sender_id)
        link = f"{settings.SEALPOST_ADDRESS}/enrol#{fragment}"
        context = {"link": link, "until": until(message.expires_at)} | named
        notify(event="guest_invitation", user=guest, tenant=guest.tenant, key=key, context=context)


def _unconnected(message: Message, recipient: Recipient, named: dict[str, str]) -> None:
    """Once a day at most, however many messages an organisation sends to one person in vain."""
    row = addresses_taken([bytes(recipient.address_index)]).get(bytes(recipient.address_index))
    if row is None or row.kind == Address.Kind.GROUP or row.tenant_id in connected_tenants(message.tenant_id):
        return
    person: UUID | None = row.target if row.kind == Address.Kind.PERSON else None
    with scope(tenant=row.tenant):
        user = User.objects.filter(id=person).first() if person else None
        day = f"unconnected:{message.tenant_id}:{row.id}:{timezone.now():%Y%m%d}"
        context = {"until": until(message.expires_at)} | named
        notify(event="guest_unconnected", user=user, tenant=row.tenant, address=row.address, key=day, context=context)
