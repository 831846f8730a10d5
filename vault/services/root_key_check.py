"""Whether the root key is the one this database was sealed with."""

from sealpost.crypto.hkdf import equal
from vault.errors import RootKeyMismatch
from vault.models import RootKey
from vault.providers import root_provider
from vault.unscoped import unscoped


@unscoped
def root_key_check() -> None:
    """Record the provider's check value on first use, compare it ever after.

    Raises RootKeyMissing, or RootKeyMismatch when the key is another one.
    """
    provider = root_provider()
    row, _ = RootKey.objects.get_or_create(provider=provider.name, defaults={"check_value": provider.check()})
    if not equal(bytes(row.check_value), provider.check()):
        raise RootKeyMismatch(
            "the vault's root key is not the one that this database was sealed with. "
            "Nothing was changed; restore the right key from its backup."
        )
