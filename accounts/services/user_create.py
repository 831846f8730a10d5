"""People and partner systems: made with an issued passphrase or secret (enrolment B), or to be invited."""

import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from django.db import IntegrityError, transaction
from django_scopes import scope
from xkcdpass import xkcd_password

from accounts.errors import LoginIsGuest, LoginTaken
from accounts.models import Address, Tenant, User
from accounts.selectors import address_index, address_is_guest
from accounts.services.address import NAME_MOST, address_add, address_check, address_rename, name_check
from accounts.services.event_record import event_record
from accounts.services.quota import people_check
from accounts.services.shared_key import bundle_of, shared_key_store
from sealpost.crypto.kdf import secret_format
from sealpost.protocol.keys import UserKeys, password_keys, secret_keys

_WORDS = 6
_SECRET = 32
Kind = Literal["person", "machine"]


@dataclass(frozen=True, slots=True)
class Issued:
    """A new user and what to hand over, once, by another way than this system."""

    tenant: Tenant
    user: User
    login: str
    passphrase: str = field(repr=False)


@cache
def _wordlist() -> tuple[str, ...]:
    words = xkcd_password.generate_wordlist(wordfile="eff-long", min_length=3, max_length=9)
    return tuple(word for word in words if word.isalpha())


def passphrase_new() -> str:
    """Six words of the EFF long list, at least 77 bits, joined by `-`."""
    return "-".join(secrets.choice(_wordlist()) for _ in range(_WORDS))


def keys_issue(kind: Kind) -> tuple[str, UserKeys]:
    """A passphrase (suite 1, at the price of an Argon2) or machine secret (suite 0) to hand over, and its keys."""
    if kind == "person":
        passphrase = passphrase_new()
        return passphrase, password_keys(passphrase)
    secret = secrets.token_bytes(_SECRET)
    return secret_format(secret), secret_keys(secret)


def user_alter(*, user: User, name: str = "", role: str | None = None) -> None:
    """Another name, in the address too, or another role. NameInvalid. The caller holds scope and transaction."""
    if role:
        user.role = role
        user.save(update_fields=["role"])
    if name.strip():
        user.name = name_check(name)
        address_rename(kind=Address.Kind.PERSON, target=user.id, name=user.name)
        user.save(update_fields=["name_sealed"])


def user_add(*, tenant: Tenant, login: str, name: str, role: str, state: str) -> User:
    """The row of a new user; LoginInvalid, LoginTaken, LoginIsGuest, NameInvalid, QuotaExceeded.

    The caller holds scope and transaction.
    """
    login = address_check(login)
    if role not in {User.Role.GUEST, User.Role.DEPOSITOR}:
        people_check(tenant=tenant)
    user = User(tenant=tenant, login_index=address_index(login), role=role, state=state)
    user.login = login
    user.name = name_check(name if name.strip() else login.partition("@")[0][:NAME_MOST])
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise LoginIsGuest if address_is_guest(login) else LoginTaken from error
    address_add(tenant=tenant, address=login, name=user.name, kind=Address.Kind.PERSON, target=user.id)
    return user


def user_issue(
    *,
    tenant: Tenant,
    login: str,
    name: str = "",
    role: str = User.Role.MEMBER,
    kind: Kind = "person",
    by: User | None = None,
) -> Issued:
    """Enrolment B: a user with an issued passphrase (suite 1) or machine secret (suite 0).

    LoginTaken, LoginInvalid, NameInvalid.
    """
    passphrase, keys = keys_issue(kind)
    with scope(tenant=tenant), transaction.atomic():
        user = user_add(tenant=tenant, login=login, name=name, role=role, state=User.State.ACTIVE)
        shared_key_store(user=user, bundle=bundle_of(keys), issued=kind == "person")
        details = {"role": role, "suite": keys.parameters.suite}
        event_record(tenant_id=tenant.id, actor=by, action="user.issued", subject=user.id, details=details)
        return Issued(tenant=tenant, user=user, login=user.login, passphrase=passphrase)
