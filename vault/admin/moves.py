"""What an operator can do about a row: a button, a page that asks, one service that does it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms


@dataclass(frozen=True, slots=True)
class Once:
    """A secret that the page after a move shows, once."""

    title: str
    about: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Move:
    """`do(row, operator, **fields of the form)` calls one service and says what was done; `operator` is a number.

    `text` says before it is done what will happen. One that is not `possible` for a row has no button and no page.
    """

    code: str
    label: str
    text: str
    do: Callable[..., str | Once]
    form: type[forms.Form] = forms.Form
    possible: Callable[[Any], bool] = lambda row: True
    harm: bool = False
