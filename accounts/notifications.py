"""What people are told by e-mail: every event, to whom, and how they hear of it unless they say otherwise.

The words lie in templates/emails/<language>/<event>.txt: the subject in the first line, then the text. None of them may
name content: no subject, file or note of anybody.
"""

from dataclasses import dataclass

from accounts.models import NotificationPreference, User
from accounts.roles import ADMINS, EVERYBODY, RECIPIENTS, SENDERS

LANGUAGES = ("en", "de")
Mode = NotificationPreference.Mode


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of mail, for people of these roles. Without a `title` it cannot be chosen: it is always sent at once."""

    name: str
    title: str = ""
    mode: Mode = Mode.AT_ONCE
    roles: frozenset[str] = EVERYBODY

    def concerns(self, user: User) -> bool:
        """Whether somebody is written to of it, being who they are by now."""
        return user.role in self.roles and (user.state != User.State.REMOVED or self.name == REMOVED)


REMOVED = "removed"
_CHOSEN = [
    Event("delivery_waiting", "Something was delivered to me", roles=RECIPIENTS),
    Event("reminder", "A sender reminds me", roles=RECIPIENTS),
    Event("expiring_recipient", "Something that I have not opened expires in three days", roles=RECIPIENTS),
    Event("recalled", "A sender recalled something", Mode.DIGEST, roles=RECIPIENTS),
    Event("downloaded", "A recipient has downloaded what I sent", Mode.OFF, roles=SENDERS),
    Event("expiring_sender", "Something that I sent expires unread in three days", roles=SENDERS),
    Event("expired_unread", "Something that I sent expired unread", roles=SENDERS),
    Event("held", "A message is held and waits for me", roles=SENDERS),
    Event("request_received", "Somebody answered a file request", roles=SENDERS),
    Event("connection_proposed", "An organisation proposes to connect", roles=ADMINS),
    Event("connection_accepted", "A proposal of ours was accepted", roles=ADMINS),
    Event("connection_ended", "A connection was suspended, resumed or ended", roles=ADMINS),
]
_TO_READ = [Event(name, roles=RECIPIENTS) for name in ("guest_invitation", "guest_unconnected")]
_ALWAYS = ["invitation", "reissued", REMOVED, "tenant_closing", "test"]
EVENTS = {event.name: event for event in [*_CHOSEN, *_TO_READ, *map(Event, _ALWAYS)]}
CHOICES = tuple(_CHOSEN)
