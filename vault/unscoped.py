"""How the vault reaches its rows, which belong to no tenant: PostgreSQL shows them while scopes are disabled alone."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django_scopes import scopes_disabled

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def unscoped(function: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """Disable scopes while a function runs. It must call nothing that its caller gave it."""

    @wraps(function)
    def run(*args: _Given.args, **kwargs: _Given.kwargs) -> _Answer:
        with scopes_disabled():
            return function(*args, **kwargs)

    return run
