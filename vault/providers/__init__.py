"""The configured provider of the root key."""

from functools import cache
from pathlib import Path

from django.conf import settings

from vault.providers.base import RootProvider
from vault.providers.file import FileRootKey


@cache
def _file_provider(path: Path) -> RootProvider:
    return FileRootKey(path)


def root_provider() -> RootProvider:
    """The provider that settings name; RootKeyMissing."""
    return _file_provider(Path(settings.SEALPOST_VAULT_ROOT))
