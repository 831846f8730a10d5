"""How the pages word sizes, verdicts and states."""

import json
from datetime import datetime
from typing import Any

from django import template

register = template.Library()

_VERDICTS = {"clean": "Scanned, clean", "infected": "Contains malware", "pending": "Not checked yet"}
_REASONS = {
    "no_scanner": "no scanner here",
    "scanner_down": "the scanner was down",
    "too_large": "too large to scan",
    "encrypted_archive": "encrypted archive",
}
_STATES = {
    "waiting": "Waiting",
    "open": "Open",
    "closed": "Closed",
    "delivered": "Delivered",
    "opened": "Opened",
    "downloaded": "Downloaded",
    "expired": "Expired",
    "recalled": "Recalled",
    "invited": "Invited",
    "refused": "Not deliverable",
    "processing": "In progress",
    "sent": "Delivered",
    "held": "Held",
    "cancelled": "Cancelled",
}
_ROLES = {"member": "Member", "admin": "Admin", "auditor": "Auditor", "guest": "Guest"}


# What a browser calls itself, the particular before the general.
_BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS"}
_SYSTEMS["Linux"] = "Linux"  # Android says so too


@register.filter
def client(value: str) -> str:
    """`Firefox on Linux` of a browser's long name; other clients as they call themselves."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in value), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in value), "")
    return f"{browser} on {system}" if browser and system else value


_KINDS = {
    "application/pdf": "PDF",
    "application/zip": "ZIP archive",
    "application/msword": "Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
    "application/vnd.ms-excel": "Excel workbook",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel workbook",
    "application/vnd.ms-powerpoint": "PowerPoint presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint presentation",
    "application/vnd.oasis.opendocument.text": "Text document",
    "application/vnd.oasis.opendocument.spreadsheet": "Spreadsheet",
    "text/csv": "Table (CSV)",
    "text/plain": "Text",
    "text/html": "Web page",
    "application/octet-stream": "File",
}
_FAMILIES = {"image": "Image", "audio": "Audio", "video": "Video"}


@register.filter
def kind(media_type: str) -> str:
    """A media type in words; one that has none as it is."""
    return _KINDS.get(media_type) or _FAMILIES.get(media_type.partition("/")[0], media_type)


@register.filter(name="json")
def json_text(value: Any) -> str:
    """A value as JSON, for a script to read from an attribute."""
    return json.dumps(value)


@register.filter
def unlocalised(value: float) -> str:
    """A number as forms and machines write it."""
    return str(value)


@register.filter
def size(value: int) -> str:
    """12 bytes, 3.4 MB."""
    number = float(value)
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"


@register.filter
def verdict(document: dict[str, Any]) -> str:
    """The malware scan in words."""
    reason = _REASONS.get(document["verdict_reason"], "")
    return _VERDICTS.get(document["verdict"]) or f"Not scanned{': ' if reason else ''}{reason}"


@register.filter
def state(value: str) -> str:
    """A state in words."""
    return _STATES.get(value, value)


_NAMED = 6


@register.filter
def members(people: list[dict[str, Any]]) -> str:
    """`Ana, Ben and 3 more`."""
    named = ", ".join(person["name"] for person in people[:_NAMED])
    return f"{named} and {len(people) - _NAMED} more" if len(people) > _NAMED else named


@register.filter
def logins(login: str) -> str:
    """The members of a request that names one recipient."""
    return json.dumps({"logins": [login]})


@register.filter
def moment(value: str | None) -> datetime | None:
    """An RFC 3339 time as a datetime."""
    return datetime.fromisoformat(value) if value else None


@register.filter
def amount(value: int, quota: str) -> str:
    """A quota's number: bytes as sizes, everything else as it is."""
    return size(value) if quota in {"storage_bytes", "upload_max"} else f"{value:,}"


@register.filter
def megabytes(value: int) -> int:
    """Bytes as whole megabytes."""
    return value // 1_000_000


@register.filter
def most_of(limit: int) -> float:
    """Nine tenths: from there on a meter warns."""
    return limit * 0.9


@register.filter
def role(value: str) -> str:
    """A role in a word."""
    return _ROLES.get(value, value)
