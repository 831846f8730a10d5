"""What people are told by e-mail: every event, to whom, and how they hear of it unless they say otherwise.

The words lie in templates/emails/<language>/<event>.txt: the subject in the first line, then the text. None of them may
name content: no subject, file or note of anybody.
"""

from dataclasses import dataclass

from accounts.models import NotificationPreference

LANGUAGES = ("en", "de")
Mode = NotificationPreference.Mode


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of mail. Without a `title` it cannot be chosen: it is always sent at once."""

    name: str
    title: str = ""
    mode: Mode = Mode.AT_ONCE


_CHOSEN = [
    Event("delivery_waiting", "Something was delivered to me"),
    Event("reminder", "A sender reminds me"),
    Event("expiring_recipient", "Something that I have not opened expires in three days"),
    Event("recalled", "A sender recalled something", Mode.DIGEST),
    Event("downloaded", "A recipient has downloaded what I sent", Mode.OFF),
    Event("expiring_sender", "Something that I sent expires unread in three days"),
    Event("expired_unread", "Something that I sent expired unread"),
    Event("held", "A message is held and waits for me"),
    Event("request_received", "Somebody answered a file request"),
    Event("connection_proposed", "An organisation proposes to connect"),
    Event("connection_accepted", "A proposal of ours was accepted"),
    Event("connection_ended", "A connection was suspended, resumed or ended"),
]
_ALWAYS = ["invitation", "guest_invitation", "guest_unconnected", "reissued", "removed", "tenant_closing", "test"]
EVENTS = {event.name: event for event in [*_CHOSEN, *map(Event, _ALWAYS)]}
CHOICES = tuple(_CHOSEN)
