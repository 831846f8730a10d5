"""The audit log as signed lines that anybody can verify without this server (docs/protocol.md, section 14.3).

A caller in this process walks the steps of an export; a client asks for one a request, by a cursor that
holds the place.
"""

from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

from accounts.models import Tenant, User
from accounts.peer import Peer
from accounts.roles import AUDIT_READERS, role_check
from exchange.services.audit_list import AuditFilters
from exchange.services.audit_steps import Export, Place
from exchange.services.paging import CursorInvalid
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.hkdf import equal
from sealpost.protocol.audit import canonical_json
from vault.services import keyed_index


def audit_export(*, peer: Peer, filters: AuditFilters) -> Iterator[str]:
    """The lines of an export, in order, without their line feeds. RoleForbidden."""
    role_check(peer, AUDIT_READERS)
    return _walked(Export(peer.tenant, filters), peer.user, {})


def audit_export_operator(*, tenant: Tenant, operator: int, filters: AuditFilters) -> Iterator[str]:
    """The same for an operator, of any organisation, which sees that in its log."""
    return _walked(Export(tenant, filters), None, {"operator": operator})


def _walked(export: Export, actor: User | None, details: dict[str, Any]) -> Iterator[str]:
    lines, place = export.begin(actor, details)
    yield from lines
    while place:
        lines, place = export.step(place)
        yield from lines


def audit_export_page(*, peer: Peer, filters: AuditFilters, after: str | None = None) -> dict[str, Any]:
    """Lines of an export, and the cursor of those that come next; the first begin it. RoleForbidden, CursorInvalid."""
    role_check(peer, AUDIT_READERS)
    export, binding = Export(peer.tenant, filters), [str(peer.tenant.id), str(peer.user.id), filters.members()]
    if after:
        lines, place = export.step(_place(after, binding))
    else:
        lines, place = export.begin(peer.user, {})
    return {"lines": lines, "next": _cursor(place, binding) if place else None}


def _cursor(place: Place, binding: list[Any]) -> str:
    """A text that only this server can have made, for this user and these filters."""
    fields = ".".join(str(int(part) if isinstance(part, bool) else part) for part in astuple(place))
    return f"{fields}.{_mac(binding, fields)}"


def _place(cursor: str, binding: list[Any]) -> Place:
    """CursorInvalid for a cursor that was not made so."""
    fields, _, mac = cursor.rpartition(".")
    if not equal(_mac(binding, fields).encode(), mac.encode()):
        raise CursorInvalid
    following, last, events, omitted, unsigned, digest, key = fields.split(".")
    return Place(int(following), int(last), int(events), int(omitted), unsigned == "1", digest, key)


def _mac(binding: list[Any], fields: str) -> str:
    return b64u_encode(keyed_index(purpose="audit-export", value=canonical_json([*binding, fields])))
