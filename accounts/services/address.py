"""The one space of addresses: people, shared mailboxes and groups of every organisation."""

import re
import unicodedata
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.errors import LoginInvalid, LoginTaken, NameInvalid
from accounts.models import Address, Tenant
from accounts.selectors import address_index
from sealpost.crypto.kdf import login_normalise

_ADDRESS = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+\Z")
_ADDRESS_BYTES = 254
NAME_MOST = 120
REQUESTS = "@request.invalid"  # file requests sign in under this domain, which is never anybody's (RFC 2606)


def address_check(address: str) -> str:
    """The address, normalised. LoginInvalid."""
    address = login_normalise(address)
    if not _ADDRESS.match(address) or len(address.encode()) > _ADDRESS_BYTES or address.endswith(REQUESTS):
        raise LoginInvalid
    return address


def name_check(name: str) -> str:
    """The name of a person, mailbox or group: one line of 1 to 120 characters. NameInvalid."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= NAME_MOST or not name.isprintable():
        raise NameInvalid
    return name


def address_add(*, tenant: Tenant, address: str, name: str, kind: Address.Kind, target: UUID) -> None:
    """Give a person, mailbox or group its address. LoginTaken. The caller holds the scope and a transaction."""
    row = Address(tenant=tenant, index=address_index(address), kind=kind, target=target)
    row.address, row.name = address, name
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise LoginTaken from error


def address_rename(*, kind: Address.Kind, target: UUID, name: str) -> None:
    """Give an address another name, if it stands. The caller holds the scope and a transaction."""
    for row in Address.objects.select_for_update().filter(kind=kind, target=target):
        row.name = name
        row.save(update_fields=["name_sealed"])


def address_open(*, kind: Address.Kind, target: UUID, open: bool) -> None:
    """Let an address be sent to or not; nobody else gets it meanwhile. The caller holds the tenant's scope."""
    Address.objects.filter(kind=kind, target=target).update(open=open)


def address_drop(*, kind: Address.Kind, target: UUID) -> None:
    """Take an address back, to be given anew. The caller holds the tenant's scope."""
    Address.objects.filter(kind=kind, target=target).delete()
