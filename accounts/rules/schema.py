"""Policies, quotas and terms: one frozen model each, from which forms, checks and refusals are made.

`group` says in which part of a form a member stands, `words` what its values are called there, `hint` what it does,
`unit` that a number counts bytes.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

DAYS_MOST, COUNT_MOST, BYTES_MOST = 3650, 1_000_000, 1 << 60
REQUESTS_LEAST = 60  # so that a quiet organisation costs no look at its quota
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/([a-z0-9.+-]+|\*)$", max_length=120)]
Types = Annotated[tuple[MediaType, ...], Field(max_length=100)]
Count = Annotated[int, Field(ge=1, le=COUNT_MOST)]
Days = Annotated[int, Field(ge=1, le=DAYS_MOST)]
Bytes = Annotated[int, Field(ge=1, le=BYTES_MOST)]


def _said(group: str, hint: str = "", **words: str) -> dict[str, Any]:
    """What a form says of a member beside its title."""
    return {"group": group, "hint": hint, "words": words}


def _bytes() -> dict[str, Any]:
    return _said("", "In bytes: 1 GB is 1073741824.") | {"unit": "bytes"}


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

    expires_days_default: Days = Field(
        14,
        title="Days that a message is available, unless its sender says otherwise",
        json_schema_extra=_said("time"),
    )
    expires_days_most: Days = Field(
        90, title="Most days that a message may be available", json_schema_extra=_said("time")
    )
    downloads_most: Count | None = Field(
        None, title="Most downloads of a document by each recipient", json_schema_extra=_said("time")
    )
    retention_days: Annotated[int, Field(ge=0, le=DAYS_MOST)] = Field(
        30, title="Days after its end that a message is kept before it is erased", json_schema_extra=_said("time")
    )
    types_allowed: Types = Field(
        (),
        title="Types of documents that may be sent and received (none named: all)",
        json_schema_extra=_said("documents", "Where one is named, every other is refused, and what nobody knows too."),
    )
    types_refused: Types = Field(
        (),
        title="Types of documents that are refused",
        json_schema_extra=_said("documents", "Judged by name before anything is sent, and by content afterwards."),
    )
    not_scanned: Literal["deliver", "hold"] = Field(
        "deliver",
        title="A document that could not be scanned",
        json_schema_extra=_said(
            "documents",
            "Too large, an encrypted archive, or the scanner was down. It is never called clean.",
            deliver="is delivered, and says so",
            hold="holds its message",
        ),
    )
    infected: Literal["hold", "discard"] = Field(
        "hold",
        title="A document with malware, which is never delivered",
        json_schema_extra=_said(
            "documents", hold="holds its message", discard="is destroyed, and its message cancelled"
        ),
    )
    mandatory_steps: Annotated[tuple[StepChoice, ...], Field(max_length=10)] = Field(
        (),
        title="Steps that every document goes through",
        json_schema_extra=_said("documents", "Senders see them and cannot leave them out."),
    )
    save_plain: bool = Field(
        True,
        title="Documents may be saved in clear (otherwise as .sealed files only)",
        json_schema_extra=_said(
            "documents",
            "A client that somebody has altered can save in clear all the same: this is a rule, not a wall.",
        ),
    )
    second_factor_required: bool = Field(
        False, title="People sign in with a second factor", json_schema_extra=_said("people")
    )
    idle_lock_seconds: Annotated[int, Field(ge=5, le=86_400)] = Field(
        600, title="Seconds until an idle portal locks", json_schema_extra=_said("people")
    )
    guests_invited_by: Literal["nobody", "admins", "members"] = Field(
        "members",
        title="Who may send to outsiders",
        json_schema_extra=_said("people", nobody="nobody", admins="admins", members="everybody who sends"),
    )
    organisation_in_mail: bool = Field(
        False, title="Notifications by e-mail name the organisation", json_schema_extra=_said("people")
    )
    directory_shown: Literal["everybody", "mailboxes", "nobody"] = Field(
        "everybody",
        title="Whom partners find in their address book",
        json_schema_extra=_said(
            "people",
            everybody="people, mailboxes and groups that are open to them",
            mailboxes="shared mailboxes only",
            nobody="nobody",
        ),
    )


class Quotas(Rules):
    """How much an organisation may use. Null: no limit."""

    people: Count | None = Field(None, title="People")
    storage_bytes: Bytes | None = Field(None, title="Storage", json_schema_extra=_bytes())
    upload_max: Bytes = Field(10 << 30, title="Largest document", json_schema_extra=_bytes())
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
