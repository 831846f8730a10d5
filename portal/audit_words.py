"""What the audit page says of each action: one table. Whoever records a new action adds its line here.

`{who}` is a person, an operator or Sealpost itself, `{what}` the thing that it happened to: by name where it has one,
else by the beginning of its id. A test finds every action that the code records and fails where it has no words.
"""

import re
from collections.abc import Iterator
from typing import Any

WORDS: dict[str, str] = {
    # the organisation
    "tenant.created": "The organisation was created",
    "tenant.activated": "The organisation became active: somebody signed in for the first time",
    "tenant.moved": "{who} changed the state of the organisation",
    "operator.viewed": "{who} looked at a page of Django admin that shows rows of the organisation",
    "operator.acted": "{who} sent a mail again that had been refused",
    "tenant.closed": "The organisation was closed and its keys were destroyed",
    # people
    "user.invited": "{who} invited {what}",
    "user.issued": "{who} issued an access to {what}",
    "user.backoff_cleared": "{who} ended the pause of {what} after wrong passwords",
    "user.enrolled": "{who} enrolled and chose a password",
    "user.renamed": "{who} changed the name of {what}",
    "user.role_changed": "{who} changed the role of {what}",
    "user.signed_out": "{who} ended the sessions of {what}",
    "user.removed": "{who} removed {what}",
    "user.left": "{who} left the organisation",
    "user.withdrawn": "{who} withdrew the invitation of {what}",
    "session.opened": "{who} signed in",
    "session.ended": "{who} ended a session",
    "password.changed": "{who} changed their password",
    "second_factor.enrolled": "{who} set up an authenticator app as second factor",
    "second_factor.passed": "{who} passed the second factor",
    "second_factor.removed": "{who} removed their authenticator app",
    "second_factor.key_added": "{who} added a security key as second factor",
    "second_factor.key_renamed": "{who} renamed a security key",
    "second_factor.key_removed": "{who} removed a security key",
    "second_factor.key_cloned": "{who} used a security key that may be a copy, and was refused",
    "reissue.requested": "{who} asked for a new passphrase for {what}",
    "reissue.approved": "{who} approved the new passphrase of {what}",
    "reissue.declined": "{who} declined the new passphrase of {what}",
    # groups and mailboxes
    "group.created": "{who} made the group {what}",
    "group.renamed": "{who} renamed the group {what}",
    "group.changed": "{who} changed who may send to the group {what}",
    "group.deleted": "{who} deleted the group {what}",
    "group.member_added": "{who} added somebody to the group {what}",
    "group.member_removed": "{who} took somebody out of the group {what}",
    "mailbox.created": "{who} made the mailbox {what}",
    "mailbox.renamed": "{who} renamed the mailbox {what}",
    "mailbox.closed": "{who} closed the mailbox {what}",
    "mailbox.reopened": "{who} opened the mailbox {what} again",
    "mailbox.handed_over": "{who} handed the {what} over",
    "mailbox.member_added": "{who} let somebody read the mailbox {what}",
    "mailbox.member_changed": "{who} changed the part of somebody in the mailbox {what}",
    "mailbox.member_removed": "{who} ended the access of somebody to the mailbox {what}",
    # partners
    "connection.proposed": "{who} proposed a connection",
    "connection.withdrawn": "{who} withdrew the proposal of a connection",
    "connection.declined": "{who} declined a connection",
    "connection.created": "The connection with {what} was made",
    "connection.suspended": "The connection with {what} was suspended",
    "connection.resumed": "The connection with {what} was resumed",
    "connection.ended": "The connection with {what} was ended",
    "connection.terms": "{who} changed the terms of the connection with {what}",
    # rules
    "policy.changed": "{who} changed the policy",
    "policy.default_changed": "{who} changed the policy of the platform",
    "quotas.changed": "{who} changed the quotas",
    "quotas.default_changed": "{who} changed the quotas of the platform",
    # messages, on the sender's side
    "message.sent": "{who} sent message {what}",
    "message.delivered": "Message {what} was delivered",
    "message.held": "Message {what} was held",
    "message.retried": "{who} had message {what} tried again",
    "message.cancel": "{who} asked to cancel message {what}",
    "message.cancelled": "Message {what} was cancelled",
    "message.run": "{who} had documents processed as {what}",
    "step.done": "A step of message {what} was carried out",
    "pipeline.created": "{who} saved instruction {what}",
    "pipeline.changed": "{who} changed instruction {what}",
    "pipeline.retired": "{who} retired instruction {what}",
    "message.recalled": "{who} recalled message {what}",
    "message.extended": "{who} extended message {what}",
    "message.reminded": "{who} reminded the recipients of message {what}",
    "message.recipients_added": "{who} added recipients to message {what}",
    "message.addition_failed": "Message {what} did not reach its added recipients",
    "message.expiring": "Message {what} will expire soon, and its sender was told",
    "message.expired": "Message {what} expired",
    "message.archived": "{who} archived message {what}",
    "message.unarchived": "{who} took message {what} out of the archive",
    "message.erased": "Message {what} was erased, as retention asks",
    # deliveries, on the recipient's side
    "delivery.created": "Delivery {what} arrived",
    "delivery.opened": "{who} opened delivery {what}",
    "delivery.recalled": "Delivery {what} was recalled by its sender",
    "delivery.extended": "Delivery {what} was extended by its sender",
    "delivery.expiring": "Delivery {what} will expire soon, and its readers were told",
    "delivery.expired": "Delivery {what} expired",
    "delivery.archived": "{who} archived delivery {what}",
    "delivery.unarchived": "{who} took delivery {what} out of the archive",
    "delivery.erased": "Delivery {what} was erased, as retention asks",
    "document.fetched": "{who} fetched a document of delivery {what}",
    "document.received": "{who} downloaded a document of delivery {what}",
    # legal holds
    "hold.placed": "{who} placed a legal hold on {what}",
    "hold.lifted": "{who} lifted the legal hold on {what}",
    # guests and file requests
    "guest.invited": "{who} invited a guest",
    "guest.issued": "{who} issued an access to a guest",
    "guest.withdrawn": "{who} withdrew the invitation of a guest",
    "address.proven": "{who} confirmed the address of a guest",
    "request.created": "{who} made file request {what}",
    "request.deposited": "Documents came in by file request {what}",
    "request.extended": "{who} extended file request {what}",
    "request.closed": "{who} closed file request {what}",
    "request.expired": "File request {what} expired",
    # the log itself
    "audit.exported": "{who} exported the audit log",
}

