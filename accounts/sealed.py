"""Texts that the database holds only sealed under their tenant's key."""

from typing import Any, overload

from django.db import models

from vault.services import secret_unwrap, secret_wrap


def tenant_owner(tenant_id: Any) -> str:
    """The vault's name for a tenant."""
    return f"tenant:{tenant_id}"


class SealedText:
    """A text attribute kept in the binary column `<name>_sealed`, bound to its table, tenant and row.

    The model must have `id` set before the first write (a uuid default) and `tenant_id`, or be the tenant itself.
    Reading raises RingMissing once the tenant's keys were destroyed.
    """

    def __set_name__(self, model: type, name: str) -> None:
        self._column = f"{name}_sealed"
        self._purpose = f"{model.__name__.lower()}.{name}"

    @overload
    def __get__(self, row: None, model: type) -> "SealedText": ...
    @overload
    def __get__(self, row: models.Model, model: type) -> str: ...

    def __get__(self, row: models.Model | None, model: type) -> "SealedText | str":
        if row is None:
            return self
        wrapped = getattr(row, self._column)
        return secret_unwrap(**self._binding(row), wrapped=wrapped).decode() if wrapped else ""

    def __set__(self, row: models.Model, value: str) -> None:
        setattr(row, self._column, secret_wrap(**self._binding(row), secret=value.encode()) if value else b"")

    def _binding(self, row: Any) -> dict[str, str]:
        tenant_id = getattr(row, "tenant_id", None) or row.id
        return {"owner": tenant_owner(tenant_id), "purpose": self._purpose, "row": str(row.id)}
