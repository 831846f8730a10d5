"""What the vault refuses."""

from sealpost.errors import SealpostError


class VaultError(SealpostError):
    """The vault cannot serve; an operator must look."""

    code = "vault_unavailable"
    status = 503
    sentence = "The document store cannot be reached. Nothing was lost; try again in a minute."


class RootKeyMissing(VaultError):
    """No root key where one is configured."""

    code = "root_key_missing"


class RootKeyMismatch(VaultError):
    """The root key is not the one that this database was sealed with."""

    code = "root_key_mismatch"


class RingMissing(VaultError):
    """The owner has no key ring, or it was shredded."""

    code = "ring_missing"
    status = 410
    sentence = "The keys of this organisation were destroyed, so its documents cannot be opened any more."


class ObjectMissing(VaultError):
    """The object is not there, not complete, or its bytes are short."""

    code = "object_missing"
    sentence = "A stored document is missing from the store. Tell the operator; the message itself is intact."


class StorageFull(VaultError):
    """The store has no room."""

    code = "storage_full"
    status = 507
    sentence = "The server has no room for this document. Nothing was lost; tell its operator and try again later."


class SigningKeyUnknown(VaultError):
    """A signature names a key that this installation does not have."""

    code = "signing_key_unknown"
    sentence = "A key that signs statements is missing from the database. Nothing was changed; tell the operator."