NOUNS = {
    "tenant": "Organisation", "operator": "Operators", "user": "People", "session": "Sessions", "password": "Passwords",
    "second_factor": "Second factors", "reissue": "New passphrases", "group": "Groups", "mailbox": "Mailboxes",
    "connection": "Partners", "policy": "Policy", "quotas": "Quotas", "message": "Messages",
    "delivery": "Deliveries", "document": "Documents", "hold": "Legal holds", "guest": "Guests",
    "address": "Addresses", "request": "File requests", "audit": "Audit log", "step": "Steps",
    "pipeline": "Saved instructions",
}  # fmt: skip
_SHORT = 8
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_SYSTEM = "Sealpost"


def sentence_parts(event: dict[str, Any]) -> list[dict[str, str]]:
    """The sentence of an event: plain parts, who did it (`person` is an id), what it happened to (`object` is one)."""
    template = WORDS.get(event["action"]) or "{who}: " + event["action"].replace(".", " ").replace("_", " ")
    parts = [_part(piece, event) for piece in re.split(r"(\{who\}|\{what\})", template) if piece]
    parts[0]["text"] = parts[0]["text"][:1].upper() + parts[0]["text"][1:]
    return parts


def _part(piece: str, event: dict[str, Any]) -> dict[str, str]:
    if piece == "{who}":
        return {"text": _who(event), "person": event["actor"] or ""}
    if piece == "{what}":
        about = event["subject"]
        return {"text": _named(about, event["names"]) if about else "something", "object": about or ""}
    return {"text": piece}


def _who(event: dict[str, Any]) -> str:
    return event["by"] or (f"somebody ({event['actor'][:_SHORT]})" if event["actor"] else _SYSTEM)


def _named(value: Any, names: dict[str, str]) -> str:
    """An id by its name, or by its beginning; other values as they are."""
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return names.get(value, value[:_SHORT])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in {None, ""} else str(value)


def detail_rows(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The details of an event as labels and texts; what was changed as `before → after`, a `moment` as it was kept."""
    said = {name: value for name, value in event["details"].items() if name != "operator" or event["actor"]}
    return [
        {"label": label, "text": text, "moment": bool(_MOMENT.fullmatch(text))}
        for label, text in _rows(said, event["names"], "")
    ]


def _rows(members: dict[str, Any], names: dict[str, str], above: str) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        label = name.replace("_", " ")
        if isinstance(value, dict) and set(value) == {"before", "after"}:
            yield label, " → ".join(_text(value[when], names) for when in ("before", "after"))
        elif isinstance(value, dict):
            yield from _rows(value, names, name)
        elif isinstance(value, list) and len(value) == 2 and above == "changed":
            yield label, " → ".join(_text(one, names) for one in value)
        else:
            yield label, _text(value, names)


def _text(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one, names) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(one, names)}" for name, one in value.items()) or "none"
    return _named(value, names)


def actions_grouped() -> list[dict[str, Any]]:
    """Every action in words, by what it is about, for the filter."""
    groups: dict[str, list[dict[str, str]]] = {}
    for action, words in WORDS.items():
        spoken = words.replace("{who} ", "").replace(" {what}", "").replace("{what} ", "")
        groups.setdefault(action.partition(".")[0], []).append(
            {"value": action, "text": spoken[:1].upper() + spoken[1:]}
        )
    return [{"noun": noun, "title": NOUNS[noun], "actions": listed} for noun, listed in groups.items()]
