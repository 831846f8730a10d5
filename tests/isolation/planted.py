"""Rows of two organisations in every table: by the services as far as they go, and by hand for the rest."""

import os
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import models
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Tenant
from accounts.services import connection_create, user_invite
from accounts.tenancy import TenantModel
from portal.database.policies import conditions
from tests.accounts.conftest import organisation
from tests.exchange.desk import Desk, desk


@dataclass
class Planted:
    """Ana of Aster and Ben of Birch, who have each sent to the other and read what they got."""

    ana: Desk
    ben: Desk
    from_ana: dict

    @property
    def aster(self) -> Tenant:
        return self.ana.peer.tenant

    @property
    def birch(self) -> Tenant:
        return self.ben.peer.tenant


def guarded() -> list[type[models.Model]]:
    """Every model whose table has a policy."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in conditions()]


def plant() -> Planted:
    aster, birch = organisation("Aster Legal"), organisation("Birch Supply")
    connection_create(first=aster, second=birch)
    ana, ben = desk(aster, "ana@aster.example"), desk(birch, "ben@birch.example")
    for tenant, login in ((aster, "eva@aster.example"), (birch, "eva@birch.example")):
        user_invite(tenant=tenant, login=login)
    sent = [_exchange(ana, ben), _exchange(ben, ana)]
    with scopes_disabled():
        for model in guarded():
            for tenant in (aster, birch):
                if not _rows(model, tenant).exists():
                    row_new(model, tenant)
    return Planted(ana, ben, sent[0])


def _exchange(sender: Desk, reader: Desk) -> dict:
    message = sender.send(b"what nobody else may read", to=[reader])
    sender.work(message)
    (document,) = reader.received(message)["documents"]
    assert reader.read(document) == b"what nobody else may read"
    return message


def _rows(model: type[models.Model], tenant: Tenant) -> models.QuerySet:
    rows = model._base_manager.all()
    return rows.filter(tenant=tenant) if issubclass(model, TenantModel) else rows


def row_new(model: type[models.Model], tenant: Tenant, **given: Any) -> models.Model:
    """A row of any model and what it refers to, good for being there and for nothing else; `given` says some of it."""
    fields = [field for field in model._meta.concrete_fields if field.name not in given and _asked(field)]
    return model._base_manager.create(**{field.name: _value(field, tenant) for field in fields}, **given)


def _asked(field: models.Field) -> bool:
    made = isinstance(field, models.AutoField) or getattr(field, "auto_now_add", False)
    return not (field.null or field.has_default() or made)


def _value(field: models.Field, tenant: Tenant) -> Any:
    if field.is_relation:
        other = field.related_model
        if issubclass(other, TenantModel):
            return row_new(other, tenant)
        return tenant if other is Tenant else _rows(other, tenant).first() or row_new(other, tenant)
    if field.choices:
        return field.choices[0][0]
    kinds = {models.DateTimeField: timezone.now, models.UUIDField: uuid4, models.BinaryField: lambda: os.urandom(32)}
    kinds |= {models.CharField: lambda: uuid4().hex[: field.max_length], models.IntegerField: lambda: 1}
    return next(make() for kind, make in kinds.items() if isinstance(field, kind))
