"""What is sent along at the addresses of the matrix: well-formed, so that nothing but who asks decides.

<a place> in a body is the id of that place. What depends on who asks, or serves once, is made by a function at once
before; it gets everybody and the name of who asks.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import uuid4

from django_scopes import scope, scopes_disabled

from accounts.models import Tenant, User
from accounts.selectors import address_index
from accounts.services import enrolment_key, user_invite
from accounts.services.guest import guest_link
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.kdf import KdfParameters
from sealpost.crypto.stream import header_new
from sealpost.protocol.bundle import bundle_digest, bundle_members
from sealpost.protocol.content import object_key
from sealpost.protocol.enrolment import InvitationLink, enrolment_seal, link_parse
from sealpost.protocol.handshake import change_proof, client_confirmation, client_proof
from sealpost.protocol.keys import UserKeys, password_keys, secret_keys
from tests.accounts.client import start
from tests.accounts.security_key import SoftwareKey
from tests.accounts.test_second_factor import code_of
from tests.portal.caller import ORIGIN
from tests.portal.conftest import upload
from tests.portal.matrix_world import OUTSIDE, Everybody
from tests.portal.outsiders import proved


def handshake_start(everybody: Everybody, _: str) -> dict[str, str]:
    return {"login": everybody.people["owner"].login, "nonce": b64u_encode(os.urandom(32))}


def handshake_finish(everybody: Everybody, _: str) -> dict[str, str]:
    """What the owner sends in step 3."""
    owner = everybody.people["owner"]
    started = start(owner.login, origin=ORIGIN, client_origin=ORIGIN)
    keys, agreed = owner.signed_in.user_keys, started.transcript(owner.signed_in.user_keys)
    proof, confirmation = client_proof(keys.login, agreed), client_confirmation(keys.shared_key, agreed)
    members = {"proof": b64u_encode(proof), "confirmation": b64u_encode(confirmation)}
    return members | {"challenge": str(started.challenge)}


def link(everybody: Everybody) -> InvitationLink:
    """A fresh invitation to Aster."""
    with scopes_disabled():
        aster = Tenant.objects.get(id=everybody.places["tenant"])
    return link_parse(user_invite(tenant=aster, login="fresh@aster.example", name="Fresh"))


def enrolment_view(everybody: Everybody, _: str) -> dict[str, str]:
    return proved(link(everybody))


def enrolment(everybody: Everybody, _: str) -> dict[str, str]:
    """A password chosen by an invitation."""
    found = link(everybody)
    key, public = enrolment_key()
    sealed = enrolment_seal(chosen_keys(), found, origin=ORIGIN, key=key, public_key=public)
    return {"invitation": str(found.invitation), "key": str(key), "sealed": b64u_encode(sealed)}


@cache
def chosen_keys() -> UserKeys:
    return password_keys("a password of their own", parameters=KdfParameters(suite=1, m=47104, t=2, p=1))


def password(everybody: Everybody, who: str) -> dict[str, Any]:
    """New keys of a partner system, proved by those of now."""
    signed_in = everybody.signer(who).signed_in
    keys = secret_keys(os.urandom(32))
    proof = change_proof(signed_in.user_keys.login, transcript=signed_in.transcript, digest=bundle_digest(keys))
    return bundle_members(keys, proof=proof)


def second_factor_begun(everybody: Everybody, who: str) -> dict[str, str]:
    """The code of a factor that has just been begun; of none where there cannot be one."""
    answer = everybody.ask(who, "POST", "/api/v1/second-factor", {})
    return {"code": code_of(answer.members["secret"]) if answer.status == 201 else "000000"}


def second_factor(everybody: Everybody, who: str) -> dict[str, str]:
    """A recovery code of a first factor, just confirmed; the owner has one already, and others cannot have any."""
    code = second_factor_begun(everybody, who)
    answer = everybody.ask(who, "POST", "/api/v1/second-factor/confirm", code)
    if answer.status != 200:
        return code
    return {"code": (answer.members["recovery_codes"] or [everybody.places["recovery_code"]])[0]}


def security_key_begun(everybody: Everybody, who: str) -> dict[str, Any]:
    """The answer of a key to a challenge to add one; of none where there cannot be one."""
    answer = everybody.ask(who, "POST", "/api/v1/second-factor/keys", {})
    made = SoftwareKey().create(answer.members["options"], origin=ORIGIN) if answer.status == 201 else {}
    return {"name": "Another", "credential": made}


def security_key(everybody: Everybody, who: str) -> dict[str, Any]:
    """Nothing, once there is a key to be challenged."""
    body = security_key_begun(everybody, who)
    if body["credential"]:
        everybody.ask(who, "POST", "/api/v1/second-factor/keys/confirm", body)
    return {}


def recovery_code(everybody: Everybody, _: str) -> dict[str, str]:
    return {"code": everybody.places["recovery_code"]}


def address(everybody: Everybody, _: str) -> dict[str, str]:
    """The proof of a link that was mailed to the guest."""
    with scopes_disabled():
        index = address_index(everybody.people["guest"].login)
        user = User.objects.select_related("tenant").get(login_index=index)
    with scope(tenant=user.tenant):
        return proved(link_parse(guest_link(guest=user, made_by=uuid4())))


def upload_announced(everybody: Everybody, who: str) -> dict[str, Any]:
    """An upload under the key of who asks."""
    person, transfer = everybody.signer(who), uuid4()
    key = object_key(person.shared_key, direction="up", transfer=transfer, kid=person.kid, document=transfer)
    members = {"transfer": str(transfer), "kid": b64u_encode(person.kid), "name": "a.txt", "type": "text/plain"}
    return members | {"size": 5, "header": b64u_encode(header_new()), "commitment": b64u_encode(key.commitment)}


def part(everybody: Everybody, _: str) -> bytes:
    return everybody.part


def received(everybody: Everybody, _: str) -> dict[str, str]:
    return {"sha256": everybody.places["sha256"]}


def deposit(everybody: Everybody, _: str) -> dict[str, Any]:
    return {"key": KEY, "name": "Otto", "uploads": [upload(everybody.people["depositor"])]}


KEY = str(uuid4())
SENT = {"key": KEY, "subject": "Subject", "recipients": [OUTSIDE]}
STEPS = [{"step": "file.scrub", "parameters": {}}]
RUN = {"key": KEY, "steps": STEPS}
Body = dict[str, Any] | Callable[[Everybody, str], dict[str, Any] | bytes]
# By method and route, and place where another line of the same route has another body.
BODIES: dict[str, Body] = {
    "POST api/v1/handshake/start": handshake_start,
    "POST api/v1/handshake/finish": handshake_finish,
    "POST api/v1/enrolment/view": enrolment_view,
    "POST api/v1/enrolment": enrolment,
    "PATCH api/v1/me": {"name": "Another", "language": "de"},
    "POST api/v1/password": password,
    "PUT api/v1/notifications": {"modes": {"reminder": "off"}},
    "POST api/v1/second-factor/confirm": second_factor_begun,
    "POST api/v1/second-factor/check": second_factor,
    "POST api/v1/second-factor/remove": second_factor,
    "POST api/v1/second-factor/challenge": security_key,
    "POST api/v1/second-factor/keys/confirm": security_key_begun,
    "PATCH api/v1/second-factor/keys/<uuid:key_id>": {"name": "Other"},
    "POST api/v1/second-factor/keys/<uuid:key_id>/remove": recovery_code,
    "POST api/v1/address": address,
    "PUT api/v1/connections/<uuid:connection_id>/terms": {"direction": "in", "terms": {}},
    "POST api/v1/proposals": {"address": OUTSIDE},
    "POST api/v1/proposals/<uuid:proposal_id>": {"accept": False},
    "PUT api/v1/policy": {"version": 0, "members": {}},
    "POST api/v1/team/invitations": {"login": "fresh@aster.example"},
    "POST api/v1/team/issued": {"login": "fresh@aster.example", "name": "Fresh", "kind": "machine"},
    "POST api/v1/team/leave": {"heir": ""},
    "POST api/v1/team/<uuid:user_id>/role": {"role": "auditor"},
    "POST api/v1/team/<uuid:user_id>/remove": {"heir": ""},
    "POST api/v1/uploads": upload_announced,
    "PUT api/v1/uploads/<uuid:upload_id>/parts/<int:number>": part,
    "POST api/v1/recipients": {"logins": ["reader@birch.example"]},
    "POST api/v1/messages": SENT,
    "POST api/v1/messages pipeline": SENT | {"pipeline": "<pipeline>"},
    "POST api/v1/messages ready_upload": SENT | {"uploads": ["<ready_upload>"]},
    "POST api/v1/outbox/<uuid:message_id>/invitations": {"login": OUTSIDE},
    "DELETE api/v1/outbox/<uuid:message_id>/invitations": {"login": OUTSIDE},
    "POST api/v1/outbox/<uuid:message_id>/extend": {"expires_days": 20},
    "POST api/v1/outbox/<uuid:message_id>/recipients": {"logins": ["teammate@aster.example"]},
    "POST api/v1/runs document": RUN | {"documents": ["<document>"]},
    "POST api/v1/runs received": RUN | {"documents": ["<received>"]},
    "POST api/v1/pipelines": {"name": "Incoming", "steps": STEPS},
    "PATCH api/v1/pipelines/<uuid:pipeline_id>": {"name": "Another", "steps": STEPS},
    "POST api/v1/documents/<uuid:document_id>/transfers": {"purpose": "save"},
    "POST api/v1/transfers/<uuid:transfer_id>/received": received,
    "POST api/v1/requests": {"title": "Papers"},
    "POST api/v1/requests mailbox": {"title": "Papers", "mailbox": "<mailbox>"},
    "POST api/v1/requests/<uuid:request_id>/extend": {"expires_days": 5},
    "POST api/v1/request/deposits": deposit,
    "POST api/v1/request/deposits ready_upload": {"key": KEY, "name": "Otto", "uploads": ["<ready_upload>"]},
    "POST api/v1/guests": {"login": OUTSIDE, "enrolment": "passphrase"},
    "POST api/v1/holds message": {"kind": "message", "target": "<message>", "reason": "Case 5"},
    "POST api/v1/holds locked_out": {"kind": "person", "target": "<locked_out>", "reason": "Case 5"},
    "POST api/v1/holds/<uuid:hold_id>/lift": {"reason": "Settled"},
    "POST api/v1/mailboxes": {"address": "fresh@aster.example", "name": "Fresh"},
    "PATCH api/v1/mailboxes/<uuid:mailbox_id>": {"name": "Another"},
    "POST api/v1/mailboxes/<uuid:mailbox_id>/members": {"login": "teammate@aster.example"},
    "PATCH api/v1/mailboxes/<uuid:mailbox_id>/members/<uuid:user_id>": {"role": "admin"},
    "POST api/v1/groups": {"address": "fresh@aster.example", "name": "Fresh"},
    "PATCH api/v1/groups/<uuid:group_id>": {"name": "Another"},
    "POST api/v1/groups/<uuid:group_id>/members": {"logins": ["teammate@aster.example"]},
}
