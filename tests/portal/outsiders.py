"""People outside, signed in: a guest, and whoever was given the passphrase of a file request."""

import os

from django_scopes import scopes_disabled

from accounts.models import User
from accounts.services import guest_create
from accounts.services.depositor import request_login
from accounts.services.shared_key import bundle_of, shared_key_store
from sealpost.crypto.encoding import b64u_encode
from sealpost.crypto.kdf import secret_format
from sealpost.protocol.enrolment import InvitationLink, view_proof
from sealpost.protocol.keys import secret_keys
from tests.portal.caller import Caller, caller


def request_made(owner: Caller, **changed) -> dict:
    """A file request that takes five deposits, as its maker sees it, with the passphrase."""
    answer = owner.ask("POST", "/api/v1/requests", {"title": "Papers", "deposits_most": 5} | changed)
    assert answer.status == 201, answer.body
    return answer.members


def depositor(request: dict) -> Caller:
    return caller(request_login(request["id"]), request["passphrase"])


def guest(login: str = "gil@outside.example") -> Caller:
    """A guest with a machine's key, which costs no derivation."""
    made = guest_create(address=login)
    secret = bytes(range(32))
    with scopes_disabled():
        shared_key_store(user=made, bundle=bundle_of(secret_keys(secret)), issued=False)
        User.objects.filter(id=made.id).update(state=User.State.ACTIVE)
    return caller(login, secret_format(secret))


def proved(found: InvitationLink) -> dict[str, str]:
    """What shows that somebody has the link of an invitation."""
    nonce = os.urandom(16)
    proof = view_proof(found.secret, invitation=found.invitation, nonce=nonce)
    return {"invitation": str(found.invitation), "nonce": b64u_encode(nonce), "proof": b64u_encode(proof)}
