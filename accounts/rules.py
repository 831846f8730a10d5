"""Policies, quotas and terms: one frozen model each, from which forms, checks and refusals are made.

What holds for a tenant is the platform's newest version, overridden by what the tenant's newest version names. A
connection's terms only tighten it.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django_scopes import scopes_disabled
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from accounts.models import PlatformRules, RulesKind, TenantRules

DAYS_MOST, COUNT_MOST, BYTES_MOST = 3650, 1_000_000, 1 << 60
REQUESTS_LEAST = 60  # so that a quiet organisation costs no look at its quota
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/([a-z0-9.+-]+|\*)$", max_length=120)]
Types = Annotated[tuple[MediaType, ...], Field(max_length=100)]
Count = Annotated[int, Field(ge=1, le=COUNT_MOST)]
Days = Annotated[int, Field(ge=1, le=DAYS_MOST)]
Bytes = Annotated[int, Field(ge=1, le=BYTES_MOST)]


class StepChoice(BaseModel):
    """A step with its parameters, which the exchange checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str = Field(max_length=64)
    parameters: dict[str, Any] = {}


class Rules(BaseModel):
    """Base: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Policy(Rules):
    """What an organisation's people may do, and what is done to what they exchange. Types are `a/b` or `a/*`."""

    expires_days_default: Days = Field(14, title="Days that a message is available, unless its sender says otherwise")
    expires_days_most: Days = Field(90, title="Most days that a message may be available")
    downloads_most: Count | None = Field(None, title="Most downloads of a document by each recipient")
    types_allowed: Types = Field((), title="Types of documents that may be sent and received (none named: all)")
    types_refused: Types = Field((), title="Types of documents that are refused")
    not_scanned: Literal["deliver", "hold"] = Field("deliver", title="A document that could not be scanned")
    infected: Literal["hold", "discard"] = Field("hold", title="A document with malware, which is never delivered")
    mandatory_steps: Annotated[tuple[StepChoice, ...], Field(max_length=10)] = Field(
        (), title="Steps that every document goes through"
    )
    second_factor_required: bool = Field(False, title="People sign in with a second factor")
    idle_lock_seconds: Annotated[int, Field(ge=5, le=86_400)] = Field(600, title="Seconds until an idle portal locks")
    save_plain: bool = Field(True, title="Documents may be saved in clear (otherwise as .sealed files only)")
    retention_days: Annotated[int, Field(ge=0, le=DAYS_MOST)] = Field(
        30, title="Days after its end that a message is kept before it is erased"
    )
    guests_invited_by: Literal["nobody", "admins", "members"] = Field("members", title="Who may send to outsiders")
    organisation_in_mail: bool = Field(False, title="Notifications by e-mail name the organisation")
    directory_shown: Literal["everybody", "mailboxes", "nobody"] = Field(
        "everybody", title="Whom partners find in their address book"
    )


class Quotas(Rules):
    """How much an organisation may use. Null: no limit."""

    people: Count | None = Field(None, title="People")
    storage_bytes: Bytes | None = Field(None, title="Stored bytes")
    upload_max: Bytes = Field(10 << 30, title="Largest document in bytes")
    files_max: Annotated[int, Field(ge=1, le=1000)] = Field(50, title="Documents in a message")
    recipients_max: Annotated[int, Field(ge=1, le=1000)] = Field(50, title="Recipients of a message")
    jobs_at_once: Count = Field(2, title="Jobs running at once")
    requests_per_minute: Annotated[int, Field(ge=REQUESTS_LEAST, le=COUNT_MOST)] = Field(
        6000, title="Requests in a minute"
    )


class Terms(Rules):
    """What one side of a connection allows in one direction. Null or none named: no limit of this connection's own.

    `senders` and `recipients` are ids of users, groups and mailboxes.
    """

    senders: tuple[UUID, ...] | None = Field(None, title="Who may send")
    recipients: tuple[UUID, ...] | None = Field(None, title="Who may be sent to")
    types_allowed: Types = Field((), title="Types of documents that may pass (none named: all)")
    types_refused: Types = Field((), title="Types of documents that are refused")
    upload_max: Bytes | None = Field(None, title="Largest document in bytes")
    expires_days_most: Days | None = Field(None, title="Most days that a message may be available")


RulesModel = TypeVar("RulesModel", bound=Rules)


def _first(kind: RulesKind) -> dict[str, Any]:
    """What the environment sets."""
    if kind == RulesKind.POLICY:
        return {"idle_lock_seconds": settings.SEALPOST_IDLE_LOCK_SECONDS}
    return {
        "upload_max": settings.SEALPOST_UPLOAD_MAX,
        "files_max": settings.SEALPOST_FILES_MAX,
        "recipients_max": settings.SEALPOST_RECIPIENTS_MAX,
    }


def platform_members(kind: RulesKind) -> dict[str, Any]:
    """What the environment and the newest version of the platform set."""
    with scopes_disabled():
        row = PlatformRules.objects.filter(kind=kind).order_by("-version").first()
    return _first(kind) | (row.members if row else {})


def tenant_members(tenant_id: UUID, kind: RulesKind) -> dict[str, Any]:
    """What the newest version of the tenant sets, which may be nothing."""
    with scopes_disabled():
        row = TenantRules.objects.filter(tenant_id=tenant_id, kind=kind).order_by("-version").first()
    return dict(row.members) if row else {}


def policy_of(tenant_id: UUID) -> Policy:
    """The policy that holds for a tenant; two queries."""
    return Policy(**(platform_members(RulesKind.POLICY) | tenant_members(tenant_id, RulesKind.POLICY)))


def policies_of(tenant_ids: Iterable[UUID]) -> dict[UUID, Policy]:
    """The policies of several tenants; two queries however many."""
    wanted, platform = list(tenant_ids), platform_members(RulesKind.POLICY)
    mine = TenantRules.objects.filter(tenant_id=OuterRef("tenant_id"), kind=RulesKind.POLICY).order_by("-version")
    with scopes_disabled():
        rows = TenantRules.objects.filter(tenant_id__in=wanted, kind=RulesKind.POLICY)
        newest = {row.tenant_id: row.members for row in rows.filter(version=Subquery(mine.values("version")[:1]))}
    return {tenant_id: Policy(**(platform | newest.get(tenant_id, {}))) for tenant_id in wanted}


def quotas_of(tenant_id: UUID) -> Quotas:
    """The quotas that hold for a tenant; two queries."""
    return Quotas(**(platform_members(RulesKind.QUOTAS) | tenant_members(tenant_id, RulesKind.QUOTAS)))


def type_admitted(media_type: str, *, allowed: Types, refused: Types) -> bool:
    """Whether a media type is let through: refused ones never, and where some are allowed, only those."""

    def among(types: Types) -> bool:
        family = f"{media_type.partition('/')[0]}/*"
        return media_type in types or family in types

    return not among(refused) and (not allowed or among(allowed))
