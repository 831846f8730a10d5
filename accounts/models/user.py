"""People and partner systems, the addresses that they are reached by, and groups of them."""

from django.db import models

from accounts.sealed import SealedText
from accounts.tenancy import TenantModel


class User(TenantModel):
    """A person or a partner system. Found by `login_index` alone: the login itself is sealed."""

    class Role(models.TextChoices):
        MEMBER = "member"
        ADMIN = "admin"
        AUDITOR = "auditor"
        GUEST = "guest"
        DEPOSITOR = "depositor"

    class State(models.TextChoices):
        INVITED = "invited"
        ACTIVE = "active"
        REMOVED = "removed"

    # Null once the person was removed: the address may then be given anew.
    login_index = models.BinaryField(max_length=32, unique=True, null=True)
    login_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    language = models.CharField(max_length=8, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    signed_in_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    login = SealedText()
    name = SealedText()

    class Meta:
        indexes = [models.Index(fields=["tenant", "state", "role"])]

    def __str__(self) -> str:
        return str(self.id)


class Address(TenantModel):
    """What may stand behind "To": one row a person, shared mailbox or group, in one space of names for all tenants."""

    class Kind(models.TextChoices):
        PERSON = "person"
        MAILBOX = "mailbox"
        GROUP = "group"

    index = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    target = models.UUIDField()
    address_sealed = models.BinaryField()
    name_sealed = models.BinaryField()
    open = models.BooleanField(default=True)  # that of a closed mailbox takes nothing, and is kept from others
    created_at = models.DateTimeField(auto_now_add=True)

    address = SealedText()
    name = SealedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "target"], name="accounts_address_once")]

    def __str__(self) -> str:
        return str(self.id)


class Group(TenantModel):
    """People of one organisation who are sent to together, each in their own mailbox."""

    name_sealed = models.BinaryField()
    partners_may_send = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    name = SealedText()

    def __str__(self) -> str:
        return str(self.id)


class GroupMember(TenantModel):
    """One person of a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="accounts_group_member_once")]

    def __str__(self) -> str:
        return str(self.id)
