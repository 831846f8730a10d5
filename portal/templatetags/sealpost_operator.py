"""How operators' pages write values."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from exchange.admin.jobs import age_said

register = template.Library()


@register.filter
def fact(value: Any) -> Any:
    """A time to be read, and everything else as it is."""
    if not isinstance(value, datetime):
        return value
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(local, "j M Y H:i"))


@register.filter
def age(since: datetime) -> str:
    """How long ago, in the largest unit."""
    return age_said(timezone.now() - since)


@register.filter
def plain(value: float) -> str:
    """A number as an attribute takes it, whatever the language."""
    return f"{value:g}"
