"""Everything that other layers may ask of the vault."""

from vault.services.document_signing import DocumentSigner, TemporarySigner, document_keys_delete
from vault.services.objects import (
    ObjectReader,
    ObjectWriter,
    object_create,
    object_delete,
    object_finish,
    object_reader,
    object_share,
    object_write,
    object_writer,
    owner_objects_delete,
    owner_usage,
    owners_usage,
    stored_usage,
)
from vault.services.orphans import Orphans, object_keys, orphans_count, orphans_sweep
from vault.services.ring import ring_cache_clear, ring_create, ring_keys_load, ring_rotate, ring_shred
from vault.services.root_key_check import root_key_check
from vault.services.secret import keyed_index, platform_ring, secret_unwrap, secret_wrap
from vault.services.signing import (
    PublicKey,
    signing_key,
    signing_key_create,
    signing_key_public,
    signing_keys,
    statement_sign,
)

__all__ = [
    "DocumentSigner",
    "ObjectReader",
    "ObjectWriter",
    "Orphans",
    "PublicKey",
    "TemporarySigner",
    "document_keys_delete",
    "keyed_index",
    "object_create",
    "object_delete",
    "object_finish",
    "object_keys",
    "object_reader",
    "object_share",
    "object_write",
    "object_writer",
    "orphans_count",
    "orphans_sweep",
    "owner_objects_delete",
    "owner_usage",
    "owners_usage",
    "platform_ring",
    "ring_cache_clear",
    "ring_create",
    "ring_keys_load",
    "ring_rotate",
    "ring_shred",
    "root_key_check",
    "secret_unwrap",
    "secret_wrap",
    "signing_key",
    "signing_key_create",
    "signing_key_public",
    "signing_keys",
    "statement_sign",
    "stored_usage",
]
