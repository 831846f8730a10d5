"""What a user may do, told before they do it."""

import unicodedata
from typing import Any
from uuid import UUID

from accounts.peer import Peer
from accounts.rules import Policy, quotas_of, ruling_of
from accounts.services import second_factor_show
from exchange.errors import FieldTooLong, SubjectMissing
from exchange.services.policy import policy_told
from exchange.services.usage import storage_left
from exchange.steps.registry import step_schemas
from sealpost.protocol.content import PART

SUBJECT_MOST, NOTE_MOST, NAME_MOST = 200, 10_000, 255


def limits_show(*, tenant_id: UUID, policy: Policy) -> dict[str, int | None]:
    """The `limits` of docs/protocol.md section 11."""
    quotas = quotas_of(tenant_id)
    return {
        "upload_max": quotas.upload_max,
        "storage_left": storage_left(tenant_id=tenant_id, quotas=quotas),
        "files_max": quotas.files_max,
        "recipients_max": quotas.recipients_max,
        "expires_days_max": policy.expires_days_most,
        "expires_days_default": policy.expires_days_default,
        "part_size": PART,
        "subject_max": SUBJECT_MOST,
        "note_max": NOTE_MOST,
        "idle_lock_seconds": policy.idle_lock_seconds,
    }


def me_show(*, peer: Peer) -> dict[str, Any]:
    """Who is signed in, and what this server offers them."""
    ruling = ruling_of(peer.tenant.id)
    return {
        "login": peer.user.login,
        "name": peer.user.name,
        "tenant": peer.tenant.name,
        "role": peer.user.role,
        "language": peer.user.language or peer.tenant.language,
        "organisation_state": peer.tenant.state,
        "password_change_due": peer.password_change_due,
        "second_factor": second_factor_show(peer=peer),
        "limits": limits_show(tenant_id=peer.tenant.id, policy=ruling.policy),
        "policy": policy_told(peer=peer, ruling=ruling),
        "steps": step_schemas(),
    }


def subject_check(subject: str) -> str:
    """One line of at most 200 characters. SubjectMissing, FieldTooLong."""
    subject = " ".join(unicodedata.normalize("NFC", subject).split())
    if not subject:
        raise SubjectMissing
    if len(subject) > SUBJECT_MOST:
        raise FieldTooLong(limit=SUBJECT_MOST)
    return subject


def note_check(note: str) -> str:
    """At most 10,000 characters. FieldTooLong."""
    if len(note) > NOTE_MOST:
        raise FieldTooLong(limit=NOTE_MOST)
    return note


def name_check(name: str) -> str:
    """A file's name without folders or control characters, 1 to 255 characters. FieldTooLong."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if sign.isprintable()).strip(" .") or "document"
    if len(name) > NAME_MOST:
        raise FieldTooLong(limit=NAME_MOST)
    return name
