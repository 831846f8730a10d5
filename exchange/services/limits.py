"""What a user may do, told before they do it."""

import unicodedata
from typing import Any

from django.conf import settings

from accounts.peer import Peer
from exchange.errors import FieldTooLong, SubjectMissing
from exchange.steps.registry import step_schemas
from sealpost.protocol.content import PART

SUBJECT_MOST, NOTE_MOST, NAME_MOST = 200, 10_000, 255
EXPIRES_DAYS_DEFAULT, EXPIRES_DAYS_MOST = 14, 90


def limits_show() -> dict[str, int]:
    """The `limits` of docs/protocol.md section 11."""
    return {
        "upload_max": settings.SEALPOST_UPLOAD_MAX,
        "files_max": settings.SEALPOST_FILES_MAX,
        "recipients_max": settings.SEALPOST_RECIPIENTS_MAX,
        "expires_days_max": EXPIRES_DAYS_MOST,
        "expires_days_default": EXPIRES_DAYS_DEFAULT,
        "part_size": PART,
        "subject_max": SUBJECT_MOST,
        "note_max": NOTE_MOST,
        "idle_lock_seconds": settings.SEALPOST_IDLE_LOCK_SECONDS,
    }


def me_show(*, peer: Peer) -> dict[str, Any]:
    """Who is signed in, and what this server offers them."""
    return {
        "login": peer.user.login,
        "name": peer.user.name,
        "tenant": peer.tenant.name,
        "role": peer.user.role,
        "password_change_due": peer.password_change_due,
        "limits": limits_show(),
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
