"""Enrolment as the exchange sees it: what has waited for the new person is delivered."""

from uuid import UUID

from accounts.services import enrolment_finish
from exchange.queue import waiting_queue


def enrolment_complete(*, invitation: UUID, key: UUID, sealed: bytes, origin: str) -> str:
    """Take the key bundle of an invited person, and have deliveries made that wait for them; returns the login.

    InvitationUnknown, KeyRefused.
    """
    login = enrolment_finish(invitation=invitation, key=key, sealed=sealed, origin=origin)
    waiting_queue()
    return login
