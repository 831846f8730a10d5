"""Organisations, their people, the keys they share with the server, and what happened."""

from accounts.models.audit import AuditCheckpoint, AuditEvent, AuditHead
from accounts.models.connection import Connection, ConnectionProposal, ConnectionTerms
from accounts.models.key import (
    EnrolmentKey,
    Invitation,
    RecoveryCode,
    Reissue,
    SecondFactor,
    SecurityKey,
    Session,
    SharedKey,
)
from accounts.models.notification import Notification, NotificationPreference
from accounts.models.rules import PlatformRules, RulesKind, TenantRules
from accounts.models.tenant import Tenant
from accounts.models.user import Address, Group, GroupMember, User

__all__ = [
    "Address",
    "AuditCheckpoint",
    "AuditEvent",
    "AuditHead",
    "Connection",
    "ConnectionProposal",
    "ConnectionTerms",
    "EnrolmentKey",
    "Group",
    "GroupMember",
    "Invitation",
    "Notification",
    "NotificationPreference",
    "PlatformRules",
    "RecoveryCode",
    "Reissue",
    "RulesKind",
    "SecondFactor",
    "SecurityKey",
    "Session",
    "SharedKey",
    "Tenant",
    "TenantRules",
    "User",
]
