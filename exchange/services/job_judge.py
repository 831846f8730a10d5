"""What the rules of everybody concerned say of documents that were received, before anything is delivered."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.sealed import tenant_owner
from exchange.models import Document, Message, Recipient, Verdict
from exchange.selectors import messages_unheld
from exchange.services.job_chain import Item
from exchange.services.job_deliver import places_find
from exchange.services.job_plan import Plan
from exchange.services.policy_check import Objection, Parties, parties_of
from exchange.steps.kinds import type_by_name
from vault.services import object_delete


class Stopped(Exception):
    """Somebody's rule stops a message: `code` says why, `objection` which rule and whose."""

    def __init__(self, code: str, objection: dict[str, Any]) -> None:
        self.code, self.objection = code, objection
        super().__init__(code)


def documents_judge(message: Message, recipients: list[Recipient], items: Iterable[Item]) -> None:
    """Stopped by the first rule that a document goes against, by its name or its content or for want of a scan."""
    parties, rows = _concerned(message, recipients)
    unscanned = False
    for item in items:
        types = {item.media_type, type_by_name(item.name) or item.media_type}
        if objection := parties.type_objection(sorted(types)):
            raise Stopped("type_refused", _kept(objection, rows))
        unscanned |= item.verdict == Verdict.NOT_SCANNED
    if unscanned and parties.effective.not_scanned == "hold":
        objection = parties.first("not_scanned", lambda value: value == "hold")
        assert objection is not None
        raise Stopped("not_scanned", _kept(objection, rows))


def discard_wanted(message: Message, plan: Plan) -> dict[str, Any] | None:
    """Whose rule it is that documents with malware are destroyed; None where none is, or a legal hold keeps them."""
    if not messages_unheld(Message.objects.filter(id=message.id)).exists():
        return None
    parties, rows = _concerned(message, plan.recipients)
    objection = parties.first("infected", lambda value: value == "discard")
    return _kept(objection, rows) if objection else None


def documents_discard(message: Message) -> None:
    """Destroy what was not found clean of an infected message. The caller holds the scope and a transaction."""
    for document in Document.objects.filter(message=message).exclude(verdict=Verdict.CLEAN):
        object_delete(object_id=document.object, owner=tenant_owner(document.tenant_id))


def _concerned(message: Message, recipients: list[Recipient]) -> tuple[Parties, dict[Any, Recipient]]:
    """The parties, and for each tenant a recipient of it, by which its name is found again."""
    by_id, places = {row.id: row for row in recipients}, places_find(recipients)
    rows = {place.tenant.id: by_id[row_id] for row_id, place in places.items()}
    outsider = message.sender.role == User.Role.DEPOSITOR
    tenants = [place.tenant for place in places.values()]
    return parties_of(message.sender.tenant, tenants, outsider=outsider), rows


def _kept(objection: Objection, rows: dict[Any, Recipient]) -> dict[str, Any]:
    """Ids and codes alone."""
    kept = {"policy": objection.policy, "set_by": objection.set_by}
    kept |= {"type": objection.media_type} if objection.media_type else {}
    return kept | ({"recipient": str(rows[objection.tenant].id)} if objection.tenant else {})
