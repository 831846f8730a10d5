"""The words of a mail, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import get_template

from accounts.notifications import EVENTS, LANGUAGES


def _spoken(language: str) -> str:
    return language if language in LANGUAGES else LANGUAGES[0]


def _rendered(name: str, context: Mapping[str, Any], language: str) -> tuple[str, str]:
    """(subject, text) of a template whose first line is the subject."""
    template = get_template(f"{_spoken(language)}/{name}.txt", using="mail")
    said = template.render({"address": settings.SEALPOST_ADDRESS} | dict(context))
    subject, _, text = said.strip().partition("\n")
    return subject.strip(), f"{text.strip()}\n"


def mail_text(event: str, context: Mapping[str, str], *, language: str) -> tuple[str, str]:
    """Subject and text of one event's mail."""
    subject, text = _rendered(EVENTS[event].name, context, language)
    _, footer = _rendered("_footer", {"chosen": bool(EVENTS[event].title)}, language)
    return subject, f"{text}\n-- \n{footer}"


def digest_text(events: Sequence[tuple[str, Mapping[str, str]]], *, language: str) -> tuple[str, str]:
    """Subject and text of a digest: a paragraph an event."""
    told = [_rendered(EVENTS[event].name, context, language) for event, context in events]
    subject, head = _rendered("_digest", {"count": len(told)}, language)
    _, footer = _rendered("_footer", {"chosen": True}, language)
    paragraphs = "\n".join(f"{title}\n{text}" for title, text in told)
    return subject, f"{head}\n{paragraphs}\n-- \n{footer}"
