"""What lies in the mailboxes of a user and in their outbox, and which message somebody means."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sealpost.client.errors import MailboxUnknown, MessageUnclear, ServerRefused
from sealpost.client.session import Session
from sealpost.crypto.kdf import login_normalise


def messages_listed(
    session: Session, box: str, mailbox: str | None = None, *, archived: bool = False
) -> list[dict[str, Any]]:
    """Every message of `inbox` or `outbox`, or of the mailbox of this id, or what is archived there. ServerRefused."""
    found: list[dict[str, Any]] = []
    asked = ({"mailbox": mailbox} if mailbox else {}) | ({"archived": "1"} if archived else {})
    while True:
        query = f"?{urlencode(asked)}" if asked else ""
        answer = session.call("GET", f"/api/v1/{box}{query}")
        found += answer["messages"]
        if not answer["next"]:
            return found
        asked["before"] = answer["next"]


def jobs_listed(session: Session, *, kind: str = "") -> list[dict[str, Any]]:
    """The work that the user has asked for, the latest first, or that of one kind. ServerRefused."""
    found: list[dict[str, Any]] = []
    asked = {"kind": kind} if kind else {}
    while True:
        answer = session.call("GET", f"/api/v1/jobs?{urlencode(asked)}" if asked else "/api/v1/jobs")
        found += answer["jobs"]
        if not answer["next"]:
            return found
        asked["before"] = answer["next"]


def mailboxes_listed(session: Session) -> list[dict[str, Any]]:
    """The mailboxes that the user reads, the own one first. ServerRefused."""
    mailboxes: list[dict[str, Any]] = session.call("GET", "/api/v1/mailboxes")["mailboxes"]
    return mailboxes


def mailbox_find(session: Session, address: str) -> str | None:
    """The id of the mailbox with this address; None for the own one while it is empty. MailboxUnknown."""
    asked = login_normalise(address)
    for mailbox in mailboxes_listed(session):
        if login_normalise(mailbox["address"]) == asked:
            return str(mailbox["id"]) if mailbox["id"] else None
    raise MailboxUnknown


def message_find(session: Session, given: str) -> dict[str, Any]:
    """A message in any mailbox of the user, or else a sent one, by its id or the beginning of it. MessageUnclear."""
    message_id = id_whole(session, given)
    try:
        return session.call("GET", f"/api/v1/inbox/{message_id}")
    except ServerRefused as error:
        if error.code != "not_found":
            raise
    return session.call("GET", f"/api/v1/outbox/{message_id}")


def id_whole(session: Session, given: str, *, boxes: tuple[str, ...] = ("inbox", "outbox")) -> str:
    """The id that begins so, also of what is archived; MessageUnclear where none does or several do."""
    given = given.lower()
    with suppress(ValueError):
        return str(UUID(given))
    found = [message_id for message_id in _ids(session, boxes) if given and message_id.startswith(given)]
    if len(found) != 1:
        several = f"{len(found)} messages begin" if found else "No message begins"
        raise MessageUnclear(f"{several} with {given!r}. Copy the id from the inbox or the outbox.")
    return found[0]


def _ids(session: Session, boxes: tuple[str, ...]) -> set[str]:
    if "jobs" in boxes:
        return {str(job["id"]) for job in jobs_listed(session)}
    places: list[tuple[str, str | None]] = [("outbox", None)] if "outbox" in boxes else []
    if "inbox" in boxes:
        places += [("inbox", str(one["id"])) for one in mailboxes_listed(session) if one["id"]]
    lists = [messages_listed(session, *place, archived=archived) for place in places for archived in (False, True)]
    return {str(message["id"]) for messages in lists for message in messages}
