"""The one space of addresses: people, shared mailboxes and groups of every organisation."""

import re
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.errors import LoginInvalid, LoginTaken
from accounts.models import Address, Tenant
from accounts.selectors import address_index
from sealpost.crypto.kdf import login_normalise

_ADDRESS = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+\Z")
_ADDRESS_BYTES = 254
REQUESTS = "@request.invalid"  # file requests sign in under this domain, which is never anybody's (RFC 2606)


def address_check(address: str) -> str:
    """The address, normalised. LoginInvalid."""
    address = login_normalise(address)
    if not _ADDRESS.match(address) or len(address.encode()) > _ADDRESS_BYTES or address.endswith(REQUESTS):
        raise LoginInvalid
    return address


def address_add(*, tenant: Tenant, address: str, name: str, kind: Address.Kind, target: UUID) -> None:
    """Give a person, mailbox or group its address. LoginTaken. The caller holds the scope and a transaction."""
    row = Address(tenant=tenant, index=address_index(address), kind=kind, target=target)
    row.address, row.name = address, name
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise LoginTaken from error


def address_drop(*, kind: Address.Kind, target: UUID) -> None:
    """Take an address back, to be given anew. The caller holds the tenant's scope."""
    Address.objects.filter(kind=kind, target=target).delete()
