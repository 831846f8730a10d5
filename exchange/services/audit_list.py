"""The audit log for the admins and auditors of an organisation: filtered, newest first, by pages."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django_scopes import scope

from accounts.errors import NotFound
from accounts.models import AuditCheckpoint, AuditEvent, Tenant, User
from accounts.peer import Peer
from accounts.roles import AUDIT_READERS, role_check
from accounts.selectors import address_index
from accounts.selectors.audit import checkpoint_of, event_of
from exchange.services.audit_names import event_shown, names_known, user_name
from exchange.services.paging import PAGE, CursorInvalid
from sealpost.crypto.encoding import b64u_encode
from sealpost.errors import DecryptionError
from sealpost.protocol.audit import Checkpoint
from vault.errors import RingMissing
from vault.services import PublicKey, signing_keys


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What of a log is asked for; nothing given is all of it.

    `person`: what they did, and what was done about them. `event`: an action, or the noun that several begin with.
    `since` is in, `until` is out.
    """

    person: UUID | None = None
    object: UUID | None = None
    event: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def rows(self, rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The rows that fit."""
        if self.person:
            rows = rows.filter(Q(actor=self.person) | Q(subject=self.person))
        if self.object:
            rows = rows.filter(subject=self.object)
        if self.event:
            whole = "." in self.event
            rows = rows.filter(action=self.event) if whole else rows.filter(action__startswith=f"{self.event}.")
        return self.timed(rows)

    def timed(self, rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The rows of the time alone."""
        if self.since:
            rows = rows.filter(at__gte=self.since)
        return rows.filter(at__lt=self.until) if self.until else rows

    def members(self) -> dict[str, str]:
        """Those that are set, as texts."""
        texts = {
            "person": str(self.person or ""),
            "object": str(self.object or ""),
            "event": self.event,
            "from": self.since.astimezone(UTC).isoformat() if self.since else "",
            "to": self.until.astimezone(UTC).isoformat() if self.until else "",
        }
        return {name: text for name, text in texts.items() if text}


def audit_filters(*, peer: Peer, person: str = "", **others: Any) -> AuditFilters:
    """Filters of which `person` is given by id, or by the login of somebody of the peer's organisation. NotFound."""
    return AuditFilters(person=_person_find(peer, person) if person else None, **others)


def _person_find(peer: Peer, named: str) -> UUID:
    with suppress(ValueError):
        return UUID(named)
    with scope(tenant=peer.tenant):
        rows = User.objects.filter(tenant=peer.tenant, login_index=address_index(named))
        found: UUID | None = rows.values_list("id", flat=True).first()
    if found is None:
        raise NotFound("Nobody in your organisation has this login. Check how it is written.")
    return found


def audit_list(*, peer: Peer, filters: AuditFilters, before: str | None = None) -> dict[str, Any]:
    """One page of events, newest first, with names. RoleForbidden, CursorInvalid."""
    role_check(peer, AUDIT_READERS)
    with scope(tenant=peer.tenant):
        rows = filters.rows(AuditEvent.objects.filter(tenant=peer.tenant))
        found, following = _page(rows, before)
        return {"events": events_shown(tenant=peer.tenant, rows=found), "next": following}


def audit_people(*, peer: Peer) -> list[dict[str, str]]:
    """Everybody who may stand in the log, by name, removed people too. RoleForbidden."""
    role_check(peer, AUDIT_READERS)
    with scope(tenant=peer.tenant):
        found = [(_person(user), str(user.id)) for user in User.objects.filter(tenant=peer.tenant)]
    return [{"id": user_id, "name": name} for name, user_id in sorted(found, key=lambda item: item[0].casefold())]


def _person(user: User) -> str:
    try:
        return f"{user_name(user)}{' (removed)' if user.state == User.State.REMOVED else ''}"
    except (RingMissing, DecryptionError):
        return str(user.id)


def events_shown(*, tenant: Tenant, rows: Iterable[AuditEvent]) -> list[dict[str, Any]]:
    """Events with names; the tenant's scope is active."""
    rows = list(rows)
    names = names_known(tenant=tenant, events=rows)
    return [event_shown(row, event_of(row), names) for row in rows]


def audit_checkpoints(*, peer: Peer, before: str | None = None) -> dict[str, Any]:
    """One page of signed checkpoints, newest first, and the public keys. RoleForbidden, CursorInvalid."""
    role_check(peer, AUDIT_READERS)
    with scope(tenant=peer.tenant):
        found, following = _page(AuditCheckpoint.objects.filter(tenant=peer.tenant), before)
    shown = [checkpoint_shown(checkpoint_of(row), bytes(row.signature)) for row in found]
    return {"checkpoints": shown, "next": following, "keys": [key_shown(key) for key in signing_keys()]}


def checkpoint_shown(checkpoint: Checkpoint, signature: bytes) -> dict[str, Any]:
    """A checkpoint as API and export give it."""
    return {
        "seq": checkpoint.seq,
        "at": checkpoint.at,
        "root": checkpoint.root.hex(),
        "head": checkpoint.head.hex(),
        "previous": checkpoint.previous.hex(),
        "key": str(checkpoint.key),
        "signature": b64u_encode(signature),
    }


def key_shown(key: PublicKey) -> dict[str, str]:
    """A signing key's public half."""
    return {"id": str(key.id), "public": b64u_encode(key.public), "fingerprint": key.fingerprint}


def _page(rows: QuerySet[Any], before: str | None) -> tuple[list[Any], str | None]:
    """A page by seq, which is unique in a tenant, and the next page's cursor."""
    if before:
        if not before.isascii() or not before.isdecimal() or len(before) > 18:
            raise CursorInvalid
        rows = rows.filter(seq__lt=int(before))
    found = list(rows.order_by("-seq")[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].seq) if len(found) > PAGE else None
