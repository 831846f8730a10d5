"""The configured store."""

from pathlib import Path

from django.conf import settings

from vault.stores.base import Store
from vault.stores.filesystem import FilesystemStore


def object_store() -> Store:
    """The store that settings name."""
    return FilesystemStore(Path(settings.SEALPOST_OBJECTS))
