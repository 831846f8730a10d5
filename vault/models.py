"""Key rings and sealed objects. An owner is an opaque text that the vault binds and never reads."""

import uuid

from django.db import models


class RootKey(models.Model):
    """Which root key this database was sealed with: the provider's check value."""

    provider = models.CharField(max_length=32, unique=True)
    check_value = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.provider


class KeyRing(models.Model):
    """The keys of one owner; shredded once and for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.CharField(max_length=64, unique=True)
    current = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    shredded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class KeyVersion(models.Model):
    """One key of a ring, wrapped by the root key, with its check value."""

    ring = models.ForeignKey(KeyRing, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ring", "version"], name="vault_version_once")]

    def __str__(self) -> str:
        return f"{self.ring_id} {self.version}"


class StoredObject(models.Model):
    """Sealed bytes in the store: a stream of docs/protocol.md section 5 whose header is kept here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    size = models.BigIntegerField(null=True)
    header = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    sealed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class ObjectKey(models.Model):
    """The data key of an object, wrapped for one owner."""

    object = models.ForeignKey(StoredObject, on_delete=models.CASCADE, related_name="keys")
    owner = models.CharField(max_length=64)
    wrapped = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "object"], name="vault_object_key_once")]

    def __str__(self) -> str:
        return str(self.object_id)


class SigningKey(models.Model):
    """An Ed25519 key by which the service signs statements; the private half lies wrapped under the platform's ring."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    public = models.BinaryField(max_length=32)
    wrapped_private = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class DocumentKey(models.Model):
    """A key by which an owner signs documents, and its certificate; both lie wrapped under the owner's ring."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.CharField(max_length=64, db_index=True)
    wrapped_private = models.BinaryField()
    wrapped_certificate = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)
